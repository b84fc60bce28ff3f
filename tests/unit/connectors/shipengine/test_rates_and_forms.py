"""ShipEngine: labels bought at the rate that was quoted, and days closed."""

import json
from typing import Any

import httpx
import pytest

from connectors.shipengine.client import ShipEngineCarrier
from domain.errors import (
    ContractViolation,
    InvalidRequest,
    QuoteExpired,
    StateConflict,
)
from domain.shipping import BookParcel, CloseOut, Document
from tests.unit.connectors.shipengine.platform import PDF, RATE, Platform
from tests.unit.connectors.shipengine.world import (
    GROUND,
    RENO,
    RENO_PLACE,
    UPS,
    a_carrier,
    a_parcel,
    a_question,
)


def saying(document: Any) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, json=document))


# Bought at the rate that was quoted


async def quoted(carrier: ShipEngineCarrier, **changes: Any) -> BookParcel:
    quotes = await carrier.rate_shop(a_question(services=(GROUND,)))
    return a_parcel(quote_id=quotes[0].id, **changes)


async def test_a_quoted_parcel_is_bought_at_its_rate() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    parcel = await quoted(carrier)

    booking = await carrier.book(parcel)

    rated, bought = platform.requests[-2:]
    body = json.loads(rated.content)
    assert (rated.url.path, bought.url.path) == (
        "/v1/rates",
        "/v1/labels/rates/se-5001",
    )
    assert body["shipment"]["external_shipment_id"].startswith("lw-")
    assert body["rate_options"]["service_codes"] == ["ups_ground"]
    assert "shipment" not in json.loads(bought.content)
    assert await carrier.find_bookings(UPS, parcel.reference) == (booking,)


async def test_a_price_that_rose_since_the_quote_is_told_and_not_paid() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    parcel = await quoted(carrier)
    platform.rise = 1.0

    with pytest.raises(QuoteExpired) as raised:
        await carrier.book(parcel)
    borne = parcel.model_copy(update={"most_cents": raised.value.now_cents})
    unpaid = dict(platform.labels)
    booking = await carrier.book(borne)

    # Insurance is in no quote, and so in no comparison.
    assert raised.value.now_cents == 1_400
    assert unpaid == {}
    assert [one for one in platform.labels] == [booking.id]
    assert len(platform.shipments) == 1


async def test_a_rated_purchase_is_repeated_as_the_one_label() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    parcel = await quoted(carrier)

    first = await carrier.book(parcel)
    again = await carrier.book(parcel)

    assert first == again
    assert len(platform.labels) == 1


async def test_a_service_the_address_is_not_offered_is_a_refusal() -> None:
    no = {**RATE, "service_code": "ups_next_day_air"}
    answer = {
        "rates": [no],
        "invalid_rates": [{"error_messages": ["no such address"]}, {}],
        "errors": [{"message": "carrier is away"}],
    }
    parcel = a_parcel(quote_id="estimate/ups-ground/1300")

    with pytest.raises(StateConflict, match="no such address; carrier is away"):
        await a_carrier(saying({"rate_response": answer})).book(parcel)


@pytest.mark.parametrize(
    "rate",
    [{"rate_id": None}, {"rate_id": "../x"}, {"shipping_amount": {"amount": "?"}}],
    ids=str,
)
async def test_rates_that_cannot_be_read_are_a_contract_violation(
    rate: dict[str, Any],
) -> None:
    told = {"rate_response": {"rates": [{**RATE, "rate_id": "se-1", **rate}]}}
    parcel = a_parcel(quote_id="estimate/ups-ground/1300")

    with pytest.raises(ContractViolation):
        await a_carrier(saying(told)).book(parcel)


# Closing a day


async def three_labels(carrier: ShipEngineCarrier) -> list[str]:
    return [(await carrier.book(a_parcel(f"close/{n}"))).id for n in range(3)]


def a_day(*bookings: str) -> CloseOut:
    return CloseOut(
        key="close/1", carrier=UPS, fc=RENO, bookings=bookings, ship_from=RENO_PLACE
    )


async def test_a_day_is_closed_on_one_form_and_told_again() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    labels = await three_labels(carrier)

    first = await carrier.close_out(a_day(*labels))
    again = await carrier.close_out(a_day(*labels))

    assert first.bookings == tuple(labels)
    assert first.document == Document(media_type="application/pdf", content=PDF)
    assert (again.id, again.bookings) == (first.id, first.bookings)
    assert len(platform.manifests) == 1
    assert platform.requests[-1].url.params["carrier_id"] == "se-101"


async def test_what_stands_on_a_form_is_put_on_no_other() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    labels = await three_labels(carrier)
    await carrier.close_out(a_day(labels[0]))

    manifest = await carrier.close_out(a_day(*labels, "no id of theirs"))

    assert [one["label_ids"] for one in platform.manifests] == [
        labels[:1],
        labels[1:],
    ]
    assert manifest.bookings == tuple(labels)
    assert manifest.left_out == {"no id of theirs": "it is on no form"}


async def test_a_form_that_is_still_being_made_is_pending() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    labels = await three_labels(carrier)
    platform.later = True

    first = await carrier.close_out(a_day(*labels))
    again = await carrier.close_out(a_day(*labels))

    assert (first.pending, first.bookings, first.left_out) == (True, tuple(labels), {})
    assert (again.pending, again.id) == (False, "se-7001")


async def test_a_form_that_is_refused_is_an_error() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    labels = await three_labels(carrier)
    await carrier.void(UPS, labels[0])

    with pytest.raises(InvalidRequest, match="are voided"):
        await carrier.close_out(a_day(*labels))


@pytest.mark.parametrize("answer", [{}, [], {"manifests": [{}]}, {"manifests": 7}])
async def test_forms_that_cannot_be_read_are_a_contract_violation(answer: Any) -> None:
    with pytest.raises(ContractViolation):
        await a_carrier(saying(answer)).close_out(a_day("se-1"))
