"""How orders come in from files: submitted for good, or only evaluated."""

import asyncio
import sys
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from domain.errors import OrderRefused
from domain.order import Order
from lanewise import wiring
from lanewise.cli.console import Exit, emit, err, run
from lanewise.client import Accepted, Lanewise
from lanewise.importers.mapping import load_mapping
from lanewise.importers.orders import read_orders
from lanewise.importers.reject import Reject, write_rejects
from lanewise.people import Pseudonyms
from lanewise.settings import Settings
from store import network as network_store
from store.engine import Store
from store.people import Forgotten

AT_ONCE = 16

Sources = Annotated[
    list[Path],
    typer.Argument(
        help="JSONL or CSV files, or a folder the mapping knows; - is stdin."
    ),
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="How foreign columns become fields.")
]
SkusMapping = Annotated[
    Path | None, typer.Option(help="How foreign columns of the SKU file become fields.")
]
RejectsFile = Annotated[
    Path, typer.Option("--rejects", help="Where rejected rows are written.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(submit)


@dataclass
class Tally:
    """What became of the orders read."""

    new: int = 0
    already: int = 0
    rejects: list[Reject] = field(default_factory=list)


def submit(
    sources: Sources,
    mapping: MappingFile = None,
    rejects: RejectsFile = Path("rejects.jsonl"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Submit orders from files; what was submitted before is not submitted again."""
    settings = Settings()
    store = Store(settings.database_url.get_secret_value())
    store.migrate()
    with store.reading() as session:
        known = frozenset(network_store.skus(session))
    people = Pseudonyms(store)
    items = read_files(sources, mapping, known)
    tally = run(_submit(settings, people, items, str(sources[0])))
    store.close()
    write_rejects(rejects, tally.rejects)
    if as_json:
        emit(
            {
                "submitted": tally.new,
                "already_known": tally.already,
                "rejected": len(tally.rejects),
                "rejects_file": str(rejects),
            }
        )
    else:
        err.print(
            f"{tally.new} submitted, {tally.already} known before, "
            f"{len(tally.rejects)} rejected"
            + (f" (see {rejects})" if tally.rejects else "")
        )
    raise typer.Exit(Exit.PARTLY if tally.rejects else Exit.DONE)


def read_files(
    sources: list[Path], mapping: Path | None, known: Container[str] | None
) -> Iterator[Order | Reject]:
    """Read orders from files in turn, or from standard input for ``-``."""
    columns = load_mapping(mapping) if mapping else None
    for source in sources:
        origin = sys.stdin.buffer if str(source) == "-" else source
        yield from read_orders(origin, columns, known_skus=known)


async def _submit(
    settings: Settings,
    people: Pseudonyms,
    items: Iterable[Order | Reject],
    file: str,
) -> Tally:
    client = Lanewise(await wiring.temporal(settings), settings.task_queue, people)
    tally = Tally()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(order: Order) -> None:
        try:
            accepted = (await client.submit(order)).accepted
        except OrderRefused as refusal:
            tally.rejects.append(_refused(file, order, refusal))
        else:
            tally.new += accepted is Accepted.NEW
            tally.already += accepted is Accepted.ALREADY
        finally:
            gate.release()

    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=err,
    ) as progress:
        task = progress.add_task("reading")
        async with asyncio.TaskGroup() as group:
            for item in items:
                if isinstance(item, Reject):
                    tally.rejects.append(item)
                    continue
                await gate.acquire()
                group.create_task(one(item))
                progress.update(task, description=f"{tally.new + tally.already} in")
    return tally


def _refused(file: str, order: Order, refusal: OrderRefused) -> Reject:
    if isinstance(refusal, Forgotten):
        return Reject(
            file=file,
            row=0,
            field="customer_id",
            value=order.customer_id,
            problem=str(refusal),
            remedy="submit the order with your own id of the customer",
        )
    return Reject(
        file=file,
        row=0,
        field="id",
        value=order.id,
        problem=str(refusal),
        remedy="give the changed order an id of its own, or cancel the accepted one",
    )
