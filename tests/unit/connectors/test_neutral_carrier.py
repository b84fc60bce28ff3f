"""The four questions to a mapping: built, sent, read, refused."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.neutral import mapping
from connectors.neutral.client import NeutralCarrier, NeutralHazardFeed
from connectors.neutral.settings import NeutralSettings
from domain.errors import ContractViolation, QuoteExpired, StateConflict
from domain.hazard import Severity
from domain.quantities import CarrierId
from domain.shipping import ParcelStatus, VoidOutcome
from tests.conformance.worlds import a_parcel, a_question
from tests.unit.connectors.test_neutral_warehouse import Counterpart

HERON = CarrierId("heron")


def settings() -> NeutralSettings:
    return NeutralSettings(base_url="http://tms")


def real_time() -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC)


def a_carrier(counterpart: Counterpart) -> NeutralCarrier:
    return NeutralCarrier(settings(), real_time, httpx.MockTransport(counterpart))


def test_an_order_for_carriage_is_built() -> None:
    body = mapping.booking_body(a_parcel("b/1", quote_id="Q-9", signature=True))

    assert body["reference"] == "b/1"
    assert body["pieces"] == [
        {
            "length_mm": 300,
            "width_mm": 200,
            "height_mm": 100,
            "weight_g": 1400,
            "hazmat": False,
        }
    ]
    assert (body["quote_id"], body["signature"]) == ("Q-9", True)
    assert body["hand_over_at"] == "2026-03-02T17:00:00+00:00"
    assert body["ship_to"]["postal_code"] == "83702"


async def test_the_right_addresses_are_called() -> None:
    counterpart = Counterpart(200, {"bookings": [], "quotes": [], "scans": []})
    carrier = a_carrier(counterpart)

    await carrier.rate_shop(a_question())
    await carrier.find_bookings(HERON, "b/1")
    await carrier.track(HERON, "1Z 9")

    assert counterpart.asked == [
        "POST /rates",
        "GET /bookings?carrier=heron&reference=b%2F1",
        "GET /carriers/heron/tracking/1Z%209",
    ]


async def test_a_booking_is_read() -> None:
    booking = await a_carrier(Counterpart(201, BOOKING)).book(a_parcel("b/1"))

    assert (booking.id, booking.cost_cents) == ("B-1", 1070)
    assert booking.void_until == datetime(2026, 4, 1, 9, tzinfo=UTC)


async def test_a_reference_that_exists_answers_with_the_standing_booking() -> None:
    voided = {**BOOKING, "id": "B-0", "voided": True}

    def counterpart(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(409, json={"code": "duplicate-reference"})
        return httpx.Response(200, json={"bookings": [voided, BOOKING]})

    carrier = NeutralCarrier(settings(), real_time, httpx.MockTransport(counterpart))

    assert (await carrier.book(a_parcel("b/1"))).id == "B-1"


async def test_a_reference_whose_label_was_voided_cannot_be_booked_again() -> None:
    def counterpart(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(409, json={"code": "duplicate-reference"})
        return httpx.Response(200, json={"bookings": [{**BOOKING, "voided": True}]})

    carrier = NeutralCarrier(settings(), real_time, httpx.MockTransport(counterpart))

    with pytest.raises(StateConflict):
        await carrier.book(a_parcel("b/1"))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (410, "quote-expired", QuoteExpired),
        (409, "service-full", StateConflict),
        (422, "lane-suspended", StateConflict),
    ],
)
async def test_a_refusal_is_read(status: int, code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=code):
        await a_carrier(Counterpart(status, {"code": code})).book(a_parcel("b/1"))


@pytest.mark.parametrize("outcome", ["voided", "requested", "too-late"])
async def test_what_became_of_a_voiding_is_read(outcome: str) -> None:
    answer = Counterpart(200, {"outcome": outcome})

    assert await a_carrier(answer).void(HERON, "B-1") is VoidOutcome(outcome)


async def test_an_unknown_outcome_of_a_voiding_is_a_contract_violation() -> None:
    with pytest.raises(ContractViolation, match="'maybe' is none of voided"):
        await a_carrier(Counterpart(200, {"outcome": "maybe"})).void(HERON, "B-1")


async def test_scans_are_read_in_the_order_of_their_sequence() -> None:
    late = {**SCAN, "sequence": 2, "status": "delivered"}

    scans = await a_carrier(Counterpart(200, {"scans": [late, SCAN]})).track(
        HERON, "HERO1"
    )

    assert [scan.status for scan in scans] == [
        ParcelStatus.IN_TRANSIT,
        ParcelStatus.DELIVERED,
    ]


def test_an_unknown_status_is_unknown() -> None:
    body = json.dumps({"events": [{**SCAN, "status": "abducted"}]}).encode()

    (scan,) = mapping.parse_parcel_events(body)

    assert scan.status is ParcelStatus.UNKNOWN


async def test_a_label_without_content_is_a_contract_violation() -> None:
    carrier = NeutralCarrier(
        settings(), real_time, httpx.MockTransport(lambda _: httpx.Response(200))
    )

    with pytest.raises(ContractViolation, match="empty"):
        await carrier.document(HERON, "B-1")


@pytest.mark.parametrize(("word", "read"), [("severe", "severe"), ("Dire", "unknown")])
async def test_an_alert_of_any_severity_is_read(word: str, read: str) -> None:
    alert: dict[str, Any] = {**ALERT, "severity": word}
    counterpart = Counterpart(200, {"hazards": [alert]})

    feed = NeutralHazardFeed(settings(), real_time, httpx.MockTransport(counterpart))

    assert [h.severity for h in (await feed.poll()).hazards] == [Severity(read)]


BOOKING = {
    "id": "B-1",
    "reference": "b/1",
    "carrier": "heron",
    "service": "heron-ground",
    "tracking_number": "HERO1",
    "cost_cents": 1070,
    "void_until": "2026-04-01T09:00:00+00:00",
    "voided": False,
    "loyalty_points": 3,
}
SCAN = {
    "event_id": "HERO1:1",
    "carrier": "heron",
    "tracking_number": "HERO1",
    "status": "in-transit",
    "sequence": 1,
    "occurred_at": "2026-03-03T04:00:00+00:00",
}
ALERT = {
    "id": "A-1",
    "kind": "blizzard",
    "valid_from": "2026-03-02T00:00:00Z",
    "valid_until": "2026-03-03T00:00:00Z",
    "regions": ["ID"],
    "delay_h": 24,
}
