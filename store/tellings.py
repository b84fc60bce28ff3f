"""Which open orders are still to be told that their ways changed, and why."""

from collections.abc import Iterable

from sqlalchemy import delete
from sqlmodel import Session, col, select

from domain.quantities import Instant, OrderId
from store.statements import chunks, insert_new
from store.tables import TellingRow


def add(session: Session, orders: Iterable[OrderId], why: str, now: Instant) -> None:
    """Have orders told; one that is to be told that already is told once."""
    rows = [{"order_id": order, "why": why, "at": now} for order in orders]
    insert_new(session, TellingRow, rows)


def waiting(session: Session, limit: int) -> dict[str, tuple[OrderId, ...]]:
    """Return the orders that wait to be told, those who wait longest, by reason."""
    oldest = select(TellingRow).order_by(
        col(TellingRow.at), col(TellingRow.order_id), col(TellingRow.why)
    )
    found: dict[str, tuple[OrderId, ...]] = {}
    for row in session.exec(oldest.limit(limit)):
        found[row.why] = (*found.get(row.why, ()), OrderId(row.order_id))
    return found


def done(session: Session, orders: Iterable[OrderId], why: str) -> None:
    """Take note that these orders were told."""
    for part in chunks(orders):
        told = delete(TellingRow).where(
            col(TellingRow.order_id).in_(part), col(TellingRow.why) == why
        )
        session.connection().execute(told)
