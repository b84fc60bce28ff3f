"""The ledgers of stock and capacity: counts, holds, commitments, shipments.

Free is on hand minus live holds minus commitments, never stored and so never
wrong. A claim of an order's revision is held, then committed, then shipped;
or it is released, expires, or is lost to a recount. Every function that
changes a ledger wants a session of ``Store.writing``.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.order import Line
from domain.quantities import CarrierId, FcId, Instant, OrderId, SkuId
from domain.warehousing import StockReport
from store.claims import (
    Books,
    Claim,
    Held,
    LedgerEntry,
    LostHold,
    Refused,
    Resource,
    Shipment,
    Stage,
    Taken,
)
from store.ledger import (
    CLAIM_TABLES,
    OPEN,
    Row,
    claim_rows,
    counts,
    lock_claims,
    lock_stock,
    reap_everywhere,
    reap_stock,
    shed,
)
from store.lowering import change, give_back, left_since, lower_stock, settle, units_of
from store.statements import chunks, insert_new, upsert
from store.tables import (
    CapacityClaimRow,
    ShipmentRow,
    StockClaimRow,
    StockRow,
)
from store.taking import take

# Days of a center ended this long ago are nobody's concern any more.
PAST = timedelta(days=2)
DEAD = (Stage.RELEASED.value, Stage.EXPIRED.value, Stage.LOST.value)


def load(session: Session, report: StockReport) -> tuple[LostHold, ...]:
    """Take over a physical count and say which claims it takes the goods from.

    What left the center after the count was made is subtracted from it; a
    count older than the last one changes nothing, and a figure below
    zero counts as none. Where less is there than is claimed, the
    newest holds are lost first, then the newest commitments, each whole.
    """
    rows = [
        {"fc": report.fc, "sku": sku, "on_hand": 0, "counted_at": report.as_of}
        for sku in sorted(report.on_hand)
    ]
    insert_new(session, StockRow, rows)
    cells = [(report.fc, sku) for sku in report.on_hand]
    stock = lock_stock(session, cells)
    left = left_since(session, report)
    counted = [
        {
            "fc": row.fc,
            "sku": row.sku,
            "on_hand": max(0, report.on_hand[SkuId(row.sku)] - left.get(row.sku, 0)),
            "counted_at": report.as_of,
        }
        for row in stock.values()
        if row.counted_at <= report.as_of
    ]
    upsert(session, StockRow, ("fc", "sku"), counted)
    reap_stock(session, cells, report.as_of)
    return shed(session, lock_stock(session, cells).values())


def free(
    session: Session, now: Instant, skus: tuple[SkuId, ...] | None = None
) -> dict[tuple[FcId, SkuId], int]:
    """Return the units nobody has a live claim on, per center and SKU.

    Cells that were never counted are absent; None asks for every SKU.
    """
    fc, sku, on_hand = col(StockRow.fc), col(StockRow.sku), col(StockRow.on_hand)
    claims = (
        columns(
            col(StockClaimRow.fc),
            col(StockClaimRow.sku),
            func.sum(StockClaimRow.units).label("units"),
        )
        .where(counts(StockClaimRow, now))
        .group_by(col(StockClaimRow.fc), col(StockClaimRow.sku))
        .subquery()
    )
    same_cell = (claims.c.fc == fc) & (claims.c.sku == sku)
    unclaimed = on_hand - func.coalesce(claims.c.units, 0)
    statement = columns(fc, sku, unclaimed).outerjoin(claims, same_cell)
    parts = [None] if skus is None else chunks(sorted(set(skus)))
    return {
        (FcId(row[0]), SkuId(row[1])): int(row[2])
        for part in parts
        for row in session.connection().execute(
            statement if part is None else statement.where(sku.in_(part))
        )
    }


def hold(session: Session, claim: Claim, now: Instant) -> Held | Refused:
    """Hold all that one claim asks, or nothing and say what lacked.

    The same claim again answers as before. Expired holds in its way are
    reaped first.

    Raises
    ------
    Immutable
        When this revision of the order already holds something else.
    """
    return hold_all(session, (claim,), now)[0]


def hold_all(
    session: Session, claims: tuple[Claim, ...], now: Instant
) -> tuple[Held | Refused, ...]:
    """Hold each of several claims in the order given, every one all or nothing.

    All locks are taken at once: use this, not several ``hold``, where one
    transaction serves several orders.
    """
    return take(session, claims, now)


def swap(
    session: Session,
    order_id: OrderId,
    old_revision: int,
    claim: Claim,
    now: Instant,
) -> Held | Refused:
    """Hold a new claim in place of an old revision's; a refusal keeps the old."""
    return take(session, (claim,), now, instead_of=(order_id, old_revision))[0]


def confirm(
    session: Session,
    order_id: OrderId,
    revision: int,
    now: Instant,
    fc: FcId | None = None,
) -> bool:
    """Turn a revision's holds into commitments, all of them or one center's.

    Returns
    -------
    bool
        False when any of them expired, was lost or was released: the order
        must be decided again. Confirming twice is confirming once.
    """
    if not lock_claims(session, [(order_id, revision)]):
        return False
    rows = claim_rows(session, [(order_id, revision)], fc)
    if any(row.stage in DEAD or _expired(row, now) for row in rows):
        return False
    held = [row for row in rows if row.stage == Stage.HELD.value]
    for row in held:
        change(session, row, stage=Stage.COMMITTED.value, expires_at=None)
    return True


def extend(
    session: Session, order_id: OrderId, revision: int, expires_at: Instant | None
) -> bool:
    """Let a revision's holds live until another instant; None means for good.

    Returns
    -------
    bool
        False when some of what was claimed is no longer there.
    """
    if not lock_claims(session, [(order_id, revision)]):
        return False
    rows = claim_rows(session, [(order_id, revision)])
    for row in rows:
        if row.stage == Stage.HELD.value:
            change(session, row, expires_at=expires_at)
    return not any(row.stage in DEAD for row in rows)


def release(
    session: Session,
    order_id: OrderId,
    revision: int,
    fc: FcId | None = None,
    lines: tuple[Line, ...] | None = None,
    key: str | None = None,
) -> None:
    """Give holds and commitments back; what was never claimed is fine.

    Parameters
    ----------
    fc
        The only center to give back in; None means everywhere.
    lines
        The only units to give back (after a short pick), in center ``fc``;
        the day's capacity stays taken. None means everything.
    key
        What makes giving these lines back one act, however often it is asked
        for; when absent, the lines themselves.
    """
    lock_claims(session, [(order_id, revision)])
    if lines is not None:
        give_back(session, order_id, revision, fc, lines, key)
        return
    for row in claim_rows(session, [(order_id, revision)], fc):
        if row.stage in OPEN:
            change(session, row, stage=Stage.RELEASED.value)


def ship(
    session: Session,
    order_id: OrderId,
    revision: int,
    fc: FcId,
    lines: tuple[Line, ...],
    now: Instant,
    key: str,
) -> tuple[LostHold, ...]:
    """Lower on hand and commitment together, once per key.

    Parameters
    ----------
    now
        When the goods left, as the warehouse says. A count made later already
        misses them; then only the commitment is lowered.
    key
        What makes this one departure (the parcel's id, for example).

    Returns
    -------
    tuple of LostHold
        Claims of others that went because goods left that nobody had claimed;
        empty where the books were right.
    """
    lock_claims(session, [(order_id, revision)])
    departed = {
        "order_id": order_id,
        "revision": revision,
        "fc": fc,
        "key": key,
        "shipped_at": now,
    }
    left = units_of(lines)
    new = [departed | {"sku": sku, "units": units} for sku, units in left.items()]
    if not insert_new(session, ShipmentRow, new):
        return ()
    stock = lock_stock(session, [(fc, sku) for sku in left])
    for cell in stock.values():
        if now >= cell.counted_at:
            lower_stock(session, cell, left[cell.sku])
    settle(session, order_id, revision, fc, left)
    reap_stock(session, stock, now)
    return shed(session, lock_stock(session, stock).values())


def reap(session: Session, now: Instant) -> int:
    """Mark every expired hold and return how many there were."""
    return reap_everywhere(session, now)


def taken(session: Session, now: Instant) -> Taken:
    """Sum the capacity given out, for the days that are not long past."""
    answer = Taken(lines={}, orders={}, parcels={})
    row = CapacityClaimRow
    worked = counts(row, now) | (col(row.stage) == Stage.SHIPPED.value)
    cell = (col(row.kind), col(row.fc), col(row.carrier), col(row.day))
    statement = (
        columns(*cell, func.sum(row.amount))
        .where(worked, col(row.day) >= (now - PAST).date())
        .group_by(*cell)
    )
    for kind, fc, carrier, day, amount in session.connection().execute(statement):
        match Resource(kind):
            case Resource.LINES:
                answer.lines[FcId(fc), day] = int(amount)
            case Resource.ORDERS:
                answer.orders[FcId(fc), day] = int(amount)
            case Resource.VEHICLES:
                answer.vehicle_g[FcId(fc), carrier, day] = int(amount)
            case _:
                answer.parcels[FcId(fc), CarrierId(carrier), day] = int(amount)
    return answer


def held(session: Session, order_id: OrderId) -> tuple[LedgerEntry, ...]:
    """List what is held and committed for an order, oldest first."""
    rows: list[Row] = []
    for table in CLAIM_TABLES:
        statement: SelectOfScalar[Any] = select(table).where(
            col(table.order_id) == order_id, col(table.stage).in_(OPEN)
        )
        rows.extend(session.exec(statement.order_by(col(table.id))))
    return tuple(_entry(row) for row in rows)


def books(session: Session) -> Books:
    """Return the whole ledger, live and dead claims alike."""
    rows: list[Row] = []
    for table in CLAIM_TABLES:
        every: SelectOfScalar[Any] = select(table).order_by(col(table.id))
        rows.extend(session.exec(every))
    stock = session.exec(select(StockRow))
    shipments = session.exec(
        select(ShipmentRow).order_by(col(ShipmentRow.shipped_at), col(ShipmentRow.key))
    )
    return Books(
        on_hand={(FcId(row.fc), SkuId(row.sku)): row.on_hand for row in stock},
        entries=tuple(_entry(row) for row in rows),
        shipments=tuple(Shipment.model_validate(row.model_dump()) for row in shipments),
    )


def _expired(row: Row, now: datetime) -> bool:
    held = row.stage == Stage.HELD.value
    return held and row.expires_at is not None and row.expires_at <= now


def _entry(row: Row) -> LedgerEntry:
    common = row.model_dump(exclude={"id"})
    if isinstance(row, StockClaimRow):
        common |= {"resource": Resource.STOCK, "amount": row.units}
    else:
        common |= {
            "resource": row.kind,
            "claimed": row.amount,
            "carrier": row.carrier or None,
        }
    return LedgerEntry.model_validate(common)
