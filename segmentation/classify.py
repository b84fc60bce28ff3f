"""Puts orders into segments: who belongs, on what evidence, until when."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from domain.quantities import SegmentId
from domain.segment import (
    Classification,
    Fact,
    Membership,
    MembershipSource,
    RuleSet,
    Segment,
    SegmentStatus,
)
from segmentation.inspection import schema_of
from segmentation.language.check import Rule, check
from segmentation.language.compile import Fused, fuse
from segmentation.language.explain import Verdict, verdict, why
from segmentation.schema import FactSource

_EVALUATED = (SegmentStatus.ACTIVE, SegmentStatus.SHADOW)


class Rules:
    """A rule set compiled once, ready to classify any number of orders.

    Raises
    ------
    RuleError
        When a rule of the set is not a sentence of the language; sets that
        were loaded never are.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.schema = schema_of(rule_set)
        self._segments = tuple(
            segment for segment in rule_set.segments if segment.status in _EVALUATED
        )
        self._rules = tuple(check(s.when, self.schema) for s in self._segments)
        self.fused: Fused = fuse(self._rules)

    def classify(
        self,
        facts: Mapping[str, Fact],
        now: datetime,
        previous: Classification | None = None,
    ) -> Classification:
        """Return the segments these facts put an order into.

        A rule whose facts are missing makes a member only where the segment
        says so. A membership that continues one of ``previous`` keeps its
        beginning, and so its end.

        Raises
        ------
        FactError
            When a fact's value is not what the schema declares.
        """
        known = self.schema.admit(facts)
        true, unknown = self.fused.verdicts(known)
        since = _beginnings(previous, self.rule_set.version, now)
        members: list[Membership] = []
        shadow: list[Membership] = []
        undecided: list[SegmentId] = []
        for n, segment in enumerate(self._segments):
            if not _in_force(segment, now) or not (true | unknown) >> n & 1:
                continue
            surely = bool(true >> n & 1)
            active = segment.status is SegmentStatus.ACTIVE
            if not surely and active:
                undecided.append(segment.id)
            if surely or segment.on_unknown == "member":
                began = since.get(segment.id, now)
                member = self._membership(n, known, now, began, surely=surely)
                (members if active else shadow).append(member)
        return Classification(
            memberships=tuple(members),
            unknown=tuple(undecided),
            shadow=tuple(shadow),
            version=self.rule_set.version,
            valid_until=self._next_change([*members, *shadow], now),
        )

    def explain(self, segment: SegmentId, facts: Mapping[str, Fact]) -> Verdict:
        """Return every part of a segment's rule with its verdict.

        Raises
        ------
        KeyError
            When no evaluated segment has that id.
        """
        for candidate, rule in zip(self._segments, self._rules, strict=True):
            if candidate.id == segment:
                return verdict(rule.tree, self.schema.admit(facts))
        raise KeyError(segment)

    def _membership(
        self,
        n: int,
        facts: Mapping[str, Fact],
        now: datetime,
        began: datetime,
        *,
        surely: bool,
    ) -> Membership:
        segment, rule = self._segments[n], self._rules[n]
        sentences = why(rule.tree, facts, self.schema)
        source = MembershipSource.RULE
        if not surely:
            sentences = (*sentences, "counted in, to be on the safe side")
            source = MembershipSource.UNKNOWN
        return Membership(
            segment=segment.id,
            version=self.rule_set.version,
            evidence=sentences,
            since=began,
            valid_until=self._end(segment, rule, facts, now, began),
            source=source,
        )

    def _end(
        self,
        segment: Segment,
        rule: Rule,
        facts: Mapping[str, Fact],
        now: datetime,
        began: datetime,
    ) -> datetime | None:
        ends = [segment.valid_until]
        if segment.ttl_h is not None:
            ends.append(began + timedelta(hours=segment.ttl_h))
        left_h = facts.get("hazard_hours_left")
        if self._reads_hazards(rule) and isinstance(left_h, int | float) and left_h:
            ends.append(now + timedelta(seconds=round(left_h * 3600)))
        return min((end for end in ends if end is not None), default=None)

    def _reads_hazards(self, rule: Rule) -> bool:
        specs = (self.schema.get(name) for name in rule.reads)
        return any(s is not None and s.source is FactSource.HAZARD for s in specs)

    def _next_change(
        self, members: Iterable[Membership], now: datetime
    ) -> datetime | None:
        ends = [member.valid_until for member in members if member.valid_until]
        begins = [
            segment.valid_from
            for segment in self._segments
            if segment.valid_from and segment.valid_from > now
        ]
        return min([*ends, *begins], default=None)


def _in_force(segment: Segment, now: datetime) -> bool:
    if segment.valid_from is not None and now < segment.valid_from:
        return False
    return segment.valid_until is None or now < segment.valid_until


def _beginnings(
    previous: Classification | None, version: str, now: datetime
) -> dict[SegmentId, datetime]:
    """Say since when the memberships still in force have lasted."""
    if previous is None or previous.version != version:
        return {}
    return {
        member.segment: member.since
        for member in (*previous.memberships, *previous.shadow)
        if member.valid_until is None or member.valid_until > now
    }
