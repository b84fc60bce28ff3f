"""Lanewise's conformance kit over Pigeon Post, and the four tests."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from loft import KEY, Loft
from pigeon_post import mapping
from pigeon_post.client import PigeonCarrier
from pigeon_post.settings import PigeonSettings
from pigeon_post.webhooks import HEADER, sign
from pydantic import SecretStr
from serving import served

from conformance.bench import CarrierBench, Delivery
from conformance.carriers import CHECKS
from conformance.running import Check, Verdict, judge
from conformance.sample import Sample, carrier_bench
from connectors.connection import Connection
from domain.errors import QuoteExpired
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Booking

PIGEON, SWIFT = CarrierId("pigeon"), ServiceId("pigeon-swift")
SECRET = SecretStr("FEATHER-WEIGHT")
NAMES = {SWIFT: "SWIFT"}
FLIGHT = {
    "id": "F-1",
    "reference": "b/1",
    "service": "SWIFT",
    "ring": "RING1",
    "price": "12.50",
    "state": "bought",
}


def now() -> datetime:
    return datetime.now(UTC)


def deliveries() -> tuple[Delivery, ...]:
    sightings = [
        {"ring": "RING1", "seen": seen, "at": f"2026-03-02T1{hour}:00:00+00:00"}
        for hour, seen in enumerate(("LOFT", "FLYING"))
    ]
    bodies = [json.dumps(sighting).encode() for sighting in sightings]
    return tuple(Delivery({HEADER: sign(SECRET, body)}, body) for body in bodies)


@pytest.fixture(scope="module")
def bench() -> Iterator[CarrierBench]:
    """Connect through the entry point, as an operator's settings would."""
    loft = Loft()

    async def expire() -> None:
        loft.stale = True

    async def hand_over(booking: Booking) -> None:
        loft.gone.add(booking.id)

    with served(loft.answer, "X-Pigeon-Key", KEY) as url:
        connection = Connection(
            name="pigeons",
            kind="carrier",
            provider="pigeon-post",
            base_url=url,
            secret=KEY,
            webhook_secret=SECRET,
            options={"services": NAMES},
        )
        sample = Sample(carrier=PIGEON, services=(SWIFT,))
        yield replace(
            carrier_bench(connection, now, sample, "kit"),
            webhooks=deliveries,
            expire_quotes=expire,
            hand_over=hand_over,
        )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
async def test_it_behaves(bench: CarrierBench, check: Check[CarrierBench]) -> None:
    result = await judge(check, bench)

    assert result.verdict in (Verdict.PASSED, Verdict.NOT_SUPPORTED), str(result)


def a_carrier(status: int, said: object, seen: list[str]) -> PigeonCarrier:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path}")
        return httpx.Response(status, json=said)

    settings = PigeonSettings(base_url="http://loft", secret=SECRET, services=NAMES)
    return PigeonCarrier(settings, httpx.MockTransport(answer))


def a_parcel(bench: CarrierBench):
    return bench.parcel("b/1")


def test_a_flight_is_asked_for(bench: CarrierBench) -> None:
    body = mapping.flight_body(a_parcel(bench), NAMES)

    assert (body["reference"], body["service"], body["grams"]) == ("b/1", "SWIFT", 1400)


async def test_buying_calls_the_right_address(bench: CarrierBench) -> None:
    seen: list[str] = []

    await a_carrier(201, FLIGHT, seen).book(a_parcel(bench))

    assert seen == ["POST /flights"]


def test_a_flight_is_read() -> None:
    booking = mapping.parse_flight(FLIGHT, PIGEON, NAMES)

    assert (booking.service, booking.cost_cents) == (SWIFT, 1250)
    assert booking.tracking_number == "RING1"


async def test_a_refusal_is_read(bench: CarrierBench) -> None:
    refused = a_carrier(409, {"code": "quote-flown", "title": "gone"}, [])

    with pytest.raises(QuoteExpired, match="gone"):
        await refused.book(a_parcel(bench))
