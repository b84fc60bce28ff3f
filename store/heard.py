"""When each source of facts was last heard of."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.quantities import Instant, SkuId
from store.statements import upsert
from store.tables import ActiveRow, StockRow

_PREFIX = "heard/"


def note(session: Session, source: str, now: Instant) -> None:
    """Note that a source answered just now."""
    row = {"thing": f"{_PREFIX}{source}", "version": source, "since": now}
    upsert(session, ActiveRow, ("thing",), [row])


def since(session: Session) -> dict[str, datetime]:
    """Return when each source was last heard of; one never heard of is absent."""
    statement = select(ActiveRow).where(col(ActiveRow.thing).startswith(_PREFIX))
    return {row.version: row.since for row in session.exec(statement)}


def counted(session: Session, skus: Iterable[SkuId]) -> datetime | None:
    """Return when the stock of these SKUs was counted, where longest ago."""
    statement = select(func.min(StockRow.counted_at)).where(
        col(StockRow.sku).in_(sorted(set(skus)))
    )
    return session.exec(statement).one()
