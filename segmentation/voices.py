"""Who speaks when a policy is composed: segments by priority, the base last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.policy import Effects
from domain.quantities import SegmentId
from domain.segment import Classification, Membership, RuleSet, Segment
from domain.subject import LaneId, SubjectKind, kind_of, name_of
from segmentation.ruleset import BASE

BELOW_ALL = -(2**63)


@dataclass(frozen=True, slots=True)
class Voice:
    """One segment's effects, from when its hours count, and its weight.

    ``lanes`` are those it blocks or, with ``frees``, wants left open.
    """

    id: SegmentId
    priority: int
    effects: Effects
    since: datetime
    lanes: tuple[LaneId, ...] = ()
    frees: bool = False

    @property
    def is_base(self) -> bool:
        return self.priority == BELOW_ALL


def voices(
    rule_set: RuleSet, classification: Classification, now: datetime
) -> tuple[Voice, ...]:
    """Return the segments in force, highest priority first, then by id.

    A membership that has ended, or of a segment the rule set no longer has,
    is silent. A segment that an order is in more than once (through several
    SKUs) speaks once, from when the first of them began. The base speaks last.
    """
    found: dict[SegmentId, Voice] = {}
    for segment, member in _present(rule_set, classification, now):
        if not _is_lanes(segment, member):
            before = found.get(segment.id)
            since = min(member.since, before.since) if before else member.since
            found[segment.id] = Voice(
                segment.id, segment.priority, segment.effects, since
            )
    base = Voice(SegmentId(BASE), BELOW_ALL, rule_set.base, now)
    return (*_ordered(found.values()), base)


def lane_voices(
    rule_set: RuleSet, classification: Classification, now: datetime
) -> tuple[Voice, ...]:
    """Return the segments of lanes in force; all they can say is to block them."""
    found: dict[SegmentId, Voice] = {}
    for segment, member in _present(rule_set, classification, now):
        says = segment.effects.block_lane
        if member.through is None or not _is_lanes(segment, member) or says is None:
            continue
        before = found.get(segment.id)
        lanes = {*(before.lanes if before else ()), LaneId(name_of(member.through))}
        found[segment.id] = Voice(
            segment.id,
            segment.priority,
            Effects(),
            member.since,
            tuple(sorted(lanes)),
            frees=not says,
        )
    return _ordered(found.values())


def ids(speaking: Iterable[Voice]) -> tuple[SegmentId, ...]:
    """Return who they are, in the order they speak."""
    return tuple(voice.id for voice in speaking)


def _present(
    rule_set: RuleSet, classification: Classification, now: datetime
) -> Iterable[tuple[Segment, Membership]]:
    segments = {segment.id: segment for segment in rule_set.segments}
    for member in classification.memberships:
        ended = member.valid_until is not None and member.valid_until <= now
        segment = segments.get(member.segment)
        if segment is not None and not ended:
            yield segment, member


def _is_lanes(segment: Segment, member: Membership) -> bool:
    through = member.through
    return segment.on is SubjectKind.LANE or (
        through is not None and kind_of(through) is SubjectKind.LANE
    )


def _ordered(found: Iterable[Voice]) -> tuple[Voice, ...]:
    return tuple(sorted(found, key=lambda voice: (-voice.priority, voice.id)))
