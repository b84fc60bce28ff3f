"""OR-Tools, called so that equal inputs give equal answers.

GLOP solves the linear program, given to it in bulk; CP-SAT closes what is left
with one worker, a seed and a limit of deterministic work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from optimizer.bounds import MILLI, reward_cents
from optimizer.contest import Contest, Ints, column_uses

Floats = npt.NDArray[np.float64]
# How often a running solver is interrupted to ask whether it should stop.
ASK_EVERY_S = 0.01


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
    """CP-SAT's answer: a choice, a bound on served × reward less cost, its work."""

    chosen: Ints | None
    bound: int
    optimal: bool
    work_milli: int


def close(
    contest: Contest,
    columns: Sequence[int],
    hint: Ints,
    *,
    work: float,
    seed: int,
    should_stop: Callable[[], bool] | None = None,
) -> Closed:
    """Choose among some columns, starting from a known choice.

    The objective is cost less the reward of every order served. The bound is
    on that objective and holds among the given columns.
    """
    model = cp_model.CpModel()
    order_of = contest.order_of_column()
    uses = column_uses(contest)
    take = {c: model.new_bool_var("") for c in columns}
    groups: dict[int, list[int]] = {}
    users: dict[int, list[tuple[int, int]]] = {}
    for c in columns:
        groups.setdefault(int(order_of[c]), []).append(c)
        for row, amount in uses[c].items():
            users.setdefault(row, []).append((c, amount))
    for group in groups.values():
        model.add_at_most_one([take[c] for c in group])
    reward = reward_cents(contest)
    terms: list[cp_model.IntVar] = list(take.values())
    cents: list[int] = [int(contest.cents[c]) - reward for c in take]
    for n, entries in users.items():
        scarce = contest.rows[n]
        variables = [take[c] for c, _ in entries]
        amounts = [amount for _, amount in entries]
        if scarce.more:
            extra = model.new_int_var(0, scarce.more, "")
            variables.append(extra)
            amounts.append(-1)
            terms.append(extra)
            cents.append(scarce.more_cents)
        used = cp_model.LinearExpr.weighted_sum(variables, amounts)
        model.add(used <= max(0, scarce.limit))
    model.minimize(cp_model.LinearExpr.weighted_sum(terms, cents))
    kept = set(hint[hint >= 0].tolist())
    for c, variable in take.items():
        model.add_hint(variable, c in kept)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = work
    status = _run(solver, model, should_stop)
    chosen = None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        chosen = np.full(contest.orders, -1, dtype=np.int64)
        for c, variable in take.items():
            if solver.boolean_value(variable):
                chosen[order_of[c]] = c
    return Closed(
        chosen=chosen,
        bound=int(np.ceil(solver.best_objective_bound - 1e-6)),
        optimal=status == cp_model.OPTIMAL,
        work_milli=int(solver.response_proto.deterministic_time * 1000) + 1,
    )


def _run(
    solver: cp_model.CpSolver,
    model: cp_model.CpModel,
    should_stop: Callable[[], bool] | None,
) -> cp_model.CpSolverStatus:
    """Solve; with a caller who may stop it, in a thread of its own."""
    if should_stop is None:
        return solver.solve(model)
    answers: list[cp_model.CpSolverStatus] = []
    thread = Thread(target=lambda: answers.append(solver.solve(model)), daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(ASK_EVERY_S)
        if should_stop():
            solver.stop_search()
    return answers[0]
