"""Says what orders, outcomes, scans and counts mean as events, to be counted.

Ids are made of what the events are about, so that telling twice is telling
once. An order counts once for its customer and once for each SKU on it; a
parcel once for its lane. What cannot be an event, by an id that is too long or
a center's with a slash in it, is left out: nothing may stop an order for that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from domain.event import BusinessEvent
from domain.order import Order, OrderStatus
from domain.outcome import Outcome, ParcelOutcome
from domain.quantities import FcId, OrderId, ParcelId, ServiceId, SkuId
from domain.shipping import ParcelScan, ParcelStatus
from domain.sku import Sku
from domain.subject import lane
from domain.warehousing import StockNotice

Told = tuple[BusinessEvent, ...]
# Tells how it went with a parcel, on its lane.
TellParcel = Callable[[ParcelId, OrderId, FcId, ServiceId, datetime], Told]

ID_CHARS = 120
LABEL_CHARS = 128


def of_order(order: Order, skus: Mapping[SkuId, Sku]) -> Told:
    """Tell that an order was placed: units, and its goods' value."""
    return tuple(_of_goods("order_placed", order, skus, order.placed_at))


def of_outcome(order: Order, outcome: Outcome, skus: Mapping[SkuId, Sku]) -> Told:
    """Tell how an order ended, for its customer, its SKUs and its lanes."""
    events: list[BusinessEvent] = []
    if outcome.status is OrderStatus.CANCELLED:
        events += _of_goods("order_canceled", order, skus, outcome.ended_at)
    if outcome.delivered_at is not None:
        events += _of_goods("delivered", order, skus, outcome.delivered_at)
        if outcome.on_time is False:
            events += _of_goods("delivered_late", order, skus, outcome.delivered_at)
    for parcel in outcome.parcels:
        events += _of_parcel(order, parcel, outcome.ended_at)
    return tuple(events)


def of_scan(
    scan: ParcelScan,
    parcel: ParcelId,
    order: OrderId,
    fc: FcId,
    service: ServiceId,
) -> Told:
    """Tell that a carrier scanned a parcel, on its lane."""
    return tuple(
        _event(
            id=_id("parcel", parcel, "scan", scan.event_id),
            kind="carrier_scan",
            occurred_at=scan.occurred_at,
            lane=lane(fc, service),
            order_id=order,
            labels={"status": scan.status.value},
        )
    )


def of_refusal(
    parcel: ParcelId, order: OrderId, fc: FcId, service: ServiceId, now: datetime
) -> Told:
    """Tell that a carrier refused to book a parcel, on its lane."""
    return tuple(
        _event(
            id=_id("parcel", parcel, service, "refused"),
            kind="booking_refused",
            occurred_at=now,
            lane=lane(fc, service),
            order_id=order,
        )
    )


def of_failure(
    parcel: ParcelId, order: OrderId, fc: FcId, service: ServiceId, now: datetime
) -> Told:
    """Tell that a carrier failed at what it was asked, or did not answer."""
    return tuple(
        _event(
            id=_id("parcel", parcel, service, "failed", now.isoformat()),
            kind="carrier_failed",
            occurred_at=now,
            lane=lane(fc, service),
            order_id=order,
        )
    )


def of_count(notice: StockNotice, before: int | None) -> Told:
    """Tell that a center's stock of a SKU changed, ran out or came in again.

    Parameters
    ----------
    before
        What was on hand by the last count, None where nothing was counted.
    """
    kinds = ["stock_change"]
    if notice.on_hand == 0 and before:
        kinds.append("stocked_out")
    if notice.on_hand and before == 0:
        kinds.append("restocked")
    return tuple(
        event
        for kind in kinds
        for event in _event(
            id=_id("count", notice.event_id, kind, notice.fc),
            kind=kind,
            occurred_at=notice.occurred_at,
            sku=notice.sku,
            units=notice.on_hand,
            labels={"center": notice.fc[:LABEL_CHARS]},
        )
    )


def of_shortage(
    order: OrderId, fc: FcId, key: str, short: Iterable[tuple[SkuId, int]], at: datetime
) -> Told:
    """Tell that a center could not find what it had promised."""
    return tuple(
        event
        for sku, units in short
        for event in _event(
            id=_id("short", key, sku),
            kind="short_picked",
            occurred_at=at,
            sku=sku,
            units=units,
            order_id=order,
            labels={"center": fc[:LABEL_CHARS]},
        )
    )


def _of_goods(
    kind: str, order: Order, skus: Mapping[SkuId, Sku], at: datetime
) -> Iterator[BusinessEvent]:
    """Tell something of a whole order: of its customer, and of each SKU."""
    worth = {
        line.sku: skus[line.sku].value_cents * line.units
        for line in order.lines
        if line.sku in skus
    }
    whole = len(worth) == len(order.lines)
    yield from _event(
        id=_id("order", order.id, kind),
        kind=kind,
        occurred_at=at,
        customer_id=order.customer_id,
        order_id=order.id,
        units=order.units,
        value_cents=sum(worth.values()) if whole else None,
        labels={"channel": order.channel},
    )
    for line in order.lines:
        category = skus[line.sku].category if line.sku in skus else ""
        yield from _event(
            id=_id("order", order.id, kind, line.sku),
            kind=kind,
            occurred_at=at,
            sku=line.sku,
            order_id=order.id,
            units=line.units,
            value_cents=worth.get(line.sku),
            labels={"channel": order.channel}
            | ({"category": category[:LABEL_CHARS]} if category else {}),
        )


def _of_parcel(
    order: Order, parcel: ParcelOutcome, ended_at: datetime
) -> Iterator[BusinessEvent]:
    """Tell how a parcel went on its lane; of a lost one its customer is told too."""
    on = lane(FcId(parcel.fc), parcel.service)
    happened: list[tuple[str, datetime]] = []
    if parcel.handed_over_at is not None:
        happened.append(("handed_over", parcel.handed_over_at))
    if parcel.delivered_at is not None:
        happened.append(("delivered", parcel.delivered_at))
        if parcel.delivered_at > parcel.p90_at:
            happened.append(("delivered_late", parcel.delivered_at))
    if parcel.status is ParcelStatus.LOST:
        happened.append(("lost", ended_at))
    if parcel.status is ParcelStatus.RETURNED:
        happened.append(("delivery_failed", ended_at))
    for kind, at in happened:
        concerns = kind in ("lost", "delivery_failed")
        yield from _event(
            id=_id("parcel", parcel.parcel_id, kind),
            kind=kind,
            occurred_at=at,
            customer_id=order.customer_id if concerns else None,
            lane=on,
            order_id=order.id,
            units=sum(line.units for line in parcel.lines),
        )


def _event(**values: Any) -> Iterator[BusinessEvent]:
    with suppress(ValidationError):
        yield BusinessEvent(**values)


def _id(*parts: str) -> str:
    """Join parts to an id; one that would be too long ends in its digest."""
    name = "/".join(parts)
    if len(name) <= ID_CHARS:
        return name
    digest = sha256(name.encode()).hexdigest()[:24]
    return f"{name[: ID_CHARS - 25]}~{digest}"
