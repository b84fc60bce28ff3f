"""Whole journeys through a world of one's own, webhooks and all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import pytest
from pydantic import SecretStr

from connectors.neutral.webhooks import signed_headers
from connectors.ports import Idempotency
from domain.shipping import ParcelScan, ParcelStatus, VoidOutcome
from domain.warehousing import (
    CancelOutcome,
    StockNotice,
    WarehouseEvent,
    WarehouseNotice,
    WorkStatus,
)
from lanewise.world.books import audit
from lanewise.world.desk import Advance
from lanewise.world.server import WorldServer
from lanewise.world.spec import Receiver, WarehouseTraits, WebhookSpec
from tests.conformance.worlds import (
    CARRIER,
    FC,
    MUG,
    START,
    WEBHOOK_SECRET,
    Bench,
    a_parcel,
    a_release,
    a_reservation,
    a_spec,
    neutral_bench,
    real_now,
)

MODE = Idempotency.KEY_HEADER
Fact = WarehouseNotice | StockNotice | ParcelScan


@dataclass
class Inbox:
    """Receives webhooks; refuses every ``refuse_every``-th delivery."""

    refuse_every: int = 0
    deliveries: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    calls: int = 0
    _lock: Lock = field(default_factory=Lock)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        with self._lock:
            self.calls += 1
            if self.refuse_every and self.calls % self.refuse_every == 0:
                return 503
            self.deliveries.append((path, headers, body))
            return 200

    def facts(self, bench: Bench) -> list[Fact]:
        """Read everything that came; each must be genuine."""
        read: list[Fact] = []
        for path, headers, body in self.deliveries:
            warehouse = path.endswith("/warehouses")
            adapter = bench.warehouse if warehouse else bench.carrier
            assert adapter.verify_webhook(headers, body)
            assert not adapter.verify_webhook(headers, body + b" ")
            read.extend(adapter.parse_webhook(body))
        return read


@contextmanager
def receiving(inbox: Inbox) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = inbox.take(self.path, dict(self.headers.items()), body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/webhooks"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def bench(inbox: Inbox, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Serve a world whose traits a test may change by ``parametrize``."""
    changes = getattr(request, "param", {})
    with receiving(inbox) as url:
        receivers = {
            name: Receiver(url=f"{url}/{name}", secret=WEBHOOK_SECRET)
            for name in ("warehouses", "carriers")
        }
        with WorldServer(a_spec(receivers=receivers, **changes)) as server:
            bench = neutral_bench(server, MODE)
            yield bench
            await bench.close()


async def released(bench: Bench, name: str, units: int = 2) -> str:
    """Take a parcel as far as the warehouse's floor; return its tracking number."""
    await bench.warehouse.reserve(a_reservation(f"{name}/r", units))
    booking = await bench.carrier.book(a_parcel(name))
    release = a_release(name, f"{name}/r", units).model_copy(
        update={"tracking_number": booking.tracking_number}
    )
    await bench.warehouse.release_order(release)
    return booking.tracking_number


async def run_out(bench: Bench) -> None:
    """Let everything happen that will."""
    for _ in range(200):
        wish = Advance(wait_s=5)
        if (await asyncio.to_thread(bench.server.advance, wish))["state"] == "idle":
            return
    pytest.fail("the world does not come to rest")


async def test_a_parcel_travels_from_the_shelf_to_the_door(
    bench: Bench, inbox: Inbox
) -> None:
    number = await released(bench, "calm")

    await run_out(bench)

    order = await bench.warehouse.find_order(FC, "calm")
    scans = await bench.carrier.track(CARRIER, number)
    assert order is not None
    assert order.status is WorkStatus.SHIPPED
    assert [(line.sku, line.units) for line in order.shipped] == [(MUG, 2)]
    assert [scan.status for scan in scans] == [
        ParcelStatus.HANDED_OVER,
        ParcelStatus.IN_TRANSIT,
        ParcelStatus.OUT_FOR_DELIVERY,
        ParcelStatus.DELIVERED,
    ]
    assert [f for f in inbox.facts(bench) if isinstance(f, ParcelScan)] == list(scans)
    assert audit(bench.server.books()) == []


async def test_the_warehouse_tells_that_it_picked_and_shipped(
    bench: Bench, inbox: Inbox
) -> None:
    await released(bench, "calm")

    await run_out(bench)

    told = [f for f in inbox.facts(bench) if isinstance(f, WarehouseNotice)]
    assert [(f.event, f.sequence) for f in told] == [
        (WarehouseEvent.PICKED, 1),
        (WarehouseEvent.SHIPPED, 2),
    ]


async def test_once_picking_has_begun_it_is_too_late_to_cancel(bench: Bench) -> None:
    await released(bench, "late")
    bench.server.advance(Advance(every_event=True))

    assert await bench.warehouse.cancel_order(FC, "late") is CancelOutcome.TOO_LATE


async def test_once_handed_over_it_is_too_late_to_void(bench: Bench) -> None:
    number = await released(bench, "late")
    (booking,) = await bench.carrier.find_bookings(CARRIER, "late")
    while not await bench.carrier.track(CARRIER, number):
        await asyncio.to_thread(bench.server.advance, Advance(wait_s=5))

    assert await bench.carrier.void(CARRIER, booking.id) is VoidOutcome.TOO_LATE


@pytest.mark.parametrize(
    "bench",
    [{"warehouse": WarehouseTraits(stock_accuracy_permille=0)}],
    indirect=True,
)
async def test_a_shelf_that_holds_less_than_the_books_comes_short(
    bench: Bench, inbox: Inbox
) -> None:
    await released(bench, "short", units=10)

    await run_out(bench)

    facts = inbox.facts(bench)
    order = await bench.warehouse.find_order(FC, "short")
    counts = [f.on_hand for f in facts if isinstance(f, StockNotice)]
    told = [f for f in facts if isinstance(f, WarehouseNotice)]
    assert order is not None
    assert order.short[0].units + order.shipped[0].units == 10
    assert counts == [order.shipped[0].units]
    assert [f.event for f in told] == [
        WarehouseEvent.SHORT_PICKED,
        WarehouseEvent.SHIPPED,
    ]
    assert told[0].lines == order.short
    assert audit(bench.server.books()) == []


@pytest.mark.parametrize(
    "bench",
    [{"webhooks": WebhookSpec(duplicate_permille=400, reorder_permille=400)}],
    indirect=True,
)
async def test_repeated_and_shuffled_webhooks_still_tell_every_fact_once(
    bench: Bench, inbox: Inbox
) -> None:
    inbox.refuse_every = 4
    numbers = [await released(bench, f"parcel-{n}", units=1) for n in range(6)]

    await run_out(bench)

    scans = [f for f in inbox.facts(bench) if isinstance(f, ParcelScan)]
    tally = bench.server.books()["webhooks"]["carriers"]
    assert tally["duplicated"] > 0
    assert tally["reordered"] > 0
    assert tally["failed_attempts"] > 0
    for number in numbers:
        seen = {s.sequence: s.event_id for s in scans if s.tracking_number == number}
        assert sorted(seen) == [1, 2, 3, 4]
    assert len({s.event_id for s in scans}) == 24


async def test_the_clock_waits_for_webhooks_to_be_acknowledged(
    bench: Bench, inbox: Inbox
) -> None:
    await released(bench, "waiting")
    inbox.refuse_every = 1
    while not inbox.calls:
        state = await asyncio.to_thread(bench.server.advance, Advance(wait_s=0.02))

    stuck = await asyncio.to_thread(bench.server.advance, Advance(wait_s=0.05))
    inbox.refuse_every = 0
    moved = await asyncio.to_thread(bench.server.advance, Advance(wait_s=5))

    assert (stuck["state"], stuck["now"]) == ("delivering", state["now"])
    assert (moved["state"], moved["fired"]) == ("advanced", 2)


async def test_instants_of_which_nobody_is_told_are_passed_over(bench: Bench) -> None:
    await released(bench, "quiet")

    news = bench.server.advance()

    # Picking begins at 13:00 and ends at 13:15, which the warehouse tells.
    assert (news["now"], news["fired"]) == ("2026-03-02T13:15:00+00:00", 2)


async def test_every_event_can_be_watched(bench: Bench) -> None:
    await released(bench, "watched")

    state = bench.server.advance(Advance(every_event=True))

    assert (state["now"], state["fired"]) == ("2026-03-02T13:00:00+00:00", 1)


async def test_the_clock_goes_no_further_than_it_may(bench: Bench) -> None:
    await released(bench, "limited")
    noon = START + timedelta(hours=3)

    state = bench.server.advance(Advance(until=noon))

    assert (state["now"], state["fired"]) == (noon.isoformat(), 0)


async def test_a_forged_webhook_is_refused(bench: Bench, inbox: Inbox) -> None:
    await released(bench, "forged")
    await run_out(bench)
    _, headers, body = inbox.deliveries[0]
    lowered = {name.lower(): value for name, value in headers.items()}
    theirs = signed_headers(SecretStr("GUESSED"), "m-1", real_now(), body)
    stale = {**lowered, "webhook-timestamp": "1000000000"}

    assert bench.warehouse.verify_webhook(lowered, body)
    assert not bench.warehouse.verify_webhook(theirs, body)
    assert not bench.warehouse.verify_webhook(stale, body)
    assert not bench.warehouse.verify_webhook(
        lowered, body.replace(b"picked", b"PICKED")
    )
