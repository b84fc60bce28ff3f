"""Units of each SKU ordered per day (UTC), from which its velocity is told."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import delete, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from domain.quantities import SkuId
from store.statements import chunks, insert
from store.tables import DailyUnitsRow


def add(session: Session, units: Mapping[tuple[SkuId, date], int]) -> None:
    """Add units (or take away, where negative) to the days they were ordered."""
    rows = [
        {"sku": sku, "day": day, "units": count}
        for (sku, day), count in sorted(units.items())
        if count
    ]
    if not rows:
        return
    new = insert(session, DailyUnitsRow)
    statement = new.on_conflict_do_update(
        index_elements=("sku", "day"),
        set_={"units": col(DailyUnitsRow.units) + new.excluded.units},
    )
    session.connection().execute(statement, rows)
    lowered = sorted({sku for (sku, _), count in units.items() if count < 0})
    for part in chunks(lowered):
        # As if what was taken back had never been there.
        empty = col(DailyUnitsRow.sku).in_(part), col(DailyUnitsRow.units) == 0
        session.connection().execute(delete(DailyUnitsRow).where(*empty))


def by_day(
    session: Session, skus: Iterable[SkuId], since: date, until: date
) -> dict[SkuId, dict[date, int]]:
    """Return the units of each SKU on each day it was ordered, both ends included.

    A day without orders has no entry; a SKU without any has an empty one.
    """
    days: dict[SkuId, dict[date, int]] = {sku: {} for sku in skus}
    for part in chunks(sorted(days)):
        statement = columns(
            col(DailyUnitsRow.sku), col(DailyUnitsRow.day), col(DailyUnitsRow.units)
        ).where(
            col(DailyUnitsRow.sku).in_(part),
            col(DailyUnitsRow.day).between(since, until),
        )
        for sku, day, units in session.connection().execute(statement):
            days[SkuId(sku)][day] = units
    return days


def totals(session: Session, since: date, until: date) -> dict[SkuId, int]:
    """Return the units of every SKU ordered in those days, both ends included."""
    statement = (
        columns(col(DailyUnitsRow.sku), func.sum(DailyUnitsRow.units))
        .where(col(DailyUnitsRow.day).between(since, until))
        .group_by(col(DailyUnitsRow.sku))
    )
    rows = session.connection().execute(statement)
    return {SkuId(sku): int(units) for sku, units in rows}


def prune(session: Session, before: date) -> int:
    """Forget the days before one and return how many cells that were."""
    statement = delete(DailyUnitsRow).where(col(DailyUnitsRow.day) < before)
    return session.connection().execute(statement).rowcount
