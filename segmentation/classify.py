"""Puts orders, customers, SKUs and lanes into segments: why, and until when."""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from domain.subject import Subject, SubjectKind
from segmentation.admission import Admission
from segmentation.inspection import schema_of
from segmentation.known import Facts, Look
from segmentation.language.check import Rule, check
from segmentation.language.compile import Fused, fuse
from segmentation.language.explain import Verdict, verdict, why
from segmentation.limits import Limits, limits_of
from segmentation.schema import FactSource
from segmentation.timeline import flips, next_change
from segmentation.window import Window

# How many instants ahead a classification looks for the ends of memberships.
HOPS = 64

_EVALUATED = (SegmentStatus.ACTIVE, SegmentStatus.SHADOW)
_ORDER = SubjectKind.ORDER


class _Kind:
    """The segments on one kind of subject, compiled together."""

    def __init__(self, rule_set: RuleSet, rules: "Rules", on: SubjectKind) -> None:
        self.segments = tuple(
            segment
            for segment in rule_set.segments
            if segment.status in _EVALUATED and segment.on is on
        )
        events = tuple(rule_set.events)
        self.rules = tuple(
            check(s.when, rules.schema, on, events) for s in self.segments
        )
        self.fused: Fused = fuse(self.rules)
        self.admission = Admission(rules.schema, self.rules)
        self.windows = tuple(sorted({w for rule in self.rules for w in rule.windows}))
        self.limits: Limits = limits_of(rule.tree for rule in self.rules)
        self.safe = _mask(self.segments, lambda s: s.on_unknown == "member")
        self.dated = tuple(
            (n, segment)
            for n, segment in enumerate(self.segments)
            if segment.valid_from or segment.valid_until
        )

    def in_force(self, now: datetime) -> int:
        mask = (1 << len(self.segments)) - 1
        for n, segment in self.dated:
            if not _in_force(segment, now):
                mask &= ~(1 << n)
        return mask


class Rules:
    """A rule set compiled once, ready to classify any number of subjects.

    ``windows`` are what its rules count; whoever tells the facts counts them.
    Bit n of a mask belongs to the n-th of ``segments(on)``.

    Raises
    ------
    RuleError
        When a rule of the set is not a sentence of the language; sets that
        were loaded never are.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.schema = schema_of(rule_set)
        self._kinds = {on: _Kind(rule_set, self, on) for on in SubjectKind}
        counted = {w for kind in self._kinds.values() for w in kind.windows}
        self.windows: tuple[Window, ...] = tuple(sorted(counted))

    @property
    def fused(self) -> Fused:
        """Return the compiled rules on orders."""
        return self._kinds[_ORDER].fused

    def of(self, on: SubjectKind) -> Fused:
        """Return the compiled rules on one kind of subject."""
        return self._kinds[on].fused

    def segments(self, on: SubjectKind) -> tuple[Segment, ...]:
        """Return the segments on a kind of subject that are active or on trial."""
        return self._kinds[on].segments

    def windows_of(self, on: SubjectKind) -> tuple[Window, ...]:
        """Return what the rules on one kind of subject count."""
        return self._kinds[on].windows

    def limits_of(self, on: SubjectKind) -> Limits:
        """Return the numbers that what is counted is compared with."""
        return self._kinds[on].limits

    def evaluate(
        self, on: SubjectKind, facts: Facts | Mapping[str, Fact]
    ) -> tuple[int, int]:
        """Return the masks of the rules that hold and of the unknown ones.

        Raises
        ------
        FactError
            When a fact's value is not what the schema declares.
        """
        kind = self._kinds[on]
        return kind.fused.verdicts(kind.admission.admit(_values(facts)))

    def members(self, on: SubjectKind, true: int, unknown: int, now: datetime) -> int:
        """Return which verdicts make members at an instant.

        A segment makes none outside the time it is in force; an unknown rule
        only where the segment counts it in, to be on the safe side.
        """
        kind = self._kinds[on]
        return kind.in_force(now) & (true | (unknown & kind.safe))

    def next_edge(
        self, on: SubjectKind, now: datetime, among: int = -1
    ) -> datetime | None:
        """Return when, after now, the next segment comes into force or ends."""
        edges = (
            edge
            for n, segment in self._kinds[on].dated
            for edge in (segment.valid_from, segment.valid_until)
            if among >> n & 1 and edge is not None and edge > now
        )
        return min(edges, default=None)

    def classify(
        self,
        facts: Facts | Mapping[str, Fact],
        now: datetime,
        previous: Classification | None = None,
        *,
        look: Look | None = None,
        on: SubjectKind = _ORDER,
        through: Subject | None = None,
    ) -> Classification:
        """Return the segments these facts put a subject into.

        A rule whose facts are missing makes a member only where the segment
        says so. A membership that continues one of ``previous`` keeps its
        beginning, and so the end of its time to live.

        Parameters
        ----------
        facts
            What is known of the subject now.
        previous
            The subject's last classification, or the order's it was put into.
        look
            Tells the facts at later instants. With it, memberships end and the
            classification is valid to the very second; without, they end by
            what the facts say of themselves.
        on
            What kind of thing is classified.
        through
            The customer, SKU or lane it is, to be said by its memberships.

        Raises
        ------
        FactError
            When a fact's value is not what the schema declares.
        """
        kind = self._kinds[on]
        known = kind.admission.admit(_values(facts))
        true, unknown = kind.fused.verdicts(known)
        in_force = kind.in_force(now)
        members = in_force & (true | (unknown & kind.safe))
        told = facts if isinstance(facts, Facts) else Facts(facts)
        ends, turn = self._future(on, told, now, members, look)
        since = _beginnings(previous, self.rule_set.version, now, through)
        found: dict[SegmentStatus, list[Membership]] = {s: [] for s in _EVALUATED}
        for n in _bits(members):
            segment, surely = kind.segments[n], bool(true >> n & 1)
            began = since.get(segment.id, now)
            member = Membership(
                segment=segment.id,
                version=self.rule_set.version,
                evidence=self._evidence(kind.rules[n], known, surely=surely),
                since=began,
                valid_until=_end(segment, began, ends.get(n)),
                source=_SOURCES[surely],
                through=through,
            )
            found[segment.status].append(member)
        active, shadow = found[SegmentStatus.ACTIVE], found[SegmentStatus.SHADOW]
        undecided = (kind.segments[n] for n in _bits(unknown & in_force))
        instants = [turn, self.next_edge(on, now)]
        instants += [member.valid_until for member in (*active, *shadow)]
        return Classification(
            memberships=tuple(active),
            unknown=tuple(s.id for s in undecided if s.status is SegmentStatus.ACTIVE),
            shadow=tuple(shadow),
            version=self.rule_set.version,
            valid_until=min((i for i in instants if i is not None), default=None),
        )

    def explain(self, segment: SegmentId, facts: Mapping[str, Fact] | Facts) -> Verdict:
        """Return every part of a segment's rule with its verdict.

        Raises
        ------
        KeyError
            When no evaluated segment has that id.
        """
        for kind in self._kinds.values():
            for candidate, rule in zip(kind.segments, kind.rules, strict=True):
                if candidate.id == segment:
                    return verdict(rule.tree, kind.admission.admit(_values(facts)))
        raise KeyError(segment)

    def _evidence(
        self, rule: Rule, facts: Mapping[str, Fact], *, surely: bool
    ) -> tuple[str, ...]:
        sentences = why(rule.tree, facts, self.schema)
        if surely:
            return sentences
        return (*sentences, "counted in, to be on the safe side")

    def _future(
        self,
        on: SubjectKind,
        facts: Facts,
        now: datetime,
        members: int,
        look: Look | None,
    ) -> tuple[dict[int, datetime], datetime | None]:
        """Say when memberships end by themselves, and when anything turns next."""
        fused = self._kinds[on].fused
        if look is None:
            by_alert = self._hazards_end(on, facts, now, members)
            return by_alert, next_change(fused, facts, now)
        moving = _moving(fused, facts)
        if not moving:
            return {}, None
        ends: dict[int, datetime] = {}
        first: datetime | None = None
        pending = members & moving
        walk = flips(self, on, look, now, most=HOPS)
        for flip in walk:
            first = first or flip.at
            for n in _bits(pending & ~flip.members):
                ends[n] = flip.at
            pending &= flip.members
            walk.among = pending
            if not pending:
                return ends, first
        if first is None and not walk.complete:
            # Nothing turned as far as was looked: look again from there.
            first = walk.reached
        return ends, first

    def _hazards_end(
        self, on: SubjectKind, facts: Facts, now: datetime, members: int
    ) -> dict[int, datetime]:
        left_h = facts.values.get("hazard_hours_left")
        if not isinstance(left_h, int | float) or not left_h or facts.steps:
            return {}
        end = now + timedelta(seconds=round(left_h * 3600))
        rules = self._kinds[on].rules
        return {n: end for n in _bits(members) if self._reads_hazards(rules[n])}

    def _reads_hazards(self, rule: Rule) -> bool:
        specs = (self.schema.get(name) for name in rule.reads)
        return any(s is not None and s.source is FactSource.HAZARD for s in specs)


_SOURCES = {True: MembershipSource.RULE, False: MembershipSource.UNKNOWN}


def joined(own: Classification, *others: Classification) -> Classification:
    """Put the memberships of an order's customer, SKUs and lanes beside its own."""
    every = (own, *others)
    ends = [one.valid_until for one in every if one.valid_until is not None]
    return own.model_copy(
        update={
            "memberships": tuple(m for one in every for m in one.memberships),
            "unknown": tuple(dict.fromkeys(s for one in every for s in one.unknown)),
            "shadow": tuple(m for one in every for m in one.shadow),
            "valid_until": min(ends, default=None),
        }
    )


def _values(facts: Facts | Mapping[str, Fact]) -> Mapping[str, Fact]:
    return facts.values if isinstance(facts, Facts) else facts


def _moving(fused: Fused, facts: Facts) -> int:
    """Return the rules that read a fact which may change by itself."""
    mask = 0
    for name in (*facts.steps, *facts.drifts):
        mask |= fused.depends.get(name, 0)
    return mask


def _end(segment: Segment, began: datetime, turns: datetime | None) -> datetime | None:
    ends = [segment.valid_until, turns]
    if segment.ttl_h is not None:
        ends.append(began + timedelta(hours=segment.ttl_h))
    return min((end for end in ends if end is not None), default=None)


def _in_force(segment: Segment, now: datetime) -> bool:
    if segment.valid_from is not None and now < segment.valid_from:
        return False
    return segment.valid_until is None or now < segment.valid_until


def _beginnings(
    previous: Classification | None,
    version: str,
    now: datetime,
    through: Subject | None,
) -> dict[SegmentId, datetime]:
    """Say since when the memberships still in force have lasted."""
    if previous is None:
        return {}
    return {
        member.segment: member.since
        for member in (*previous.memberships, *previous.shadow)
        if member.version == version
        and member.through == through
        and (member.valid_until is None or member.valid_until > now)
    }


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _mask(segments: Iterable[Segment], wanted: Callable[[Segment], bool]) -> int:
    return sum(1 << n for n, segment in enumerate(segments) if wanted(segment))
