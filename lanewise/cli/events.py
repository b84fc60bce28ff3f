"""``lanewise events …``: what happened, and what followed from it."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlmodel import Session

from domain.event import BusinessEvent, Ingested
from domain.quantities import CustomerId
from domain.segment import MembershipChange
from domain.subject import Subject, SubjectKind, kind_of, name_of, of_customer
from lanewise import wiring
from lanewise.cli.console import Exit, emit, err, fail, out, run
from lanewise.cli.opening import keeper_woken
from lanewise.importers.mapping import load_mapping
from lanewise.importers.records import read_records
from lanewise.importers.reject import Reject, write_rejects
from lanewise.people import Pseudonyms, events_in
from lanewise.settings import Settings
from segmentation.event_kinds import KNOWN
from segmentation.schema import nearest
from store import changes, events, segments
from store.engine import Store

app = typer.Typer(no_args_is_help=True)

AT_ONCE = 5_000
SHOWN = 20

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]


@app.command()
def ingest(
    file: Annotated[
        Path, typer.Argument(help="A JSONL file, a CSV file with header, or -.")
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="How foreign columns become fields.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Keep nothing if any line is wrong.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where wrong lines are written.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep events from a file, each once, however often the file is read."""
    settings = Settings()
    columns = load_mapping(mapping) if mapping else None
    origin = sys.stdin.buffer if str(file) == "-" else file
    wrong: list[Reject] = []
    kinds: Counter[str] = Counter()
    good = _good(read_records(origin, columns, BusinessEvent), wrong, kinds)
    if strict:
        good = iter(list(good))
    kept, nothing = Ingested(), strict and bool(wrong)
    if not nothing:
        kept = run(_keep(settings, good))
    odd = Counter[str]() if nothing else _uncounted(settings, kinds)
    awake = run(keeper_woken()) if kept.new or kept.conflicting else True
    if rejects is not None:
        write_rejects(rejects, wrong)
    if as_json:
        more = {"uncounted_kinds": dict(odd), "keeper_reached": awake}
        emit(_summary(kept, wrong) | more)
    else:
        _say(kept, wrong, awake=awake, nothing=nothing)
        _say_uncounted(odd)
    refused = wrong or kept.refused or kept.conflicting
    raise typer.Exit(Exit.PARTLY if refused else Exit.DONE)


@app.command("list")
def list_events(
    subject: Annotated[
        str, typer.Argument(help="customer/ID, sku/ID or lane/CENTER/SERVICE.")
    ],
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List what happened to a customer or a SKU, or on a lane, newest first."""
    store, name = _asked(subject)
    with store.reading() as session:
        listed = events.listing(session, name, limit)
    store.close()
    rows = [
        {
            "occurred_at": entry.at.isoformat(),
            "kind": entry.kind,
            "id": entry.event_id,
            "units": entry.units,
            "value_cents": entry.value_cents,
            "labels": dict(entry.labels),
            "order_id": entry.order_id,
            "received_at": received_at.isoformat(),
        }
        for entry, received_at in listed
    ]
    if as_json:
        emit({"subject": name, "events": rows})
        return
    table = Table(title=f"{len(rows)} events of {name}")
    for column in ("occurred", "kind", "id", "units", "cents", "labels"):
        table.add_column(column, overflow="fold")
    for entry, _ in listed:
        table.add_row(
            f"{entry.at:%Y-%m-%d %H:%M:%S}Z",
            entry.kind,
            entry.event_id,
            _text(entry.units),
            _text(entry.value_cents),
            ", ".join(f"{name}={word}" for name, word in sorted(entry.labels.items())),
        )
    out.print(table)


@app.command("changes")
def list_changes(
    subject: Annotated[
        str | None, typer.Argument(help="Of this customer, SKU or lane only.")
    ] = None,
    hours: Annotated[
        int | None, typer.Option(min=1, help="Of the last so many hours only.")
    ] = None,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List who entered and left which segment, to the second, newest first."""
    store, name = _asked(subject)
    since = datetime.now(UTC) - timedelta(hours=hours) if hours else None
    with store.reading() as session:
        said = changes.log(session, name or None, since=since, limit=limit)
    store.close()
    if as_json:
        emit({"changes": list(said)})
        return
    table = Table(title=f"{len(said)} changes")
    for column in ("at", "subject", "what", "segment", "version", "evidence"):
        table.add_column(column, overflow="fold")
    for change in said:
        table.add_row(*_row(change))
    out.print(table)


def _good(
    read: Iterable[BusinessEvent | Reject],
    wrong: list[Reject],
    kinds: Counter[str],
) -> Iterator[BusinessEvent]:
    for item in read:
        if isinstance(item, Reject):
            wrong.append(item)
        else:
            kinds[item.kind] += 1
            yield item


def _uncounted(settings: Settings, kinds: Counter[str]) -> Counter[str]:
    """Return how often there were kinds that no rule in force could count."""
    if kinds.keys() <= KNOWN.keys():
        return Counter()
    store = Store(settings.database_url.get_secret_value())
    with store.reading() as session:
        rules = segments.active(session)
    store.close()
    declared = rules.events.keys() if rules is not None else frozenset()
    odd = kinds.keys() - KNOWN.keys() - declared
    return Counter({kind: kinds[kind] for kind in sorted(odd)})


def _say_uncounted(odd: Counter[str]) -> None:
    for kind, times in list(odd.items())[:SHOWN]:
        near = nearest(kind, KNOWN)
        hint = f"did you mean {near!r}?" if near else "declare it under 'events'"
        said = f"{times} of kind {kind!r}, which no rule in force can count ({hint})"
        err.print(said, markup=False, highlight=False, soft_wrap=True)


async def _keep(settings: Settings, good: Iterator[BusinessEvent]) -> Ingested:
    kept = Ingested()
    async with wiring.rooms(settings) as opened:
        opened.store.migrate()
        while batch := tuple(islice(good, AT_ONCE)):
            now = await opened.clock.now()
            kept += opened.store.write(partial(_ingest, batch, now))
    return kept


def _ingest(
    batch: tuple[BusinessEvent, ...], now: datetime, session: Session
) -> Ingested:
    # In one transaction: nobody is erased between name and event.
    return events.ingest(session, events_in(session, batch, now), now)


def _summary(kept: Ingested, wrong: list[Reject]) -> dict[str, object]:
    return {
        "new": kept.new,
        "repeated": kept.repeated,
        "conflicting": list(kept.conflicting),
        "refused": [{"id": event, "why": why} for event, why in kept.refused],
        "rejected": [reject.model_dump() for reject in wrong],
    }


def _say(kept: Ingested, wrong: list[Reject], *, awake: bool, nothing: bool) -> None:
    for reject in wrong[:SHOWN]:
        err.print(str(reject), markup=False, highlight=False, soft_wrap=True)
    for event, why in kept.refused[:SHOWN]:
        err.print(f"{event}: {why}", markup=False, highlight=False, soft_wrap=True)
    for event in kept.conflicting[:SHOWN]:
        said = "sent with two contents; the earlier one (by instant) is kept"
        err.print(f"{event}: {said}", markup=False, highlight=False, soft_wrap=True)
    more = sum(max(0, len(x) - SHOWN) for x in (wrong, kept.refused, kept.conflicting))
    if more:
        err.print(f"and {more} more (see --json or --rejects)")
    err.print(
        f"{kept.new} new, {kept.repeated} repeated, {len(kept.conflicting)} "
        f"conflicting, {len(kept.refused)} refused, {len(wrong)} lines rejected"
    )
    if nothing:
        err.print("Nothing was kept (--strict).")
    if not awake:
        err.print("Temporal is not reached: they are counted when a worker runs.")


def _asked(subject: str | None) -> tuple[Store, Subject]:
    """Open the store, and say whom the words mean, by pseudonym or own id."""
    store = Store(Settings().database_url.get_secret_value())
    store.migrate()
    if subject is None:
        return store, Subject("")
    kinds = [kind.value for kind in SubjectKind]
    kind, slash, name = subject.partition("/")
    if kind not in kinds or not slash or not name:
        said = ", ".join(f"{kind}/ID" for kind in kinds)
        fail(f"subject: {subject!r} is none; give one of {said}", Exit.USAGE)
    found = Subject(subject)
    if kind_of(found) is SubjectKind.CUSTOMER:
        alias = Pseudonyms(store).find(CustomerId(name_of(found)))
        return store, found if alias is None else of_customer(alias.pseudonym)
    return store, found


def _row(change: MembershipChange) -> tuple[str, ...]:
    return (
        f"{change.at:%Y-%m-%d %H:%M:%S}Z",
        change.subject,
        "entered" if change.entered else "left",
        change.segment,
        change.version,
        "; ".join(change.evidence),
    )


def _text(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
