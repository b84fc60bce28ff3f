"""The joint decision: what must always hold, and what it is for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.calendars import day_of
from domain.order import Line, Order
from domain.plan import CostTerm, Pin, Plan, Rung, Unplaced
from domain.policy import SoftLimit
from domain.quantities import FcId, SkuId
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Result, Task
from optimizer.shared import Shared
from optimizer.ways import Way, Ways
from tests.builders import (
    MONDAY,
    a_center,
    a_line,
    a_network,
    a_pickup,
    a_place,
    a_policy,
    a_problem,
    a_service,
    a_sku,
    a_task,
    an_air_service,
    an_order,
    two_centers,
)


def plans(result: Result) -> list[Plan]:
    return [answer for answer in result.answers if isinstance(answer, Plan)]


def near_and_far() -> tuple[Order, Order]:
    """One order either center could send, one only dear from the other."""
    indifferent = an_order(id="EITHER", ship_to=a_place("80202"))
    needy = an_order(id="NEEDY", ship_to=a_place("90012"))
    return indifferent, needy


def test_a_scarce_unit_goes_where_it_saves_most() -> None:
    either, needy = near_and_far()
    stock = {
        (FcId("EAST"), SkuId("LAMP")): 5,
        (FcId("WEST"), SkuId("LAMP")): 1,
    }
    network = two_centers()
    together = a_problem(either, needy, network=network, stock=stock)
    first = plan(replace(together, tasks=together.tasks[:1]))
    (taken,) = plans(first)[0].parcels
    lamp = SkuId("LAMP")
    rest = {**stock, (taken.fc, lamp): stock[taken.fc, lamp] - 1}
    second = plan(replace(together, tasks=together.tasks[1:], stock=rest))

    joint = plan(together)

    in_turn = first.record.cost_cents + second.record.cost_cents
    assert taken.fc == "WEST"
    assert joint.record.cost_cents < in_turn
    assert joint.record.gap_ppm == 0
    assert [p.parcels[0].fc for p in plans(joint)] == ["EAST", "WEST"]


def test_what_others_took_is_shown_as_not_available() -> None:
    stock = {("EAST", "LAMP"): 5, ("WEST", "LAMP"): 1}
    result = plan(a_problem(*near_and_far(), network=two_centers(), stock=stock))

    west = next(a for a in plans(result)[0].alternatives if a.ways[0].fc == "WEST")

    assert not west.available
    assert west.delta[CostTerm.FREIGHT] < 0


def test_serving_more_orders_comes_before_saving_cents() -> None:
    only_here = an_order(id="ONLY", lines=(a_line("VASE"),))
    anywhere = an_order(id="ANY", ship_to=a_place("07030"))
    network = a_network(
        centers=(a_center(capacity_lines=1), two_centers().centers[1]),
    )
    stock = {("EAST", "LAMP"): 1, ("EAST", "VASE"): 1, ("WEST", "LAMP"): 1}

    result = plan(
        a_problem(
            anywhere,
            only_here,
            network=network,
            skus=(a_sku(), a_sku(id="VASE")),
            stock=stock,
        )
    )

    assert result.record.served == result.record.served_bound == 2
    assert [p.parcels[0].fc for p in plans(result)] == ["WEST", "EAST"]


def test_an_order_nobody_can_serve_says_what_ran_out() -> None:
    orders = (an_order(id="A"), an_order(id="B"))

    result = plan(a_problem(*orders, stock={("EAST", "LAMP"): 1}))

    missing = result.answers[1]
    assert isinstance(missing, Unplaced)
    assert missing.reasons == (
        "1 of the units of LAMP at EAST wanted, other orders leave 0 of 1",
    )
    assert result.record.served_bound == 1


def test_units_nobody_has_are_counted() -> None:
    order = an_order(lines=(a_line("LAMP", 9),))

    (answer,) = plan(
        a_problem(order, network=two_centers(), stock={("EAST", "LAMP"): 4})
    ).answers

    assert isinstance(answer, Unplaced)
    assert answer.short == (a_line("LAMP", 5),)
    assert answer.reasons[0] == "9 units of LAMP wanted, 4 free in all"


def test_a_line_too_large_for_any_center_is_served_by_two() -> None:
    order = an_order(lines=(a_line("LAMP", 9),))
    stock = {("EAST", "LAMP"): 6, ("WEST", "LAMP"): 5}

    (answer,) = plan(a_problem(order, network=two_centers(), stock=stock)).answers

    assert isinstance(answer, Plan)
    assert [p.lines[0].units for p in answer.parcels] in ([6, 3], [4, 5])


def test_leftovers_in_two_centers_serve_a_second_order() -> None:
    orders = [an_order(id=name, lines=(a_line("LAMP", 4),)) for name in "AB"]
    stock = {("EAST", "LAMP"): 6, ("WEST", "LAMP"): 2}

    result = plan(a_problem(*orders, network=two_centers(), stock=stock))

    assert result.record.served == 2


def test_an_order_kept_together_is_not_split() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("VASE")))
    stock = {("EAST", "LAMP"): 1, ("WEST", "VASE"): 1}
    together = a_task(order, policy=a_policy({"keep_together": True}))
    world: dict[str, Any] = {
        "network": two_centers(),
        "skus": (a_sku(), a_sku(id="VASE")),
        "stock": stock,
    }

    free = plan(a_problem(order, **world)).answers[0]
    kept = plan(a_problem(tasks=(together,), **world)).answers[0]

    assert isinstance(free, Plan)
    assert isinstance(kept, Unplaced)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_centers_share_an_order_than_allowed(most: int) -> None:
    names = ("LAMP", "VASE", "MUG")
    centers = tuple(a_center(id=f"HAS-{name}") for name in names)
    order = an_order(lines=tuple(a_line(name) for name in names))
    problem = a_problem(
        tasks=(a_task(order, policy=a_policy({"max_centers": most})),),
        network=a_network(centers=centers),
        skus=tuple(a_sku(id=name) for name in names),
        stock={(f"HAS-{name}", name): 1 for name in names},
    )

    assert isinstance(plan(problem).answers[0], Plan) is (most == 3)


RELAXABLE: dict[SoftLimit, dict[str, Any]] = {
    SoftLimit.MAX_TRANSIT: {"max_transit_h": 1},
    SoftLimit.PACKING: {"allowed_packing": ("secured",)},
    SoftLimit.BLOCKED_MODES: {"blocked_modes": ("ground", "air")},
    SoftLimit.BLOCKED_LANES: {"blocked_lanes": ("EAST/SWIFT-AIR", "EAST/SWIFT-GROUND")},
    SoftLimit.LATEST_HANDOVER: {"latest_handover": MONDAY + timedelta(hours=1)},
}


@pytest.mark.parametrize("soft", RELAXABLE)
def test_a_soft_limit_is_relaxed_only_where_the_policy_says(soft: SoftLimit) -> None:
    strict = a_task(policy=a_policy(RELAXABLE[soft]))
    lenient = a_task(policy=a_policy(RELAXABLE[soft], relax=(soft,)))

    refused = plan(a_problem(tasks=(strict,))).answers[0]
    served = plan(a_problem(tasks=(lenient,))).answers[0]

    assert isinstance(refused, Unplaced)
    assert {e.limit for e in refused.excluded} == {soft}
    assert isinstance(served, Plan)
    assert served.relaxed == (soft,)


def test_limits_are_relaxed_in_order_and_no_further_than_needed() -> None:
    order = (SoftLimit.PACKING, SoftLimit.MAX_TRANSIT, SoftLimit.BLOCKED_MODES)
    limits = {"max_transit_h": 1, "allowed_packing": ("secured",)}

    answer = plan(
        a_problem(tasks=(a_task(policy=a_policy(limits, relax=order)),))
    ).answers[0]

    assert isinstance(answer, Plan)
    assert answer.relaxed == order[:2]


def test_an_order_without_need_relaxes_nothing() -> None:
    policy = a_policy(relax=(SoftLimit.MAX_TRANSIT,))

    answer = plan(a_problem(tasks=(a_task(policy=policy),))).answers[0]

    assert isinstance(answer, Plan)
    assert answer.relaxed == ()


def test_capacity_beyond_is_used_only_by_orders_that_may() -> None:
    center = a_center(
        capacity_lines=1, over_capacity_lines=1, over_capacity_cents_per_line=40
    )
    strict = a_policy({"over_capacity_allowed": False})
    soft = a_policy({"over_capacity_allowed": False}, relax=(SoftLimit.OVER_CAPACITY,))

    def served(policy: Any) -> Result:
        tasks = tuple(a_task(an_order(id=n), policy=policy) for n in "ABC")
        return plan(a_problem(tasks=tasks, network=a_network(centers=(center,))))

    assert served(strict).record.served == 1
    relaxed = served(soft)
    assert relaxed.record.served == 2
    assert sum(p.cost.get(CostTerm.OVER_CAPACITY, 0) for p in plans(relaxed)) == 40


def test_a_full_truck_sends_orders_by_another_carrier() -> None:
    pickups = (a_pickup(capacity_parcels=1), a_pickup(carrier="OTHER"))
    dear = a_service(id="OTHER-GROUND", carrier="OTHER", damage_ppm=9_000)
    network = a_network(
        centers=(a_center(pickups=pickups),), services=(a_service(), dear)
    )

    result = plan(a_problem(an_order(id="A"), an_order(id="B"), network=network))

    carriers = sorted(p.parcels[0].carrier for p in plans(result))
    assert carriers == ["OTHER", "SWIFT"]


def test_what_is_left_of_a_day_replaces_what_was_declared() -> None:
    center = a_center(capacity_orders=5)
    day = day_of(center, MONDAY)
    problem = a_problem(
        an_order(id="A"), an_order(id="B"), network=a_network(centers=(center,))
    )

    assert plan(problem).record.served == 2
    assert plan(replace(problem, fc_orders={(center.id, day): 1})).record.served == 1


def test_alternatives_are_the_next_best_with_their_difference_by_term() -> None:
    answer = plan(a_problem(network=two_centers())).answers[0]

    assert isinstance(answer, Plan)
    totals = [a.total_cents for a in answer.alternatives]
    assert len(totals) == 3
    assert totals == sorted(totals)
    for other in answer.alternatives:
        assert answer.total_cents + sum(other.delta.values()) == other.total_cents


def test_as_many_alternatives_as_asked_for_are_given() -> None:
    result = plan(a_problem(network=two_centers()), Effort(alternatives=2))

    assert len(plans(result)[0].alternatives) == 2


def test_orders_that_do_not_compete_take_the_direct_path() -> None:
    record = plan(a_problem(an_order(id="A"), an_order(id="B"))).record

    assert (record.rung, record.gap_ppm, record.work) == (Rung.DIRECT, 0, 0)
    assert record.bound_cents == record.cost_cents


# ---- what must always hold, over small random worlds ----

PLACES = ("10001", "30303", "60601", "75201", "98101")
SKUS = tuple(SkuId(name) for name in ("LAMP", "VASE", "MUG"))
CENTERS = (("EAST", "07030"), ("MID", "60601"), ("WEST", "90012"))


@st.composite
def worlds(draw: st.DrawFn) -> Problem:
    limit = st.none() | st.integers(0, 3)
    centers = tuple(
        a_center(
            id=name,
            place=a_place(postal_code),
            capacity_lines=draw(limit),
            over_capacity_lines=draw(st.integers(0, 2)),
            over_capacity_cents_per_line=draw(st.integers(0, 900)),
            capacity_orders=draw(limit),
            pickups=(
                a_pickup(capacity_parcels=draw(limit)),
                a_pickup(carrier="OTHER", capacity_parcels=draw(limit)),
            ),
        )
        for name, postal_code in CENTERS
    )
    other = a_service(id="OTHER-GROUND", carrier="OTHER", damage_ppm=4_000)
    network = a_network(centers=centers, services=(a_service(), other))
    numbers = count()
    tasks = tuple(
        a_task(
            an_order(
                id=f"ORDER-{next(numbers)}",
                ship_to=a_place(draw(st.sampled_from(PLACES))),
                lines=tuple(
                    Line(sku=sku, units=draw(st.integers(1, 2)))
                    for sku in draw(
                        st.lists(
                            st.sampled_from(SKUS), min_size=1, max_size=2, unique=True
                        )
                    )
                ),
            ),
            policy=a_policy(
                {
                    "over_capacity_allowed": draw(st.booleans()),
                    "max_centers": draw(st.sampled_from((1, 2))),
                },
                {"split_cents": draw(st.sampled_from((0, 300)))},
            ),
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    stock = {
        (FcId(name), sku): draw(st.integers(0, 3))
        for name, _ in CENTERS
        for sku in SKUS
    }
    return a_problem(
        tasks=tasks,
        network=network,
        skus=tuple(a_sku(id=sku) for sku in SKUS),
        stock=stock,
    )


def every_way(problem: Problem, task: Task) -> Iterator[tuple[Way, ...]]:
    """Yield all ways to send whole lines from centers, by plain enumeration."""
    ways = Ways(Shared.of(problem), task, task.policy.limits)
    most = task.policy.limits.max_centers or len(CENTERS)
    centers = problem.network.centers
    for homes in product(centers, repeat=len(task.lines)):
        parts: dict[FcId, list[Line]] = {}
        for home, line in zip(homes, task.lines, strict=True):
            parts.setdefault(home.id, []).append(line)
        if len(parts) <= most:
            yield from product(
                *(
                    ways.of(problem.network.center(fc), tuple(lines))
                    for fc, lines in parts.items()
                )
            )


def priced(problem: Problem, chosen: tuple[tuple[Way, ...] | None, ...]) -> int | None:
    """Return the cents of a choice for all orders, None where it is not possible."""
    units: Counter[tuple[FcId, SkuId]] = Counter()
    lines: Counter[FcId] = Counter()
    strict: Counter[FcId] = Counter()
    orders: Counter[FcId] = Counter()
    parcels: Counter[tuple[FcId, str]] = Counter()
    cents = 0
    for task, ways in zip(problem.tasks, chosen, strict=True):
        for way in ways or ():
            fc = way.lane.center.id
            units.update({(fc, line.sku): line.units for line in way.load.lines})
            lines[fc] += len(way.load.lines)
            if not task.policy.limits.over_capacity_allowed:
                strict[fc] += len(way.load.lines)
            orders[fc] += 1
            parcels[fc, way.lane.service.carrier] += 1
            cents += way.total_cents
        cents += task.policy.money.split_cents * (len(ways) - 1) if ways else 0
    if any(used > problem.stock[key] for key, used in units.items()):
        return None
    for center in problem.network.centers:
        free, fc = center.capacity_lines, center.id
        if free is not None:
            over = max(0, lines[fc] - free)
            if over > center.over_capacity_lines or strict[fc] > free:
                return None
            cents += over * center.over_capacity_cents_per_line
        most = center.capacity_orders
        if most is not None and orders[fc] > most:
            return None
        for pickup in center.pickups:
            takes = pickup.capacity_parcels
            if takes is not None and parcels[fc, pickup.carrier] > takes:
                return None
    return cents


SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@SLOW
@given(worlds())
def test_no_choice_serves_more_or_costs_less(problem: Problem) -> None:
    each = [(None, *every_way(problem, task)) for task in problem.tasks]
    best = max(
        (sum(ways is not None for ways in chosen), -cents)
        for chosen in product(*each)
        if (cents := priced(problem, chosen)) is not None
    )

    record = plan(problem).record

    assert (record.served, -record.cost_cents) >= best
    assert record.served <= record.served_bound
    assert record.bound_cents <= record.cost_cents


@SLOW
@given(worlds(), st.sampled_from((0.0, 0.001, 20.0)), st.integers(0, 9))
def test_nothing_is_promised_twice(problem: Problem, work: float, stop: int) -> None:
    asked = count()
    effort = Effort(solver_work=work, should_stop=lambda: next(asked) >= stop)

    result = plan(problem, effort)

    units: Counter[tuple[FcId, SkuId]] = Counter()
    lines: Counter[FcId] = Counter()
    for task, answer in zip(problem.tasks, result.answers, strict=True):
        assert answer.order_id == task.order.id
        if isinstance(answer, Plan):
            sent: Counter[SkuId] = Counter()
            for parcel in answer.parcels:
                lines[parcel.fc] += len(parcel.lines)
                for line in parcel.lines:
                    sent[line.sku] += line.units
                    units[parcel.fc, line.sku] += line.units
            assert sent == {line.sku: line.units for line in task.lines}
    assert all(used <= problem.stock[key] for key, used in units.items())
    for center in problem.network.centers:
        if center.capacity_lines is not None:
            most = center.capacity_lines + center.over_capacity_lines
            assert lines[center.id] <= most
    total = sum(p.total_cents for p in plans(result))
    assert total == result.record.cost_cents


@settings(max_examples=20, deadline=None)
@given(worlds(), st.integers(0, 3))
def test_equal_problems_and_seeds_give_equal_plans(problem: Problem, seed: int) -> None:
    assert plan(problem, Effort(seed=seed)) == plan(problem, Effort(seed=seed))


def test_stopping_at_once_still_answers() -> None:
    stock = {("EAST", "LAMP"): 1, ("WEST", "LAMP"): 1}
    problem = a_problem(*near_and_far(), network=two_centers(), stock=stock)

    result = plan(problem, Effort(should_stop=lambda: True))

    assert result.record.rung is Rung.FALLBACK
    assert result.record.served == 2


def test_a_pin_holds_for_every_parcel() -> None:
    task = a_task(pin=Pin(fc=FcId("WEST"), service=an_air_service().id))

    answer = plan(a_problem(tasks=(task,), network=two_centers())).answers[0]

    assert isinstance(answer, Plan)
    assert {(p.fc, p.service) for p in answer.parcels} == {("WEST", "SWIFT-AIR")}
