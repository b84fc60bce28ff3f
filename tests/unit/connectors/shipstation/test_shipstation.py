"""An order source by ShipStation Connect's contract, asked and understood."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.shipstation.client import ShipStationOrders
from connectors.shipstation.settings import ShipStationSettings
from domain.errors import (
    AuthFailed,
    ContractViolation,
    InvalidRequest,
    RateLimited,
    StateConflict,
)
from domain.order import Line, ServiceLevel
from domain.ordering import Acknowledgment, ShipmentNotice, SourceStatus
from domain.quantities import CarrierId, OrderId, SkuId

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_sale(**changes: Any) -> dict[str, Any]:
    sale: dict[str, Any] = {
        "order_id": "S-1001",
        "order_number": "1001",
        "status": "AwaitingShipment",
        "created_date_time": "2026-03-01T09:00:00Z",
        "modified_date_time": "2026-03-01T10:00:00Z",
        "buyer": {"buyer_id": "B-7", "email": "ann@example.com"},
        "requested_fulfillments": [a_fulfillment()],
    }
    return sale | changes


def a_fulfillment(**changes: Any) -> dict[str, Any]:
    fulfillment: dict[str, Any] = {
        "ship_to": {
            "name": "Ann Lee",
            "address_line_1": "1 Main St",
            "city": "Reno",
            "state_province": "NV",
            "postal_code": "89501",
            "country_code": "US",
            "residential_indicator": "C",
        },
        "items": [an_item("LAMP", 2), an_item("MUG", 1), an_item("LAMP", 1)],
        "shipping_preferences": {
            "gift": True,
            "deliver_by_date": "2026-03-05T20:00:00Z",
            "shipping_service": "Two-Day",
        },
    }
    return fulfillment | changes


def an_item(sku: str | None, quantity: Any) -> dict[str, Any]:
    product = {"product_id": "p-1", "name": "It", "identifiers": {"sku": sku}}
    return {"description": "It", "quantity": quantity, "product": product}


class Source:
    """Answers by path, and remembers what it was told."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.told: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.told.append((request.url.path, body))
        answer = self.answers[request.url.path.strip("/")]
        if callable(answer):
            answer = answer(body)
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer)

    def adapter(self, **changes: Any) -> ShipStationOrders:
        fields: dict[str, Any] = {
            "base_url": "http://shop.test",
            "api_code": "our-shop",
            "api_key": SecretStr("k3y-of-the-shop"),
            "services": {"Two-Day": ServiceLevel.EXPEDITED},
        }
        settings = ShipStationSettings.model_validate(fields | changes)
        return ShipStationOrders(settings, lambda: NOW, httpx.MockTransport(self))


def exporting(*sales: Any, cursor: str | None = None) -> dict[str, Any]:
    page: dict[str, Any] = {"sales_orders": list(sales)}
    return page | ({"cursor": cursor} if cursor else {})


async def test_a_sale_becomes_an_order() -> None:
    source = Source(sales_orders_export=exporting(a_sale()))

    [got] = (await source.adapter(prefix="SHOP-").orders(None)).orders

    order = got.order
    assert order is not None
    assert (got.source_id, order.id) == ("S-1001", "SHOP-S-1001")
    assert order.lines == (
        Line(sku=SkuId("LAMP"), units=3),
        Line(sku=SkuId("MUG"), units=1),
    )
    assert order.requested_service is ServiceLevel.EXPEDITED
    assert (order.gift, order.residential) == (True, False)
    assert order.deliver_by == datetime(2026, 3, 5, 20, tzinfo=UTC)
    assert order.attributes["recipient.street_1"] == "1 Main St"


async def test_who_asks_stands_in_every_body() -> None:
    source = Source(sales_orders_export=exporting())

    await source.adapter().orders(None)

    [(path, body)] = source.told
    assert path == "/sales_orders_export"
    assert body["auth"] == {
        "order_source_api_code": "our-shop",
        "api_key": "k3y-of-the-shop",
    }
    assert len(body["transaction_id"]) == 36


async def test_pages_are_followed_and_the_next_question_begins_at_the_newest() -> None:
    later = a_sale(order_id="S-2", modified_date_time="2026-03-01T11:00:00Z")
    pages = {None: exporting(later, cursor="two"), "two": exporting(a_sale())}
    source = Source(sales_orders_export=lambda body: pages[body.get("cursor")])
    adapter = source.adapter(begin_at="2026-03-01T00:00:00Z")

    first = await adapter.orders(None)
    second = await adapter.orders(first.cursor)
    source.answers["sales_orders_export"] = exporting()
    await adapter.orders(second.cursor)

    asked = [body.get("criteria", {}).get("from_date_time") for _, body in source.told]
    assert (first.more, second.more) == (True, False)
    assert asked == [
        "2026-03-01T00:00:00Z",
        "2026-03-01T00:00:00Z",
        "2026-03-01T11:00:00+00:00",
    ]


async def test_a_cursor_nobody_can_read_begins_anew() -> None:
    source = Source(sales_orders_export=exporting(a_sale()))

    page = await source.adapter().orders("{broken")

    assert len(page.orders) == 1


async def test_each_fulfillment_is_an_order_of_its_own() -> None:
    two = a_sale(requested_fulfillments=[a_fulfillment(), a_fulfillment()])
    source = Source(sales_orders_export=exporting(two))

    page = await source.adapter().orders(None)

    assert [one.source_id for one in page.orders] == ["S-1001", "S-1001/2"]
    assert len({one.order.id for one in page.orders if one.order}) == 2


@pytest.mark.parametrize(
    ("sale", "said"),
    [
        (a_sale(requested_fulfillments=[]), "requested_fulfillments"),
        (a_sale(requested_fulfillments=[a_fulfillment(items=[])]), "lines"),
        (
            a_sale(requested_fulfillments=[a_fulfillment(items=[an_item("A", 0)])]),
            "lines.0.units",
        ),
        (
            a_sale(requested_fulfillments=[a_fulfillment(ship_to={"city": "Reno"})]),
            "ship_to.postal_code",
        ),
        (a_sale(created_date_time="yesterday"), "placed_at"),
        ("nonsense", "order_id"),
    ],
)
async def test_an_order_that_cannot_be_read_keeps_no_other_back(
    sale: Any, said: str
) -> None:
    source = Source(sales_orders_export=exporting(sale, a_sale(order_id="S-2")))

    bad, good = (await source.adapter().orders(None)).orders

    assert bad.order is None
    assert said in bad.problem
    assert good.order is not None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("AwaitingShipment", SourceStatus.OPEN),
        ("OnHold", SourceStatus.ON_HOLD),
        ("Cancelled", SourceStatus.CANCELLED),
        ("Teleported", SourceStatus.UNKNOWN),
        (None, SourceStatus.UNKNOWN),
    ],
)
async def test_words_of_state_are_read_and_new_ones_kept(
    word: str | None, status: SourceStatus
) -> None:
    source = Source(sales_orders_export=exporting(a_sale(status=word)))

    [got] = (await source.adapter().orders(None)).orders

    assert got.status is status


async def test_what_is_digital_is_not_shipped() -> None:
    wishes = {"digital_fulfillment": True}
    sale = a_sale(requested_fulfillments=[a_fulfillment(shipping_preferences=wishes)])
    source = Source(sales_orders_export=exporting(sale))

    [got] = (await source.adapter().orders(None)).orders

    assert "nothing to ship" in got.problem


async def test_taken_orders_are_acknowledged_once_a_sale() -> None:
    fine = {"responses": [{"order_id": "S-1001", "succeeded": True}]}
    source = Source(acknowledge_orders=fine)

    await source.adapter().acknowledge(
        (
            Acknowledgment(source_id="S-1001", order_id=OrderId("S-1001")),
            Acknowledgment(source_id="S-1001/2", order_id=OrderId("S-1001-2")),
            Acknowledgment(source_id="S-3", accepted=False, reason="unknown SKU"),
        )
    )

    [(_, body)] = source.told
    assert [each["order_id"] for each in body["orders"]] == ["S-1001"]


async def test_a_shipment_is_told_under_our_key() -> None:
    fine = {"notification_results": [{"notification_id": "k", "status": "success"}]}
    source = Source(shipment_notification=fine)

    await source.adapter().notify_shipment(a_notice())

    [(_, body)] = source.told
    [told] = body["notifications"]
    assert (told["notification_id"], told["order_id"]) == ("o-1/1", "S-1001")
    assert told["items"] == [{"description": "LAMP", "sku": "LAMP", "quantity": 2}]
    assert told["fulfillment_cost"] == 8.5


async def test_a_shipment_that_is_not_taken_note_of_is_a_conflict() -> None:
    bad = {"notification_id": "o-1/1", "status": "failure", "failure_reason": "late"}
    source = Source(shipment_notification={"notification_results": [bad]})

    with pytest.raises(StateConflict, match="late"):
        await source.adapter().notify_shipment(a_notice())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401), AuthFailed),
        (
            httpx.Response(
                400,
                json={
                    "detailed_errors": [
                        {
                            "standardized_error_code": "validation",
                            "message": "no k3y-of-the-shop here",
                        }
                    ]
                },
            ),
            InvalidRequest,
        ),
        (httpx.Response(200, json={"orders": []}), ContractViolation),
        (httpx.Response(200, text="<html>"), ContractViolation),
    ],
)
async def test_refusals_are_read_and_show_no_secret(
    answer: httpx.Response, error: type[Exception]
) -> None:
    source = Source(sales_orders_export=answer)

    with pytest.raises(error) as refused:
        await source.adapter().orders(None)

    shown = repr(refused.value) + str(refused.value) + str(vars(refused.value))
    assert "k3y-of-the-shop" not in shown


async def test_how_long_to_wait_is_read_from_the_body() -> None:
    limited = httpx.Response(429, json={"retry_after_seconds": 90})
    source = Source(sales_orders_export=limited)

    with pytest.raises(RateLimited) as refused:
        await source.adapter().orders(None)

    assert refused.value.retry_after_s == 90


def a_notice() -> ShipmentNotice:
    return ShipmentNotice(
        key="o-1/1",
        source_id="S-1001/2",
        order_id=OrderId("S-1001-2"),
        carrier=CarrierId("ups"),
        service="ups-ground",
        tracking_number="1Z42",
        lines=(Line(sku=SkuId("LAMP"), units=2),),
        shipped_at=NOW - timedelta(hours=1),
        cost_cents=850,
    )
