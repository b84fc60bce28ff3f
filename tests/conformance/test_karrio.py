"""The Karrio adapter under the kit, over real HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from conformance import carriers
from conformance.bench import CarrierBench, Delivery
from conformance.running import Check, Verdict, judge
from connectors.karrio.client import KarrioCarrier
from domain.shipping import Booking
from lanewise.world.serving import served
from tests.conformance.worlds import CARRIER, a_parcel, a_question
from tests.unit.connectors.karrio.counterpart import KarrioSide, karrio_app
from tests.unit.connectors.karrio.samples import (
    SECRET,
    WHISPER,
    a_tracker,
    an_event,
    settings,
)

# It knows no key and no unique reference: what was lost is looked up.
NOT_SUPPORTED = {"booking again under a key is one label"}


@dataclass
class Running:
    """A Karrio of ours and where it is."""

    side: KarrioSide
    url: str
    benches: int = 0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running() -> AsyncIterator[Running]:
    side = KarrioSide()
    async with served(karrio_app(side)) as url:
        yield Running(side, url)


def webhooks() -> tuple[Delivery, ...]:
    events = (an_event("picked_up", 9), an_event("in_transit", 12))
    return tuple(
        Delivery(
            {"X-Event-Id": WHISPER},
            json.dumps({"event": "tracker_updated", "data": a_tracker(event)}).encode(),
        )
        for event in events
    )


@pytest.fixture
def bench(running: Running) -> CarrierBench:
    side, ours = running.side, settings(base_url=running.url)
    running.benches += 1
    side.charge = 7.25

    async def expire() -> None:
        side.charge = 8.5

    async def hand_over(booking: Booking) -> None:
        side.shipments[booking.id]["status"] = "in_transit"

    return CarrierBench(
        connect=lambda: KarrioCarrier(ours),
        run=f"run-{running.benches}",
        secrets=(SECRET, WHISPER),
        webhooks=webhooks,
        carrier=CARRIER,
        question=a_question(),
        parcel=a_parcel,
        expire_quotes=expire,
        hand_over=hand_over,
    )


@pytest.mark.parametrize("check", carriers.CHECKS, ids=lambda check: check.name)
async def test_the_karrio_carrier_passes(
    bench: CarrierBench, check: Check[CarrierBench]
) -> None:
    result = await judge(check, bench)

    wanted = Verdict.NOT_SUPPORTED if check.name in NOT_SUPPORTED else Verdict.PASSED
    assert result.verdict is wanted, result.why
