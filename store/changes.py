"""The log of who entered and left which segment, to the instant.

It is rewritten from the earliest instant about which something new is known,
so that it does not depend on the order in which events came in. What open
orders were told already stays marked; what they were told and never was
becomes a retraction: none of the log, but told like a change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from domain.quantities import Instant, SegmentId
from domain.segment import MembershipChange
from domain.subject import Subject
from store.statements import add_new, chunks
from store.tables import MembershipChangeRow

KEPT_FOR = timedelta(days=400)
# The version of what is only told, and is none of the log.
RETRACTED = ""
# The segment of news that changed no membership.
NEWS = SegmentId("")


def rewrite(
    session: Session,
    subject: Subject,
    since: Instant,
    said: Iterable[MembershipChange],
) -> None:
    """Let the log say this of a subject from an instant on, and nothing else."""
    statement = select(MembershipChangeRow).where(
        _subject == subject, _at >= since, _in_log
    )
    before = {_key(_change(row)): row for row in session.exec(statement)}
    now = {_key(change): change for change in said}
    for key, row in before.items():
        if key not in now:
            _take_back(session, row)
    for key, change in now.items():
        if key in before:
            _correct(session, before[key], change)
    new = [_row(change) for key, change in now.items() if key not in before]
    add_new(session, MembershipChangeRow, new)


def append(session: Session, said: Iterable[MembershipChange], now: Instant) -> None:
    """Add what an order found of itself: nobody else need be told."""
    rows = [_row(change) | {"published_at": now} for change in said]
    add_new(session, MembershipChangeRow, rows)


def standing(
    session: Session, before: Mapping[Subject, Instant]
) -> dict[Subject, dict[SegmentId, MembershipChange]]:
    """Return how each subject had entered the segments it was in.

    Parameters
    ----------
    before
        The subjects, and for each the instant just before which is asked about.
    """
    found: dict[Subject, dict[SegmentId, MembershipChange]] = defaultdict(dict)
    for part in chunks(sorted(before)):
        statement = select(MembershipChangeRow).where(_subject.in_(part), _in_log)
        for row in session.exec(statement.order_by(_at, _entered)):
            change = _change(row)
            if change.at >= before[change.subject]:
                continue
            if change.entered:
                found[change.subject].setdefault(change.segment, change)
            else:
                found[change.subject].pop(change.segment, None)
    return found


def log(
    session: Session,
    subject: Subject | None = None,
    segment: SegmentId | None = None,
    since: Instant | None = None,
    limit: int = 100,
) -> tuple[MembershipChange, ...]:
    """List who entered and left which segment, newest first."""
    statement = select(MembershipChangeRow).where(_in_log)
    if subject is not None:
        statement = statement.where(_subject == subject)
    if segment is not None:
        statement = statement.where(_segment == segment)
    if since is not None:
        statement = statement.where(_at >= since)
    newest = statement.order_by(_at.desc(), _subject, _segment, _version)
    return tuple(_change(row) for row in session.exec(newest.limit(limit)))


def unpublished(session: Session, limit: int) -> tuple[MembershipChange, ...]:
    """List changes that nobody was told yet, oldest first."""
    statement = select(MembershipChangeRow).where(_published.is_(None))
    oldest = statement.order_by(_at, _subject, _segment, _version)
    return tuple(_change(row) for row in session.exec(oldest.limit(limit)))


def note(session: Session, subjects: Iterable[Subject], now: Instant) -> None:
    """Let those who depend on these subjects be told that there is news.

    None of it goes into the log: who is in which segment did not change.
    """
    notes = [
        _row(
            MembershipChange(
                subject=subject,
                segment=NEWS,
                version=RETRACTED,
                entered=True,
                at=now,
            )
        )
        for subject in subjects
    ]
    add_new(session, MembershipChangeRow, notes)


def mark_published(
    session: Session, changes: Sequence[MembershipChange], now: Instant
) -> None:
    """Note that these changes were told to whom they concern."""
    for change in changes:
        this = and_(_where(change), _entered.is_(change.entered))
        if change.version == RETRACTED:
            session.connection().execute(delete(MembershipChangeRow).where(this))
        else:
            told = update(MembershipChangeRow).where(this).values(published_at=now)
            session.connection().execute(told)


def prune(session: Session, now: Instant) -> int:
    """Forget changes of 400 days ago, except how standing ones were entered."""
    edge = now - KEPT_FOR
    later = aliased(MembershipChangeRow)
    followed = exists().where(
        col(later.subject) == _subject,
        col(later.segment_id) == _segment,
        col(later.at) > _at,
        col(later.at) <= edge,
    )
    old = delete(MembershipChangeRow).where(
        _at <= edge,
        or_(followed, _entered.is_(False)),
        _published.is_not(None),
    )
    return session.connection().execute(old).rowcount


def waiting(session: Session) -> int:
    """Count the changes that nobody was told yet."""
    statement = select(func.count()).where(_published.is_(None))
    return int(session.exec(statement).one())


_subject = col(MembershipChangeRow.subject)
_segment = col(MembershipChangeRow.segment_id)
_version = col(MembershipChangeRow.version)
_at = col(MembershipChangeRow.at)
_entered = col(MembershipChangeRow.entered)
_published = col(MembershipChangeRow.published_at)
_in_log = _version != RETRACTED


def _take_back(session: Session, row: MembershipChangeRow) -> None:
    change, published = _change(row), row.published_at is not None
    session.connection().execute(delete(MembershipChangeRow).where(_where(change)))
    session.expunge(row)
    if published:
        note = change.model_copy(update={"version": RETRACTED, "evidence": ()})
        add_new(session, MembershipChangeRow, [_row(note)])


def _correct(
    session: Session, row: MembershipChangeRow, change: MembershipChange
) -> None:
    if row.evidence == _evidence(change):
        return
    new = update(MembershipChangeRow).where(_where(change))
    session.connection().execute(new.values(evidence=_evidence(change)))


def _where(change: MembershipChange) -> ColumnElement[bool]:
    return and_(
        _subject == change.subject,
        _segment == change.segment,
        _version == change.version,
        _at == change.at,
    )


def _key(change: MembershipChange) -> tuple[SegmentId, str, Instant, bool]:
    return change.segment, change.version, change.at, change.entered


def _row(change: MembershipChange) -> dict[str, Any]:
    return {
        "subject": change.subject,
        "segment_id": change.segment,
        "version": change.version,
        "at": change.at,
        "entered": change.entered,
        "evidence": _evidence(change),
        "published_at": None,
    }


def _evidence(change: MembershipChange) -> str:
    return "\n".join(change.evidence)


def _change(row: MembershipChangeRow) -> MembershipChange:
    return MembershipChange(
        subject=Subject(row.subject),
        segment=SegmentId(row.segment_id),
        version=row.version,
        entered=row.entered,
        at=row.at,
        evidence=tuple(row.evidence.split("\n")) if row.evidence else (),
    )
