"""Takes webhooks in: signed, readable, new; anything else changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Protocol

from domain.errors import ContractViolation
from lanewise.api import facts
from lanewise.api.facts import Told
from lanewise.api.problems import Refusal
from store.engine import Store

MAX_BODY_BYTES = 1024 * 1024


class Sender(Protocol):
    """The part of a connection's adapter that knows its webhooks."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether this counterpart really sent these bytes."""

    def parse_webhook(self, body: bytes) -> tuple[Told, ...]:
        """Read the facts in a webhook."""


async def read_body(chunks: AsyncIterator[bytes]) -> bytes:
    """Read a request's body; refuse one that is larger than a mebibyte."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            detail = f"body: more than {MAX_BODY_BYTES} bytes; send it in parts"
            raise Refusal(413, "Too large", detail)
    return bytes(body)


class Receiving:
    """Keeps what connections tell; it was kept once this answers.

    Parameters
    ----------
    senders
        The adapters that know each connection's webhooks, by its name.
    real_time
        Tells the real instant: how long a fact waits is no business time.
    """

    def __init__(
        self,
        store: Store,
        senders: Mapping[str, Sender],
        real_time: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._senders = senders
        self._real_time = real_time

    async def receive(
        self, connection: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, int]:
        """Keep the facts of one webhook; return how many, and how many were new.

        Raises
        ------
        Refusal
            When there is no such connection, it did not sign these bytes, or
            they cannot be read.
        """
        sender = self._senders.get(connection)
        if sender is None:
            detail = f"connection: {connection!r} is not one of ours"
            raise Refusal(404, "Unknown connection", detail)
        if not sender.verify_webhook(headers, body):
            detail = f"signature: not by {connection!r}, or too old; sign it anew"
            raise Refusal(401, "Not authentic", detail)
        try:
            told = sender.parse_webhook(body)
        except ContractViolation as error:
            raise Refusal(400, "Not readable", str(error)) from error
        return len(told), await asyncio.to_thread(self._keep, connection, told)

    def _keep(self, connection: str, told: tuple[Told, ...]) -> int:
        now = self._real_time()
        return self._store.write(
            lambda session: facts.take(session, connection, told, now)
        )
