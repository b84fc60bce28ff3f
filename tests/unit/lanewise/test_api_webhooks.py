import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from connectors.neutral.webhooks import signed_headers
from connectors.registry import Connection, ConnectionKind, Registry, connect
from domain.order import Order
from domain.quantities import Value
from lanewise.api import receiving
from lanewise.api.app import make_app
from lanewise.api.delivering import GRACE, KEPT, PATIENCE, STARTING
from store import inbox, parcels, stock
from store.engine import Store
from store.parcels import ParcelRecord
from tests.builders import MONDAY
from tests.unit.store.build import LAMP, NEWARK, a_claim, a_count

SECRET = SecretStr("between-us")


@dataclass
class RecordedSignals:
    """Keeps what was sent; ``ended`` workflows are gone, ``away`` is an outage."""

    sent: list[tuple[str, str, Value]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    away: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, workflow_id: str, name: str, arg: Value) -> bool:
        if self.away:
            raise ConnectionError
        self.sent.append((workflow_id, name, arg))
        self.heard.set()
        return workflow_id not in self.ended

    def events(self) -> list[str]:
        return [getattr(arg, "event_id", "") for _, _, arg in self.sent]


@dataclass
class Wall:
    """A clock on the wall that tests move."""

    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """The API as a counterpart meets it."""

    store: Store
    registry: Registry
    signals: RecordedSignals
    wall: Wall
    app: FastAPI

    async def post(self, connection: str, *events: dict[str, Any]) -> httpx.Response:
        body = json.dumps({"events": events}).encode()
        headers = signed_headers(SECRET, "m-1", self.wall.now, body)
        return await self.send(f"/webhooks/{connection}", body, headers)

    async def send(
        self, path: str, body: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://lanewise.test"
        ) as client:
            return await client.post(path, content=body, headers=headers)

    async def drain(self) -> int:
        passed: int = await self.app.state.delivering.drain()
        return passed

    def restarted(self) -> "Desk":
        """Return the same installation in a new process."""
        return a_desk(self.store, self.registry, self.wall)


def a_desk(store: Store, registry: Registry, wall: Wall) -> Desk:
    signals = RecordedSignals()
    desk = Desk(store, registry, signals, wall, FastAPI())
    desk.app = make_app(desk, signals, never_submit, wall)
    return desk


async def never_submit(order: Order) -> Any:
    raise AssertionError(order.id)


@pytest.fixture
async def desk(sqlite_store: Store) -> AsyncIterator[Desk]:
    wall = Wall()
    connections = (
        Connection(
            name="warehouses",
            kind=ConnectionKind.WAREHOUSE,
            base_url="http://world.test",
            webhook_secret=SECRET,
        ),
        Connection(
            name="carriers",
            kind=ConnectionKind.CARRIER,
            base_url="http://world.test",
            webhook_secret=SECRET,
        ),
    )
    registry = connect(connections, wall)
    yield a_desk(sqlite_store, registry, wall)
    await registry.close()


def progressed(sequence: int, parcel: str = "o-1/1", **changes: Any) -> dict[str, Any]:
    notice = {
        "type": "order-progressed",
        "event_id": f"{parcel}:{sequence}",
        "fc": "newark",
        "order_id": "o-1",
        "parcel_id": parcel,
        "event": "picked",
        "sequence": sequence,
        "occurred_at": MONDAY.isoformat(),
        "lines": [],
    }
    return notice | changes


def scanned(sequence: int, tracking_number: str = "1Z-42") -> dict[str, Any]:
    return {
        "type": "parcel-scanned",
        "event_id": f"{tracking_number}:{sequence}",
        "carrier": "ups",
        "tracking_number": tracking_number,
        "status": "in-transit",
        "sequence": sequence,
        "occurred_at": MONDAY.isoformat(),
    }


def recounted(on_hand: int, event_id: str = "count-1") -> dict[str, Any]:
    return {
        "type": "stock-counted",
        "event_id": event_id,
        "fc": NEWARK,
        "sku": LAMP,
        "on_hand": on_hand,
        "occurred_at": MONDAY.isoformat(),
    }


def book(store: Store, tracking_number: str = "1Z-42") -> None:
    record = {
        "parcel_id": "o-1/1",
        "order_id": "o-1",
        "fc": "newark",
        "carrier": "ups",
        "service": "ups-ground",
        "tracking_number": tracking_number,
        "booking_id": "b-1",
        "booked_cents": 990,
    }
    with store.writing() as session:
        parcels.save(session, ParcelRecord.model_validate(record))


async def test_a_warehouses_word_reaches_its_orders_workflow(desk: Desk) -> None:
    answer = await desk.post("warehouses", progressed(1))
    await desk.drain()

    assert (answer.status_code, answer.json()) == (202, {"facts": 1, "new": 1})
    [(workflow_id, name, notice)] = desk.signals.sent
    assert (workflow_id, name) == ("order/o-1", "warehouse_reported")
    assert notice.model_dump(mode="json")["parcel_id"] == "o-1/1"


async def test_a_forged_signature_changes_nothing(desk: Desk) -> None:
    body = json.dumps({"events": [progressed(1)]}).encode()
    forged = signed_headers(SecretStr("guess"), "m-1", desk.wall.now, body)

    answer = await desk.send("/webhooks/warehouses", body, forged)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await desk.drain() == 0


async def test_a_signed_body_that_was_altered_is_refused(desk: Desk) -> None:
    body = json.dumps({"events": [progressed(1)]}).encode()
    headers = signed_headers(SECRET, "m-1", desk.wall.now, body)

    answer = await desk.send("/webhooks/warehouses", body + b" ", headers)

    assert answer.status_code == 401


async def test_a_webhook_for_no_connection_of_ours_is_refused(desk: Desk) -> None:
    answer = await desk.post("nobody", progressed(1))

    assert answer.status_code == 404
    assert "'nobody' is not one of ours" in answer.json()["detail"]


async def test_a_signed_webhook_that_cannot_be_read_is_refused(desk: Desk) -> None:
    answer = await desk.post("warehouses", progressed(1, fc=None))

    assert answer.status_code == 400
    assert await desk.drain() == 0


async def test_a_body_larger_than_a_mebibyte_is_refused(desk: Desk) -> None:
    body = b"x" * (receiving.MAX_BODY_BYTES + 1)

    answer = await desk.send("/webhooks/warehouses", body, {})

    assert answer.status_code == 413


async def test_a_fact_told_twice_is_signalled_once(desk: Desk) -> None:
    await desk.post("warehouses", progressed(1))
    await desk.drain()
    again = await desk.post("warehouses", progressed(1), progressed(1))
    await desk.drain()

    assert again.json() == {"facts": 2, "new": 0}
    assert desk.signals.events() == ["o-1/1:1"]


async def test_facts_told_out_of_order_arrive_in_order(desk: Desk) -> None:
    for sequence in (3, 2, 1):
        await desk.post("warehouses", progressed(sequence))
        await desk.drain()

    assert desk.signals.events() == ["o-1/1:1", "o-1/1:2", "o-1/1:3"]


async def test_a_gap_holds_back_its_own_parcel_only_and_not_forever(
    desk: Desk,
) -> None:
    await desk.post("warehouses", progressed(2), progressed(1, "o-2/1"))
    await desk.drain()
    assert desk.signals.events() == ["o-2/1:1"]

    desk.wall.now += GRACE
    await desk.drain()

    assert desk.signals.events() == ["o-2/1:1", "o-1/1:2"]


async def test_a_scan_reaches_its_parcels_workflow(desk: Desk) -> None:
    book(desk.store)

    await desk.post("carriers", scanned(1))
    await desk.drain()

    [(workflow_id, name, _)] = desk.signals.sent
    assert (workflow_id, name) == ("parcel/o-1/1", "scanned")


async def test_scans_of_an_unknown_parcel_wait_until_it_is_known(desk: Desk) -> None:
    await desk.post("carriers", scanned(1), scanned(2))
    assert await desk.drain() == 0
    book(desk.store)

    await desk.drain()

    assert desk.signals.events() == ["1Z-42:1", "1Z-42:2"]


async def test_scans_that_never_match_are_given_up_after_a_week(desk: Desk) -> None:
    await desk.post("carriers", scanned(1))
    desk.wall.now += PATIENCE

    assert await desk.drain() == 1
    assert desk.signals.sent == []
    assert await desk.drain() == 0


async def test_a_scan_waits_for_its_parcels_workflow_to_begin(desk: Desk) -> None:
    book(desk.store)
    desk.signals.ended.add("parcel/o-1/1")
    await desk.post("carriers", scanned(1))
    assert await desk.drain() == 0

    desk.signals.ended.clear()

    assert await desk.drain() == 1


async def test_a_scan_waits_for_no_workflow_that_has_long_ended(desk: Desk) -> None:
    book(desk.store)
    desk.signals.ended.add("parcel/o-1/1")
    await desk.post("carriers", scanned(1))

    desk.wall.now += STARTING

    assert await desk.drain() == 1


async def test_a_recount_tells_the_orders_that_lost_their_goods(desk: Desk) -> None:
    with desk.store.writing() as session:
        stock.load(session, a_count({LAMP: 3}))
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)

    await desk.post("warehouses", recounted(1))
    while await desk.drain():
        pass

    [(workflow_id, name, lost)] = desk.signals.sent
    assert (workflow_id, name) == ("order/o-1", "stock_lost")
    assert lost.model_dump() == {
        "order_id": "o-1",
        "revision": 1,
        "fc": NEWARK,
        "sku": LAMP,
        "units": 2,
    }


async def test_who_lost_goods_is_told_even_after_a_crash(desk: Desk) -> None:
    with desk.store.writing() as session:
        stock.load(session, a_count({LAMP: 3}))
        stock.hold(session, a_claim("o-1", (NEWARK, LAMP, 2)), MONDAY)
    await desk.post("warehouses", recounted(1))
    await desk.drain()

    after = desk.restarted()
    await after.drain()

    assert [name for _, name, _ in after.signals.sent] == ["stock_lost"]


async def test_facts_for_an_order_that_has_ended_are_let_go(desk: Desk) -> None:
    desk.signals.ended.add("order/o-1")

    await desk.post("warehouses", progressed(1))

    assert await desk.drain() == 1
    assert await desk.drain() == 0


async def test_an_outage_of_temporal_loses_nothing(desk: Desk) -> None:
    desk.signals.away = True
    await desk.post("warehouses", progressed(1), progressed(2))
    assert await desk.drain() == 0

    desk.signals.away = False
    await desk.drain()

    assert desk.signals.events() == ["o-1/1:1", "o-1/1:2"]


async def test_what_was_accepted_survives_a_restart(desk: Desk) -> None:
    await desk.post("warehouses", progressed(1))

    after = desk.restarted()
    await after.drain()

    assert desk.signals.sent == []
    assert after.signals.events() == ["o-1/1:1"]


async def test_while_the_api_runs_facts_are_passed_on_by_themselves(
    desk: Desk,
) -> None:
    async with desk.app.router.lifespan_context(desk.app):
        await desk.post("warehouses", progressed(1))

        await asyncio.wait_for(desk.signals.heard.wait(), timeout=60)

    assert desk.signals.events() == ["o-1/1:1"]


async def test_facts_passed_on_long_ago_are_forgotten_and_open_ones_kept(
    desk: Desk,
) -> None:
    await desk.post("warehouses", progressed(1))
    await desk.drain()
    await desk.post("carriers", scanned(1, "1Z-unknown"))
    await desk.drain()
    desk.wall.now += KEPT + timedelta(seconds=1)

    forgotten = await desk.app.state.delivering.tidy()
    again = await desk.app.state.delivering.tidy()

    assert (forgotten, again) == (1, 0)
    with desk.store.reading() as session:
        assert inbox.waiting(session) == 1
