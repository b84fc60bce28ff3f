"""ShipBob's adapter under the kit, against a small platform over real HTTP."""

import asyncio
import json
from collections.abc import Iterator
from threading import Lock
from uuid import uuid4

import pytest

from conformance import mischief, warehouses
from conformance.bench import Delivery, WarehouseBench
from conformance.running import Check
from connectors.shipbob.client import ShipBobWarehouse
from domain.errors import OutcomeUnknown, Unavailable
from domain.order import Line
from domain.warehousing import CancelOutcome, WorkStatus
from tests.conformance.serving import served
from tests.conformance.verdicts import passes
from tests.conformance.worlds import a_reservation
from tests.unit.connectors.shipbob.platform import Platform
from tests.unit.connectors.shipbob.test_webhooks import SHIPMENT
from tests.unit.connectors.shipbob.world import (
    MUG,
    NOW,
    RENO,
    TOKEN,
    a_release,
    signed_headers,
    some_settings,
)

# It sets nothing aside, and keeps no list of what happened.
NOT_SUPPORTED = {
    "a cursor tells the same again",
    "what was reserved is found",
    "reserving leaves the physical count alone",
    "goods given back twice are free once",
    "reserving again under a key sets aside once",
    "a key used for other goods is refused",
}
NOT_TRIED = {
    "less than asked is an answer",
    "nothing left is an answer",
    "a lost reply at any step reserves once",
}


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def bench(platform: Platform) -> Iterator[WarehouseBench]:
    turn = Lock()

    def picked(key: str) -> None:
        with turn:
            shipment = platform.orders[key]["shipments"][0]
            if shipment["status"] == "Processing":
                platform.move(key, "Picked")

    async def pick(key: str) -> None:
        await asyncio.to_thread(picked, key)

    with served(platform.answer, turn) as url:
        settings = some_settings(base_url=url)
        yield WarehouseBench(
            connect=lambda: ShipBobWarehouse(settings, lambda: NOW),
            run=f"kit-{uuid4().hex[:8]}",
            secrets=(TOKEN.get_secret_value(),),
            webhooks=sent,
            fc=RENO,
            sku=MUG,
            reservation=lambda key, sku, units: a_reservation(key, units, sku),
            release=lambda key, reserved: a_release(
                key, reservation_key=reserved, lines=(Line(sku=MUG, units=1),)
            ),
            pick=pick,
        )


def sent() -> tuple[Delivery, ...]:
    labeled = {**SHIPMENT, "status": "LabeledCreated"}
    bodies = [json.dumps(shipment).encode() for shipment in (labeled, SHIPMENT)]
    return tuple(Delivery(signed_headers(body), body) for body in bodies)


@pytest.mark.parametrize("check", warehouses.CHECKS, ids=lambda check: check.name)
async def test_the_shipbob_warehouse_passes(
    bench: WarehouseBench, check: Check[WarehouseBench]
) -> None:
    await passes(check, bench, not_supported=NOT_SUPPORTED, not_tried=NOT_TRIED)


@pytest.mark.parametrize("trick", ["lost", "truncated", "broken"])
async def test_an_order_whose_reply_is_lost_is_sent_once(
    bench: WarehouseBench, platform: Platform, trick: str
) -> None:
    async with bench.adapter() as (warehouse, spoilt):
        spoilt.on(1, getattr(mischief, trick))
        with pytest.raises((OutcomeUnknown, Unavailable)):
            await warehouse.release_order(a_release())
        again = await warehouse.release_order(a_release())

    assert again.status is WorkStatus.ACCEPTED
    assert len(platform.orders) == 1


async def test_a_cancellation_whose_reply_is_lost_is_known(
    bench: WarehouseBench, platform: Platform
) -> None:
    async with bench.adapter() as (warehouse, _):
        await warehouse.release_order(a_release())
        platform.move(a_release().key, "Cancelled")

        outcome = await warehouse.cancel_order(RENO, a_release().key)

    assert outcome is CancelOutcome.CANCELLED
