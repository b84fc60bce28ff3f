"""What every call passes: latency, misfortune, and protection from repetition."""

import asyncio
import hashlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from connectors.ports import Idempotency
from lanewise.world.faults import Faults
from lanewise.world.problems import Refused, problem
from lanewise.world.spec import Fault, ScriptedFault

Effect = Callable[[], Any]
POLL_S = 0.02

_BEFORE = {Fault.ERROR_BEFORE, Fault.BUSY, Fault.RATE_LIMIT}


@dataclass(frozen=True, slots=True)
class Once:
    """How a repeated request is recognized: mode, whose books, our reference."""

    mode: Idempotency
    scope: str
    reference: str


@dataclass
class Gate:
    """The door of all counterparts in one world.

    ``on_kill`` is called for a ``kill`` fault that names no process.
    """

    faults: Faults
    on_kill: Callable[[str], None] | None = None
    _replies: dict[tuple[str, str, str], tuple[str, Response]] = field(
        default_factory=dict
    )
    _references: set[tuple[str, str, str]] = field(default_factory=set)

    async def read(self, operation: str, request: Request, answer: Effect) -> Response:
        """Answer a question, unless misfortune strikes."""
        return await self._pass(operation, request, lambda: _reply(answer, 200))

    async def act(
        self,
        operation: str,
        request: Request,
        effect: Effect,
        *,
        status: int = 200,
        once: Once | None = None,
    ) -> Response:
        """Do something, at most once where the mode protects it."""
        digest = hashlib.sha256(await request.body()).hexdigest()
        key = request.headers.get("idempotency-key", "")

        def guarded() -> Response:
            if once is None:
                return _reply(effect, status)
            return self._guarded(operation, effect, status, once, key, digest)

        return await self._pass(operation, request, guarded)

    def _guarded(
        self,
        operation: str,
        effect: Effect,
        status: int,
        once: Once,
        key: str,
        digest: str,
    ) -> Response:
        by_key = (operation, once.scope, key)
        by_reference = (operation, once.scope, once.reference)
        if once.mode is Idempotency.KEY_HEADER and key and by_key in self._replies:
            before, reply = self._replies[by_key]
            if before == digest:
                return reply
            detail = f"Idempotency-Key {key!r} was used with another body"
            return problem(422, "idempotency-key-reused", detail)
        unique = once.mode is Idempotency.UNIQUE_REFERENCE
        if unique and by_reference in self._references:
            detail = f"reference {once.reference!r} exists already"
            return problem(409, "duplicate-reference", detail)
        reply = _reply(effect, status)
        if reply.status_code < 300:
            self._references.add(by_reference)
            if key:
                self._replies[by_key] = (digest, reply)
        return reply

    async def _pass(
        self, operation: str, request: Request, work: Callable[[], Response]
    ) -> Response:
        drawn = self.faults.draw(operation)
        fault = drawn.fault if drawn else None
        await asyncio.sleep(self.faults.latency_s())
        if fault in _BEFORE:
            return self._turned_away(fault)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.faults.spec.slow_ms / 1000)
        reply = work()
        if drawn is None or fault is Fault.SLOW:
            return reply
        return await self._spoilt(drawn, operation, request, reply)

    def _turned_away(self, fault: Fault | None) -> Response:
        if fault is Fault.RATE_LIMIT:
            wait = {"Retry-After": str(self.faults.spec.retry_after_s)}
            return problem(429, "rate-limited", "too many requests", wait)
        if fault is Fault.BUSY:
            return problem(503, "busy", "try again; nothing was done")
        return problem(500, "internal-error", "it failed before it did anything")

    async def _spoilt(
        self, drawn: ScriptedFault, operation: str, request: Request, reply: Response
    ) -> Response:
        match drawn.fault:
            case Fault.ERROR_AFTER:
                return problem(500, "internal-error", "it failed on the way back")
            case Fault.GARBLE:
                return Response(
                    bytes(reply.body)[: len(reply.body) // 2],
                    reply.status_code,
                    media_type=reply.media_type,
                )
            case Fault.TRUNCATE:
                return _Truncated(reply)
            case Fault.HANG:
                await self._hang(request)
            case Fault.KILL:
                self._kill(drawn, operation)
        await _drop(request)
        return reply

    async def _hang(self, request: Request) -> None:
        transport = _transport(request)
        for _ in range(int(self.faults.spec.hang_ms / 1000 / POLL_S)):
            if transport is not None and transport.is_closing():
                return
            await asyncio.sleep(POLL_S)

    def _kill(self, drawn: ScriptedFault, operation: str) -> None:
        if drawn.pid is not None:
            os.kill(drawn.pid, signal.SIGKILL)
        elif self.on_kill is not None:
            self.on_kill(operation)


class _Truncated(Response):
    """Half of a reply, then the connection ends."""

    def __init__(self, whole: Response) -> None:
        super().__init__(bytes(whole.body), whole.status_code)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _drop(Request(scope, receive))


def _reply(work: Effect, status: int) -> Response:
    try:
        made = work()
        return made if isinstance(made, Response) else JSONResponse(made, status)
    except Refused as refused:
        return problem(refused.status, refused.code, refused.detail)


async def _drop(request: Request) -> None:
    """Close the connection under the reply; without a server of ours, do nothing."""
    transport = _transport(request)
    if transport is not None:
        transport.close()
        # The protocol learns of it on the next turns of the loop.
        await asyncio.sleep(POLL_S)


def _transport(request: Request) -> asyncio.Transport | None:
    transports: dict[Any, asyncio.Transport] = request.app.state.transports
    return transports.get(request.scope.get("client"))
