"""``lanewise x12 …``: partners' files looked at, and what they left unanswered."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from connectors.connection import settings_of
from connectors.x12.defects import Severity, worst
from connectors.x12.examine import examine as examined
from connectors.x12.partner import Partner
from connectors.x12.reading import Terms
from connectors.x12.settings import X12Settings
from lanewise import wiring
from lanewise.cli.console import Exit, emit, fail, out
from lanewise.connections import configured
from lanewise.settings import Settings

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def main() -> None:
    """Look at X12 files, and at documents that partners did not acknowledge."""


@app.command()
def examine(
    file: Annotated[Path, typer.Argument(help="An X12 file, as it came.")],
    zone: Annotated[str, typer.Option(help="Time zone of its local times.")] = "UTC",
    as_json: Json = False,
) -> None:
    """List everything that is wrong with a file; nothing is acted on."""
    terms = Terms(zone=ZoneInfo(zone), now=datetime.now(UTC))
    try:
        with file.open("rb") as stream:
            defects = tuple(examined(stream, terms))
    except OSError as error:
        fail(f"{file}: {error.strerror}", Exit.USAGE)
    if as_json:
        emit([asdict(each) | {"severity": each.severity.name} for each in defects])
    else:
        for each in defects:
            out.print(escape(str(each)), highlight=False, soft_wrap=True)
        out.print(f"{len(defects)} defects")
    if worst(defects) >= Severity.REJECTED:
        raise typer.Exit(Exit.REFUSED)


@app.command()
def unanswered(
    name: Annotated[str, typer.Argument(help="The connection's name.")],
    as_json: Json = False,
) -> None:
    """List documents of ours that a partner has not acknowledged in time."""
    connection = next((c for c in configured(Settings()) if c.name == name), None)
    if connection is None or connection.provider != "x12":
        fail(f"{name}: no X12 connection of that name", Exit.UNKNOWN)
    partner = Partner.of(settings_of(X12Settings, connection), wiring.real_time)
    waiting = partner.outbox.unacknowledged(wiring.real_time())
    if as_json:
        emit([asdict(each) for each in waiting])
        return
    table = Table("document", "reference", "control number", "left")
    for each in waiting:
        left = f"{each.at:%Y-%m-%d %H:%M}"
        table.add_row(each.set_id, each.reference, str(each.control), left)
    out.print(table)
