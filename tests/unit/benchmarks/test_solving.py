"""Whole models, given to other people's solvers in a process of their own."""

import numpy as np
import pytest

from benchmarks.waving.rowing import Rows
from benchmarks.waving.solving import CP_SAT, HIGHS, Limits, Model, solve


def knapsack(least: float = 2.0) -> Model:
    """Take at least so many of three things that cost 5, 3 and 4."""
    rows = Rows()
    one = np.ones(3, dtype=np.int64)
    rows.add(
        *(np.zeros(3, dtype=np.int64), np.arange(3), one),
        least=np.array([least]),
        most=np.array([np.inf]),
    )
    return rows.model(np.array([5.0, 3.0, 4.0]))


@pytest.mark.parametrize("solver", [HIGHS, CP_SAT])
def test_both_solvers_find_and_prove_the_cheapest(solver: str) -> None:
    answer = solve(knapsack(), solver, Limits(gap=0.0, seconds=20, work=1.0))

    assert answer.values is not None
    assert answer.values.round().tolist() == [0, 1, 1]
    assert answer.cents == pytest.approx(7)
    assert answer.bound == pytest.approx(7)
    assert answer.within(0.0)


def test_what_cannot_be_has_no_values() -> None:
    answer = solve(knapsack(least=4.0), HIGHS, Limits(gap=0.0, seconds=20))

    assert answer.values is None
    assert not answer.within(0.5)


def test_a_solver_that_overruns_is_killed_and_proves_nothing() -> None:
    answer = solve(knapsack(), HIGHS, Limits(gap=0.0, seconds=0.0), grace_s=0.0)

    assert answer.ended == "killed"
    assert answer.values is None
    assert answer.bound == 0
