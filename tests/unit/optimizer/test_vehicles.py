from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import (
    CarrierService,
    LaneRate,
    LineHaul,
    Network,
    Transit,
    Vehicle,
    ZoneRate,
)
from domain.order import Order
from domain.plan import CostTerm, Parcel, Pin, Plan, Rung
from domain.quantities import FcId, ServiceId
from optimizer.bounds import MILLI, fair_reward_cents, lagrangian
from optimizer.charges import shares
from optimizer.contest import Contest, Row
from optimizer.joint import joint
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Result
from optimizer.resources import Kind, Resource
from tests import builders as b
from tests.random_problems import a_random_problem, with_vehicles
from tests.unit.optimizer.contests import a_contest, a_row, best_by_trying
from tests.unit.optimizer.direct import direct_optimum
from verification.verifier import verify

HUB = b.a_place("90012")


def a_haul(**vehicle: Any) -> CarrierService:
    """Build a cheap last mile around Los Angeles, fed by trucks from Hoboken."""
    kind = Vehicle(**({"capacity_g": 10_000, "cost_cents": 3_000} | vehicle))
    return b.a_service(
        id="SKIP",
        zones=(500,),
        rates=(ZoneRate(zone=1, base_cents=100),),
        transits=(Transit(zone=1, p50_h=10, p90_h=12),),
        line_hauls=(LineHaul(fc=FcId("EAST"), vehicle=kind, hub=HUB, transit_h=60),),
        dim_divisor=None,
    )


def network(**vehicle: Any) -> Network:
    return b.a_network(services=(b.a_service(), a_haul(**vehicle)))


def to_the_coast(count: int) -> list[Order]:
    return [
        b.an_order(id=f"ORDER-{n}", ship_to=b.a_place("90012")) for n in range(count)
    ]


def plans(result: Result) -> list[Plan]:
    return [answer for answer in result.answers if isinstance(answer, Plan)]


def parcels(result: Result) -> list[Parcel]:
    return [parcel for answer in plans(result) for parcel in answer.parcels]


def vehicle_cents(result: Result) -> list[int]:
    return [answer.cost.get(CostTerm.VEHICLE, 0) for answer in plans(result)]


def a_vehicle_row(n: int, capacity: int, cents: int, count: int, limit: int) -> Row:
    run = Resource(Kind.VEHICLE_G, FcId("EAST"), run=f"RUN-{n}")
    return Row(run, False, limit, count * capacity, cents, capacity)


def a_contest_with_vehicles(seed: int) -> Contest:
    draw = Random(seed)
    rows = [a_row(0, draw.randrange(1, 4))]
    rows += [
        a_vehicle_row(
            n,
            draw.randrange(3, 9),
            draw.randrange(50, 400),
            draw.randrange(1, 4),
            draw.choice((0, 0, 2)),
        )
        for n in (1, 2)
    ]
    orders = []
    for _ in range(draw.randrange(3, 6)):
        mine: list[tuple[int, dict[int, int]]] = [(draw.randrange(200, 500), {0: 1})]
        for row in (1, 2):
            takes = {row: draw.randrange(1, 5)}
            mine.append((draw.randrange(20, 300), takes))
        orders.append(mine)
    return a_contest(orders, rows)


def test_a_truck_shared_by_two_orders_is_paid_once() -> None:
    problem = b.a_problem(*to_the_coast(2), network=network())

    result = plan(problem)

    assert [p.run for p in parcels(result)] == ["SKIP", "SKIP"]
    assert sum(vehicle_cents(result)) == 3_000
    assert result.record.rung is Rung.EXACT
    assert verify(problem, result) == ()


def test_no_truck_is_sent_for_a_single_order_that_saves_less_than_it_costs() -> None:
    result = plan(b.a_problem(*to_the_coast(1), network=network()))

    assert [p.service for p in parcels(result)] == ["SWIFT-GROUND"]
    assert vehicle_cents(result) == [0]


@pytest.mark.parametrize(("cents", "aboard", "sent"), [(600, 4, 2), (3_000, 3, 1)])
def test_a_second_truck_is_sent_only_where_it_pays(
    cents: int, aboard: int, sent: int
) -> None:
    (parcel,) = parcels(plan(b.a_problem(*to_the_coast(1))))
    for_three = network(capacity_g=3 * parcel.weight_g, cost_cents=cents)
    problem = b.a_problem(*to_the_coast(4), network=for_three)

    result = plan(problem)

    assert sum(p.run == "SKIP" for p in parcels(result)) == aboard
    assert sum(vehicle_cents(result)) == sent * cents
    assert verify(problem, result) == ()


def already(grams: int) -> dict[tuple[FcId, str, Any], int]:
    return {(FcId("EAST"), "SKIP", b.MONDAY.date()): grams}


def test_a_truck_that_is_paid_and_has_room_costs_nothing_more() -> None:
    problem = b.a_problem(*to_the_coast(1), network=network(), vehicle_g=already(1))

    result = plan(problem)

    assert [p.run for p in parcels(result)] == ["SKIP"]
    assert vehicle_cents(result) == [0]
    assert verify(problem, result) == ()


def test_no_more_trucks_are_sent_than_there_are() -> None:
    (parcel,) = parcels(plan(b.a_problem(*to_the_coast(1))))
    one = network(capacity_g=2 * parcel.weight_g, cost_cents=1, most=1)
    problem = b.a_problem(*to_the_coast(4), network=one)

    result = plan(problem)

    assert sum(p.run == "SKIP" for p in parcels(result)) == 2
    assert sum(vehicle_cents(result)) == 1
    assert verify(problem, result) == ()


def test_an_operator_may_put_an_order_on_a_truck_of_its_own() -> None:
    (order,) = to_the_coast(1)
    task = b.a_task(order, pin=Pin(service=ServiceId("SKIP")))
    problem = b.a_problem(tasks=(task,), network=network())

    result = plan(problem)

    assert vehicle_cents(result) == [3_000]
    assert verify(problem, result) == ()


def test_zones_and_hours_begin_at_the_hub() -> None:
    (order,) = to_the_coast(1)
    task = b.a_task(order, pin=Pin(service=ServiceId("SKIP")))

    (parcel,) = parcels(plan(b.a_problem(tasks=(task,), network=network())))

    assert parcel.cost[CostTerm.FREIGHT] == 100
    # It leaves on Monday evening, and 60 and 10 working hours take it to Thursday.
    assert parcel.p50_at - parcel.hand_over_at == timedelta(hours=60 + 10)


def test_a_line_haul_leaves_from_its_centers_only() -> None:
    west = b.a_center(id="WEST", place=b.a_place("30303"))
    both = b.a_network(centers=(b.a_center(), west), services=(a_haul(),))
    task = b.a_task(to_the_coast(1)[0], pin=Pin(fc=FcId("WEST")))

    (answer,) = plan(b.a_problem(tasks=(task,), network=both)).answers

    assert not isinstance(answer, Plan)
    assert any("no line-haul of SKIP from WEST" in why for why in answer.reasons)


def test_a_lane_between_ports_is_shared_by_what_goes_there() -> None:
    lane = LaneRate(
        origin="PORT-A",
        destination="90012",
        vehicle=Vehicle(capacity_g=100_000, cost_cents=901),
    )
    truck = b.a_lane_service(id="TRUCK", carrier="SWIFT", lanes=(lane,))
    center = b.a_center(ports=("PORT-A",))
    problem = b.a_problem(
        *to_the_coast(2), network=b.a_network(centers=(center,), services=(truck,))
    )

    result = plan(problem)

    assert {p.run for p in parcels(result)} == {"TRUCK:PORT-A>90012"}
    assert sorted(vehicle_cents(result)) == [450, 451]
    assert verify(problem, result) == ()


def test_what_a_truck_would_add_is_told_beside_the_choice() -> None:
    (answer,) = plans(plan(b.a_problem(*to_the_coast(1), network=network())))

    (skip,) = [a for a in answer.alternatives if a.ways[0].service == "SKIP"]

    assert skip.delta[CostTerm.VEHICLE] == 3_000
    assert skip.total_cents == answer.total_cents + sum(skip.delta.values())


@given(
    cents=st.integers(0, 10**7),
    weights=st.lists(st.integers(1, 10**7), min_size=1, max_size=20),
)
@settings(deadline=None)
def test_shares_sum_to_the_cents_and_none_is_a_cent_off(
    cents: int, weights: list[int]
) -> None:
    found = shares(cents, dict(enumerate(weights)))

    assert sum(found.values()) == cents
    whole = sum(weights)
    for n, weight in enumerate(weights):
        assert abs(found.get(n, 0) * whole - cents * weight) < whole


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_the_choice_with_vehicles_is_the_best_there_is(seed: int) -> None:
    contest = a_contest_with_vehicles(seed)

    state = joint(contest, Effort())

    served, cents = best_by_trying(contest)
    assert int((state.chosen >= 0).sum()) == served
    assert contest.cost(state.chosen) == cents
    assert state.bound_cents <= cents


@given(st.integers(0, 10**6), st.lists(st.integers(0, 600), min_size=3, max_size=3))
@settings(deadline=None, max_examples=40)
def test_no_choice_with_vehicles_beats_the_bound(seed: int, prices: list[int]) -> None:
    contest = a_contest_with_vehicles(seed)
    price = np.array(prices[: len(contest.rows)], dtype=np.int64) * MILLI

    served, cents = best_by_trying(contest)

    assert lagrangian(contest, price).cents(served) <= cents
    assert lagrangian(contest, price, fair_reward_cents(contest)).cents(served) <= cents


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_random_plans_with_vehicles_break_no_rule(seed: int) -> None:
    problem = with_vehicles(a_random_problem(seed), seed)

    assert verify(problem, plan(problem)) == ()


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=10)
def test_plans_with_vehicles_cost_what_a_direct_model_says(seed: int) -> None:
    problem = _hard_limits_only(with_vehicles(a_random_problem(seed, orders=5), seed))

    record = plan(problem, Effort(alternatives=0)).record

    assert (record.served, record.cost_cents) == direct_optimum(problem)
    assert record.gap_ppm == 0


def _hard_limits_only(problem: Problem) -> Problem:
    """Leave out soft limits and parcels of several centers: one model, one answer."""
    tasks = tuple(
        replace(
            task,
            policy=task.policy.model_copy(
                update={
                    "relax": (),
                    "limits": task.policy.limits.model_copy(
                        update={"keep_together": True}
                    ),
                }
            ),
        )
        for task in problem.tasks
    )
    return replace(problem, tasks=tasks)
