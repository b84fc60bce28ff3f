"""Why this and not that: the next best ways, and what stopped the rest."""

from collections.abc import Iterator, Mapping

from domain.order import Line
from domain.plan import Alternative, CostTerm, Excluded, Unplaced
from domain.plan import Way as ShortWay
from optimizer.eligible import free_units
from optimizer.ladder import Standing
from optimizer.options import Option, parcel_terms
from optimizer.pricing import TERM_INDEX, TERMS, Cents
from optimizer.problem import Problem, Task
from optimizer.resources import Resource, Supply

# This many centers are named in a reason; the rest are in ``excluded``.
NAMED = 4


def terms_of(task: Task, option: Option, beyond_cents: int = 0) -> Cents:
    """Return an option's cents by term."""
    parcels = parcel_terms(option, task.policy.money.split_cents)
    summed = [sum(column) for column in zip(*parcels, strict=True)]
    summed[TERM_INDEX[CostTerm.OVER_CAPACITY]] += beyond_cents
    return tuple(summed)


def alternatives(
    standing: Standing,
    chosen: Option,
    chosen_terms: Cents,
    supply: Supply,
    others: Mapping[Resource, int],
    count: int,
) -> tuple[Alternative, ...]:
    """Return the next best ways for an order, cheapest first.

    Parameters
    ----------
    standing, chosen, chosen_terms
        The order, the option it got, and that option's cents by term.
    supply, others
        How much there is of everything, and what the batch's other orders take.
    count
        How many are wanted. Ways that differ in neither center, service nor
        packing method from a cheaper one are left out.
    """
    seen = {_ways_of(chosen)}
    found: list[tuple[int, Alternative]] = []
    limits = standing.limits
    for option in standing.choices.runners_up:
        ways = _ways_of(option)
        if ways in seen:
            continue
        seen.add(ways)
        cents = beyond_cents(
            option, supply, others, allowed=limits.over_capacity_allowed
        )
        terms = terms_of(standing.task, option, cents or 0)
        found.append((sum(terms), _alternative(option, terms, chosen_terms, cents)))
    found.sort(key=lambda pair: pair[0])
    return tuple(alternative for _, alternative in found[:count])


def _alternative(
    option: Option, terms: Cents, chosen_terms: Cents, cents: int | None
) -> Alternative:
    delta = {
        term: mine - theirs
        for term, mine, theirs in zip(TERMS, terms, chosen_terms, strict=True)
        if mine != theirs
    }
    return Alternative.model_construct(
        ways=_ways_of(option),
        total_cents=sum(terms),
        delta=delta,
        p50_at=max(way.lane.p50_at for way in option.ways),
        p90_at=max(way.lane.p90_at for way in option.ways),
        available=cents is not None,
    )


def _ways_of(option: Option) -> tuple[ShortWay, ...]:
    return tuple(
        ShortWay.model_construct(
            fc=way.lane.center.id,
            service=way.lane.service.id,
            method=way.packing.method,
        )
        for way in option.ways
    )


def beyond_cents(
    option: Option, supply: Supply, others: Mapping[Resource, int], *, allowed: bool
) -> int | None:
    """Return what beyond-capacity work the option would add; None if it cannot be."""
    added = 0
    for resource, amount in option.uses.items():
        free = max(0, supply.limit(resource) or 0)
        more, cents = supply.beyond(resource) if allowed else (0, 0)
        before = others.get(resource, 0)
        if before + amount > free + more:
            return None
        added += max(0, before + amount - max(free, before)) * cents
    return added


def unplaced(
    problem: Problem, standing: Standing, supply: Supply, others: Mapping[Resource, int]
) -> Unplaced:
    """Say why an order has no plan, and which of its units nobody has."""
    task, choices = standing.task, standing.choices
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
        excluded=choices.excluded,
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
    if standing.choices.options:
        yield from _taken(standing, supply, others)
        return
    wanted = {line.sku: line.units for line in standing.task.lines}
    for line in short:
        free = wanted[line.sku] - line.units
        yield f"{wanted[line.sku]} units of {line.sku} wanted, {free} free in all"
    named = _most_telling(standing.task, standing.choices.excluded)
    for excluded in named[:NAMED]:
        lane = excluded.fc if excluded.service is None else _lane(excluded)
        yield f"{lane}: {excluded.why}"
    if len(named) > NAMED:
        yield f"and {len(named) - NAMED} more lanes are excluded"
    if not short and not named:
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
    for option in standing.choices.options[:NAMED]:
        for resource, amount in option.uses.items():
            limit = max(0, supply.limit(resource) or 0)
            more = (
                supply.beyond(resource)[0]
                if standing.limits.over_capacity_allowed
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
