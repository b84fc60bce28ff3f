"""``lanewise hazards …``: the alerts orders are planned around."""

import json
import sys
from collections import Counter
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from connectors.alerts import Reading
from connectors.cap import mapping as cap
from connectors.nws import mapping as nws
from domain.errors import ContractViolation
from domain.hazard import Hazard
from lanewise.cli.console import Exit, emit, err, fail, out, run
from lanewise.cli.opening import business_now, opened_store
from lanewise.cli.times import instant
from lanewise.news import Loaded, load, pass_on
from store import hazards as hazard_store
from store.hazards import Listed

app = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
At = Annotated[
    datetime | None,
    typer.Option(parser=instant, metavar="INSTANT", help="As of then, not as of now."),
]
MOST_SHOWN = 20


class Format(StrEnum):
    """How a file says its alerts."""

    AUTO = "auto"
    NWS = "nws"
    CAP = "cap"


@app.callback()
def hazards() -> None:
    """Bring alerts in from files, and list them."""


@app.command("load")
def load_file(
    file: Annotated[
        Path, typer.Argument(allow_dash=True, help="A feed as it came; - is stdin.")
    ],
    format: Annotated[
        Format,
        typer.Option(help="GeoJSON of the US weather service, or CAP as XML."),
    ] = Format.AUTO,
    feed: Annotated[
        str, typer.Option(help="Whose alerts these are (default: the format).")
    ] = "",
    at: At = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; keep nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take over a feed's full list of alerts and tell the orders it concerns."""
    data = _bytes(file)
    if format is Format.AUTO:
        format = Format.NWS if data.lstrip()[:1] in (b"{", b"[") else Format.CAP
    with opened_store() as store:
        now = at or business_now()
        try:
            reading = _read(data, format, now)
        except ContractViolation as error:
            fail(f"{file}: {error}; nothing is changed", Exit.REFUSED)
        loaded = load(store, feed or format.value, reading, now, keep=not dry_run)
        told = None if dry_run else run(pass_on(store, loaded.news))
    summary = _summary(reading, loaded, told, dry_run=dry_run)
    if as_json:
        emit(summary)
    else:
        _say(reading, loaded, summary)
    if reading.problems or (told is None and loaded.news.orders and not dry_run):
        raise typer.Exit(Exit.PARTLY)


@app.command("list")
def list_hazards(at: At = None, as_json: Json = False) -> None:
    """List the alerts in force and announced, those without a place included."""
    with opened_store() as store:
        now = at or business_now()
        with store.reading() as session:
            listed = hazard_store.listing(session, now)
    if as_json:
        emit({"as_of": now, "hazards": [_document(one, now) for one in listed]})
        return
    table = Table(title=f"Alerts at {now:%Y-%m-%d %H:%M} UTC")
    for column in ("feed", "kind", "severity", "from (UTC)", "until (UTC)", "where"):
        table.add_column(column)
    table.add_column("headline", overflow="fold")
    for one in listed:
        hazard = one.hazard
        table.add_row(
            one.feed,
            hazard.kind,
            hazard.severity.value,
            f"{hazard.valid_from:%m-%d %H:%M}",
            f"{hazard.valid_until:%m-%d %H:%M}",
            where(hazard),
            escape(hazard.headline),
        )
    out.print(table)


def located_by(hazard: Hazard) -> str:
    """Say by what a hazard is located: geometry, zones, or not at all."""
    if hazard.has_geometry:
        return "geometry"
    return "zones" if hazard.located else "unlocated"


def where(hazard: Hazard) -> str:
    """Say in a few words where a hazard is."""
    shapes = len(hazard.polygons) + len(hazard.circles) + (hazard.circle is not None)
    if shapes:
        return f"{shapes} area{'s' * (shapes > 1)} on the map"
    said = [*hazard.regions, *hazard.postal_prefixes]
    if said:
        more = f" and {len(said) - 4} more" if len(said) > 4 else ""
        return f"{hazard.country} {', '.join(said[:4])}{more}"
    return f"unlocated ({', '.join(hazard.zones[:3]) or 'no area given'})"


def _read(data: bytes, format: Format, now: datetime) -> Reading:
    if format is Format.CAP:
        return cap.hazards(data, now)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"this is not JSON: {error}"
        raise ContractViolation(msg) from None
    return nws.hazards(document, now)


def _summary(
    reading: Reading, loaded: Loaded, told: int | None, *, dry_run: bool
) -> dict[str, Any]:
    count = Counter(located_by(hazard) for hazard in loaded.hazards)
    changes = loaded.changes
    return {
        "alerts": len(loaded.hazards),
        "located_by_geometry": count["geometry"],
        "located_by_zones": count["zones"],
        "unlocated": count["unlocated"],
        "left_out": list(reading.left_out),
        "problems": list(reading.problems),
        "began": len(changes.began),
        "changed": len(changes.changed),
        "withdrawn": len(changes.withdrawn),
        "orders_concerned": len(loaded.news.orders),
        "orders_told": told,
        "dry_run": dry_run,
    }


def _say(reading: Reading, loaded: Loaded, said: dict[str, Any]) -> None:
    out.print(
        f"{said['alerts']} alert{'s' * (said['alerts'] != 1)}: "
        f"{said['located_by_geometry']} located by geometry, "
        f"{said['located_by_zones']} by zones, {said['unlocated']} unlocated; "
        f"{len(reading.left_out)} left out"
    )
    out.print(
        f"{said['began']} began, {said['changed']} changed, "
        f"{said['withdrawn']} withdrawn; {said['orders_concerned']} open orders "
        f"concerned" + (" (nothing is kept)" if said["dry_run"] else "")
    )
    for why in reading.left_out[:MOST_SHOWN]:
        out.print(f"  left out: {escape(why)}", soft_wrap=True)
    for hazard in [h for h in loaded.hazards if not h.located][:MOST_SHOWN]:
        out.print(f"  {escape(hazard.id)}: {escape(where(hazard))}", soft_wrap=True)
    for problem in reading.problems[:MOST_SHOWN]:
        err.print(f"[yellow]{escape(problem)}[/yellow]", soft_wrap=True)
    if len(reading.problems) > MOST_SHOWN:
        err.print(f"… {len(reading.problems) - MOST_SHOWN} more problems")
    say_told(said["orders_concerned"], said["orders_told"], dry_run=said["dry_run"])


def say_told(concerned: int, told: int | None, *, dry_run: bool = False) -> None:
    """Say how many of the orders concerned heard of it."""
    if told is None and concerned and not dry_run:
        err.print(
            "[yellow]Temporal is not reached: the next worker that looks "
            "tells the orders[/yellow]"
        )
    elif told:
        out.print(f"{told} orders told")


def _document(one: Listed, now: datetime) -> dict[str, Any]:
    hazard = one.hazard
    return {
        "feed": one.feed,
        "in_force": hazard.active(now),
        "located_by": located_by(hazard),
        **hazard.model_dump(mode="json"),
    }


def _bytes(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", Exit.USAGE)
