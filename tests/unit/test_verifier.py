from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import LineHaul, PackingMethod, ServiceMode, Vehicle
from domain.order import Order
from domain.plan import Block, CostTerm, Parcel, Pin, Plan
from domain.policy import SoftLimit
from domain.quantities import FcId
from domain.sku import Sku, TemperatureBand
from lanewise.world.seed import build
from optimizer.plan import plan
from optimizer.problem import Problem, Result, Task
from segmentation import ruleset
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.compose import compose
from segmentation.facts import gather
from tests.builders import (
    MONDAY,
    a_carton,
    a_center,
    a_line,
    a_network,
    a_policy,
    a_problem,
    a_service,
    a_size,
    a_sku,
    a_task,
    an_air_service,
    an_order,
    two_centers,
)
from tests.random_problems import a_random_problem
from verification.verifier import verify

TWO_LAMPS = an_order(lines=(a_line(units=2),), deliver_by=MONDAY + timedelta(days=2))


def a_tight_problem(**overrides: Any) -> Problem:
    """Build a problem with every money term in play, one order, two units."""
    money = {
        "late_cents_per_h": 90,
        "late_event_cents": 800,
        "spoilage_cents_per_h": 3,
        "damage_event_cents": 900,
        "carbon_cents_per_kg": 80,
    }
    task = a_task(TWO_LAMPS, policy=a_policy(money=money))
    return a_problem(**({"tasks": (task,)} | overrides))


def rules(problem: Problem, result: Result) -> set[str]:
    return {violation.rule for violation in verify(problem, result)}


def tampered(change: Callable[[Parcel], dict[str, Any]], **problem: Any) -> set[str]:
    """Plan the tight problem, change its parcel, and return the rules broken."""
    asked = a_tight_problem(**problem)
    result = plan(asked)
    assert verify(asked, result) == ()
    good = result.answers[0]
    assert isinstance(good, Plan)
    parcel = good.parcels[0].model_copy(update=change(good.parcels[0]))
    bad = good.model_copy(update={"parcels": (parcel, *good.parcels[1:])})
    return rules(asked, Result((bad, *result.answers[1:]), result.record))


def moved(parcel: Parcel, **by: Any) -> dict[str, Any]:
    """Change the last placement of the first carton."""
    carton = parcel.cartons[0]
    last = carton.placements[-1].model_copy(update=by)
    placements = (*carton.placements[:-1], last)
    return {"cartons": (carton.model_copy(update={"placements": placements}),)}


def carton_of(parcel: Parcel, **change: Any) -> dict[str, Any]:
    return {"cartons": (parcel.cartons[0].model_copy(update=change),)}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_plan_of_a_random_problem_breaks_a_rule(seed: int) -> None:
    problem = a_random_problem(seed)

    assert verify(problem, plan(problem)) == ()


def test_random_problems_have_plans_to_judge() -> None:
    results = [plan(a_random_problem(seed)) for seed in range(12)]

    parcels = [
        parcel
        for result in results
        for answer in result.answers
        if isinstance(answer, Plan)
        for parcel in answer.parcels
    ]
    assert len(parcels) > 20
    assert len({parcel.method for parcel in parcels}) > 3


@pytest.mark.parametrize("term", list(CostTerm))
def test_a_cent_too_much_in_any_term_is_caught(term: CostTerm) -> None:
    broken = tampered(lambda p: {"cost": p.cost | {term: p.cost.get(term, 0) + 1}})

    assert {rule for rule in broken if rule.startswith("cost")}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("conservation", lambda p: {"lines": (a_line(units=1),)}),
        ("packed", lambda p: {"cartons": p.cartons * 2}),
        ("method", lambda p: {"method": PackingMethod.PALLET}),
        ("service", lambda p: {"carrier": "HAUL"}),
        ("center", lambda p: {"fc": "NOWHERE"}),
        ("handover", lambda p: {"hand_over_at": p.hand_over_at + timedelta(hours=1)}),
        ("handover", lambda p: {"hand_over_at": p.hand_over_at + timedelta(days=1)}),
        ("handover", lambda p: {"hand_over_at": p.hand_over_at - timedelta(days=3)}),
        ("promise", lambda p: {"p50_at": p.p50_at - timedelta(minutes=1)}),
        ("promise", lambda p: {"p90_at": p.p90_at + timedelta(hours=1)}),
        ("billable", lambda p: carton_of(p, billable_g=p.cartons[0].billable_g - 1)),
        ("weight", lambda p: carton_of(p, weight_g=p.cartons[0].weight_g - 1)),
        ("outer", lambda p: carton_of(p, outer=a_size(400, 300, 250))),
        ("carton", lambda p: carton_of(p, carton="CRATE")),
        ("placements", lambda p: carton_of(p, placements=())),
        ("inside", lambda p: moved(p, x_mm=201)),
        ("overlap", lambda p: moved(p, x_mm=1, y_mm=1, z_mm=0)),
        ("floating", lambda p: moved(p, x_mm=0, y_mm=0, z_mm=120)),
        ("size", lambda p: moved(p, size=a_size(200, 150, 99))),
    ],
)
def test_a_tampered_parcel_is_caught(
    rule: str, change: Callable[[Parcel], dict[str, Any]]
) -> None:
    assert rule in tampered(change)


def judged_with(**overrides: Any) -> set[str]:
    """Judge a good plan as if its task had asked for something else."""
    problem = a_tight_problem()
    result = plan(problem)
    task = a_task(**({"order": TWO_LAMPS, "policy": a_policy()} | overrides))
    return rules(a_problem(tasks=(task,)), result)


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("allowed-centers", {"allowed_centers": ("WEST",)}),
        ("blocked-centers", {"blocked_centers": ("EAST",)}),
        ("allowed-carriers", {"allowed_carriers": ("HAUL",)}),
        ("blocked-carriers", {"blocked_carriers": ("SWIFT",)}),
        ("blocked-services", {"blocked_services": ("SWIFT-AIR", "SWIFT-GROUND")}),
        ("allowed-modes", {"allowed_modes": (ServiceMode.LTL,)}),
        ("blocked-modes", {"blocked_modes": (ServiceMode.GROUND, ServiceMode.AIR)}),
        ("blocked-lanes", {"blocked_lanes": ("EAST/SWIFT-AIR", "EAST/SWIFT-GROUND")}),
        ("allowed-packing", {"allowed_packing": (PackingMethod.PALLET,)}),
        ("max-transit", {"max_transit_h": 1}),
        ("latest-handover", {"latest_handover": MONDAY}),
    ],
)
def test_every_hard_limit_is_held_against_a_plan(
    rule: str, limits: dict[str, Any]
) -> None:
    assert rule in judged_with(policy=a_policy(limits))


def test_a_limit_may_only_be_given_up_where_the_policy_says_so() -> None:
    problem = a_tight_problem()
    result = plan(problem)
    relaxed = result.answers[0].model_copy(update={"relaxed": (SoftLimit.PACKING,)})

    assert "relaxed" in rules(problem, Result((relaxed,), result.record))


@pytest.mark.parametrize("pin", [Pin(fc="WEST"), Pin(service="X"), Pin(method="mixed")])
def test_a_pin_that_was_not_heeded_is_caught(pin: Pin) -> None:
    assert "pin" in judged_with(pin=pin)


@pytest.mark.parametrize("block", [Block(fc="EAST"), Block(fc="EAST", sku="LAMP")])
def test_a_refusal_that_was_not_heeded_is_caught(block: Block) -> None:
    assert "block" in judged_with(blocks=(block,))


def test_a_signature_nobody_takes_is_caught() -> None:
    air_only = a_network(services=(an_air_service(),))
    problem = a_tight_problem(network=air_only)
    result = plan(problem)
    no_signature = a_network(services=(an_air_service(signature=False),))
    signed = TWO_LAMPS.model_copy(update={"signature": True})

    judged = a_problem(network=no_signature, tasks=(a_task(signed),))

    assert "signature" in rules(judged, result)


@pytest.mark.parametrize(
    ("rule", "sku"),
    [
        ("temperature", a_sku(temperature=TemperatureBand.FROZEN)),
        ("cold-chain", a_sku(temperature=TemperatureBand.FROZEN)),
        ("hazmat", a_sku(hazmat_class="3")),
        ("ships-alone", a_sku(ships_alone=True)),
        ("shelf-life", a_sku(shelf_life_h=1)),
    ],
)
def test_goods_that_need_more_than_the_plan_gives_are_caught(
    rule: str, sku: Any
) -> None:
    problem = a_tight_problem()
    result = plan(problem)

    assert rule in rules(a_tight_problem(skus=(sku,)), result)


def test_goods_that_bear_nothing_may_not_lie_below() -> None:
    def stack(parcel: Parcel) -> dict[str, Any]:
        carton = parcel.cartons[0]
        lower = carton.placements[0].model_copy(
            update={"x_mm": 0, "y_mm": 0, "z_mm": 0, "size": a_size(200, 150, 100)}
        )
        upper = lower.model_copy(update={"z_mm": 100})
        return carton_of(parcel, placements=(lower, upper))

    assert "max-load" in tampered(stack, skus=(a_sku(fragile=True),))
    assert "max-load" not in tampered(stack)


def two_orders(**overrides: Any) -> tuple[Problem, Result]:
    orders = [an_order(id=f"ORDER-{n}") for n in (1, 2)]
    problem = a_problem(*orders, **overrides)
    return problem, plan(problem)


@pytest.mark.parametrize(
    ("rule", "scarce"),
    [
        ("stock", {"stock": {("EAST", "LAMP"): 1}}),
        ("capacity-lines", {"fc_lines": {("EAST", MONDAY.date()): 1}}),
        ("capacity-orders", {"fc_orders": {("EAST", MONDAY.date()): 1}}),
        ("carrier-parcels", {"carrier_parcels": {("EAST", "SWIFT", MONDAY.date()): 1}}),
    ],
)
def test_what_two_orders_share_is_counted_over_both(
    rule: str, scarce: dict[str, Any]
) -> None:
    _, result = two_orders()

    judged, cut = two_orders(**scarce)

    assert rule in rules(judged, result)
    assert rules(judged, cut) == set()


def test_work_beyond_capacity_must_be_paid_for() -> None:
    center = a_center(
        capacity_lines=1, over_capacity_lines=5, over_capacity_cents_per_line=70
    )
    problem, result = two_orders(network=a_network(centers=(center,)))
    paid = [answer.model_copy(update={"cost": {}}) for answer in result.answers]

    assert verify(problem, result) == ()
    assert "cost over-capacity" in rules(problem, Result(tuple(paid), result.record))


def on_a_truck(**overrides: Any) -> Problem:
    """Build two orders that can only go by the same truck."""
    truck = Vehicle(capacity_g=100_000, cost_cents=901, most=1)
    haul = LineHaul(fc=FcId("EAST"), vehicle=truck)
    network = a_network(services=(a_service(line_hauls=(haul,)),))
    orders = [an_order(id=f"ORDER-{n}") for n in (1, 2)]
    return a_problem(*orders, **({"network": network} | overrides))


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("run", {"run": "ANOTHER"}),
        ("cost vehicle", {"cost": {CostTerm.VEHICLE: 901}}),
        ("cost vehicle", {"cost": {}}),
    ],
)
def test_a_ride_that_is_not_paid_for_by_its_share_is_caught(
    rule: str, change: dict[str, Any]
) -> None:
    problem = on_a_truck()
    result = plan(problem)
    first, second = result.answers
    assert isinstance(first, Plan)
    parcel = first.parcels[0].model_copy(update=change)
    forged = first.model_copy(update={"parcels": (parcel,)})

    assert verify(problem, result) == ()
    assert rule in rules(problem, Result((forged, second), result.record))


def test_more_vehicles_than_there_are_are_caught() -> None:
    result = plan(on_a_truck())

    full = on_a_truck(vehicle_g={("EAST", "SWIFT-GROUND", MONDAY.date()): 100_000})

    assert "vehicles" in rules(full, result)


def test_a_record_that_does_not_add_up_is_caught() -> None:
    problem, result = two_orders(network=two_centers())
    record = result.record.model_copy(update={"cost_cents": 1, "served": 1})

    assert "record" in rules(problem, Result(result.answers, record))


def test_an_order_left_out_is_caught() -> None:
    problem, result = two_orders()

    cut = Result(result.answers[:1], result.record)

    assert rules(problem, cut) == {"answers"}


def test_a_carton_too_heavy_for_its_load_limit_is_caught() -> None:
    problem = a_tight_problem()
    result = plan(problem)
    weak = a_network(cartons=(a_carton(max_load_g=1_000),))

    assert "max-load" in rules(a_tight_problem(network=weak), result)


def test_an_order_that_states_its_weight_is_priced_and_judged_by_it() -> None:
    bare = a_network(centers=(a_center(cartons=()),), cartons=())
    order = TWO_LAMPS.model_copy(update={"weight_g": 9_000})
    problem = a_problem(order, network=bare)

    result = plan(problem)

    answer = result.answers[0]
    assert isinstance(answer, Plan)
    assert answer.parcels[0].weight_g == 9_000
    assert verify(problem, result) == ()
    assert "weight" in rules(a_problem(TWO_LAMPS, network=bare), result)


def test_a_part_of_an_order_weighs_its_share() -> None:
    bare = a_network(centers=(a_center(cartons=()),), cartons=())
    lines = (a_line(units=1), a_line("MUG", units=2))
    order = an_order(lines=lines, weight_g=9_001)
    goods = (a_sku(), a_sku(id="MUG", weight_g=100))
    rest = a_task(order, lines=lines[1:])

    def weight_of(*skus: Sku) -> int:
        problem = a_problem(network=bare, skus=skus, tasks=(rest,))
        answer = plan(problem).answers[0]
        assert isinstance(answer, Plan)
        return answer.parcels[0].weight_g

    assert weight_of(*goods) == 1_801
    assert weight_of(goods[1]) == 200


def test_no_plan_of_the_seeded_world_breaks_a_rule() -> None:
    world = build(orders=60)
    now = max(order.placed_at for order in world.orders)
    rules_in_force = Rules(ruleset.starter())

    def task_of(order: Order) -> Task:
        customer = world.customers[order.customer_id]
        around = Circumstances(world.network, world.skus, customer)
        known = gather(order, around, now).values
        found = rules_in_force.classify(known, now)
        policy = compose(rules_in_force.rule_set, found, order, now)
        return Task(order, order.lines, policy)

    problem = Problem(
        as_of=now,
        network=world.network,
        skus=world.skus,
        tasks=tuple(task_of(order) for order in world.orders),
        stock={(fc, k): n for fc, on in world.stock.items() for k, n in on.items()},
    )

    result = plan(problem)

    assert result.record.served >= 55
    assert verify(problem, result) == ()
