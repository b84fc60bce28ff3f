"""Options: compiled pricing against the terms one by one, and what is kept."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.quantities import FcId, SkuId
from optimizer.options import Choices, find_options
from optimizer.problem import Problem, Task
from optimizer.shared import Shared
from optimizer.ways import Ways
from tests.builders import a_line, a_problem, an_order, two_centers
from tests.random_problems import a_random_problem

quick = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def choices(problem: Problem, task: Task, keep: int = 64) -> Choices:
    return find_options(Shared.of(problem), task, task.policy.limits, keep, 5)


def all_choices(problem: Problem, keep: int = 64) -> Iterator[Choices]:
    for task in problem.tasks:
        yield choices(problem, task, keep)


@quick
@given(seed=st.integers(0, 2**32))
def test_an_option_costs_what_its_parcels_cost_term_by_term(seed: int) -> None:
    problem = a_random_problem(seed)

    for task, found in zip(problem.tasks, all_choices(problem), strict=True):
        for option in found.options:
            splits = task.policy.money.split_cents * (len(option.ways) - 1)
            parcels = sum(sum(way.cents) for way in option.ways)
            assert option.total_cents == parcels + splits


@quick
@given(seed=st.integers(0, 2**32))
def test_every_lane_and_packing_is_priced_as_it_is_told(seed: int) -> None:
    problem = a_random_problem(seed, orders=3)
    shared = Shared.of(problem)

    for task in problem.tasks:
        ways = Ways(shared, task, task.policy.limits)
        for at, center in enumerate(shared.centers):
            totals = ways.totals([(task.lines, (at,))])
            told = sorted(way.total_cents for way in ways.of(center, task.lines))
            assert told == sorted(totals[totals >= 0].tolist())


@quick
@given(seed=st.integers(0, 2**32), keep=st.integers(1, 12))
def test_options_are_ranked_and_never_more_than_asked_for(seed: int, keep: int) -> None:
    problem = a_random_problem(seed)

    for found in all_choices(problem, keep):
        ranks = [option.rank for option in found.options]
        assert len(ranks) <= keep
        assert ranks == sorted(ranks)


@quick
@given(seed=st.integers(0, 2**32), keep=st.integers(1, 12))
def test_few_options_still_name_the_cheapest(seed: int, keep: int) -> None:
    problem = a_random_problem(seed)

    for few, many in zip(
        all_choices(problem, keep), all_choices(problem, 64), strict=True
    ):
        assert [o.key for o in few.options[:1]] == [o.key for o in many.options[:1]]


@pytest.mark.parametrize("keep", [1, 64])
def test_every_center_that_has_it_is_among_the_options_kept(keep: int) -> None:
    problem = a_problem(an_order(), network=two_centers())

    found = choices(problem, problem.tasks[0], keep)

    centers = {way.lane.center.id for option in found.options for way in option.ways}
    assert len(centers) == min(keep, 2)


def test_a_line_nobody_has_enough_of_is_shared_out_by_units() -> None:
    order = an_order(lines=(a_line("LAMP", 5),))
    stock = {(FcId("EAST"), SkuId("LAMP")): 3, (FcId("WEST"), SkuId("LAMP")): 4}
    problem = a_problem(order, network=two_centers(), stock=stock)

    found = choices(problem, problem.tasks[0])

    units = {
        tuple(line.units for way in option.ways for line in way.load.lines)
        for option in found.options
    }
    assert units == {(3, 2), (1, 4)}


def test_an_option_takes_the_units_it_sends() -> None:
    order = an_order(lines=(a_line("LAMP", 2),))
    problem = a_problem(order, stock={(FcId("EAST"), SkuId("LAMP")): 3})

    (option, *_) = choices(problem, problem.tasks[0]).options

    assert {str(r): n for r, n in option.uses.items()}["units of LAMP at EAST"] == 2
