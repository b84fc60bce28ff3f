"""Tells what is known of orders, customers, SKUs and lanes at an instant."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.history import History
from domain.network import CarrierService, FulfillmentCenter
from domain.order import Order
from domain.quantities import CustomerId, SkuId
from domain.segment import Fact
from domain.subject import LaneId, Subject, SubjectKind
from domain.subject import of_customer as customer_subject
from domain.subject import of_lane as lane_subject
from domain.subject import of_sku as sku_subject
from segmentation import behavior
from segmentation.circumstances import Circumstances
from segmentation.fact_table import SCHEMA
from segmentation.known import Facts, Look
from segmentation.limits import Limits
from segmentation.schema import FactSource
from segmentation.telling import (
    clock,
    conditions,
    dangers,
    goods,
    lanes,
    places,
    selling,
)
from segmentation.telling.freshness import fresh
from segmentation.telling.parts import Lasting, merged, steady
from segmentation.window import Window
from segmentation.windows import tell as tell_windows

__all__ = [
    "SCHEMA",
    "gather",
    "look",
    "look_at_customer",
    "look_at_lane",
    "look_at_sku",
    "of_customer",
    "of_lane",
    "of_sku",
]


def gather(
    order: Order,
    around: Circumstances,
    now: datetime,
    windows: Iterable[Window] = (),
) -> Facts:
    """Return the order's facts at an instant.

    A fact that cannot be told is absent, never guessed: with a SKU missing
    from the catalog there is no total weight, yet one fragile unit among the
    known ones is enough to be fragile. Order attributes become texts named
    ``attr_…``, windows numbers named by their key.
    """
    return look(order, around, windows)(now)


def of_customer(
    customer: CustomerId,
    around: Circumstances,
    now: datetime,
    windows: Iterable[Window] = (),
) -> Facts:
    """Return a customer's facts at an instant."""
    return look_at_customer(customer, around, windows)(now)


def of_sku(
    sku: SkuId, around: Circumstances, now: datetime, windows: Iterable[Window] = ()
) -> Facts:
    """Return a SKU's facts at an instant."""
    return look_at_sku(sku, around, windows)(now)


def of_lane(
    lane: LaneId, around: Circumstances, now: datetime, windows: Iterable[Window] = ()
) -> Facts:
    """Return a lane's facts at an instant."""
    return look_at_lane(lane, around, windows)(now)


def look(
    order: Order,
    around: Circumstances,
    windows: Iterable[Window] = (),
    limits: Limits | None = None,
) -> Look:
    """Return what tells the order's facts at any instant, from what is known now.

    What does not depend on the instant is worked out once: ask one look for
    many instants rather than gathering anew. With ``limits``, the numbers that
    windows are compared with, their steps are told only where they matter.
    """
    histories = {
        SubjectKind.CUSTOMER: _known(around, [customer_subject(order.customer_id)]),
        SubjectKind.SKU: _known(around, [sku_subject(li.sku) for li in order.lines]),
    }
    return _told(
        around,
        *_of_request(order, around),
        *_of_customer(order.customer_id, around),
        *_of_places(order, around),
        selling.of_lines(order, around),
        steady(selling.of_stock(order, around)),
        clock.of_order(order),
        _predicted(around, SubjectKind.ORDER),
        _counted(windows, limits, histories),
    )


def look_at_customer(
    customer: CustomerId,
    around: Circumstances,
    windows: Iterable[Window] = (),
    limits: Limits | None = None,
) -> Look:
    """Return what tells a customer's facts at any instant."""
    mine = _known(around, [customer_subject(customer)])
    return _told(
        around,
        *_of_customer(customer, around),
        _predicted(around, SubjectKind.CUSTOMER),
        _counted(windows, limits, {SubjectKind.CUSTOMER: mine}),
    )


def look_at_sku(
    sku: SkuId,
    around: Circumstances,
    windows: Iterable[Window] = (),
    limits: Limits | None = None,
) -> Look:
    """Return what tells a SKU's facts at any instant."""
    kinds = [around.skus[sku]] if sku in around.skus else []
    mine = _known(around, [sku_subject(sku)])
    return _told(
        around,
        steady(goods.of_kinds(kinds, complete=True) if kinds else {}),
        selling.of_one(sku, around),
        steady(selling.stock_of_one(sku, around)),
        _counted(windows, limits, {SubjectKind.SKU: mine}),
    )


def look_at_lane(
    lane: LaneId,
    around: Circumstances,
    windows: Iterable[Window] = (),
    limits: Limits | None = None,
) -> Look:
    """Return what tells a lane's facts at any instant.

    Of a center or service that the network does not have, little is known.
    """
    fc, _, name = lane.partition("/")
    network = around.network
    center = next((each for each in network.centers if each.id == fc), None)
    service = next((each for each in network.services if each.id == name), None)
    mine = _known(around, [lane_subject(lane)])
    parts = [steady({"center": fc, "service": name})]
    if service is not None:
        parts.append(_of_service(service, around))
    if center is not None:
        parts += _of_center(center, service, around)
    if around.conditions is not None and center is not None and service is not None:
        states = around.conditions
        parts.append(conditions.of_lane(center.id, service.id, states, network))
    return _told(around, *parts, _counted(windows, limits, {SubjectKind.LANE: mine}))


def _told(around: Circumstances, *parts: Look) -> Look:
    told = fresh(lambda now: merged(part(now) for part in parts), around.heard_at)
    return Lasting(told)


def _known(around: Circumstances, subjects: Sequence[Subject]) -> tuple[History, ...]:
    """Return the histories of subjects, none where one of them is missing."""
    found = [around.histories.get(subject) for subject in subjects]
    known = tuple(history for history in found if history is not None)
    return known if len(known) == len(found) else ()


def _counted(
    windows: Iterable[Window],
    limits: Limits | None,
    histories: Mapping[SubjectKind, Sequence[History]],
) -> Look:
    wanted = tuple(windows)
    return Lasting(lambda now: tell_windows(wanted, histories, now, limits))


def _predicted(around: Circumstances, on: SubjectKind) -> Look:
    return steady(
        {
            spec.name: around.predictions.get(spec.name)
            for spec in SCHEMA
            if spec.source is FactSource.PREDICTION and on in spec.subjects
        }
    )


def _of_request(order: Order, around: Circumstances) -> tuple[Look, ...]:
    return (
        steady(
            {
                **goods.of_request(order),
                **goods.of_goods(order, around.skus),
                **goods.of_attributes(order),
            }
        ),
    )


def _of_customer(id: CustomerId, around: Circumstances) -> tuple[Look, ...]:
    customer = around.customer
    named: dict[str, Fact] = {
        "customer_id": id,
        "customer_tier": customer.tier.value if customer else None,
        "customer_kind": customer.kind.value if customer else None,
    }
    history = around.histories.get(customer_subject(id))
    if history is None:
        return (steady(named),)
    return (
        steady(named),
        Lasting(lambda now: behavior.tell(history, around.scores, now)),
    )


def _of_places(order: Order, around: Circumstances) -> list[Look]:
    stocking = places.stocking_centers(order, around)
    parts = [steady(places.of_destination(order, stocking))]
    zone = places.time_zone(order, stocking)
    if zone is not None:
        parts.append(clock.local(zone))
    parts += _of_lanes(order, around, stocking)
    nearest = stocking[0][1] if stocking else None
    if around.hazards is not None:
        parts.append(dangers.at_destination(around.hazards, order.ship_to))
        if nearest is not None:
            here, there = nearest.place, order.ship_to
            on_way = dangers.on_the_way(here, there)
            parts += [
                dangers.severity("hazard_lane_severity", around.hazards, on_way),
                _danger_at(nearest, around),
            ]
    if around.conditions is not None:
        fc = nearest.id if nearest else None
        states = around.conditions
        parts.append(conditions.of_order(order, fc, states, around.network))
    return parts


def _of_lanes(
    order: Order, around: Circumstances, stocking: list[places.Near]
) -> list[Look]:
    ways = lanes.ways(order, around, stocking)
    worst, best = lanes.health({way.carrier for way in ways}, around)
    life_h = goods.of_goods(order, around.skus).get("min_shelf_life_h")
    parts = [
        lanes.transit(ways, around, life_h),
        steady({"carrier_health_worst": worst, "carrier_health_best": best}),
    ]
    if stocking:
        nearest = stocking[0][1]
        here = {way.carrier for way in ways if way.center.id == nearest.id}
        parts += [lanes.NextCutoff(nearest, here), _loaded(nearest, around)]
    return parts


def _of_service(service: CarrierService, around: Circumstances) -> Look:
    health, _ = lanes.health([service.carrier], around)
    return steady(
        {
            "carrier": service.carrier,
            "mode": service.mode.value,
            "carrier_health": health,
        }
    )


def _of_center(
    center: FulfillmentCenter, service: CarrierService | None, around: Circumstances
) -> list[Look]:
    parts = [_loaded(center, around), clock.local(ZoneInfo(center.time_zone))]
    if service is not None:
        parts.append(lanes.NextCutoff(center, [service.carrier]))
    if around.hazards is not None:
        parts.append(_danger_at(center, around))
    return parts


def _loaded(center: FulfillmentCenter, around: Circumstances) -> Look:
    load = None if around.center_load is None else around.center_load.get(center.id)
    return steady({"center_load": load})


def _danger_at(center: FulfillmentCenter, around: Circumstances) -> Look:
    there = dangers.at_place(center.place)
    return dangers.severity("hazard_center_severity", around.hazards or (), there)
