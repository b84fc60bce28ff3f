"""Pages of a shop's list of orders, read as its settings say."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.incoming import EPOCH, found, source_order
from connectors.orderfeed.settings import OrderFeedSettings
from domain.errors import ContractViolation
from domain.ordering import Acknowledgment, OrderPage, ShipmentNotice
from domain.wire import raw_of


def question(cursor: str | None, settings: OrderFeedSettings) -> dict[str, str]:
    """Write the query for the page after a cursor."""
    kept = _kept(cursor)
    asked: dict[str, str] = {}
    if settings.page_size_param:
        asked[settings.page_size_param] = str(settings.page_size)
    if kept.get("page"):
        return asked | {settings.cursor_param: kept["page"]}
    if kept.get("since") and settings.since_param:
        return asked | {settings.since_param: kept["since"]}
    return asked


def page_of(
    document: Any, cursor: str | None, settings: OrderFeedSettings
) -> OrderPage:
    """Read a page, and where to go on.

    With pages named by the source the cursor is the next page, or the last one
    once there is no further: its new orders then come again with the old ones.
    Without, it is the latest change seen, and what changed then comes again.
    """
    listed = found(document, settings.orders_at) if settings.orders_at else document
    if not isinstance(listed, list):
        where = settings.orders_at or "(document)"
        msg = f"{where}: it is missing or no list of orders"
        raise ContractViolation(msg, raw=raw_of(document))
    orders = tuple(
        source_order(each, settings.fields, settings.prefix) for each in listed
    )
    kept = _kept(cursor)
    following = _next(document, settings)
    changes = [o.changed_at.isoformat() for o in orders if o.changed_at > EPOCH]
    newest = max([kept.get("newest", ""), *changes])
    if following:
        after = {"page": following, "since": kept.get("since", ""), "newest": newest}
    elif settings.cursor_at and not settings.since_param:
        after = kept | {"newest": newest}
    else:
        after = {"page": "", "since": newest, "newest": newest}
    return OrderPage(orders=orders, cursor=json.dumps(after), more=bool(following))


def acknowledgment(each: Acknowledgment) -> dict[str, Any]:
    """Write what became of one order."""
    return {
        "id": each.source_id,
        "order_id": each.order_id,
        "accepted": each.accepted,
        "reason": each.reason,
    }


def shipment(notice: ShipmentNotice) -> dict[str, Any]:
    """Write what left."""
    return notice.model_dump(mode="json")


def _next(document: Any, settings: OrderFeedSettings) -> str:
    value = found(document, settings.cursor_at) if settings.cursor_at else None
    if not value:
        return ""
    text = str(value)
    if "://" in text or text.startswith(("/", "?")):
        return (parse_qs(urlsplit(text).query).get(settings.cursor_param) or [""])[0]
    return text


def _kept(cursor: str | None) -> dict[str, str]:
    try:
        kept = json.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: value for name, value in kept.items() if isinstance(value, str)}
