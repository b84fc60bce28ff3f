"""When each kind of event first and last happened to a subject, however long ago."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Subquery, case, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from domain.quantities import Instant
from domain.subject import Subject
from store.statements import insert
from store.tables import EventRow, ProfileRow

# First and last.
Ends = tuple[Instant, Instant]


def fold(session: Session, before: Instant) -> None:
    """Take over first and last of the events before an instant, prior to deletion."""
    new = insert(session, ProfileRow).from_select(
        ["subject", "kind", "first_at", "last_at"],
        _ends_of_events().where(col(EventRow.occurred_at) <= before),
    )
    session.connection().execute(_widening(new))


def ends(session: Session, subjects: Iterable[Subject]) -> dict[tuple[str, str], Ends]:
    """Return first and last by subject and kind, of events kept or long gone."""
    wanted = list(subjects)
    gone = columns(
        col(ProfileRow.subject),
        col(ProfileRow.kind),
        col(ProfileRow.first_at),
        col(ProfileRow.last_at),
    ).where(col(ProfileRow.subject).in_(wanted))
    kept = _ends_of_events().where(col(EventRow.subject).in_(wanted))
    both = gone.union_all(kept).subquery()
    return _merged(session, both)


def _merged(session: Session, both: Subquery) -> dict[tuple[str, str], Ends]:
    subject, kind, first, last = both.c
    statement = columns(subject, kind, func.min(first), func.max(last))
    rows = session.connection().execute(statement.group_by(subject, kind))
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _ends_of_events() -> Any:
    subject, kind = col(EventRow.subject), col(EventRow.kind)
    at = col(EventRow.occurred_at)
    return columns(subject, kind, func.min(at), func.max(at)).group_by(subject, kind)


def _widening(new: Any) -> Any:
    return new.on_conflict_do_update(
        index_elements=("subject", "kind"),
        set_={
            "first_at": _least(col(ProfileRow.first_at), new.excluded.first_at),
            "last_at": _greatest(col(ProfileRow.last_at), new.excluded.last_at),
        },
    )


def _least(a: Any, b: Any) -> Any:
    return case((b < a, b), else_=a)


def _greatest(a: Any, b: Any) -> Any:
    return case((b > a, b), else_=a)
