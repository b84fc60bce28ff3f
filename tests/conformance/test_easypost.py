"""The EasyPost adapter under the kit, over real HTTP."""

from collections.abc import Iterator

import pytest

from conformance import carriers
from conformance.bench import CarrierBench, Delivery
from conformance.running import Check, Verdict, judge
from connectors.easypost.client import EasyPostCarrier
from connectors.easypost.webhooks import sign
from domain.shipping import Booking
from tests.unit.connectors.easypost.counterpart import (
    EasyPostServer,
    a_detail,
    a_tracker,
    an_event,
)
from tests.unit.connectors.easypost.samples import (
    SECRET,
    USPS,
    WEBHOOK_SECRET,
    a_parcel,
    a_question,
    real_now,
    settings,
)

# It knows no key and no unique reference: what was lost is looked up.
NOT_SUPPORTED = {"booking again under a key is one label"}


@pytest.fixture(scope="module")
def server() -> Iterator[EasyPostServer]:
    with EasyPostServer() as server:
        yield server


def webhooks() -> tuple[Delivery, ...]:
    first = an_event(a_tracker("EZ1", "x", a_detail("delivered", "2026-03-02T12:00Z")))
    second = an_event(a_tracker("EZ2", "x", a_detail("unknown", "2026-03-02T13:00Z")))
    sent = real_now().isoformat()
    signed_time = {
        "X-Hmac-Signature-V2": sign(WEBHOOK_SECRET, f"{sent}POST/h".encode() + second),
        "X-Timestamp": sent,
        "X-Path": "/h",
    }
    return (
        Delivery({"X-Hmac-Signature": sign(WEBHOOK_SECRET, first)}, first),
        Delivery(signed_time, second),
    )


@pytest.fixture
def bench(server: EasyPostServer, request: pytest.FixtureRequest) -> CarrierBench:
    side = server.side
    side.surcharge_cents = 0
    ours = settings(base_url=side.base_url)

    async def expire() -> None:
        side.surcharge_cents = 100

    async def hand_over(booking: Booking) -> None:
        side.shipments[booking.id]["status"] = "in_transit"

    return CarrierBench(
        connect=lambda: EasyPostCarrier(ours, real_now),
        run=f"run-{len(side.asked)}",
        secrets=(SECRET.get_secret_value(), WEBHOOK_SECRET.get_secret_value()),
        webhooks=webhooks,
        carrier=USPS,
        question=a_question(),
        parcel=a_parcel,
        expire_quotes=expire,
        hand_over=hand_over,
    )


@pytest.mark.parametrize("check", carriers.CHECKS, ids=lambda check: check.name)
async def test_the_easypost_carrier_passes(
    bench: CarrierBench, check: Check[CarrierBench]
) -> None:
    result = await judge(check, bench)

    wanted = Verdict.NOT_SUPPORTED if check.name in NOT_SUPPORTED else Verdict.PASSED
    assert result.verdict is wanted, result.why
