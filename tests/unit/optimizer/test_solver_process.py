"""The solver in a process of its own: it answers alike, and it can be killed."""

import os
import select
import sys
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from subprocess import PIPE, Popen

import pytest
from ortools.math_opt.python import mathopt

from domain.plan import Rung
from optimizer.choose import choose
from optimizer.problem import Effort
from optimizer.programs import Program
from optimizer.solver_process import SolverProcess
from tests.unit.optimizer.test_choose import a_crowd, supply

CROWDED = (12, 14, 16, 16)


@pytest.fixture(scope="module")
def child() -> Iterator[SolverProcess]:
    with SolverProcess() as solver:
        yield solver


def stop_at(times: int) -> Callable[[], bool]:
    """Say stop when asked so often."""
    asked = count()
    return lambda: next(asked) >= times


def endless() -> Program:
    """Make a market split: small, and beyond what branch and bound can do."""
    chance, model = Random(0), mathopt.Model()
    buyers = [model.add_binary_variable() for _ in range(50)]
    for _ in range(6):
        wants = [chance.randint(0, 99) for _ in buyers]
        row = model.add_linear_constraint(lb=sum(wants) // 2, ub=sum(wants) // 2)
        for buyer, units in zip(buyers, wants, strict=True):
            row.set_coefficient(buyer, units)
    written = model.export_model().SerializeToString()
    return Program(model=written, integral=True, nodes=10**9)


def test_the_choice_is_the_same_here_and_there(child: SolverProcess) -> None:
    options, there_is = a_crowd(40, 3), supply(CROWDED, lines=32, more=4)

    here = choose(options, [True] * 40, there_is, Effort())
    there = choose(options, [True] * 40, there_is, Effort(solver=child))

    assert here == there
    assert there.rung is Rung.EXACT


def test_a_program_that_should_stop_takes_its_process_with_it(
    child: SolverProcess,
) -> None:
    first = child.pid
    asked = count()

    assert child.solve(endless(), lambda: next(asked) >= 20) is None
    assert child.pid not in (first, None)
    assert next(asked) == 21


def test_a_stopped_solver_leaves_the_choice_and_its_work_repeatable(
    child: SolverProcess,
) -> None:
    options, there_is = a_crowd(60, 5), supply(CROWDED, lines=50, more=4)
    whole = choose(options, [True] * 60, there_is, Effort())
    for stop in (1, 5, 20, 60):
        effort = Effort(solver=child, should_stop=stop_at(stop))
        cut = choose(options, [True] * 60, there_is, effort)

        again = choose(options, [True] * 60, there_is, Effort(work=cut.work))

        assert again.chosen == cut.chosen
        assert cut.work <= whole.work


def test_a_child_that_dies_is_replaced(child: SolverProcess) -> None:
    options, there_is = a_crowd(40, 3), supply(CROWDED, lines=32, more=4)
    assert child.pid is not None
    os.kill(child.pid, 9)

    bereft = choose(options, [True] * 40, there_is, Effort(solver=child))
    after = choose(options, [True] * 40, there_is, Effort(solver=child))

    assert bereft.cents >= after.cents or sum(n >= 0 for n in bereft.chosen) < 40
    assert after.rung is Rung.EXACT


def test_the_child_dies_with_its_parent() -> None:
    parent = Popen(
        [
            sys.executable,
            "-c",
            "from optimizer.solver_process import SolverProcess\n"
            "solver = SolverProcess()\nsolver.warm()\nprint(solver.pid, flush=True)\n"
            "input()",
        ],
        stdin=PIPE,
        stdout=PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    handle = os.pidfd_open(pid)
    assert os.getsid(pid) == pid

    parent.kill()
    parent.communicate()

    poll = select.poll()
    poll.register(handle)
    assert poll.poll(20_000)
