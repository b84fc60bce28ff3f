"""ShipStation Connect's order source contract, both ways.

Its canonical model: a sales order has fulfillments that are to be shipped the
same way; each becomes an order of ours, the second one named ``ID/2``.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.answers import Answer, Problem
from connectors.incoming import EPOCH, added_up, order_id, read_order
from connectors.shipstation.settings import ShipStationSettings
from domain.errors import ContractViolation, RateLimited
from domain.order import ServiceLevel
from domain.ordering import (
    Acknowledgment,
    OrderPage,
    ShipmentNotice,
    SourceOrder,
    SourceStatus,
)
from domain.wire import raw_of

STATUSES: Mapping[str, SourceStatus] = {
    "AwaitingShipment": SourceStatus.OPEN,
    "PendingFulfillment": SourceStatus.OPEN,
    "AwaitingPayment": SourceStatus.ON_HOLD,
    "OnHold": SourceStatus.ON_HOLD,
    "Cancelled": SourceStatus.CANCELLED,
    "Completed": SourceStatus.FULFILLED,
}


def envelope(settings: ShipStationSettings, transaction: str) -> dict[str, Any]:
    """Write what every request carries: who asks, and in whose name."""
    auth: dict[str, Any] = {"order_source_api_code": settings.api_code}
    for name in ("api_key", "access_token", "username", "password"):
        secret = getattr(settings, name)
        if secret is not None:
            auth[name] = secret.get_secret_value()
    if settings.shop_url:
        auth["url"] = settings.shop_url
    return {"transaction_id": transaction, "auth": auth}


class Cursor:
    """Where the list was left off: a page to go on with, or an instant.

    ``newest`` is the latest change seen; once all pages are read, the next
    question begins there. What changed at that very instant comes again.
    """

    def __init__(self, text: str | None, begin_at: str) -> None:
        try:
            kept = json.loads(text) if text else {}
        except ValueError:
            kept = {}
        kept = kept if isinstance(kept, dict) else {}
        self.page: str = kept.get("page") or ""
        self.since: str = kept.get("since") or begin_at
        self.newest: str = kept.get("newest") or ""

    def question(self) -> dict[str, Any]:
        """Write which orders are asked for."""
        asked: dict[str, Any] = {}
        if self.since:
            asked["criteria"] = {"from_date_time": self.since}
        if self.page:
            asked["cursor"] = self.page
        return asked

    def after(self, page: str, orders: tuple[SourceOrder, ...]) -> str:
        """Return the cursor after a page of orders."""
        changes = [o.changed_at.isoformat() for o in orders if o.changed_at > EPOCH]
        newest = max([self.newest, *changes])
        since = self.since if page else newest or self.since
        return json.dumps({"page": page, "since": since, "newest": newest})


def page_of(document: Any, cursor: Cursor, settings: ShipStationSettings) -> OrderPage:
    """Read a page of sales orders."""
    sales = document.get("sales_orders") if isinstance(document, dict) else None
    if not isinstance(sales, list):
        msg = "sales_orders: it is missing or no list"
        raise ContractViolation(msg, raw=raw_of(document))
    following = document.get("cursor")
    page = following if isinstance(following, str) else ""
    orders = tuple(one for sale in sales for one in _orders(sale, settings))
    return OrderPage(orders=orders, cursor=cursor.after(page, orders), more=bool(page))


def acknowledgments(
    taken: tuple[Acknowledgment, ...], now: datetime
) -> list[dict[str, Any]]:
    """Write which orders were taken; refused ones are not acknowledged."""
    ids = dict.fromkeys(_sale(each.source_id) for each in taken if each.accepted)
    return [{"order_id": each, "imported_date": now.isoformat()} for each in ids]


def notification(
    notice: ShipmentNotice, settings: ShipStationSettings
) -> dict[str, Any]:
    """Write what left: the order source knows it by our key."""
    told: dict[str, Any] = {
        "notification_id": notice.key,
        "order_id": _sale(notice.source_id),
        "tracking_number": notice.tracking_number,
        "carrier_code": notice.carrier,
        "ship_date": notice.shipped_at.isoformat(),
        "currency": notice.currency,
        "items": [
            {"description": line.sku, "sku": line.sku, "quantity": line.units}
            for line in notice.lines
        ],
    }
    if notice.cost_cents is not None:
        told["fulfillment_cost"] = notice.cost_cents / 100
    return told


def failure(document: Any, list_name: str, ok: str) -> str:
    """Return why the source refused one of what it was told; empty for none."""
    results = document.get(list_name) if isinstance(document, dict) else None
    if not isinstance(results, list):
        msg = f"{list_name}: it is missing or no list"
        raise ContractViolation(msg, raw=raw_of(document))
    for each in results:
        if not isinstance(each, dict):
            continue
        failed = each.get("status") == "failure" or each.get(ok) is False
        if failed:
            return str(each.get("failure_reason") or "no reason is given")
    return ""


def problem_of(answer: Answer) -> Problem | None:
    """Read a refusal: detailed errors, or how long to wait."""
    if 200 <= answer.status < 300:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    wait = document.get("retry_after_seconds")
    if isinstance(wait, int | float) and wait >= 0:
        return Problem(kind=RateLimited, retry_after_s=float(wait))
    errors = document.get("detailed_errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    first = first if isinstance(first, dict) else {}
    code = str(first.get("standardized_error_code") or "")
    return Problem(code=code, detail=str(first.get("message") or ""))


def _orders(sale: Any, settings: ShipStationSettings) -> Iterator[SourceOrder]:
    sale = sale if isinstance(sale, dict) else {}
    source_id = str(sale.get("order_id") or "")
    changed = _instant(sale.get("modified_date_time") or sale.get("created_date_time"))
    status = STATUSES.get(str(sale.get("status")), SourceStatus.UNKNOWN)
    wanted = sale.get("requested_fulfillments")
    wanted = wanted if isinstance(wanted, list) else []
    if not source_id or not wanted:
        missing = "requested_fulfillments" if source_id else "order_id"
        yield SourceOrder(
            source_id=source_id or "?",
            changed_at=changed or EPOCH,
            status=status,
            problem=f"{missing}: it is missing; the order source has to name it",
            raw=raw_of(sale),
        )
        return
    for number, fulfillment in enumerate(wanted, 1):
        name = source_id if number == 1 else f"{source_id}/{number}"
        yield _order(sale, fulfillment, name, changed, status, settings)


def _order(
    sale: dict[str, Any],
    fulfillment: Any,
    name: str,
    changed: datetime | None,
    status: SourceStatus,
    settings: ShipStationSettings,
) -> SourceOrder:
    fulfillment = fulfillment if isinstance(fulfillment, dict) else {}
    wishes = _dict(fulfillment, "shipping_preferences")
    order, problem = None, ""
    if wishes.get("digital_fulfillment") is True:
        problem = "digital_fulfillment: there is nothing to ship"
    else:
        order, problem = read_order(
            _document(sale, fulfillment, wishes, settings)
            | {"id": order_id(settings.prefix, name)}
        )
    return SourceOrder(
        source_id=name,
        changed_at=changed or (order.placed_at if order else EPOCH),
        status=status,
        order=order,
        problem=problem,
        raw=raw_of(sale),
    )


def _document(
    sale: dict[str, Any],
    fulfillment: dict[str, Any],
    wishes: dict[str, Any],
    settings: ShipStationSettings,
) -> dict[str, Any]:
    buyer, to = _dict(sale, "buyer"), _dict(fulfillment, "ship_to")
    service = wishes.get("shipping_service")
    return {
        "customer_id": buyer.get("buyer_id")
        or buyer.get("email")
        or f"guest-{sale.get('order_id')}",
        "channel": settings.api_code[:40],
        "placed_at": sale.get("created_date_time") or sale.get("paid_date"),
        "ship_to": {
            "country": to.get("country_code") or "US",
            "postal_code": to.get("postal_code"),
            "region": to.get("state_province") or "",
            "city": to.get("city") or "",
        },
        "lines": _lines(fulfillment.get("items")),
        "requested_service": settings.services.get(str(service), ServiceLevel.STANDARD),
        "deliver_by": wishes.get("deliver_by_date"),
        "gift": wishes.get("gift") is True,
        "residential": to.get("residential_indicator") != "C",
        "attributes": _attributes(to, buyer, service, wishes),
    }


def _lines(items: Any) -> list[dict[str, Any]]:
    found = []
    for item in items if isinstance(items, list) else []:
        item = item if isinstance(item, dict) else {}
        product = _dict(item, "product")
        names = _dict(product, "identifiers")
        sku = names.get("fulfillment_sku") or names.get("sku")
        found.append(
            {
                "sku": sku or product.get("product_id"),
                "units": item.get("quantity"),
            }
        )
    return added_up(found)


def _attributes(
    to: dict[str, Any], buyer: dict[str, Any], service: Any, wishes: dict[str, Any]
) -> dict[str, str]:
    told = {
        "recipient.name": to.get("name"),
        "recipient.company": to.get("company"),
        "recipient.street_1": to.get("address_line_1"),
        "recipient.street_2": to.get("address_line_2"),
        "recipient.phone": to.get("phone"),
        "recipient.email": buyer.get("email"),
        "shipping_service": service,
        "premium": "yes" if wishes.get("is_premium_program") is True else None,
    }
    return {name: str(value) for name, value in told.items() if value}


def _dict(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _sale(source_id: str) -> str:
    """Return the sales order a fulfillment is part of."""
    before, slash, number = source_id.rpartition("/")
    return before if slash and number.isdigit() and before else source_id


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
