"""Runs a simulated world on a loopback port, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from domain.quantities import FcId
from lanewise.world.app import world_app
from lanewise.world.books import books
from lanewise.world.carrier import BoughtElsewhere
from lanewise.world.desk import Advance, advance_clock
from lanewise.world.spec import Receiver, ScriptedFault, WorldSpec
from lanewise.world.state import World
from lanewise.world.warehouse import Warehouse

T = TypeVar("T")
START_S = 15.0


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Calls that hang by design would keep the server up.
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()
        await super().shutdown(sockets)


class WorldServer:
    """A world being served; use it as a context manager.

    Parameters
    ----------
    spec
        What the world is made of.
    host
        The address to listen on.
    port
        The port to listen on (0: any free one).
    """

    def __init__(
        self, spec: WorldSpec, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.world = World(spec)
        self._socket = socket.create_server((host, port))
        bound: tuple[str, int] = self._socket.getsockname()[:2]
        self.base_url = f"http://{bound[0]}:{bound[1]}"
        self.port = bound[1]
        self._started = threading.Event()
        self._server = _Server(config(world_app(self.world)), self._started)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve; returns once requests are answered."""
        self._thread.start()
        if not self._started.wait(START_S):
            msg = f"the world did not start within {START_S} s"
            raise RuntimeError(msg)

    def stop(self) -> None:
        """Stop serving; calls still hanging are cut off."""
        self._server.should_exit = True
        self._thread.join(START_S)
        self._socket.close()

    def books(self) -> dict[str, Any]:
        """Read every counterpart's books, at one instant."""
        return self._call(self._ask(lambda: books(self.world)))

    def script(self, fault: ScriptedFault) -> None:
        """Add a scripted fault."""
        self._call(self._ask(lambda: self.world.gate.faults.script(fault)))

    def receive(self, connection: str, receiver: Receiver) -> None:
        """Send a connection's webhooks there from now on."""
        self._call(
            self._ask(
                lambda: self.world.outbox.receivers.__setitem__(connection, receiver)
            )
        )

    def carry(self, elsewhere: Callable[[FcId, str], BoughtElsewhere | None]) -> None:
        """Let trucks carry what was bought elsewhere, as that tells of a number."""
        carriers = self.world.carriers
        self._call(self._ask(lambda: setattr(carriers, "elsewhere", elsewhere)))

    def now(self) -> datetime:
        """Return the business instant."""
        return self._call(self._ask(lambda: self.world.clock.now))

    def give_up(self, fc: FcId) -> Warehouse:
        """Run a center no more; return it as it stood, for whoever runs it now."""
        return self._call(self._ask(lambda: self.world.give_up(fc)))

    def hand_over(self, fc: FcId, tracking_number: str) -> None:
        """Let a truck take a parcel at the dock of a center that others run."""
        world = self.world
        self._call(
            self._ask(
                lambda: world.carriers.hand_over(fc, tracking_number, world.clock.now)
            )
        )

    def activity(self) -> tuple[int, int]:
        """Return calls answered so far and webhooks on their way: equal when quiet."""
        return self._call(
            self._ask(
                lambda: (
                    sum(self.world.gate.faults.calls.values()),
                    self.world.outbox.pending,
                )
            )
        )

    def told(self, since: int) -> tuple[str, ...]:
        """Return what kinds of facts were told after the first ``since`` ones."""
        return self._call(
            self._ask(
                lambda: tuple(
                    str(message.event.get("event", message.event.get("type", "scan")))
                    for message in self.world.outbox.messages[since:]
                )
            )
        )

    def advance(self, wish: Advance | None = None) -> dict[str, Any]:
        """Move the clock as ``POST /clock/advance`` does."""
        return self._call(advance_clock(self.world, wish or Advance()))

    async def _ask(self, question: Callable[[], T]) -> T:
        return question()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            msg = "the world is not being served; start it first"
            raise RuntimeError(msg)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve([self._socket])


def config(app: FastAPI, *, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """Return how a world is served: connections can be cut under a reply."""
    transports = app.state.transports

    class CuttableProtocol(H11Protocol):
        """HTTP/1.1 that leaves its transport where faults can close it."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            # asyncio does so only where the listening socket names its protocol;
            # without it every answer waits 40 ms for a delayed acknowledgment.
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transports[transport.get_extra_info("peername")[:2]] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            transports.pop(self.client, None)
            super().connection_lost(exc)

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=CuttableProtocol,
        ws="none",
        log_level="error",
        access_log=False,
        # Else a header could name another peer, and its connection be cut.
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
