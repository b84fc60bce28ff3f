"""What happened to customers, SKUs and lanes, kept so that order of arrival is moot.

- one row per subject and event id: the same event again is the same row
- two contents under one id: the one of the smaller (instant, digest) is kept
- rows are never read, changed and written back, except to settle a conflict
- whom it concerns is marked dirty in the same transaction
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, delete, func, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col

from domain.event import BusinessEvent, Ingested
from domain.history import (
    KEPT_HOWEVER_OLD,
    KEPT_PER_KIND,
    RETENTION,
    Entry,
    History,
)
from domain.quantities import Instant, SkuId
from domain.subject import Subject, SubjectKind, kind_of, name_of
from store import profiles, subjects, units
from store.batches import Content, Key, sort
from store.statements import chunks, insert
from store.tables import EventRow

# How far a sender's clock may be ahead of ours.
SKEW = timedelta(minutes=5)
ORDERED = "order_placed"

_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass
class _Effects:
    """What changes because of the rows that are new or replaced."""

    new: set[str] = field(default_factory=set)
    conflicting: set[str] = field(default_factory=set)
    dirt: dict[Subject, Instant] = field(default_factory=dict)
    units: dict[tuple[SkuId, date], int] = field(
        default_factory=lambda: defaultdict(int)
    )


def ingest(
    session: Session,
    events: Iterable[BusinessEvent],
    now: Instant,
    *,
    skew: timedelta = SKEW,
) -> Ingested:
    """Keep events, each once, and mark whom they concern.

    Whatever the order in which events arrive, however often, and however they
    are cut into batches, the same is kept in the end.

    Parameters
    ----------
    events
        At most some ten thousand at a time.
    now
        The business instant. Events later than this and ``skew`` are refused:
        they have not happened. Those of 400 days ago and before are kept, but
        named as refused: no window counts them.
    """
    batch = sort(events, now, skew)
    effects = _Effects(conflicting={k for k, d in batch.contents.items() if len(d) > 1})
    for keys in chunks(sorted(batch.rows)):
        _keep(session, {key: batch.rows[key] for key in keys}, now, effects)
    units.add(session, effects.units)
    # What is told of older instants is told for good.
    edge = now - RETENTION
    subjects.mark(session, {s: max(at, edge) for s, at in effects.dirt.items()})
    new = effects.new - batch.old
    others = sum(
        len(batch.contents[event]) - (event in effects.new)
        for event in effects.conflicting - batch.old
    )
    return Ingested(
        new=len(new),
        repeated=max(0, batch.came - len(new) - others),
        conflicting=tuple(sorted(effects.conflicting)),
        refused=tuple(batch.refused),
    )


def histories(
    session: Session, wanted: Iterable[Subject], now: Instant
) -> dict[Subject, History]:
    """Return what is remembered of each subject; one without events has none.

    Of each kind the events of the last 400 days and the 13 newest before those,
    and of all these the newest 4,096. Two queries, however many the subjects.
    """
    names = list(dict.fromkeys(wanted))
    found: dict[Subject, History] = {}
    for part in chunks(names):
        entries = _entries(session, part, now)
        first, last = _first_and_last(session, part)
        for name in part:
            found[name] = History(
                entries=tuple(entries.get(name, ())),
                first=first.get(name, {}),
                last=last.get(name, {}),
            )
    return found


def heard(session: Session, subject: Subject) -> tuple[tuple[str | None, Instant], ...]:
    """Return when a subject's newest event came in, for the two newest orders.

    Events of no order count as one. Whoever asks for an order may so leave out
    what that order told itself.
    """
    order, came = col(EventRow.order_id), func.max(EventRow.received_at)
    statement = (
        columns(order, came.label("came"))
        .where(col(EventRow.subject) == subject)
        .group_by(order)
        .order_by(came.desc(), order)
        .limit(2)
    )
    rows = session.connection().execute(statement)
    return tuple((order_id, at) for order_id, at in rows)


def listing(
    session: Session, subject: Subject, limit: int = 100
) -> tuple[tuple[Entry, Instant], ...]:
    """List a subject's events, newest first, each with when it was received."""
    at, event_id = col(EventRow.occurred_at), col(EventRow.event_id)
    statement = (
        columns(*_ENTRY, col(EventRow.received_at))
        .where(col(EventRow.subject) == subject)
        .order_by(at.desc(), event_id.desc())
        .limit(limit)
    )
    rows = session.connection().execute(statement)
    return tuple((_entry(row), row[-1]) for row in rows)


def prune(session: Session, now: Instant) -> int:
    """Forget events that count no longer, and return how many rows that were.

    Of each kind the 13 newest stay, and when the first and last happened.
    """
    horizon = now - RETENTION
    profiles.fold(session, horizon)
    key = (col(EventRow.subject), col(EventRow.event_id))
    old = (
        columns(*key, _newest().label("place"))
        .where(col(EventRow.occurred_at) <= horizon)
        .subquery()
    )
    past = columns(old.c.subject, old.c.event_id).where(old.c.place > KEPT_HOWEVER_OLD)
    statement = delete(EventRow).where(tuple_(*key).in_(past))
    units.prune(session, horizon.date())
    return session.connection().execute(statement).rowcount


def _keep(
    session: Session, rows: dict[Key, Content], now: Instant, effects: _Effects
) -> None:
    new = _insert_new(session, rows, now)
    effects.new.update(key.event_id for key in new)
    for key in new:
        _affect(effects, key, rows[key])
    for key, kept in _kept(session, [key for key in rows if key not in new]).items():
        content = rows[key]
        if content.digest == kept.digest:
            continue
        effects.conflicting.add(key.event_id)
        if content < kept:
            _replace(session, key, content)
            _affect(effects, key, kept, sign=-1)
            _affect(effects, key, content)


def _affect(effects: _Effects, key: Key, content: Content, *, sign: int = 1) -> None:
    at = content.occurred_at
    effects.dirt[key.subject] = min(effects.dirt.get(key.subject, at), at)
    if content.kind == ORDERED and kind_of(key.subject) is SubjectKind.SKU:
        cell = SkuId(name_of(key.subject)), at.date()
        effects.units[cell] += sign * (content.units or 0)


def _insert_new(
    session: Session, rows: Mapping[Key, Content], now: Instant
) -> set[Key]:
    documents = [
        {**key._asdict(), **content._asdict(), "received_at": now}
        for key, content in rows.items()
    ]
    statement = (
        insert(session, EventRow)
        .on_conflict_do_nothing()
        .returning(col(EventRow.subject), col(EventRow.event_id))
    )
    answer = session.connection().execute(statement, documents)
    return {Key(Subject(subject), event_id) for subject, event_id in answer}


def _kept(session: Session, keys: Sequence[Key]) -> dict[Key, Content]:
    """Read what is kept under keys, and let nobody change it meanwhile."""
    if not keys:
        return {}
    key = tuple_(col(EventRow.subject), col(EventRow.event_id))
    names = [name for name in Content._fields]
    statement = (
        columns(
            col(EventRow.subject),
            col(EventRow.event_id),
            *(getattr(EventRow, name) for name in names),
        )
        .where(key.in_([tuple(k) for k in keys]))
        .order_by(col(EventRow.subject), col(EventRow.event_id))
        .with_for_update()
    )
    rows = session.connection().execute(statement)
    return {Key(row[0], row[1]): Content(*row[2:]) for row in rows}


def _replace(session: Session, key: Key, content: Content) -> None:
    statement = (
        update(EventRow)
        .where(
            col(EventRow.subject) == key.subject,
            col(EventRow.event_id) == key.event_id,
        )
        .values(**content._asdict())
    )
    session.connection().execute(statement)


def _entries(
    session: Session, names: Sequence[Subject], now: Instant
) -> dict[Subject, list[Entry]]:
    subject, at = col(EventRow.subject), col(EventRow.occurred_at)
    horizon = now - RETENTION
    ranked = (
        columns(
            *_ENTRY,
            subject,
            _newest().label("place"),
            _newest(at <= horizon).label("place_in_age"),
        )
        .where(subject.in_(names))
        .subquery()
    )
    kept = ranked.c
    statement = (
        columns(ranked)
        .where(
            kept.place <= KEPT_PER_KIND,
            (kept.occurred_at > horizon) | (kept.place_in_age <= KEPT_HOWEVER_OLD),
        )
        .order_by(kept.subject, kept.occurred_at, kept.event_id)
    )
    found: dict[Subject, list[Entry]] = defaultdict(list)
    for row in session.connection().execute(statement):
        found[row.subject].append(_entry(row))
    return found


def _newest(*by: ColumnElement[Any]) -> ColumnElement[int]:
    """Return an event's place among those of its kind and subject, newest first."""
    return func.row_number().over(
        partition_by=(col(EventRow.subject), col(EventRow.kind), *by),
        order_by=(col(EventRow.occurred_at).desc(), col(EventRow.event_id).desc()),
    )


def _first_and_last(
    session: Session, names: Sequence[Subject]
) -> tuple[dict[str, dict[str, Instant]], dict[str, dict[str, Instant]]]:
    first: dict[str, dict[str, Instant]] = defaultdict(dict)
    last: dict[str, dict[str, Instant]] = defaultdict(dict)
    for (subject, kind), (begin, end) in profiles.ends(session, names).items():
        first[subject][kind] = begin
        last[subject][kind] = end
    return first, last


_ENTRY: tuple[Any, ...] = (
    col(EventRow.occurred_at),
    col(EventRow.event_id),
    col(EventRow.kind),
    col(EventRow.units),
    col(EventRow.value_cents),
    col(EventRow.labels),
    col(EventRow.order_id),
)


def _entry(row: Sequence[Any]) -> Entry:
    at, event_id, kind, count, value_cents, labels, order_id = row[:7]
    said = _NO_LABELS if labels == "{}" else MappingProxyType(json.loads(labels))
    return Entry(at, event_id, kind, count, value_cents, said, order_id)
