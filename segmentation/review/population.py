"""Who would have been in each segment on a history, rule by rule.

Only the rules speak here: statuses and windows of validity do not, for a draft
is looked at before it is in force.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.order import Order
from domain.quantities import SegmentId
from domain.segment import Fact
from domain.subject import Subject, SubjectKind, kind_of
from segmentation.classify import Rules


@dataclass(frozen=True, slots=True)
class Sample:
    """An order of the past with the facts as they were told at an instant.

    ``told`` holds the facts of the order and of whatever else is known around
    it: its customer, its SKUs, the lanes it might take.
    """

    order: Order
    at: datetime
    told: Mapping[Subject, Mapping[str, Fact]]


@dataclass(frozen=True, slots=True)
class Count:
    """How a segment's rule came out on a history.

    ``members`` and ``subjects`` count each subject once, however often it was
    looked at; ``reached`` has a bit for every sample whose order the segment
    reaches, by itself, its customer, or one of its SKUs or lanes.
    """

    looks: int = 0
    true: int = 0
    unknown: int = 0
    subjects: int = 0
    members: int = 0
    reached: int = 0

    @property
    def never(self) -> bool:
        return self.looks > 0 and not self.true and not self.unknown

    @property
    def always(self) -> bool:
        return self.looks > 0 and self.true == self.looks

    @property
    def unknown_share(self) -> float:
        return self.unknown / self.looks if self.looks else 0.0


@dataclass(slots=True)
class _Tally:
    true: int = 0
    unknown: int = 0
    reached: int = 0
    members: set[Subject] = field(default_factory=set)


def population(rules: Rules, samples: Iterable[Sample]) -> dict[SegmentId, Count]:
    """Count for every segment what its rule said of each sample.

    Raises
    ------
    FactError
        When a told fact's value is not what the schema declares.
    """
    tallies = {on: [_Tally() for _ in rules.segments(on)] for on in SubjectKind}
    seen: dict[SubjectKind, set[Subject]] = {on: set() for on in SubjectKind}
    looks = dict.fromkeys(SubjectKind, 0)
    for n, sample in enumerate(samples):
        for subject, facts in sample.told.items():
            on = kind_of(subject)
            if not tallies[on]:
                continue
            seen[on].add(subject)
            looks[on] += 1
            true, unknown = rules.evaluate(on, facts)
            for bit in _bits(true):
                tally = tallies[on][bit]
                tally.true += 1
                tally.reached |= 1 << n
                tally.members.add(subject)
            for bit in _bits(unknown):
                tallies[on][bit].unknown += 1
    return {
        segment.id: _count(tally, looks[on], len(seen[on]))
        for on in SubjectKind
        for segment, tally in zip(rules.segments(on), tallies[on], strict=True)
    }


def jaccard(one: Count, other: Count) -> float:
    """Return the share of the orders reached by either that both reach."""
    either = (one.reached | other.reached).bit_count()
    return (one.reached & other.reached).bit_count() / either if either else 0.0


def _count(tally: _Tally, looks: int, subjects: int) -> Count:
    return Count(
        looks=looks,
        true=tally.true,
        unknown=tally.unknown,
        subjects=subjects,
        members=len(tally.members),
        reached=tally.reached,
    )


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
