"""Every source of orders under the kit: over real HTTP, and over files."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from conformance import orders, wire
from conformance.bench import OrdersBench
from conformance.running import Check
from connectors.orderfeed.client import OrderFeed
from connectors.orderfeed.settings import OrderFeedSettings
from connectors.orderfiles.client import OrderFiles
from connectors.orderfiles.settings import OrderFilesSettings
from connectors.shipstation.client import ShipStationOrders
from connectors.shipstation.settings import ShipStationSettings
from tests.builders import an_order
from tests.conformance.serving import served
from tests.conformance.verdicts import passes
from tests.unit.connectors.orderfeed.test_orderfeed import FIELDS, a_document
from tests.unit.connectors.shipstation.test_shipstation import a_sale

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "OPEN-SESAME"
A_PAGE = 2
# A folder is no wire.
OVER_HTTP = {check.name for check in wire.CHECKS} | {
    "an acknowledgment whose answer is lost is repeated",
    "a shipment whose answer is lost is one shipment",
}


class Shop:
    """Orders by name in the order they changed, and what the shop was told."""

    def __init__(self) -> None:
        self.names = ["S-1", "S-2", "S-3"]
        self.broken: set[str] = set()
        self.taken: dict[str, str] = {}
        self.shipped: dict[str, str] = {}

    async def order(self, name: str) -> None:
        self.names.append(name)

    async def break_one(self, name: str) -> None:
        self.broken.add(name)
        self.names.append(name)

    async def count_taken(self, name: str) -> int:
        return sum(1 for one in self.taken.values() if one == name)

    async def count_shipped(self, name: str) -> int:
        return sum(1 for one in self.shipped.values() if one == name)

    def changed(self, name: str) -> str:
        minutes = timedelta(minutes=self.names.index(name))
        return (NOW - timedelta(days=1) + minutes).isoformat()

    def since(self, text: str | None, page: int) -> tuple[list[str], bool]:
        """Return a page of what changed since, and whether there is another."""
        found = [n for n in self.names if not text or self.changed(n) >= text]
        begin = page * A_PAGE
        return found[begin : begin + A_PAGE], len(found) > begin + A_PAGE

    def rest(self, request: httpx.Request) -> httpx.Response:
        """Answer as a shop with a list of its own does."""
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return httpx.Response(401, json={"title": "who are you"})
        parts = [unquote(part) for part in request.url.path.strip("/").split("/")]
        if request.method == "POST":
            told = self.taken if parts[-1] == "taken" else self.shipped
            told[request.headers["idempotency-key"]] = parts[1]
            return httpx.Response(204)
        since, _, page = request.url.params.get("cursor", "|0").partition("|")
        since = since or request.url.params.get("updated_since", "")
        names, more = self.since(since, int(page or 0))
        document: dict[str, Any] = {"orders": [self._document(n) for n in names]}
        if more:
            document["next"] = f"{since}|{int(page or 0) + 1}"
        return httpx.Response(200, json=document)

    def connect(self, request: httpx.Request) -> httpx.Response:
        """Answer by ShipStation Connect's contract."""
        body = json.loads(request.content)
        if body["auth"].get("api_key") != SECRET:
            return httpx.Response(401, json={"message": "who are you"})
        match request.url.path:
            case "/sales_orders_export":
                return httpx.Response(200, json=self._export(body))
            case "/acknowledge_orders":
                ids = [each["order_id"] for each in body["orders"]]
                self.taken |= {each: each for each in ids}
                told = [{"order_id": each, "succeeded": True} for each in ids]
                return httpx.Response(200, json={"responses": told})
        notes = body["notifications"]
        self.shipped |= {n["notification_id"]: n["order_id"] for n in notes}
        told = [
            {"notification_id": n["notification_id"], "succeeded": True} for n in notes
        ]
        return httpx.Response(200, json={"notification_results": told})

    def _document(self, name: str) -> dict[str, Any]:
        document = a_document(name, updated_at=self.changed(name))
        return document | ({"line_items": 7} if name in self.broken else {})

    def _export(self, body: dict[str, Any]) -> dict[str, Any]:
        since = body.get("criteria", {}).get("from_date_time", "")
        page = int(body.get("cursor") or 0)
        names, more = self.since(since, page)
        sales = [
            a_sale(order_id=name, modified_date_time=self.changed(name))
            | ({"requested_fulfillments": None} if name in self.broken else {})
            for name in names
        ]
        following = {"cursor": str(page + 1)} if more else {}
        return {"sales_orders": sales} | following


def bench(shop: Shop, connect: Any) -> OrdersBench:
    return OrdersBench(
        connect=connect,
        run=f"kit-{uuid4().hex[:8]}",
        secrets=(SECRET,),
        sample="S-1",
        order=shop.order,
        broken=shop.break_one,
        taken=shop.count_taken,
        shipped=shop.count_shipped,
    )


@pytest.fixture
def rest() -> Iterator[OrdersBench]:
    shop = Shop()
    with served(shop.rest) as url:
        settings = OrderFeedSettings(
            base_url=url,
            secret=SecretStr(SECRET),
            fields=FIELDS,
            cursor_at="next",
            acknowledge_path="/orders/{id}/taken",
            shipment_path="/orders/{id}/shipped",
        )
        yield bench(shop, lambda: OrderFeed(settings))


@pytest.fixture
def shipstation() -> Iterator[OrdersBench]:
    shop = Shop()
    with served(shop.connect) as url:
        settings = ShipStationSettings(
            base_url=url, api_code="our-shop", api_key=SecretStr(SECRET)
        )
        yield bench(shop, lambda: ShipStationOrders(settings, lambda: NOW))


@pytest.fixture
def files(tmp_path: Path) -> OrdersBench:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name in ("S-1", "S-2"):
        put(incoming, name, an_order(id=name).model_dump_json())

    async def order(name: str) -> None:
        put(incoming, name, an_order(id=name).model_dump_json())

    async def broken(name: str) -> None:
        put(incoming, name, an_order(id=name).model_dump_json()[:40])

    settings = OrderFilesSettings(folder=incoming, answers=tmp_path / "answers.jsonl")
    return OrdersBench(
        connect=lambda: OrderFiles(settings),
        run="kit",
        sample="S-1",
        order=order,
        broken=broken,
    )


def put(folder: Path, name: str, text: str) -> None:
    """Put a file there that sorts after those that are there."""
    number = sum(1 for _ in folder.iterdir())
    (folder / f"{number:03d}-{name}.jsonl").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("check", orders.CHECKS, ids=lambda check: check.name)
async def test_a_list_of_orders_passes(
    rest: OrdersBench, check: Check[OrdersBench]
) -> None:
    await passes(check, rest)


@pytest.mark.parametrize("check", orders.CHECKS, ids=lambda check: check.name)
async def test_a_shipstation_source_passes(
    shipstation: OrdersBench, check: Check[OrdersBench]
) -> None:
    await passes(check, shipstation)


@pytest.mark.parametrize("check", orders.CHECKS, ids=lambda check: check.name)
async def test_a_folder_of_orders_passes(
    files: OrdersBench, check: Check[OrdersBench]
) -> None:
    await passes(check, files, not_tried=OVER_HTTP)
