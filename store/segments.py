"""The segments in their versions, and which orders are in which."""

from sqlalchemy import delete, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from domain.quantities import Instant, OrderId, SegmentId
from domain.segment import Classification, RuleSet
from store import versions
from store.statements import insert_new, upsert
from store.tables import ClassificationRow, MembershipRow, RuleSetRow


def publish(session: Session, rules: RuleSet, now: Instant) -> None:
    """Keep a rule set under its version and put it in force.

    Raises
    ------
    Immutable
        When that version was published with other content.
    """
    versions.publish(session, RuleSetRow, rules, now)


def active(session: Session) -> RuleSet | None:
    """Return the rule set in force."""
    return get(session, active_version(session) or "")


def active_version(session: Session) -> str | None:
    """Return the version in force, for those who keep rule sets by version."""
    return versions.active_version(session, RuleSetRow)


def get(session: Session, version: str) -> RuleSet | None:
    """Return the rule set of that version."""
    return versions.read(session, RuleSetRow, RuleSet, version)


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
