"""The joint choice as one integer program over options, solved by CP-SAT alone.

It shares the list of options with what it is held against, and nothing else.
"""

from collections import defaultdict
from typing import Any

from ortools.sat.python import cp_model

from optimizer.options import find_options
from optimizer.problem import Problem
from optimizer.resources import Kind, Resource
from optimizer.shared import Shared

# More than any problem of a test can cost.
SERVED_CENTS = 10**8


def direct_optimum(problem: Problem) -> tuple[int, int]:
    """Return the most orders that can be served, and the least cents for that."""
    model, shared = cp_model.CpModel(), Shared.of(problem)
    takers: dict[Resource, list[Any]] = defaultdict(list)
    strict: dict[Resource, list[Any]] = defaultdict(list)
    money: list[Any] = []
    served: list[Any] = []
    for task in problem.tasks:
        limits = task.policy.limits
        found = find_options(shared, task, limits, 10_000, 0).options
        chosen = [model.new_bool_var("") for _ in found]
        model.add_at_most_one(chosen)
        served += chosen
        for option, on in zip(found, chosen, strict=True):
            money.append(option.total_cents * on)
            for resource, amount in option.uses.items():
                takers[resource].append(amount * on)
                if not limits.over_capacity_allowed:
                    strict[resource].append(amount * on)
    for resource, taken in takers.items():
        money += _owned(model, problem, resource, taken, strict[resource])
    model.minimize(sum(money) - SERVED_CENTS * sum(served))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    count = sum(solver.value(on) for on in served)
    return count, round(solver.objective_value) + SERVED_CENTS * count


def _owned(
    model: Any, problem: Problem, resource: Resource, taken: list[Any], strict: Any
) -> list[Any]:
    """Bound what is taken of something; return what it costs beyond that."""
    fc = problem.network.center(resource.fc)
    if resource.kind is Kind.VEHICLE_G:
        return _vehicles(model, problem, resource, taken)
    if resource.kind is Kind.STOCK:
        assert resource.sku is not None
        model.add(sum(taken) <= problem.stock.get((fc.id, resource.sku), 0))
    elif resource.kind is Kind.FC_ORDERS:
        model.add(sum(taken) <= (fc.capacity_orders or 0))
    elif resource.kind is Kind.PARCELS:
        (pickup,) = [p for p in fc.pickups if p.carrier == resource.carrier]
        model.add(sum(taken) <= (pickup.capacity_parcels or 0))
    else:
        over = model.new_int_var(0, fc.over_capacity_lines, "")
        model.add(sum(taken) <= (fc.capacity_lines or 0) + over)
        if strict:
            model.add(sum(strict) <= (fc.capacity_lines or 0))
        return [fc.over_capacity_cents_per_line * over]
    return []


def _vehicles(
    model: Any, problem: Problem, resource: Resource, taken: list[Any]
) -> list[Any]:
    fc = problem.network.center(resource.fc)
    vehicle = problem.network.runs[fc.id, resource.run]
    assert resource.day is not None
    riding = problem.vehicle_g.get((fc.id, resource.run, resource.day), 0)
    before = -(-riding // vehicle.capacity_g)
    most = 1_000 if vehicle.most is None else vehicle.most
    more = model.new_int_var(0, max(0, most - before), "")
    model.add(riding + sum(taken) <= (before + more) * vehicle.capacity_g)
    return [vehicle.cost_cents * more]
