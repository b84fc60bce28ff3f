"""What a person asks of labels as a whole: which were bought twice, a day's form."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from domain.quantities import CarrierId, FcId
from lanewise import closing, wiring
from lanewise.cli.console import Exit, emit, fail, out, run
from lanewise.cli.opening import opened_store
from lanewise.closing import Closed
from lanewise.settings import Settings
from store import doubles as kept
from store.doubles import SETTLED

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, help="At most this many.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (doubles, close_out):
        app.command()(command)


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


def close_out(
    day: Annotated[
        str, typer.Option(help="Day of collection, as 2026-03-02; today if left out.")
    ] = "",
    fc: Annotated[list[str] | None, typer.Option(help="Only this center.")] = None,
    carrier: Annotated[
        list[str] | None, typer.Option(help="Only this carrier.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what is to be closed.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Write the forms made now into this folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Close a day: one form per carrier and center for all it collects.

    Run again, it tells the forms there are, and makes one for labels that came
    since. It leaves with code 1 where a carrier could not be closed.
    """
    on = _day(day)
    centers = [FcId(name) for name in fc or ()]
    carriers = [CarrierId(name) for name in carrier or ()]

    async def work() -> list[Closed]:
        async with wiring.rooms(Settings()) as rooms:
            rooms.store.migrate()
            due = await closing.due_on(rooms, on, centers, carriers)
            if dry_run:
                return [Closed(one, waiting=one.bookings) for one in due]
            return [await closing.close(rooms, one) for one in due]

    days = run(work())
    if save is not None:
        _save(days, save)
    if as_json:
        emit([_told(closed) for closed in days])
    else:
        _print(days)
    if any(closed.failed for closed in days):
        raise typer.Exit(Exit.PARTLY)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(f"--day: {text!r} is no day; write it as 2026-03-02", Exit.USAGE)


def _save(days: list[Closed], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for closed in days:
        for number, form in enumerate(closed.forms, 1):
            if form.document is not None:
                name = closing.picture_name(closed.due, number, form.document)
                (folder / name).write_bytes(form.document.content)


def _told(closed: Closed) -> dict[str, Any]:
    due = closed.due
    return {
        "day": due.day.isoformat(),
        "fc": due.fc,
        "carrier": due.carrier,
        "labels": len(due.bookings),
        "forms": [
            form.model_dump(mode="json", exclude={"document", "raw"})
            for form in closed.forms
        ],
        "made": [form.id for form in closed.made],
        "waiting": closed.waiting,
        "failed": closed.failed,
    }


def _print(days: list[Closed]) -> None:
    if not days:
        out.print("No label is collected on that day.")
        return
    table = Table(title="Days closed")
    for name in ("day", "center", "carrier", "labels", "forms", "to be looked at"):
        table.add_column(name, overflow="fold")
    for closed in days:
        due = closed.due
        forms = [
            form.id
            + (" (new)" if form in closed.made else "")
            + (" (still being made)" if form.pending else "")
            for form in closed.forms
        ]
        left_out = [
            f"{booking} left out: {why}"
            for form in closed.forms
            for booking, why in form.left_out.items()
        ]
        waiting = [f"{len(closed.waiting)} on no form"] if closed.waiting else []
        table.add_row(
            due.day.isoformat(),
            due.fc,
            due.carrier,
            str(len(due.bookings)),
            ", ".join(forms) or ("" if closed.waiting else "it takes none"),
            "; ".join([*filter(None, [closed.failed]), *waiting, *left_out]),
        )
    out.print(table)
