"""Makes the next version of a rule set out of one that never changes."""

import re
from collections.abc import Container

from domain.errors import LanewiseError
from domain.quantities import SegmentId
from domain.segment import RuleSet, SegmentStatus
from segmentation.schema import nearest

LONGEST = 80


class UnknownSegment(LanewiseError):
    """The rule set has no such segment."""


def without(rule_set: RuleSet, segment: SegmentId, version: str) -> RuleSet:
    """Return the rule set with one segment retired, as another version.

    Raises
    ------
    UnknownSegment
        When there is no such segment, or it is retired already.
    """
    known = [s.id for s in rule_set.segments if s.status is not SegmentStatus.RETIRED]
    if segment not in known:
        near = nearest(segment, known)
        hint = f"; did you mean {near!r}?" if near else ""
        said = f"version {rule_set.version!r} has no segment {segment!r} to retire"
        raise UnknownSegment(said + hint)
    segments = tuple(
        s.model_copy(update={"status": SegmentStatus.RETIRED}) if s.id == segment else s
        for s in rule_set.segments
    )
    return rule_set.model_copy(update={"segments": segments, "version": version})


def next_version(version: str, taken: Container[str]) -> str:
    """Name the version after this one: ``spring-3.1`` after ``spring-3``.

    Parameters
    ----------
    taken
        Versions that are kept already.
    """
    stem = re.sub(r"\.\d+$", "", version)
    stem = stem if stem in taken else version
    number = 1
    while (name := f"{stem[: LONGEST - 8]}.{number}") in taken:
        number += 1
    return name
