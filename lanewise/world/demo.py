"""The whole journey of many orders, on real parts, in one process tree.

- a Temporal server with its UI, from the wheel
- warehouses, carriers and hazards, simulated behind real HTTP
- our API, which takes their signed webhooks
- a worker in a process of its own
- a clock that stands still while work is outstanding, then jumps
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from domain.order import FINAL, OrderStatus
from domain.quantities import OrderId
from lanewise.client import Refused, UnknownOrder
from lanewise.world.agreement import agreed, disagreements
from lanewise.world.days import pass_days
from lanewise.world.folder import read_world
from lanewise.world.seed import build
from lanewise.world.spec import FaultSpec
from lanewise.world.stage import FAULTS, RESTING, Stage, staged, worker_process
from lanewise.world.summary import Summary, summarize
from store import decisions, orders, stock
from workflows.desk import Cancel
from workflows.names import order_workflow

# What the table and the line below it say already.
TOLD_APART = frozenset({"segments", "membership_changes"})


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
    guests: tuple[str, ...] = ()
    console: Console = field(default_factory=Console)


async def run_demo(wish: Wish) -> int:
    """Run the demo to its end; return an exit code (1: an order failed)."""
    began = time.monotonic()
    console = wish.console
    folder = wish.folder or Path(mkdtemp(prefix="lanewise-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if wish.guests:
        console.print(f"Bringing up {', '.join(wish.guests)}: at first this is minutes")
    async with AsyncExitStack() as stack:
        seeded = read_world(wish.world) if wish.world else build(wish.seed, wish.orders)
        stage = await stack.enter_async_context(
            staged(seeded, folder, wish.faults, usual_ports=True, guests=wish.guests)
        )
        await stack.enter_async_context(worker_process(stage.settings, folder))
        console.print(f"Temporal UI: [link]{stage.temporal.ui_url}[/link]")
        await play(stage, console)
        # What the counterparts say happened, for whoever wants to audit the run.
        books = await stage.books()
        (folder / "books.json").write_text(json.dumps(books))
        summary = summarize(
            stage.rooms.store,
            {s.id: str(s.carrier) for s in stage.seeded.network.services},
            stage.seeded.start,
        )
        count = await stage.client.count("WorkflowType = 'OrderFulfillment'")
        document = summary.document(count, time.monotonic() - began)
        with stage.rooms.store.reading() as session:
            ledger = stock.books(session)
        document["guests"] = stage.parts()
        document["disagreements"] = wrong = disagreements(ledger, books)
        if wish.json_file is not None:
            wish.json_file.write_text(json.dumps(document, indent=2) + "\n")
        await _tell(stage, summary, document, console)
        for name, part in stage.parts().items():
            console.print(f"A real {name} server was {part}.")
        console.print(
            "\n".join(f"Ledger and warehouse differ: {each}" for each in wrong)
            or agreed(ledger, books)
        )
        if wish.stay:
            console.print("\nEverything stays up; Ctrl-C ends it.")
            await asyncio.Event().wait()
        return 1 if document["failed"] else 0


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
        submitting = asyncio.create_task(_submit_all(stage, progress, taken))

        def submitted() -> bool:
            return submitting.done() and submitting.result() is None

        def show(when: str) -> None:
            progress.update(placed, completed=stage.in_any(RESTING))
            progress.update(ended, completed=stage.in_any(FINAL), when=when)

        await pass_days(stage, submitted, show)


async def _submit_all(stage: Stage, progress: Progress, task: Any) -> None:
    gate = asyncio.Semaphore(8)

    async def one(number: int) -> None:
        order = stage.seeded.orders[number]
        async with gate:
            await stage.client.submit(order)
            progress.advance(task)
        if order.id in stage.seeded.regretted:
            await _change_mind(stage, order.id)

    await asyncio.gather(*(one(n) for n in range(len(stage.seeded.orders))))


async def _change_mind(stage: Stage, order_id: OrderId) -> None:
    ask = Cancel(operator="demo-customer", reason="ordered by mistake")
    try:
        await stage.client.cancel(order_id, ask)
    except (Refused, UnknownOrder):
        return  # too late is an answer, too


async def _tell(
    stage: Stage, summary: Summary, document: dict[str, Any], console: Console
) -> None:
    console.print(summary.table())
    console.print(summary.traffic.line())
    console.print_json(
        json.dumps({k: v for k, v in document.items() if k not in TOLD_APART})
    )
    for title, order_id in _worth_reading(stage).items():
        console.rule(f"{title}: {order_id}")
        console.print(Markdown(await stage.client.explain(order_id)))
        console.print(
            stage.temporal.workflow_url(order_workflow(order_id)), soft_wrap=True
        )
    waiting = stage.temporal.query_url('LwReview = "waiting"')
    console.print(f"\nWaiting for review: {waiting}", soft_wrap=True)


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
