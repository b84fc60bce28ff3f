"""Which segments customers, SKUs and lanes are in, and were in, to the instant.

A subject is *dirty* from the earliest instant about which something new is
known, and *due* once a membership may change by itself.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, case, delete, func, or_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.quantities import Instant, SegmentId, Value
from domain.segment import Membership, MembershipChange
from domain.subject import Subject
from store import changes
from store.statements import add_new, chunks, insert
from store.tables import SubjectMembershipRow, SubjectStateRow


class SubjectState(Value):
    """Until when a subject's log is right, and when to look at it again."""

    subject: Subject
    version: str = ""
    evaluated_at: Instant | None = None
    recheck_at: Instant | None = None
    dirty_from: Instant | None = None


class Found(Value):
    """What was found out about one subject.

    ``changes`` take the place of the log from ``replayed_from`` on.
    """

    subject: Subject
    version: str
    memberships: tuple[Membership, ...] = ()
    shadow: tuple[Membership, ...] = ()
    changes: tuple[MembershipChange, ...] = ()
    replayed_from: Instant
    evaluated_at: Instant
    recheck_at: Instant | None = None


def mark(session: Session, dirt: Mapping[Subject, Instant]) -> None:
    """Note that something new is known of subjects, from these instants on."""
    rows = [
        {"subject": subject, "version": "", "dirty_from": at}
        for subject, at in sorted(dirt.items())
    ]
    if not rows:
        return
    new = insert(session, SubjectStateRow)
    statement = new.on_conflict_do_update(
        index_elements=("subject",),
        set_={"dirty_from": _earlier(new.excluded.dirty_from)},
    )
    session.connection().execute(statement, rows)


def mark_all(session: Session, version: str, now: Instant) -> int:
    """Have every subject looked at that was not under this version of the rules."""
    statement = (
        update(SubjectStateRow)
        .where(col(SubjectStateRow.version) != version)
        .values(dirty_from=case((_earlier_than(now), now), else_=_dirty))
    )
    return session.connection().execute(statement).rowcount


def todo(session: Session, now: Instant, limit: int) -> tuple[Subject, ...]:
    """List subjects to look at: dirty ones first, then those due, oldest first."""
    return tuple(state.subject for state in _todo(session, now, limit, lock=False))


def take(session: Session, now: Instant, limit: int) -> tuple[SubjectState, ...]:
    """Lock subjects to look at until the transaction ends, and return them.

    News that come in meanwhile wait, and mark them dirty once more. Another
    worker takes others.
    """
    return _todo(session, now, limit, lock=True)


def next_due(session: Session) -> Instant | None:
    """Return when the next subject is to be looked at."""
    dirty = session.exec(select(func.min(_dirty))).one()
    due = session.exec(select(func.min(_recheck))).one()
    return min((at for at in (dirty, due) if at is not None), default=None)


def state(session: Session, subject: Subject) -> SubjectState | None:
    """Return where a subject stands; None for one never heard of."""
    statement = select(SubjectStateRow).where(SubjectStateRow.subject == subject)
    row = session.exec(statement).first()
    return None if row is None else SubjectState.model_validate(row.model_dump())


def memberships(
    session: Session, subjects: Iterable[Subject], *, shadow: bool = False
) -> dict[Subject, tuple[Membership, ...]]:
    """Return the segments each subject is in, or only would be, by segment."""
    found: dict[Subject, list[Membership]] = {subject: [] for subject in subjects}
    for part in chunks(found):
        statement = (
            columns(
                col(SubjectMembershipRow.subject), col(SubjectMembershipRow.document)
            )
            .where(
                col(SubjectMembershipRow.subject).in_(part),
                col(SubjectMembershipRow.shadow).is_(shadow),
            )
            .order_by(col(SubjectMembershipRow.segment_id))
        )
        for subject, document in session.connection().execute(statement):
            found[Subject(subject)].append(Membership.model_validate_json(document))
    return {subject: tuple(members) for subject, members in found.items()}


def counts(session: Session, *, shadow: bool = False) -> dict[SegmentId, int]:
    """Count the customers, SKUs and lanes in each segment."""
    segment = col(SubjectMembershipRow.segment_id)
    statement = (
        columns(segment, func.count())
        .where(col(SubjectMembershipRow.shadow).is_(shadow))
        .group_by(segment)
        .order_by(segment)
    )
    rows = session.connection().execute(statement)
    return {SegmentId(name): int(count) for name, count in rows}


def keep(session: Session, found: Found) -> None:
    """Keep what was found of a subject taken in this transaction.

    The log from ``replayed_from`` on is replaced; what it said before and says
    again stays published. What was published and never was is told again.
    """
    changes.rewrite(session, found.subject, found.replayed_from, found.changes)
    old = delete(SubjectMembershipRow).where(
        col(SubjectMembershipRow.subject) == found.subject
    )
    session.connection().execute(old)
    kept = [(m, False) for m in found.memberships] + [(m, True) for m in found.shadow]
    rows = [
        {
            "subject": found.subject,
            "segment_id": membership.segment,
            "shadow": shadow,
            "document": membership.model_dump_json(),
        }
        for membership, shadow in kept
    ]
    add_new(session, SubjectMembershipRow, rows)
    _set_state(
        session,
        found.subject,
        {
            "version": found.version,
            "evaluated_at": found.evaluated_at,
            "recheck_at": found.recheck_at,
            "dirty_from": None,
        },
    )


def rest(
    session: Session, states: Iterable[SubjectState], version: str, now: Instant
) -> None:
    """Note of subjects taken in this transaction that no rule is on them."""
    for part in chunks(sorted({state.subject for state in states})):
        left = col(SubjectMembershipRow.subject).in_(part)
        session.connection().execute(delete(SubjectMembershipRow).where(left))
        done = update(SubjectStateRow).where(col(SubjectStateRow.subject).in_(part))
        values = {"evaluated_at": now, "recheck_at": None, "dirty_from": None}
        session.connection().execute(done.values(version=version, **values))


def mark_everyone(session: Session, now: Instant) -> int:
    """Have every subject looked at: what all are measured by has changed."""
    statement = update(SubjectStateRow).values(
        dirty_from=case((_earlier_than(now), now), else_=_dirty)
    )
    return session.connection().execute(statement).rowcount


def postpone(session: Session, state: SubjectState, until: Instant) -> None:
    """Look again at a subject later, from as far back as now."""
    begins = [at for at in (state.evaluated_at, state.dirty_from) if at is not None]
    _set_state(
        session,
        state.subject,
        {
            "evaluated_at": min(begins, default=None),
            "recheck_at": until,
            "dirty_from": None,
        },
    )


_dirty = col(SubjectStateRow.dirty_from)
_recheck = col(SubjectStateRow.recheck_at)


def _earlier_than(at: Instant) -> ColumnElement[bool]:
    return or_(_dirty.is_(None), at < _dirty)


def _earlier(at: ColumnElement[Instant]) -> ColumnElement[Instant]:
    return case((or_(_dirty.is_(None), at < _dirty), at), else_=_dirty)


def _todo(
    session: Session, now: Instant, limit: int, *, lock: bool
) -> tuple[SubjectState, ...]:
    """Read by one index at a time: a sort of all that waits would be slow.

    Of those due come half as many as asked for at most: neither they nor news
    may keep the others waiting.
    """
    due = (
        select(SubjectStateRow)
        .where(_recheck <= now, _dirty.is_(None))
        .order_by(_recheck)
    )
    dirty = select(SubjectStateRow).where(_dirty.is_not(None)).order_by(_dirty)
    found = _some(session, due, (limit + 1) // 2, lock=lock)
    found += _some(session, dirty, limit - len(found), lock=lock)
    return tuple(sorted(found, key=_waits_since))


def _some(
    session: Session,
    statement: SelectOfScalar[SubjectStateRow],
    limit: int,
    *,
    lock: bool,
) -> list[SubjectState]:
    if lock:
        statement = statement.with_for_update(skip_locked=True)
    rows = session.connection().execute(statement.limit(limit)).mappings()
    return [SubjectState.model_validate(row) for row in rows]


def _waits_since(state: SubjectState) -> tuple[Instant, Subject]:
    waits = state.dirty_from or state.recheck_at
    assert waits is not None
    return waits, state.subject


def _set_state(
    session: Session, subject: Subject, values: Mapping[str, object]
) -> None:
    statement = (
        update(SubjectStateRow)
        .where(col(SubjectStateRow.subject) == subject)
        .values(**values)
    )
    session.connection().execute(statement)
