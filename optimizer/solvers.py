"""The joint choice as a linear and as an integer program."""

from dataclasses import dataclass
from math import ceil, isfinite

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2

from optimizer.bounds import MILLI
from optimizer.contest import Contest, Ints
from optimizer.programs import Program, ShouldStop, Solver

Floats = npt.NDArray[np.float64]
# A bound this little above a whole cent is that cent, in floating point.
WHOLE_CENT = 0.01


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The linear program's answer: how much of each column, the rows' prices."""

    share: Floats
    prices_millicents: Ints


def relax(
    contest: Contest, reward_cents: int, solver: Solver, should_stop: ShouldStop | None
) -> Relaxed | None:
    """Solve the linear program; None where there is no optimum, or no time.

    Serving an order is worth the reward.
    """
    program = Program(_linear_program(contest, reward_cents).SerializeToString())
    answer = solver.solve(program, should_stop)
    if answer is None or not answer.optimal:
        return None
    if answer.values is None or answer.duals is None:
        return None
    # A minimum's prices of "at most" rows are negative: what one more would save.
    rows = np.maximum(0.0, -answer.duals[contest.orders :])
    return Relaxed(
        share=answer.values[: contest.columns],
        prices_millicents=np.rint(rows * MILLI).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Covered:
    """Prices of the linear program in which so many are served, in millicents.

    ``reward`` is what serving one more would cost, ``own`` what each order would
    pay less if it could have more than one column.
    """

    prices: Ints
    reward: int
    own: Ints


def cover(
    contest: Contest, served: int, solver: Solver, should_stop: ShouldStop | None
) -> Covered | None:
    """Solve the linear program that serves so many; None: no optimum, or no time."""
    model = _linear_program(contest, 0)
    _at_least(model, contest, served)
    answer = solver.solve(Program(model.SerializeToString()), should_stop)
    if answer is None or not answer.optimal or answer.duals is None:
        return None
    milli = np.rint(answer.duals * MILLI).astype(np.int64)
    orders = contest.orders
    return Covered(
        np.maximum(0, -milli[orders:-1]), max(0, int(milli[-1])), milli[:orders]
    )


@dataclass(frozen=True, slots=True)
class Closed:
    """SCIP's answer: a choice, a bound on the objective, the nodes it opened.

    The objective is cost less the reward of every order served.
    """

    chosen: Ints | None
    bound: int
    nodes: int


def close(
    contest: Contest,
    hint: Ints,
    reward_cents: int,
    *,
    nodes: int,
    seed: int,
    at_least: int,
    solver: Solver,
    should_stop: ShouldStop | None,
) -> Closed | None:
    """Choose exactly, starting from a known choice; None where it was stopped.

    No fewer than ``at_least`` may be served, as in the known choice.
    """
    model = _linear_program(contest, reward_cents)
    model.variables.integers[: contest.columns] = [True] * contest.columns
    beyond = np.flatnonzero(contest.more)
    in_steps = (contest.step[beyond] > 1).tolist()
    model.variables.integers[contest.columns :] = in_steps
    _only_aboard(model, contest, beyond)
    if at_least == contest.orders:
        model.linear_constraints.lower_bounds[: contest.orders] = [1.0] * contest.orders
    elif at_least:
        _at_least(model, contest, at_least)
    known = np.zeros(contest.columns)
    known[hint[hint >= 0]] = 1.0
    paid = contest.steps(contest.usage(hint))[beyond]
    program = Program(
        model.SerializeToString(),
        integral=True,
        nodes=nodes,
        seed=seed,
        hinted=tuple(range(contest.columns + len(beyond))),
        hint=(*known.tolist(), *paid.astype(float).tolist()),
    )
    answer = solver.solve(program, should_stop)
    if answer is None:
        return None
    chosen = None
    if answer.values is not None:
        taken = np.flatnonzero(answer.values[: contest.columns] > 0.5)
        chosen = np.full(contest.orders, -1, dtype=np.int64)
        chosen[contest.order_of_column()[taken]] = taken
    return Closed(
        chosen=chosen if chosen is not None and contest.feasible(chosen) else None,
        bound=ceil(answer.bound - WHOLE_CENT) if isfinite(answer.bound) else -(2**62),
        nodes=answer.nodes,
    )


def _linear_program(contest: Contest, reward_cents: int) -> model_pb2.ModelProto:
    """Write columns, then beyond-capacity steps; orders' rows, then the scarce.

    Rows are measured in what comes at once, so that their prices are as well.
    """
    orders, columns = contest.orders, contest.columns
    beyond = np.flatnonzero(contest.more)
    more = (contest.more // contest.step)[beyond].astype(float).tolist()
    cents = np.concatenate([contest.cents - reward_cents, contest.more_cents[beyond]])
    row = np.concatenate(
        [contest.order_of_column(), contest.entry_row + orders, beyond + orders]
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
            contest.entry_amount / contest.step[contest.entry_row],
            np.full(len(beyond), -1, dtype=np.int64),
        ]
    )
    by_row = np.lexsort((column, row))
    limits = [1.0] * orders + (contest.limits / contest.step).tolist()
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


def _at_least(model: model_pb2.ModelProto, contest: Contest, served: int) -> None:
    """Let so many orders be served, in the last row."""
    rows, matrix = model.linear_constraints, model.linear_constraint_matrix
    last = len(rows.ids)
    rows.ids.append(last)
    rows.lower_bounds.append(float(served))
    rows.upper_bounds.append(float("inf"))
    matrix.row_ids.extend([last] * contest.columns)
    matrix.column_ids.extend(range(contest.columns))
    matrix.coefficients.extend([1.0] * contest.columns)


def _only_aboard(model: model_pb2.ModelProto, contest: Contest, beyond: Ints) -> None:
    """Let nobody ride on a part of a vehicle: an order rides where one is sent.

    It follows from whole vehicles, but tells the solver so where they are not yet.
    """
    number = np.full(len(contest.rows), -1, dtype=np.int64)
    number[beyond] = contest.columns + np.arange(len(beyond))
    paid = (contest.step > 1) & (contest.limits == 0) & (number >= 0)
    mine = np.flatnonzero(paid[contest.entry_row])
    row, column = contest.entry_row[mine], contest.entry_column[mine]
    pair = contest.order_of_column()[column] * len(contest.rows) + row
    pairs, at = np.unique(pair, return_inverse=True)
    rows, matrix = model.linear_constraints, model.linear_constraint_matrix
    first = len(rows.ids)
    rows.ids.extend(range(first, first + len(pairs)))
    rows.lower_bounds.extend([-float("inf")] * len(pairs))
    rows.upper_bounds.extend([0.0] * len(pairs))
    entry_row = np.concatenate([at.reshape(-1), np.arange(len(pairs))])
    entry_column = np.concatenate([column, number[pairs % len(contest.rows)]])
    amount = np.concatenate([np.ones(len(mine)), np.full(len(pairs), -1.0)])
    turn = np.lexsort((entry_column, entry_row))
    matrix.row_ids.extend((first + entry_row[turn]).tolist())
    matrix.column_ids.extend(entry_column[turn].tolist())
    matrix.coefficients.extend(amount[turn].tolist())
