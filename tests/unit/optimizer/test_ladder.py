"""Every rung of the ladder, the caller's deadline, and repeating a run cut short."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.plan import Pin, Plan, Rung, Unplaced
from domain.policy import SoftLimit
from domain.quantities import FcId, ServiceId, SkuId
from optimizer.ladder import NO_TIME, TABLE_FAILED
from optimizer.packing import forget
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Result
from tests.builders import (
    a_center,
    a_line,
    a_network,
    a_place,
    a_policy,
    a_problem,
    a_size,
    a_sku,
    a_task,
    an_order,
    two_centers,
)
from tests.unit.optimizer.test_plan import worlds


def after(questions: int) -> Callable[[], bool]:
    """Return a clock that says stop from its n-th question on."""
    asked = count()
    return lambda: next(asked) >= questions


def at_once() -> bool:
    return True


def plans(result: Result) -> list[Plan]:
    return [answer for answer in result.answers if isinstance(answer, Plan)]


def a_fight() -> Problem:
    """Six orders that each want two of three single units, at one center: two halves.

    Of each three only one can be served, but prices alone would halve them all.
    """
    names = ("LAMP", "VASE", "MUG", "CUP", "BOWL", "JUG")
    pairs = [pair for half in (names[:3], names[3:]) for pair in combinations(half, 2)]
    orders = tuple(
        an_order(id=f"ORDER-{n}", lines=tuple(a_line(name) for name in pair))
        for n, pair in enumerate(pairs)
    )
    return a_problem(
        *orders,
        skus=tuple(a_sku(id=name) for name in names),
        stock={("EAST", name): 1 for name in names},
    )


def a_choice() -> Problem:
    """Two orders for one unit in the west, which only one of them needs."""
    orders = (
        an_order(id="EITHER", ship_to=a_place("80202")),
        an_order(id="NEEDY", ship_to=a_place("90012")),
    )
    stock = {("EAST", "LAMP"): 5, ("WEST", "LAMP"): 1}
    return a_problem(*orders, network=two_centers(), stock=stock)


def nothing_there() -> Problem:
    return a_problem(stock={("EAST", "LAMP"): 0})


@pytest.mark.parametrize(
    ("rung", "problem", "effort"),
    [
        (Rung.DIRECT, a_problem(), Effort()),
        (Rung.EXACT, a_choice(), Effort()),
        (Rung.PRICED, a_fight(), Effort(solver_work=0.01)),
        (Rung.GREEDY, a_choice(), Effort(solver_work=0)),
        (Rung.FALLBACK, a_choice(), Effort(should_stop=at_once)),
        (Rung.HELD, nothing_there(), Effort()),
    ],
)
def test_every_rung_can_be_stood_on(
    rung: Rung, problem: Problem, effort: Effort
) -> None:
    result = plan(problem, effort)

    assert result.record.rung is rung
    assert bool(plans(result)) is (rung is not Rung.HELD)
    assert {answer.rung for answer in plans(result)} <= {rung}


def test_the_table_sends_from_the_nearest_center_that_has_everything() -> None:
    order = an_order(ship_to=a_place("90012"), lines=(a_line("LAMP", 3),))
    stocked = {("EAST", "LAMP"): 3, ("WEST", "LAMP"): 2}
    everywhere = {**stocked, ("WEST", "LAMP"): 3}

    def sends_from(stock: dict[tuple[str, str], int]) -> str:
        problem = a_problem(order, network=two_centers(), stock=stock)
        (answer,) = plans(plan(problem, Effort(should_stop=at_once)))
        return answer.parcels[0].fc

    assert sends_from(stocked) == "EAST"
    assert sends_from(everywhere) == "WEST"


def test_the_table_heeds_a_pin() -> None:
    pin = Pin(fc=FcId("WEST"), service=ServiceId("SWIFT-AIR"))
    problem = a_problem(tasks=(a_task(pin=pin),), network=two_centers())

    (answer,) = plans(plan(problem, Effort(should_stop=at_once)))

    assert (answer.parcels[0].fc, answer.parcels[0].service) == (pin.fc, pin.service)


def test_the_table_relaxes_what_the_policy_says() -> None:
    policy = a_policy({"max_transit_h": 1}, relax=(SoftLimit.MAX_TRANSIT,))
    problem = a_problem(tasks=(a_task(policy=policy),))

    (answer,) = plans(plan(problem, Effort(should_stop=at_once)))

    assert answer.relaxed == (SoftLimit.MAX_TRANSIT,)


def test_the_table_pays_for_work_beyond_capacity() -> None:
    center = a_center(
        capacity_lines=1, over_capacity_lines=1, over_capacity_cents_per_line=40
    )
    orders = tuple(an_order(id=name) for name in "ABC")
    problem = a_problem(*orders, network=a_network(centers=(center,)))

    result = plan(problem, Effort(should_stop=at_once))

    assert result.record.served == 2
    assert result.record.cost_cents == sum(p.total_cents for p in plans(result))


def test_an_order_only_a_split_could_serve_is_held_for_want_of_time() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("VASE")))
    problem = a_problem(
        order,
        network=two_centers(),
        skus=(a_sku(), a_sku(id="VASE")),
        stock={("EAST", "LAMP"): 1, ("WEST", "VASE"): 1},
    )

    result = plan(problem, Effort(should_stop=at_once))

    (answer,) = result.answers
    assert isinstance(answer, Unplaced)
    assert answer.reasons[0] == TABLE_FAILED
    assert result.record.rung is Rung.HELD
    assert plan(problem).record.served == result.record.served_bound == 1


def test_after_so_many_orders_from_the_table_the_rest_is_held() -> None:
    problem = a_problem(*(an_order(id=name) for name in "ABCD"))

    result = plan(problem, Effort(should_stop=after(1), table_orders=2))

    assert [isinstance(answer, Plan) for answer in result.answers] == [
        *(True, True, True),
        False,
    ]
    last = result.answers[-1]
    assert isinstance(last, Unplaced)
    assert last.reasons == (NO_TIME,)
    assert [answer.rung for answer in plans(result)] == [
        Rung.DIRECT,
        Rung.FALLBACK,
        Rung.FALLBACK,
    ]


def test_a_whole_run_says_so() -> None:
    record = plan(a_choice(), Effort(should_stop=lambda: False)).record

    assert not record.stopped
    assert (record.enumerated, record.explained) == (2, 2)


def test_orders_not_yet_explained_still_have_their_plans() -> None:
    problem = a_problem(an_order(id="A"), an_order(id="B"))
    whole = plan(problem)
    asked = count()
    plan(problem, Effort(should_stop=lambda: bool(next(asked) and False)))

    result = plan(problem, Effort(should_stop=after(next(asked) - 1)))

    assert result.record.stopped
    assert [bool(p.alternatives) for p in plans(result)] == [True, False]
    assert [p.parcels for p in plans(result)] == [p.parcels for p in plans(whole)]


SLOW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@SLOW
@given(worlds(), st.integers(0, 14), st.integers(0, 2))
def test_a_run_cut_short_is_repeated_by_its_work(
    problem: Problem, questions: int, table: int
) -> None:
    effort = Effort(table_orders=table, solver_work=0.01)
    cut = plan(problem, replace(effort, should_stop=after(questions)))

    again = plan(problem, replace(effort, until=cut.record))

    assert again == cut


@SLOW
@given(worlds(), st.integers(0, 14))
def test_what_is_cut_short_is_feasible_and_says_how_it_was_found(
    problem: Problem, questions: int
) -> None:
    result = plan(problem, Effort(should_stop=after(questions), solver_work=0.01))

    units: Counter[tuple[FcId, SkuId]] = Counter()
    for answer in plans(result):
        for parcel in answer.parcels:
            for line in parcel.lines:
                units[parcel.fc, line.sku] += line.units
    assert all(used <= problem.stock[key] for key, used in units.items())
    late = problem.tasks[result.record.enumerated :]
    from_table = {p.order_id for p in plans(result) if p.rung is Rung.FALLBACK}
    assert from_table <= {task.order.id for task in late}
    assert result.record.cost_cents == sum(p.total_cents for p in plans(result))
    assert result.record.bound_cents <= result.record.cost_cents


def test_more_time_never_serves_fewer() -> None:
    problem = a_fight()
    problem = replace(problem, tasks=(*problem.tasks, a_task(an_order(id="LATE"))))

    served = [
        plan(problem, Effort(should_stop=after(n))).record.served for n in (0, 4, 99)
    ]

    assert served == sorted(served)


def test_the_deadline_cuts_in_while_one_large_order_is_packed() -> None:
    sizes = (a_size(90 + 7 * n, 80 + 5 * n, 60 + 3 * n) for n in range(5))
    skus = tuple(a_sku(id=f"SKU-{n}", size=size) for n, size in enumerate(sizes))
    order = an_order(lines=tuple(a_line(sku.id, 30) for sku in skus))
    stock = {("EAST", sku.id): 99 for sku in skus}
    problem = a_problem(order, skus=skus, stock=stock)

    forget()
    result = plan(problem, Effort(should_stop=after(2)))

    assert result.record.enumerated == 0
    assert [answer.rung for answer in plans(result)] == [Rung.FALLBACK]
