"""What a person asks of labels as a whole: which were bought twice."""

from typing import Annotated

import typer
from rich.table import Table

from lanewise.cli.console import emit, out
from lanewise.cli.opening import opened_store
from store import doubles as kept
from store.doubles import SETTLED

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, help="At most this many.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(doubles)


def doubles(
    every: Annotated[
        bool, typer.Option("--all", help="Also those nothing is owed for.")
    ] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Show labels bought twice that may cost money; `lanewise reconcile` asks again."""
    with opened_store() as store, store.reading() as session:
        counts = kept.counts(session)
        listed = (kept.listing if every else kept.owed)(session, limit)
    if as_json:
        labels = [double.model_dump(mode="json") for double in listed]
        emit({**counts.model_dump(), "labels": labels})
        return
    words = f"{counts.found} found, {counts.voided} voided, {counts.owed} owed"
    if not listed:
        out.print(f"No double label is owed ({words}).")
        return
    table = Table(title=f"Labels bought twice: {words}")
    for name in ("reference", "carrier", "booking", "what became of it", "found (UTC)"):
        table.add_column(name, overflow="fold")
    for double in listed:
        owed = "" if double.outcome in SETTLED else " (owed)"
        table.add_row(
            double.reference,
            double.carrier,
            double.booking_id,
            double.outcome.value + owed,
            f"{double.found_at:%Y-%m-%d %H:%M}",
        )
    out.print(table)
