"""Gathers what is known of an order at an instant; what is not known is absent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.customer import Customer
from domain.hazard import SEVERITY_RANK, Hazard, great_circle_km
from domain.network import FulfillmentCenter, Network
from domain.order import Order
from domain.quantities import Place, SkuId
from domain.segment import Fact
from domain.sku import Sku, TemperatureBand
from segmentation.fact_table import SCHEMA, SEVERITIES, WEEKDAYS
from segmentation.schema import ATTRIBUTE_PREFIX, FACT_NAME

METRO_KM = 50
AHEAD = timedelta(hours=48)
MM3_PER_LITER = 1_000_000

__all__ = ["SCHEMA", "gather"]


def gather(
    order: Order,
    skus: Mapping[SkuId, Sku],
    customer: Customer | None,
    hazards: tuple[Hazard, ...],
    network: Network,
    now: datetime,
) -> dict[str, Fact]:
    """Return the order's facts by name.

    A fact that cannot be told is absent, never guessed: with a SKU missing
    from the catalog there is no total weight, yet one fragile unit among the
    known ones is enough to be fragile. Order attributes become texts named
    ``attr_…``.
    """
    nearest = _nearest_center(order, network)
    facts: dict[str, Fact] = {
        **_of_order(order, now),
        **_of_goods(order, skus),
        **({} if order.weight_g is None else {"weight_g": order.weight_g}),
        **_of_customer(order, customer),
        **_of_destination(order, nearest),
        **_of_hazards(order, hazards, now),
        **_of_clock(nearest, now),
        **_of_attributes(order),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 6)


def _of_order(order: Order, now: datetime) -> dict[str, Fact]:
    by = order.deliver_by
    return {
        "lines": len(order.lines),
        "units": order.units,
        "max_line_units": max(line.units for line in order.lines),
        "requested_service": order.requested_service.value,
        "channel": order.channel,
        "pickup": order.pickup,
        "gift": order.gift,
        "signature": order.signature,
        "residential": order.residential,
        "hours_since_placed": _hours(now - order.placed_at),
        "hours_to_deliver_by": None if by is None else _hours(by - now),
        "promise_window_h": None if by is None else _hours(by - order.placed_at),
    }


def _of_goods(order: Order, skus: Mapping[SkuId, Sku]) -> dict[str, Fact]:
    known = [(skus[line.sku], line.units) for line in order.lines if line.sku in skus]
    goods = [sku for sku, _ in known]
    complete = len(known) == len(order.lines)
    return {
        **(_totals(known) if complete else {}),
        **(_sorted_words(goods) if complete else {}),
        "temperature": _coldest(goods, complete),
        "hazmat": _any(goods, lambda sku: sku.hazmat_class is not None, complete),
        "fragile": _any(goods, lambda sku: sku.fragile, complete),
        "ships_alone": _any(goods, lambda sku: sku.ships_alone, complete),
        "spoils": _any(goods, lambda sku: sku.shelf_life_h is not None, complete),
    }


def _totals(goods: list[tuple[Sku, int]]) -> dict[str, Fact]:
    weight_g = sum(sku.weight_g * units for sku, units in goods)
    volume_mm3 = sum(sku.size.volume_mm3 * units for sku, units in goods)
    lives = [sku.shelf_life_h for sku, _ in goods if sku.shelf_life_h is not None]
    return {
        "order_value_cents": sum(sku.value_cents * units for sku, units in goods),
        "max_unit_value_cents": max(sku.value_cents for sku, _ in goods),
        "weight_g": weight_g,
        "volume_mm3": volume_mm3,
        "density_g_per_l": round(weight_g * MM3_PER_LITER / volume_mm3, 3),
        "longest_mm": max(_longest_mm(sku) for sku, _ in goods),
        "girth_mm": max(sku.size.girth_mm for sku, _ in goods),
        "heaviest_unit_g": max(sku.weight_g for sku, _ in goods),
        "min_shelf_life_h": min(lives) if lives else None,
        "pallet_units": sum(
            units // sku.pallet.units_per_pallet for sku, units in goods if sku.pallet
        ),
    }


def _longest_mm(sku: Sku) -> int:
    return max(sku.size.length_mm, sku.size.width_mm, sku.size.height_mm)


def _sorted_words(goods: list[Sku]) -> dict[str, Fact]:
    return {
        "categories": tuple(sorted({sku.category for sku in goods if sku.category})),
        "hazmat_classes": tuple(
            sorted({sku.hazmat_class for sku in goods if sku.hazmat_class})
        ),
    }


def _any(
    goods: Iterable[Sku], test: Callable[[Sku], bool], complete: bool
) -> bool | None:
    if any(test(sku) for sku in goods):
        return True
    return False if complete else None


def _coldest(goods: list[Sku], complete: bool) -> str | None:
    bands = list(TemperatureBand)
    coldest = max((bands.index(sku.temperature) for sku in goods), default=0)
    # What is missing could be colder, unless nothing is.
    if complete or coldest == len(bands) - 1:
        return bands[coldest].value
    return None


def _of_customer(order: Order, customer: Customer | None) -> dict[str, Fact]:
    return {
        "customer_id": order.customer_id,
        "customer_tier": customer.tier.value if customer else None,
        "customer_kind": customer.kind.value if customer else None,
    }


def _of_destination(
    order: Order, nearest: tuple[float, FulfillmentCenter] | None
) -> dict[str, Fact]:
    place = order.ship_to
    return {
        "country": place.country,
        "region": place.region or None,
        "postal_code": place.postal_code,
        "postal_prefix": place.postal_code[:3],
        "nearest_center_km": None if nearest is None else round(nearest[0], 3),
        "same_metro_center": None if nearest is None else nearest[0] <= METRO_KM,
    }


def _nearest_center(
    order: Order, network: Network
) -> tuple[float, FulfillmentCenter] | None:
    """Return the nearest center that may carry something of the order."""
    wanted = [network.stocked_at.get(line.sku) for line in order.lines]
    distances = [
        (km, center)
        for center in network.centers
        if any(fcs is None or center.id in fcs for fcs in wanted)
        and (km := _distance_km(order.ship_to, center.place)) is not None
    ]
    return min(distances, key=lambda pair: (pair[0], pair[1].id), default=None)


def _distance_km(a: Place, b: Place) -> float | None:
    if a.latitude is None or a.longitude is None:
        return None
    if b.latitude is None or b.longitude is None:
        return None
    return great_circle_km(a.latitude, a.longitude, b.latitude, b.longitude)


def _of_hazards(
    order: Order, hazards: tuple[Hazard, ...], now: datetime
) -> dict[str, Fact]:
    place = order.ship_to
    active = [hazard for hazard in hazards if hazard.active(now)]
    ahead = [hazard for hazard in hazards if now < hazard.valid_from <= now + AHEAD]
    here = [hazard for hazard in active if hazard.touches(place)]
    ends = [hazard.valid_until - now for hazard in here]
    certain = not any(_undecided(hazard, place) for hazard in active)
    return {
        "hazard_severity": _worst(active, place),
        "hazard_ahead_severity": _worst(ahead, place),
        "hazard_kinds": _kinds(here) if certain else None,
        "hazard_delay_h": _delay_h(here) if certain else None,
        "hazard_hours_left": _hours(max(ends)) if ends else 0.0,
    }


def _kinds(hazards: list[Hazard]) -> tuple[str, ...]:
    return tuple(sorted({hazard.kind for hazard in hazards}))


def _delay_h(hazards: list[Hazard]) -> int:
    return max((hazard.delay_h for hazard in hazards), default=0)


def _undecided(hazard: Hazard, place: Place) -> bool:
    """Tell whether only what the address leaves out keeps us from knowing."""
    if hazard.touches(place) or hazard.country != place.country:
        return False
    by_circle = hazard.circle is not None and not place.located
    return by_circle or (bool(hazard.regions) and not place.region)


def _worst(hazards: list[Hazard], place: Place) -> str | None:
    """Return the worst severity there, None where a worse one is undecided."""
    touching = [SEVERITY_RANK[h.severity] for h in hazards if h.touches(place)]
    open_ranks = [SEVERITY_RANK[h.severity] for h in hazards if _undecided(h, place)]
    worst = max(touching, default=-1)
    if max(open_ranks, default=-1) > worst:
        return None
    return SEVERITIES[worst + 1]


def _of_clock(
    nearest: tuple[float, FulfillmentCenter] | None, now: datetime
) -> dict[str, Fact]:
    if nearest is None:
        return {}
    local = now.astimezone(ZoneInfo(nearest[1].time_zone))
    return {"day_of_week": WEEKDAYS[local.weekday()], "hour_of_day": local.hour}


def _of_attributes(order: Order) -> dict[str, Fact]:
    named = (
        (f"{ATTRIBUTE_PREFIX}{name}", text) for name, text in order.attributes.items()
    )
    return {name: text for name, text in named if FACT_NAME.fullmatch(name)}
