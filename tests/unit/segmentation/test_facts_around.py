"""Facts of stock, lanes, conditions, behavior and places around an order."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.condition import Condition
from domain.hazard import Circle
from domain.history import Entry, History, history_of
from domain.order import Order
from domain.quantities import CarrierId, FcId, SkuId
from domain.segment import Fact
from domain.subject import LaneId, of_customer, of_sku
from segmentation import facts
from segmentation.circumstances import Circumstances
from segmentation.places.zip3 import area_of, areas
from tests.builders import (
    MONDAY,
    a_center,
    a_chilled_sku,
    a_hazard,
    a_line,
    a_network,
    a_place,
    a_sku,
    an_order,
)
from tests.unit.segmentation.surroundings import (
    EAST,
    LANE,
    SCORES,
    WEST,
    two_coasts,
)

HOUR = timedelta(hours=1)
LAMP, CHEESE = SkuId("LAMP"), SkuId("CHEESE")
SWIFT = CarrierId("SWIFT")


def around(**known: Any) -> Circumstances:
    skus = {LAMP: a_sku(), CHEESE: a_chilled_sku()}
    values: dict[str, Any] = {"network": two_coasts(), "skus": skus}
    return Circumstances(**(values | known))


def told(
    order: Order | None = None, now: datetime = MONDAY, **known: Any
) -> dict[str, Fact]:
    return dict(facts.gather(order or an_order(), around(**known), now).values)


def sold(*days_ago: int, units: int = 1) -> History:
    """Build a history of orders placed so many days before the tests' Monday."""
    return history_of(
        Entry(MONDAY - timedelta(days=n), f"E{n}", "order_placed", units, 1_000)
        for n in days_ago
    )


def a_condition(**what: Any) -> Condition:
    values: dict[str, Any] = {"id": "C1", "declared_by": "ops"}
    values |= {"valid_from": MONDAY - HOUR, "valid_until": MONDAY + HOUR}
    return Condition(**(values | what))


def test_shelf_life_left_counts_days_of_rest_after_the_next_pickup() -> None:
    friday = MONDAY + timedelta(days=4)
    network = two_coasts(centers=(two_coasts().center(EAST),))

    found = told(an_order(lines=(a_line("CHEESE"),)), friday, network=network)

    # By air 20 h and by ground 48 h from 17:00, and a weekend of 47 hours: the
    # clock goes forward in it.
    assert (found["fastest_transit_h"], found["slowest_transit_h"]) == (67, 95)
    assert found["shelf_life_left_fastest_h"] == 96 - 67
    assert found["shelf_life_left_slowest_h"] == 96 - 95


def test_transit_is_from_the_pickup_that_goods_released_now_still_make() -> None:
    # Thursday, two hours of work before 17:00 in New York.
    in_time = MONDAY + timedelta(days=3) + 8 * HOUR
    network = two_coasts(centers=(two_coasts().center(EAST),))
    look = facts.look(an_order(), around(network=network))

    last, late = look(in_time), look(in_time + timedelta.resolution)

    assert last.values["fastest_transit_h"] == 20
    assert late.values["fastest_transit_h"] == 67
    assert last.steps["fastest_transit_h"] == in_time + timedelta.resolution


def test_what_does_not_spoil_has_no_shelf_life_left() -> None:
    assert "shelf_life_left_fastest_h" not in told()


def test_the_next_cutoff_is_that_of_the_nearest_center_with_stock() -> None:
    # 17:00 in New York, and 17:00 in Los Angeles.
    assert told(free={(EAST, LAMP): 1})["hours_to_next_cutoff"] == 10.0
    assert told(free={(WEST, LAMP): 1})["hours_to_next_cutoff"] == 13.0


def test_at_the_very_cutoff_the_next_one_counts() -> None:
    at_cutoff = MONDAY + 10 * HOUR

    # On Tuesdays there is another one at 9:30.
    assert told(now=at_cutoff)["hours_to_next_cutoff"] == 16.5


def test_a_center_without_a_unit_is_not_near() -> None:
    near = told(free={(EAST, LAMP): 1})["nearest_center_km"]
    far = told(free={(EAST, LAMP): 0, (WEST, LAMP): 2})["nearest_center_km"]

    assert near == pytest.approx(1_131, abs=20)
    assert far == pytest.approx(2_800, abs=50)


@pytest.mark.parametrize(("units", "near"), [(3, True), (4, False)])
def test_stock_nearby_must_be_enough_for_every_line(units: int, near: bool) -> None:
    order = an_order(ship_to=a_place("10001"), lines=(a_line("LAMP", units),))

    found = told(order, free={(EAST, LAMP): 3, (WEST, LAMP): 9})

    assert found["same_metro_stock"] is near
    assert found["full_stock_centers"] == 1 + near


def test_nobody_knows_of_stock_that_was_not_counted() -> None:
    assert not {"same_metro_stock", "full_stock_centers"} & set(told(free=None))


def test_health_is_that_of_the_worst_and_the_best_carrier() -> None:
    assert told(carrier_health={SWIFT: 0.7})["carrier_health_worst"] == 0.7
    assert "carrier_health_best" not in told(carrier_health={"OTHER": 0.7})


def test_the_load_is_that_of_the_nearest_center() -> None:
    assert told(center_load={EAST: 1.2, WEST: 0.1})["center_load"] == 1.2


def test_a_storm_on_the_way_touches_neither_end() -> None:
    lake_erie = Circle(latitude=41.7, longitude=-81.5, radius_km=60)
    storm = a_hazard(regions=(), circle=lake_erie)

    found = told(hazards=(storm,), free={(EAST, LAMP): 1})

    assert found["hazard_lane_severity"] == "severe"
    assert (found["hazard_severity"], found["hazard_center_severity"]) == (
        "none",
        "none",
    )


def test_a_silent_feed_leaves_hazards_unknown_from_the_second_it_is_too_old() -> None:
    heard = {"hazard": MONDAY - 2 * HOUR + timedelta(seconds=1)}
    look = facts.look(an_order(), around(hazards=(a_hazard(),), heard_at=heard))

    fresh, old = look(MONDAY), look(MONDAY + timedelta(seconds=1))

    assert fresh.values["hazard_severity"] == "severe"
    assert fresh.steps["hazard_severity"] == MONDAY + timedelta(seconds=1)
    assert not [name for name in old.values if name.startswith("hazard_")]


def test_what_is_down_is_named() -> None:
    outage = a_condition(kind="center-outage", center=EAST)
    local = a_condition(kind="carrier-disruption", service="SWIFT-AIR", center=WEST)

    found = told(conditions=(outage, local), free={(EAST, LAMP): 1})

    assert (found["centers_down"], found["carriers_down"]) == (("EAST",), ())
    assert found["lanes_down"] == ("WEST/SWIFT-AIR",)
    assert found["nearest_center_down"] is True


def test_a_campaign_is_on_for_its_regions_and_channels_only() -> None:
    here = a_condition(id="LAKES", kind="campaign", regions=("IL",))
    elsewhere = a_condition(id="COAST", kind="campaign", regions=("CA",))
    in_shops = a_condition(id="SHOPS", kind="campaign", channels=("store",))

    found = told(conditions=(here, elsewhere, in_shops))

    assert (found["campaigns"], found["peak"]) == (("LAKES",), False)


def test_without_a_region_a_regional_peak_is_unknown() -> None:
    nowhere = an_order(ship_to=a_place("60601", region=""))

    assert "peak" not in told(
        nowhere, conditions=(a_condition(kind="peak", regions=("IL",)),)
    )
    assert told(nowhere, conditions=(a_condition(kind="peak"),))["peak"] is True


def test_an_order_has_its_customers_behavior() -> None:
    customer = an_order().customer_id
    known = around(histories={of_customer(customer): sold(2, 12, 22)}, scores=SCORES)

    of_order = facts.gather(an_order(), known, MONDAY).values
    of_one = facts.of_customer(customer, known, MONDAY).values

    assert (of_order["lifecycle"], of_order["recency_days"]) == ("loyal", 2.0)
    assert of_one.items() <= of_order.items()


def test_nothing_is_known_of_how_a_customer_without_a_history_behaves() -> None:
    assert not {"lifecycle", "orders_30d"} & set(told())
    empty = {of_customer(an_order().customer_id): History()}
    assert told(histories=empty)["lifecycle"] == "new"


def test_an_order_is_as_fast_as_its_fastest_sku_and_as_short_as_its_scarcest() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("CHEESE")))
    histories = {of_sku(LAMP): sold(*range(1, 61)), of_sku(CHEESE): sold(5, 50)}
    free = {(EAST, LAMP): 7, (WEST, LAMP): 5, (EAST, CHEESE): 1}

    found = told(order, histories=histories, scores=SCORES, free=free)

    assert (found["sku_velocity"], found["slowest_sku_velocity"]) == ("A", "C")
    assert found["stock_cover_days"] == 12.0


def test_a_sku_nobody_remembers_leaves_the_slowest_and_the_cover_unknown() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("CHEESE")))
    histories = {of_sku(LAMP): sold(*range(1, 61))}

    found = told(order, histories=histories, scores=SCORES, free={(EAST, LAMP): 3})

    assert found["sku_velocity"] == "A"
    assert not {"slowest_sku_velocity", "stock_cover_days"} & set(found)


def test_a_sku_has_its_own_goods_stock_and_sales() -> None:
    known = around(histories={of_sku(CHEESE): sold(1, 2)}, free={(EAST, CHEESE): 4})

    found = facts.of_sku(CHEESE, known, MONDAY).values

    assert (found["skus"], found["temperature"]) == (("CHEESE",), "chilled")
    assert (found["units_30d"], found["free_units"]) == (2, 4)
    assert found["stocking_centers"] == 1


def test_a_lane_is_its_center_and_its_service() -> None:
    states = (a_condition(kind="carrier-disruption", carrier="SWIFT", center=EAST),)
    known = around(
        conditions=states, center_load={EAST: 0.5}, carrier_health={SWIFT: 1.0}
    )

    found = facts.of_lane(LANE, known, MONDAY).values

    assert (found["center"], found["service"]) == ("EAST", "SWIFT-AIR")
    assert (found["carrier"], found["mode"]) == ("SWIFT", "air")
    assert (found["center_load"], found["carrier_health"]) == (0.5, 1.0)
    assert (found["lane_down"], found["hour_of_day"]) == (True, 7)


def test_a_lane_the_network_does_not_have_is_known_by_name_only() -> None:
    found = facts.of_lane(LaneId("MOON/ROCKET"), around(conditions=None), MONDAY)

    assert dict(found.values) == {"center": "MOON", "service": "ROCKET"}


def test_predictions_are_facts_once_somebody_predicts() -> None:
    assert "predicted_churn" not in told()
    assert told(predictions={"predicted_churn": 0.4})["predicted_churn"] == 0.4


@pytest.mark.parametrize(
    ("postal_code", "urban", "zone"),
    [
        ("10001", True, "America/New_York"),
        ("60601", True, "America/Chicago"),
        ("59001", False, "America/Denver"),
        ("96813", True, "Pacific/Honolulu"),
        ("99701", False, "America/Anchorage"),
        ("00901", True, "America/Puerto_Rico"),
    ],
)
def test_a_postal_area_has_a_time_zone_and_is_town_or_country(
    postal_code: str, urban: bool, zone: str
) -> None:
    area = area_of(a_place(postal_code))

    assert area is not None
    assert (area.urban, area.time_zone) == (urban, zone)


def test_the_table_of_postal_areas_covers_the_country() -> None:
    assert len(areas()) == 918
    assert sum(area.zips for area in areas().values()) == 41_965
    assert area_of(a_place("60601", country="DE")) is None


def test_the_next_pickup_is_nobodys_where_no_carrier_that_could_come_does() -> None:
    alone = a_network(centers=(a_center(id=FcId("EAST"), only_customers=("OTHER",)),))

    assert "hours_to_next_cutoff" not in told(network=alone)
