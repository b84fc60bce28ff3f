"""Holding several claims at once: lock, reap, sum, then take or refuse each.

1. write and lock the heads of all claims, in sorted order
2. lock every stock and capacity cell that any of them needs
3. mark expired holds on those cells as nobody's
4. sum what is still taken, and serve the claims in the order given
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col

from domain.errors import Immutable
from domain.quantities import Instant
from store.claims import Claim, Held, Refused, Stage
from store.ledger import (
    CLAIM_TABLES,
    OPEN,
    WORKED,
    Cell,
    ClaimKey,
    Day,
    Row,
    claim_rows,
    lacking,
    lock_capacity,
    lock_claims,
    lock_stock,
    reap_capacity,
    reap_stock,
    units_taken,
    work_taken,
)
from store.statements import insert_new
from store.tables import CapacityClaimRow, ClaimRow, StockClaimRow


def take(
    session: Session,
    claims: tuple[Claim, ...],
    now: Instant,
    instead_of: ClaimKey | None = None,
) -> tuple[Held | Refused, ...]:
    """Hold each claim whole or not at all, in the order given.

    Parameters
    ----------
    instead_of
        A claim whose goods the (only) claim may use, released if it is held.
    """
    if len({_key(claim) for claim in claims}) < len(claims):
        msg = "claims: an order's revision is claimed twice; claim it once"
        raise ValueError(msg)
    ledger = _open(session, claims, now, instead_of)
    answers = {_key(claim): _serve(session, ledger, claim, now) for claim in claims}
    insert_new(session, StockClaimRow, ledger.new_units)
    insert_new(session, CapacityClaimRow, ledger.new_work)
    _forget_refused(session, ledger, tuple(answers.values()))
    return tuple(answers[_key(claim)] for claim in claims)


@dataclass
class _Ledger:
    """What is free of the locked cells, and the claims already there."""

    heads: dict[ClaimKey, ClaimRow]
    rows: dict[ClaimKey, list[Row]]
    units: dict[Cell, int]
    work: dict[Day, int]
    fresh: set[ClaimKey]
    instead_of: ClaimKey | None
    new_units: list[dict[str, Any]] = field(default_factory=list)
    new_work: list[dict[str, Any]] = field(default_factory=list)


def _open(
    session: Session,
    claims: tuple[Claim, ...],
    now: datetime,
    instead_of: ClaimKey | None,
) -> _Ledger:
    keys = {_key(claim) for claim in claims}
    known = keys | ({instead_of} if instead_of else set())
    before = lock_claims(session, known)
    written = _write_heads(session, claims, now)
    # Nobody else sees what this transaction wrote: it is locked already.
    heads = lock_claims(session, known) if written is None else before | written
    cells = {cell for claim in claims for cell in claim.units()}
    days = {day for claim in claims for day in claim.work()}
    stock = lock_stock(session, cells)
    lock_capacity(session, days)
    reap_stock(session, cells, now)
    reap_capacity(session, days, now)
    taken = units_taken(session, cells)
    rows: dict[ClaimKey, list[Row]] = {key: [] for key in known}
    # A claim whose head was not there has no rows either.
    if held := heads.keys() - (written or {}).keys():
        for row in claim_rows(session, held):
            rows[row.order_id, row.revision].append(row)
    return _Ledger(
        heads=heads,
        rows=rows,
        units={cell: row.on_hand - taken.get(cell, 0) for cell, row in stock.items()},
        work=work_taken(session, days),
        fresh=keys - before.keys(),
        instead_of=instead_of,
    )


def _write_heads(
    session: Session, claims: tuple[Claim, ...], now: datetime
) -> dict[ClaimKey, ClaimRow] | None:
    """Write the heads that are missing; return them where all were, else None."""
    heads: list[dict[str, Any]] = [
        {
            "order_id": claim.order_id,
            "revision": claim.revision,
            "digest": claim.digest(),
            "held_at": now,
        }
        for claim in sorted(claims, key=_key)
    ]
    if insert_new(session, ClaimRow, heads) < len(heads):
        return None
    return {(head["order_id"], head["revision"]): ClaimRow(**head) for head in heads}


def _serve(
    session: Session, ledger: _Ledger, claim: Claim, now: datetime
) -> Held | Refused:
    key = _key(claim)
    standing = [row for row in ledger.rows[key] if row.stage in WORKED]
    if standing and ledger.heads[key].digest != claim.digest():
        msg = (
            f"order {claim.order_id!r} revision {claim.revision} already holds other "
            f"goods; claim under a new revision, or release this one first"
        )
        raise Immutable(msg)
    units, work = _missing(claim, standing)
    back_units, back_work = _given_back(ledger, key)
    free_units = {
        cell: (asked, ledger.units.get(cell, 0) + back_units.get(cell, 0))
        for cell, asked in units.items()
    }
    free_work = {
        day: (amount, limit - ledger.work.get(day, 0) + back_work.get(day, 0))
        for day, (amount, limit) in work.items()
        if limit is not None
    }
    lacks = lacking(free_units, free_work)
    if lacks:
        return Refused(order_id=claim.order_id, revision=claim.revision, lacks=lacks)
    _release_old(session, ledger, back_units, back_work)
    _write(session, ledger, claim, units, work, now)
    return Held(order_id=claim.order_id, revision=claim.revision)


def _missing(
    claim: Claim, standing: list[Row]
) -> tuple[dict[Cell, int], dict[Day, tuple[int, int | None]]]:
    """Leave out what an earlier attempt already holds."""
    cells = {(r.fc, r.sku) for r in standing if isinstance(r, StockClaimRow)}
    days = {_day(r) for r in standing if isinstance(r, CapacityClaimRow)}
    return (
        {cell: units for cell, units in claim.units().items() if cell not in cells},
        {day: work for day, work in claim.work().items() if day not in days},
    )


def _given_back(
    ledger: _Ledger, key: ClaimKey
) -> tuple[dict[Cell, int], dict[Day, int]]:
    """Sum what releasing the old claim would free; nothing where there is none."""
    units: dict[Cell, int] = {}
    work: dict[Day, int] = {}
    if ledger.instead_of is None or ledger.instead_of == key:
        return units, work
    for row in ledger.rows[ledger.instead_of]:
        if row.stage not in OPEN:
            continue
        if isinstance(row, StockClaimRow):
            units[row.fc, row.sku] = row.units
        else:
            work[_day(row)] = row.amount
    return units, work


def _release_old(
    session: Session, ledger: _Ledger, units: dict[Cell, int], work: dict[Day, int]
) -> None:
    if (not units and not work) or ledger.instead_of is None:
        return
    order_id, revision = ledger.instead_of
    for table in CLAIM_TABLES:
        statement = (
            update(table)
            .where(
                col(table.order_id) == order_id,
                col(table.revision) == revision,
                col(table.stage).in_(OPEN),
            )
            .values(stage=Stage.RELEASED.value)
        )
        session.connection().execute(statement)


def _write(
    session: Session,
    ledger: _Ledger,
    claim: Claim,
    units: dict[Cell, int],
    work: dict[Day, tuple[int, int | None]],
    now: datetime,
) -> None:
    key = _key(claim)
    if ledger.heads[key].digest != claim.digest():
        statement = (
            update(ClaimRow)
            .where(
                col(ClaimRow.order_id) == claim.order_id,
                col(ClaimRow.revision) == claim.revision,
            )
            .values(digest=claim.digest(), held_at=now)
        )
        session.connection().execute(statement)
    _drop_dead(session, [row for row in ledger.rows[key] if row.stage not in WORKED])
    common = {
        "order_id": claim.order_id,
        "revision": claim.revision,
        "stage": Stage.HELD.value,
        "expires_at": claim.expires_at,
    }
    for (fc, sku), asked in sorted(units.items()):
        ledger.units[fc, sku] -= asked
        ledger.new_units.append(
            common | {"fc": fc, "sku": sku, "claimed": asked, "units": asked}
        )
    for day, (amount, _) in sorted(work.items()):
        ledger.work[day] = ledger.work.get(day, 0) + amount
        cell = dict(zip(("kind", "fc", "carrier", "day"), day, strict=True))
        ledger.new_work.append(common | cell | {"amount": amount})


def _drop_dead(session: Session, rows: list[Row]) -> None:
    for row in rows:
        table = type(row)
        session.connection().execute(delete(table).where(col(table.id) == row.id))


def _forget_refused(
    session: Session, ledger: _Ledger, answers: tuple[Held | Refused, ...]
) -> None:
    """Leave no head behind for a claim that took nothing."""
    for answer in answers:
        key = (answer.order_id, answer.revision)
        if isinstance(answer, Refused) and key in ledger.fresh:
            statement = delete(ClaimRow).where(
                col(ClaimRow.order_id) == answer.order_id,
                col(ClaimRow.revision) == answer.revision,
            )
            session.connection().execute(statement)


def _key(claim: Claim) -> ClaimKey:
    return (claim.order_id, claim.revision)


def _day(row: CapacityClaimRow) -> tuple[str, str, str, date]:
    return (row.kind, row.fc, row.carrier, row.day)
