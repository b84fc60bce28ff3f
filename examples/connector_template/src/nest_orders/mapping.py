"""The shop's JSON, both ways; pure."""

from datetime import datetime
from typing import Any

from connectors.incoming import EPOCH, added_up, order_id, read_order
from domain.errors import ContractViolation
from domain.ordering import (
    Acknowledgment,
    OrderPage,
    ShipmentNotice,
    SourceOrder,
    SourceStatus,
)
from domain.wire import raw_of

STATUSES = {
    "laid": SourceStatus.OPEN,
    "cold": SourceStatus.ON_HOLD,
    "broken": SourceStatus.CANCELLED,
    "hatched": SourceStatus.FULFILLED,
}


def page_of(document: Any, cursor: str | None, prefix: str) -> OrderPage:
    """Read a page; where it names no next one, the same cursor is asked again.

    What is behind the last order comes then, and not what was before it.
    """
    listed = document.get("eggs") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        msg = "'eggs': expected a list of orders"
        raise ContractViolation(msg, raw=raw_of(document))
    last = document.get("last")
    return OrderPage(
        orders=tuple(_order(item, prefix) for item in listed),
        cursor=str(last) if isinstance(last, int) else cursor or "",
        more=document.get("more") is True,
    )


def taken_body(each: Acknowledgment) -> dict[str, Any]:
    """Say that an order was taken, or why it was not."""
    return {"ok": each.accepted, "why": each.reason, "ours": each.order_id}


def sent_body(notice: ShipmentNotice) -> dict[str, Any]:
    """Say what left."""
    return {
        "carrier": notice.carrier,
        "track": notice.tracking_number,
        "at": notice.shipped_at.isoformat(),
        "items": [{"sku": line.sku, "qty": line.units} for line in notice.lines],
    }


def _order(item: Any, prefix: str) -> SourceOrder:
    """Read an order; what is wrong with it is one sentence, in its place."""
    item = item if isinstance(item, dict) else {}
    name = str(item.get("id") or "")
    status = STATUSES.get(str(item.get("state")), SourceStatus.UNKNOWN)
    changed = _instant(item.get("changed")) or EPOCH
    told = {"changed_at": changed, "status": status, "raw": raw_of(item)}
    if not name:
        problem = "id: it is missing; an order has to be named"
        return SourceOrder(source_id="?", problem=problem, **told)
    to = item.get("to") if isinstance(item.get("to"), dict) else {}
    order, problem = read_order(
        {
            "id": order_id(prefix, name),
            "customer_id": str(item.get("who") or f"guest-{name}"),
            "placed_at": item.get("placed"),
            "ship_to": {"postal_code": to.get("zip"), "region": to.get("state") or ""},
            "lines": _lines(item.get("items")),
            "attributes": {"recipient.name": str(to.get("name") or "")},
        }
    )
    return SourceOrder(source_id=name[:200], order=order, problem=problem, **told)


def _lines(items: Any) -> list[dict[str, Any]]:
    """Read lines; two of one SKU become one."""
    listed = items if isinstance(items, list) else []
    rows = [row for row in listed if isinstance(row, dict)]
    return added_up([{"sku": row.get("sku"), "units": row.get("qty")} for row in rows])


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
