"""ShipBob's adapter in the conformance kit, against a small platform."""

import json
from uuid import uuid4

import pytest

from conformance import mischief, warehouses
from conformance.bench import Delivery, WarehouseBench
from conformance.running import Check, Verdict, judge
from domain.errors import OutcomeUnknown, Unavailable
from domain.warehousing import CancelOutcome, WorkStatus
from tests.unit.connectors.shipbob.platform import Platform
from tests.unit.connectors.shipbob.test_webhooks import SHIPMENT
from tests.unit.connectors.shipbob.world import (
    MUG,
    RENO,
    TOKEN,
    a_release,
    a_warehouse,
    signed_headers,
)

# Checks that begin with a reservation, which it does not make.
RESERVING = {
    *("reserved", "reserves", "reserving", "asked", "left", "given", "key"),
    *("released", "releasing", "picked", "cursor"),
}


def sent() -> tuple[Delivery, ...]:
    labeled = {**SHIPMENT, "status": "LabeledCreated"}
    bodies = [json.dumps(shipment).encode() for shipment in (labeled, SHIPMENT)]
    return tuple(Delivery(signed_headers(body), body) for body in bodies)


def a_bench(platform: Platform) -> WarehouseBench:
    return WarehouseBench(
        connect=lambda: a_warehouse(platform.transport),
        run=f"kit-{uuid4().hex[:8]}",
        secrets=(TOKEN.get_secret_value(),),
        webhooks=sent,
        fc=RENO,
        sku=MUG,
    )


@pytest.mark.parametrize("check", warehouses.CHECKS, ids=lambda check: check.name)
async def test_the_adapter_passes_what_it_supports(
    check: Check[WarehouseBench],
) -> None:
    result = await judge(check, a_bench(Platform()))

    assert result.verdict is not Verdict.FAILED, result.why
    if not set(check.name.split()) & RESERVING:
        assert result.verdict is Verdict.PASSED, result.why


@pytest.mark.parametrize("trick", ["lost", "truncated", "broken"])
async def test_an_order_whose_reply_is_lost_is_sent_once(trick: str) -> None:
    platform = Platform()
    async with a_bench(platform).adapter() as (warehouse, spoilt):
        spoilt.on(1, getattr(mischief, trick))
        with pytest.raises((OutcomeUnknown, Unavailable)):
            await warehouse.release_order(a_release())
        again = await warehouse.release_order(a_release())

    assert again.status is WorkStatus.ACCEPTED
    assert len(platform.orders) == 1


async def test_a_cancellation_whose_reply_is_lost_is_known() -> None:
    platform = Platform()
    async with a_bench(platform).adapter() as (warehouse, _):
        await warehouse.release_order(a_release())
        platform.move(a_release().key, "Cancelled")

        outcome = await warehouse.cancel_order(RENO, a_release().key)

    assert outcome is CancelOutcome.CANCELLED
