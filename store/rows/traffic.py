"""Rows of what goes to counterparts and comes from them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.rows.columns import Serial, UtcDateTime


class ParcelRow(SQLModel, table=True):
    """One booked parcel."""

    __tablename__ = "parcels"
    __table_args__ = (Index("ix_parcels_tracking", "carrier", "tracking_number"),)

    parcel_id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    fc: str
    carrier: str
    service: str
    tracking_number: str
    booking_id: str
    booked_cents: int
    status: str


class DoubleRow(SQLModel, table=True):
    """A label beside another for the same parcel, and what became of it."""

    __tablename__ = "doubles"

    carrier: str = Field(primary_key=True)
    booking_id: str = Field(primary_key=True)
    reference: str
    outcome: str
    found_at: datetime = Field(sa_type=UtcDateTime)


class ManifestRow(SQLModel, table=True):
    """One form for what a carrier collects at a center on a day."""

    __tablename__ = "manifests"
    __table_args__ = (Index("ix_manifests_day", "day", "fc", "carrier"),)

    key: str = Field(primary_key=True)
    fc: str
    carrier: str
    day: date
    document: str = Field(sa_type=Text)
    closed_at: datetime = Field(sa_type=UtcDateTime)


class InboxRow(SQLModel, table=True):
    """One fact received from a counterpart, until it was passed on."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("connection", "event_id", name="uq_inbox_event"),
        Index("ix_inbox_open", "done_at", "subject", "sequence"),
        Index("ix_inbox_subject", "subject", "sequence"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    connection: str
    event_id: str
    subject: str
    sequence: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrderSourceRow(SQLModel, table=True):
    """How far a counterpart's list (orders, what happened) was read."""

    __tablename__ = "order_sources"

    connection: str = Field(primary_key=True)
    cursor: str = Field(sa_type=Text)
    read_at: datetime = Field(sa_type=UtcDateTime)


class SourcedOrderRow(SQLModel, table=True):
    """Which order of ours is which order of a source."""

    __tablename__ = "sourced_orders"

    connection: str = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    order_id: str = Field(index=True)


class ToldShipmentRow(SQLModel, table=True):
    """One departure that an order's source was told of."""

    __tablename__ = "told_shipments"

    connection: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    told_at: datetime = Field(sa_type=UtcDateTime)
