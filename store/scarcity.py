"""What is scarce and what more of it is worth, as the latest batches found it."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session, col, delete, or_, select

from domain.quantities import CarrierId, FcId, Instant, SkuId
from domain.scarcity import Scarce, ScarceKind
from store.statements import upsert
from store.tables import ScarceRow

_KEY = ("kind", "fc", "sku", "carrier", "day")
# Absent parts of the key: a primary key has no nulls.
_NONE = ""


def keep(session: Session, found: Iterable[Scarce], network_version: str) -> None:
    """Keep prices of a network's things in place of what was known of them."""
    rows = [
        {
            "kind": each.kind.value,
            "fc": each.fc,
            "sku": each.sku or _NONE,
            "carrier": each.carrier or _NONE,
            "day": each.day.isoformat() if each.day else _NONE,
            "millicents": each.millicents,
            "strict_millicents": each.strict_millicents,
            "network_version": network_version,
            "found_at": each.found_at,
        }
        for each in found
    ]
    # Workers that keep the same things take their rows in the same order.
    rows.sort(key=lambda row: tuple(str(row[name]) for name in _KEY))
    upsert(session, ScarceRow, _KEY, rows)


def forget(session: Session, network_version: str, before: Instant) -> None:
    """Drop prices of other networks, and those found before an instant."""
    other = col(ScarceRow.network_version) != network_version
    old = col(ScarceRow.found_at) < before
    session.exec(delete(ScarceRow).where(or_(other, old)))


def known(
    session: Session,
    network_version: str,
    since: Instant,
    skus: Sequence[SkuId] | None = None,
) -> tuple[Scarce, ...]:
    """Return the prices found for a network since an instant, by kind and place.

    ``skus`` leaves out the stock of all others; capacities always belong to it.
    """
    statement = select(ScarceRow).where(
        ScarceRow.network_version == network_version,
        col(ScarceRow.found_at) >= since,
    )
    if skus is not None:
        statement = statement.where(col(ScarceRow.sku).in_([_NONE, *skus]))
    statement = statement.order_by(*(getattr(ScarceRow, name) for name in _KEY))
    return tuple(_told(row) for row in session.exec(statement))


def _told(row: ScarceRow) -> Scarce:
    return Scarce(
        kind=ScarceKind(row.kind),
        fc=FcId(row.fc),
        sku=SkuId(row.sku) if row.sku else None,
        carrier=CarrierId(row.carrier) if row.carrier else None,
        day=date.fromisoformat(row.day) if row.day else None,
        millicents=row.millicents,
        strict_millicents=row.strict_millicents,
        found_at=row.found_at,
    )
