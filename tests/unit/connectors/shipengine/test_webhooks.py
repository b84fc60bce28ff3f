"""ShipEngine's tracking and its webhooks: read, and believed only when signed."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.shipengine.rsa import PublicKey, public_key
from connectors.shipengine.webhooks import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    parse_scans,
)
from domain.errors import ConnectorError, ContractViolation, NotFound
from domain.shipping import ParcelStatus
from tests.unit.connectors.shipengine import keys
from tests.unit.connectors.shipengine.platform import refusal
from tests.unit.connectors.shipengine.world import NOW, UPS, a_carrier, some_settings

EVENT: dict[str, Any] = {
    "occurred_at": "2026-03-03T08:30:00Z",
    "carrier_occurred_at": "2026-03-03T00:30:00",
    "description": "Departed from facility",
    "city_locality": "Elko",
    "state_province": "NV",
    "postal_code": "",
    "status_code": "IT",
    "status_detail_code": "IN_TRANSIT",
}
TRACKING: dict[str, Any] = {
    "tracking_number": "1Z1",
    "carrier_code": "ups",
    "status_code": "IT",
    "events": [EVENT, {**EVENT, "occurred_at": "2026-03-02T20:00:00Z"}],
}
HOOK = {
    "resource_url": "https://api.shipengine.com/v1/tracking?tracking_number=1Z1",
    "resource_type": "API_TRACK",
    "data": TRACKING,
}


def signed_headers(
    body: bytes, timestamp: str = "2026-03-02T12:00:00Z"
) -> dict[str, str]:
    signature = keys.sign(timestamp.encode() + b"." + body)
    return {
        KEY_HEADER: keys.KEY_ID,
        SIGNATURE_HEADER: base64.b64encode(signature).decode(),
        TIMESTAMP_HEADER: timestamp,
    }


def hooked(data: dict[str, Any]) -> bytes:
    return json.dumps({**HOOK, "data": data}).encode()


def publishing(published: list[str], *listed: Any) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        published.append(request.url.path)
        assert "API-Key" not in request.headers
        return httpx.Response(200, json={"keys": list(listed)})

    return httpx.MockTransport(answer)


# Tracking


async def test_tracking_calls_by_carrier_and_number() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=TRACKING)

    scans = await a_carrier(httpx.MockTransport(answer)).track(UPS, "1Z1")

    assert seen[0].url.path == "/v1/tracking"
    asked = {"carrier_code": "ups", "tracking_number": "1Z1"}
    assert dict(seen[0].url.params) == asked
    assert [scan.occurred_at.day for scan in scans] == [2, 3]


async def test_a_number_nobody_knows_is_not_found() -> None:
    nobody = httpx.MockTransport(lambda _: refusal(404, "unspecified", "unknown"))

    with pytest.raises(NotFound):
        await a_carrier(nobody).track(UPS, "1Z404")


@pytest.mark.parametrize(
    ("code", "detail", "status"),
    [
        ("AC", None, ParcelStatus.HANDED_OVER),
        ("IT", "OUT_FOR_DELIVERY", ParcelStatus.OUT_FOR_DELIVERY),
        ("IT", "ELEC_ADVICE_RECD_BY_CARRIER", ParcelStatus.BOOKED),
        ("DE", "DELIVERED_TO_NEIGHBOUR", ParcelStatus.DELIVERED),
        ("EX", "PARCEL_LOST", ParcelStatus.LOST),
        ("EX", "RETURN_TO_SENDER", ParcelStatus.EXCEPTION),
        ("EX", "UNDELIVERABLE_RETURNED_TO_SENDER", ParcelStatus.RETURNED),
        ("AT", "", ParcelStatus.EXCEPTION),
        ("SP", None, ParcelStatus.IN_TRANSIT),
        ("NY", None, ParcelStatus.BOOKED),
        ("ZZ", "UNHEARD_OF", ParcelStatus.UNKNOWN),
        (None, 7, ParcelStatus.UNKNOWN),
    ],
)
def test_a_status_is_told_in_our_words(
    code: str | None, detail: Any, status: ParcelStatus
) -> None:
    event = {**EVENT, "status_code": code, "status_detail_code": detail}
    (scan,) = parse_scans({**TRACKING, "events": [event]}, some_settings())

    assert scan.status is status


def test_a_delivery_told_only_in_the_summary_counts() -> None:
    at = "2026-03-04T10:00:00Z"
    document = {**TRACKING, "status_code": "DE", "actual_delivery_date": at}

    assert parse_scans(document, some_settings())[-1].status is ParcelStatus.DELIVERED


# Webhooks


def test_a_webhook_tells_every_scan_once() -> None:
    carrier = a_carrier(publishing([]))
    first = carrier.parse_webhook(hooked(TRACKING))
    reordered = {**TRACKING, "events": [*TRACKING["events"][::-1], EVENT]}

    assert [scan.event_id for scan in first] == [
        scan.event_id for scan in carrier.parse_webhook(hooked(reordered))
    ]
    assert len({scan.event_id for scan in first}) == 2


def test_other_news_tells_nothing_of_parcels() -> None:
    body = json.dumps({**HOOK, "resource_type": "API_BATCH"}).encode()

    assert a_carrier(publishing([])).parse_webhook(body) == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"resource_type": "API_TRACK"}', hooked({"events": []})],
)
def test_an_unreadable_webhook_is_a_contract_violation(body: bytes) -> None:
    with pytest.raises(ContractViolation):
        a_carrier(publishing([])).parse_webhook(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*HOOK, *TRACKING, *EVENT]), inner, max_size=5
            )
        ),
        max_leaves=12,
    )
)
@settings(deadline=None, max_examples=40)
def test_no_webhook_crashes_the_reader(data: Any) -> None:
    try:
        a_carrier(publishing([])).parse_webhook(hooked(data))
    except ConnectorError:
        return


# Signatures


def test_a_signature_made_by_others_is_verified() -> None:
    key = PublicKey(keys.MODULUS, keys.EXPONENT)

    assert key.signed(keys.SIGNATURE, keys.MESSAGE)
    assert keys.sign(keys.MESSAGE) == keys.SIGNATURE
    assert not key.signed(keys.SIGNATURE, keys.MESSAGE + b" ")


def test_a_signature_with_other_filling_is_refused() -> None:
    key = PublicKey(keys.MODULUS, keys.EXPONENT)

    assert not key.signed(keys.sign(b"m", filling=b"\xfe"), b"m")


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=100)
def test_no_other_bytes_are_a_signature(signature: bytes) -> None:
    assert not PublicKey(keys.MODULUS, keys.EXPONENT).signed(signature, b"m")


@pytest.mark.parametrize(
    "changes",
    [{"kty": "EC"}, {"alg": "RS512"}, {"n": "AQAB"}, {"e": "AA"}, {"n": "%%%"}],
    ids=str,
)
def test_a_key_of_another_kind_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"RSA|modulus"):
        public_key(keys.jwk(**changes))


def test_a_genuine_webhook_is_believed_by_a_key_that_was_given() -> None:
    carrier = a_carrier(publishing([]), webhook_keys=json.dumps({"keys": [keys.jwk()]}))
    body = hooked(TRACKING)

    assert carrier.verify_webhook(signed_headers(body), body)
    assert not carrier.verify_webhook(signed_headers(body), body + b" ")
    upper = {name.upper(): value for name, value in signed_headers(body).items()}
    assert carrier.verify_webhook(upper, body)


@pytest.mark.parametrize(
    ("timestamp", "believed"),
    [
        ("2026-03-02T12:04:59Z", True),
        ("2026-03-02T13:00:00+01:00", True),
        (str(int(NOW.timestamp())), True),
        ("2026-03-02T12:05:01Z", False),
        ("2026-03-02T11:54:59Z", False),
        ("2026-03-02", False),
        ("9" * 30, False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_only_a_webhook_of_just_now_is_believed(timestamp: str, believed: bool) -> None:
    carrier = a_carrier(publishing([]), webhook_keys=[keys.jwk()])
    headers = signed_headers(b"{}", timestamp)

    assert carrier.verify_webhook(headers, b"{}") is believed


@pytest.mark.parametrize("header", [KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER])
def test_without_one_of_its_headers_it_is_refused(header: str) -> None:
    carrier = a_carrier(publishing([]), webhook_keys=[keys.jwk()])
    headers = {n: v for n, v in signed_headers(b"{}").items() if n != header}

    assert not carrier.verify_webhook(headers, b"{}")


async def test_an_unknown_key_is_fetched_once_and_then_believed() -> None:
    published: list[str] = []
    others = [{"kty": "EC", "kid": "x"}, keys.jwk(n="AQAB", kid="short"), keys.jwk()]
    carrier = a_carrier(publishing(published, *others))
    headers = signed_headers(b"{}")

    first = [carrier.verify_webhook(headers, b"{}") for _ in range(3)]
    for _ in range(20):
        await asyncio.sleep(0)

    assert (first, published) == ([False] * 3, ["/jwks"])
    assert carrier.verify_webhook(headers, b"{}")


async def test_keys_that_cannot_be_fetched_change_nothing() -> None:
    gone = httpx.MockTransport(lambda _: httpx.Response(503))
    carrier = a_carrier(gone, webhook_keys=[keys.jwk()])
    strange = {**signed_headers(b"{}"), KEY_HEADER: "unheard-of"}

    assert not carrier.verify_webhook(strange, b"{}")
    await carrier.close()
    assert carrier.verify_webhook(signed_headers(b"{}"), b"{}")
