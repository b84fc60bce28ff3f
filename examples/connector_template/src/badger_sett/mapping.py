"""Badger Sett's JSON, both ways; pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from badger_sett.settings import SettSettings
from domain.errors import ContractViolation, InvalidRequest
from domain.order import Line
from domain.quantities import FcId, SkuId
from domain.warehousing import (
    ReleaseOrder,
    Reservation,
    ReservedLine,
    ReserveStock,
    StockReport,
    WarehouseChanges,
    WarehouseEvent,
    WarehouseNotice,
    WarehouseOrder,
    WorkStatus,
)
from domain.wire import raw_of

T = TypeVar("T")

STATES = {
    "open": WorkStatus.ACCEPTED,
    "digging": WorkStatus.PICKING,
    "dug": WorkStatus.PICKED,
    "gone": WorkStatus.SHIPPED,
    "stopped": WorkStatus.CANCELLED,
}
EVENTS = {
    "dug": WarehouseEvent.PICKED,
    "dug-short": WarehouseEvent.SHORT_PICKED,
    "gone": WarehouseEvent.SHIPPED,
    "stopped": WarehouseEvent.CANCELLED,
}


def site_of(fc: FcId, settings: SettSettings) -> str:
    """Return their name of a center."""
    if fc not in settings.sites:
        msg = f"fc: {fc!r} is not among the connection's sites"
        raise InvalidRequest(msg)
    return settings.sites[fc]


def hold_body(order: ReserveStock, settings: SettSettings) -> dict[str, Any]:
    """Say what is to be set aside, and where."""
    return {
        "site": site_of(order.fc, settings),
        "lines": [{"sku": line.sku, "qty": line.units} for line in order.lines],
    }


def pick_body(order: ReleaseOrder, settings: SettSettings) -> dict[str, Any]:
    """Say what is to be picked; our key finds it again, our ids come back."""
    return {
        "ref": order.key,
        "hold": order.reservation_key,
        "site": site_of(order.fc, settings),
        "order": order.order_id,
        "parcel": order.parcel_id,
        "lines": [{"sku": line.sku, "qty": line.units} for line in order.lines],
        "ready_by": order.hand_over_at.isoformat(),
        "service": settings.services.get(order.service, order.service),
    }


def parse_stock(
    document: Any, fc: FcId, skus: Iterable[SkuId] | None, as_of: datetime
) -> StockReport:
    """Read a count; goods asked for and not told of count 0."""
    counted = {
        _read(item, lambda i: SkuId(str(i["sku"]))): _read(item, lambda i: _count(i))
        for item in listed(document, "items")
    }
    asked = {sku: counted.get(sku, 0) for sku in skus} if skus is not None else counted
    return StockReport(fc=fc, as_of=as_of, on_hand=asked, raw=raw_of(document))


def parse_hold(document: Any, key: str, fc: FcId) -> Reservation:
    """Read what was set aside."""
    lines = tuple(
        _read(
            item,
            lambda i: ReservedLine(sku=i["sku"], asked=i["asked"], reserved=i["held"]),
        )
        for item in listed(document, "lines")
    )
    found = _read(document, lambda i: str(i["hold"]))
    return Reservation(id=found, key=key, fc=fc, lines=lines, raw=raw_of(document))


def parse_pick(document: Any, fc: FcId) -> WarehouseOrder:
    """Read where an order stands on the floor."""
    return _read(
        document,
        lambda item: WarehouseOrder(
            id=item["pick"],
            key=item["ref"],
            fc=fc,
            parcel_id=item["parcel"],
            status=STATES.get(str(item["state"]), WorkStatus.UNKNOWN),
            tracking_number=item.get("track") or "",
            raw=raw_of(item),
        ),
    )


def parse_events(document: Any, settings: SettSettings) -> WarehouseChanges:
    """Read what happened, oldest first; their last number is our next cursor."""
    centers = {site: fc for fc, site in settings.sites.items()}
    notices = tuple(
        _notice(item, centers)
        for item in listed(document, "events")
        if str(item.get("site")) in centers
    )
    last = _read(document, lambda i: int(i["last"]))
    more = document.get("more") is True
    return WarehouseChanges(notices=notices, cursor=str(last), more=more)


def listed(document: Any, name: str) -> list[dict[str, Any]]:
    """Return a list of objects in an answer."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(i, dict) for i in found):
        msg = f"{name!r}: expected a list of objects"
        raise ContractViolation(msg, raw=raw_of(document))
    return found


def _notice(document: Any, centers: Mapping[str, FcId]) -> WarehouseNotice:
    return _read(
        document,
        lambda item: WarehouseNotice(
            event_id=f"sett-{item['n']}",
            fc=centers[str(item["site"])],
            order_id=item["order"],
            parcel_id=item["parcel"],
            event=EVENTS.get(str(item["what"]), WarehouseEvent.UNKNOWN),
            sequence=item["n"],
            occurred_at=item["at"],
            lines=tuple(
                Line(sku=line["sku"], units=line["qty"])
                for line in item.get("lines") or ()
            ),
            raw=raw_of(item),
        ),
    )


def _count(item: Mapping[str, Any]) -> int:
    found = item["shelf"]
    if isinstance(found, bool) or not isinstance(found, int):
        msg = f"shelf: {found!r} is no count"
        raise TypeError(msg)
    return found


def _read(document: Any, read: Callable[[Any], T]) -> T:
    try:
        return read(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"unreadable: {type(error).__name__} {str(error)[:120]}"
        raise ContractViolation(msg, raw=raw_of(document)) from None
