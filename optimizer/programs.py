"""Linear and integer programs, and who solves them: values that can travel.

OR-Tools is called so that equal inputs give equal answers: one thread, a seed and
a limit of nodes. ADR 0004 says why GLOP and SCIP.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.util.python import solve_interrupter

Floats = npt.NDArray[np.float64]
ShouldStop = Callable[[], bool]
# How often a running solver's caller is asked whether it should stop.
ASK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Program:
    """A program to be minimized: a MathOpt model, serialized.

    ``integral`` ones go to SCIP with a limit of nodes, a seed, and a known answer
    for the variables in ``hinted``; the others to GLOP.
    """

    model: bytes
    integral: bool = False
    nodes: int = 0
    seed: int = 0
    hinted: tuple[int, ...] = ()
    hint: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Solved:
    """An answer: values (None: none found), prices of rows, a bound, nodes opened."""

    optimal: bool
    values: Floats | None
    duals: Floats | None
    bound: float
    nodes: int


class Solver(Protocol):
    """Solves programs, in this process or elsewhere."""

    def solve(self, program: Program, should_stop: ShouldStop | None) -> Solved | None:
        """Return the answer, or None where it was stopped or could not be had."""


class Here:
    """Solves in this process; what may be stopped, in a thread of its own."""

    def solve(self, program: Program, should_stop: ShouldStop | None) -> Solved | None:
        if should_stop is None:
            return solved(program)
        interrupter = solve_interrupter.SolveInterrupter()
        stopped = False
        with ThreadPoolExecutor(max_workers=1) as pool:
            running = pool.submit(solved, program, interrupter)
            while not wait([running], timeout=ASK_EVERY_S).done:
                if not stopped and should_stop():
                    interrupter.interrupt()
                    stopped = True
            answer = running.result()
        # What an interrupted solver had found, no replay could find again.
        return None if stopped else answer


def solved(
    program: Program, interrupter: solve_interrupter.SolveInterrupter | None = None
) -> Solved:
    """Solve a program, here and now."""
    proto = model_pb2.ModelProto()
    proto.ParseFromString(program.model)
    model = mathopt.Model.from_model_proto(proto)
    if not program.integral:
        answer = mathopt.solve(model, mathopt.SolverType.GLOP, interrupter=interrupter)
    else:
        start = mathopt.SolutionHint(
            variable_values={
                model.get_variable(at): value
                for at, value in zip(program.hinted, program.hint, strict=True)
            }
        )
        answer = mathopt.solve(
            model,
            mathopt.SolverType.GSCIP,
            params=mathopt.SolveParameters(
                threads=1,
                random_seed=program.seed,
                node_limit=program.nodes,
                relative_gap_tolerance=0.0,
                # Objectives are whole cents: less than one apart is equal.
                absolute_gap_tolerance=0.5,
            ),
            model_params=mathopt.ModelSolveParameters(solution_hints=[start]),
            interrupter=interrupter,
        )
    return _told(answer)


def _told(answer: mathopt.SolveResult) -> Solved:
    values = duals = None
    if answer.has_primal_feasible_solution():
        values = _floats(answer.variable_values())
    if answer.has_dual_feasible_solution():
        duals = _floats(answer.dual_values())
    bound = answer.best_objective_bound()
    return Solved(
        optimal=answer.termination.reason is mathopt.TerminationReason.OPTIMAL,
        values=values,
        duals=duals,
        bound=bound if isfinite(bound) else -float("inf"),
        nodes=answer.solve_stats.node_count,
    )


def _floats(by_id: dict[object, float]) -> Floats:
    return np.fromiter(by_id.values(), dtype=np.float64, count=len(by_id))
