"""Other people's solvers on a whole model, in a process that can be killed.

Some overrun the time they are given, and one that runs away must not take the
benchmark with it.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HIGHS, CP_SAT = "highs", "cp-sat"
# How long a solver may go on after its time before it is killed.
GRACE_S = 15.0


@dataclass(frozen=True)
class Model:
    """Minimize cents over yes-or-no variables; rows have a least and a most.

    Entry e says that variable ``entry_variable[e]`` counts ``entry_amount[e]`` in
    row ``entry_row[e]``.
    """

    cents: Floats
    least: Floats
    most: Floats
    entry_row: Ints
    entry_variable: Ints
    entry_amount: Floats


@dataclass(frozen=True)
class Limits:
    """When to be content: a relative gap, seconds, and work.

    ``work`` is CP-SAT's deterministic time; HiGHS is given the seconds alone.
    """

    gap: float
    seconds: float
    work: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """What came of it: values (None: none found), a bound on cents, the seconds.

    ``ended`` is the solver's word for why it ended, or "killed".
    """

    values: Floats | None
    cents: float
    bound: float
    seconds: float
    ended: str

    def within(self, gap: float) -> bool:
        """Tell whether the answer is proven to be so near the best."""
        return self.values is not None and (
            self.cents - self.bound <= gap * abs(self.cents) + 0.5
        )


def solve(
    model: Model,
    solver: str,
    limits: Limits,
    hint: Floats | None = None,
    grace_s: float = GRACE_S,
) -> Answer:
    """Solve in a process of its own; kill it where it does not end in time."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(
        target=_solved, args=(theirs, model, solver, limits, hint), daemon=True
    )
    child.start()
    theirs.close()
    try:
        answer: Answer | None = None
        ours.recv()
        if ours.poll(limits.seconds + grace_s):
            answer = ours.recv()
    except EOFError:
        answer = None
    finally:
        child.kill()
        child.join()
        ours.close()
    return answer or Answer(None, float("inf"), 0.0, limits.seconds, "killed")


def _solved(
    told: Connection, model: Model, solver: str, limits: Limits, hint: Floats | None
) -> None:
    # Importing took its time; the model is built within the solver's.
    told.send("ready")
    started = perf_counter()
    built = mathopt.Model.from_model_proto(written(model))
    hints = []
    if hint is not None:
        values = {built.get_variable(n): float(v) for n, v in enumerate(hint)}
        hints = [mathopt.SolutionHint(variable_values=values)]
    answer = mathopt.solve(
        built,
        mathopt.SolverType.CP_SAT if solver == CP_SAT else mathopt.SolverType.HIGHS,
        params=_parameters(solver, limits),
        model_params=mathopt.ModelSolveParameters(solution_hints=hints),
    )
    values_found, cents = None, float("inf")
    if answer.has_primal_feasible_solution():
        by_id = answer.variable_values()
        values_found = np.fromiter(by_id.values(), dtype=np.float64, count=len(by_id))
        cents = answer.objective_value()
    bound = answer.best_objective_bound()
    told.send(
        Answer(
            values=values_found,
            cents=cents,
            bound=bound if isfinite(bound) else 0.0,
            seconds=perf_counter() - started,
            ended=answer.termination.reason.name.lower(),
        )
    )


def _parameters(solver: str, limits: Limits) -> mathopt.SolveParameters:
    """Write the limits down; HiGHS knows no threads, and has one."""
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=limits.seconds),
        relative_gap_tolerance=limits.gap,
        random_seed=limits.seed,
        threads=1 if solver == CP_SAT else None,
    )
    if solver == CP_SAT and limits.work is not None:
        parameters.cp_sat.max_deterministic_time = limits.work
    return parameters


def written(model: Model) -> model_pb2.ModelProto:
    """Write a model down in bulk; built term by term it would take longer."""
    proto = model_pb2.ModelProto()
    count, rows = len(model.cents), len(model.least)
    proto.variables.ids.extend(range(count))
    proto.variables.lower_bounds.extend([0.0] * count)
    proto.variables.upper_bounds.extend([1.0] * count)
    proto.variables.integers.extend([True] * count)
    priced = np.flatnonzero(model.cents)
    objective = proto.objective.linear_coefficients
    objective.ids.extend(priced.tolist())
    objective.values.extend(model.cents[priced].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(model.least.tolist())
    proto.linear_constraints.upper_bounds.extend(model.most.tolist())
    turns = np.lexsort((model.entry_variable, model.entry_row))
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(model.entry_row[turns].tolist())
    matrix.column_ids.extend(model.entry_variable[turns].tolist())
    matrix.coefficients.extend(model.entry_amount[turns].tolist())
    return proto
