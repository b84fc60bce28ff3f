"""Who would have been in each segment on a history, rule by rule.

Only the rules speak here: statuses and windows of validity do not, for a draft
is looked at before it is in force.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.order import Order
from domain.quantities import SegmentId
from domain.segment import Fact
from domain.subject import Subject, SubjectKind, kind_of
from segmentation.language.compile import fuse
from segmentation.review.reading import Read
from segmentation.schema import Schema


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


def population(
    reads: Iterable[Read], schema: Schema, samples: Iterable[Sample]
) -> dict[SegmentId, Count]:
    """Count for every segment what its rule said of each sample.

    Raises
    ------
    FactError
        When a told fact's value is not what the schema declares.
    """
    by_kind: dict[SubjectKind, list[Read]] = defaultdict(list)
    for each in reads:
        by_kind[each.on].append(each)
    fused = {kind: fuse([r.rule for r in those]) for kind, those in by_kind.items()}
    tallies = {each.id: _Tally() for those in by_kind.values() for each in those}
    seen: dict[SubjectKind, set[Subject]] = defaultdict(set)
    looks: dict[SubjectKind, int] = defaultdict(int)
    for n, sample in enumerate(samples):
        for subject, facts in sample.told.items():
            kind = kind_of(subject)
            if kind not in fused:
                continue
            seen[kind].add(subject)
            looks[kind] += 1
            true, unknown = fused[kind].verdicts(schema.admit(facts))
            for bit in _bits(true):
                tally = tallies[by_kind[kind][bit].id]
                tally.true += 1
                tally.reached |= 1 << n
                tally.members.add(subject)
            for bit in _bits(unknown):
                tallies[by_kind[kind][bit].id].unknown += 1
    return {
        each.id: _count(tallies[each.id], looks[kind], len(seen[kind]))
        for kind, those in by_kind.items()
        for each in those
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
