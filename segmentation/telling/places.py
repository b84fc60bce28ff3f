"""Facts of the destination, and which centers could carry an order there."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from domain.hazard import great_circle_km
from domain.network import FulfillmentCenter
from domain.order import Order
from domain.quantities import Place
from domain.segment import Fact
from segmentation.circumstances import Circumstances
from segmentation.places.zip3 import area_of

METRO_KM = 50

# A center with its distance from the destination.
Near = tuple[float, FulfillmentCenter]


def of_destination(order: Order, stocking: list[Near]) -> dict[str, Fact]:
    """Tell where the order goes and how far the nearest goods are."""
    place = order.ship_to
    nearest_km = stocking[0][0] if stocking else None
    area = area_of(place)
    return {
        "country": place.country,
        "region": place.region or None,
        "postal_code": place.postal_code,
        "postal_prefix": place.postal_code[:3],
        "urban": None if area is None else area.urban,
        "nearest_center_km": None if nearest_km is None else round(nearest_km, 3),
        "same_metro_center": None if nearest_km is None else nearest_km <= METRO_KM,
    }


def time_zone(order: Order, stocking: list[Near]) -> ZoneInfo | None:
    """Return the zone of the destination, else that of the nearest center."""
    area = area_of(order.ship_to)
    if area is not None:
        return ZoneInfo(area.time_zone)
    return ZoneInfo(stocking[0][1].time_zone) if stocking else None


def stocking_centers(order: Order, around: Circumstances) -> list[Near]:
    """List the centers that may carry something of the order, nearest first.

    Where units are counted and the count is known, a center without a unit of
    any line carries nothing. Equally near ones are in order of id.
    """
    near = (
        (km, center)
        for center in around.network.centers
        if any(_carries(order, around, center))
        and (km := distance_km(order.ship_to, center.place)) is not None
    )
    return sorted(near, key=lambda pair: (pair[0], pair[1].id))


def _carries(
    order: Order, around: Circumstances, center: FulfillmentCenter
) -> Iterable[bool]:
    free = around.free if around.network.counts_stock else None
    for line in order.lines:
        listed = around.network.stocked_at.get(line.sku)
        yield (
            free.get((center.id, line.sku), 0) > 0
            if free is not None
            else listed is None or center.id in listed
        )


def distance_km(a: Place, b: Place) -> float | None:
    """Return the great-circle distance, None where a place has no coordinates."""
    if a.latitude is None or a.longitude is None:
        return None
    if b.latitude is None or b.longitude is None:
        return None
    return great_circle_km(a.latitude, a.longitude, b.latitude, b.longitude)
