"""What is said about a choice, held against planning again with the change made."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.plan import Binding, Change, Flip, LiveRate, Plan
from domain.quantities import FcId
from optimizer.plan import plan
from optimizer.problem import Effort, Problem, Task
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

SKUS = ("LAMP", "VASE")


def the_plan(problem: Problem) -> Plan:
    answer = plan(problem).answers[0]
    assert isinstance(answer, Plan)
    return answer


def ways(answer: Plan) -> list[tuple[str, str]]:
    return [(parcel.fc, parcel.service) for parcel in answer.parcels]


def flip_of(answer: Plan, change: Change) -> Flip | None:
    return next((flip for flip in answer.flips if flip.change is change), None)


def with_one_more(problem: Problem, binding: Binding) -> Problem:
    """Return the problem with one more unit or place of what bound the order."""
    fc = binding.fc
    if binding.sku is not None:
        key = (fc, binding.sku)
        return replace(problem, stock={**problem.stock, key: problem.stock[key] + 1})
    assert binding.day is not None
    center = problem.network.center(fc)
    if binding.carrier is not None:
        pickup = next(p for p in center.pickups if p.carrier == binding.carrier)
        left = (pickup.capacity_parcels or 0) + 1
        return replace(
            problem, carrier_parcels={(fc, binding.carrier, binding.day): left}
        )
    if "orders" in binding.what:
        left = (center.capacity_orders or 0) + 1
        return replace(problem, fc_orders={(fc, binding.day): left})
    left = (center.capacity_lines or 0) + 1
    return replace(problem, fc_lines={(fc, binding.day): left})


def changed(problem: Problem, flip: Flip) -> Problem:
    """Return the problem with the change of money, promise or limit made."""
    (task,) = problem.tasks
    order, policy = task.order, task.policy
    if flip.change is Change.QUOTE:
        assert flip.fc is not None
        assert flip.service is not None
        assert flip.now is not None
        quote = LiveRate(fc=flip.fc, service=flip.service, cents=flip.now)
        now = replace(task, rates=(*task.rates, quote))
    elif flip.change is Change.LATE_RATE:
        money = policy.money.model_copy(update={"late_cents_per_h": flip.now})
        now = replace(task, policy=policy.model_copy(update={"money": money}))
    elif flip.change is Change.PROMISE:
        assert order.deliver_by is not None
        moved = order.deliver_by + timedelta(hours=flip.by)
        now = replace(task, order=order.model_copy(update={"deliver_by": moved}))
    else:
        now = replace(task, policy=_allowing(task, flip))
    return replace(problem, tasks=(now,))


def _allowing(task: Task, flip: Flip) -> Any:
    limits = task.policy.limits
    if flip.change is Change.MAX_TRANSIT:
        update: dict[str, Any] = {"max_transit_h": flip.now}
    else:
        assert limits.latest_handover is not None
        later = limits.latest_handover + timedelta(hours=flip.by)
        update = {"latest_handover": later}
    return task.policy.model_copy(update={"limits": limits.model_copy(update=update)})


def test_one_more_unit_nearby_is_worth_what_it_would_save() -> None:
    order = an_order(ship_to=a_place("90012"), lines=(a_line("LAMP", 2),))
    stock = {("EAST", "LAMP"): 2, ("WEST", "LAMP"): 1}
    problem = a_problem(order, network=two_centers(), stock=stock)
    answer = the_plan(problem)

    (binding,) = answer.binding

    richer = the_plan(with_one_more(problem, binding))
    assert (binding.what, binding.at_least) == ("units of LAMP at WEST", False)
    assert binding.saves_cents == answer.total_cents - richer.total_cents > 0


def test_a_full_day_is_worth_what_one_more_order_there_would_save() -> None:
    far = two_centers().centers[1]
    near = a_center(capacity_orders=0)
    problem = a_problem(
        an_order(ship_to=a_place("10001")), network=a_network(centers=(near, far))
    )
    answer = the_plan(problem)

    (binding,) = answer.binding

    richer = the_plan(with_one_more(problem, binding))
    assert binding.what.startswith("orders EAST can work on")
    assert binding.saves_cents == answer.total_cents - richer.total_cents > 0


def test_a_line_more_within_the_day_saves_what_beyond_it_costs() -> None:
    far = two_centers().centers[1]
    near = a_center(
        capacity_lines=0, over_capacity_lines=5, over_capacity_cents_per_line=40
    )
    task = a_task(
        an_order(ship_to=a_place("10001")),
        policy=a_policy({"over_capacity_allowed": True}),
    )
    problem = a_problem(tasks=(task,), network=a_network(centers=(near, far)))
    answer = the_plan(problem)

    (binding,) = (b for b in answer.binding if b.saves_cents)

    richer = the_plan(with_one_more(problem, binding))
    assert binding.what.startswith("lines EAST can work on")
    assert binding.saves_cents == answer.total_cents - richer.total_cents == 40


def test_an_equal_way_that_works_beyond_the_day_says_what_it_would_save() -> None:
    west = two_centers().centers[1]
    order = an_order(ship_to=a_place("10001"))
    alone = (
        the_plan(a_problem(order, network=a_network(centers=(c,)))).total_cents
        for c in two_centers().centers
    )
    east_cents, west_cents = alone
    east = a_center(
        capacity_lines=0,
        over_capacity_lines=5,
        over_capacity_cents_per_line=west_cents - east_cents + 1,
    )
    task = a_task(order, policy=a_policy({"over_capacity_allowed": True}))
    problem = a_problem(tasks=(task,), network=a_network(centers=(east, west)))

    answer = the_plan(problem)

    (binding,) = answer.binding
    assert ways(answer)[0][0] == "WEST"
    assert (binding.fc, binding.saves_cents) == ("EAST", west_cents - east_cents)


def test_what_another_order_took_binds_the_one_that_went_without() -> None:
    orders = (
        an_order(id="EITHER", ship_to=a_place("80202")),
        an_order(id="NEEDY", ship_to=a_place("90012")),
    )
    stock = {("EAST", "LAMP"): 5, ("WEST", "LAMP"): 1}
    problem = a_problem(*orders, network=two_centers(), stock=stock)

    either, needy = (a for a in plan(problem).answers if isinstance(a, Plan))

    (binding,) = (b for b in either.binding if b.saves_cents)
    assert binding.what == "units of LAMP at WEST"
    richer = the_plan(with_one_more(problem, binding))
    assert binding.saves_cents == either.total_cents - richer.total_cents
    assert all(b.saves_cents == 0 for b in needy.binding)


def test_nothing_binds_where_the_best_way_is_free() -> None:
    assert the_plan(a_problem(network=two_centers())).binding == ()


def test_a_lane_stopped_by_hours_says_how_many_more_it_needs() -> None:
    task = a_task(policy=a_policy({"max_transit_h": 40}))
    problem = a_problem(tasks=(task,))
    answer = the_plan(problem)

    flip = flip_of(answer, Change.MAX_TRANSIT)

    assert ways(answer) == [("EAST", "SWIFT-AIR")]
    assert flip is not None
    assert flip.now == 40 + flip.by
    after = the_plan(changed(problem, flip))
    assert ways(after) == [("EAST", "SWIFT-GROUND")]
    assert answer.total_cents - after.total_cents == flip.saves_cents


def test_a_handover_too_late_says_by_how_many_hours() -> None:
    early = a_pickup(carrier="OTHER", cutoff=MONDAY.time())
    late = a_pickup()
    dear = a_service(id="OTHER-GROUND", carrier="OTHER", damage_ppm=90_000)
    network = a_network(
        centers=(a_center(pickups=(early, late)),), services=(a_service(), dear)
    )
    latest = MONDAY + timedelta(hours=7)
    task = a_task(policy=a_policy({"latest_handover": latest}))
    problem = a_problem(tasks=(task,), network=network)
    answer = the_plan(problem)

    flip = flip_of(answer, Change.LATEST_HANDOVER)

    assert ways(answer) == [("EAST", "OTHER-GROUND")]
    assert flip is not None
    assert ways(the_plan(changed(problem, flip))) == [("EAST", "SWIFT-GROUND")]


def test_an_earlier_promise_would_send_it_by_air() -> None:
    order = an_order(ship_to=a_place("90012"), deliver_by=MONDAY + timedelta(days=9))
    task = a_task(order, policy=a_policy(money={"late_cents_per_h": 200}))
    problem = a_problem(tasks=(task,))
    answer = the_plan(problem)

    flip = flip_of(answer, Change.PROMISE)

    assert ways(answer) == [("EAST", "SWIFT-GROUND")]
    assert flip is not None
    assert flip.by < 0
    almost = flip.model_copy(update={"by": flip.by + 1})
    assert ways(the_plan(changed(problem, flip))) == [("EAST", "SWIFT-AIR")]
    assert ways(the_plan(changed(problem, almost))) == ways(answer)


def test_a_quote_one_cent_dearer_would_not_do() -> None:
    problem = a_problem(network=two_centers())
    answer = the_plan(problem)

    flip = flip_of(answer, Change.QUOTE)

    assert flip is not None
    assert flip.now is not None
    dearer = flip.model_copy(update={"now": flip.now + 1})
    assert (flip.fc, flip.service) in ways(the_plan(changed(problem, flip)))
    same = the_plan(changed(problem, dearer))
    assert same.total_cents == answer.total_cents


def test_the_workflow_keeps_only_the_first_few() -> None:
    binding = Binding(what="units of LAMP at EAST", fc=FcId("EAST"), saves_cents=3)
    answer = the_plan(a_problem()).model_copy(update={"binding": (binding,) * 9})

    assert len(answer.brief().binding) == 3


def test_without_alternatives_nothing_is_explained() -> None:
    (answer,) = plan(a_problem(network=two_centers()), Effort(alternatives=0)).answers

    assert isinstance(answer, Plan)
    assert (answer.alternatives, answer.binding, answer.flips) == ((), (), ())


# ---- what is said comes true, over small random worlds of one order ----

SLOW = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
CENTERS = (("EAST", "07030"), ("MID", "60601"), ("WEST", "90012"))


@st.composite
def single_orders(draw: st.DrawFn) -> Problem:
    limit = st.none() | st.integers(0, 2)
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
    network = a_network(
        centers=centers, services=(a_service(), other, an_air_service())
    )
    lines = tuple(
        a_line(sku, draw(st.integers(1, 3)))
        for sku in draw(
            st.lists(st.sampled_from(SKUS), min_size=1, max_size=2, unique=True)
        )
    )
    order = an_order(
        ship_to=a_place(draw(st.sampled_from(("10001", "60601", "98101")))),
        lines=lines,
        deliver_by=MONDAY + timedelta(hours=draw(st.integers(20, 130))),
    )
    policy = a_policy(
        {
            "over_capacity_allowed": draw(st.booleans()),
            "max_centers": draw(st.sampled_from((1, 2))),
            "max_transit_h": draw(st.none() | st.integers(20, 110)),
        },
        {"split_cents": draw(st.sampled_from((0, 300)))},
    )
    return a_problem(
        tasks=(a_task(order, policy=policy),),
        network=network,
        skus=tuple(a_sku(id=sku) for sku in SKUS),
        stock={
            (name, sku): draw(st.integers(0, 3)) for name, _ in CENTERS for sku in SKUS
        },
    )


def explained(problem: Problem) -> Plan:
    answer = plan(problem).answers[0]
    assume(isinstance(answer, Plan))
    assert isinstance(answer, Plan)
    return answer


@SLOW
@given(single_orders())
def test_one_more_saves_what_was_said(problem: Problem) -> None:
    answer = explained(problem)

    for binding in answer.binding:
        richer = the_plan(with_one_more(problem, binding))
        saved = answer.total_cents - richer.total_cents
        assert binding.saves_cents <= saved
        assert binding.at_least or binding.saves_cents == saved


@SLOW
@given(single_orders())
def test_the_change_named_changes_the_choice(problem: Problem) -> None:
    answer = explained(problem)

    for flip in answer.flips:
        if flip.change is Change.UNIT:
            continue
        after = the_plan(changed(problem, flip))
        assert ways(after) != ways(answer)


@pytest.mark.parametrize("count", [1, 5])
def test_alternatives_of_ten_centers_are_the_cheapest_of_all(count: int) -> None:
    centers = tuple(a_center(id=f"C-{n}", handling_cents_per_line=n) for n in range(10))
    problem = a_problem(network=a_network(centers=centers))

    (answer,) = plan(problem, Effort(alternatives=count)).answers

    assert isinstance(answer, Plan)
    assert [a.ways[0].fc for a in answer.alternatives] == [
        f"C-{n}" for n in range(1, count + 1)
    ]
