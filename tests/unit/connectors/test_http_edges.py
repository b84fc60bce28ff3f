"""What vendors do beyond the standard, and what must never be seen."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.auth import ApiKey, Auth, Basic, Bearer, QueryKey
from connectors.http import Answer, Circuit, HttpClient, Problem, Timeouts
from connectors.patience import asked_s
from domain.errors import (
    AuthFailed,
    ContractViolation,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    StateConflict,
    Unavailable,
)

SECRET = SecretStr("OPEN/SES+AME")
PROOFS: dict[str, Auth] = {
    "bearer": Bearer(SECRET),
    "basic": Basic(SECRET),
    "basic with both": Basic(SecretStr("ali-baba"), SECRET),
    "header": ApiKey("X-Key", SECRET, prefix="Token "),
    "query": QueryKey("apikey", SECRET),
}


class Counterpart:
    """Remembers what it was sent and answers the same to everything."""

    def __init__(self, status: int = 200, **answer: Any) -> None:
        self.seen: list[httpx.Request] = []
        self._status, self._answer = status, answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return httpx.Response(self._status, **self._answer)


def client(counterpart: Callable[[httpx.Request], Any], **how: Any) -> HttpClient:
    transport = httpx.MockTransport(counterpart)
    return HttpClient("http://counterpart", transport=transport, **how)


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS)
async def test_an_echoed_secret_is_never_shown(
    proof: Auth, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        said = f"{request.url} {dict(request.headers)} {SECRET.get_secret_value()}"
        return httpx.Response(401, json={"detail": said})

    caplog.set_level(logging.DEBUG)
    refused = client(echo, auth=proof)
    with pytest.raises(AuthFailed) as error:
        await refused.ask("/things")

    shown = f"{error.value!s} {error.value!r} {error.value.raw} {refused!r} {proof!r}"
    for spelling in filter(None, (*proof.secrets(), "OPEN%2FSES%2BAME")):
        assert spelling not in shown + caplog.text


@pytest.mark.parametrize(
    ("proof", "sent"),
    [
        (PROOFS["bearer"], "Bearer OPEN/SES+AME"),
        (PROOFS["basic"], "Basic T1BFTi9TRVMrQU1FOg=="),
    ],
)
async def test_we_prove_who_we_are(proof: Auth, sent: str) -> None:
    counterpart = Counterpart()

    await client(counterpart, auth=proof).ask("/things")

    assert counterpart.seen[0].headers["authorization"] == sent


async def test_a_key_in_the_query_reaches_the_counterpart() -> None:
    counterpart = Counterpart()

    await client(counterpart, auth=PROOFS["query"]).ask("/things", {"n": "1"})

    assert counterpart.seen[0].url.params["apikey"] == SECRET.get_secret_value()
    assert counterpart.seen[0].url.params["n"] == "1"


async def test_an_address_of_somebody_else_is_not_shown_who_we_are() -> None:
    counterpart = Counterpart(content=b"%PDF")
    proven = client(counterpart, auth=PROOFS["query"], headers={"X-Account": "7"})

    await proven.fetch("https://labels.example/1.pdf?sig=x")

    (request,) = counterpart.seen
    assert str(request.url) == "https://labels.example/1.pdf?sig=x"
    assert "x-account" not in request.headers
    with pytest.raises(InvalidRequest):
        await proven.ask("https://labels.example/1.pdf")


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "//x", "http://u:p@x/"])
async def test_an_odd_address_is_not_followed(url: str) -> None:
    with pytest.raises(ContractViolation):
        await client(Counterpart()).fetch(url)


async def test_a_secret_header_of_one_call_is_sent_and_hidden() -> None:
    counterpart = Counterpart(409, json={"detail": "session SWORDFISH is busy"})
    headers = {"Authorization": SecretStr("SWORDFISH")}

    with pytest.raises(StateConflict) as conflict:
        await client(counterpart).act("POST", "/rpc", {}, headers=headers)

    assert counterpart.seen[0].headers["authorization"] == "SWORDFISH"
    assert "SWORDFISH" not in str(conflict.value) + conflict.value.raw


async def test_a_form_is_sent_as_one() -> None:
    counterpart = Counterpart()

    await client(counterpart).act("POST", "/token", form={"grant": "all"})

    assert counterpart.seen[0].content == b"grant=all"


def rpc_problem(answer: Answer) -> Problem | None:
    said = answer.json().get("error")
    return Problem(code=said[0], detail=said[1]) if said else None


async def test_a_refusal_that_comes_with_200_is_one() -> None:
    refusing = Counterpart(json={"error": ["UserWarning", "sure?"]})
    codes = {"UserWarning": StateConflict}

    with pytest.raises(StateConflict, match=r"UserWarning \(sure\?\)"):
        await client(refusing, codes=codes, problem_of=rpc_problem).ask("/rpc")
    answer = await client(Counterpart(json={}), problem_of=rpc_problem).ask("/rpc")

    assert answer.status == 200


async def test_an_answer_drop_by_drop_ends_with_the_time_for_all_of_it() -> None:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drops())

    slow = client(handle, timeouts=Timeouts(total_s=0.05))
    with pytest.raises(OutcomeUnknown):
        await slow.act("POST", "/things")
    with pytest.raises(Unavailable):
        await slow.ask("/things")


async def test_a_counterpart_that_is_down_is_not_asked_again_at_once() -> None:
    down = Counterpart(500)
    resting = client(down, circuit=Circuit(failures=2, rest_s=60))
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await resting.act("POST", "/things")

    with pytest.raises(Unavailable, match="not asked") as turned_away:
        await resting.act("POST", "/things")

    assert len(down.seen) == 2
    assert turned_away.value.retry_after_s == pytest.approx(60, abs=1)


async def test_refusals_never_open_the_circuit() -> None:
    refusing = client(Counterpart(422), circuit=Circuit(failures=2))

    for _ in range(5):
        with pytest.raises(InvalidRequest):
            await refusing.act("POST", "/things")


async def test_busy_says_when_to_come_back() -> None:
    with pytest.raises(Unavailable) as busy:
        await client(Counterpart(503, headers={"retry-after": "9"})).ask("/things")
    with pytest.raises(RateLimited) as limited:
        await client(Counterpart(429, headers={"x-retry-after": "4"})).ask("/things")

    assert (busy.value.retry_after_s, limited.value.retry_after_s) == (9, 4)


DATE = {"date": "Mon, 02 Mar 2026 09:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-retry-after": "12"}, 12),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"retry-after": "2s"}, 2),
        ({"x-ratelimit-reset": "30"}, 30),
        ({"x-ratelimit-reset": "1772442030", **DATE}, 30),
        ({"x-ratelimit-reset": "1772442030000", **DATE}, 30),
        ({"x-ratelimit-reset": "1772442030"}, None),
        ({"x-ratelimit-reset": "2026-03-02T09:00:30Z", **DATE}, 30),
        ({"x-rate-limit-reset": "Mon, 02 Mar 2026 09:00:30 GMT", **DATE}, 30),
        ({"ratelimit": "limit=100, remaining=0, reset=5"}, 5),
        ({"ratelimit": '"default";r=0;t=8'}, 8),
        ({"x-amzn-ratelimit-limit": "0.5"}, 2),
        ({"x-amzn-ratelimit-limit": "0"}, None),
        ({"retry-after": "inf"}, None),
        ({"x-retry-after": "never", "ratelimit-reset": "3"}, 3),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_in_every_spelling(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert asked_s(headers) == seconds
