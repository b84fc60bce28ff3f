"""What is odd about segments together: doubles, one inside another, quarrels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from itertools import combinations
from operator import or_

from domain.order import Line, Order
from domain.policy import Conflict, Effects
from domain.quantities import CustomerId, OrderId, Place, SegmentId, SkuId
from domain.segment import Classification, Membership, RuleSet
from domain.subject import SubjectKind
from segmentation.compose import ALLOWANCES, BLOCKS, SAFER, compose
from segmentation.review.finding import Finding, Findings, Notebook
from segmentation.review.population import Count, jaccard
from segmentation.review.ranges import Range
from segmentation.review.reading import Read
from segmentation.review.reasoning import Case

NEAR_DUPLICATE = 0.9

Counts = Mapping[SegmentId, Count]


def pairs(
    rule_set: RuleSet, reads: Sequence[Read], counts: Counts, notes: Notebook
) -> Findings:
    """Find doubles and quarrels, by the rules alone and on a history if any."""
    doubles = (*_equal_rules(reads, notes), *_near_duplicates(reads, counts, notes))
    told: set[frozenset[SegmentId | None]] = set()
    for finding in doubles:
        both = frozenset((finding.segment, *finding.others))
        if both not in told:
            told.add(both)
            yield finding
    yield from _one_in_another(reads, counts, notes, told)
    yield from _quarrels(rule_set, reads, counts, notes)


def _equal_rules(reads: Sequence[Read], notes: Notebook) -> Findings:
    first: dict[tuple[SubjectKind, str], Read] = {}
    for each in reads:
        twin = first.setdefault((each.on, each.meaning), each)
        if twin is not each:
            yield notes.warn(
                "duplicate",
                each.id,
                f"its rule is that of {twin.id}",
                "merge the two",
                at=("when",),
                others=(twin.id,),
            )


def _near_duplicates(
    reads: Sequence[Read], counts: Counts, notes: Notebook
) -> Findings:
    seen = [each for each in reads if counts.get(each.id, Count()).reached]
    by_size = sorted(seen, key=lambda r: counts[r.id].reached.bit_count())
    order = {each.id: n for n, each in enumerate(reads)}
    for n, small in enumerate(by_size):
        size = counts[small.id].reached.bit_count()
        for large in by_size[n + 1 :]:
            if size < NEAR_DUPLICATE * counts[large.id].reached.bit_count():
                break  # from here on all are too large to be alike
            share = jaccard(counts[small.id], counts[large.id])
            if share >= NEAR_DUPLICATE:
                one, other = sorted((small.id, large.id), key=order.__getitem__)
                yield notes.warn(
                    "near-duplicate",
                    other,
                    f"on the history it reaches almost the orders of {one} "
                    f"(Jaccard {share:.2f})",
                    "merge the two, or make one of them narrower",
                    at=("when",),
                    others=(one,),
                )


def _one_in_another(
    reads: Sequence[Read],
    counts: Counts,
    notes: Notebook,
    told: set[frozenset[SegmentId | None]],
) -> Findings:
    """Tell each segment inside others once, first where it adds nothing there."""
    around: dict[SegmentId, dict[SegmentId, tuple[Read, str]]] = {}
    pairs = (
        *((one, other, "by its rule") for one, other in _by_rule(reads)),
        *((one, other, "on the history") for one, other in _on_history(reads, counts)),
    )
    for one, other, how in pairs:
        if frozenset((one.id, other.id)) not in told:
            around.setdefault(one.id, {}).setdefault(other.id, (other, how))
    for one in reads:
        outers = list(around.get(one.id, {}).values())
        if outers:
            yield _inside(one, outers, notes)


def _by_rule(reads: Sequence[Read]) -> Iterator[tuple[Read, Read]]:
    for one, other in _candidates(reads):
        if one.cases.implies(other.cases):
            yield one, other


def _on_history(reads: Sequence[Read], counts: Counts) -> Iterator[tuple[Read, Read]]:
    """Yield who only ever was where another one was, and asks for nothing else."""
    seen = [
        each
        for each in reads
        if counts.get(each.id, Count()).reached and not counts[each.id].always
    ]
    for one in seen:
        if one.segment.effects == Effects():
            continue
        mine = counts[one.id].reached
        for other in seen:
            apart = other is one or mine & ~counts[other.id].reached
            if not apart and not _adds(one, other):
                yield one, other


def _inside(one: Read, outers: list[tuple[Read, str]], notes: Notebook) -> Finding:
    outers.sort(key=lambda pair: len(_adds(one, pair[0])))
    other, how = outers[0]
    adds = _adds(one, other)
    more = f" (and in {len(outers) - 1} others)" if len(outers) > 1 else ""
    there = f"there it only changes {', '.join(adds)}" if adds else "it adds nothing"
    return notes.warn(
        "subsumed",
        one.id,
        f"{how}, all its members are in {other.id}{more}; {there}",
        "fine if it is meant as a stricter tier" if adds else "leave it out",
        at=("when",),
        others=tuple(each.id for each, _ in outers),
    )


def _adds(one: Read, other: Read) -> tuple[str, ...]:
    """Name the terms on which one segment says something the other does not."""
    return tuple(
        term
        for term in Effects.model_fields
        if (said := getattr(one.segment.effects, term)) is not None
        and said != getattr(other.segment.effects, term)
    )


def _candidates(reads: Sequence[Read]) -> Iterator[tuple[Read, Read]]:
    """Yield the pairs whose first might be inside the second.

    For that the first must speak of something in every case in which the
    second is false.
    """
    numbers: dict[tuple[str, bool], int] = {}

    def mask(case: Case, *, turned: bool) -> int:
        keys = {_spoken(thing, left, turned=turned) for thing, left in case.items()}
        return sum(1 << numbers.setdefault(key, len(numbers)) for key in keys)

    inner = [
        (one, reduce(or_, (mask(case, turned=False) for case in one.cases.true), 0))
        for one in reads
        if one.cases.true
    ]
    outer = [
        (other, {mask(case, turned=True) for case in other.cases.false})
        for other in reads
        if other.cases.false
    ]
    for one, said in inner:
        for other, needed in outer:
            if (
                one is not other
                and one.on is other.on
                and all(said & n for n in needed)
            ):
                yield one, other


def _spoken(thing: str, left: Range, *, turned: bool) -> tuple[str, bool]:
    """Name what a case speaks of; that a fact is known only meets that it is not."""
    if not thing.startswith("known("):
        return thing, True
    return thing, left.holds(True) is not turned


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Two segments that may have a member in common, and how that is known."""

    one: Read
    other: Read
    how: str


def _quarrels(
    rule_set: RuleSet, reads: Sequence[Read], counts: Counts, notes: Notebook
) -> Findings:
    for meeting in _meetings(reads, counts):
        for conflict in disagreements(rule_set, meeting.one, meeting.other):
            one, other = meeting.one.id, meeting.other.id
            yield notes.warn(
                "contradiction",
                other,
                f"{meeting.how} it meets {one}, and they disagree on "
                f"{conflict.term.replace('_', ' ')}: {conflict.why}",
                "give one of them a higher priority",
                at=("effects",),
                others=(one,),
            )


def _meetings(reads: Sequence[Read], counts: Counts) -> Iterator[_Meeting]:
    speaking = [
        each
        for each in reads
        if _may_quarrel(each.segment.effects) and not each.cases.never
    ]
    for one, other in combinations(speaking, 2):
        if one.segment.priority != other.segment.priority:
            continue
        if not _on_the_same(one.segment.effects, other.segment.effects):
            continue
        a, b = counts.get(one.id), counts.get(other.id)
        met = (a.reached & b.reached).bit_count() if a and b else 0
        if met:
            yield _Meeting(one, other, f"on {met:,} orders of the history")
        elif one.on is not other.on or not one.cases.excludes(other.cases):
            yield _Meeting(one, other, "for all the rules say,")


def _may_quarrel(effects: Effects) -> bool:
    return any(
        getattr(effects, term) is not None for term in (*SAFER, *BLOCKS, *ALLOWANCES)
    )


def _on_the_same(one: Effects, other: Effects) -> bool:
    """Tell whether both speak of one flag, or of the same kind of list."""
    for term in (*SAFER, *ALLOWANCES):
        a, b = getattr(one, term), getattr(other, term)
        if a is not None and b is not None and a != b:
            return True
    return any(_allows_what_is_blocked(a, b) for a, b in ((one, other), (other, one)))


def _allows_what_is_blocked(one: Effects, other: Effects) -> bool:
    return any(
        getattr(one, f"allowed_{what}") and getattr(other, f"blocked_{what}")
        for what in ("centers", "carriers", "modes")
    )


def disagreements(rule_set: RuleSet, one: Read, other: Read) -> tuple[Conflict, ...]:
    """Return what composing both segments for one order quarrels about."""
    members = tuple(
        Membership(segment=each.id, version=rule_set.version, since=_EPOCH)
        for each in (one, other)
    )
    both = rule_set.model_copy(
        update={"segments": (one.segment, other.segment), "base": Effects()}
    )
    found = Classification(memberships=members, version=rule_set.version)
    return compose(both, found, _ANY_ORDER, _EPOCH).conflicts


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# The order hardly matters: whether two segments quarrel is in their effects.
_ANY_ORDER = Order(
    id=OrderId("any"),
    customer_id=CustomerId("any"),
    placed_at=_EPOCH,
    ship_to=Place(country="US", postal_code="00000"),
    lines=(Line(sku=SkuId("any"), units=1),),
)
