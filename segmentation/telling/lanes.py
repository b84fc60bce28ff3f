"""Facts of the lanes that could carry an order: how long, how healthy, when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.calendars import (
    INSTANT,
    arrival,
    elapsed_h,
    handovers,
    last_start,
    ready_at,
)
from domain.network import CarrierService, FulfillmentCenter, ServiceMode
from domain.order import Order
from domain.quantities import CarrierId
from domain.segment import Fact
from domain.sku import Sku
from segmentation.circumstances import Circumstances
from segmentation.known import Facts, Look
from segmentation.telling.parts import NEVER, Lasting, hours
from segmentation.telling.places import Near

_TIMES = (
    "fastest_transit_h",
    "slowest_transit_h",
    "shelf_life_left_fastest_h",
    "shelf_life_left_slowest_h",
)


@dataclass(frozen=True, slots=True)
class Way:
    """A center, a service from it that reaches the order's place, and its hours."""

    center: FulfillmentCenter
    service: CarrierService
    transit_h: int


def ways(
    order: Order, around: Circumstances, stocking: Sequence[Near]
) -> tuple[Way, ...]:
    """List the lanes that could carry something of an order, nearest center first.

    What only a policy or a packing could rule out is among them.
    """
    lines = (around.skus.get(line.sku) for line in order.lines)
    goods = [sku for sku in lines if sku is not None]
    return tuple(
        Way(center, service, transit_h)
        for km, center in stocking
        if _may_hold(order, goods, center)
        for service in around.network.services
        if _may_take(order, goods, center, service)
        for transit_h in sorted(_transits(order, center, service, km))
    )


def transit(ways: Sequence[Way], min_shelf_life_h: Fact) -> Look:
    """Tell how long the fastest and the slowest lane take from their next pickup."""

    def tell(now: datetime) -> Facts:
        times, ends = [], []
        for way in ways:
            elapsed, until = _elapsed(way, now)
            if elapsed is not None:
                times.append(elapsed)
            if until is not None:
                ends.append(until)
        steps = {name: min(ends) for name in _TIMES if ends}
        return Facts(_of_times(times, min_shelf_life_h), {}, steps)

    return Lasting(tell)


def health(
    carriers: Iterable[CarrierId], around: Circumstances
) -> tuple[float | None, float | None]:
    """Return the worst and the best health of some carriers, as far as known.

    With one of them unknown neither is known.
    """
    known = around.carrier_health or {}
    found = [known.get(carrier) for carrier in carriers]
    sure = [share for share in found if share is not None]
    if not sure or len(sure) < len(found):
        return None, None
    return min(sure), max(sure)


class NextCutoff:
    """Tells the hours until some carriers next collect at a center."""

    NAME = "hours_to_next_cutoff"

    def __init__(
        self, center: FulfillmentCenter, carriers: Iterable[CarrierId]
    ) -> None:
        self._center = center
        self._carriers = sorted(set(carriers))
        self._since = self._at = NEVER

    def __call__(self, now: datetime) -> Facts:
        """Tell the time left; nothing where no pickup is within sixty days."""
        if not self._since <= now < self._at:
            ahead = [self._next(carrier, now) for carrier in self._carriers]
            coming = [at for at in ahead if at is not None]
            if not coming:
                return Facts()
            self._since, self._at = now, min(coming)
        left = {self.NAME: hours(now, self._at)}
        return Facts(left, {self.NAME: -1.0}, {self.NAME: self._at})

    def _next(self, carrier: CarrierId, now: datetime) -> datetime | None:
        if not self._center.pickups:
            return None
        return next(handovers(self._center, carrier, now + INSTANT), None)


def _of_times(times: list[int], min_shelf_life_h: Fact) -> dict[str, Fact]:
    if not times:
        return {}
    values: dict[str, Fact] = {
        "fastest_transit_h": min(times),
        "slowest_transit_h": max(times),
    }
    if isinstance(min_shelf_life_h, int):
        values["shelf_life_left_fastest_h"] = min_shelf_life_h - min(times)
        values["shelf_life_left_slowest_h"] = min_shelf_life_h - max(times)
    return values


def _elapsed(way: Way, now: datetime) -> tuple[int | None, datetime | None]:
    """Return the hours from the next handover to the door, and until when so.

    Where no pickups are declared goods go at any hour, and only the hours of
    carriage count.
    """
    center, service = way.center, way.service
    if not center.pickups or service.mode is ServiceMode.PICKUP:
        return way.transit_h, None
    ready = ready_at(center, now)
    at = ready and next(handovers(center, service.carrier, ready), None)
    if at is None:
        return None, None
    arrives = arrival(
        at,
        way.transit_h,
        center.time_zone,
        working_days_only=service.working_days_only,
    )
    last = last_start(
        at,
        center.processing_h,
        ZoneInfo(center.time_zone),
        center.weekdays,
        center.holidays,
    )
    return elapsed_h(at, arrives), None if last is None else last + INSTANT


def _may_hold(order: Order, goods: list[Sku], center: FulfillmentCenter) -> bool:
    only = center.only_customers
    if only is not None and order.customer_id not in only:
        return False
    return not goods or any(
        sku.temperature in center.temperatures
        and (sku.hazmat_class is None or center.hazmat)
        for sku in goods
    )


def _may_take(
    order: Order, goods: list[Sku], center: FulfillmentCenter, service: CarrierService
) -> bool:
    collects = service.mode is ServiceMode.PICKUP
    if order.pickup or collects:
        return order.pickup and collects and center.pickup_counter
    if center.pickups and center.pickup_of(service.carrier) is None:
        return False
    if service.regions is not None and order.ship_to.region not in service.regions:
        return False
    if order.signature and not service.signature:
        return False
    return not goods or any(_fits(sku, service) for sku in goods)


def _fits(sku: Sku, service: CarrierService) -> bool:
    size = sku.size
    longest_mm = max(size.length_mm, size.width_mm, size.height_mm)
    return (
        (sku.hazmat_class is None or service.hazmat)
        and sku.weight_g <= service.max_weight_g
        and longest_mm <= service.max_length_mm
        and size.girth_mm <= service.max_girth_mm
    )


def _transits(
    order: Order, center: FulfillmentCenter, service: CarrierService, km: float
) -> Iterator[int]:
    if service.mode is ServiceMode.PICKUP:
        yield 0
    elif service.lanes:
        to = order.ship_to.postal_code
        yield from {
            rate.transit_h
            for rate in service.lanes
            if rate.destination == to and rate.origin in center.ports
        }
    else:
        zone = next((n for n, far in enumerate(service.zones, 1) if km <= far), None)
        yield from (t.p50_h for t in service.transits if t.zone == zone)
