"""A wire that loses one reply: the server acted, and nobody hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65_536


class LossyWire:
    """A TCP proxy before a server; told to, it swallows the next reply."""

    def __init__(self, upstream: str) -> None:
        address = urlsplit(upstream)
        self._host, self._port = address.hostname, address.port
        self._word = b""
        self.url = ""
        self.lost = 0

    def lose_reply_to(self, word: bytes) -> None:
        """Lose the reply to the next request whose head has this word."""
        self._word = word

    async def meet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection, both ways, until either side ends it."""
        there, back = await asyncio.open_connection(self._host, self._port)
        doomed = asyncio.Event()
        ways = {
            asyncio.create_task(self._forth(reader, back, doomed)),
            asyncio.create_task(self._back(there, writer, doomed)),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for side in (writer, back):
            side.close()
            with suppress(OSError):
                await side.wait_closed()

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        doomed: asyncio.Event,
    ) -> None:
        while chunk := await reader.read(CHUNK):
            if self._word and self._word in chunk:
                self._word = b""
                doomed.set()
            back.write(chunk)
            await back.drain()

    async def _back(
        self,
        there: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        doomed: asyncio.Event,
    ) -> None:
        while chunk := await there.read(CHUNK):
            if doomed.is_set():
                # It answers, so it has acted; the answer goes no further.
                self.lost += 1
                return
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def lossy_wire(upstream: str) -> AsyncIterator[LossyWire]:
    """Put a wire before a server, on a free loopback port."""
    wire = LossyWire(upstream)
    server = await asyncio.start_server(wire.meet, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield wire
