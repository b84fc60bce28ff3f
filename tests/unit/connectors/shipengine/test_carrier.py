"""ShipEngine: prices, labels, voids, documents; built, called, read, refused."""

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.connection import Connection, ConnectionKind
from connectors.ports import Idempotency
from connectors.registry import connect
from connectors.shipengine import mapping, requests
from connectors.shipengine.client import ShipEngineCarrier
from domain.contact import Address
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    QuoteExpired,
    RateLimited,
    StateConflict,
)
from domain.quantities import Dimensions
from domain.shipping import (
    AddressVerdict,
    BookParcel,
    CloseOut,
    Piece,
    RateRequest,
    VoidOutcome,
)
from tests.contracts import SHIPENGINE, Contract, contract
from tests.shipments import KEYS, parcels, questions
from tests.unit.connectors.shipengine.platform import PDF, RATE, Platform, refusal
from tests.unit.connectors.shipengine.world import (
    ANA,
    BOISE_PLACE,
    GROUND,
    NEXT_DAY,
    NOW,
    RENO,
    UPS,
    a_carrier,
    a_parcel,
    a_question,
    some_settings,
)

LABEL: dict[str, Any] = {
    "label_id": "se-1",
    "shipment_id": "se-2",
    "status": "completed",
    "shipment_cost": {"currency": "usd", "amount": "12.50"},
    "insurance_cost": {"currency": "usd", "amount": 0},
    "tracking_number": "1Z",
    "created_at": "2026-03-02T09:00:00Z",
    "label_download": {"href": "data:application/pdf;base64,JVBERg=="},
    "refund_details": {"refund_status": "pending"},
    "approved": True,
    "voided": False,
    "labels": [],
    "pages": 1,
}
FIELDS = sorted({*LABEL, *RATE, "events", "occurred_at", "href", "amount", "currency"})
ADDRESS = Address(place=BOISE_PLACE, contact=ANA)
SMALL = Piece(size=Dimensions(length_mm=105, width_mm=80, height_mm=50), weight_g=450)


def answering(status: int, document: Any) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=document))


def saying(document: Any) -> httpx.MockTransport:
    """Answer with a document, also one with numbers that JSON has no words for."""
    body = json.dumps(document).encode()
    return httpx.MockTransport(lambda _: httpx.Response(200, content=body))


# Prices


def test_an_estimate_asks_in_their_units() -> None:
    body = requests.estimate_body(a_question(), SMALL, some_settings())

    assert body["carrier_ids"] == ["se-101"]
    assert body["weight"] == {"value": 450, "unit": "gram"}
    assert body["dimensions"] == {
        **{"unit": "centimeter", "length": 10.5},
        **{"width": 8.0, "height": 5.0},
    }
    assert (body["from_city_locality"], body["to_state_province"]) == ("Reno", "ID")


async def test_pricing_calls_the_estimates() -> None:
    platform = Platform()
    await a_carrier(platform.transport).rate_shop(a_question())

    (request,) = platform.requests
    assert (request.method, request.url.path) == ("POST", "/v1/rates/estimate")
    assert request.headers["API-Key"] == "OPEN-SESAME"


async def test_a_price_is_the_sum_of_its_parts() -> None:
    (quote,) = await a_carrier(Platform().transport).rate_shop(a_question())

    # 9.41 and "3.15" and 0.445, which is rounded half to even.
    assert (quote.service, quote.total_cents) == (GROUND, 941 + 315 + 44)
    assert quote.p50_at.isoformat() == "2026-03-05T18:00:00+00:00"
    assert quote.estimated
    assert quote.currency == "USD"


async def test_several_pieces_are_priced_together() -> None:
    platform = Platform()
    question = a_question(pieces=(SMALL, SMALL, *a_question().pieces))
    (quote,) = await a_carrier(platform.transport).rate_shop(question)

    assert len(platform.requests) == 2
    assert quote.total_cents == 3 * 1_300


@pytest.mark.parametrize(
    "changes",
    [
        {"validation_status": "invalid"},
        {"error_messages": ["not on this lane"]},
        {"service_code": "ups_worldwide"},
        {"carrier_id": "se-999"},
    ],
    ids=str,
)
async def test_what_is_not_offered_is_left_out(changes: dict[str, Any]) -> None:
    carrier = a_carrier(answering(200, [{**RATE, **changes}]))

    assert await carrier.rate_shop(a_question()) == ()


async def test_a_price_without_a_day_is_not_an_estimate_of_one() -> None:
    rate = {**RATE, "estimated_delivery_date": None, "delivery_days": None}
    (quote,) = await a_carrier(answering(200, [rate])).rate_shop(a_question())

    assert not quote.estimated
    assert (quote.p50_at - a_question().ready_at).total_seconds() == 120 * 3_600


async def test_a_price_that_is_no_amount_is_a_contract_violation() -> None:
    rate = {**RATE, "shipping_amount": {"currency": "usd", "amount": "a lot"}}

    with pytest.raises(ContractViolation, match=r"shipping_amount\.amount"):
        await a_carrier(answering(200, [rate])).rate_shop(a_question())


async def test_a_place_without_a_city_is_named() -> None:
    nowhere = BOISE_PLACE.model_copy(update={"city": ""})

    with pytest.raises(InvalidRequest, match=r"ship_to\.city"):
        await a_carrier(Platform().transport).rate_shop(a_question(ship_to=nowhere))


# Labels


def test_a_label_is_built_under_our_reference() -> None:
    body = requests.label_body(a_parcel(), some_settings())
    shipment = body["shipment"]

    assert shipment["external_shipment_id"] == requests.external_id("order/O-1/1@1")
    assert shipment["ship_to"]["name"] == "Ana Ruiz"
    assert shipment["ship_from"]["phone"] == "+1 775 555 0100"
    assert shipment["advanced_options"] == {"custom_field1": "order/O-1/1@1"}
    assert "insurance_provider" not in shipment


def test_what_is_insured_is_shared_among_the_pieces() -> None:
    parcel = a_parcel(pieces=(SMALL, SMALL, SMALL), insured_cents=1_000)
    shipment = requests.label_body(parcel, some_settings())["shipment"]

    amounts = [p["insured_value"]["amount"] for p in shipment["packages"]]
    assert amounts == [3.34, 3.33, 3.33]
    assert shipment["insurance_provider"] == "carrier"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"recipient": None}, r"recipient\.name"),
        ({"recipient": ANA.model_copy(update={"street_1": ""})}, "recipient.street_1"),
        ({"fc": "ELKO"}, r"senders\.ELKO"),
        ({"service": "by-balloon"}, "by-balloon"),
    ],
    ids=str,
)
def test_what_a_label_lacks_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRequest, match=named):
        requests.label_body(a_parcel(**changes), some_settings())


async def test_buying_calls_the_labels_once() -> None:
    platform = Platform()
    await a_carrier(platform.transport).book(a_parcel())

    (request,) = platform.requests
    assert (request.method, request.url.path) == ("POST", "/v1/labels")


async def test_a_label_bought_is_read() -> None:
    booking = await a_carrier(Platform().transport, void_window_h=24).book(a_parcel())

    assert (booking.id, booking.tracking_number) == ("se-9001", "1Z000001")
    assert (booking.cost_cents, booking.currency) == (1_250, "USD")
    assert (booking.carrier, booking.service) == (UPS, GROUND)
    assert booking.void_until is not None
    assert booking.void_until.isoformat() == "2026-03-03T09:00:01+00:00"


async def test_a_label_that_is_charged_later_is_a_label() -> None:
    document = {"label_id": "se-1", "status": "processing", "shipment_cost": None}
    booking = await a_carrier(answering(200, document)).book(a_parcel())

    assert (booking.id, booking.cost_cents, booking.tracking_number) == ("se-1", 0, "")


async def test_a_label_that_was_not_made_is_a_refusal() -> None:
    with pytest.raises(InvalidRequest, match="not made"):
        await a_carrier(answering(200, {"status": "error"})).book(a_parcel())


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "invalid_address", InvalidRequest),
        (400, "insufficient_funds", StateConflict),
        (401, "unauthorized", AuthFailed),
        (429, "rate_limit_exceeded", RateLimited),
        (400, "unheard_of", InvalidRequest),
    ],
)
async def test_a_refusal_is_read(
    status: int, code: str, error: type[ConnectorError]
) -> None:
    refuse = httpx.MockTransport(lambda _: refusal(status, code, "why it does not"))

    with pytest.raises(error, match="why it does not"):
        await a_carrier(refuse).book(a_parcel())


# Once and only once


async def test_bought_before_it_is_found_and_not_bought_again() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    first = await carrier.book(a_parcel())
    second = await carrier.book(a_parcel())

    assert first.id == second.id
    assert len(platform.labels) == 1


async def test_a_reference_of_another_service_is_not_adopted() -> None:
    carrier = a_carrier(Platform().transport)
    await carrier.book(a_parcel())

    with pytest.raises(StateConflict, match="ups-ground"):
        await carrier.book(a_parcel(service=NEXT_DAY))


async def test_a_shipment_without_a_standing_label_gets_one() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    first = await carrier.book(a_parcel())
    await carrier.void(UPS, first.id)

    second = await carrier.book(a_parcel())

    found = await carrier.find_bookings(UPS, a_parcel().reference)
    assert [(b.id, b.voided) for b in found] == [(first.id, True), (second.id, False)]


async def test_looking_up_reads_every_page() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    first = await carrier.book(a_parcel())
    for nth in range(120):
        platform.labels[f"se-x{nth}"] = {
            **platform.labels[first.id],
            "label_id": f"se-x{nth}",
        }

    assert len(await carrier.find_bookings(UPS, a_parcel().reference)) == 121


async def test_labels_that_failed_or_come_back_are_not_found() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    booking = await carrier.book(a_parcel())
    good = platform.labels[booking.id]
    platform.labels["se-e"] = {**good, "label_id": "se-e", "status": "error"}
    platform.labels["se-r"] = {**good, "label_id": "se-r", "is_return_label": True}

    (found,) = await carrier.find_bookings(UPS, a_parcel().reference)
    assert found.id == booking.id


@given(KEYS, KEYS)
@settings(deadline=None, max_examples=100)
def test_no_two_references_share_an_external_id(one: str, other: str) -> None:
    ids = {requests.external_id(one), requests.external_id(other)}

    assert len(ids) == len({one, other})
    assert all(0 < len(each) <= 50 and "/" not in each for each in ids)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
        ),
        max_leaves=8,
    ),
    st.sampled_from(FIELDS),
)
@settings(deadline=None, max_examples=40)
async def test_no_answer_crashes_the_reader(odd: Any, field: str) -> None:
    for document in (odd, {**LABEL, field: odd}, [{**RATE, field: odd}]):
        carrier = a_carrier(saying(document))
        for answer in (
            carrier.book(a_parcel()),
            carrier.rate_shop(a_question()),
            carrier.find_bookings(UPS, "b/1"),
            carrier.void(UPS, "se-1"),
            carrier.document(UPS, "se-1"),
            carrier.track(UPS, "1Z"),
            carrier.validate_address(ADDRESS),
        ):
            with suppress(ConnectorError):
                await answer


# Taking back


async def test_voiding_calls_the_void() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    booking = await carrier.book(a_parcel())

    assert await carrier.void(UPS, booking.id) is VoidOutcome.VOIDED
    last = platform.requests[-1]
    assert (last.method, last.url.path) == ("PUT", f"/v1/labels/{booking.id}/void")


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("label_already_voided", VoidOutcome.VOIDED),
        ("label_not_found_within_void_period", VoidOutcome.EXPIRED),
        ("label_already_used", VoidOutcome.TOO_LATE),
        ("contact_carrier", VoidOutcome.REFUSED),
        ("unheard_of", VoidOutcome.REFUSED),
        (None, VoidOutcome.REFUSED),
    ],
)
async def test_a_no_with_a_200_is_a_no(
    reason: str | None, outcome: VoidOutcome
) -> None:
    no = {"approved": False, "message": "no", "reason_code": reason}

    assert await a_carrier(answering(200, no)).void(UPS, "se-1") is outcome


async def test_a_void_that_says_neither_is_a_contract_violation() -> None:
    with pytest.raises(ContractViolation, match="approved"):
        await a_carrier(answering(200, {"approved": "yes"})).void(UPS, "se-1")


@pytest.mark.parametrize("booking", ["se-404", "order/O-1", "se-../../x", ""])
async def test_what_was_never_booked_is_an_answer(booking: str) -> None:
    carrier = a_carrier(Platform().transport)

    assert await carrier.void(UPS, booking) is VoidOutcome.NEVER_BOOKED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("pending", VoidOutcome.REQUESTED),
        ("rejected", VoidOutcome.REFUSED),
        ("approved", VoidOutcome.VOIDED),
        ("unheard_of", VoidOutcome.VOIDED),
    ],
)
async def test_a_refund_is_told_beside_a_void(
    status: str, outcome: VoidOutcome
) -> None:
    platform = Platform()
    booking = await a_carrier(platform.transport).book(a_parcel())
    label = platform.labels[booking.id]
    label |= {"voided": True, "refund_details": {"refund_status": status}}

    read = mapping.parse_label(label, "b/1", some_settings())

    assert (read.voided, read.void) == (True, outcome)


# The label itself


async def test_a_label_within_the_answer_is_unpacked() -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    booking = await carrier.book(a_parcel())

    label = await carrier.document(UPS, booking.id)

    assert (label.media_type, label.content) == ("application/pdf", PDF)
    assert platform.requests[-1].url.params["label_download_type"] == "inline"


async def test_a_label_elsewhere_is_fetched_without_our_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path.startswith("/v1/labels"):
            places = {
                "pdf": "https://labels.example/1.pdf",
                "href": "https://x.example",
            }
            return httpx.Response(200, json={"label_download": places})
        return httpx.Response(
            200, content=PDF, headers={"Content-Type": "application/pdf"}
        )

    label = await a_carrier(httpx.MockTransport(answer)).document(UPS, "se-1")

    assert (label.content, str(seen[1].url)) == (PDF, "https://labels.example/1.pdf")
    assert "API-Key" not in seen[1].headers


async def test_a_label_of_nobody_is_not_found() -> None:
    for booking in ("se-404", "../x"):
        with pytest.raises(NotFound):
            await a_carrier(Platform().transport).document(UPS, booking)


@pytest.mark.parametrize(
    "places", [None, {}, {"href": None}, {"href": "data:application/pdf;base64,%%"}]
)
async def test_a_label_that_cannot_be_read_is_a_contract_violation(
    places: object,
) -> None:
    with pytest.raises(ContractViolation, match="label_download"):
        await a_carrier(answering(200, {"label_download": places})).document(
            UPS, "se-1"
        )


# Addresses


def verdict(status: str, **matched: str) -> list[dict[str, Any]]:
    return [
        {
            "status": status,
            "original_address": {},
            "matched_address": matched or None,
            "messages": [{"code": "a1", "message": "somewhere near", "type": "info"}],
        }
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (verdict("verified", city_locality="Boise"), AddressVerdict.VALID),
        (verdict("verified", city_locality="BOISE"), AddressVerdict.CORRECTED),
        (verdict("error"), AddressVerdict.INVALID),
        (verdict("unverified"), AddressVerdict.UNKNOWN),
        (verdict("unheard-of"), AddressVerdict.UNKNOWN),
    ],
)
async def test_an_address_is_judged(
    answer: list[dict[str, Any]], expected: AddressVerdict
) -> None:
    check = await a_carrier(answering(200, answer)).validate_address(ADDRESS)

    assert check.verdict is expected
    assert check.problems == ("somewhere near",)
    assert (check.better is not None) is (expected is AddressVerdict.CORRECTED)


async def test_an_address_is_asked_as_a_list() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=verdict("verified"))

    await a_carrier(httpx.MockTransport(answer)).validate_address(ADDRESS)

    assert seen[0].url.path == "/v1/addresses/validate"
    assert [a["address_line1"] for a in json.loads(seen[0].content)] == [
        "12 Juniper Street"
    ]


# The published contract


@pytest.fixture(scope="module")
def judge() -> Contract:
    return contract(SHIPENGINE)


@given(
    parcel=parcels(RENO, UPS, [GROUND, NEXT_DAY]),
    question=questions(RENO, [GROUND, NEXT_DAY]),
)
@settings(deadline=None, max_examples=20)
async def test_every_request_keeps_the_published_contract(
    judge: Contract, parcel: BookParcel, question: RateRequest
) -> None:
    platform = Platform()
    carrier = a_carrier(platform.transport)
    await carrier.rate_shop(question)
    booking = await carrier.book(parcel)
    await carrier.book(parcel)
    await carrier.document(UPS, booking.id)
    await carrier.track(UPS, booking.tracking_number)
    await carrier.validate_address(Address(place=parcel.ship_to, contact=ANA))
    quote = f"estimate/{parcel.service}/999999"
    changes = {"reference": f"{parcel.reference}/again", "quote_id": quote}
    rated = parcel.model_copy(update=changes)
    platform.rise = 999_999
    with suppress(QuoteExpired):
        await carrier.book(rated)
    platform.rise = 0
    await carrier.book(rated)
    await carrier.close_out(
        CloseOut(
            key="close/1",
            carrier=UPS,
            fc=RENO,
            bookings=(booking.id,),
            ship_from=parcel.ship_from,
        )
    )
    await carrier.void(UPS, booking.id)
    await carrier.book(parcel)

    assert [fault for one in platform.requests for fault in judge.faults(one)] == []


def test_the_contract_can_say_no(judge: Contract) -> None:
    body = requests.label_body(a_parcel(), some_settings())
    body["shipment"]["external_shipment_id"] = "x" * 51
    request = httpx.Request("POST", "https://x.example/v1/labels", json=body)

    assert judge.faults(request)


# A connection


def test_a_connection_makes_the_adapter() -> None:
    registry = connect(
        (
            Connection(
                name="parcels",
                kind=ConnectionKind.CARRIER,
                provider="shipengine",
                secret="OPEN-SESAME",
                options=some_settings().model_dump(
                    mode="json", include={"accounts", "services", "senders"}
                ),
            ),
        ),
        lambda: NOW,
    )

    made = registry.carriers["parcels"]
    assert isinstance(made, ShipEngineCarrier)
    assert made.capabilities().idempotency is Idempotency.UNIQUE_REFERENCE
    assert "OPEN-SESAME" not in repr(vars(made))


def test_a_service_of_no_account_is_refused() -> None:
    with pytest.raises(ValidationError, match="has no account; use one of ups"):
        some_settings(services={GROUND: {"carrier": "dhl", "code": "dhl_parcel"}})
