"""The ledgers' inner workings: what is locked, summed, reaped and shed.

Locks are always taken in one order, so that writers queue instead of
deadlocking: claims by order and revision, then stock cells, then capacity
cells, then single claim rows by id. SQLite has one writer at a time and
ignores the locks.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.claims import Lack, LostHold, Resource, Stage
from store.statements import chunks, insert_new
from store.tables import (
    CapacityClaimRow,
    CapacityRow,
    ClaimRow,
    StockClaimRow,
    StockRow,
)

ClaimKey = tuple[str, int]
Cell = tuple[str, str]
Day = tuple[str, str, str, date]
Row = StockClaimRow | CapacityClaimRow
CLAIM_TABLES: tuple[type[Row], ...] = (StockClaimRow, CapacityClaimRow)

OPEN = (Stage.HELD.value, Stage.COMMITTED.value)
# The work of a shipped order was done that day, and is not given back.
WORKED = (*OPEN, Stage.SHIPPED.value)

_CELL = tuple_(col(StockClaimRow.fc), col(StockClaimRow.sku))
_DAY = tuple_(
    col(CapacityClaimRow.kind),
    col(CapacityClaimRow.fc),
    col(CapacityClaimRow.carrier),
    col(CapacityClaimRow.day),
)


def lock_claims(session: Session, keys: Iterable[ClaimKey]) -> dict[ClaimKey, ClaimRow]:
    """Lock the heads of these claims and return those that exist."""
    found: dict[ClaimKey, ClaimRow] = {}
    key = tuple_(col(ClaimRow.order_id), col(ClaimRow.revision))
    for part in chunks(sorted(set(keys))):
        statement = (
            select(ClaimRow)
            .where(key.in_(part))
            .order_by(col(ClaimRow.order_id), col(ClaimRow.revision))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        for row in session.exec(statement):
            found[row.order_id, row.revision] = row
    return found


def lock_stock(session: Session, cells: Iterable[Cell]) -> dict[Cell, StockRow]:
    """Lock the ledger rows of these cells and return those that exist."""
    found: dict[Cell, StockRow] = {}
    cell = tuple_(col(StockRow.fc), col(StockRow.sku))
    for part in chunks(sorted(set(cells))):
        statement = (
            select(StockRow)
            .where(cell.in_(part))
            .order_by(col(StockRow.fc), col(StockRow.sku))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        for row in session.exec(statement):
            found[row.fc, row.sku] = row
    return found


def lock_capacity(session: Session, days: Collection[Day]) -> None:
    """Lock the ledger rows of these days, writing those that are missing."""
    ordered = sorted(set(days))
    names = ("kind", "fc", "carrier", "day")
    rows = [dict(zip(names, day, strict=True)) for day in ordered]
    insert_new(session, CapacityRow, rows)
    columns = [col(getattr(CapacityRow, name)) for name in names]
    for part in chunks(ordered):
        statement = (
            select(CapacityRow)
            .where(tuple_(*columns).in_(part))
            .order_by(*columns)
            .with_for_update()
        )
        session.exec(statement).all()


def claim_rows(
    session: Session, keys: Iterable[ClaimKey], fc: str | None = None
) -> list[Row]:
    """Lock and return the rows of these claims, of one center if given."""
    rows: list[Row] = []
    for table in CLAIM_TABLES:
        key = tuple_(col(table.order_id), col(table.revision))
        for part in chunks(sorted(set(keys))):
            statement: SelectOfScalar[Any] = select(table).where(key.in_(part))
            if fc is not None:
                statement = statement.where(col(table.fc) == fc)
            statement = statement.order_by(col(table.id)).with_for_update()
            statement = statement.execution_options(populate_existing=True)
            rows.extend(session.exec(statement))
    return rows


def units_taken(session: Session, cells: Iterable[Cell]) -> dict[Cell, int]:
    """Sum what is held and committed per cell; call it with the cells locked."""
    cell = (col(StockClaimRow.fc), col(StockClaimRow.sku))
    total = columns(*cell, func.sum(StockClaimRow.units)).group_by(*cell)
    taken: dict[Cell, int] = {}
    for part in chunks(sorted(set(cells))):
        statement = total.where(_CELL.in_(part), col(StockClaimRow.stage).in_(OPEN))
        for fc, sku, units in session.connection().execute(statement):
            taken[fc, sku] = int(units)
    return taken


def work_taken(session: Session, days: Iterable[Day]) -> dict[Day, int]:
    """Sum what is held, committed and done per day; call it with the days locked."""
    row = CapacityClaimRow
    cell = (col(row.kind), col(row.fc), col(row.carrier), col(row.day))
    total = columns(*cell, func.sum(row.amount)).group_by(*cell)
    taken: dict[Day, int] = {}
    for part in chunks(sorted(set(days))):
        statement = total.where(_DAY.in_(part), col(row.stage).in_(WORKED))
        for kind, fc, carrier, day, amount in session.connection().execute(statement):
            taken[kind, fc, carrier, day] = int(amount)
    return taken


def counts(table: type[Row], now: datetime) -> ColumnElement[bool]:
    """Say which claims count at that instant: committed ones and live holds."""
    unexpired = or_(col(table.expires_at).is_(None), col(table.expires_at) > now)
    held = and_(col(table.stage) == Stage.HELD.value, unexpired)
    return or_(held, col(table.stage) == Stage.COMMITTED.value)


def reap_stock(session: Session, cells: Iterable[Cell], now: datetime) -> None:
    """Mark expired holds on these locked cells, so that they are nobody's."""
    for part in chunks(sorted(set(cells))):
        _expire(session, StockClaimRow, now, _CELL.in_(part))


def reap_capacity(session: Session, days: Iterable[Day], now: datetime) -> None:
    """Mark expired holds on these locked days, so that they are nobody's."""
    for part in chunks(sorted(set(days))):
        _expire(session, CapacityClaimRow, now, _DAY.in_(part))


def reap_everywhere(session: Session, now: datetime) -> int:
    """Mark every expired hold that nobody else is working on, and count them."""
    return sum(_expire(session, table, now, skip_locked=True) for table in CLAIM_TABLES)


def shed(session: Session, stock: Collection[StockRow]) -> tuple[LostHold, ...]:
    """Take claims off locked cells that hold less than is claimed of them.

    Newest holds go first, then newest commitments, each whole, until what
    stays claimed is on hand.
    """
    on_hand = {(row.fc, row.sku): row.on_hand for row in stock}
    claimed: dict[Cell, list[StockClaimRow]] = {}
    for part in chunks(sorted(on_hand)):
        for claim in session.exec(_open_claims(part)):
            claimed.setdefault((claim.fc, claim.sku), []).append(claim)
    losers = [
        loser
        for cell, claims in sorted(claimed.items())
        for loser in _losers(claims, on_hand[cell])
    ]
    lost = tuple(_lost(row) for row in losers)
    _set_stage(session, StockClaimRow, [row.id for row in losers], Stage.LOST)
    return lost


def lacking(
    units: dict[Cell, tuple[int, int]], work: dict[Day, tuple[int, int]]
) -> tuple[Lack, ...]:
    """Name every cell where more is asked (first figure) than free (second)."""
    lacks = [
        {
            "resource": Resource.STOCK,
            "fc": fc,
            "sku": sku,
            "asked": asked,
            "free": max(0, free),
        }
        for (fc, sku), (asked, free) in sorted(units.items())
        if asked > free
    ]
    lacks += [
        {
            "resource": Resource(kind),
            "fc": fc,
            "carrier": carrier or None,
            "day": day,
            "asked": asked,
            "free": max(0, free),
        }
        for (kind, fc, carrier, day), (asked, free) in sorted(work.items())
        if asked > free
    ]
    return tuple(Lack.model_validate(lack) for lack in lacks)


def _expire(
    session: Session,
    table: type[Row],
    now: datetime,
    *where: ColumnElement[bool],
    skip_locked: bool = False,
) -> int:
    expired = (
        select(table.id)
        .where(
            col(table.stage) == Stage.HELD.value,
            col(table.expires_at) <= now,
            *where,
        )
        .order_by(col(table.id))
        .with_for_update(skip_locked=skip_locked)
    )
    ids = list(session.exec(expired))
    for part in chunks(ids):
        _set_stage(session, table, part, Stage.EXPIRED)
    return len(ids)


def _open_claims(cells: list[Cell]) -> SelectOfScalar[StockClaimRow]:
    return (
        select(StockClaimRow)
        .where(_CELL.in_(cells), col(StockClaimRow.stage).in_(OPEN))
        .order_by(col(StockClaimRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _losers(claims: list[StockClaimRow], on_hand: int) -> list[StockClaimRow]:
    """Choose which claims on one cell go: oldest first in, newest first out."""
    beyond = sum(claim.units for claim in claims) - on_hand
    newest_first = sorted(
        reversed(claims), key=lambda claim: claim.stage == Stage.COMMITTED.value
    )
    losers = []
    for claim in newest_first:
        if beyond <= 0:
            break
        beyond -= claim.units
        losers.append(claim)
    return losers


def _lost(row: StockClaimRow) -> LostHold:
    return LostHold.model_validate(
        {
            "order_id": row.order_id,
            "revision": row.revision,
            "fc": row.fc,
            "sku": row.sku,
            "units": row.units,
            "committed": row.stage == Stage.COMMITTED.value,
        }
    )


def _set_stage(session: Session, table: type[Row], ids: list[Any], to: Stage) -> None:
    if not ids:
        return
    statement = update(table).where(col(table.id).in_(ids)).values(stage=to.value)
    session.connection().execute(statement)
