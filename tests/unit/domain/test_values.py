from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.hazard import Circle, great_circle_km
from domain.network import Network, ServiceMode, Transit
from domain.order import Line
from domain.plan import CASH_TERMS, CostTerm, total
from domain.policy import Effects, Limits, Money
from domain.quantities import Dimensions, Edge, Value
from domain.warehousing import Reservation, ReservedLine
from tests.builders import (
    MONDAY,
    a_carton,
    a_center,
    a_hazard,
    a_network,
    a_parcel,
    a_pickup,
    a_place,
    a_plan,
    a_rule_set,
    a_segment,
    a_service,
    a_size,
    a_sku,
    an_order,
)


@pytest.mark.parametrize(
    "value",
    [
        an_order(),
        a_sku(),
        a_network(),
        a_hazard(),
        a_plan(),
        a_rule_set(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_survives_the_journey_as_json(value: Value) -> None:
    assert type(value).model_validate_json(value.model_dump_json()) == value


def test_a_value_ignores_a_field_from_a_newer_worker() -> None:
    assert Line.model_validate({"sku": "LAMP", "units": 1, "newer": 1}).units == 1


def test_an_edge_refuses_a_field_it_does_not_know() -> None:
    class Form(Edge):
        name: str

    with pytest.raises(ValidationError, match="nme"):
        Form.model_validate({"name": "a", "nme": "b"})


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_sku().weight_g = 5  # type: ignore[misc]


@given(st.tuples(*[st.integers(1, 3_000)] * 3), st.permutations([0, 1, 2]))
@settings(max_examples=50, deadline=None)
def test_turning_a_box_changes_neither_volume_nor_girth(
    sides: tuple[int, int, int], turn: list[int]
) -> None:
    turned = a_size(*(sides[n] for n in turn))

    assert turned.volume_mm3 == a_size(*sides).volume_mm3
    assert turned.girth_mm == a_size(*sides).girth_mm


def test_girth_is_the_longest_side_and_twice_the_others() -> None:
    assert a_size(100, 300, 200).girth_mm == 300 + 2 * (100 + 200)


@pytest.mark.parametrize("side", [0, -1, 1.5])
def test_a_box_has_whole_sides_above_zero(side: Any) -> None:
    with pytest.raises(ValidationError):
        Dimensions(length_mm=side, width_mm=1, height_mm=1)


def test_a_carton_larger_inside_than_outside_is_refused() -> None:
    with pytest.raises(ValidationError, match="'BOX-M': inner size is larger"):
        a_carton(inner=a_size(500, 300, 250))


def test_a_center_in_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises((ValidationError, LookupError), match="Nowhere"):
        a_center(time_zone="Mars/Nowhere")


def test_a_center_counts_days_by_its_own_clock() -> None:
    center = a_center(time_zone="America/New_York")

    assert center.local_day(datetime(2026, 3, 3, 4, 30, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_center_knows_when_a_carrier_collects() -> None:
    center = a_center()

    assert center.pickup_of(a_pickup().carrier) == a_pickup()
    assert center.pickup_of(a_pickup(carrier="OTHER").carrier) is None


def test_a_transit_belief_whose_percentiles_are_crossed_is_refused() -> None:
    with pytest.raises(ValidationError, match="zone 2: p90_h is less than p50_h"):
        Transit(zone=2, p50_h=48, p90_h=24)


def test_a_service_must_have_a_price_and_a_transit_for_each_zone_it_reaches() -> None:
    with pytest.raises(ValidationError, match=r"zones 1\.\.4 are reached but rates"):
        a_service(zones=(100, 500, 1_500, 9_000))


def test_a_service_without_any_price_is_refused_unless_it_is_pickup() -> None:
    with pytest.raises(ValidationError, match="neither zone rates nor lane rates"):
        a_service(zones=(), rates=(), transits=())

    pickup = a_service(zones=(), rates=(), transits=(), mode=ServiceMode.PICKUP)
    assert pickup.rates == ()


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"centers": (a_center(), a_center())}, "center 'EAST' is declared twice"),
        ({"services": (a_service(), a_service())}, "service 'SWIFT-GROUND' is decl"),
        ({"cartons": ()}, "center 'EAST' uses carton 'BOX-M', not declared"),
        (
            {"centers": (a_center(pickups=(a_pickup(carrier="GHOST"),)),)},
            "pickup by carrier 'GHOST', which offers no service",
        ),
        ({"centers": ()}, "at least 1 item"),
        ({"currency": "dollars"}, "currency"),
    ],
)
def test_a_network_that_does_not_hang_together_is_refused(
    overrides: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        a_network(**overrides)


def test_a_network_finds_its_parts_by_id() -> None:
    network: Network = a_network()

    assert network.center(a_center().id) == a_center()
    assert network.service(a_service().id) == a_service()
    assert network.carton(a_carton().id) == a_carton()
    with pytest.raises(KeyError):
        network.center(a_center(id="NOWHERE").id)


def test_a_hazard_holds_from_its_first_to_before_its_last_instant() -> None:
    hazard = a_hazard(valid_until=MONDAY + timedelta(hours=1))

    assert hazard.active(MONDAY)
    assert not hazard.active(MONDAY - timedelta(seconds=1))
    assert not hazard.active(MONDAY + timedelta(hours=1))


def test_a_hazard_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="'STORM-1': valid_until is not after"):
        a_hazard(valid_until=MONDAY)


@pytest.mark.parametrize(
    ("area", "touched"),
    [
        ({"regions": ("IL",)}, True),
        ({"regions": ("NY",)}, False),
        ({"postal_prefixes": ("606",)}, True),
        ({"postal_prefixes": ("607",)}, False),
        ({"circle": Circle(latitude=41.9, longitude=-87.6, radius_km=5)}, True),
        ({"circle": Circle(latitude=43.0, longitude=-87.9, radius_km=50)}, False),
        ({"regions": ("IL",), "country": "CA"}, False),
        ({}, False),
    ],
)
def test_a_hazard_touches_the_places_in_its_area(
    area: dict[str, Any], touched: bool
) -> None:
    hazard = a_hazard(**({"regions": ()} | area))

    assert hazard.touches(a_place("60601")) is touched
    assert hazard.located is bool(area)


def test_a_circle_cannot_tell_of_a_place_without_coordinates() -> None:
    circle = Circle(latitude=41.9, longitude=-87.6, radius_km=5)

    hazard = a_hazard(regions=(), circle=circle)

    assert not hazard.touches(a_place("60601", latitude=None, longitude=None))


_latitudes, _longitudes = st.floats(-90, 90), st.floats(-180, 180)


@given(_latitudes, _longitudes, _latitudes, _longitudes)
@settings(max_examples=100, deadline=None)
def test_distance_is_the_same_both_ways_and_never_beyond_half_the_earth(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    there = great_circle_km(lat1, lon1, lat2, lon2)

    assert there == pytest.approx(great_circle_km(lat2, lon2, lat1, lon1))
    assert 0 <= there <= 20_016
    assert great_circle_km(lat1, lon1, lat1, lon1) == 0


def test_a_known_distance_comes_out() -> None:
    assert great_circle_km(40.7128, -74.0060, 34.0522, -118.2437) == pytest.approx(
        3_936, abs=5
    )


def test_a_plans_cost_is_the_sum_of_its_terms() -> None:
    plan = a_plan()

    assert plan.total_cents == total(plan.cost) == 1_540 + 150 + 90


def test_a_plan_arrives_when_its_last_parcel_does() -> None:
    late = a_parcel(
        p50_at=MONDAY + timedelta(days=4), p90_at=MONDAY + timedelta(days=5)
    )

    plan = a_plan(parcels=(a_parcel(), late))

    assert (plan.p50_at, plan.p90_at) == (late.p50_at, late.p90_at)


def test_a_brief_plan_loses_placements_and_nothing_else() -> None:
    plan = a_plan()

    brief = plan.brief()

    assert plan.parcels[0].cartons[0].placements
    assert not brief.parcels[0].cartons[0].placements
    assert brief.total_cents == plan.total_cents
    assert brief.parcels[0].weight_g == plan.parcels[0].weight_g


def test_cash_is_what_somebody_invoices() -> None:
    expectations = {CostTerm.LATENESS, CostTerm.SPOILAGE, CostTerm.CARBON}

    assert CostTerm.FREIGHT in CASH_TERMS
    assert not expectations & CASH_TERMS


def test_a_segment_can_speak_on_every_limit_and_price_of_a_policy() -> None:
    terms = set(Limits.model_fields) | set(Money.model_fields)

    # A handover is said in hours; lanes are blocked by segments on lanes.
    spoken = (terms - {"latest_handover", "blocked_lanes"}) | {
        "handover_within_h",
        "block_lane",
    }
    assert spoken <= set(Effects.model_fields)


@pytest.mark.parametrize("field", ["late_cents_per_h", "split_cents", "max_transit_h"])
def test_no_effect_is_below_zero(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Effects(**{field: -1})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "Not Lower"),
        ("id", "9lives"),
        ("when", ""),
        ("when", "x" * 4_001),
        ("on_unknown", "maybe"),
        ("ttl_h", 0),
    ],
)
def test_a_segment_with_an_impossible_field_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        a_segment(**{field: value})


def test_a_reservation_tells_what_it_lacks() -> None:
    full = ReservedLine(sku=a_sku().id, asked=2, reserved=2)
    short = ReservedLine(sku=a_sku(id="DESK").id, asked=5, reserved=3)

    reservation = Reservation(id="R-1", key="K", fc=a_center().id, lines=(full, short))

    assert not reservation.complete
    assert reservation.short == (short,)
