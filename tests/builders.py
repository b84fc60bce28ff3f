"""Values for tests: valid by default, override what the test is about."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.customer import Customer
from domain.hazard import Hazard, Severity
from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    LaneRate,
    Network,
    PackingMethod,
    Pickup,
    ServiceMode,
    Transit,
    ZoneRate,
)
from domain.order import Line, Order
from domain.plan import (
    CostTerm,
    Decision,
    PackedCarton,
    Parcel,
    Placement,
    Plan,
    Rung,
    SolverRecord,
)
from domain.policy import Effects, Limits, Money, Policy
from domain.quantities import Dimensions, Place, SkuId
from domain.segment import RuleSet, Segment
from domain.sku import Sku, TemperatureBand
from optimizer.problem import Effort, Problem, Task

# A Monday noon, so that pickups of the same day are still ahead.
MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

_PLACES: dict[str, tuple[str, str, float, float]] = {
    "10001": ("New York", "NY", 40.7506, -73.9972),
    "07030": ("Hoboken", "NJ", 40.7440, -74.0324),
    "30303": ("Atlanta", "GA", 33.7525, -84.3888),
    "60601": ("Chicago", "IL", 41.8858, -87.6229),
    "75201": ("Dallas", "TX", 32.7876, -96.7994),
    "80202": ("Denver", "CO", 39.7491, -104.9946),
    "90012": ("Los Angeles", "CA", 34.0614, -118.2385),
    "98101": ("Seattle", "WA", 47.6114, -122.3305),
}


def a_place(postal_code: str = "60601", **overrides: Any) -> Place:
    """Build one of eight US places by postal code; others need coordinates."""
    known = _PLACES.get(postal_code)
    values: dict[str, Any] = {"country": "US", "postal_code": postal_code}
    if known is not None:
        city, region, latitude, longitude = known
        values |= {"city": city, "region": region}
        values |= {"latitude": latitude, "longitude": longitude}
    return Place(**(values | overrides))


def a_size(length_mm: int, width_mm: int, height_mm: int) -> Dimensions:
    return Dimensions(length_mm=length_mm, width_mm=width_mm, height_mm=height_mm)


def a_sku(**overrides: Any) -> Sku:
    values: dict[str, Any] = {
        "id": "LAMP",
        "title": "Desk lamp",
        "size": a_size(200, 150, 100),
        "weight_g": 800,
        "value_cents": 2_500,
    }
    return Sku(**(values | overrides))


def a_chilled_sku(**overrides: Any) -> Sku:
    values: dict[str, Any] = {
        "id": "CHEESE",
        "title": "Soft cheese",
        "size": a_size(120, 120, 60),
        "weight_g": 400,
        "temperature": TemperatureBand.CHILLED,
        "shelf_life_h": 96,
        "value_cents": 1_200,
    }
    return Sku(**(values | overrides))


def an_order(**overrides: Any) -> Order:
    values: dict[str, Any] = {
        "id": "ORDER-1",
        "customer_id": "CUST-1",
        "placed_at": MONDAY,
        "ship_to": a_place("60601"),
        "lines": (Line(sku=SkuId("LAMP"), units=1),),
        "deliver_by": MONDAY + timedelta(days=5),
    }
    return Order(**(values | overrides))


def a_line(sku: str = "LAMP", units: int = 1) -> Line:
    return Line(sku=SkuId(sku), units=units)


def a_customer(**overrides: Any) -> Customer:
    return Customer(**({"id": "CUST-1"} | overrides))


def a_carton(**overrides: Any) -> Carton:
    values: dict[str, Any] = {
        "id": "BOX-M",
        "inner": a_size(400, 300, 250),
        "outer": a_size(410, 310, 260),
        "tare_g": 250,
        "max_load_g": 20_000,
        "cost_cents": 90,
    }
    return Carton(**(values | overrides))


def an_insulated_carton(**overrides: Any) -> Carton:
    values: dict[str, Any] = {
        "id": "COOL-M",
        "method": PackingMethod.INSULATED,
        "inner": a_size(300, 250, 200),
        "outer": a_size(360, 310, 260),
        "tare_g": 900,
        "max_load_g": 15_000,
        "cost_cents": 450,
        "temperature": TemperatureBand.CHILLED,
        "hold_h": 72,
        "coolant_cents_per_h": 5,
    }
    return Carton(**(values | overrides))


def a_pickup(**overrides: Any) -> Pickup:
    values: dict[str, Any] = {"carrier": "SWIFT", "cutoff": time(17, 0)}
    return Pickup(**(values | overrides))


def a_center(**overrides: Any) -> FulfillmentCenter:
    """Build a center in Hoboken from which SWIFT collects at 17:00 local time."""
    values: dict[str, Any] = {
        "id": "EAST",
        "name": "East center",
        "place": a_place("07030"),
        "time_zone": "America/New_York",
        "pickups": (a_pickup(),),
        "handling_cents_per_parcel": 120,
        "handling_cents_per_line": 30,
        "processing_h": 2,
        "cartons": ("BOX-M",),
    }
    return FulfillmentCenter(**(values | overrides))


def a_service(**overrides: Any) -> CarrierService:
    """Build a ground service with three zones that cover the country."""
    values: dict[str, Any] = {
        "id": "SWIFT-GROUND",
        "carrier": "SWIFT",
        "name": "Swift Ground",
        "mode": ServiceMode.GROUND,
        "zones": (500, 1_500, 9_000),
        "rates": (
            ZoneRate(zone=1, base_cents=500, cents_per_half_kg=40),
            ZoneRate(zone=2, base_cents=700, cents_per_half_kg=60),
            ZoneRate(zone=3, base_cents=900, cents_per_half_kg=90),
        ),
        "transits": (
            Transit(zone=1, p50_h=24, p90_h=36),
            Transit(zone=2, p50_h=48, p90_h=60),
            Transit(zone=3, p50_h=72, p90_h=96),
        ),
    }
    return CarrierService(**(values | overrides))


def an_air_service(**overrides: Any) -> CarrierService:
    """Build a dearer, faster service of the same carrier, which may carry cold."""
    values: dict[str, Any] = {
        "id": "SWIFT-AIR",
        "carrier": "SWIFT",
        "name": "Swift Air",
        "mode": ServiceMode.AIR,
        "zones": (500, 1_500, 9_000),
        "rates": (
            ZoneRate(zone=1, base_cents=1_500, cents_per_half_kg=150),
            ZoneRate(zone=2, base_cents=1_800, cents_per_half_kg=200),
            ZoneRate(zone=3, base_cents=2_200, cents_per_half_kg=260),
        ),
        "transits": (
            Transit(zone=1, p50_h=18, p90_h=22),
            Transit(zone=2, p50_h=20, p90_h=26),
            Transit(zone=3, p50_h=24, p90_h=32),
        ),
        "temperatures": (TemperatureBand.AMBIENT, TemperatureBand.CHILLED),
        "signature": True,
        "insured_up_to_cents": 200_000,
    }
    return CarrierService(**(values | overrides))


def a_lane_service(**overrides: Any) -> CarrierService:
    """Build a service priced from port to port; its destinations are postal codes."""
    values: dict[str, Any] = {
        "id": "HAUL-AIR",
        "carrier": "HAUL",
        "name": "Haul Air",
        "mode": ServiceMode.AIR,
        "lanes": (
            LaneRate(
                origin="PORT-A",
                destination="PORT-Z",
                max_g=500_000,
                minimum_cents=1_000,
                rate_millicents_per_kg=50_000,
                transit_h=48,
            ),
        ),
        "dim_divisor": None,
        "max_weight_g": 500_000,
    }
    return CarrierService(**(values | overrides))


def a_network(**overrides: Any) -> Network:
    """Build a network of one center, one ground and one air service, one carton."""
    values: dict[str, Any] = {
        "version": "test-1",
        "centers": (a_center(),),
        "services": (a_service(), an_air_service()),
        "cartons": (a_carton(),),
    }
    return Network(**(values | overrides))


def two_centers(**overrides: Any) -> Network:
    """Build the default network with a second center in Los Angeles."""
    west = a_center(
        id="WEST",
        name="West center",
        place=a_place("90012"),
        time_zone="America/Los_Angeles",
    )
    return a_network(**({"centers": (a_center(), west)} | overrides))


def a_policy(
    limits: dict[str, Any] | None = None,
    money: dict[str, Any] | None = None,
    **overrides: Any,
) -> Policy:
    """Build a policy; limits and money take their own fields as dictionaries."""
    values: dict[str, Any] = {
        "limits": Limits(**(limits or {})),
        "money": Money(**({"late_cents_per_h": 50} | (money or {}))),
    }
    return Policy(**(values | overrides))


def a_hazard(**overrides: Any) -> Hazard:
    values: dict[str, Any] = {
        "id": "STORM-1",
        "kind": "winter-storm",
        "severity": Severity.SEVERE,
        "valid_from": MONDAY,
        "valid_until": MONDAY + timedelta(days=2),
        "regions": ("IL",),
        "delay_h": 24,
        "headline": "Heavy snow",
    }
    return Hazard(**(values | overrides))


def a_task(order: Order | None = None, **overrides: Any) -> Task:
    order = order or an_order()
    values: dict[str, Any] = {
        "order": order,
        "lines": order.lines,
        "policy": a_policy(),
    }
    return Task(**(values | overrides))


def a_problem(*orders: Order, **overrides: Any) -> Problem:
    """Build a problem of these orders (one if none) with stock for all of them."""
    network: Network = overrides.get("network") or a_network()
    skus = overrides.pop("skus", (a_sku(),))
    by_id = skus if isinstance(skus, dict) else {sku.id: sku for sku in skus}
    values: dict[str, Any] = {
        "as_of": MONDAY,
        "network": network,
        "skus": by_id,
        "tasks": tuple(a_task(order) for order in (orders or (an_order(),))),
        "stock": {(center.id, sku): 100 for center in network.centers for sku in by_id},
    }
    return Problem(**(values | overrides))


def an_effort(
    should_stop: Callable[[], bool] | None = None, **overrides: Any
) -> Effort:
    return Effort(should_stop=should_stop, **overrides)


def a_packed_carton(**overrides: Any) -> PackedCarton:
    values: dict[str, Any] = {
        "carton": "BOX-M",
        "method": PackingMethod.CARTON,
        "outer": a_size(410, 310, 260),
        "weight_g": 1_050,
        "billable_g": 6_610,
        "lines": (a_line(),),
        "placements": (
            Placement(
                sku=SkuId("LAMP"), x_mm=0, y_mm=0, z_mm=0, size=a_size(200, 150, 100)
            ),
        ),
    }
    return PackedCarton(**(values | overrides))


def a_parcel(**overrides: Any) -> Parcel:
    values: dict[str, Any] = {
        "fc": "EAST",
        "carrier": "SWIFT",
        "service": "SWIFT-GROUND",
        "mode": ServiceMode.GROUND,
        "method": PackingMethod.CARTON,
        "lines": (a_line(),),
        "cartons": (a_packed_carton(),),
        "hand_over_at": MONDAY + timedelta(hours=10),
        "p50_at": MONDAY + timedelta(hours=58),
        "p90_at": MONDAY + timedelta(hours=70),
        "cost": {
            CostTerm.FREIGHT: 1_540,
            CostTerm.HANDLING: 150,
            CostTerm.PACKAGING: 90,
        },
    }
    return Parcel(**(values | overrides))


def a_solver_record(**overrides: Any) -> SolverRecord:
    values: dict[str, Any] = {
        "rung": Rung.DIRECT,
        "orders": 1,
        "cost_cents": 1_780,
        "bound_cents": 1_780,
        "gap_ppm": 0,
        "served": 1,
        "served_bound": 1,
        "options": 2,
    }
    return SolverRecord(**(values | overrides))


def a_plan(**overrides: Any) -> Plan:
    """Build a plan of one parcel from EAST by SWIFT-GROUND (its cost adds up)."""
    parcels = overrides.pop("parcels", (a_parcel(),))
    cost: dict[CostTerm, int] = {}
    for parcel in parcels:
        for term, cents in parcel.cost.items():
            cost[term] = cost.get(term, 0) + cents
    values: dict[str, Any] = {
        "order_id": "ORDER-1",
        "parcels": parcels,
        "cost": cost,
        "solver": a_solver_record(),
    }
    return Plan(**(values | overrides))


def a_decision(**overrides: Any) -> Decision:
    values: dict[str, Any] = {
        "id": "ORDER-1/1",
        "order_id": "ORDER-1",
        "revision": 1,
        "as_of": MONDAY,
        "plan": a_plan(),
        "network_version": "test-1",
    }
    return Decision(**(values | overrides))


def a_segment(**overrides: Any) -> Segment:
    values: dict[str, Any] = {
        "id": "urgent",
        "title": "Wanted soon",
        "when": "requested_service == 'overnight'",
        "effects": Effects(late_cents_per_h=350),
    }
    return Segment(**(values | overrides))


def a_rule_set(*segments: Segment, **overrides: Any) -> RuleSet:
    values: dict[str, Any] = {
        "version": "rules-1",
        "segments": segments or (a_segment(),),
    }
    return RuleSet(**(values | overrides))
