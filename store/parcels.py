"""Booked parcels: whose they are, and how a carrier's scan finds them."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    OrderId,
    ParcelId,
    ServiceId,
    Value,
)
from domain.shipping import ParcelStatus
from store.statements import upsert
from store.tables import ParcelRow


class ParcelRecord(Value):
    """One parcel as booked, and its status when last reported."""

    parcel_id: ParcelId
    order_id: OrderId
    fc: FcId
    carrier: CarrierId
    service: ServiceId
    tracking_number: str
    booking_id: str
    booked_cents: Count
    status: ParcelStatus = ParcelStatus.BOOKED


def save(session: Session, parcel: ParcelRecord) -> None:
    """Keep a parcel in place of what was known under its id."""
    upsert(session, ParcelRow, ("parcel_id",), [parcel.model_dump(mode="json")])


def get(session: Session, parcel_id: ParcelId) -> ParcelRecord | None:
    """Return the parcel of that id."""
    row = session.exec(
        select(ParcelRow).where(ParcelRow.parcel_id == parcel_id)
    ).first()
    return None if row is None else _record(row)


def by_tracking(
    session: Session, carrier: CarrierId, tracking_number: str
) -> ParcelRecord | None:
    """Return the parcel a carrier knows under that number."""
    row = session.exec(
        select(ParcelRow)
        .where(
            ParcelRow.carrier == carrier, ParcelRow.tracking_number == tracking_number
        )
        .order_by(col(ParcelRow.parcel_id))
    ).first()
    return None if row is None else _record(row)


def of_order(session: Session, order_id: OrderId) -> tuple[ParcelRecord, ...]:
    """List an order's parcels by id."""
    rows = session.exec(
        select(ParcelRow)
        .where(ParcelRow.order_id == order_id)
        .order_by(col(ParcelRow.parcel_id))
    )
    return tuple(_record(row) for row in rows)


def set_status(session: Session, parcel_id: ParcelId, status: ParcelStatus) -> bool:
    """Note where a parcel is; False when it is not known."""
    statement = (
        update(ParcelRow)
        .where(col(ParcelRow.parcel_id) == parcel_id)
        .values(status=status.value)
    )
    return session.connection().execute(statement).rowcount > 0


def _record(row: ParcelRow) -> ParcelRecord:
    return ParcelRecord.model_validate(row.model_dump())
