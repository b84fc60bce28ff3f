"""Which open orders depend on which customers, SKUs, lanes and centers."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete
from sqlalchemy import select as columns
from sqlmodel import Session, col

from domain.quantities import Instant, OrderId
from domain.segment import Classification
from domain.subject import Subject
from store.statements import chunks, insert_new
from store.tables import ClassificationRow, InterestRow


class Interested(NamedTuple):
    """An order that depends on a subject, and what it was last classified as."""

    order_id: OrderId
    classification: Classification | None
    classified_at: Instant | None


def care(session: Session, order_id: OrderId, subjects: Iterable[Subject]) -> None:
    """Let an order be told of these subjects, and of no others any more."""
    wanted = sorted(set(subjects))
    dropped = delete(InterestRow).where(
        col(InterestRow.order_id) == order_id,
        col(InterestRow.subject).not_in(wanted),
    )
    session.connection().execute(dropped)
    rows = [{"order_id": order_id, "subject": subject} for subject in wanted]
    insert_new(session, InterestRow, rows)


def forget(session: Session, order_id: OrderId) -> None:
    """Tell an order nothing any more."""
    all_of = delete(InterestRow).where(col(InterestRow.order_id) == order_id)
    session.connection().execute(all_of)


def orders_of(session: Session, subjects: Iterable[Subject]) -> tuple[OrderId, ...]:
    """List the orders that depend on any of these subjects, by id."""
    found: set[str] = set()
    for part in chunks(sorted(set(subjects))):
        statement = columns(col(InterestRow.order_id)).where(
            col(InterestRow.subject).in_(part)
        )
        found.update(session.connection().execute(statement).scalars())
    return tuple(OrderId(order) for order in sorted(found))


def interested(session: Session, subject: Subject) -> tuple[Interested, ...]:
    """List the orders that depend on a subject with their classifications, by id."""
    statement = (
        columns(
            col(InterestRow.order_id),
            col(ClassificationRow.document),
            col(ClassificationRow.classified_at),
        )
        .outerjoin(
            ClassificationRow,
            col(ClassificationRow.order_id) == col(InterestRow.order_id),
        )
        .where(col(InterestRow.subject) == subject)
        .order_by(col(InterestRow.order_id))
    )
    return tuple(
        Interested(
            OrderId(order),
            Classification.model_validate_json(document) if document else None,
            at,
        )
        for order, document, at in session.connection().execute(statement)
    )
