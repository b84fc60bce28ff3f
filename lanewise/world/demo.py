"""The whole journey of many orders, on real parts, in one process tree.

- a Temporal server with its UI, from the wheel
- warehouses, carriers and hazards, simulated behind real HTTP
- our API, which takes their signed webhooks
- a worker in a process of its own
- a clock that stands still while work is outstanding, then jumps
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import uvicorn
from pydantic import SecretStr
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from domain.order import FINAL, OrderStatus
from domain.quantities import OrderId
from lanewise import loading, wiring
from lanewise.api.app import make_app
from lanewise.client import Lanewise, Refused, UnknownOrder
from lanewise.settings import Settings
from lanewise.signals import TemporalSignals
from lanewise.world.desk import Advance
from lanewise.world.folder import read_world
from lanewise.world.seed import Seeded, build
from lanewise.world.server import WorldServer
from lanewise.world.spec import Fault, FaultSpec, Receiver, WebhookSpec
from lanewise.world.summary import Summary, summarize
from lanewise.world.temporal_server import TemporalServer, temporal_server
from store import decisions, inbox, orders
from workflows.desk import Cancel
from workflows.names import order_workflow

SECRET = SecretStr("demo-webhook-secret")
# What a busy day really looks like: some calls fail, some replies are lost.
FAULTS = FaultSpec(
    permille={Fault.ERROR_BEFORE: 8, Fault.ERROR_AFTER: 6, Fault.RATE_LIMIT: 4},
    latency_min_ms=1,
    latency_max_ms=15,
)
WEBHOOKS = WebhookSpec(duplicate_permille=30, reorder_permille=30)
# Every so many orders a customer changes their mind.
CANCEL_EVERY = 45
# In these states an order waits for the world or for a person, not for us.
RESTING = FINAL | {
    OrderStatus.REVIEW,
    OrderStatus.HELD,
    OrderStatus.RELEASED,
    OrderStatus.HANDED_OVER,
}
# How long nothing must move before time may pass: longer after facts that make
# somebody decide again, so that simulated days never pass while we think.
QUIET_S, THINKING_S = 0.04, 0.6
THOUGHT_ABOUT = frozenset({"short-picked", "cancelled"})
# A fact about a parcel nobody knows may wait in the inbox for good.
INBOX_PATIENCE_S = 8.0


@dataclass(frozen=True)
class Wish:
    """What kind of demo is asked for."""

    orders: int = 200
    seed: int = 7
    world: Path | None = None
    stay: bool = False
    json_file: Path | None = None
    folder: Path | None = None
    faults: FaultSpec = FAULTS
    console: Console = field(default_factory=Console)


@dataclass
class Stage:
    """The parts of a running demo."""

    seeded: Seeded
    temporal: TemporalServer
    world: WorldServer
    rooms: wiring.Rooms
    settings: Settings
    client: Lanewise

    def resting(self) -> int:
        """Count the orders that wait for the world or for a person."""
        with self.rooms.store.reading() as session:
            counts = orders.counts(session)
        return sum(n for status, n in counts.items() if status in RESTING)

    def facts_waiting(self) -> int:
        """Count the facts taken in and not yet passed on."""
        with self.rooms.store.reading() as session:
            return inbox.waiting(session)

    def ended(self) -> int:
        """Count the orders that have ended."""
        with self.rooms.store.reading() as session:
            counts = orders.counts(session)
        return sum(n for status, n in counts.items() if status in FINAL)


async def run_demo(wish: Wish) -> int:
    """Run the demo to its end; return an exit code (1: an order failed)."""
    began = time.monotonic()
    console = wish.console
    folder = wish.folder or Path(mkdtemp(prefix="lanewise-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(wish, folder))
        await stack.enter_async_context(worker_process(stage.settings, folder))
        console.print(f"Temporal UI: [link]{stage.temporal.ui_url}[/link]")
        await play(stage, console)
        summary = summarize(
            stage.rooms.store,
            {s.id: str(s.carrier) for s in stage.seeded.network.services},
        )
        count = await stage.client.count("WorkflowType = 'OrderFulfillment'")
        document = summary.document(count, time.monotonic() - began)
        if wish.json_file is not None:
            wish.json_file.write_text(json.dumps(document, indent=2) + "\n")
        await _tell(stage, summary, document, console)
        if wish.stay:
            console.print("\nEverything stays up; Ctrl-C ends it.")
            await asyncio.Event().wait()
        return 1 if document["failed"] else 0


@asynccontextmanager
async def staged(wish: Wish, folder: Path) -> AsyncIterator[Stage]:
    """Bring up everything but the worker: server, world, API, a loaded store."""
    seeded = read_world(wish.world) if wish.world else build(wish.seed, wish.orders)
    spec = seeded.world().model_copy(
        update={"faults": wish.faults, "webhooks": WEBHOOKS, "tick_min": 30}
    )
    async with AsyncExitStack() as stack:
        temporal = await stack.enter_async_context(
            temporal_server(folder / "temporal.db", usual_ports=True)
        )
        world = stack.enter_context(WorldServer(spec))
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{folder}/lanewise.db"),
            temporal_address=temporal.address,
            world_url=world.base_url,
            webhook_secret=SECRET,
        )
        rooms = await stack.enter_async_context(wiring.rooms(settings))
        rooms.store.migrate()
        loading.publish(
            rooms.store,
            seeded.network,
            seeded.skus.values(),
            seeded.start,
            seeded.customers.values(),
        )
        await loading.count_stock(rooms.store, rooms.registry, seeded.network)
        client = Lanewise(temporal.client)
        url = await stack.enter_async_context(
            _api(make_app(rooms, TemporalSignals(temporal.client), client.submit))
        )
        for name in ("warehouses", "carriers"):
            world.receive(name, Receiver(url=f"{url}/webhooks/{name}", secret=SECRET))
        yield Stage(seeded, temporal, world, rooms, settings, client)


@asynccontextmanager
async def worker_process(settings: Settings, folder: Path) -> AsyncIterator[int]:
    """Run a worker in a process of its own; yield its process id."""
    env = os.environ | {
        f"LANEWISE_{name.upper()}": _text(value)
        for name, value in settings.model_dump(exclude_none=True).items()
    }
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lanewise", "worker", stdout=log, stderr=log, env=env
        )
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def play(stage: Stage, console: Console) -> None:
    """Submit every order, then let the days pass until nothing more happens."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[when]}"),
        console=console,
    ) as progress:
        total = len(stage.seeded.orders)
        taken = progress.add_task("orders submitted", total=total, when="")
        placed = progress.add_task("decided and released", total=total, when="")
        ended = progress.add_task("ended", total=total, when="")
        heard, pause_s = 0, THINKING_S
        submitting = asyncio.create_task(_submit_all(stage, progress, taken))
        while True:
            progress.update(placed, completed=stage.resting())
            if not submitting.done() or not await _quiet(stage, pause_s):
                await asyncio.sleep(QUIET_S)
                continue
            state = await asyncio.to_thread(stage.world.advance, Advance(wait_s=5))
            news = await asyncio.to_thread(stage.world.told, heard)
            heard += len(news)
            pause_s = THINKING_S if THOUGHT_ABOUT.intersection(news) else QUIET_S
            progress.update(ended, completed=stage.ended(), when=state["now"][:16])
            if state["state"] == "idle":
                break
        await submitting


async def _submit_all(stage: Stage, progress: Progress, task: Any) -> None:
    gate = asyncio.Semaphore(8)

    async def one(number: int) -> None:
        order = stage.seeded.orders[number]
        async with gate:
            await stage.client.submit(order)
            progress.advance(task)
        if number % CANCEL_EVERY == CANCEL_EVERY - 1:
            await _change_mind(stage, order.id)

    await asyncio.gather(*(one(n) for n in range(len(stage.seeded.orders))))


async def _change_mind(stage: Stage, order_id: OrderId) -> None:
    ask = Cancel(operator="demo-customer", reason="ordered by mistake")
    try:
        await stage.client.cancel(order_id, ask)
    except (Refused, UnknownOrder):
        return  # too late is an answer, too


async def _quiet(stage: Stage, pause_s: float) -> bool:
    """Tell whether everybody waits for the world: nothing moved for a while."""
    if stage.resting() < len(stage.seeded.orders):
        return False
    before = await asyncio.to_thread(stage.world.activity)
    for _ in range(round(INBOX_PATIENCE_S / QUIET_S)):
        if not stage.facts_waiting():
            break
        await asyncio.sleep(QUIET_S)
    await asyncio.sleep(pause_s)
    after = await asyncio.to_thread(stage.world.activity)
    return stage.resting() == len(stage.seeded.orders) and after == before


@asynccontextmanager
async def _api(app: Any) -> AsyncIterator[str]:
    """Serve our own API on a free port, in this process."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        if serving.done():
            await serving
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


async def _tell(
    stage: Stage, summary: Summary, document: dict[str, Any], console: Console
) -> None:
    console.print(summary.table())
    console.print_json(
        json.dumps({k: v for k, v in document.items() if k != "segments"})
    )
    for title, order_id in _worth_reading(stage).items():
        console.rule(f"{title}: {order_id}")
        console.print(Markdown(await stage.client.explain(order_id)))
        console.print(stage.temporal.workflow_url(order_workflow(order_id)))
    waiting = stage.temporal.query_url('LwReview = "waiting"')
    console.print(f"\nWaiting for review: [link]{waiting}[/link]")


def _worth_reading(stage: Stage) -> dict[str, OrderId]:
    """Pick a calm order, one decided again, and one that waits for a person."""
    picked: dict[str, OrderId] = {}
    with stage.rooms.store.reading() as session:
        for stored in orders.listing(session, limit=1_000_000):
            made = decisions.of_order(session, stored.order.id)
            if not made:
                continue
            if stored.status is OrderStatus.REVIEW:
                picked.setdefault("Waits for a person", stored.order.id)
            elif len(made) > 1:
                picked.setdefault("Decided again on its way", stored.order.id)
            elif made[0].plan and len(made[0].plan.parcels) > 1:
                picked.setdefault("Split over two centers", stored.order.id)
            elif made[0].plan:
                picked.setdefault("A calm one", stored.order.id)
    return dict(list(picked.items())[:3])


def _text(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
