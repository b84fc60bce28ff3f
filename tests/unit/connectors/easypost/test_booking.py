"""Buying at EasyPost: prices, labels, finding again, taking back."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.mutations import places, strange
from connectors.easypost import mapping, requests
from domain.errors import (
    AuthFailed,
    ConnectorError,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    StateConflict,
    Unavailable,
)
from domain.quantities import CarrierId
from domain.shipping import VoidOutcome
from tests.unit.connectors.easypost.counterpart import LABEL, EasyPostSide, refused
from tests.unit.connectors.easypost.samples import (
    FC,
    GROUND,
    PIECE,
    PRIORITY,
    START,
    USPS,
    a_parcel,
    a_question,
    adapter,
    answering,
    settings,
)

REFUSED = refused(422, "SHIPMENT.POSTAGE.FAILURE", "The label could not be made.")


def error(status: int, code: str, message: object = "no", **more: object):  # type: ignore[no-untyped-def]
    said = {"code": code, "message": message, "errors": [], **more}
    return httpx.Response(status, json={"error": said})


@pytest.fixture
def side() -> EasyPostSide:
    return EasyPostSide()


def calls(side: EasyPostSide) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in side.asked]


def test_a_question_needs_no_streets() -> None:
    body = requests.rates_body(settings(senders={}), a_question())

    assert body["shipment"]["to_address"]["zip"] == "83702"
    assert "street1" not in body["shipment"]["from_address"]


async def test_prices_are_asked_at_their_address(side: EasyPostSide) -> None:
    await adapter(side.transport()).rate_shop(a_question())

    assert calls(side) == [
        ("POST", "/v2/shipments"),
        ("GET", "/v2/shipments/shp_1/smartrate"),
    ]


async def test_prices_are_read_with_percentiles(side: EasyPostSide) -> None:
    ground, priority = await adapter(side.transport()).rate_shop(a_question())

    assert (ground.service, ground.total_cents) == (GROUND, 607)
    assert (priority.service, priority.total_cents) == (PRIORITY, 742)
    assert ground.p50_at - START == timedelta(days=1)
    assert ground.p90_at - START == timedelta(days=2)


async def test_without_percentiles_the_named_days_are_told() -> None:
    side = EasyPostSide()

    (quote,) = await adapter(side.transport(), smart_rates=False).rate_shop(
        a_question(services=(GROUND,))
    )

    assert quote.estimated
    assert quote.p50_at == quote.p90_at == START + timedelta(days=3)


async def test_a_refusal_to_price_is_read() -> None:
    carrier = adapter(answering(error(401, "APIKEY.INACTIVE")))

    with pytest.raises(AuthFailed, match="APIKEY"):
        await carrier.rate_shop(a_question())


def test_a_shipment_is_built_under_our_reference() -> None:
    body = requests.shipment_body(settings(), a_parcel(signature=True), "P-1/1")

    shipment = body["shipment"]
    assert shipment["reference"] == "P-1/1"
    assert shipment["options"]["delivery_confirmation"] == "SIGNATURE"
    assert shipment["parcel"]["weight"] == pytest.approx(49.4)
    assert shipment["from_address"]["company"] == "HERON GOODS"


@given(weight_g=st.integers(1, 70_000), length_mm=st.integers(1, 3_000))
def test_a_parcel_is_never_told_smaller_than_it_is(
    weight_g: int, length_mm: int
) -> None:
    assert Decimal(str(requests.ounces(weight_g))) * requests.G_PER_OUNCE >= weight_g
    assert Decimal(str(requests.inches(length_mm))) * requests.MM_PER_INCH >= length_mm
    assert requests.ounces(weight_g) * 28.3495 < weight_g + 3


async def test_a_shipment_is_made_and_then_bought(side: EasyPostSide) -> None:
    booking = await adapter(side.transport()).book(a_parcel(insured_cents=12_345))

    assert calls(side)[-2:] == [
        ("POST", "/v2/shipments"),
        ("POST", "/v2/shipments/shp_1/buy"),
    ]
    assert side.asked[-1][2]["insurance"] == "123.45"
    assert (booking.id, booking.cost_cents, booking.carrier) == ("shp_1", 607, USPS)


async def test_a_failed_purchase_is_read() -> None:
    side = EasyPostSide()
    missing = httpx.Response(404, json={})
    made = httpx.Response(201, json=side._create(_made())[1])
    failed = httpx.Response(REFUSED[0], json=REFUSED[1])

    with pytest.raises(InvalidRequest, match=r"POSTAGE\.FAILURE"):
        await adapter(answering(missing, made, failed)).book(a_parcel())


@pytest.mark.parametrize("word", ["TIMED_OUT", "NO_RESPONSE"])
async def test_a_carrier_that_did_not_answer_leaves_it_open(word: str) -> None:
    made = httpx.Response(201, json=EasyPostSide()._create(_made())[1])
    late = error(422, f"SHIPMENT.POSTAGE.{word}")

    with pytest.raises(OutcomeUnknown):
        await adapter(answering(httpx.Response(404), made, late)).book(a_parcel())


async def test_booking_again_is_one_label(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    first = await carrier.book(a_parcel())

    assert (await carrier.book(a_parcel())).id == first.id
    assert len(side.shipments) == 1


async def test_a_shipment_begun_is_bought_on(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    body = requests.shipment_body(settings(), a_parcel(), "P-1/1")
    side._create(body)

    booking = await carrier.book(a_parcel())

    assert booking.id == "shp_1"
    assert len(side.shipments) == 1


async def test_a_shipment_of_something_else_is_not_bought_on(
    side: EasyPostSide,
) -> None:
    body = requests.shipment_body(settings(), a_parcel(), "P-1/1")
    side._create(body)
    heavier = PIECE.model_copy(update={"weight_g": 9_000})

    booking = await adapter(side.transport()).book(a_parcel(pieces=(heavier,)))

    assert booking.id == "shp_2"
    assert side.shipments["shp_1"]["tracking_code"] is None


async def test_what_was_bought_meanwhile_is_adopted(side: EasyPostSide) -> None:
    body = requests.shipment_body(settings(), a_parcel(), "P-1/1")
    side._create(body)
    stale = dict(side.shipments["shp_1"])
    side._buy("shp_1", {"rate": {"id": "rate_1_0"}})
    exists = error(422, "SHIPMENT.POSTAGE.EXISTS")
    now = httpx.Response(200, json=side.shipments["shp_1"])

    carrier = adapter(answering(httpx.Response(200, json=stale), exists, now))

    assert (await carrier.book(a_parcel())).tracking_number.startswith("9400")


async def test_half_an_answer_to_a_purchase_is_looked_up(side: EasyPostSide) -> None:
    created = httpx.Response(201, json=side._create(_made())[1])
    bought = side._buy("shp_1", {"rate": {"id": "rate_1_0"}})[1]
    half = httpx.Response(200, content=b'{"id": "shp_1", "tra')
    whole = httpx.Response(200, json=bought)

    carrier = adapter(answering(httpx.Response(404), created, half, whole))

    assert (await carrier.book(a_parcel())).id == "shp_1"


async def test_another_service_under_a_reference_is_a_conflict(
    side: EasyPostSide,
) -> None:
    carrier = adapter(side.transport())
    await carrier.book(a_parcel())

    with pytest.raises(StateConflict, match="void it first"):
        await carrier.book(a_parcel(service=PRIORITY))


async def test_a_price_that_rose_is_not_bought(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    quote = (await carrier.rate_shop(a_question()))[0]
    side.surcharge_cents = 100

    with pytest.raises(QuoteExpired, match="707 cents now") as raised:
        await carrier.book(a_parcel(quote_id=quote.id))
    assert not await carrier.find_bookings(USPS, "P-1/1")
    assert raised.value.now_cents == 707


@pytest.mark.parametrize(("most_cents", "bought"), [(706, 0), (707, 1)])
async def test_what_the_plan_bears_is_paid_and_no_more(
    side: EasyPostSide, most_cents: int, bought: int
) -> None:
    carrier = adapter(side.transport())
    quote = (await carrier.rate_shop(a_question()))[0]
    side.surcharge_cents = 100

    with suppress(QuoteExpired):
        await carrier.book(a_parcel(quote_id=quote.id, most_cents=most_cents))

    assert len(await carrier.find_bookings(USPS, "P-1/1")) == bought


async def test_an_unoffered_service_says_what_carriers_said(side: EasyPostSide) -> None:
    made = side._create(_made())[1] | {
        "rates": [],
        "messages": [{"carrier": "USPS", "message": "ZIP 00000 is unknown"}],
    }
    carrier = adapter(answering(httpx.Response(404), httpx.Response(201, json=made)))

    with pytest.raises(StateConflict, match="ZIP 00000 is unknown"):
        await carrier.book(a_parcel())


async def test_a_label_needs_a_street() -> None:
    carrier = adapter(answering(httpx.Response(404)))

    with pytest.raises(InvalidRequest, match=r"recipient\.street_1"):
        await carrier.book(a_parcel(recipient=None))


async def test_a_sender_is_named_by_its_option() -> None:
    carrier = adapter(answering(httpx.Response(404)), senders={})

    with pytest.raises(InvalidRequest, match=f"senders.*{FC}"):
        await carrier.book(a_parcel())


async def test_bookings_are_found_by_reference(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    booked = await carrier.book(a_parcel())

    (found,) = await carrier.find_bookings(USPS, "P-1/1")

    assert found == booked
    assert await carrier.find_bookings(USPS, "P-1") == ()


async def test_a_double_is_found_among_the_newest(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    await carrier.book(a_parcel())
    side._create(requests.shipment_body(settings(), a_parcel(), "P-1/1"))
    side._buy("shp_2", {"rate": {"id": "rate_2_0"}})

    found = await carrier.find_bookings(USPS, "P-1/1")

    assert [booking.id for booking in found] == ["shp_1", "shp_2"]


async def test_a_search_that_is_refused_is_read() -> None:
    carrier = adapter(answering(httpx.Response(503, json={"error": "down"})))

    with pytest.raises(Unavailable):
        await carrier.find_bookings(USPS, "P-1/1")


async def test_after_a_void_the_parcel_is_bought_again(side: EasyPostSide) -> None:
    carrier = adapter(side.transport(), look_back_pages=0)
    first = await carrier.book(a_parcel())
    await carrier.void(USPS, first.id)

    second = await carrier.book(a_parcel())

    found = await carrier.find_bookings(USPS, "P-1/1")
    assert [booking.id for booking in found] == [first.id, second.id]
    assert {booking.reference for booking in found} == {"P-1/1"}


async def test_a_void_is_only_requested_until_it_is_refunded(
    side: EasyPostSide,
) -> None:
    carrier = adapter(side.transport())
    booking = await carrier.book(a_parcel())

    assert await carrier.void(USPS, booking.id) is VoidOutcome.REQUESTED
    assert await carrier.void(USPS, booking.id) is VoidOutcome.REQUESTED
    (found,) = await carrier.find_bookings(USPS, "P-1/1")
    assert (found.voided, found.void) == (False, VoidOutcome.REQUESTED)
    side.shipments[booking.id]["refund_status"] = "refunded"
    (found,) = await carrier.find_bookings(USPS, "P-1/1")
    assert (found.voided, found.void) == (True, VoidOutcome.VOIDED)


@pytest.mark.parametrize(
    ("word", "fees", "outcome"),
    [
        ("submitted", [], VoidOutcome.REQUESTED),
        ("refunded", [], VoidOutcome.VOIDED),
        ("rejected", [], VoidOutcome.REFUSED),
        ("not_applicable", [], VoidOutcome.REFUSED),
        ("not_applicable", [("PostageFee", True)], VoidOutcome.REFUSED),
        ("not_applicable", [("LabelFee", True)], VoidOutcome.VOIDED),
        ("never-heard-of", [], VoidOutcome.REQUESTED),
    ],
)
def test_refund_words_are_read(
    word: str, fees: list[tuple[str, bool]], outcome: VoidOutcome
) -> None:
    said = [{"type": t, "amount": "1.00", "charged": c} for t, c in fees]

    assert mapping.void_of({"refund_status": word, "fees": said}) is outcome


async def test_a_parcel_on_its_way_is_too_late_to_void(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    booking = await carrier.book(a_parcel())
    side.shipments[booking.id]["status"] = "in_transit"

    assert await carrier.void(USPS, booking.id) is VoidOutcome.TOO_LATE


async def test_an_old_label_is_past_its_window(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    booking = await carrier.book(a_parcel())
    label = side.shipments[booking.id]["postage_label"]
    label["created_at"] = "2020-01-01T00:00:00Z"
    refusal = error(422, "SHIPMENT.REFUND.UNAVAILABLE")
    shipment = httpx.Response(200, json=side.shipments[booking.id])

    outcome = await adapter(answering(refusal, shipment)).void(USPS, booking.id)

    assert outcome is VoidOutcome.EXPIRED


async def test_nothing_is_voided_that_was_never_bought(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    await carrier.rate_shop(a_question())

    assert await carrier.void(USPS, "never") is VoidOutcome.NEVER_BOOKED
    assert await carrier.void(USPS, "shp_1") is VoidOutcome.NEVER_BOOKED


async def test_a_label_is_fetched_without_our_key(side: EasyPostSide) -> None:
    seen: list[httpx.Request] = []
    side._create(_made())
    bought = side._buy("shp_1", {"rate": {"id": "rate_1_0"}})[1]
    pdf = httpx.Response(200, content=LABEL, headers={"Content-Type": "text/plain"})
    answers = (httpx.Response(200, json=bought), pdf)

    label = await adapter(answering(*answers, seen=seen)).document(USPS, "shp_1")

    assert (label.media_type, label.content) == ("application/pdf", LABEL)
    assert "authorization" in seen[0].headers
    assert "authorization" not in seen[1].headers


async def test_a_label_is_converted_where_it_has_another_format() -> None:
    seen: list[httpx.Request] = []
    side = EasyPostSide()
    side._create(_made())
    bought = side._buy("shp_1", {"rate": {"id": "rate_1_0"}})[1]
    url = "https://files.example.com/l.zpl"
    converted = bought | {"postage_label": {"label_zpl_url": url}}
    zpl = httpx.Response(200, content=b"^XA^XZ")
    answers = (httpx.Response(200, json=bought), httpx.Response(200, json=converted))

    carrier = adapter(answering(*answers, zpl, seen=seen), label_format="ZPL")
    label = await carrier.document(USPS, "shp_1")

    assert seen[1].url.query == b"file_format=ZPL"
    assert label.media_type == "application/zpl"


async def test_a_label_of_nothing_bought_is_not_found(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    await carrier.rate_shop(a_question())

    with pytest.raises(NotFound):
        await carrier.document(USPS, "shp_1")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"message": ["Bad", {"x": "Worse"}]}, "Bad; Worse"),
        ({"errors": [{"field": "zip", "message": "is wrong"}]}, "zip: is wrong"),
        ({"errors": ["is wrong", ["so is this"]]}, "is wrong; so is this"),
        ({"message": {"errors": ["deep"]}, "errors": None}, "deep"),
    ],
)
async def test_refusals_of_any_shape_are_told(
    said: dict[str, object], shown: str
) -> None:
    carrier = adapter(
        answering(error(422, "PARAMETER.INVALID", **{"message": "", **said}))
    )

    with pytest.raises(InvalidRequest) as caught:
        await carrier.rate_shop(a_question())

    assert shown in str(caught.value)


@pytest.mark.parametrize("price", ["6.07", 6.07, "6.0700", " 6.07 "])
def test_money_is_read_in_every_spelling(price: object) -> None:
    assert mapping.price_of({"rate": price}) == 607


@pytest.mark.parametrize("price", [None, "NaN", "-1", True, [], "1e99", "six"])
def test_what_is_no_price_is_not_offered(price: object) -> None:
    assert mapping.rates_of({"rates": [{"id": "rate_1", "rate": price}]}) == []


async def test_a_reference_may_have_any_signs(side: EasyPostSide) -> None:
    carrier = adapter(side.transport())
    booking = await carrier.book(a_parcel("O-1/P 2~x?ä"))
    await carrier.void(USPS, booking.id)
    await carrier.book(a_parcel("O-1/P 2~x?ä"))

    found = await carrier.find_bookings(USPS, "O-1/P 2~x?ä")

    assert {one.reference for one in found} == {booking.reference} == {"O-1/P 2~x?ä"}
    assert len(found) == 2


def strange_ones(document: dict[str, object]) -> list[object]:
    found = (strange(document, path) for path in places(document))
    return [changed for all_of_it in found for _, changed in all_of_it]


async def test_strange_answers_end_in_an_answer_or_our_errors() -> None:
    side = EasyPostSide()
    side._create(_made())
    bought = side._buy("shp_1", {"rate": {"id": "rate_1_0"}})[1]
    listed = {"shipments": [bought], "has_more": False}

    for changed in strange_ones(bought):
        answers = (httpx.Response(200, json=s) for s in (changed, {"shipments": []}))
        with suppress(ConnectorError):
            await adapter(answering(*answers)).find_bookings(USPS, "P-1/1")
        void = answering(httpx.Response(200, json=changed))
        assert await adapter(void).void(USPS, "shp_1") in VoidOutcome
    for changed in strange_ones(listed):
        pages = (httpx.Response(404), httpx.Response(200, json=changed))
        with suppress(ConnectorError):
            assert (
                len(await adapter(answering(*pages)).find_bookings(USPS, "P-1/1")) < 2
            )


def test_a_service_may_have_a_name_of_ours() -> None:
    named = settings(
        services={"thrifty": {"carrier": "usps", "service": "GroundAdvantage"}},
        carrier_names={"heron": ["USPS"]},
    )
    made = EasyPostSide()
    made._create(_made())
    booking = mapping.parse_booking(
        named, made._buy("shp_1", {"rate": {"id": "rate_1_0"}})[1]
    )

    assert (booking.service, booking.carrier) == ("thrifty", CarrierId("heron"))


def _made() -> dict[str, object]:
    return requests.shipment_body(settings(), a_parcel(), "P-1/1")
