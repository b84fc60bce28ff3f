"""The conformance kit over our Karrio adapter and a real Karrio."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from conformance import carriers
from conformance.bench import CarrierBench
from conformance.running import Check, Verdict, judge
from connectors.karrio.client import KarrioCarrier
from connectors.karrio.settings import KarrioSettings
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Booking, BookParcel
from lanewise.world.karrio import KarrioServer, Price
from tests.builders import MONDAY
from tests.conformance.worlds import a_parcel, a_question
from tests.counterparts.conftest import SHEET

SWIFT = CarrierId("SWIFT")
AIR = ServiceId("SWIFT-AIR")
# It knows no repetition; webhooks are sent to those who listen, not handed out.
ELSEWHERE = (Verdict.NOT_SUPPORTED, Verdict.NOT_TRIED)


@pytest.fixture
async def bench(karrio: KarrioServer) -> AsyncIterator[CarrierBench]:
    settings = KarrioSettings.model_validate(
        {
            "base_url": karrio.url,
            "secret": karrio.token,
            "services": {AIR: {"code": "swift_air"}},
            "accounts": {SWIFT: "swift"},
        }
    )

    async def expire() -> None:
        await karrio.change_prices("swift", SHEET | {"swift_air": (Price(2_050, 2),)})

    async def hand_over(booking: Booking) -> None:
        await karrio.scan(booking.tracking_number, "in_transit", MONDAY)

    def parcel(key: str, **changes: Any) -> BookParcel:
        return a_parcel(key, carrier=SWIFT, service=AIR, **changes)

    yield CarrierBench(
        connect=lambda: KarrioCarrier(settings),
        run=f"kit-{uuid4().hex[:8]}",
        secrets=(karrio.token.get_secret_value(),),
        carrier=SWIFT,
        question=a_question().model_copy(update={"services": (AIR,)}),
        parcel=parcel,
        expire_quotes=expire,
        hand_over=hand_over,
    )
    await karrio.change_prices("swift", SHEET)


@pytest.mark.parametrize("check", carriers.CHECKS, ids=lambda check: check.name)
async def test_the_real_karrio_passes(
    bench: CarrierBench, check: Check[CarrierBench]
) -> None:
    result = await judge(check, bench)

    aside = "webhook" in check.name or "under a key" in check.name
    assert result.verdict in (ELSEWHERE if aside else (Verdict.PASSED,)), result.why
