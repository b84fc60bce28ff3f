"""When and at what rate a lane takes goods to a place, and what stops it."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.hazard import great_circle_km
from domain.network import (
    CarrierService,
    FulfillmentCenter,
    LaneRate,
    ServiceMode,
    ZoneRate,
)
from domain.plan import LiveRate
from domain.policy import Limits, SoftLimit
from domain.quantities import Place
from optimizer.eligible import Violated, blocks
from optimizer.heat import Heat
from optimizer.load import Load
from optimizer.problem import Task


@dataclass(frozen=True, slots=True)
class Lane:
    """A center and a service that can take goods to the order's place.

    ``p50_h`` and ``p90_h`` are elapsed hours from handover to arrival, with
    days of rest and hazards in them. Exactly one of ``zone_rate`` and
    ``port_rates`` prices it; customer pickup has neither. ``run`` names the
    vehicles it shares, if it does.
    """

    center: FulfillmentCenter
    service: CarrierService
    hand_over_at: datetime
    day: date
    p50_at: datetime
    p90_at: datetime
    p50_h: int
    p90_h: int
    distance_km: float
    zone_rate: ZoneRate | None = None
    port_rates: tuple[LaneRate, ...] = ()
    live: LiveRate | None = None
    heat: Heat | None = None
    run: str = ""


def distance_km(a: Place, b: Place) -> float | None:
    """Return the great-circle distance, None where a place has no coordinates."""
    if a.latitude is None or a.longitude is None:
        return None
    if b.latitude is None or b.longitude is None:
        return None
    return great_circle_km(a.latitude, a.longitude, b.latitude, b.longitude)


def road_violation(
    center: FulfillmentCenter,
    service: CarrierService,
    place: Place,
    km: float | None,
    *,
    departs: bool,
) -> Violated | None:
    """Say why no road of a service leads from a center to a place.

    ``km`` is how far that is, None where nobody knows; ``departs`` tells whether
    the service ever leaves there.
    """
    violated = _no_road(center, service, place, km)
    if violated is None and not departs:
        return Violated("calendar", "no handover within sixty days")
    return violated


def _no_road(
    center: FulfillmentCenter, service: CarrierService, place: Place, km: float | None
) -> Violated | None:
    if service.mode is ServiceMode.PICKUP:
        return None
    if service.lanes:
        return port_roads(center, service, place)[1]
    if service.line_hauls:
        haul = service.line_haul_from(center.id)
        if haul is None:
            return Violated("no-lane", f"no line-haul of {service.id} from {center.id}")
        if haul.hub is not None:
            km = distance_km(haul.hub, place)
    if km is None:
        where = f"{place.postal_code} or {center.id}"
        return Violated("unlocated", f"no coordinates for {where}")
    reach = service.zones[-1] if service.zones else 0
    zone = next((n for n, far in enumerate(service.zones, 1) if km <= far), None)
    if zone is None:
        return Violated("reach", f"{km:.0f} km away, it reaches {reach} km")
    priced = any(rate.zone == zone for rate in service.rates)
    if not priced or not any(t.zone == zone for t in service.transits):
        what = "transit belief" if priced else "price"
        return Violated("rate", f"it has no {what} for zone {zone}")
    return None


def port_roads(
    center: FulfillmentCenter, service: CarrierService, place: Place
) -> tuple[tuple[tuple[LaneRate, ...], ...], Violated | None]:
    """Group a service's port-to-port rates by hours and run: one road for each."""
    mine = [
        lane
        for lane in service.lanes
        if lane.destination == place.postal_code and lane.origin in center.ports
    ]
    if not mine:
        ports = ", ".join(center.ports) or "no port"
        return (), Violated("no-lane", f"no lane from {ports} to {place.postal_code}")
    roads: dict[tuple[int, str], list[LaneRate]] = {}
    for lane in mine:
        roads.setdefault((lane.transit_h, lane.run_of(service.id)), []).append(lane)
    return tuple(tuple(roads[key]) for key in sorted(roads)), None


def goods_violation(
    task: Task, limits: Limits, lane: Lane, load: Load
) -> Violated | None:
    """Say why the lane may not carry these goods, however they are packed."""
    service = lane.service
    skus = {line.sku for line in load.lines}
    for block in task.blocks:
        if block.sku in skus and blocks(block, lane.center, service):
            return Violated("block", block.why or f"{service.id} refused {block.sku}")
    collects = service.mode is ServiceMode.PICKUP
    if load.hazmat is not None and not service.hazmat and not collects:
        return Violated("hazmat", f"{service.id} carries no hazmat ({load.hazmat})")
    value, most = load.value_cents, service.insured_up_to_cents
    if limits.insured and not collects and value > most:
        return Violated(
            "insured",
            f"the goods are worth {value} cents, {service.id} insures up to {most}",
        )
    return _time_violation(limits, lane, load)


def _time_violation(limits: Limits, lane: Lane, load: Load) -> Violated | None:
    latest = limits.latest_handover
    if latest is not None and lane.hand_over_at > latest:
        return Violated(
            SoftLimit.LATEST_HANDOVER,
            f"handed over {lane.hand_over_at:%Y-%m-%d %H:%M}Z, "
            f"the latest allowed is {latest:%Y-%m-%d %H:%M}Z",
        )
    if limits.max_transit_h is not None and lane.p90_h > limits.max_transit_h:
        return Violated(
            SoftLimit.MAX_TRANSIT,
            f"{lane.p90_h} h in transit at p90, at most {limits.max_transit_h} allowed",
        )
    if load.shelf_life_h is not None and lane.p90_h > load.shelf_life_h:
        return Violated(
            "shelf-life",
            f"{lane.p90_h} h in transit at p90, the goods keep {load.shelf_life_h}",
        )
    return None
