"""The kit as others use it, over the neutral adapter and its simulated world."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from conformance import carriers, warehouses
from conformance.bench import CarrierBench, Delivery, WarehouseBench
from conformance.running import Check, Verdict, judge
from connectors.neutral import mapping
from connectors.neutral.client import NeutralCarrier, NeutralWarehouse
from connectors.neutral.settings import NeutralSettings
from connectors.neutral.webhooks import signed_headers
from connectors.ports import Idempotency
from domain.order import Line
from domain.quantities import OrderId, ServiceId, SkuId
from domain.shipping import Booking
from domain.warehousing import ReserveStock, WorkStatus
from lanewise.world.desk import Advance
from lanewise.world.server import WorldServer
from lanewise.world.spec import StockChange
from tests.conformance.worlds import (
    API_KEY,
    CARRIER,
    FC,
    LAMP,
    MUG,
    START,
    WEBHOOK_SECRET,
    a_parcel,
    a_question,
    a_release,
    real_now,
    spec_in_mode,
)

MODES = (Idempotency.KEY_HEADER, Idempotency.UNIQUE_REFERENCE, Idempotency.LOOK_UP)
SCAN = {
    "type": "parcel-scanned",
    "event_id": "HERO1:1",
    "carrier": CARRIER,
    "tracking_number": "HERO1",
    "status": "in-transit",
    "sequence": 1,
    "occurred_at": "2026-03-02T12:00:00+00:00",
    "note": "",
}
PICKED = {
    "type": "order-progressed",
    "event_id": "RENO:P-1:1",
    "fc": FC,
    "order_id": "O-1",
    "parcel_id": "P-1",
    "event": "picked",
    "sequence": 1,
    "occurred_at": "2026-03-02T12:00:00+00:00",
    "lines": [{"sku": MUG, "units": 1}],
}


@pytest.fixture(scope="module", params=MODES, ids=str)
def world(request: pytest.FixtureRequest) -> Iterator[tuple[WorldServer, Idempotency]]:
    mode = Idempotency(request.param)
    # Something is always ahead, so that the clock can be moved.
    later = tuple(
        StockChange(at=START + timedelta(hours=hour), fc=FC, sku=SkuId("PEN"), units=1)
        for hour in range(1, 400)
    )
    stock = {FC: {MUG: 10_000, LAMP: 4}}
    spec = spec_in_mode(mode, stock=stock, stock_changes=later)
    with WorldServer(spec) as server:
        yield server, mode


def settings(server: WorldServer, mode: Idempotency) -> NeutralSettings:
    return NeutralSettings(
        base_url=server.base_url,
        secret=API_KEY,
        webhook_secret=WEBHOOK_SECRET,
        idempotency=mode,
    )


def signed(event: dict[str, object]) -> tuple[Delivery, ...]:
    numbered = [{**event, "event_id": f"E:{n}", "sequence": n} for n in (1, 2)]
    bodies = [json.dumps({"events": [one]}).encode() for one in numbered]
    return tuple(
        Delivery(signed_headers(WEBHOOK_SECRET, f"m-{n}", real_now(), body), body)
        for n, body in enumerate(bodies)
    )


def carrier_bench(server: WorldServer, mode: Idempotency) -> CarrierBench:
    question = a_question()

    async def expire() -> None:
        until = server.world.clock.now + timedelta(hours=1)
        while server.world.clock.now < until:
            await asyncio.to_thread(server.advance, Advance(until=until))

    async def hand_over(booking: Booking) -> None:
        carried, now = server.world.carriers, server.world.clock.now
        carried.hand_over(FC, booking.tracking_number, now)

    return CarrierBench(
        connect=lambda: NeutralCarrier(settings(server, mode), real_now),
        run=f"kit-{uuid4().hex[:8]}",
        secrets=(API_KEY.get_secret_value(),),
        webhooks=lambda: signed(SCAN),
        carrier=CARRIER,
        question=question,
        parcel=a_parcel,
        expire_quotes=expire,
        hand_over=hand_over,
    )


def warehouse_bench(server: WorldServer, mode: Idempotency) -> WarehouseBench:
    def connect() -> NeutralWarehouse:
        return NeutralWarehouse(settings(server, mode), real_now)

    async def pick(key: str) -> None:
        warehouse = connect()
        for _ in range(50):
            work = await warehouse.find_order(FC, key)
            if work is not None and work.status is not WorkStatus.ACCEPTED:
                break
            await asyncio.to_thread(server.advance, Advance(every_event=True))
        await warehouse.close()

    return WarehouseBench(
        connect=connect,
        run=f"kit-{uuid4().hex[:8]}",
        secrets=(API_KEY.get_secret_value(),),
        webhooks=lambda: signed(PICKED),
        fc=FC,
        sku=MUG,
        scarce=LAMP,
        reservation=lambda key, sku, units: ReserveStock(
            key=key, fc=FC, order_id=OrderId("O-1"), lines=(Line(sku=sku, units=units),)
        ),
        release=lambda key, reserved: a_release(key, reserved, 1),
        pick=pick,
    )


@pytest.mark.parametrize("check", carriers.CHECKS, ids=lambda check: check.name)
async def test_the_neutral_carrier_passes(
    world: tuple[WorldServer, Idempotency], check: Check[CarrierBench]
) -> None:
    result = await judge(check, carrier_bench(*world))

    assert result.verdict in (Verdict.PASSED, Verdict.NOT_SUPPORTED), result.why
    if world[1] is Idempotency.UNIQUE_REFERENCE:
        assert result.verdict is Verdict.PASSED, result.why


@pytest.mark.parametrize("check", warehouses.CHECKS, ids=lambda check: check.name)
async def test_the_neutral_warehouse_passes(
    world: tuple[WorldServer, Idempotency], check: Check[WarehouseBench]
) -> None:
    result = await judge(check, warehouse_bench(*world))

    assert result.verdict in (Verdict.PASSED, Verdict.NOT_SUPPORTED), result.why


class Careless(NeutralCarrier):
    """An adapter with every bad habit the kit looks for."""

    async def rate_shop(self, request):  # type: ignore[no-untyped-def]
        body = mapping.rates_body(request)
        answer = await self._http.ask("/rates", method="POST", body=body)
        return tuple(answer.json()["quotes"])

    async def book(self, parcel):  # type: ignore[no-untyped-def]
        # A new reference each time: nothing that was lost is ever found.
        odd = parcel.model_copy(update={"reference": uuid4().hex, "key": uuid4().hex})
        return await super().book(odd)

    def verify_webhook(self, headers, body):  # type: ignore[no-untyped-def]
        return True


@pytest.fixture
def careless(world: tuple[WorldServer, Idempotency]) -> CarrierBench:
    server, mode = world
    bench = carrier_bench(server, mode)
    return replace(bench, connect=lambda: Careless(settings(server, mode), real_now))


@pytest.mark.parametrize(
    "name",
    [
        "prices are told for the services asked",
        "only genuine webhooks are believed",
        "what was booked is found",
        "a lost reply at any step leaves one label",
    ],
)
async def test_bad_habits_are_found(careless: CarrierBench, name: str) -> None:
    (check,) = (check for check in carriers.CHECKS if check.name == name)

    result = await judge(check, careless)

    assert result.verdict is Verdict.FAILED


def test_no_check_has_two_names() -> None:
    for checks in (carriers.CHECKS, warehouses.CHECKS):
        names = [check.name for check in checks]
        assert len(set(names)) == len(names) > 20
    assert ServiceId("unheard-of") in a_question().services
