"""A shop's list of orders as JSON, wherever its fields are."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.incoming import Fields
from connectors.orderfeed.client import OrderFeed
from connectors.orderfeed.settings import OrderFeedSettings
from domain.errors import ContractViolation, Unsupported
from domain.order import Line
from domain.ordering import Acknowledgment, SourceStatus
from domain.quantities import OrderId, SkuId

FIELDS = Fields(
    source_id="name",
    changed_at="updated_at",
    status="state",
    statuses={"paid": SourceStatus.OPEN, "void": SourceStatus.CANCELLED},
    order={
        "customer_id": "customer.id",
        "placed_at": "created_at",
        "ship_to.postal_code": "shipping_address.zip",
        "ship_to.country": "shipping_address.country_code",
        "attributes.note": "note",
        "attributes.recipient.name": "shipping_address.name",
        "requested_service": "shipping.code",
    },
    lines="line_items",
    line={"sku": "sku", "units": "quantity"},
    values={"requested_service": {"FAST": "expedited"}},
)


def a_document(name: str = "#1001", **changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": name,
        "state": "paid",
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T10:00:00Z",
        "customer": {"id": 77},
        "note": "ring twice",
        "shipping": {"code": "FAST"},
        "shipping_address": {"zip": 89501, "country_code": "US", "name": "Ann Lee"},
        "line_items": [{"sku": "LAMP", "quantity": 2}, {"sku": "LAMP", "quantity": 1}],
    }
    return document | changes


class Shop:
    """Answers pages by their cursor, and remembers what it was asked."""

    def __init__(self, *pages: Any) -> None:
        self.pages = list(pages)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method == "POST":
            return httpx.Response(204)
        return httpx.Response(200, json=self.pages.pop(0))

    def feed(self, **changes: Any) -> OrderFeed:
        fields: dict[str, Any] = {"base_url": "http://shop.test", "fields": FIELDS}
        settings = OrderFeedSettings.model_validate(fields | changes)
        return OrderFeed(settings, httpx.MockTransport(self))


async def test_fields_are_found_where_the_settings_say() -> None:
    shop = Shop({"orders": [a_document()]})

    [got] = (await shop.feed(prefix="WEB-").orders(None)).orders

    assert got.order is not None
    assert (got.source_id, got.order.id) == ("#1001", "WEB-1001")
    assert got.order.customer_id == "77"
    assert got.order.ship_to.postal_code == "89501"
    assert got.order.lines == (Line(sku=SkuId("LAMP"), units=3),)
    assert got.order.attributes == {"note": "ring twice", "recipient.name": "Ann Lee"}
    assert got.order.requested_service == "expedited"
    assert got.changed_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


async def test_the_next_page_is_asked_for_by_its_cursor() -> None:
    shop = Shop(
        {"orders": [], "next": "http://elsewhere.test/orders?cursor=abc"},
        {"orders": []},
    )
    feed = shop.feed(cursor_at="next", page_size_param="limit")

    first = await feed.orders(None)
    await feed.orders(first.cursor)

    assert first.more
    assert [dict(request.url.params) for request in shop.asked] == [
        {"limit": "100"},
        {"limit": "100", "cursor": "abc"},
    ]
    assert shop.asked[1].url.host == "shop.test"


async def test_without_pages_the_latest_change_is_where_to_go_on() -> None:
    later = a_document("#2", updated_at="2026-03-01T11:00:00Z")
    shop = Shop({"orders": [later, a_document()]}, {"orders": []}, {"orders": []})
    feed = shop.feed()

    first = await feed.orders(None)
    second = await feed.orders(first.cursor)
    await feed.orders(second.cursor)

    since = [request.url.params.get("updated_since") for request in shop.asked]
    assert since == [None, "2026-03-01T11:00:00+00:00", "2026-03-01T11:00:00+00:00"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"line_items": []}, "lines"),
        ({"line_items": "none"}, "lines"),
        ({"created_at": "soon"}, "placed_at"),
        ({"customer": None}, "customer_id"),
        ({"shipping": {"code": "WARP"}}, "requested_service"),
        ({"name": None}, "name"),
    ],
)
async def test_an_order_that_cannot_be_read_is_named_and_keeps_no_other_back(
    changes: dict[str, Any], said: str
) -> None:
    shop = Shop({"orders": [a_document(**changes), a_document("#2")]})

    bad, good = (await shop.feed().orders(None)).orders

    assert bad.order is None
    assert said in bad.problem
    assert good.order is not None


async def test_words_of_state_that_are_new_are_kept_as_unknown() -> None:
    shop = Shop({"orders": [a_document(state="void"), a_document(state="limbo")]})

    page = await shop.feed().orders(None)

    assert [one.status for one in page.orders] == [
        SourceStatus.CANCELLED,
        SourceStatus.UNKNOWN,
    ]


async def test_what_is_no_list_breaks_the_contract() -> None:
    shop = Shop({"error": "maintenance"})

    with pytest.raises(ContractViolation, match="orders"):
        await shop.feed().orders(None)


async def test_acknowledgments_go_where_the_settings_say_under_a_key() -> None:
    shop = Shop()
    feed = shop.feed(
        acknowledge_path="/orders/{id}/taken",
        secret=SecretStr("s3cret"),
        api_key_header="X-Shop-Token",
    )

    await feed.acknowledge((Acknowledgment(source_id="7", order_id=OrderId("7")),))

    [request] = shop.asked
    assert request.url.path == "/orders/7/taken"
    assert request.headers["idempotency-key"] == "taken/7"
    assert request.headers["x-shop-token"] == "s3cret"


async def test_a_source_that_is_told_nothing_says_so() -> None:
    feed = Shop().feed()

    with pytest.raises(Unsupported):
        await feed.acknowledge((Acknowledgment(source_id="7"),))

    assert feed.capabilities().abilities == frozenset()
