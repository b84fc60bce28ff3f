"""Tries another rule set on orders of the past, through the optimizer.

- every order is judged under both rule sets from facts told as of its instant
- both are planned from one snapshot: the network and the free stock as given
- orders that came in together are planned together, as in production
- the effort is a fixed amount of work, so the same question has one answer
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.hazard import Hazard
from domain.network import Network
from domain.plan import CASH_TERMS, Cost, CostTerm, Plan
from domain.quantities import FcId, OrderId, SegmentId, SkuId
from domain.sku import Sku
from lanewise.past import Told
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Task
from segmentation.classify import Rules
from segmentation.simulation import Judged, Shift, judge, shift, tallied

BATCH = 64
TOGETHER = timedelta(minutes=5)
HOUR_S = 3600
WORST = 10


@dataclass(frozen=True, slots=True)
class World:
    """What both rule sets are planned against.

    ``hazards`` are told apart by the instant of each batch.
    """

    network: Network
    skus: dict[SkuId, Sku]
    stock: dict[tuple[FcId, SkuId], int]
    hazards: tuple[Hazard, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """How one order would go under one rule set; hours count from its instant.

    ``late_h`` is how far the 90th percentile of delivery is beyond deliver-by.
    """

    cost: Cost
    p50_h: float
    p90_h: float
    late_h: float
    parcels: int
    review: bool

    @property
    def cash_cents(self) -> int:
        return sum(cents for term, cents in self.cost.items() if term in CASH_TERMS)


@dataclass(frozen=True, slots=True)
class Trial:
    """One order under both rule sets; a fate is None where it has no plan."""

    shift: Shift
    before: Fate | None
    after: Fate | None

    @property
    def both(self) -> tuple[Fate, Fate] | None:
        if self.before is None or self.after is None:
            return None
        return self.before, self.after


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the orders that have a plan under both rule sets."""

    orders: int = 0
    cash_cents: int = 0
    p50_h: float = 0
    p90_h: float = 0
    late_orders: int = 0
    late_h: float = 0
    split_orders: int = 0
    reviews: int = 0


@dataclass(frozen=True, slots=True)
class BySegment:
    """One segment: orders it gains, loses, or asks something new of; their fate."""

    segment: SegmentId
    gained: int
    lost: int
    changed: int
    cash_cents: int
    late_h: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """What would change on a history, in totals, by segment and by order.

    ``before_cost`` and ``after_cost`` are by term, over the orders with a plan
    under both; ``terms`` counts orders by policy term that differs.
    """

    before_version: str
    after_version: str
    orders: int
    moved: int
    terms: tuple[tuple[str, int], ...]
    before: Totals
    after: Totals
    before_cost: Cost
    after_cost: Cost
    segments: tuple[BySegment, ...]
    no_plan_before: tuple[OrderId, ...]
    no_plan_after: tuple[OrderId, ...]
    worst: tuple[Trial, ...]


def simulate(
    before: tuple[Rules, Sequence[Told]],
    after: tuple[Rules, Sequence[Told]],
    world: World,
    effort: Effort | None = None,
) -> Simulation:
    """Compare two rule sets on one history.

    Parameters
    ----------
    before, after
        Each the compiled rules, and the same orders with the facts those rules
        ask for.
    world
        The one snapshot both are planned from. Every batch begins with it.
    effort
        How hard the optimizer looks, for both alike.
    """
    old, new = _judged(*before), _judged(*after)
    fates = zip(_planned(old, world, effort), _planned(new, world, effort), strict=True)
    trials = [
        Trial(shift(a, b), *both) for a, b, both in zip(old, new, fates, strict=True)
    ]
    return summed(trials, before[0].rule_set.version, after[0].rule_set.version)


def _judged(rules: Rules, told: Sequence[Told]) -> list[Judged]:
    return [judge(rules, t.order, t.facts, t.at, down=t.down) for t in told]


def summed(trials: Sequence[Trial], before: str, after: str) -> Simulation:
    """Sum up what became of every order."""
    pairs = [trial.both for trial in trials if trial.both is not None]
    terms = Counter(term for trial in trials for term in trial.shift.terms)
    return Simulation(
        before_version=before,
        after_version=after,
        orders=len(trials),
        moved=sum(trial.shift.moved for trial in trials),
        terms=tuple(sorted(terms.items(), key=lambda pair: (-pair[1], pair[0]))),
        before=_totals(one for one, _ in pairs),
        after=_totals(other for _, other in pairs),
        before_cost=_cost(one for one, _ in pairs),
        after_cost=_cost(other for _, other in pairs),
        segments=tuple(_by_segment(trials)),
        no_plan_before=tuple(t.shift.order_id for t in trials if t.before is None),
        no_plan_after=tuple(t.shift.order_id for t in trials if t.after is None),
        worst=tuple(_worst(trials)),
    )


def batches(judged: Sequence[Judged]) -> Iterator[list[Judged]]:
    """Cut a history, oldest first, into orders that would be decided together."""
    batch: list[Judged] = []
    for each in judged:
        if batch and (len(batch) == BATCH or each.at - batch[0].at > TOGETHER):
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch


def _planned(
    judged: Sequence[Judged], world: World, effort: Effort | None
) -> Iterator[Fate | None]:
    for batch in batches(judged):
        problem = _problem(batch, world, batch[-1].at)
        answers = plan(problem, effort or Effort()).answers
        for each, answer in zip(batch, answers, strict=True):
            yield _fate(each, answer) if isinstance(answer, Plan) else None


def _problem(batch: Sequence[Judged], world: World, as_of: datetime) -> Problem:
    tasks = tuple(Task(each.order, each.order.lines, each.policy) for each in batch)
    return Problem(
        as_of=as_of,
        network=world.network,
        skus=world.skus,
        tasks=tasks,
        stock=world.stock,
        hazards=tuple(h for h in world.hazards if h.valid_until > as_of),
    )


def _fate(judged: Judged, answer: Plan) -> Fate:
    by, above = judged.order.deliver_by, judged.policy.review_above_cents
    late = _hours(by, answer.p90_at) if by is not None else 0.0
    dear = above is not None and answer.total_cents > above
    return Fate(
        cost=answer.cost,
        p50_h=_hours(judged.at, answer.p50_at),
        p90_h=_hours(judged.at, answer.p90_at),
        late_h=max(0.0, late),
        parcels=len(answer.parcels),
        review=bool(judged.policy.review) or dear,
    )


def _hours(since: datetime, until: datetime) -> float:
    return round((until - since).total_seconds() / HOUR_S, 3)


def _totals(fates: Iterable[Fate]) -> Totals:
    sums = Totals()
    for fate in fates:
        sums = replace(
            sums,
            orders=sums.orders + 1,
            cash_cents=sums.cash_cents + fate.cash_cents,
            p50_h=sums.p50_h + fate.p50_h,
            p90_h=sums.p90_h + fate.p90_h,
            late_orders=sums.late_orders + (fate.late_h > 0),
            late_h=sums.late_h + fate.late_h,
            split_orders=sums.split_orders + (fate.parcels > 1),
            reviews=sums.reviews + fate.review,
        )
    return sums


def _cost(fates: Iterable[Fate]) -> Cost:
    cost: Counter[CostTerm] = Counter()
    for fate in fates:
        cost.update(fate.cost)
    return {term: cost[term] for term in CostTerm if cost[term]}


def _by_segment(trials: Sequence[Trial]) -> Iterator[BySegment]:
    gained, lost, changed = tallied(trial.shift for trial in trials)
    for segment in sorted(gained.keys() | lost.keys() | changed.keys()):
        pairs = [
            trial.both
            for trial in trials
            if trial.both is not None and segment in trial.shift.touched
        ]
        yield BySegment(
            segment=segment,
            gained=gained[segment],
            lost=lost[segment],
            changed=changed[segment],
            cash_cents=sum(b.cash_cents - a.cash_cents for a, b in pairs),
            late_h=round(sum(b.late_h - a.late_h for a, b in pairs), 3),
        )


def _worst(trials: Sequence[Trial]) -> list[Trial]:
    """Return the orders that fare worse: no plan any more, then later, then dearer."""

    def loss(trial: Trial) -> tuple[bool, float, int]:
        if trial.both is None:
            return trial.after is None and trial.before is not None, 0.0, 0
        before, after = trial.both
        dearer = after.cash_cents - before.cash_cents
        return False, after.late_h - before.late_h, dearer

    losing = [trial for trial in trials if loss(trial) > (False, 0.0, 0)]
    losing.sort(key=lambda trial: trial.shift.order_id)
    losing.sort(key=loss, reverse=True)
    return losing[:WORST]
