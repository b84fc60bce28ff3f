"""Lists of counterparts: how far each was read; order sources: whose order is whose."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from domain.order import Line
from domain.ordering import ShipmentNotice
from domain.quantities import CarrierId, Instant, OrderId, SkuId, Value
from store.statements import insert_new, upsert
from store.tables import (
    OrderSourceRow,
    ParcelRow,
    ShipmentRow,
    SourcedOrderRow,
    ToldShipmentRow,
)


class Sourced(Value):
    """One order of a source, and which of ours it is."""

    source_id: str
    order_id: OrderId


def cursor(session: Session, connection: str) -> str | None:
    """Return how far a counterpart's list was read; None for not at all."""
    row = session.get(OrderSourceRow, connection)
    return None if row is None else row.cursor


def read_on(
    session: Session,
    connection: str,
    to: str,
    taken: Iterable[Sourced],
    now: Instant,
) -> None:
    """Note that a page was read to its end, and which orders it brought."""
    rows = [
        {
            "connection": connection,
            "source_id": each.source_id,
            "order_id": each.order_id,
        }
        for each in taken
    ]
    insert_new(session, SourcedOrderRow, rows)
    row = {"connection": connection, "cursor": to, "read_at": now}
    upsert(session, OrderSourceRow, ("connection",), [row])


def order_of(session: Session, connection: str, source_id: str) -> OrderId | None:
    """Return which order of ours a source's order is."""
    row = session.get(SourcedOrderRow, (connection, source_id))
    return None if row is None else OrderId(row.order_id)


def untold(session: Session, connection: str, most: int) -> tuple[ShipmentNotice, ...]:
    """List departures of a source's orders that it was not told of, oldest first.

    A departure that no carrier has (the customer collects) is not among them.
    """
    told = select(ToldShipmentRow.key).where(ToldShipmentRow.connection == connection)
    statement = (
        select(ShipmentRow, SourcedOrderRow)
        .where(
            col(SourcedOrderRow.connection) == connection,
            col(ShipmentRow.order_id) == col(SourcedOrderRow.order_id),
            col(ShipmentRow.key).not_in(told),
        )
        .order_by(
            col(ShipmentRow.shipped_at), col(ShipmentRow.key), col(ShipmentRow.sku)
        )
    )
    departures: dict[str, list[tuple[ShipmentRow, str]]] = {}
    for shipment, sourced in session.exec(statement):
        departures.setdefault(shipment.key, []).append((shipment, sourced.source_id))
    found = []
    for key, rows in departures.items():
        # A release's key is its parcel's id and the plan's revision.
        parcel = session.get(ParcelRow, key.rpartition("/")[0])
        if parcel is not None:
            found.append(_notice(key, rows, parcel))
        if len(found) == most:
            break
    return tuple(found)


def told(session: Session, connection: str, key: str, now: Instant) -> None:
    """Note that a source was told of a departure."""
    row = {"connection": connection, "key": key, "told_at": now}
    insert_new(session, ToldShipmentRow, [row])


def _notice(
    key: str, rows: list[tuple[ShipmentRow, str]], parcel: ParcelRow
) -> ShipmentNotice:
    first, source_id = rows[0]
    return ShipmentNotice(
        key=key,
        source_id=source_id,
        order_id=OrderId(first.order_id),
        carrier=CarrierId(parcel.carrier),
        service=parcel.service,
        tracking_number=parcel.tracking_number,
        lines=tuple(Line(sku=SkuId(row.sku), units=row.units) for row, _ in rows),
        shipped_at=first.shipped_at,
        cost_cents=parcel.booked_cents,
    )
