"""Accepted orders and where they stand."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from domain.order import Order, OrderStatus
from domain.quantities import Instant, OrderId, Value
from store.statements import insert_new
from store.tables import OrderRow


class Verdict(StrEnum):
    """What a submission turned out to be."""

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


class Admission(Value):
    """The answer to a submission; everything but ``verdict`` is of the kept order."""

    verdict: Verdict
    status: OrderStatus
    digest: str
    received_at: Instant
    placed_at: Instant


class StoredOrder(Value):
    """An order as kept, and its status when last reported."""

    order: Order
    digest: str
    status: OrderStatus
    received_at: Instant
    updated_at: Instant


def admit(session: Session, order: Order, now: Instant) -> Admission:
    """Keep an order unless its id is taken, and say which it was.

    The first order under an id stays for good: equal content is the same
    order, however long ago; other content is a conflict.
    """
    digest = order.digest()
    row = {
        "id": order.id,
        "digest": digest,
        "status": OrderStatus.RECEIVED.value,
        "document": order.model_dump_json(),
        "customer_id": order.customer_id,
        "placed_at": order.placed_at,
        "received_at": now,
        "updated_at": now,
    }
    new = insert_new(session, OrderRow, [row])
    kept = session.exec(select(OrderRow).where(OrderRow.id == order.id)).one()
    verdict = Verdict.SAME if kept.digest == digest else Verdict.CONFLICT
    return Admission(
        verdict=Verdict.NEW if new else verdict,
        status=OrderStatus(kept.status),
        digest=kept.digest,
        received_at=kept.received_at,
        placed_at=kept.placed_at,
    )


def get(session: Session, order_id: OrderId) -> StoredOrder | None:
    """Return the order kept under an id."""
    row = session.exec(select(OrderRow).where(OrderRow.id == order_id)).first()
    return None if row is None else _stored(row)


def set_status(
    session: Session, order_id: OrderId, status: OrderStatus, now: Instant
) -> bool:
    """Note where an order stands.

    Returns
    -------
    bool
        False when the order is not known, or a later status was noted already.
    """
    statement = (
        update(OrderRow)
        .where(col(OrderRow.id) == order_id, col(OrderRow.updated_at) <= now)
        .values(status=status.value, updated_at=now)
    )
    return session.connection().execute(statement).rowcount > 0


def counts(session: Session) -> dict[OrderStatus, int]:
    """Count the orders in each status; statuses without any are left out."""
    statement = columns(col(OrderRow.status), func.count()).group_by(
        col(OrderRow.status)
    )
    rows = session.connection().execute(statement)
    return {OrderStatus(status): int(count) for status, count in rows}


def listing(
    session: Session, status: OrderStatus | None = None, limit: int = 100
) -> tuple[StoredOrder, ...]:
    """List the orders received last, newest first."""
    statement = select(OrderRow)
    if status is not None:
        statement = statement.where(OrderRow.status == status.value)
    newest = statement.order_by(col(OrderRow.received_at).desc(), col(OrderRow.id))
    return tuple(_stored(row) for row in session.exec(newest.limit(limit)))


def in_status(session: Session, statuses: Iterable[OrderStatus]) -> tuple[Order, ...]:
    """List every order in one of these statuses, by id."""
    wanted = [status.value for status in statuses]
    statement = select(OrderRow.document).where(col(OrderRow.status).in_(wanted))
    documents = session.exec(statement.order_by(col(OrderRow.id)))
    return tuple(Order.model_validate_json(document) for document in documents)


def _stored(row: OrderRow) -> StoredOrder:
    return StoredOrder(
        order=Order.model_validate_json(row.document),
        digest=row.digest,
        status=OrderStatus(row.status),
        received_at=row.received_at,
        updated_at=row.updated_at,
    )
