"""Facts received from counterparts, kept until they were passed on.

A fact is known by its connection and event id, so that a repeated delivery is
one fact. Facts of one subject are passed on in the order of their sequence.
"""

from datetime import timedelta

from sqlalchemy import delete, func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from domain.quantities import Instant, Value
from store.statements import chunks, insert_new
from store.tables import InboxRow


class InboxItem(Value):
    """One fact, as received."""

    id: int
    connection: str
    subject: str
    event_id: str
    sequence: int
    body: str
    received_at: Instant


def take(
    session: Session,
    connection: str,
    subject: str,
    event_id: str,
    sequence: int,
    body: str,
    now: Instant,
) -> bool:
    """Keep a fact; False when this connection delivered it before."""
    row = {
        "connection": connection,
        "event_id": event_id,
        "subject": subject,
        "sequence": sequence,
        "body": body,
        "received_at": now,
        "done_at": None,
    }
    return insert_new(session, InboxRow, [row]) > 0


def ready(
    session: Session,
    now: Instant,
    grace: timedelta,
    subject: str | None = None,
) -> tuple[InboxItem, ...]:
    """List what may be passed on, oldest subject first, in sequence within each.

    An item waits for those before it: sequences of a subject begin at 0 or 1
    and have no gaps. It waits no longer than ``grace``; what comes after that,
    late, is passed on at once.
    """
    statement = select(InboxRow).where(col(InboxRow.done_at).is_(None))
    if subject is not None:
        statement = statement.where(InboxRow.subject == subject)
    statement = statement.order_by(col(InboxRow.id))
    waiting: dict[str, list[InboxItem]] = {}
    for row in session.exec(statement):
        item = InboxItem.model_validate(row.model_dump())
        waiting.setdefault(item.subject, []).append(item)
    last = {
        name: sequence
        for part in chunks(waiting)
        for name, sequence in _last_done(session, part).items()
    }
    return tuple(
        item
        for name, items in waiting.items()
        for item in _in_order(items, last.get(name, 0), now - grace)
    )


def done(session: Session, item_id: int, now: Instant) -> bool:
    """Note that an item was passed on; False when that was noted before."""
    statement = (
        update(InboxRow)
        .where(col(InboxRow.id) == item_id, col(InboxRow.done_at).is_(None))
        .values(done_at=now)
    )
    return session.connection().execute(statement).rowcount > 0


def prune(session: Session, before: Instant) -> int:
    """Forget what was passed on before then; return how many facts that were.

    A delivery repeated later than that is a new fact: keep longer than any
    counterpart repeats.
    """
    statement = delete(InboxRow).where(col(InboxRow.done_at) < before)
    return session.connection().execute(statement).rowcount


def waiting(session: Session) -> int:
    """Count the items not yet passed on."""
    statement = columns(func.count()).where(col(InboxRow.done_at).is_(None))
    return int(session.connection().execute(statement).scalar_one())


def _last_done(session: Session, subjects: list[str]) -> dict[str, int]:
    statement = (
        columns(col(InboxRow.subject), func.max(InboxRow.sequence))
        .where(col(InboxRow.subject).in_(subjects), col(InboxRow.done_at).is_not(None))
        .group_by(col(InboxRow.subject))
    )
    rows = session.connection().execute(statement)
    return {subject: int(sequence) for subject, sequence in rows}


def _in_order(items: list[InboxItem], last: int, patience: Instant) -> list[InboxItem]:
    chosen: list[InboxItem] = []
    for item in sorted(items, key=lambda item: (item.sequence, item.id)):
        if item.sequence > last + 1 and item.received_at > patience:
            break
        chosen.append(item)
        last = max(last, item.sequence)
    return chosen
