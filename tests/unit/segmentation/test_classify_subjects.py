"""Customers, SKUs and lanes are classified like orders, by windows over events."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from domain.segment import Fact, Membership, Segment
from domain.subject import Subject, SubjectKind, of_customer, of_sku
from segmentation.classify import Rules, joined
from segmentation.known import Facts
from segmentation.language.errors import RuleError
from segmentation.schema import FactError
from segmentation.window import Window
from tests.builders import MONDAY, a_rule_set, a_segment

CUSTOMER, SKU = SubjectKind.CUSTOMER, SubjectKind.SKU
HOUR = timedelta(hours=1)
BUSY = 'events("order_placed", within="7d") >= 3'
BUSY_KEY = "events customer order_placed 604800s"


def a_segment_on(on: SubjectKind, **more: Any) -> Segment:
    return a_segment(**({"id": f"busy-{on}", "on": on, "when": BUSY} | more))


def rules(*segments: Segment, **more: Any) -> Rules:
    return Rules(a_rule_set(*segments, **more))


def members(
    compiled: Rules, facts: Mapping[str, Fact], on: SubjectKind, **more: Any
) -> tuple[Membership, ...]:
    return compiled.classify(facts, MONDAY, on=on, **more).memberships


def test_a_rule_set_lists_the_windows_its_rules_need_each_once() -> None:
    compiled = rules(
        a_segment_on(CUSTOMER), a_segment_on(SKU), a_segment(id="o", when=BUSY)
    )

    customer = Window("events", "order_placed", CUSTOMER, (), 604_800)
    sku = Window("events", "order_placed", SKU, (), 604_800)
    assert compiled.windows == (customer, sku)
    assert compiled.windows_of(SubjectKind.ORDER) == (customer,)
    assert compiled.windows_of(SubjectKind.LANE) == ()


def test_a_customer_is_only_in_segments_on_customers() -> None:
    compiled = rules(a_segment_on(CUSTOMER), a_segment(id="gift", when="gift"))
    facts: dict[str, Fact] = {BUSY_KEY: 3, "gift": True}

    [member] = members(compiled, facts, CUSTOMER, through=of_customer("C-7"))  # type: ignore[arg-type]

    assert (member.segment, member.through) == ("busy-customer", "customer/C-7")
    assert member.evidence == (
        "3 order placed events of the customer within 7 d, at least 3 needed",
    )


def test_a_window_nobody_counted_is_unknown() -> None:
    found = rules(a_segment_on(CUSTOMER)).classify({}, MONDAY, on=CUSTOMER)

    assert (found.memberships, found.unknown) == ((), ("busy-customer",))


@pytest.mark.parametrize("value", [True, "3", float("nan")])
def test_a_count_that_is_no_number_is_refused_by_name(value: Fact) -> None:
    with pytest.raises(FactError, match="window 'events customer order_placed"):
        members(rules(a_segment_on(CUSTOMER)), {BUSY_KEY: value}, CUSTOMER)


def test_a_membership_goes_on_only_through_the_same_subject() -> None:
    compiled = rules(a_segment_on(CUSTOMER))
    facts: dict[str, Fact] = {BUSY_KEY: 3}
    before = compiled.classify(facts, MONDAY, on=CUSTOMER, through=Subject("a"))
    later = MONDAY + HOUR

    same, other = (
        compiled.classify(facts, later, before, on=CUSTOMER, through=Subject(name))
        for name in "ab"
    )

    assert same.memberships[0].since == MONDAY
    assert other.memberships[0].since == later


def test_an_order_gets_the_memberships_of_its_customer_and_skus_beside_its_own() -> (
    None
):
    compiled = rules(a_segment_on(CUSTOMER, ttl_h=5), a_segment(id="gift", when="gift"))
    own = compiled.classify({"gift": True}, MONDAY)
    customer = compiled.classify({BUSY_KEY: 3}, MONDAY, on=CUSTOMER)
    sku = compiled.classify({}, MONDAY, on=SKU, through=of_sku("S"))  # type: ignore[arg-type]

    whole = joined(own, customer, sku)

    assert [m.segment for m in whole.memberships] == ["gift", "busy-customer"]
    assert whole.valid_until == MONDAY + 5 * HOUR


def test_declared_kinds_of_event_can_be_counted() -> None:
    tasted = a_segment(id="t", on=CUSTOMER, when='days_since("tasted") > 2')

    with pytest.raises(RuleError, match="unknown kind of event 'tasted'"):
        rules(tasted)
    assert rules(tasted, events={"tasted": "eaten"}).windows[0].kind == "tasted"


def test_facts_that_run_with_the_clock_say_without_a_look_when_they_may_turn() -> None:
    key = "days_since customer order_placed"
    compiled = rules(a_segment_on(CUSTOMER, when='days_since("order_placed") > 90'))
    facts = Facts({key: 89.0}, {key: 1 / 24})

    found = compiled.classify(facts, MONDAY, on=CUSTOMER)

    assert found.valid_until == MONDAY + 24 * HOUR


def test_members_are_those_that_hold_and_the_unknown_on_the_safe_side() -> None:
    compiled = rules(
        a_segment(id="a", when="gift"),
        a_segment(id="b", when="fragile", on_unknown="member"),
        a_segment(id="c", when="hazmat", on_unknown="review"),
        a_segment(id="d", when="gift", valid_from=MONDAY + HOUR),
    )
    masks = compiled.evaluate(SubjectKind.ORDER, {"gift": True})

    assert masks == (0b1001, 0b0110)
    assert compiled.members(SubjectKind.ORDER, *masks, MONDAY) == 0b0011


def test_a_fact_of_orders_cannot_be_read_of_a_customer() -> None:
    with pytest.raises(RuleError, match="'weight_g' is not known of a customer"):
        rules(a_segment_on(CUSTOMER, when="weight_g > 5"))
