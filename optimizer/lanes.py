"""When and at what rate each lane takes an order's goods to its place.

What orders share (distances, handovers, arrivals, hazards) is worked out once
per problem.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from domain.calendars import arrival, day_of, elapsed_h, handovers, ready_at
from domain.hazard import Hazard, great_circle_km
from domain.network import (
    CarrierService,
    FulfillmentCenter,
    LaneRate,
    ServiceMode,
    Transit,
    ZoneRate,
)
from domain.plan import Excluded
from domain.policy import Limits, SoftLimit
from domain.quantities import FcId, Place, ServiceId
from optimizer.eligible import Violated, blocks, exclusion, service_violation
from optimizer.load import Load
from optimizer.problem import Problem, Task

# Appointments may wait: this many later pickups are tried for them.
LATER_PICKUPS = 5


@dataclass(frozen=True, slots=True)
class Lane:
    """A center and a service that can take goods to the order's place.

    ``p50_h`` and ``p90_h`` are elapsed hours from handover to arrival, with
    days of rest and hazards in them. Exactly one of ``zone_rate`` and
    ``port_rates`` prices it; customer pickup has neither.
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
    live_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Road:
    """One way a service gets from a center to a place, before the calendar."""

    transit_p50_h: int
    transit_p90_h: int
    distance_km: float
    zone_rate: ZoneRate | None = None
    port_rates: tuple[LaneRate, ...] = ()


def distance_km(a: Place, b: Place) -> float | None:
    """Return the great-circle distance, None where a place has no coordinates."""
    if a.latitude is None or a.longitude is None:
        return None
    if b.latitude is None or b.longitude is None:
        return None
    return great_circle_km(a.latitude, a.longitude, b.latitude, b.longitude)


class Lanes:
    """The lanes of one problem; what orders share is worked out once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._roads: dict[
            tuple[FcId, ServiceId, Place], tuple[tuple[Road, ...], Violated | None]
        ] = {}
        self._handovers: dict[tuple[FcId, str], tuple[datetime, ...]] = {}
        self._distances: dict[tuple[FcId, Place], float | None] = {}
        self._hazards: dict[tuple[FcId, Place], tuple[Hazard, ...]] = {}
        self._arrived: dict[
            tuple[FcId, bool, tuple[int, int], datetime],
            tuple[datetime, datetime, int, int, date],
        ] = {}

    @cached_property
    def _ready(self) -> dict[FcId, datetime | None]:
        as_of = self._problem.as_of
        return {c.id: ready_at(c, as_of) for c in self._problem.network.centers}

    def of(
        self, task: Task, limits: Limits, center: FulfillmentCenter
    ) -> tuple[list[Lane], list[Excluded]]:
        """Return the center's lanes to the order's place, and those it may not use."""
        lanes: list[Lane] = []
        excluded: list[Excluded] = []
        live = {(rate.fc, rate.service): rate.cents for rate in task.rates}
        waits = LATER_PICKUPS if task.policy.money.early_cents_per_h else 0
        for service in self._problem.network.services:
            violated = service_violation(task, limits, center, service)
            roads: tuple[Road, ...] = ()
            if violated is None:
                roads, violated = self._roads_to(center, service, task.order.ship_to)
            if violated is None:
                at = self._hand_over(center, service, waits)
                if not at:
                    violated = Violated("calendar", "no handover within sixty days")
                cents = live.get((center.id, service.id))
                lanes.extend(
                    self._timed(task.order.ship_to, center, service, road, when, cents)
                    for road in roads
                    for when in at
                )
            if violated is not None:
                excluded.append(exclusion(center.id, service.id, violated))
        return lanes, excluded

    def _hand_over(
        self, center: FulfillmentCenter, service: CarrierService, waits: int
    ) -> tuple[datetime, ...]:
        ready = self._ready[center.id]
        if ready is None:
            return ()
        if service.mode is ServiceMode.PICKUP:
            return (ready,)
        key = (center.id, service.carrier)
        if key not in self._handovers:
            pickups = handovers(center, service.carrier, ready)
            self._handovers[key] = tuple(
                at for at, _ in zip(pickups, range(1 + LATER_PICKUPS), strict=False)
            )
        return self._handovers[key][: 1 + waits]

    def _distance(self, center: FulfillmentCenter, place: Place) -> float | None:
        key = (center.id, place)
        if key not in self._distances:
            self._distances[key] = distance_km(center.place, place)
        return self._distances[key]

    def _roads_to(
        self, center: FulfillmentCenter, service: CarrierService, place: Place
    ) -> tuple[tuple[Road, ...], Violated | None]:
        key = (center.id, service.id, place)
        if key not in self._roads:
            self._roads[key] = self._find_roads(center, service, place)
        return self._roads[key]

    def _find_roads(
        self, center: FulfillmentCenter, service: CarrierService, place: Place
    ) -> tuple[tuple[Road, ...], Violated | None]:
        km = self._distance(center, place)
        if service.mode is ServiceMode.PICKUP:
            return (Road(0, 0, km or 0.0),), None
        if service.lanes:
            return _port_roads(center, service, place, km)
        if km is None:
            return (), Violated(
                "unlocated", f"no coordinates for {place.postal_code} or {center.id}"
            )
        return _zone_roads(service, km)

    def _delay_h(
        self, center: FulfillmentCenter, place: Place, at: datetime, until: datetime
    ) -> int:
        """Add up the hazards that touch either end while the goods are on the way."""
        key = (center.id, place)
        if key not in self._hazards:
            self._hazards[key] = tuple(
                hazard
                for hazard in self._problem.hazards
                if hazard.touches(center.place) or hazard.touches(place)
            )
        return sum(
            hazard.delay_h
            for hazard in self._hazards[key]
            if hazard.valid_from < until and at < hazard.valid_until
        )

    def _timed(
        self,
        place: Place,
        center: FulfillmentCenter,
        service: CarrierService,
        road: Road,
        at: datetime,
        live_cents: int | None,
    ) -> Lane:
        p50_at, p90_at, p50_h, p90_h, day = self._arrivals(center, service, road, at)
        if self._problem.hazards and service.mode is not ServiceMode.PICKUP:
            delay_h = self._delay_h(center, place, at, p90_at)
            delay = timedelta(hours=delay_h)
            p50_at, p90_at = p50_at + delay, p90_at + delay
            p50_h, p90_h = p50_h + delay_h, p90_h + delay_h
        return Lane(
            center=center,
            service=service,
            hand_over_at=at,
            day=day,
            p50_at=p50_at,
            p90_at=p90_at,
            p50_h=p50_h,
            p90_h=p90_h,
            distance_km=road.distance_km,
            zone_rate=road.zone_rate,
            port_rates=road.port_rates,
            live_cents=live_cents,
        )

    def _arrivals(
        self,
        center: FulfillmentCenter,
        service: CarrierService,
        road: Road,
        at: datetime,
    ) -> tuple[datetime, datetime, int, int, date]:
        hours = (road.transit_p50_h, road.transit_p90_h)
        key = (center.id, service.working_days_only, hours, at)
        if key not in self._arrived:
            p50_at, p90_at = (
                arrival(
                    at,
                    hour,
                    center.time_zone,
                    working_days_only=service.working_days_only,
                )
                for hour in hours
            )
            elapsed = (elapsed_h(at, p50_at), elapsed_h(at, p90_at))
            self._arrived[key] = (p50_at, p90_at, *elapsed, day_of(center, at))
        return self._arrived[key]


def _zone_roads(
    service: CarrierService, km: float
) -> tuple[tuple[Road, ...], Violated | None]:
    reach = service.zones[-1] if service.zones else 0
    zone = next((n for n, far in enumerate(service.zones, 1) if km <= far), None)
    if zone is None:
        return (), Violated("reach", f"{km:.0f} km away, it reaches {reach} km")
    rate = next((rate for rate in service.rates if rate.zone == zone), None)
    transit = next((t for t in service.transits if t.zone == zone), None)
    if rate is None or transit is None:
        what = "price" if rate is None else "transit belief"
        return (), Violated("rate", f"it has no {what} for zone {zone}")
    return (_zone_road(transit, km, rate),), None


def _zone_road(transit: Transit, km: float, rate: ZoneRate) -> Road:
    return Road(transit.p50_h, transit.p90_h, km, zone_rate=rate)


def _port_roads(
    center: FulfillmentCenter, service: CarrierService, place: Place, km: float | None
) -> tuple[tuple[Road, ...], Violated | None]:
    """Group a service's port-to-port rates by their hours: one road for each."""
    mine = [
        lane
        for lane in service.lanes
        if lane.destination == place.postal_code and lane.origin in center.ports
    ]
    if not mine:
        ports = ", ".join(center.ports) or "no port"
        return (), Violated("no-lane", f"no lane from {ports} to {place.postal_code}")
    return tuple(
        Road(
            hours,
            hours,
            km or 0.0,
            port_rates=tuple(lane for lane in mine if lane.transit_h == hours),
        )
        for hours in sorted({lane.transit_h for lane in mine})
    ), None


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
