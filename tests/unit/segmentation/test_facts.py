from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.hazard import Circle, Hazard, Severity
from domain.order import Order
from domain.segment import Fact
from domain.sku import Palletizing, Sku
from segmentation.circumstances import Circumstances
from segmentation.facts import SCHEMA, gather
from segmentation.schema import FactError, FactSource, FactSpec, FactType, Schema
from tests.builders import (
    MONDAY,
    a_center,
    a_chilled_sku,
    a_customer,
    a_hazard,
    a_line,
    a_network,
    a_place,
    a_sku,
    an_order,
    two_centers,
)


def facts_of(
    order: Order, *skus: Sku, hazards: tuple[Hazard, ...] = (), **more: Any
) -> dict[str, Fact]:
    known = {sku.id: sku for sku in (skus or (a_sku(), a_chilled_sku()))}
    now = more.pop("now", MONDAY)
    values: dict[str, Any] = {"customer": a_customer(), "network": a_network()}
    around = Circumstances(skus=known, hazards=hazards, **(values | more))
    return dict(gather(order, around, now).values)


def test_every_fact_is_declared_and_of_its_declared_type() -> None:
    facts = facts_of(an_order(lines=(a_line("CHEESE"),)), hazards=(a_hazard(),))

    assert SCHEMA.admit(facts) == facts


def test_facts_survive_the_journey_as_json_with_their_types() -> None:
    facts = facts_of(an_order(lines=(a_line("CHEESE"),)), hazards=(a_hazard(),))
    adapter = TypeAdapter(dict[str, Fact])

    arrived = adapter.validate_json(adapter.dump_json(facts))

    assert arrived == facts
    assert {n: type(v) for n, v in arrived.items()} == {
        n: type(v) for n, v in facts.items()
    }


def test_totals_count_every_unit_of_every_line() -> None:
    facts = facts_of(an_order(lines=(a_line("LAMP", 3), a_line("CHEESE", 2))))

    assert (facts["lines"], facts["units"], facts["max_line_units"]) == (2, 5, 3)
    assert facts["weight_g"] == 3 * 800 + 2 * 400
    assert facts["order_value_cents"] == 3 * 2_500 + 2 * 1_200
    assert facts["max_unit_value_cents"] == 2_500
    assert facts["volume_mm3"] == 3 * 200 * 150 * 100 + 2 * 120 * 120 * 60


def test_a_weight_stated_by_the_order_stands_for_that_of_its_goods() -> None:
    assert facts_of(an_order(weight_g=12_345))["weight_g"] == 12_345


def test_the_coldest_unit_gives_the_temperature() -> None:
    facts = facts_of(an_order(lines=(a_line("LAMP"), a_line("CHEESE"))))

    assert facts["temperature"] == "chilled"
    assert (facts["spoils"], facts["min_shelf_life_h"]) == (True, 96)


def test_goods_without_a_shelf_life_do_not_spoil() -> None:
    facts = facts_of(an_order())

    assert facts["spoils"] is False
    assert "min_shelf_life_h" not in facts


def test_a_sku_missing_from_the_catalog_leaves_totals_unknown() -> None:
    facts = facts_of(an_order(lines=(a_line("LAMP"), a_line("NO-SUCH"))))

    missing = {"weight_g", "volume_mm3", "order_value_cents", "temperature", "fragile"}
    assert not missing & set(facts)
    assert facts["units"] == 2


def test_one_fragile_unit_is_enough_whatever_the_unknown_ones_are() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("NO-SUCH")))

    facts = facts_of(order, a_sku(fragile=True, temperature="frozen"))

    assert (facts["fragile"], facts["temperature"]) == (True, "frozen")
    assert "hazmat" not in facts


def test_full_pallets_are_counted_per_sku() -> None:
    pallet = Palletizing(units_per_layer=10, units_per_pallet=40)
    order = an_order(lines=(a_line("LAMP", 95),))

    assert facts_of(order, a_sku(pallet=pallet))["pallet_units"] == 2


def test_without_a_deliver_by_the_time_left_is_unknown() -> None:
    facts = facts_of(an_order(deliver_by=None))

    assert "hours_to_deliver_by" not in facts


def test_a_deliver_by_that_has_passed_counts_below_zero() -> None:
    order = an_order(deliver_by=MONDAY + timedelta(hours=5))

    facts = facts_of(order, now=MONDAY + timedelta(hours=8))

    assert facts["hours_to_deliver_by"] == -3.0


def test_nothing_is_known_of_an_unknown_customer() -> None:
    facts = facts_of(an_order(), customer=None)

    assert not {"customer_tier", "customer_kind"} & set(facts)


def test_a_center_across_the_river_is_in_the_same_metro() -> None:
    facts = facts_of(an_order(ship_to=a_place("10001")), network=two_centers())

    assert facts["same_metro_center"] is True
    assert facts["nearest_center_km"] == pytest.approx(3.3, abs=0.3)


def test_a_center_that_does_not_carry_the_goods_is_not_near() -> None:
    network = two_centers(counts_stock=False, stocked_at={"LAMP": ("WEST",)})

    facts = facts_of(an_order(ship_to=a_place("10001")), network=network)

    assert facts["same_metro_center"] is False


def test_an_address_abroad_without_coordinates_has_no_distance_nor_local_time() -> None:
    there = a_place("H2Y", country="CA", latitude=None, longitude=None)

    facts = facts_of(an_order(ship_to=there))

    assert not {"nearest_center_km", "hour_of_day", "day_of_week"} & set(facts)


def test_the_hour_is_that_of_the_destination_by_its_postal_code() -> None:
    facts = facts_of(an_order(ship_to=a_place("98101")))

    assert (facts["day_of_week"], facts["hour_of_day"]) == ("mon", 4)


def test_abroad_the_hour_is_that_of_the_nearest_center() -> None:
    vancouver = a_place("V6B", country="CA", latitude=49.28, longitude=-123.12)

    facts = facts_of(an_order(ship_to=vancouver), network=two_centers())

    assert facts["hour_of_day"] == 4


def test_the_worst_alert_at_the_destination_counts() -> None:
    milder = a_hazard(id="STORM-2", kind="fog", severity=Severity.MINOR, delay_h=2)
    elsewhere = a_hazard(id="STORM-3", severity=Severity.EXTREME, regions=("NY",))

    facts = facts_of(an_order(), hazards=(milder, a_hazard(), elsewhere))

    assert facts["hazard_severity"] == "severe"
    assert facts["hazard_kinds"] == ("fog", "winter-storm")
    assert (facts["hazard_delay_h"], facts["hazard_hours_left"]) == (24, 48.0)


def test_an_alert_is_over_the_moment_it_ends() -> None:
    facts = facts_of(an_order(), hazards=(a_hazard(),), now=MONDAY + timedelta(days=2))

    assert (facts["hazard_severity"], facts["hazard_kinds"]) == ("none", ())


def test_an_alert_that_begins_tomorrow_is_ahead() -> None:
    tomorrow = a_hazard(
        valid_from=MONDAY + timedelta(days=1), valid_until=MONDAY + timedelta(days=3)
    )

    facts = facts_of(an_order(), hazards=(tomorrow,))

    assert facts["hazard_severity"] == "none"
    assert facts["hazard_ahead_severity"] == "severe"


def test_an_alert_that_coordinates_would_settle_leaves_severity_unknown() -> None:
    order = an_order(ship_to=a_place("60601", latitude=None, longitude=None))
    circle = Circle(latitude=41.0, longitude=-87.0, radius_km=200)

    facts = facts_of(order, hazards=(a_hazard(regions=(), circle=circle),))

    assert not {"hazard_severity", "hazard_kinds", "hazard_delay_h"} & set(facts)


def test_a_worse_alert_that_surely_holds_settles_it_all_the_same() -> None:
    order = an_order(ship_to=a_place("60601", latitude=None, longitude=None))
    circle = Circle(latitude=41.0, longitude=-87.0, radius_km=200)
    unsure = a_hazard(id="STORM-2", regions=(), circle=circle, severity=Severity.MINOR)

    facts = facts_of(order, hazards=(unsure, a_hazard()))

    assert facts["hazard_severity"] == "severe"


def test_attributes_become_facts_with_a_prefix() -> None:
    order = an_order(attributes={"dock": "true", "Odd Name": "x"})

    facts = facts_of(order)

    assert facts["attr_dock"] == "true"
    assert "attr_Odd Name" not in facts


def test_attributes_take_the_type_they_are_declared_with() -> None:
    dock = FactSpec("attr_dock", FactType.BOOLEAN, "dock", "", FactSource.ORDER)
    level = FactSpec("attr_level", FactType.NUMBER, "level", "", FactSource.ORDER)

    admitted = Schema((dock, level)).admit({"attr_dock": "True", "attr_level": "-2.5"})

    assert admitted == {"attr_dock": True, "attr_level": -2.5}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lines", "three"),
        ("lines", True),
        ("lines", float("nan")),
        ("fragile", 1),
        ("temperature", "warm"),
        ("hazard_kinds", "ice"),
        ("region", 7),
    ],
)
def test_a_fact_of_another_type_is_refused_by_name(name: str, value: Fact) -> None:
    with pytest.raises(FactError, match=f"fact '{name}' is .* but must be"):
        SCHEMA.admit({name: value})


def test_a_fact_is_declared_once() -> None:
    with pytest.raises(ValueError, match="'lines' is already declared"):
        SCHEMA.extended(
            [FactSpec("lines", FactType.NUMBER, "lines", "", FactSource.ORDER)]
        )


@settings(max_examples=50, deadline=None)
@given(st.permutations(["LAMP", "CHEESE", "NO-SUCH"]), st.integers(1, 50))
def test_the_order_of_lines_changes_no_fact(skus: list[str], units: int) -> None:
    ordered = an_order(lines=tuple(a_line(sku, units) for sku in sorted(skus)))
    mixed = an_order(lines=tuple(a_line(sku, units) for sku in skus))

    assert facts_of(mixed) == facts_of(ordered)


def test_centers_equally_near_are_told_apart_by_id() -> None:
    twins = (
        a_center(id="B", time_zone="Asia/Tokyo"),
        a_center(id="A", time_zone="America/New_York"),
    )

    abroad = an_order(ship_to=a_place("60601", country="CA"))

    facts = facts_of(abroad, network=a_network(centers=twins))

    assert facts["hour_of_day"] == 7
