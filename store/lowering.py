"""Lowering the ledgers: goods that leave, lines given back."""

import hashlib

from sqlalchemy import func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col

from domain.order import Line
from domain.quantities import FcId, OrderId
from domain.warehousing import StockReport
from store.claims import Stage
from store.ledger import OPEN, Row, claim_rows
from store.statements import insert_new
from store.tables import (
    CapacityClaimRow,
    ReleaseRow,
    ShipmentRow,
    StockClaimRow,
    StockRow,
)


def left_since(session: Session, report: StockReport) -> dict[str, int]:
    """Sum what left the center after the count was made, per SKU."""
    statement = (
        columns(col(ShipmentRow.sku), func.sum(ShipmentRow.units))
        .where(
            col(ShipmentRow.fc) == report.fc,
            col(ShipmentRow.shipped_at) > report.as_of,
        )
        .group_by(col(ShipmentRow.sku))
    )
    rows = session.connection().execute(statement)
    return {sku: int(units) for sku, units in rows}


def give_back(
    session: Session,
    order_id: OrderId,
    revision: int,
    fc: FcId | None,
    lines: tuple[Line, ...],
    key: str | None,
) -> None:
    """Give some lines back in one center, once per key."""
    if fc is None:
        msg = "fc: None, but lines are given back in one center; name it"
        raise ValueError(msg)
    units = units_of(lines)
    words = ",".join(f"{sku}={count}" for sku, count in units.items())
    act = key or hashlib.sha256(words.encode()).hexdigest()
    row = {"order_id": order_id, "revision": revision, "fc": fc, "key": act}
    if insert_new(session, ReleaseRow, [row]):
        _lower_claims(session, order_id, revision, fc, units, Stage.RELEASED)


def settle(
    session: Session,
    order_id: OrderId,
    revision: int,
    fc: FcId,
    left: dict[str, int],
) -> None:
    """Lower the claims on what left, and keep the work as done."""
    _lower_claims(session, order_id, revision, fc, left, Stage.SHIPPED)
    for row in claim_rows(session, [(order_id, revision)], fc):
        if isinstance(row, CapacityClaimRow) and row.stage in OPEN:
            change(session, row, stage=Stage.SHIPPED.value, expires_at=None)


def units_of(lines: tuple[Line, ...]) -> dict[str, int]:
    """Add units up per SKU, in the SKUs' order."""
    units: dict[str, int] = {}
    for line in sorted(lines, key=lambda line: line.sku):
        units[line.sku] = units.get(line.sku, 0) + line.units
    return units


def lower_stock(session: Session, cell: StockRow, units: int) -> None:
    """Take units off what is on hand, never below none."""
    rest = max(0, cell.on_hand - units)
    statement = (
        update(StockRow)
        .where(col(StockRow.fc) == cell.fc, col(StockRow.sku) == cell.sku)
        .values(on_hand=rest)
    )
    session.connection().execute(statement)


def change(session: Session, row: Row, **values: object) -> None:
    """Set some columns of one claim's row."""
    table = type(row)
    statement = update(table).where(col(table.id) == row.id).values(**values)
    session.connection().execute(statement)


def _lower_claims(
    session: Session,
    order_id: OrderId,
    revision: int,
    fc: FcId,
    units: dict[str, int],
    empty: Stage,
) -> None:
    for row in claim_rows(session, [(order_id, revision)], fc):
        if not isinstance(row, StockClaimRow) or row.stage not in OPEN:
            continue
        rest = max(0, row.units - units.get(row.sku, 0))
        stage = row.stage if rest else empty.value
        change(session, row, units=rest, stage=stage)
