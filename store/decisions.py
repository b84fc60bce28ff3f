"""Decisions, kept whole and for good; the database refuses to change them."""

from sqlmodel import Session, col, or_, select

from domain.errors import Immutable
from domain.plan import Decision
from domain.quantities import DecisionId, OrderId
from store.statements import insert_new
from store.tables import DecisionRow


def record(session: Session, decision: Decision) -> None:
    """Keep a decision; recording the very same again changes nothing.

    Raises
    ------
    Immutable
        When its id, or its order's revision, already belongs to another one.
    """
    document = decision.model_dump_json()
    row = {
        "id": decision.id,
        "order_id": decision.order_id,
        "revision": decision.revision,
        "as_of": decision.as_of,
        "made_by": decision.made_by.value,
        "network_version": decision.network_version,
        "document": document,
    }
    if insert_new(session, DecisionRow, [row]):
        return
    same_revision = (col(DecisionRow.order_id) == decision.order_id) & (
        col(DecisionRow.revision) == decision.revision
    )
    either = or_(col(DecisionRow.id) == decision.id, same_revision)
    kept = session.exec(select(DecisionRow).where(either)).all()
    if any(row.id != decision.id or row.document != document for row in kept):
        msg = (
            f"decision {kept[0].id!r} is kept for order {kept[0].order_id!r} revision "
            f"{kept[0].revision}; another needs an id and a revision of its own"
        )
        raise Immutable(msg)


def get(session: Session, decision_id: DecisionId) -> Decision | None:
    """Return the decision of that id."""
    return _first(session, col(DecisionRow.id) == decision_id)


def by_revision(session: Session, order_id: OrderId, revision: int) -> Decision | None:
    """Return the decision that made this revision of an order's plan."""
    return _first(
        session,
        col(DecisionRow.order_id) == order_id,
        col(DecisionRow.revision) == revision,
    )


def of_order(session: Session, order_id: OrderId) -> tuple[Decision, ...]:
    """List an order's decisions, first one first."""
    statement = (
        select(DecisionRow.document)
        .where(DecisionRow.order_id == order_id)
        .order_by(col(DecisionRow.revision))
    )
    return tuple(Decision.model_validate_json(row) for row in session.exec(statement))


def _first(session: Session, *where: object) -> Decision | None:
    statement = select(DecisionRow.document).where(*where)  # type: ignore[arg-type]
    document = session.exec(statement).first()
    return None if document is None else Decision.model_validate_json(document)
