"""What Karrio is told and what it tells, without any wire."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from connectors.karrio import mapping, reading, tracking, webhooks
from domain.contact import Contact
from domain.errors import ContractViolation
from domain.quantities import ServiceId
from domain.shipping import ParcelScan, ParcelStatus
from tests.conformance.worlds import START, a_question
from tests.unit.connectors.karrio.samples import (
    LABEL,
    REFERENCE,
    WHISPER,
    a_heron_parcel,
    a_label,
    a_rate,
    a_tracker,
    an_event,
    settings,
)

AT_NINE = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


def a_webhook(data: Any, event: str = "tracker_updated") -> bytes:
    return json.dumps({"event": event, "data": data}).encode()


def test_a_shipment_is_built_in_kilograms_and_centimeters() -> None:
    body = mapping.shipment_body(settings(), a_heron_parcel())

    assert body["parcels"] == [
        {
            "weight": 1.4,
            "weight_unit": "KG",
            "length": 30.0,
            "width": 20.0,
            "height": 10.0,
            "dimension_unit": "CM",
        }
    ]
    assert (body["reference"], body["carrier_ids"]) == (REFERENCE, ["heron"])


def test_who_sends_and_receives_is_told_where_known_and_never_invented() -> None:
    ann = Contact(name="Ann", street_1="2 Main St")
    body = mapping.shipment_body(settings(), a_heron_parcel(recipient=ann))

    assert body["recipient"]["address_line1"] == "2 Main St"
    assert "address_line1" not in body["shipper"]


def test_a_centers_own_account_is_used_there_and_nowhere_else() -> None:
    named = settings(accounts_at={"RENO": {"heron": "ups-reno"}})
    body = mapping.shipment_body(named, a_heron_parcel())

    assert body["carrier_ids"] == ["ups-reno"]
    assert named.carrier("ups-reno") == "heron"
    assert mapping.rates_body(named, a_question())["carrier_ids"] == ["ups-reno"]


def test_what_is_asked_for_beside_carriage_is_told() -> None:
    asked = a_question().model_copy(
        update={"signature": True, "hazmat": True, "insured_cents": 1250}
    )

    assert mapping.rates_body(settings(), asked)["options"] == {
        "signature_confirmation": True,
        "dangerous_good": True,
        "insurance": 12.5,
        "shipping_date": "2026-03-02T09:00",
    }


@given(st.text(min_size=1, max_size=120))
@tries(deadline=None, max_examples=50)
def test_any_reference_fits_and_two_never_share_a_word(reference: str) -> None:
    word = mapping.search_word(reference)

    assert len(word) <= mapping.MOST_REFERENCE
    assert mapping.search_word(reference + "x") != word


@pytest.mark.parametrize("charge", [7.25, "7.25", "7.250"])
def test_money_is_read_in_any_spelling(charge: Any) -> None:
    document = {"rates": [a_rate(total_charge=charge)]}
    (quote,) = reading.parse_quotes(settings(), a_question(), document)

    assert quote.total_cents == 725


def test_only_services_asked_for_are_quoted_the_cheapest_account_first() -> None:
    rates = [
        a_rate(carrier_id="dear", total_charge=9),
        a_rate(),
        a_rate(service="heron_air"),
    ]
    (quote,) = reading.parse_quotes(settings(), a_question(), {"rates": rates})

    assert (quote.service, quote.carrier) == ("heron-ground", "heron")


def test_days_in_transit_are_counted_from_when_the_parcel_is_ready() -> None:
    (quote,) = reading.parse_quotes(settings(), a_question(), {"rates": [a_rate()]})

    assert quote.p50_at == quote.p90_at == START + timedelta(days=3)


def test_a_day_named_is_good_until_it_is_over() -> None:
    rate = a_rate(estimated_delivery="2026-03-04")
    (quote,) = reading.parse_quotes(settings(), a_question(), {"rates": [rate]})

    assert quote.p90_at == datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC)


def test_a_rate_that_names_no_day_is_not_an_estimate() -> None:
    rate = a_rate(transit_days=None)
    (quote,) = reading.parse_quotes(settings(), a_question(), {"rates": [rate]})

    assert not quote.estimated
    assert quote.p90_at == START + timedelta(days=7)


def test_a_booking_has_the_names_we_gave_it() -> None:
    body = mapping.shipment_body(settings(), a_heron_parcel())
    bought = a_label(metadata=body["metadata"], unheard_of={"x": None})
    booking = reading.parse_booking(settings(), bought)

    assert (booking.service, booking.carrier) == ("heron-ground", "heron")
    assert (booking.reference, booking.voided) == (REFERENCE, False)


def test_a_label_without_a_price_is_a_contract_violation() -> None:
    with pytest.raises(ContractViolation, match="selected_rate"):
        reading.parse_booking(settings(), a_label(selected_rate=None))


def test_a_label_that_is_no_base64_is_a_contract_violation() -> None:
    with pytest.raises(ContractViolation, match="base64"):
        reading.parse_label(LABEL | {"base64": "%%%"})


def test_events_come_oldest_first_and_labels_made_are_left_out() -> None:
    made = [an_event("pending", 2), an_event("created", 1, code="CREATED")]
    tracker = a_tracker(an_event("delivered", 12), an_event("picked_up", 9), *made)
    scans = tracking.parse_tracker(settings(), tracker)

    assert [scan.status for scan in scans] == [
        ParcelStatus.HANDED_OVER,
        ParcelStatus.DELIVERED,
    ]
    assert scans[0].occurred_at == AT_NINE


@pytest.mark.parametrize(
    "spelling",
    [
        {"time": "09:30 AM"},
        {"date": "03/03/2026"},
        {"time": "09:30:00"},
        {"timestamp": "2026-03-03T04:30:00-05:00"},
        {"timestamp": "2026-03-03T09:30:00.000Z"},
    ],
)
def test_instants_are_read_in_every_spelling(spelling: dict[str, str]) -> None:
    event = an_event("in_transit", 9, **spelling)
    (scan,) = tracking.parse_tracker(settings(), a_tracker(event))

    assert scan.occurred_at == AT_NINE


def test_the_newest_event_without_a_status_has_the_trackers() -> None:
    tracker = a_tracker(
        an_event(None, 12), an_event(None, 9), status="out_for_delivery"
    )
    statuses = [s.status for s in tracking.parse_tracker(settings(), tracker)]

    assert statuses == [ParcelStatus.UNKNOWN, ParcelStatus.OUT_FOR_DELIVERY]


def test_an_unheard_of_status_is_unknown_and_a_lost_parcel_lost() -> None:
    strange = an_event("teleported", 9)
    lost = an_event("on_hold", 12, reason="carrier_parcel_lost")
    scans = tracking.parse_tracker(settings(), a_tracker(lost, strange))

    assert [s.status for s in scans] == [ParcelStatus.UNKNOWN, ParcelStatus.LOST]


def test_an_event_without_a_date_cannot_be_ordered_and_is_left_out() -> None:
    event = an_event("delivered", 9, date=None, time=None)

    assert tracking.parse_tracker(settings(), a_tracker(event)) == ()
    assert tracking.parse_tracker(settings(), a_tracker() | {"events": None}) == ()


def test_a_webhook_is_believed_only_with_its_secret() -> None:
    secret = settings().webhook_secret

    assert webhooks.verify(secret, {"X-Event-Id": WHISPER})
    assert not webhooks.verify(secret, {"X-Event-Id": WHISPER[:-1]})
    assert not webhooks.verify(secret, {})
    assert not webhooks.verify(None, {"X-Event-Id": ""})


def test_a_fact_told_again_beside_a_newer_one_has_the_same_id() -> None:
    first = a_tracker(an_event("picked_up", 9))
    then = a_tracker(an_event("in_transit", 12), an_event("picked_up", 9))
    (told,) = webhooks.parse(settings(), a_webhook(first))
    again, newer = webhooks.parse(settings(), a_webhook(then))

    assert again.event_id == told.event_id != newer.event_id


def test_webhooks_about_anything_else_tell_nothing() -> None:
    body = a_webhook(a_label(), "shipment_purchased")

    assert webhooks.parse(settings(), body) == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event": 1}', b"{" * 9_000])
def test_a_webhook_that_cannot_be_read_is_a_contract_violation(body: bytes) -> None:
    with pytest.raises(ContractViolation):
        webhooks.parse(settings(), body)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(list(an_event(None, 1))), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(list(a_tracker())), json_values, max_size=6),
    st.dictionaries(st.sampled_from(list(an_event(None, 1))), json_values, max_size=6),
)
@tries(deadline=None, max_examples=150)
def test_no_tracker_however_strange_raises_anything_else(
    tracker: dict[str, Any], event: dict[str, Any]
) -> None:
    strange = a_tracker(an_event("delivered", 9) | event) | tracker
    scans: tuple[ParcelScan, ...] = ()

    with suppress(ContractViolation):
        scans = webhooks.parse(settings(), a_webhook(strange))

    assert all(scan.occurred_at.tzinfo for scan in scans)


def test_a_service_not_listed_has_the_same_name_on_both_sides() -> None:
    assert settings().service(ServiceId("fedex_ground")).code == "fedex_ground"
