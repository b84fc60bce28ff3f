"""``lanewise orders …``: orders from shops, and what the shops are told."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from domain.errors import ConnectorError
from lanewise import wiring
from lanewise.cli.console import Exit, emit, err, fail, run
from lanewise.client import Lanewise
from lanewise.people import Pseudonyms
from lanewise.pulling import Pulled, Pulling
from lanewise.settings import Settings

app = typer.Typer(no_args_is_help=True)
MOST_SHOWN = 20


@app.callback()
def main() -> None:
    """Take orders from the sources the connections file names."""


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="The connection's name.")],
    every_s: Annotated[
        float,
        typer.Option("--every", min=0, help="Again after so many seconds; 0: once."),
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Submit what is new in a shop, and tell it what left."""
    pulled = run(_pull(name, every_s, as_json=as_json))
    if pulled is None:
        fail(f"{name}: the source did not answer", Exit.UNREACHABLE)
    raise typer.Exit(Exit.PARTLY if pulled.problems else Exit.DONE)


async def _pull(name: str, every_s: float, *, as_json: bool) -> Pulled | None:
    settings = Settings()
    async with wiring.rooms(settings) as opened:
        opened.store.migrate()
        source = opened.registry.orders.get(name)
        if source is None:
            known = ", ".join(sorted(opened.registry.orders)) or "none"
            fail(f"{name}: no such order source; there are: {known}", Exit.UNKNOWN)
        people = Pseudonyms(opened.store)
        temporal = await wiring.temporal(settings)
        client = Lanewise(temporal, settings.task_queue, people)
        pulling = Pulling(name, source, client, opened.store, wiring.real_time)
        while True:
            pulled = await _once(pulling, name, as_json=as_json)
            if not every_s:
                return pulled
            await asyncio.sleep(every_s)


async def _once(pulling: Pulling, name: str, *, as_json: bool) -> Pulled | None:
    try:
        pulled = await pulling.pull()
    except ConnectorError as error:
        err.print(f"[yellow]{name}: {escape(str(error))}[/yellow]", soft_wrap=True)
        return None
    if as_json:
        emit(asdict(pulled))
    else:
        show(name, pulled)
    return pulled


def show(name: str, pulled: Pulled) -> None:
    """Tell in one line what came in, and in one each what did not."""
    err.print(
        f"{name}: {pulled.new} new, {pulled.already} known, "
        f"{pulled.cancelled} cancelled, {pulled.waiting} on hold, "
        f"{pulled.told} shipments told, {len(pulled.problems)} problems"
    )
    for problem in pulled.problems[:MOST_SHOWN]:
        err.print(f"  {escape(problem)}", highlight=False, soft_wrap=True)
    if len(pulled.problems) > MOST_SHOWN:
        err.print(f"  … and {len(pulled.problems) - MOST_SHOWN} more")
