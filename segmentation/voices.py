"""Who speaks when a policy is composed: segments by priority, the base last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.policy import Effects
from domain.quantities import SegmentId
from domain.segment import Classification, RuleSet
from segmentation.ruleset import BASE

BELOW_ALL = -(2**63)


@dataclass(frozen=True, slots=True)
class Voice:
    """One segment's effects, from when its hours count, and its weight."""

    id: SegmentId
    priority: int
    effects: Effects
    since: datetime

    @property
    def is_base(self) -> bool:
        return self.priority == BELOW_ALL


def voices(
    rule_set: RuleSet, classification: Classification, now: datetime
) -> tuple[Voice, ...]:
    """Return the segments in force, highest priority first, then by id.

    A membership that has ended, or of a segment the rule set no longer has,
    is silent. The base speaks last.
    """
    segments = {segment.id: segment for segment in rule_set.segments}
    speaking = {}
    for member in classification.memberships:
        ended = member.valid_until is not None and member.valid_until <= now
        segment = segments.get(member.segment)
        if segment is None or ended:
            continue
        speaking[segment.id] = Voice(
            segment.id, segment.priority, segment.effects, member.since
        )
    ordered = sorted(speaking.values(), key=lambda voice: (-voice.priority, voice.id))
    base = Voice(SegmentId(BASE), BELOW_ALL, rule_set.base, now)
    return (*ordered, base)


def ids(speaking: Iterable[Voice]) -> tuple[SegmentId, ...]:
    """Return who they are, in the order they speak."""
    return tuple(voice.id for voice in speaking)
