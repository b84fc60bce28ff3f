"""The segments in their versions, and which orders are in which.

A version of the rules is a draft until it leaves for trial (shadow) or for
force (active); from then on it never changes. One version at most is active
and one at most is on trial: the one before is retired by the next. Every step
is recorded with who took it and why.
"""

from sqlalchemy import delete, func, text, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from domain.errors import IllegalMove, Immutable, UnknownVersion
from domain.quantities import Instant, OrderId, SegmentId
from domain.segment import (
    RULE_SET_MOVES,
    Classification,
    RuleSet,
    RuleSetMove,
    RuleSetVersion,
    SegmentStatus,
)
from store import subjects, versions
from store.statements import insert_new, upsert
from store.tables import ClassificationRow, MembershipRow, RuleSetMoveRow, RuleSetRow

US = "lanewise"
# Of these there is one at most: the next one retires the one before.
_SINGLE = (SegmentStatus.ACTIVE, SegmentStatus.SHADOW)


def save_draft(
    session: Session, rules: RuleSet, author: str, reason: str, now: Instant
) -> SegmentStatus:
    """Keep a rule set as a draft, in place of an earlier draft of that version.

    The very same content again changes nothing, whatever its status is.

    Returns
    -------
    The version's status: draft, unless this content is kept with another one.

    Raises
    ------
    Immutable
        When that version has left draft with other content.
    """
    _lock(session)
    row = session.exec(
        select(RuleSetRow).where(RuleSetRow.version == rules.version)
    ).first()
    status = None if row is None else SegmentStatus(row.status)
    if row is not None and RuleSet.model_validate_json(row.document) == rules:
        return SegmentStatus(row.status)
    if status not in (None, SegmentStatus.DRAFT):
        msg = (
            f"version: {rules.version!r} is already published with other content "
            f"(it is {status}); publish the change under a new version"
        )
        raise Immutable(msg)
    draft = {
        "version": rules.version,
        "document": rules.model_dump_json(),
        "published_at": now,
        "status": SegmentStatus.DRAFT.value,
    }
    upsert(session, RuleSetRow, ("version",), [draft])
    _note(session, rules.version, SegmentStatus.DRAFT, author, reason, now)
    return SegmentStatus.DRAFT


def move(
    session: Session,
    version: str,
    status: SegmentStatus,
    author: str,
    reason: str,
    now: Instant,
) -> bool:
    """Give a version another status; the version that had it alone is retired.

    Once another version is in force or on trial, every customer, SKU and lane
    is to be looked at again.

    Returns
    -------
    False when the version has that status already; nothing is recorded then.

    Raises
    ------
    UnknownVersion
        When no such version is kept.
    IllegalMove
        When its status does not lead there.
    """
    _lock(session)
    before = _status(session, version)
    if before is status:
        return False
    if status not in RULE_SET_MOVES[before]:
        raise IllegalMove(_refusal(version, before, status))
    if status in _SINGLE:
        _retire_others(session, version, status, author, now)
        subjects.mark_all(session, version, now)
    _set_status(session, version, status)
    _note(session, version, status, author, reason, now)
    if status is SegmentStatus.ACTIVE:
        versions.activate(session, RuleSetRow, version, now)
    return True


def publish(
    session: Session,
    rules: RuleSet,
    now: Instant,
    author: str = US,
    reason: str = "published",
) -> None:
    """Keep a rule set under its version and put it in force.

    Raises
    ------
    Immutable
        When that version has left draft with other content.
    """
    save_draft(session, rules, author, reason, now)
    move(session, rules.version, SegmentStatus.ACTIVE, author, reason, now)


def active(session: Session) -> RuleSet | None:
    """Return the rule set in force."""
    return get(session, active_version(session) or "")


def active_version(session: Session) -> str | None:
    """Return the version in force, for those who keep rule sets by version."""
    return versions.active_version(session, RuleSetRow)


def active_since(session: Session) -> Instant | None:
    """Return when the rule set in force took force."""
    return versions.active_since(session, RuleSetRow)


def shadow(session: Session) -> RuleSet | None:
    """Return the rule set on trial beside the one in force."""
    return get(session, shadow_version(session) or "")


def shadow_version(session: Session) -> str | None:
    """Return the version on trial."""
    statement = select(RuleSetRow.version)
    return session.exec(
        statement.where(RuleSetRow.status == SegmentStatus.SHADOW.value)
    ).first()


def get(session: Session, version: str) -> RuleSet | None:
    """Return the rule set of that version."""
    return versions.read(session, RuleSetRow, RuleSet, version)


def listing(session: Session) -> tuple[RuleSetVersion, ...]:
    """List every version with its status and who gave it; active and newest first."""
    steps = history(session)
    last = {step.version: step for step in steps}
    rank = {step.version: n for n, step in enumerate(steps)}
    rows = session.connection().execute(
        columns(
            col(RuleSetRow.version),
            col(RuleSetRow.status),
            col(RuleSetRow.published_at),
        )
    )
    known = [
        RuleSetVersion(
            version=version,
            status=SegmentStatus(status),
            since=last[version].at if version in last else published_at,
            author=last[version].author if version in last else "",
            reason=last[version].reason if version in last else "",
        )
        for version, status, published_at in rows
    ]
    newest = sorted(known, key=lambda v: (rank.get(v.version, -1), v.version))[::-1]
    return tuple(sorted(newest, key=lambda v: v.status is not SegmentStatus.ACTIVE))


def history(session: Session, version: str | None = None) -> tuple[RuleSetMove, ...]:
    """List every step versions took, first one first; of one version if named."""
    statement = select(RuleSetMoveRow).order_by(col(RuleSetMoveRow.id))
    if version is not None:
        statement = statement.where(RuleSetMoveRow.version == version)
    return tuple(
        RuleSetMove(
            version=row.version,
            status=SegmentStatus(row.status),
            author=row.author,
            reason=row.reason,
            at=row.at,
        )
        for row in session.exec(statement)
    )


def record(
    session: Session, order_id: OrderId, classification: Classification, now: Instant
) -> None:
    """Keep an order's latest classification in place of the one before."""
    row = {
        "order_id": order_id,
        "document": classification.model_dump_json(),
        "classified_at": now,
    }
    upsert(session, ClassificationRow, ("order_id",), [row])
    old = delete(MembershipRow).where(col(MembershipRow.order_id) == order_id)
    session.connection().execute(old)
    members = [
        {
            "order_id": order_id,
            "segment_id": membership.segment,
            "valid_until": membership.valid_until,
        }
        for membership in classification.memberships
    ]
    insert_new(session, MembershipRow, members)


def of_order(session: Session, order_id: OrderId) -> Classification | None:
    """Return an order's latest classification."""
    document = session.exec(
        select(ClassificationRow.document).where(ClassificationRow.order_id == order_id)
    ).first()
    return None if document is None else Classification.model_validate_json(document)


def counts(session: Session) -> dict[SegmentId, int]:
    """Count the orders in each segment, by their latest classification."""
    segment = col(MembershipRow.segment_id)
    statement = columns(segment, func.count()).group_by(segment).order_by(segment)
    rows = session.connection().execute(statement)
    return {SegmentId(name): int(count) for name, count in rows}


def _lock(session: Session) -> None:
    """Let versions be moved one after the other; reading goes on.

    On SQLite a writing transaction is alone from its beginning.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE rule_sets IN SHARE ROW EXCLUSIVE MODE"))


def _status(session: Session, version: str) -> SegmentStatus:
    status = session.exec(
        select(RuleSetRow.status).where(RuleSetRow.version == version)
    ).first()
    if status is None:
        msg = f"version {version!r} of the segments is not known"
        raise UnknownVersion(msg)
    return SegmentStatus(status)


def _refusal(version: str, before: SegmentStatus, after: SegmentStatus) -> str:
    if before is SegmentStatus.ACTIVE:
        return f"version {version!r} is active until another version is activated"
    legal = " or ".join(sorted(RULE_SET_MOVES[before]))
    return f"version {version!r} is {before}: it may become {legal}, not {after}"


def _retire_others(
    session: Session, version: str, status: SegmentStatus, author: str, now: Instant
) -> None:
    statement = select(RuleSetRow.version).where(
        RuleSetRow.status == status.value, RuleSetRow.version != version
    )
    for other in session.exec(statement.order_by(col(RuleSetRow.version))).all():
        _set_status(session, other, SegmentStatus.RETIRED)
        said = f"{version} became {status}"
        _note(session, other, SegmentStatus.RETIRED, author, said, now)


def _set_status(session: Session, version: str, status: SegmentStatus) -> None:
    statement = update(RuleSetRow).where(col(RuleSetRow.version) == version)
    session.connection().execute(statement.values(status=status.value))


def _note(
    session: Session,
    version: str,
    status: SegmentStatus,
    author: str,
    reason: str,
    now: Instant,
) -> None:
    row = RuleSetMoveRow(
        version=version, status=status.value, author=author, reason=reason, at=now
    )
    session.add(row)
    session.flush()
