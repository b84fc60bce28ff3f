"""Why this and not that: the next best ways, and what stopped the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.order import Line
from domain.plan import Alternative, Binding, CostTerm, Excluded, Flip, Unplaced
from optimizer.binding import bindings
from optimizer.case import Case, short_ways
from optimizer.eligible import free_units
from optimizer.flips import flips
from optimizer.halting import Interrupted, interruptible
from optimizer.ladder import NO_TIME, Standing
from optimizer.options import Option, parcel_terms
from optimizer.prices import Prices
from optimizer.pricing import TERM_INDEX, TERMS, Cents
from optimizer.problem import Effort, Problem, Task
from optimizer.resources import Kind, Resource, Supply

# This many centers are named in a reason; the rest are in ``excluded``.
NAMED = 4


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a plan says beside itself."""

    alternatives: tuple[Alternative, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    binding: tuple[Binding, ...] = ()
    flips: tuple[Flip, ...] = ()


UNEXPLAINED = Explanation()


def terms_of(
    task: Task, option: Option, beyond_cents: int = 0, vehicle_cents: int = 0
) -> Cents:
    """Return an option's cents by term."""
    parcels = parcel_terms(option, task.policy.money.split_cents)
    summed = [sum(column) for column in zip(*parcels, strict=True)]
    summed[TERM_INDEX[CostTerm.OVER_CAPACITY]] += beyond_cents
    summed[TERM_INDEX[CostTerm.VEHICLE]] += vehicle_cents
    return tuple(summed)


def explanations(
    cases: Sequence[Case | None], prices: Prices, effort: Effort
) -> dict[int, Explanation]:
    """Explain the choices of a batch, in turn, while there is time.

    Parameters
    ----------
    cases
        Each order's choice, None for those without.
    prices
        What one more of each contested thing is worth to all.
    effort
        How many alternatives are wanted; with none nothing is explained.
    """
    told: dict[int, Explanation] = {}
    until = effort.repeats
    for n, case in enumerate(cases):
        if case is None:
            continue
        if effort.stopped() or (until is not None and len(told) >= until.explained):
            break
        try:
            with interruptible(effort.should_stop):
                told[n] = explanation(case, prices, effort.alternatives)
        except Interrupted:
            break
    return told


def explanation(case: Case, prices: Prices, count: int) -> Explanation:
    """Explain one choice: the next best ways, and what stood in the way of them."""
    if not count:
        return UNEXPLAINED
    others = case.runners_up
    bound = bindings(case, prices)
    return Explanation(
        alternatives=_alternatives(case, others, count),
        excluded=case.standing.excluded,
        binding=bound,
        flips=flips(case, others, bound),
    )


def _alternatives(
    case: Case, options: Sequence[Option], count: int
) -> tuple[Alternative, ...]:
    """Return the next best ways for an order, cheapest first."""
    found = [(option, case.added_cents(option)) for option in options]
    found.sort(key=lambda pair: pair[0].total_cents + sum(pair[1] or ()))
    return tuple(_alternative(case, *pair) for pair in found[:count])


def _alternative(
    case: Case, option: Option, added: tuple[int, int] | None
) -> Alternative:
    terms = terms_of(case.standing.task, option, *(added or (0, 0)))
    delta = {
        term: mine - theirs
        for term, mine, theirs in zip(TERMS, terms, case.terms, strict=True)
        if mine != theirs
    }
    return Alternative.model_construct(
        ways=short_ways(option),
        total_cents=sum(terms),
        delta=delta,
        p50_at=max(way.lane.p50_at for way in option.ways),
        p90_at=max(way.lane.p90_at for way in option.ways),
        available=added is not None,
    )


def unlooked(tasks: Sequence[Task]) -> tuple[Unplaced, ...]:
    """Say of orders, perhaps thousands, that there was no time for them."""
    reasons = (NO_TIME,)
    # The compiled constructor is the fastest there is.
    return tuple([Unplaced(order_id=t.order.id, reasons=reasons) for t in tasks])


def unplaced(
    problem: Problem, standing: Standing, supply: Supply, others: Mapping[Resource, int]
) -> Unplaced:
    """Say why an order has no plan, and which of its units nobody has."""
    task = standing.task
    unknown = [line for line in task.lines if line.sku not in problem.skus]
    if unknown:
        return Unplaced(
            order_id=task.order.id,
            reasons=tuple(f"SKU {line.sku} is not in the catalog" for line in unknown),
        )
    short = tuple(_short(problem, task))
    return Unplaced(
        order_id=task.order.id,
        reasons=tuple(_reasons(problem, standing, short, supply, others)),
        excluded=standing.excluded,
        short=short,
    )


def _short(problem: Problem, task: Task) -> Iterator[Line]:
    """Yield what is missing of each line in all centers together."""
    if not problem.network.counts_stock:
        for line in task.lines:
            if not problem.network.stocked_at.get(line.sku):
                yield line
        return
    for line in task.lines:
        free = sum(
            free_units(problem, center.id, line.sku) or 0
            for center in problem.network.centers
        )
        if free < line.units:
            yield Line(sku=line.sku, units=line.units - free)


def _reasons(
    problem: Problem,
    standing: Standing,
    short: tuple[Line, ...],
    supply: Supply,
    others: Mapping[Resource, int],
) -> Iterator[str]:
    if standing.options:
        yield from _taken(standing, supply, others)
        return
    if standing.held:
        yield standing.held
    wanted = {line.sku: line.units for line in standing.task.lines}
    for line in short:
        free = wanted[line.sku] - line.units
        yield f"{wanted[line.sku]} units of {line.sku} wanted, {free} free in all"
    named = _most_telling(standing.task, standing.excluded)
    for excluded in named[:NAMED]:
        lane = excluded.fc if excluded.service is None else _lane(excluded)
        yield f"{lane}: {excluded.why}"
    if len(named) > NAMED:
        yield f"and {len(named) - NAMED} more lanes are excluded"
    if not short and not named and not standing.held:
        yield "no center has all of it, and it may not be split further"


def _lane(excluded: Excluded) -> str:
    return f"{excluded.fc} by {excluded.service}"


def _most_telling(task: Task, excluded: tuple[Excluded, ...]) -> tuple[Excluded, ...]:
    """Leave out lanes that only miss what the operator pinned or the customer wants.

    With a pin, what is said of the pinned lane alone remains.
    """
    told = tuple(e for e in excluded if e.limit not in ("pin", "pickup"))
    return told or excluded


def _taken(
    standing: Standing, supply: Supply, others: Mapping[Resource, int]
) -> Iterator[str]:
    """Name what ran out for each of the order's cheapest options."""
    said: set[str] = set()
    for option in standing.options[:NAMED]:
        for resource, amount in option.uses.items():
            limit = max(0, supply.limit(resource) or 0)
            more = (
                supply.beyond(resource)[0]
                if standing.limits.over_capacity_allowed
                or resource.kind is Kind.VEHICLE_G
                else 0
            )
            used = others.get(resource, 0)
            left = max(0, limit + more - used)
            text = (
                f"{amount} of the {resource} wanted, "
                f"other orders leave {left} of {limit + more}"
            )
            if used + amount > limit + more and text not in said:
                said.add(text)
                yield text
                break
    if not said:
        yield "every option needs something that other orders of the batch take"
