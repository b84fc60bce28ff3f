"""ShipEngine's adapter under the kit, against a small platform over real HTTP."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from conformance import carriers
from conformance.bench import CarrierBench, Delivery
from conformance.running import Check
from connectors.shipengine.client import ShipEngineCarrier
from domain.shipping import Booking
from tests.conformance.serving import served
from tests.conformance.verdicts import passes
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
    NOW,
    UPS,
    a_parcel,
    a_question,
    some_settings,
)

# Its rates are estimates: they do not expire.
NOT_TRIED = {"an expired quote is not bought"}


@pytest.fixture
def bench() -> Iterator[CarrierBench]:
    platform = Platform()

    async def hand_over(booking: Booking) -> None:
        platform.handed_over.add(booking.id)

    with served(platform.answer) as url:
        settings = some_settings(base_url=url, webhook_keys=[keys.jwk()])
        yield CarrierBench(
            connect=lambda: ShipEngineCarrier(settings, lambda: NOW),
            run=f"kit-{uuid4().hex[:8]}",
            secrets=(API_KEY.get_secret_value(),),
            webhooks=sent,
            carrier=UPS,
            question=a_question(),
            parcel=a_parcel,
            hand_over=hand_over,
        )


def sent() -> tuple[Delivery, ...]:
    later = {**EVENT, "status_code": "DE", "occurred_at": "2026-03-05T09:00:00Z"}
    bodies = (hooked(TRACKING), hooked({**TRACKING, "events": [later]}))
    return tuple(Delivery(signed_headers(body), body) for body in bodies)


@pytest.mark.parametrize("check", carriers.CHECKS, ids=lambda check: check.name)
async def test_the_shipengine_carrier_passes(
    bench: CarrierBench, check: Check[CarrierBench]
) -> None:
    await passes(check, bench, not_tried=NOT_TRIED)
