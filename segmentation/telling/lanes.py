"""Facts of the lanes that could carry an order: how long, how healthy, when."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calendars import INSTANT, arrival, elapsed_h, handovers
from domain.network import CarrierService, FulfillmentCenter, ServiceMode
from domain.order import Order
from domain.quantities import CarrierId
from domain.segment import Fact
from domain.sku import Sku
from segmentation.circumstances import Circumstances
from segmentation.known import Facts, Look
from segmentation.telling.parts import ALWAYS, NEVER, Lasting, hours
from segmentation.telling.places import Near
from segmentation.telling.timetable import timetable_of

_TIMES = (
    "fastest_transit_h",
    "slowest_transit_h",
    "shelf_life_left_fastest_h",
    "shelf_life_left_slowest_h",
)


@dataclass(frozen=True, slots=True)
class Way:
    """A carrier's services from a center that could carry an order alike.

    ``transits_h`` are the hours of carriage of the fastest and of the slowest.
    """

    center: FulfillmentCenter
    carrier: CarrierId
    working_days_only: bool
    transits_h: tuple[int, ...]


def ways(
    order: Order, around: Circumstances, stocking: Sequence[Near]
) -> tuple[Way, ...]:
    """List how something of an order could be carried, nearest center first.

    What only a policy or a packing could rule out is among it.
    """
    lines = (around.skus.get(line.sku) for line in order.lines)
    goods = [sku for sku in lines if sku is not None]
    taking = [
        (service, {transit.zone: transit.p50_h for transit in service.transits})
        for service in around.network.services
        if _may_take(order, goods, service)
    ]
    found: list[Way] = []
    for km, center in stocking:
        if _may_hold(order, goods, center):
            found += _from(center, taking, order, km)
    return tuple(found)


def _from(
    center: FulfillmentCenter,
    taking: list[tuple[CarrierService, dict[int, int]]],
    order: Order,
    km: float,
) -> Iterator[Way]:
    carriers = {pickup.carrier for pickup in center.pickups}
    alike: dict[tuple[CarrierId, bool], set[int]] = {}
    for service, hours_by_zone in taking:
        carrier = service.carrier
        if carriers and carrier not in carriers and not order.pickup:
            continue
        if service.lanes or order.pickup:
            transits_h = _unzoned(order, center, service)
        else:
            zone_h = hours_by_zone.get(bisect_left(service.zones, km) + 1)
            transits_h = set() if zone_h is None else {zone_h}
        key = (carrier, service.working_days_only)
        alike[key] = alike[key] | transits_h if key in alike else transits_h
    for (carrier, working_days_only), found_h in alike.items():
        if found_h:
            ends = tuple(sorted({min(found_h), max(found_h)}))
            yield Way(center, carrier, working_days_only, ends)


def transit(ways: Sequence[Way], around: Circumstances, min_shelf_life_h: Fact) -> Look:
    """Tell how long the fastest and the slowest lane take from their next pickup."""
    timetable = timetable_of(around.network)

    def tell(now: datetime) -> Facts:
        times: list[int] = []
        ends: list[datetime] = []
        for way in ways:
            if not way.center.pickups or way.transits_h == (0,):
                times += way.transits_h
                continue
            at, until = timetable.next_pickup(way.center, way.carrier, now)
            ends.append(until)
            times += _elapsed(way, at)
        steps = {name: min(ends) for name in _TIMES if ends and min(ends) < ALWAYS}
        return Facts(_of_times(times, min_shelf_life_h), {}, steps)

    return Lasting(tell)


def _elapsed(way: Way, at: datetime | None) -> Iterator[int]:
    """Yield the hours from a pickup to the door, days of rest included."""
    if at is None:
        return
    zone = way.center.time_zone
    for transit_h in way.transits_h:
        working = way.working_days_only
        yield elapsed_h(at, arrival(at, transit_h, zone, working_days_only=working))


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


def _may_hold(order: Order, goods: list[Sku], center: FulfillmentCenter) -> bool:
    only = center.only_customers
    if only is not None and order.customer_id not in only:
        return False
    if order.pickup and not center.pickup_counter:
        return False
    return not goods or any(
        sku.temperature in center.temperatures
        and (sku.hazmat_class is None or center.hazmat)
        for sku in goods
    )


def _may_take(order: Order, goods: list[Sku], service: CarrierService) -> bool:
    collects = service.mode is ServiceMode.PICKUP
    if order.pickup or collects:
        return order.pickup and collects
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


def _unzoned(
    order: Order, center: FulfillmentCenter, service: CarrierService
) -> set[int]:
    """Return the hours of a lane that is priced from port to port, or collected."""
    if order.pickup:
        return {0}
    to = order.ship_to.postal_code
    return {
        rate.transit_h
        for rate in service.lanes
        if rate.destination == to and rate.origin in center.ports
    }
