"""The rule set Lanewise comes with puts the orders one expects into its segments."""

from datetime import timedelta
from typing import Any

import pytest

from domain.condition import Condition, ConditionKind
from domain.hazard import Severity
from domain.history import Entry, History, history_of
from domain.order import Order
from domain.policy import Policy, SoftLimit
from domain.quantities import CustomerId
from domain.segment import Classification
from domain.sku import Palletizing
from domain.subject import SubjectKind, of_customer
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.compose import compose, explain
from segmentation.facts import gather, look_at_customer
from segmentation.ruleset import starter
from tests.builders import (
    MONDAY,
    a_chilled_sku,
    a_customer,
    a_hazard,
    a_line,
    a_network,
    a_place,
    a_size,
    a_sku,
    an_order,
)

STARTER = starter()
RULES = Rules(STARTER)
BUSINESS = a_customer(kind="business")
PALLET = Palletizing(units_per_layer=10, units_per_pallet=40)


def classified(order: Order | None = None, **known: Any) -> Classification:
    sku = known.get("sku", a_sku())
    customer = known.get("customer", a_customer())
    hazards = known.get("hazards", ())
    on = known.get("conditions", ())
    around = Circumstances(a_network(), {sku.id: sku}, customer, hazards, on)
    facts = gather(order or an_order(), around, MONDAY)
    return RULES.classify(facts.values, MONDAY)


def names(classification: Classification) -> list[str]:
    return [member.segment for member in classification.memberships]


def of_the_customer(*days_ago: tuple[str, int]) -> Classification:
    """Classify a customer to whom this happened, so many days ago each."""
    past = history_of(
        Entry(MONDAY - timedelta(days=days), f"{kind}-{days}", kind)
        for kind, days in days_ago
    )
    return judged(past)


def judged(past: History) -> Classification:
    name = CustomerId("C-1")
    around = Circumstances(a_network(), histories={of_customer(name): past})
    look = look_at_customer(name, around)
    return RULES.classify(look(MONDAY), MONDAY, look=look, on=SubjectKind.CUSTOMER)


def placed(*days_ago: int) -> list[tuple[str, int]]:
    return [("order_placed", days) for days in days_ago]


def a_condition(kind: ConditionKind, **changes: Any) -> Condition:
    given = {"id": "C-9", "valid_from": MONDAY, "declared_by": "operations"} | changes
    return Condition(kind=kind, **given)


def policy_of(order: Order | None = None, **known: Any) -> Policy:
    order = order or an_order()
    return compose(STARTER, classified(order, **known), order, MONDAY)


@pytest.mark.parametrize(
    ("segment", "order", "known"),
    [
        ("urgent", {"requested_service": "expedited"}, {}),
        ("urgent", {"requested_service": "overnight", "deliver_by": None}, {}),
        ("urgent", {"deliver_by": MONDAY + timedelta(hours=48)}, {}),
        ("perishable", {"lines": (a_line("CHEESE"),)}, {"sku": a_chilled_sku()}),
        ("perishable", {}, {"sku": a_sku(temperature="frozen")}),
        ("perishable", {}, {"sku": a_sku(shelf_life_h=240)}),
        ("bulk-b2b", {"lines": (a_line("LAMP", 100),)}, {"customer": BUSINESS}),
        (
            "bulk-b2b",
            {"lines": (a_line("LAMP", 40),)},
            {"customer": BUSINESS, "sku": a_sku(pallet=PALLET)},
        ),
        ("weather-affected", {}, {"hazards": (a_hazard(),)}),
        (
            "weather-affected",
            {},
            {"hazards": (a_hazard(severity=Severity.MINOR, delay_h=12),)},
        ),
        ("vip", {}, {"customer": a_customer(tier="gold")}),
        ("fragile", {}, {"sku": a_sku(fragile=True)}),
        ("high-value", {}, {"sku": a_sku(value_cents=300_00)}),
        ("hazmat", {}, {"sku": a_sku(hazmat_class="9")}),
        ("oversize", {}, {"sku": a_sku(size=a_size(1_201, 100, 100))}),
        ("oversize", {}, {"sku": a_sku(weight_g=30_001)}),
        ("local", {"ship_to": a_place("10001")}, {}),
        ("peak-event", {}, {"conditions": (a_condition(ConditionKind.PEAK),)}),
        ("peak-event", {}, {"conditions": (a_condition(ConditionKind.CAMPAIGN),)}),
    ],
)
def test_an_order_is_in_the_one_segment_it_was_made_for(
    segment: str, order: dict[str, Any], known: dict[str, Any]
) -> None:
    assert names(classified(an_order(**order), **known)) == [segment]


@pytest.mark.parametrize(
    ("order", "known"),
    [
        ({}, {}),
        ({"deliver_by": None}, {}),
        ({"deliver_by": MONDAY + timedelta(hours=49)}, {}),
        ({}, {"sku": a_sku(shelf_life_h=241)}),
        (
            {"lines": (a_line("LAMP", 99),)},
            {"customer": BUSINESS, "sku": a_sku(weight_g=500)},
        ),
        ({"lines": (a_line("LAMP", 120),)}, {}),
        ({}, {"hazards": (a_hazard(severity=Severity.MODERATE, delay_h=11),)}),
        ({}, {"hazards": (a_hazard(regions=("NY",)),)}),
        ({}, {"conditions": (a_condition(ConditionKind.PEAK, regions=("NY",)),)}),
        ({}, {"customer": a_customer(tier="silver")}),
        ({}, {"sku": a_sku(value_cents=299_99)}),
        ({}, {"sku": a_sku(weight_g=30_000, size=a_size(1_200, 100, 100))}),
    ],
)
def test_an_ordinary_order_is_in_no_segment_and_nothing_is_unknown(
    order: dict[str, Any], known: dict[str, Any]
) -> None:
    found = classified(an_order(**order), **known)

    assert (names(found), found.unknown) == ([], ())


def test_goods_nobody_knows_count_as_perishable_and_dangerous() -> None:
    found = classified(an_order(lines=(a_line("NO-SUCH"),)))

    assert names(found) == ["perishable", "hazmat"]
    assert {"fragile", "high-value", "oversize"} < set(found.unknown)


def test_an_unknown_customer_is_in_no_segment_of_customers() -> None:
    found = classified(an_order(lines=(a_line("LAMP", 120),)), customer=None)

    assert names(found) == []
    assert {"bulk-b2b", "vip"} <= set(found.unknown)


def test_weather_leaves_with_the_alert_and_never_stays_beyond_three_days() -> None:
    short = classified(hazards=(a_hazard(),))
    long = classified(hazards=(a_hazard(valid_until=MONDAY + timedelta(days=9)),))

    assert short.valid_until == MONDAY + timedelta(days=2)
    assert long.valid_until == MONDAY + timedelta(days=3)


@pytest.mark.parametrize(
    "past",
    [
        [*placed(3, 20, 40, 60, 80), ("complained", 89)],
        [*placed(3, 20, 40), ("delivered_late", 35), ("delivered_late", 80)],
        # Every three weeks, then four months of silence, then today.
        placed(0, 120, 141, 162, 183),
        placed(95),
    ],
    ids=["complained", "late-twice", "back-once", "silent"],
)
def test_who_was_let_down_or_fell_silent_is_at_risk(
    past: list[tuple[str, int]],
) -> None:
    assert "at-risk" in names(of_the_customer(*past))


@pytest.mark.parametrize(
    "past",
    [
        [*placed(3, 20, 40, 60, 80), ("complained", 90)],
        [*placed(3, 20, 40), ("delivered_late", 35), ("delivered_late", 90)],
        placed(0, 21, 120, 141, 162, 183),
        placed(0, 95),
        placed(20, 120, 220, 320),
    ],
    ids=["forgotten", "once-late", "back-twice", "back", "seldom"],
)
def test_who_was_not_let_down_lately_is_not_at_risk(
    past: list[tuple[str, int]],
) -> None:
    assert names(of_the_customer(*past)) == []


def test_a_customer_leaves_risk_ninety_days_after_the_complaint_to_the_second() -> None:
    found = of_the_customer(*placed(3, 20, 40, 60, 80), ("complained", 89))

    assert found.memberships[0].valid_until == MONDAY + timedelta(days=1)


def test_who_came_back_leaves_risk_when_that_order_is_ninety_days_old() -> None:
    found = of_the_customer(*placed(0, 120, 141, 162, 183))

    assert found.memberships[0].valid_until == MONDAY + timedelta(days=90)


def test_one_is_a_first_customer_until_the_second_order() -> None:
    assert names(of_the_customer()) == ["first-time"]
    assert names(of_the_customer(*placed(1))) == ["first-time"]
    assert names(of_the_customer(*placed(1, 30))) == []


def test_an_ordinary_order_is_ruled_by_the_base_alone() -> None:
    policy = policy_of()

    assert policy.money.late_cents_per_h == 25
    assert set(policy.sources.values()) == {("base",)}
    assert policy.relax == (SoftLimit.OVER_CAPACITY, SoftLimit.MAX_PARCELS)


def test_the_segments_of_one_order_are_told_as_a_person_would() -> None:
    order = an_order(requested_service="overnight")
    known = {"customer": a_customer(tier="vip"), "sku": a_sku(hazmat_class="3")}
    policy = policy_of(order, **known)

    told = explain(policy, classified(order, **known))

    assert "In vip: customer tier is vip, at least gold." in told
    assert "Each hour late costs $3.50 (urgent)." in told
    assert "Being late at all costs $25.00, times its chance (vip)." in told
    assert "Only by ground, ltl, pickup (hazmat)." in told


def test_no_two_segments_of_equal_priority_can_disagree() -> None:
    priorities = [segment.priority for segment in STARTER.segments]

    assert len(set(priorities)) == len(priorities)


def test_every_segment_has_an_owner_and_a_reason_and_what_passes_expires() -> None:
    for segment in STARTER.segments:
        assert segment.owner
        assert len(segment.why) > 20
        passing = "hazard" in segment.when or "peak" in segment.when
        assert passing is (segment.ttl_h is not None)


def test_a_wave_of_dear_small_units_is_high_value_up_to_ten_units() -> None:
    sku = a_sku(value_cents=60_00)

    ten = classified(an_order(lines=(a_line("LAMP", 10),)), sku=sku)
    eleven = classified(an_order(lines=(a_line("LAMP", 11),)), sku=sku)

    assert (names(ten), names(eleven)) == (["high-value"], [])


@pytest.mark.parametrize(
    "known",
    [
        {"sku": a_chilled_sku(id="LAMP", value_cents=400_00)},
        {"sku": a_sku(value_cents=400_00), "customer": BUSINESS},
        {"sku": a_sku(fragile=True, value_cents=400_00, temperature="frozen")},
        {"sku": a_sku(fragile=True, hazmat_class="9", size=a_size(1_500, 90, 90))},
    ],
    ids=["chilled-dear", "bulk-dear", "fragile-frozen-dear", "fragile-hazmat-long"],
)
def test_segments_that_often_meet_leave_a_way_to_pack_and_carry(
    known: dict[str, Any],
) -> None:
    policy = policy_of(an_order(lines=(a_line("LAMP", 120),)), **known)

    assert policy.conflicts == ()
    assert policy.limits.allowed_packing is None or policy.limits.allowed_packing
    assert set(policy.limits.allowed_modes or ("air",)) - set(
        policy.limits.blocked_modes
    )
    cold = known["sku"].temperature != "ambient"
    assert not cold or "insulated" in (policy.limits.allowed_packing or ())
