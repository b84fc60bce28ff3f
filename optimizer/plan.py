"""The one way in: from a problem to a plan, or the reasons for none, per order.

- ``eligible``: which lanes may serve an order, and what stops the rest;
- ``options``: centers × lines × lanes × packings, priced by every money term;
- ``choose``: the joint choice under stock and capacity, with a proven bound;
- ``ladder``: relax, choose again, and how far the work allowed got;
- ``explain``: the next best ways in cents, term by term; what was too little
  (``binding``) and what would make another way win (``flips``).
"""

from collections.abc import Iterator, Mapping

from domain.forecast import Outside
from domain.network import FulfillmentMode, ServiceMode
from domain.plan import (
    Cost,
    PackedCarton,
    Parcel,
    Plan,
    Unplaced,
)
from optimizer.case import Case
from optimizer.charges import BORNE_AS, charges
from optimizer.explain import UNEXPLAINED, explanations, terms_of, unplaced
from optimizer.ladder import Settled, settle
from optimizer.options import Option, parcel_terms
from optimizer.pricing import Cents, as_cost, billable_g, with_term
from optimizer.problem import Effort, Problem, Result, Task
from optimizer.resources import Kind, Resource
from optimizer.shared import Shared
from optimizer.ways import Way

USUAL_EFFORT = Effort()


def plan(problem: Problem, effort: Effort = USUAL_EFFORT) -> Result:
    """Decide for all orders of a problem together: who sends, how, in what.

    As many orders as possible are served first; then the sum of all money
    terms is the least. Pure: nothing is read but the arguments, and equal
    arguments give equal results, unless ``effort.should_stop`` cut it short.

    Parameters
    ----------
    problem
        The snapshot: network, free stock and capacity, orders with policies.
    effort
        Seed, limits of work, how many alternatives to explain.

    Returns
    -------
    One answer per task, in the tasks' order: a plan, or why there is none.
    """
    shared = Shared.of(problem)
    settled = settle(shared, effort)
    taken, beyond = settled.taken(), charges(settled, shared.supply)
    cases = tuple(
        case_of(shared, settled, n, beyond[n], taken) if option is not None else None
        for n, option in enumerate(settled.options)
    )
    why = explanations(cases, settled.prices, effort)
    record = settled.record(effort, explained=len(why))
    answers: list[Plan | Unplaced] = []
    for n, (standing, case) in enumerate(zip(settled.standings, cases, strict=True)):
        if case is None:
            answers.append(unplaced(problem, standing, shared.supply, taken))
            continue
        told = why.get(n, UNEXPLAINED)
        answers.append(
            Plan.model_construct(
                order_id=standing.task.order.id,
                parcels=tuple(parcels(standing.task, case.chosen, beyond[n])),
                cost=as_cost(case.terms),
                alternatives=told.alternatives,
                excluded=told.excluded,
                relaxed=standing.relaxed,
                solver=record,
                rung=settled.rungs[n],
                binding=told.binding,
                flips=told.flips,
            )
        )
    return Result(tuple(answers), record, settled.prices)


def case_of(
    shared: Shared,
    settled: Settled,
    n: int,
    beyond: Mapping[Resource, int],
    taken: Mapping[Resource, int],
) -> Case:
    """Set one order's option against the rest of its options."""
    standing, option = settled.standings[n], settled.options[n]
    assert option is not None
    vehicles = sum(c for r, c in beyond.items() if r.kind is Kind.VEHICLE_G)
    extra = sum(beyond.values()) - vehicles
    terms = terms_of(standing.task, option, extra, vehicles)
    return Case(shared, standing, option, terms, taken)


def parcels(
    task: Task, option: Option, beyond: dict[Resource, int]
) -> Iterator[Parcel]:
    """Write an option's parcels down, with their cents of what is shared."""
    priced = parcel_terms(option, task.policy.money.split_cents)
    for way, cents in zip(option.ways, priced, strict=True):
        fc = way.lane.center.id
        for resource, value in beyond.items():
            if resource.fc == fc:
                cents = with_term(cents, BORNE_AS[resource.kind], value)
        yield _parcel(way, cents)


def _parcel(way: Way, cents: Cents) -> Parcel:
    lane = way.lane
    cost: Cost = as_cost(cents)
    return Parcel.model_construct(
        fc=lane.center.id,
        carrier=lane.service.carrier,
        service=lane.service.id,
        mode=lane.service.mode,
        fulfillment=fulfillment_of(lane.service.mode),
        method=way.packing.method,
        lines=way.load.lines,
        cartons=tuple(_cartons(way)),
        hand_over_at=lane.hand_over_at,
        p50_at=lane.p50_at,
        p90_at=lane.p90_at,
        cost=cost,
        run=lane.run,
        outside=_outside(way),
    )


def _outside(way: Way) -> Outside | None:
    """Return the weather of the way, where the packing is rated for some."""
    heat = way.lane.heat
    if heat is None or all(piece.rated is None for piece in way.packing.pieces):
        return None
    return heat.outside


def fulfillment_of(mode: ServiceMode) -> FulfillmentMode:
    """Return how goods on a service of that mode reach the customer."""
    if mode is ServiceMode.PICKUP:
        return FulfillmentMode.PICKUP
    if mode is ServiceMode.COURIER:
        return FulfillmentMode.LOCAL_COURIER
    return FulfillmentMode.SHIP


def _cartons(way: Way) -> Iterator[PackedCarton]:
    for piece in way.packing.pieces:
        yield PackedCarton.model_construct(
            carton=piece.carton,
            method=piece.method,
            outer=piece.outer,
            weight_g=piece.weight_g,
            billable_g=billable_g(piece, way.lane.service),
            lines=piece.lines,
            placements=piece.placements,
        )
