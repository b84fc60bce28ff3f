"""OR-Tools, called so that equal inputs give equal answers.

GLOP solves the linear program, SCIP closes what it leaves open: both get the
model in bulk through MathOpt, one thread, a seed and a limit of nodes. ADR 0004
says why these two.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import ceil, isfinite

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.util.python import solve_interrupter

from optimizer.bounds import MILLI, reward_cents
from optimizer.contest import Contest, Ints

Floats = npt.NDArray[np.float64]
# How often a running solver is interrupted to ask whether it should stop.
ASK_EVERY_S = 0.01
# A bound this little above a whole cent is that cent, in floating point.
WHOLE_CENT = 0.01


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The linear program's answer: how much of each column, the rows' prices."""

    share: Floats
    prices_millicents: Ints


def relax(contest: Contest) -> Relaxed | None:
    """Solve the linear program; None where the solver gave no optimum."""
    model = mathopt.Model.from_model_proto(_linear_program(contest))
    answer = mathopt.solve(model, mathopt.SolverType.GLOP)
    if answer.termination.reason is not mathopt.TerminationReason.OPTIMAL:
        return None
    values = answer.variable_values()
    duals = answer.dual_values()
    share = np.fromiter(values.values(), dtype=np.float64, count=len(values))
    prices = np.fromiter(duals.values(), dtype=np.float64, count=len(duals))
    # A minimum's prices of "at most" rows are negative: what one more would save.
    rows = -prices[contest.orders :]
    return Relaxed(
        share=share[: contest.columns],
        prices_millicents=np.rint(rows * MILLI).astype(np.int64),
    )


def _linear_program(contest: Contest) -> model_pb2.ModelProto:
    """Write columns, then beyond-capacity amounts; orders' rows, then the scarce."""
    orders, columns = contest.orders, contest.columns
    beyond = [n for n, row in enumerate(contest.rows) if row.more]
    more = [float(contest.rows[n].more) for n in beyond]
    cents = np.concatenate(
        [
            contest.cents - reward_cents(contest),
            np.array([contest.rows[n].more_cents for n in beyond], dtype=np.int64),
        ]
    )
    row = np.concatenate(
        [
            contest.order_of_column(),
            contest.entry_row + orders,
            np.array(beyond, dtype=np.int64) + orders,
        ]
    )
    column = np.concatenate(
        [
            np.arange(columns),
            contest.entry_column,
            columns + np.arange(len(beyond)),
        ]
    )
    amount = np.concatenate(
        [
            np.ones(columns, dtype=np.int64),
            contest.entry_amount,
            np.full(len(beyond), -1, dtype=np.int64),
        ]
    )
    by_row = np.lexsort((column, row))
    limits = [1.0] * orders + [float(max(0, row.limit)) for row in contest.rows]
    model = model_pb2.ModelProto()
    variables, rows = model.variables, model.linear_constraints
    variables.ids.extend(range(len(cents)))
    variables.lower_bounds.extend([0.0] * len(cents))
    # The orders' own rows already keep a column at one at most.
    variables.upper_bounds.extend([float("inf")] * columns + more)
    variables.integers.extend([False] * len(cents))
    priced = np.flatnonzero(cents)
    model.objective.linear_coefficients.ids.extend(priced.tolist())
    model.objective.linear_coefficients.values.extend(
        cents[priced].astype(float).tolist()
    )
    rows.ids.extend(range(len(limits)))
    rows.lower_bounds.extend([-float("inf")] * len(limits))
    rows.upper_bounds.extend(limits)
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(row[by_row].tolist())
    matrix.column_ids.extend(column[by_row].tolist())
    matrix.coefficients.extend(amount[by_row].astype(float).tolist())
    return model


@dataclass(frozen=True, slots=True)
class Closed:
    """SCIP's answer: a choice, a bound on the objective, the nodes it opened."""

    chosen: Ints | None
    bound: int
    nodes: int


def close(
    contest: Contest,
    columns: Sequence[int],
    hint: Ints,
    *,
    nodes: int,
    seed: int,
    should_stop: Callable[[], bool] | None = None,
) -> Closed:
    """Choose among some columns, starting from a known choice.

    The objective is cost less the reward of every order served. The bound is
    on that objective and holds among the given columns.
    """
    proto = _linear_program(contest)
    allowed = np.zeros(contest.columns)
    allowed[list(columns)] = 1.0
    proto.variables.upper_bounds[: contest.columns] = allowed.tolist()
    proto.variables.integers[: contest.columns] = [True] * contest.columns
    model = mathopt.Model.from_model_proto(proto)
    known = np.zeros(contest.columns)
    known[hint[hint >= 0]] = 1.0
    start = mathopt.SolutionHint(
        variable_values={
            model.get_variable(column): float(known[column]) for column in columns
        }
    )
    answer = _solve(
        model,
        mathopt.SolveParameters(
            threads=1,
            random_seed=seed,
            node_limit=nodes,
            relative_gap_tolerance=0.0,
            # Objectives are whole cents: less than one apart is equal.
            absolute_gap_tolerance=0.5,
        ),
        mathopt.ModelSolveParameters(solution_hints=[start]),
        should_stop,
    )
    chosen = None
    if answer.has_primal_feasible_solution():
        values = answer.variable_values()
        share = np.fromiter(values.values(), dtype=np.float64, count=len(values))
        taken = np.flatnonzero(share[: contest.columns] > 0.5)
        chosen = np.full(contest.orders, -1, dtype=np.int64)
        chosen[contest.order_of_column()[taken]] = taken
    bound = answer.best_objective_bound()
    return Closed(
        chosen=chosen if chosen is not None and contest.feasible(chosen) else None,
        bound=ceil(bound - WHOLE_CENT) if isfinite(bound) else -(2**62),
        nodes=answer.solve_stats.node_count,
    )


def _solve(
    model: mathopt.Model,
    params: mathopt.SolveParameters,
    start: mathopt.ModelSolveParameters,
    should_stop: Callable[[], bool] | None,
) -> mathopt.SolveResult:
    """Solve; with a caller who may stop it, in a thread of its own."""
    solver = mathopt.SolverType.GSCIP
    if should_stop is None:
        return mathopt.solve(model, solver, params=params, model_params=start)
    interrupter = solve_interrupter.SolveInterrupter()
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(
            mathopt.solve,
            model,
            solver,
            params=params,
            model_params=start,
            interrupter=interrupter,
        )
        while not wait([running], timeout=ASK_EVERY_S).done:
            if should_stop():
                interrupter.interrupt()
        return running.result()
