"""Karrio is asked in its own words, at its own addresses, and understood."""

import json
from typing import Any

import pytest

from connectors.connection import Connection, ConnectionKind
from connectors.karrio import mapping
from connectors.karrio.client import KarrioCarrier
from connectors.registry import connect
from domain.errors import (
    AuthFailed,
    ContractViolation,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    RateLimited,
    StateConflict,
    Unavailable,
)
from domain.quantities import CarrierId
from domain.shipping import VoidOutcome
from tests.conformance.worlds import CARRIER, a_question, real_now
from tests.unit.connectors.karrio.samples import (
    LABEL,
    REFERENCE,
    SECRET,
    URL,
    Script,
    a_carrier,
    a_draft,
    a_heron_parcel,
    a_label,
    a_page,
    a_rate,
    a_tracker,
    an_error,
    an_event,
    settings,
)

NOTHING = a_page()


def buying(**replies: Any) -> Script:
    usual: dict[str, Any] = {
        "get_shipments": [NOTHING],
        "post_shipments": [(201, a_draft())],
        "post_rates": [a_draft()],
        "post_purchase": [a_label()],
        "post_cancel": [a_draft(status="cancelled")],
    }
    return Script(**(usual | replies))


async def test_prices_are_asked_of_the_proxy_with_the_token() -> None:
    script = Script(post_rates=[{"rates": [a_rate()], "messages": []}])

    (found,) = await a_carrier(script).rate_shop(a_question())

    assert script.asked == ["POST /v1/proxy/rates"]
    assert script.seen[0].headers["authorization"] == f"Token {SECRET}"
    assert found.total_cents == 725


async def test_a_label_is_bought_in_two_steps_after_a_look() -> None:
    script = buying()

    booking = await a_carrier(script).book(a_heron_parcel())

    assert script.asked == [
        "GET /v1/shipments",
        "POST /v1/shipments",
        "POST /v1/shipments/shp_1/purchase",
    ]
    assert json.loads(script.seen[-1].content)["selected_rate_id"] == "rat_1"
    assert (booking.id, booking.cost_cents) == ("shp_1", 725)


async def test_a_label_bought_before_is_not_bought_again() -> None:
    script = buying(get_shipments=[a_page(a_label())])

    booking = await a_carrier(script).book(a_heron_parcel())

    assert script.asked == ["GET /v1/shipments"]
    assert booking.tracking_number == "57dae9871273"


async def test_a_draft_left_by_a_lost_reply_is_bought_at_fresh_rates() -> None:
    body = mapping.shipment_body(settings(), a_heron_parcel())
    left = a_draft(metadata=body["metadata"])
    script = buying(get_shipments=[a_page(left)])

    await a_carrier(script).book(a_heron_parcel())

    assert script.asked[1:] == [
        "POST /v1/shipments/shp_1/rates",
        "POST /v1/shipments/shp_1/purchase",
    ]


async def test_a_draft_of_other_content_is_cancelled_and_made_anew() -> None:
    script = buying(get_shipments=[a_page(a_draft(id="shp_0"))])

    await a_carrier(script).book(a_heron_parcel())

    assert script.asked[1:3] == [
        "POST /v1/shipments/shp_0/cancel",
        "POST /v1/shipments",
    ]


async def test_a_price_that_rose_since_it_was_quoted_is_not_bought() -> None:
    script = buying()
    quoted = mapping.quote_id("heron", "heron_ground", 724)

    with pytest.raises(QuoteExpired, match="724 cents, it is 725") as raised:
        await a_carrier(script).book(a_heron_parcel(quote_id=quoted))

    assert raised.value.now_cents == 725
    assert script.asked[-1] == "POST /v1/shipments"


async def test_a_price_that_rose_to_what_the_plan_bears_is_paid() -> None:
    script = buying()
    quoted = mapping.quote_id("heron", "heron_ground", 724)

    await a_carrier(script).book(a_heron_parcel(quote_id=quoted, most_cents=725))

    assert script.asked[-1].endswith("/purchase")


async def test_a_service_not_offered_is_a_refusal_and_leaves_no_draft() -> None:
    script = buying(post_shipments=[(201, a_draft(rates=[]))])

    with pytest.raises(StateConflict, match="heron_ground"):
        await a_carrier(script).book(a_heron_parcel())

    assert script.asked[-1] == "POST /v1/shipments/shp_1/cancel"


async def test_a_shipment_somebody_else_just_bought_is_adopted() -> None:
    refused = (409, an_error("state_error", "cannot be purchased again"))
    pages = [NOTHING, a_page(a_label())]
    script = buying(post_purchase=[refused], get_shipments=pages)

    booking = await a_carrier(script).book(a_heron_parcel())

    assert booking.id == "shp_1"


async def test_a_carrier_that_refuses_behind_karrio_is_told() -> None:
    said = {"messages": [{"code": "120100", "message": "no such street"}]}
    script = buying(post_purchase=[(424, said)])

    with pytest.raises(InvalidRequest, match="no such street"):
        await a_carrier(script).book(a_heron_parcel())


async def test_a_carrier_lost_behind_karrio_leaves_a_purchase_unknown() -> None:
    said = {"messages": [{"code": "SHIPPING_SDK_INTERNAL_ERROR", "message": "timeout"}]}
    script = buying(post_purchase=[(424, said)])

    with pytest.raises(OutcomeUnknown):
        await a_carrier(script).book(a_heron_parcel())


async def test_only_this_very_reference_is_found_and_drafts_are_no_bookings() -> None:
    others = [a_label(id="shp_9", reference="o-1/12"), a_draft(id="shp_8")]
    script = Script(get_shipments=[a_page(*others, a_label())])

    found = await a_carrier(script).find_bookings(CARRIER, REFERENCE)

    assert [booking.id for booking in found] == ["shp_1"]
    assert script.seen[0].url.params["reference"] == REFERENCE


async def test_every_page_is_looked_through() -> None:
    full = a_page(*(a_label(id=f"shp_{n}", reference="o-1/11") for n in range(100)))
    script = Script(get_shipments=[full, a_page(a_label(id="shp_last"))])

    found = await a_carrier(script).find_bookings(CARRIER, REFERENCE)

    assert [booking.id for booking in found] == ["shp_last"]
    assert [r.url.params["offset"] for r in script.seen] == ["0", "100"]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ((200, a_label(status="cancelled")), VoidOutcome.VOIDED),
        ((202, a_label(status="cancelled")), VoidOutcome.VOIDED),
        ((200, a_label(status="created")), VoidOutcome.REQUESTED),
        ((404, an_error("not_found", "Resource not found")), VoidOutcome.NEVER_BOOKED),
        ((409, an_error("state_error", "is 'in_transit'")), VoidOutcome.TOO_LATE),
        ((409, an_error("state_error", "for pickup 'pck_1'")), VoidOutcome.REFUSED),
        ((424, {"messages": [{"code": "x", "message": "no"}]}), VoidOutcome.REFUSED),
    ],
)
async def test_voiding_is_answered_in_our_words(
    reply: tuple[int, Any], outcome: VoidOutcome
) -> None:
    script = Script(post_cancel=[reply])

    assert await a_carrier(script).void(CARRIER, "shp_1") is outcome
    assert script.asked == ["POST /v1/shipments/shp_1/cancel"]


async def test_a_label_is_fetched_with_its_kind() -> None:
    script = Script(post_label=[LABEL])

    label = await a_carrier(script).document(CARRIER, "shp_1")

    assert script.asked == ["POST /v1/shipments/shp_1/documents/label"]
    assert (label.media_type, label.content) == ("application/zpl", b"^XA^XZ")


async def test_a_label_nobody_made_is_not_found() -> None:
    script = Script(post_label=[(404, an_error("not_found", "has no label"))])

    with pytest.raises(NotFound):
        await a_carrier(script).document(CARRIER, "shp_1")


async def test_a_parcel_is_tracked_by_its_number() -> None:
    script = Script(get_57dae9871273=[a_tracker(an_event("in_transit", 9))])

    (scan,) = await a_carrier(script).track(CARRIER, "57dae9871273")

    assert script.asked == ["GET /v1/trackers/57dae9871273"]
    assert scan.carrier == CARRIER


async def test_a_parcel_without_a_tracker_has_no_scans() -> None:
    script = Script(get_nope=[(404, an_error("not_found", "Tracking not found"))])

    assert await a_carrier(script).track(CARRIER, "nope") == ()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((401, an_error("invalid_token", "not valid")), AuthFailed),
        ((429, an_error("throttled", "slow down")), RateLimited),
        ((400, an_error("validation", "recipient.country_code")), InvalidRequest),
        ((503, {}), Unavailable),
        ((200, {"rates": "none"}), ContractViolation),
        ((200, {"rates": [a_rate(total_charge=None)]}), ContractViolation),
    ],
)
async def test_what_goes_wrong_is_told_in_our_words(
    reply: tuple[int, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        await a_carrier(Script(post_rates=[reply])).rate_shop(a_question())

    assert SECRET not in str(raised.value)


async def test_a_connection_of_the_provider_is_a_karrio_carrier() -> None:
    connection = Connection.model_validate(
        {
            "name": "karrio",
            "kind": ConnectionKind.CARRIER,
            "provider": "karrio",
            "base_url": URL,
            "secret": SECRET,
            "options": {"accounts": {"heron": "ups-reno"}},
        }
    )

    registry = connect((connection,), real_now)

    assert isinstance(registry.carrier(CarrierId("heron")), KarrioCarrier)
    await registry.close()
