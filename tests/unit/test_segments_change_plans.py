"""The same order with and without a segment of the starter set, in cents.

Everything else stays as it is: network, stock, weather and the other segments.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.history import Entry, history_of
from domain.network import PackingMethod, ServiceMode
from domain.order import Order
from domain.plan import Alternative, CostTerm, Plan, total
from domain.segment import RuleSet
from domain.sku import Sku, TemperatureBand
from domain.subject import SubjectKind, of_customer
from optimizer.plan import plan
from optimizer.problem import Task
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules, joined
from segmentation.compose import compose
from segmentation.facts import gather, look_at_customer
from segmentation.ruleset import starter
from tests.builders import (
    MONDAY,
    a_carton,
    a_center,
    a_chilled_sku,
    a_customer,
    a_hazard,
    a_line,
    a_network,
    a_place,
    a_problem,
    a_service,
    a_sku,
    an_air_service,
    an_insulated_carton,
    an_order,
    two_centers,
)

# Neither new nor at risk: in no segment of customers.
ORDERED_TWICE = (
    ("order_placed", timedelta(days=1)),
    ("order_placed", timedelta(days=40)),
)
BANDS = (TemperatureBand.AMBIENT, TemperatureBand.CHILLED)


def without(segment: str) -> RuleSet:
    rule_set = starter()
    kept = tuple(s for s in rule_set.segments if s.id != segment)
    assert len(kept) == len(rule_set.segments) - 1
    return rule_set.model_copy(update={"segments": kept})


def decided(rule_set: RuleSet, order: Order, *skus: Sku, **world: Any) -> Plan:
    """Classify, compose and plan one order in a world that stays the same."""
    customer = world.pop("customer", a_customer())
    happened = world.pop("happened", ORDERED_TWICE)
    problem = a_problem(order, **({"skus": skus or (a_sku(),)} | world))
    who = of_customer(order.customer_id)
    past = {
        who: history_of(
            Entry(MONDAY - ago, f"{kind} {ago}", kind) for kind, ago in happened
        )
    }
    around = Circumstances(
        problem.network, problem.skus, customer, problem.hazards, histories=past
    )
    rules, facts = Rules(rule_set), gather(order, around, MONDAY)
    theirs = look_at_customer(order.customer_id, around)(MONDAY)
    kind = SubjectKind.CUSTOMER
    classification = joined(
        rules.classify(facts, MONDAY),
        rules.classify(theirs, MONDAY, on=kind, through=who),
    )
    policy = compose(rule_set, classification, order, MONDAY)
    task = Task(order=order, lines=order.lines, policy=policy)
    found = plan(replace(problem, tasks=(task,))).plan_of(order.id)
    assert found is not None
    return found


def the_way(chosen: Plan, other: Plan) -> Alternative:
    """Return the other plan's way among the chosen plan's alternatives."""
    wanted = {(p.fc, p.service, p.method) for p in other.parcels}
    for alternative in chosen.alternatives:
        if {(w.fc, w.service, w.method) for w in alternative.ways} == wanted:
            assert alternative.total_cents == chosen.total_cents + total(
                alternative.delta
            )
            return alternative
    raise AssertionError(f"{wanted} is not among the alternatives")


def test_an_urgent_order_flies_as_being_late_costs_more_than_flying() -> None:
    order = an_order(
        requested_service="overnight", deliver_by=MONDAY + timedelta(hours=48)
    )

    fast = decided(starter(), order, a_sku())
    slow = decided(without("urgent"), order, a_sku())

    assert fast.parcels[0].service == "SWIFT-AIR"
    assert slow.parcels[0].service == "SWIFT-GROUND"
    by_ground = the_way(fast, slow)
    assert by_ground.delta[CostTerm.FREIGHT] < 0
    assert by_ground.delta[CostTerm.LATENESS] > -by_ground.delta[CostTerm.FREIGHT]
    by_air = the_way(slow, fast)
    assert by_air.delta[CostTerm.FREIGHT] > -by_air.delta[CostTerm.LATENESS] > 0


def test_an_order_of_somebody_who_complained_flies_not_to_lose_the_customer() -> None:
    order = an_order(deliver_by=MONDAY + timedelta(hours=50))
    happened = (*ORDERED_TWICE, ("complained", timedelta(days=12)))

    fast = decided(starter(), order, a_sku(), happened=happened)
    slow = decided(without("at-risk"), order, a_sku(), happened=happened)

    assert fast.parcels[0].service == "SWIFT-AIR"
    assert slow.parcels[0].service == "SWIFT-GROUND"
    at_risk = the_way(fast, slow).delta[CostTerm.VALUE_AT_RISK]
    assert at_risk > 0


def test_a_perishable_order_leaves_from_the_nearer_but_dearer_center() -> None:
    cold = {"temperatures": BANDS, "cartons": ("COOL-M",)}
    near = a_center(
        id="NEAR", place=a_place("60601"), handling_cents_per_parcel=700, **cold
    )
    services = (a_service(), an_air_service())
    network = a_network(
        centers=(a_center(**cold), near),
        services=services,
        cartons=(an_insulated_carton(),),
    )
    order = an_order(lines=(a_line("CHEESE"),))

    fresh = decided(starter(), order, a_chilled_sku(), network=network)
    stale = decided(without("perishable"), order, a_chilled_sku(), network=network)

    assert (fresh.parcels[0].fc, stale.parcels[0].fc) == ("NEAR", "EAST")
    from_afar = the_way(fresh, stale)
    assert from_afar.delta[CostTerm.HANDLING] == 120 - 700
    # A day longer on the way, at 15 cents an hour.
    assert from_afar.delta[CostTerm.SPOILAGE] == 24 * 15
    assert CostTerm.SPOILAGE not in the_way(stale, fresh).delta


def test_a_bulk_order_comes_from_one_center_though_two_would_be_cheaper() -> None:
    order = an_order(
        lines=(a_line("LAMP", 60), a_line("SHADE", 60)),
        deliver_by=MONDAY + timedelta(days=9),
        residential=False,
    )
    south = a_center(id="SOUTH", place=a_place("30303"))
    stock = {("EAST", "LAMP"): 90, ("SOUTH", "SHADE"): 90}
    stock |= {("WEST", "LAMP"): 90, ("WEST", "SHADE"): 90}
    world = {
        "network": a_network(centers=(*two_centers().centers, south)),
        "stock": stock,
        "customer": a_customer(kind="business"),
    }
    skus = (a_sku(), a_sku(id="SHADE"))

    whole = decided(starter(), order, *skus, **world)
    split = decided(without("bulk-b2b"), order, *skus, **world)

    assert [parcel.fc for parcel in whole.parcels] == ["WEST"]
    assert [parcel.fc for parcel in split.parcels] == ["EAST", "SOUTH"]
    together = the_way(split, whole)
    assert together.delta[CostTerm.SPLIT] == -150
    assert together.delta[CostTerm.FREIGHT] > 150


def test_a_bulk_order_leaves_later_so_as_not_to_come_before_its_window() -> None:
    order = an_order(
        lines=(a_line("LAMP", 120),), deliver_by=MONDAY + timedelta(days=6, hours=12)
    )
    world = {
        "network": a_network(services=(a_service(working_days_only=False),)),
        "customer": a_customer(kind="business"),
        "stock": {("EAST", "LAMP"): 200},
    }

    timed = decided(starter(), order, **world)
    early = decided(without("bulk-b2b"), order, **world)

    # Friday's truck instead of Monday's.
    waits = timed.parcels[0].hand_over_at - early.parcels[0].hand_over_at
    assert waits == timedelta(days=4)
    # Leaving on Monday, 86 hours early at 15 cents each would be dearer.
    assert order.deliver_by is not None
    assert order.deliver_by - early.p90_at == timedelta(hours=86)
    assert timed.total_cents < early.total_cents + 86 * 15


def test_in_a_storm_an_order_stays_on_the_ground_and_the_price_is_told() -> None:
    order = an_order(
        requested_service="overnight", deliver_by=MONDAY + timedelta(hours=48)
    )
    storm = (a_hazard(delay_h=6),)

    grounded = decided(starter(), order, hazards=storm)
    flying = decided(without("weather-affected"), order, hazards=storm)

    assert grounded.parcels[0].mode is ServiceMode.GROUND
    assert flying.parcels[0].mode is ServiceMode.AIR
    by_ground = the_way(flying, grounded)
    assert by_ground.delta[CostTerm.LATENESS] > -by_ground.delta[CostTerm.FREIGHT] > 0
    [why] = [x for x in grounded.excluded if x.service == "SWIFT-AIR"]
    assert (why.limit, why.why) == ("blocked-modes", "the policy blocks air")


def test_a_dear_unit_travels_in_a_secured_box_and_the_box_is_told() -> None:
    secured = a_carton(id="SAFE-M", method=PackingMethod.SECURED, cost_cents=450)
    center = a_center(cartons=("BOX-M", "SAFE-M"))
    network = a_network(centers=(center,), cartons=(a_carton(), secured))
    ring = a_sku(value_cents=500_00)

    safe = decided(starter(), an_order(), ring, network=network)
    plain = decided(without("high-value"), an_order(), ring, network=network)

    assert safe.parcels[0].method is PackingMethod.SECURED
    assert plain.parcels[0].method is PackingMethod.CARTON
    assert safe.cost[CostTerm.PACKAGING] - plain.cost[CostTerm.PACKAGING] == 450 - 90
