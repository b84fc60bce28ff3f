from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from pydantic import SecretStr

from connectors.http import Answer, HttpClient, retry_after_s
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    RateLimited,
    StateConflict,
    Unavailable,
    Unsupported,
)

SECRET = "SWORDFISH"
Handler = Callable[[httpx.Request], httpx.Response]


def a_client(handler: Handler, max_body_bytes: int = 10_000) -> HttpClient:
    return HttpClient(
        "http://counterpart",
        secret=SecretStr(SECRET),
        codes={"tomorrow-please": StateConflict},
        transport=httpx.MockTransport(handler),
        max_body_bytes=max_body_bytes,
    )


def answering(status: int, **kwargs: object) -> Handler:
    return lambda request: httpx.Response(status, **kwargs)  # type: ignore[arg-type]


def failing(error: type[httpx.RequestError]) -> Handler:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("over the wire", request=request)

    return handle


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, AuthFailed),
        (403, AuthFailed),
        (404, NotFound),
        (405, Unsupported),
        (409, StateConflict),
        (410, QuoteExpired),
        (418, InvalidRequest),
        (422, InvalidRequest),
        (429, RateLimited),
        (501, Unsupported),
        (503, Unavailable),
        (302, ContractViolation),
    ],
)
async def test_every_status_has_one_meaning(
    status: int, kind: type[ConnectorError]
) -> None:
    with pytest.raises(ConnectorError) as effect:
        await a_client(answering(status)).act("POST", "/things", {})
    with pytest.raises(ConnectorError) as read:
        await a_client(answering(status)).ask("/things")

    assert (type(effect.value), type(read.value)) == (kind, kind)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_server_error_leaves_only_effects_unknown(status: int) -> None:
    with pytest.raises(OutcomeUnknown):
        await a_client(answering(status)).act("POST", "/things", {})
    with pytest.raises(Unavailable):
        await a_client(answering(status)).ask("/things")


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout]
)
async def test_what_was_never_sent_was_not_done(
    error: type[httpx.RequestError],
) -> None:
    with pytest.raises(Unavailable):
        await a_client(failing(error)).act("POST", "/things", {})


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
    ],
)
async def test_what_was_sent_and_not_answered_is_unknown(
    error: type[httpx.RequestError],
) -> None:
    with pytest.raises(OutcomeUnknown):
        await a_client(failing(error)).act("POST", "/things", {})
    with pytest.raises(Unavailable):
        await a_client(failing(error)).ask("/things")


async def test_a_connection_that_breaks_in_the_body_leaves_an_effect_unknown() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b'{"id": '
        raise httpx.ReadError("cut")

    with pytest.raises(OutcomeUnknown):
        await a_client(answering(201, content=broken())).act("POST", "/things", {})


async def test_the_counterparts_own_code_decides_before_the_status() -> None:
    body = {"code": "tomorrow-please", "detail": "the dock is closed"}

    with pytest.raises(StateConflict, match="the dock is closed"):
        await a_client(answering(422, json=body)).act("POST", "/things", {})


async def test_an_endless_answer_is_cut_off() -> None:
    client = a_client(answering(200, content=b"x" * 1001), max_body_bytes=1000)

    with pytest.raises(ContractViolation, match="longer than 1000 bytes"):
        await client.ask("/things")


async def test_an_answer_that_is_no_json_keeps_what_it_was() -> None:
    answer = await a_client(answering(200, content=b"<html>")).ask("/things")

    with pytest.raises(ContractViolation) as violation:
        answer.json()

    assert violation.value.raw == "<html>"


async def test_a_refusal_that_echoes_our_secret_does_not_show_it() -> None:
    body = {"code": "no", "detail": f"bad token {SECRET}"}

    with pytest.raises(AuthFailed) as refusal:
        await a_client(answering(401, json=body)).ask("/things")

    assert SECRET not in str(refusal.value) + refusal.value.raw


async def test_the_request_carries_key_secret_and_body() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={})

    await a_client(handle).act("POST", "/things", {"n": 1}, key="order/1")

    assert seen[0].url == "http://counterpart/things"
    assert seen[0].headers["idempotency-key"] == "order/1"
    assert seen[0].headers["authorization"] == f"Bearer {SECRET}"
    assert seen[0].content == b'{"n":1}'


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 1),
        ({"retry-after": "nan"}, 1),
        ({"retry-after": "soon"}, 1),
        ({}, 1),
        ({"retry-after": "999999"}, 3600),
        (
            {
                "retry-after": "Mon, 02 Mar 2026 09:00:30 GMT",
                "date": "Mon, 02 Mar 2026 09:00:10 GMT",
            },
            20,
        ),
        (
            {
                "retry-after": "Mon, 02 Mar 2026 09:00:00 GMT",
                "date": "Mon, 02 Mar 2026 09:00:10 GMT",
            },
            0,
        ),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:30 GMT"}, 1),
    ],
)
def test_how_long_to_wait_is_read_from_seconds_or_a_date(
    headers: dict[str, str], seconds: float
) -> None:
    assert retry_after_s(Answer(429, headers, b"")) == seconds
