"""The one way in: from a problem to a plan, or the reasons for none, per order.

- ``eligible``: which lanes may serve an order, and what stops the rest;
- ``options``: centers × lines × lanes × packings, priced by every money term;
- ``choose``: the joint choice under stock and capacity, with a proven bound;
- ``ladder``: relax, choose again, and how far the work allowed got;
- ``explain``: the next best ways in cents, term by term; what was too little
  (``binding``) and what would make another way win (``flips``).
"""

from collections.abc import Mapping

from domain.plan import Plan, Unplaced
from optimizer.case import Case
from optimizer.charges import charges
from optimizer.collecting import set_aside
from optimizer.explain import (
    UNEXPLAINED,
    explanations,
    terms_of,
    unlooked,
    unplaced,
)
from optimizer.ladder import Settled, settle
from optimizer.pricing import as_cost
from optimizer.problem import Effort, Problem, Result
from optimizer.resources import Kind, Resource
from optimizer.shared import Shared
from optimizer.telling import parcels

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
    with set_aside(len(problem.tasks)):
        return _planned(problem, effort)


def _planned(problem: Problem, effort: Effort) -> Result:
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
                parcels=parcels(standing.task, case.chosen, beyond[n]),
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
    answers += unlooked(problem.tasks[len(settled.standings) :])
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
