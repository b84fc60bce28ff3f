"""EasyPost's signatures, events and trackers."""

import json
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from connectors.easypost import tracking
from connectors.easypost.reading import parsed
from connectors.easypost.webhooks import sign, verify
from domain.errors import ConnectorError, ContractViolation, RateLimited
from domain.quantities import CarrierId
from domain.shipping import ParcelStatus
from tests.unit.connectors.easypost.counterpart import (
    EasyPostSide,
    a_detail,
    a_tracker,
    an_event,
)
from tests.unit.connectors.easypost.samples import (
    START,
    USPS,
    WEBHOOK_SECRET,
    adapter,
    answering,
    real_now,
    settings,
)

PICKED_UP = a_detail("in_transit", "2026-03-02T12:00:00Z")
DELIVERED = a_detail("delivered", "2026-03-03T12:00:00Z", "arrived_at_destination")
BODY = an_event(a_tracker("EZ1", "delivered", PICKED_UP, DELIVERED))
CARRIER = adapter(answering())


def signed_2(body: bytes, sent: str, path: str = "/hooks/ep") -> dict[str, str]:
    signature = sign(WEBHOOK_SECRET, f"{sent}POST{path}".encode() + body)
    return {"X-Hmac-Signature-V2": signature, "X-Timestamp": sent, "X-Path": path}


def test_a_genuine_webhook_is_believed() -> None:
    headers = {"X-Hmac-Signature": sign(WEBHOOK_SECRET, BODY)}

    assert CARRIER.verify_webhook(headers, BODY)
    assert not CARRIER.verify_webhook(headers, BODY + b" ")
    assert not CARRIER.verify_webhook({}, BODY)
    assert not CARRIER.verify_webhook({"X-Hmac-Signature": "é"}, BODY)


def test_the_secret_may_be_written_in_either_form_of_unicode() -> None:
    composed, decomposed = SecretStr("s\u00e9cret"), SecretStr("se\u0301cret")

    assert sign(composed, BODY) == sign(decomposed, BODY)


def test_without_a_secret_nothing_is_believed() -> None:
    headers = {"X-Hmac-Signature": sign(WEBHOOK_SECRET, BODY)}

    assert not adapter(answering(), webhook_secret=None).verify_webhook(headers, BODY)


@pytest.mark.parametrize(
    ("age_s", "believed"), [(0, True), (200, True), (400, False), (-400, False)]
)
def test_a_signed_time_holds_for_a_while(age_s: int, believed: bool) -> None:
    sent = real_now() - timedelta(seconds=age_s)
    mail = sent.strftime("%a, %d %b %Y %H:%M:%S +0000")

    for spelled in (sent.isoformat(), str(int(sent.timestamp())), mail):
        assert CARRIER.verify_webhook(signed_2(BODY, spelled), BODY) is believed


def test_where_times_are_demanded_the_first_kind_is_not_enough() -> None:
    headers = {"x-hmac-signature": sign(WEBHOOK_SECRET, BODY)}
    careful = adapter(answering(), signed_timestamps=True)

    assert not careful.verify_webhook(headers, BODY)
    both = headers | signed_2(BODY, real_now().isoformat())
    assert careful.verify_webhook(both, BODY)


@given(st.dictionaries(st.sampled_from(["x-hmac-signature", "x-timestamp",
       "x-hmac-signature-v2", "x-path"]), st.text(max_size=80)))  # fmt: skip
def test_made_up_headers_are_never_believed(headers: dict[str, str]) -> None:
    assert not verify(WEBHOOK_SECRET, headers, BODY, now=START, tolerance_s=300)


def test_an_event_tells_the_whole_history() -> None:
    picked_up, delivered = CARRIER.parse_webhook(BODY)

    assert picked_up.status is ParcelStatus.IN_TRANSIT
    assert delivered.status is ParcelStatus.DELIVERED
    assert (delivered.carrier, delivered.tracking_number) == (USPS, "EZ1")
    assert delivered.note == "DELIVERED (RENO)"


def test_the_same_fact_has_the_same_id_in_a_later_event() -> None:
    first = an_event(a_tracker("EZ1", "in_transit", PICKED_UP))

    (early,), late = CARRIER.parse_webhook(first), CARRIER.parse_webhook(BODY)

    assert early == late[0]
    assert len({scan.event_id for scan in late}) == 2


def test_a_status_without_details_is_told_once() -> None:
    tracker = a_tracker("EZ1", "out_for_delivery")
    touched = tracker | {"updated_at": "2026-03-02T10:00:00Z"}

    (first,) = CARRIER.parse_webhook(an_event(tracker))
    (second,) = CARRIER.parse_webhook(an_event(touched))

    assert first.event_id == second.event_id
    assert first.status is ParcelStatus.OUT_FOR_DELIVERY


@pytest.mark.parametrize(
    ("word", "detail", "status"),
    [
        ("unknown", "unknown", ParcelStatus.UNKNOWN),
        ("pre_transit", "status_update", ParcelStatus.BOOKED),
        ("in_transit", "received_at_origin_facility", ParcelStatus.HANDED_OVER),
        ("in_transit", "delivery_exception", ParcelStatus.EXCEPTION),
        ("available_for_pickup", "", ParcelStatus.IN_TRANSIT),
        ("return_to_sender", "return", ParcelStatus.RETURNED),
        ("failure", "lost", ParcelStatus.LOST),
        ("failure", "failure", ParcelStatus.EXCEPTION),
        ("cancelled", "", ParcelStatus.VOIDED),
        ("error", "", ParcelStatus.UNKNOWN),
        ("teleported", "", ParcelStatus.UNKNOWN),
    ],
)
def test_statuses_are_read(word: str, detail: str, status: ParcelStatus) -> None:
    assert tracking.status_of(word, detail) is status


def test_an_unknown_word_is_kept_in_the_note() -> None:
    odd = a_detail("teleported", "2026-03-02T12:00:00Z")

    (scan,) = CARRIER.parse_webhook(an_event(a_tracker("EZ1", "unknown", odd)))

    assert scan.status is ParcelStatus.UNKNOWN
    assert "[teleported]" in scan.note


def test_a_refund_that_came_through_voids_the_parcel() -> None:
    refund = {"id": "rfnd_1", "tracking_code": "EZ1", "carrier": "USPS"}
    refund |= {"updated_at": "2026-03-20T12:00:00Z", "status": "refunded"}
    waiting = refund | {"tracking_code": "EZ2", "status": "submitted"}

    (scan,) = CARRIER.parse_webhook(an_event([refund, waiting], "refund.successful"))

    assert (scan.tracking_number, scan.status) == ("EZ1", ParcelStatus.VOIDED)


@pytest.mark.parametrize("kind", ["batch.updated", "scan_form.created", "new.thing"])
def test_events_about_other_things_tell_nothing(kind: str) -> None:
    assert CARRIER.parse_webhook(an_event({"id": "x_1", "status": {}}, kind)) == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", BODY[:-40]])
def test_garbage_is_a_contract_violation(body: bytes) -> None:
    with pytest.raises(ContractViolation):
        CARRIER.parse_webhook(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(list(a_tracker("", "")) + list(PICKED_UP)),
                inner,
                max_size=6,
            )
        ),
        max_leaves=12,
    )
)
def test_any_result_is_facts_or_a_violation(result: object) -> None:
    try:
        scans = CARRIER.parse_webhook(an_event(result))
    except ConnectorError:
        return
    assert all(scan.tracking_number for scan in scans)


def test_only_our_carriers_names_are_told() -> None:
    ours = settings(carriers=("fed-ex", "ups"), carrier_names={"ups": ["UPSDAP"]})
    tracker = json.loads(BODY)["result"]

    def told(name: str) -> str:
        return tracking.parse_tracker(ours, tracker | {"carrier": name})[0].carrier

    assert told("FedEx") == "fed-ex"
    assert told("UPSDAP") == "ups"
    assert told("DhlEcs") == "dhl-ecs"


async def test_a_parcel_followed_already_is_asked_for() -> None:
    side = EasyPostSide()
    side.trackers.append(a_tracker("EZ1", "delivered", PICKED_UP, DELIVERED))

    scans = await adapter(side.transport()).track(CarrierId("usps"), "EZ1")

    assert [(m, p) for m, p, _ in side.asked] == [("GET", "/v2/trackers")]
    assert [scan.status for scan in scans][-1] is ParcelStatus.DELIVERED
    assert scans == CARRIER.parse_webhook(BODY)


async def test_a_parcel_nobody_follows_is_followed_from_now_on() -> None:
    side = EasyPostSide()

    (scan,) = await adapter(side.transport()).track(USPS, "EZ9")

    assert scan.status is ParcelStatus.BOOKED
    assert side.asked[-1] == ("POST", "/v2/trackers", {"tracker": _code("EZ9")})


async def test_being_asked_too_often_is_read() -> None:
    limited = httpx.Response(429, headers={"Retry-After": "7"}, json={"error": "slow"})

    with pytest.raises(RateLimited) as caught:
        await adapter(answering(limited)).track(USPS, "EZ1")

    assert caught.value.retry_after_s == 7


def test_numbers_may_be_of_any_size() -> None:
    assert parsed(b'{"a": 1e400}')["a"] == float("inf")


def _code(number: str) -> dict[str, str]:
    return {"tracking_code": number}
