"""Outages, disruptions, campaigns and peaks, declared or detected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from domain.condition import Condition, ConditionSource
from domain.quantities import Instant
from store.statements import upsert
from store.tables import ConditionRow

NOW_ONLY = timedelta(0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the detected conditions; ``changed`` are before and after."""

    began: tuple[Condition, ...] = ()
    changed: tuple[tuple[Condition, Condition], ...] = ()
    withdrawn: tuple[Condition, ...] = ()

    def conditions(self) -> tuple[Condition, ...]:
        """Return every condition that holds otherwise than before."""
        both = tuple(condition for pair in self.changed for condition in pair)
        return (*self.began, *both, *self.withdrawn)


def declare(session: Session, condition: Condition, now: Instant) -> Condition | None:
    """Keep a condition; under an id already known it is a new version of that.

    Returns
    -------
    Condition or None
        What it replaces, None where nothing in force or announced did.
    """
    before = get(session, condition.id)
    _keep(session, [condition], None)
    return before if before is not None and _ahead(before, now) else None


def withdraw(session: Session, id: str, now: Instant) -> Condition | None:
    """End a condition now; None where none of that id is in force or announced."""
    condition = get(session, id)
    if condition is None or not _ahead(condition, now):
        return None
    _keep(session, [condition], now)
    return condition


def reconcile(session: Session, detected: Iterable[Condition], now: Instant) -> Changes:
    """Take over the full set of detected conditions; the others of them end.

    What a person declared stays, also under the id of a detected one.
    """
    found = {condition.id: condition for condition in detected}
    before = {
        condition.id: condition
        for condition in listing(session, now)
        if condition.source is ConditionSource.DETECTED
    }
    declared = {c.id for c in listing(session, now)} - set(before)
    news = {
        id: condition
        for id, condition in found.items()
        if id not in declared and before.get(id) != condition
    }
    gone = [before[id] for id in sorted(set(before) - set(found))]
    _keep(session, list(news.values()), None)
    _keep(session, gone, now)
    return Changes(
        began=tuple(c for id, c in news.items() if id not in before),
        changed=tuple((before[id], c) for id, c in news.items() if id in before),
        withdrawn=tuple(gone),
    )


def get(session: Session, id: str) -> Condition | None:
    """Return the condition of that id that was not withdrawn."""
    statement = select(ConditionRow.document).where(
        col(ConditionRow.id) == id, col(ConditionRow.withdrawn_at).is_(None)
    )
    document = session.exec(statement).first()
    return None if document is None else Condition.model_validate_json(document)


def in_force(
    session: Session, now: Instant, within: timedelta = NOW_ONLY
) -> tuple[Condition, ...]:
    """List what holds now, or begins within some time, by id."""
    return _listed(session, now, ConditionRow.valid_from <= now + within)


def listing(session: Session, now: Instant) -> tuple[Condition, ...]:
    """List what holds or is announced, by id."""
    return _listed(session, now)


def _listed(
    session: Session, now: Instant, *only: ColumnElement[bool] | bool
) -> tuple[Condition, ...]:
    until = col(ConditionRow.valid_until)
    statement = (
        select(ConditionRow.document)
        .where(
            col(ConditionRow.withdrawn_at).is_(None),
            or_(until.is_(None), until > now),
            *only,
        )
        .order_by(col(ConditionRow.id))
    )
    documents = session.exec(statement)
    return tuple(Condition.model_validate_json(document) for document in documents)


def _keep(
    session: Session, conditions: list[Condition], withdrawn_at: Instant | None
) -> None:
    rows = [
        {
            "id": condition.id,
            "kind": condition.kind.value,
            "valid_from": condition.valid_from,
            "valid_until": condition.valid_until,
            "withdrawn_at": withdrawn_at,
            "document": condition.model_dump_json(),
        }
        for condition in conditions
    ]
    upsert(session, ConditionRow, ("id",), rows)


def _ahead(condition: Condition, now: Instant) -> bool:
    return condition.valid_until is None or condition.valid_until > now
