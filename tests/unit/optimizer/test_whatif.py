"""A wish priced beforehand, then made: the difference comes true."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.plan import Alternative, Pin, Plan, total
from optimizer.plan import plan
from optimizer.problem import Effort, Problem
from optimizer.whatif import what_if
from tests.random_problems import a_random_problem

SEEDS = range(20)


def alone(seed: int) -> Iterator[Problem]:
    """Yield the first orders of a random problem, each by itself."""
    problem = a_random_problem(seed)
    for task in problem.tasks[:3]:
        yield replace(problem, tasks=(task,))


def wished(problem: Problem, other: Alternative) -> Problem:
    (task,), (way,) = problem.tasks, other.ways
    pin = Pin(fc=way.fc, service=way.service, method=way.method)
    return replace(problem, tasks=(replace(task, pin=pin),))


def wishes(problem: Problem) -> Iterator[tuple[Plan, Alternative, Problem]]:
    """Yield every runner-up of one parcel as an operator's wish."""
    (answer,) = plan(problem, Effort()).answers
    if not isinstance(answer, Plan) or problem.tasks[0].pin is not None:
        return
    for other in answer.alternatives:
        if other.available and len(other.ways) == 1:
            yield answer, other, wished(problem, other)


def test_a_runner_up_costs_what_was_said_once_it_is_pinned() -> None:
    seen = 0
    for seed in SEEDS:
        for problem in alone(seed):
            for before, other, wish in wishes(problem):
                priced = what_if(wish, before.cost, Effort(alternatives=0))
                assert priced.delta == {t: c for t, c in other.delta.items() if c}
                assert priced.delta_cents == other.total_cents - before.total_cents
                seen += 1
    assert seen > 15


@pytest.mark.parametrize("seed", range(20, 26))
def test_a_wish_made_costs_the_difference_that_was_named(seed: int) -> None:
    for problem in alone(seed):
        for before, _, wish in list(wishes(problem))[:2]:
            priced = what_if(wish, before.cost, Effort())
            (made,) = plan(wish, Effort(seed=1, alternatives=0)).answers
            assert isinstance(made, Plan)
            assert total(priced.delta or {}) == made.total_cents - before.total_cents
