"""Stands below an adapter, on the wire, and spoils what it is told to spoil."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx

from conformance import mutations

RETRY_AFTER_S = 7

Carry = Callable[[httpx.Request], Awaitable[httpx.Response]]
Trick = Callable[[Carry, httpx.Request], Awaitable[httpx.Response]]

# What says how a body was sent, and no longer holds for one that was changed.
_OF_THE_BODY = {"content-length", "content-encoding", "transfer-encoding"}


class Mischief:
    """Counts requests, remembers their answers, and plays tricks on some of them."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._tricks: dict[int, Trick] = {}
        self._always: Trick | None = None

    def wrap(self, carrier: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """Stand above what really carries the requests."""
        return _Wire(self, carrier)

    def on(self, nth: int, trick: Trick) -> None:
        """Play a trick on the nth request from now on (1 is the next)."""
        self._tricks[len(self.requests) + nth] = trick

    def always(self, trick: Trick | None) -> None:
        """Play a trick on every request from now on; None to stop."""
        self._always = trick

    def calm(self) -> None:
        """Forget every trick that was planned."""
        self._tricks.clear()
        self._always = None

    async def pass_on(self, carry: Carry, request: httpx.Request) -> httpx.Response:
        """Carry a request, or play the trick that is planned for it."""
        self.requests.append(request)
        trick = self._tricks.pop(len(self.requests), self._always)
        if trick is None:
            return await carry(request)
        return await trick(carry, request)


class _Wire(httpx.AsyncBaseTransport):
    def __init__(self, mischief: Mischief, carrier: httpx.AsyncBaseTransport) -> None:
        self._mischief = mischief
        self._carrier = carrier

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._mischief.pass_on(self._carrier.handle_async_request, request)

    async def aclose(self) -> None:
        await self._carrier.aclose()


async def unsent(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Do not reach the counterpart at all."""
    raise httpx.ConnectError("nobody there", request=request)


async def lost(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Let it happen, and lose the answer."""
    await _whole(await carry(request))
    raise httpx.ReadTimeout("no answer in time", request=request)


async def broken(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Let it happen, and answer that something went wrong."""
    await _whole(await carry(request))
    return httpx.Response(502, text="bad gateway", request=request)


async def limited(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Answer that we ask too often, without asking the counterpart."""
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return httpx.Response(429, headers=headers, json={}, request=request)


async def busy(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Answer that nobody has time, without asking the counterpart."""
    return httpx.Response(503, json={}, request=request)


async def echoing(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Refuse, and repeat all that was sent, as careless counterparts do."""
    said = {
        "url": str(request.url),
        "headers": dict(request.headers),
        "detail": " ".join(request.headers.values()) + str(request.url),
    }
    return httpx.Response(401, json=said, request=request)


async def truncated(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Let it happen, answer half, and hang up."""
    answer = await carry(request)
    body = await _whole(answer)

    async def half() -> AsyncIterator[bytes]:
        yield body[: len(body) // 2]
        raise httpx.RemoteProtocolError("hung up in the middle", request=request)

    return _again(answer, request, half())


async def slow(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Let it happen, begin to answer, and never come to an end of it."""
    answer = await carry(request)
    body = await _whole(answer)

    async def dripping() -> AsyncIterator[bytes]:
        yield body[:1]
        raise httpx.ReadTimeout("nothing more in time", request=request)

    return _again(answer, request, dripping())


async def garbled(carry: Carry, request: httpx.Request) -> httpx.Response:
    """Let it happen, and answer half as if it were whole."""
    answer = await carry(request)
    body = await _whole(answer)
    return _again(answer, request, body[: len(body) // 2])


def changing(change: Callable[[Any], Any]) -> Trick:
    """Return a trick that changes an answer's JSON or XML; other answers stay."""

    async def change_it(carry: Carry, request: httpx.Request) -> httpx.Response:
        answer = await carry(request)
        body = await _whole(answer)
        with suppress(ValueError):
            body = mutations.written(change(mutations.read(body)))
        return _again(answer, request, body)

    return change_it


def saying(document: Any) -> Trick:
    """Return a trick that answers with another document, whatever was said."""
    return changing(lambda _: document)


def _again(
    answer: httpx.Response, request: httpx.Request, body: bytes | AsyncIterator[bytes]
) -> httpx.Response:
    headers = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name.lower() not in _OF_THE_BODY
    ]
    return httpx.Response(
        answer.status_code, headers=headers, content=body, request=request
    )


async def _whole(answer: httpx.Response) -> bytes:
    try:
        return await answer.aread()
    finally:
        await answer.aclose()
