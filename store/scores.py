"""Where the classes of customers and SKUs begin, and what they are found from."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import case, exists, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from domain.history import Scores
from domain.quantities import Instant, SkuId
from domain.subject import SubjectKind
from store import units
from store.statements import upsert
from store.tables import EventRow, ScoresRow

ORDERED = "order_placed"
CANCELED = ("order_canceled", "order_cancelled")
YEAR = timedelta(days=365)
RANKED = timedelta(days=90)

_NAME = "population"
_CUSTOMERS = f"{SubjectKind.CUSTOMER.value}/"


class CustomerTotals(NamedTuple):
    """What one customer's orders add up to; canceled ones are left out."""

    recency_days: float
    orders_365d: int
    money_365d_cents: int


def save(session: Session, scores: Scores) -> None:
    """Keep scores in place of those before."""
    row = {
        "name": _NAME,
        "found_at": scores.found_at,
        "document": scores.model_dump_json(),
    }
    upsert(session, ScoresRow, ("name",), [row])


def get(session: Session) -> Scores | None:
    """Return the scores found last; None before there were any."""
    document = session.exec(
        select(ScoresRow.document).where(ScoresRow.name == _NAME)
    ).first()
    return None if document is None else Scores.model_validate_json(document)


def customers(session: Session, now: Instant) -> tuple[CustomerTotals, ...]:
    """Add up the orders of every customer who ever ordered."""
    other = aliased(EventRow)
    canceled = exists().where(
        col(other.subject) == col(EventRow.subject),
        col(other.kind).in_(CANCELED),
        col(other.order_id) == col(EventRow.order_id),
        col(other.occurred_at) <= now,
    )
    at = col(EventRow.occurred_at)
    recent = at > now - YEAR
    cents = func.coalesce(EventRow.value_cents, 0)
    statement = (
        columns(
            func.max(at),
            func.sum(case((recent, 1), else_=0)),
            func.sum(case((recent, cents), else_=0)),
        )
        .where(
            # A prefix as a range, so that the key finds it.
            col(EventRow.subject) >= _CUSTOMERS,
            col(EventRow.subject) < f"{SubjectKind.CUSTOMER.value}0",
            col(EventRow.kind) == ORDERED,
            at <= now,
            or_(col(EventRow.order_id).is_(None), ~canceled),
        )
        .group_by(col(EventRow.subject))
    )
    return tuple(
        CustomerTotals((now - last) / timedelta(days=1), int(orders), int(money))
        for last, orders, money in session.connection().execute(statement)
    )


def skus(session: Session, now: Instant) -> dict[SkuId, int]:
    """Add up the units of every SKU over 90 days, today being the last."""
    today = now.date()
    return units.totals(session, today - RANKED + timedelta(days=1), today)
