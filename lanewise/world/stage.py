"""The parts of a running demo, brought up in order and taken down again.

- a Temporal server with its UI, from the wheel
- warehouses, carriers and hazards, simulated behind real HTTP
- our API, which takes their signed webhooks
- a loaded store; workers run in processes of their own
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from domain.order import FINAL, OrderStatus
from lanewise import loading, wiring
from lanewise.api.app import make_app
from lanewise.api.happening import Happening
from lanewise.client import Lanewise
from lanewise.connections import simulated
from lanewise.keeping import KeeperBell
from lanewise.people import Pseudonyms
from lanewise.scarcity import scarce_now
from lanewise.settings import Settings
from lanewise.signals import TemporalSignals
from lanewise.world.guest import Ground, Guest, Turn
from lanewise.world.guests import invite, write_connections
from lanewise.world.seed import Seeded
from lanewise.world.server import WorldServer
from lanewise.world.serving import served
from lanewise.world.spec import Fault, FaultSpec, Receiver, WebhookSpec
from lanewise.world.temporal_server import TemporalServer, free_port, temporal_server
from store import conditions, events, inbox, orders
from store.engine import Store

SECRET = SecretStr("demo-webhook-secret")
# What a busy day really looks like: some calls fail, some replies are lost.
FAULTS = FaultSpec(
    permille={Fault.ERROR_BEFORE: 8, Fault.ERROR_AFTER: 6, Fault.RATE_LIMIT: 4},
    latency_min_ms=1,
    latency_max_ms=15,
)
WEBHOOKS = WebhookSpec(duplicate_permille=30, reorder_permille=30)
TICK_MIN = 30
# In these states an order waits for the world or for a person, not for us.
RESTING = FINAL | {
    OrderStatus.REVIEW,
    OrderStatus.HELD,
    OrderStatus.RELEASED,
    OrderStatus.HANDED_OVER,
}
# From these nothing more comes by itself.
SETTLED = FINAL | {OrderStatus.REVIEW, OrderStatus.HELD}


async def _ask_nobody() -> None:
    return


@dataclass
class Stage:
    """The parts of a running demo."""

    seeded: Seeded
    temporal: TemporalServer
    world: WorldServer
    rooms: wiring.Rooms
    settings: Settings
    client: Lanewise
    bell: KeeperBell
    guests: tuple[Guest, ...] = ()
    ask_around: Callable[[], Awaitable[None]] = _ask_nobody

    async def turn(self) -> Turn:
        """Let guests do what is due now; who tells nothing by itself is asked."""
        now = await asyncio.to_thread(self.world.now)
        turns = [await guest.turn(now) for guest in self.guests]
        moved = any(turn.moved for turn in turns)
        if moved:
            await self.ask_around()
        dates = [turn.next_at for turn in turns if turn.next_at]
        return Turn(moved, min(dates, default=None))

    def parts(self) -> dict[str, str]:
        """Name the software that plays a part, and what it plays."""
        return {g.connections[0].provider: g.part for g in self.guests}

    async def books(self) -> dict[str, Any]:
        """Read what every counterpart thinks happened."""
        books = await asyncio.to_thread(self.world.books)
        for guest in self.guests:
            books["warehouses"] |= await guest.books()
        return books

    def in_any(self, statuses: frozenset[OrderStatus]) -> int:
        """Count the orders in any of these states."""
        with self.rooms.store.reading() as session:
            counts = orders.counts(session)
        return sum(n for status, n in counts.items() if status in statuses)

    def all_in(self, statuses: frozenset[OrderStatus]) -> bool:
        """Tell whether every order of this world is in one of these states."""
        with self.rooms.store.reading() as session:
            counts = orders.counts(session)
        known = sum(counts.values())
        return known >= len(self.seeded.orders) and statuses.issuperset(counts)

    def facts_waiting(self) -> int:
        """Count the facts taken in and not yet passed on."""
        with self.rooms.store.reading() as session:
            return inbox.waiting(session)


@asynccontextmanager
async def staged(
    seeded: Seeded,
    folder: Path,
    faults: FaultSpec = FAULTS,
    webhooks: WebhookSpec = WEBHOOKS,
    *,
    tick_min: int = TICK_MIN,
    usual_ports: bool = False,
    guests: tuple[str, ...] = (),
) -> AsyncIterator[Stage]:
    """Bring up everything but the worker: server, world, API, a loaded store.

    ``guests`` are programs that play a part of the world: see ``GUESTS``.
    """
    spec = seeded.world().model_copy(
        update={"faults": faults, "webhooks": webhooks, "tick_min": tick_min}
    )
    async with AsyncExitStack() as stack:
        temporal = await stack.enter_async_context(
            temporal_server(folder / "temporal.db", usual_ports=usual_ports)
        )
        world = stack.enter_context(WorldServer(spec))
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{folder}/lanewise.db"),
            temporal_address=temporal.address,
            world_url=world.base_url,
            webhook_secret=SECRET,
        )
        api_port = free_port()
        url = f"http://127.0.0.1:{api_port}"
        for name in ("warehouses", "carriers"):
            world.receive(name, Receiver(url=f"{url}/webhooks/{name}", secret=SECRET))
        ground = Ground(seeded, world, folder, url)
        playing = await invite(stack, guests, ground)
        if playing:
            file = folder / "connections.yaml"
            write_connections(file, simulated(settings), playing)
            settings = settings.model_copy(update={"connections_file": file})
        rooms = await stack.enter_async_context(wiring.rooms(settings))
        rooms.store.migrate()
        loading.publish(
            rooms.store,
            seeded.network,
            seeded.skus.values(),
            seeded.start,
            seeded.customers.values(),
            seeded.rules,
        )
        await loading.count_stock(rooms.store, rooms.registry, seeded.network)
        people = Pseudonyms(rooms.store)
        _remember(rooms.store, people, seeded)
        client = Lanewise(temporal.client, people=people)
        bell = KeeperBell(temporal.client)
        app = make_app(
            rooms,
            TemporalSignals(temporal.client),
            client.submit,
            happening=Happening(rooms.store, rooms.clock.now, bell.ring),
            evaluate=client.evaluate,
            scarce=partial(scarce_now, rooms),
        )
        await stack.enter_async_context(served(app, api_port))
        for guest in playing:
            guest.begin(rooms.store)
        yield Stage(
            *(seeded, temporal, world, rooms, settings, client, bell),
            guests=playing,
            ask_around=app.state.polling.turn,
        )
        await bell.close()


@asynccontextmanager
async def worker_process(settings: Settings, folder: Path) -> AsyncIterator[int]:
    """Run a worker in a process of its own; yield its process id."""
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "lanewise", "worker"),
            stdout=log,
            stderr=log,
            env=os.environ | environment(settings),
        )
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables from which another process reads the same settings."""
    return {
        f"LANEWISE_{name.upper()}": _text(value)
        for name, value in settings.model_dump(exclude_none=True).items()
    }


def _remember(store: Store, people: Pseudonyms, seeded: Seeded) -> None:
    """Bring in what customers did before, and what is declared."""
    past = people.events(seeded.past)
    with store.writing() as session:
        events.ingest(session, past, seeded.start)
        for condition in seeded.conditions:
            conditions.declare(session, condition, seeded.start)


def _text(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
