from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from connectors.neutral.webhooks import sign, signed_headers, verify

SECRET = SecretStr("PEPPERCORN")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BODY = b'{"events": []}'


def is_genuine(
    headers: dict[str, str], body: bytes = BODY, now: datetime = NOW
) -> bool:
    return verify(SECRET, headers, body, now=now, tolerance_s=300)


@given(body=st.binary(max_size=200), message=st.from_regex(r"[a-z0-9:]{1,20}\Z"))
def test_what_was_signed_is_genuine(body: bytes, message: str) -> None:
    assert is_genuine(signed_headers(SECRET, message, NOW, body), body)


@given(body=st.binary(min_size=1, max_size=60), at=st.integers(0, 59))
def test_a_changed_byte_is_noticed(body: bytes, at: int) -> None:
    headers = signed_headers(SECRET, "m-1", NOW, body)
    position = at % len(body)
    forged = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]

    assert not is_genuine(headers, forged)


def test_another_secret_is_noticed() -> None:
    headers = signed_headers(SecretStr("PAPRIKA"), "m-1", NOW, BODY)

    assert not is_genuine(headers)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_id_and_timestamp_are_part_of_what_is_signed(header: str) -> None:
    headers = signed_headers(SECRET, "1", NOW, BODY)
    moved = {**headers, header: str(int(headers[header]) + 1)}

    assert is_genuine(headers)
    assert not is_genuine(moved)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_or_future_webhook_is_refused(minutes: int) -> None:
    headers = signed_headers(SECRET, "m-1", NOW, BODY)

    assert not is_genuine(headers, now=NOW + timedelta(minutes=minutes))


def test_names_of_headers_may_be_in_any_case() -> None:
    headers = signed_headers(SECRET, "m-1", NOW, BODY)

    assert is_genuine({name.title(): value for name, value in headers.items()})


def test_one_of_several_signatures_is_enough() -> None:
    headers = signed_headers(SECRET, "m-1", NOW, BODY)
    old = sign(SecretStr("PAPRIKA"), "m-1", NOW, BODY)

    assert is_genuine(
        {**headers, "webhook-signature": f"{old} {headers['webhook-signature']}"}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": ""},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,not base64!"},
        {"webhook-signature": "v0,AAAA"},
        {"webhook-signature": "v1,é"},
    ],
)
def test_nonsense_is_refused_without_an_error(changes: dict[str, str]) -> None:
    headers = {**signed_headers(SECRET, "m-1", NOW, BODY), **changes}

    assert not is_genuine(headers)
