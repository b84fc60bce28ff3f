"""The deterministic linear program: what no policy can beat on average.

By item and center: of each kind of order from each city, which share of an item
comes from where, and which share opens a center at all.
"""

from dataclasses import dataclass

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.pdlp import solvers_pb2

from benchmarks.onlining.market import Floats, Ints, Market

# How close PDLP comes, relative to the optimum.
CLOSE = 1e-5


@dataclass(frozen=True)
class Relaxed:
    """The program's answer.

    ``share[kind, city, place, center]`` is of the item at that place of the kind;
    ``prices[center, item]`` is what one more unit would save.
    """

    dollars: float
    share: Floats
    prices: Floats


def relax(market: Market, *, large: bool = False) -> Relaxed:
    """Solve the program: by GLOP, a large one by PDLP, which comes only close.

    Raises
    ------
    RuntimeError
        When the solver does not say that it is optimal.
    """
    kinds, cities = market.chance.shape
    centers, width = market.centers + 1, market.items.shape[1]
    # Kinds that are never ordered weigh nothing, and are answered all the same.
    weight = market.arrivals * market.chance
    kind, place = np.nonzero(market.items >= 0)
    item = market.items[kind, place]
    has = np.vstack([market.stock > 0, np.ones((1, market.stock.shape[1]), bool)])
    pair, center = np.nonzero(has[:, item].T)
    # One variable for each kind, city and center: is it opened? Then the shares.
    opened = kinds * cities * centers
    pairs = len(pair)
    of_kind, of_item = kind[pair], item[pair]
    city = np.repeat(np.arange(cities), pairs)
    of_kind, of_item, at, of_pair = (
        np.tile(x, cities) for x in (of_kind, of_item, center, pair)
    )
    share = opened + np.arange(cities * pairs)
    opening = (of_kind * cities + city) * centers + at
    cost = np.concatenate(
        [
            (weight[:, :, None] * market.fixed).ravel(),
            weight[of_kind, city] * market.unit[at, city],
        ]
    )
    items = len(kind)
    stocked = at < market.centers
    first_linked = items * cities + market.stock.size
    linked = first_linked + np.arange(len(share))
    rows = np.concatenate(
        [
            city * items + of_pair,
            items * cities + (at * market.stock.shape[1] + of_item)[stocked],
            linked,
            linked,
        ]
    )
    columns = np.concatenate([share, share[stocked], opening, share])
    values = np.concatenate(
        [
            np.ones(len(share)),
            weight[of_kind, city][stocked],
            np.ones(len(share)),
            -np.ones(len(share)),
        ]
    )
    low = np.full(first_linked + len(share), -np.inf)
    high = np.full(first_linked + len(share), np.inf)
    low[: items * cities] = high[: items * cities] = 1.0
    high[items * cities : first_linked] = market.stock.ravel()
    low[first_linked:] = 0.0
    model = _model(cost, low, high, rows, columns, values)
    solver = mathopt.SolverType.PDLP if large else mathopt.SolverType.GLOP
    answer = mathopt.solve(model, solver, params=_closeness() if large else None)
    if answer.termination.reason is not mathopt.TerminationReason.OPTIMAL:
        msg = f"the linear program: {answer.termination}"
        raise RuntimeError(msg)
    values = np.maximum(0.0, _floats(answer.variable_values()))
    duals = _floats(answer.dual_values())
    found = np.zeros((kinds, cities, width, centers))
    found[of_kind, city, place[of_pair], at] = values[opened:]
    priced = duals[items * cities : first_linked].reshape(market.stock.shape)
    return Relaxed(answer.objective_value(), found, np.maximum(0.0, -priced))


def _closeness() -> mathopt.SolveParameters:
    close = solvers_pb2.PrimalDualHybridGradientParams(num_threads=1)
    wanted = close.termination_criteria.simple_optimality_criteria
    wanted.eps_optimal_relative = wanted.eps_optimal_absolute = CLOSE
    return mathopt.SolveParameters(pdlp=close)


def _model(
    cost: Floats, low: Floats, high: Floats, rows: Ints, columns: Ints, values: Floats
) -> mathopt.Model:
    """Write a program in bulk: a call for each number takes minutes."""
    turns = np.lexsort((columns, rows))
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(len(cost)))
    model.variables.lower_bounds.extend([0.0] * len(cost))
    model.variables.upper_bounds.extend([np.inf] * len(cost))
    model.variables.integers.extend([False] * len(cost))
    priced = np.flatnonzero(cost)
    model.objective.linear_coefficients.ids.extend(priced.tolist())
    model.objective.linear_coefficients.values.extend(cost[priced].tolist())
    model.linear_constraints.ids.extend(range(len(low)))
    model.linear_constraints.lower_bounds.extend(low.tolist())
    model.linear_constraints.upper_bounds.extend(high.tolist())
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(rows[turns].tolist())
    matrix.column_ids.extend(columns[turns].tolist())
    matrix.coefficients.extend(values[turns].tolist())
    return mathopt.Model.from_model_proto(model)


def _floats(
    by_id: dict[mathopt.Variable, float] | dict[mathopt.LinearConstraint, float],
) -> Floats:
    return np.fromiter(by_id.values(), dtype=np.float64, count=len(by_id))
