"""Carriers on the wire, each answering a question about prices in its own bad way."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.neutral.client import NeutralCarrier
from connectors.neutral.settings import NeutralSettings
from domain.quantities import ServiceId
from tests.unit.connectors.test_quotes import NOW, a_quote


def priced(*services: str, cents: int = 780) -> bytes:
    """Build a good answer, as the vendor-neutral contract has it."""
    quotes = [
        a_quote(id=f"Q-{s}", service=ServiceId(s), total_cents=cents) for s in services
    ]
    plain = [quote.model_dump(mode="json", exclude={"raw"}) for quote in quotes]
    return _answer(200, json.dumps({"quotes": plain}).encode())


def refused(status: int, *headers: str) -> bytes:
    """Build an answer that is no price."""
    return _answer(status, b'{"title": "no"}', *headers)


def truncated() -> bytes:
    """Build an answer that ends before its length."""
    return priced("GROUND")[:-40]


def garbled() -> bytes:
    """Build an answer that is whole and not what was agreed."""
    return _answer(200, b'{"quotes": [{"id": 7')


@asynccontextmanager
async def answering(
    answer: bytes, until: asyncio.Event | None = None
) -> AsyncIterator[tuple[NeutralCarrier, list[bytes]]]:
    """Serve one answer, after an event where given; give the carrier and what came."""
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        came.append(await reader.readexactly(length))
        if until is not None:
            await until.wait()
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    carrier = NeutralCarrier(
        NeutralSettings(base_url=f"http://127.0.0.1:{port}"), lambda: NOW
    )
    async with server:
        try:
            yield carrier, came
        finally:
            if until is not None:
                until.set()
            await carrier.close()


def _answer(status: int, body: bytes, *headers: str) -> bytes:
    lines = (
        f"HTTP/1.1 {status} -",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode() + body
