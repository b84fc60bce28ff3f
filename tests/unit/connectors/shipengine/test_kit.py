"""ShipEngine's adapter in the conformance kit, against a small platform."""

from uuid import uuid4

import pytest

from conformance import carriers
from conformance.bench import CarrierBench, Delivery
from conformance.running import Check, Verdict, judge
from domain.shipping import Booking
from tests.unit.connectors.shipengine import keys
from tests.unit.connectors.shipengine.platform import Platform
from tests.unit.connectors.shipengine.test_webhooks import (
    EVENT,
    TRACKING,
    hooked,
    signed_headers,
)
from tests.unit.connectors.shipengine.world import (
    API_KEY,
    UPS,
    a_carrier,
    a_parcel,
    a_question,
)

NOT_THERE = {"an expired quote is not bought"}


def sent() -> tuple[Delivery, ...]:
    later = {**EVENT, "status_code": "DE", "occurred_at": "2026-03-05T09:00:00Z"}
    bodies = (hooked(TRACKING), hooked({**TRACKING, "events": [later]}))
    return tuple(Delivery(signed_headers(body), body) for body in bodies)


@pytest.mark.parametrize("check", carriers.CHECKS, ids=lambda check: check.name)
async def test_the_adapter_passes(check: Check[CarrierBench]) -> None:
    platform = Platform()

    async def hand_over(booking: Booking) -> None:
        platform.handed_over.add(booking.id)

    bench = CarrierBench(
        connect=lambda: a_carrier(platform.transport, webhook_keys=[keys.jwk()]),
        run=f"kit-{uuid4().hex[:8]}",
        secrets=(API_KEY.get_secret_value(),),
        webhooks=sent,
        carrier=UPS,
        question=a_question(),
        parcel=a_parcel,
        hand_over=hand_over,
    )

    result = await judge(check, bench)

    skipped = check.name in NOT_THERE
    assert (result.verdict is Verdict.PASSED) is not skipped, result.why
