"""What a person asks of decisions as a whole: what is scarce, what was wrong."""

from typing import Annotated

import typer
from rich.table import Table

from domain.scarcity import Scarce
from lanewise import wiring
from lanewise.cli.console import emit, out, run
from lanewise.cli.opening import opened_store
from lanewise.scarcity import cents, priced, scarce_now
from lanewise.settings import Settings
from store import verified
from workflows.desk import dollars

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, help="At most this many.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (prices, violations):
        app.command()(command)


def prices(limit: Limit = 50, as_json: Json = False) -> None:
    """Show what is scarce now, and what one more of it is worth."""

    async def work() -> tuple[Scarce, ...]:
        async with wiring.rooms(Settings()) as rooms:
            rooms.store.migrate()
            return await scarce_now(rooms)

    found = run(work())[:limit]
    if as_json:
        emit([priced(scarce) for scarce in found])
        return
    if not found:
        out.print("Nothing is scarce: no recent orders wanted the same things.")
        return
    table = Table(title="What is scarce now")
    for name in ("one more", "is worth", "found (UTC)"):
        table.add_column(name)
    for scarce in found:
        table.add_row(
            scarce.words, dollars(cents(scarce)), f"{scarce.found_at:%Y-%m-%d %H:%M}"
        )
    out.print(table)


def violations(limit: Limit = 50, as_json: Json = False) -> None:
    """Show what the verifier found wrong with decided plans, newest first."""
    with opened_store() as store, store.reading() as session:
        found = verified.latest(session, limit)
    if as_json:
        emit([each.model_dump(mode="json") for each in found])
        return
    if not found:
        out.print("No violation was found.")
        return
    table = Table(title="What was wrong with decided plans")
    for name in ("order", "rule", "figures", "found (UTC)"):
        table.add_column(name, overflow="fold")
    for each in found:
        table.add_row(
            each.order_id or "the batch",
            each.rule,
            each.detail,
            f"{each.found_at:%Y-%m-%d %H:%M}",
        )
    out.print(table)
