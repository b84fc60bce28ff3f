"""Orders judged as if what they take from others had to be paid for."""

from dataclasses import replace

import pytest

from domain.plan import Plan, Rung
from optimizer.menus import hall_of
from optimizer.options import find_options
from optimizer.plan import plan
from optimizer.prices import Prices
from optimizer.problem import Effort, Problem
from optimizer.resources import Resource
from optimizer.rows import Rows
from optimizer.shared import Shared
from tests.odd_shapes import a_shape
from tests.random_problems import a_random_problem, with_vehicles
from verification.verifier import verify

USUAL = Effort(alternatives=0)


def under(prices: Prices | None, kept: int = 64) -> Effort:
    return replace(USUAL, prices=prices, under_prices=True, options_per_order=kept)


def alone(problem: Problem, n: int) -> Problem:
    return replace(problem, tasks=problem.tasks[n : n + 1])


def least_under(prices: Prices, problem: Problem) -> int:
    """Return what one order pays at least, with what it takes, of all it could have."""
    shared = Shared.of(problem)
    task, limits = problem.tasks[0], problem.tasks[0].policy.limits
    options = find_options(shared, task, limits, 5_000, 0).options
    may = limits.over_capacity_allowed
    return min(
        o.total_cents * 1_000 + prices.of_uses(o.uses, beyond_allowed=may)
        for o in options
    )


@pytest.mark.parametrize("name", ["one carrier", "all hazmat", "one region"])
def test_one_order_finds_the_best_of_all_its_shares_though_few_are_kept(
    name: str,
) -> None:
    wave = a_shape(name, orders=16)
    prices = plan(wave, USUAL).prices
    assert prices
    for n in range(8):
        problem = alone(wave, n)

        few, many = (plan(problem, under(prices, kept)) for kept in (1, 4_000))

        assert few.record.cost_cents == many.record.cost_cents
        assert verify(problem, few) == ()


def test_what_is_judged_is_what_all_its_options_would_pay() -> None:
    wave = a_shape("one unit each", orders=16)
    prices = plan(wave, USUAL).prices
    assert prices
    for n in range(16):
        problem = alone(wave, n)
        shared, task = Shared.of(problem), problem.tasks[0]
        mine = find_options(shared, task, task.policy.limits, 1, 0).options
        if not isinstance(mine, Rows) or mine.menu is None:
            continue

        hall = hall_of((mine,), (False,), shared.supply, prices)

        least = int(hall.least[0])
        # Each of a share's three parts at most is rounded down to a cent.
        assert 0 <= least_under(prices, problem) - least < 3_000


def test_an_order_is_served_where_all_options_kept_for_it_are_full() -> None:
    wave = a_shape("one carrier", orders=1)
    problem = replace(wave, carrier_parcels=dict(wave.carrier_parcels))
    first = plan(problem, USUAL).answers[0]
    assert isinstance(first, Plan)
    full = {
        key: 0
        for key in problem.carrier_parcels
        if key[0] in {parcel.fc for parcel in first.parcels}
    }
    problem = replace(problem, carrier_parcels={**problem.carrier_parcels, **full})
    prices = Prices({resource: 7 for resource in _of_stock(problem)})

    result = plan(problem, under(prices, kept=1))

    assert result.record.served == plan(problem, USUAL).record.served == 1


def test_an_order_that_would_pay_more_to_others_goes_another_way() -> None:
    problem = alone(a_shape("few deep centers", orders=4), 0)
    usual = plan(problem, USUAL).answers[0]
    assert isinstance(usual, Plan)
    sent = {parcel.fc for parcel in usual.parcels}
    dear = Prices({r: 10_000_000 for r in _of_stock(problem) if r.fc in sent})

    result = plan(problem, under(dear))

    answer = result.answers[0]
    assert isinstance(answer, Plan)
    assert {parcel.fc for parcel in answer.parcels} != sent
    assert result.record.cost_cents == sum(answer.cost.values())
    assert result.record.bound_cents <= result.record.cost_cents
    assert result.record.rung is not Rung.EXACT


@pytest.mark.parametrize("seed", range(6))
def test_where_vehicles_are_shared_whole_options_are_judged(seed: int) -> None:
    problem = with_vehicles(a_random_problem(seed), seed)
    prices = plan(problem, USUAL).prices or Prices()
    dear = Prices({r: 900_000 for r in _of_stock(problem)}, prices.strict_millicents)

    result = plan(problem, under(dear))

    assert verify(problem, result) == ()
    assert result.record.bound_cents <= result.record.cost_cents


def _of_stock(problem: Problem) -> list[Resource]:
    shared = Shared.of(problem)
    return [
        shared.stock_of(c, line.sku)
        for c in range(len(shared.centers))
        for task in problem.tasks
        for line in task.lines
    ]
