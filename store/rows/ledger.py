"""Rows of what is on hand, claimed, shipped and given back."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.rows.columns import Serial, UtcDateTime


class StockRow(SQLModel, table=True):
    """What a center physically holds of one SKU, less what left since counted."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("on_hand >= 0", name="ck_stock_on_hand"),)

    fc: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    on_hand: int
    counted_at: datetime = Field(sa_type=UtcDateTime)


class CapacityRow(SQLModel, table=True):
    """One day's work or pickup; the row to lock before its claims are summed."""

    __tablename__ = "capacity"

    kind: str = Field(primary_key=True)
    fc: str = Field(primary_key=True)
    carrier: str = Field(primary_key=True)
    day: date = Field(primary_key=True)


class ClaimRow(SQLModel, table=True):
    """What one revision of an order asked for, as a whole."""

    __tablename__ = "claims"

    order_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    digest: str
    held_at: datetime = Field(sa_type=UtcDateTime)


class StockClaimRow(SQLModel, table=True):
    """Units of one SKU claimed in one center; ``units`` are those outstanding."""

    __tablename__ = "stock_claims"
    __table_args__ = (
        UniqueConstraint("order_id", "revision", "fc", "sku", name="uq_stock_claims"),
        CheckConstraint("units >= 0", name="ck_stock_claims_units"),
        Index("ix_stock_claims_cell", "fc", "sku", "stage"),
        Index("ix_stock_claims_expiry", "stage", "expires_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    order_id: str
    revision: int
    fc: str
    sku: str
    claimed: int
    units: int
    stage: str
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CapacityClaimRow(SQLModel, table=True):
    """Work or pickup space claimed in one center on one day."""

    __tablename__ = "capacity_claims"
    __table_args__ = (
        UniqueConstraint(
            "order_id",
            "revision",
            "kind",
            "fc",
            "carrier",
            "day",
            name="uq_capacity_claims",
        ),
        CheckConstraint("amount >= 0", name="ck_capacity_claims_amount"),
        Index("ix_capacity_claims_cell", "kind", "fc", "carrier", "day", "stage"),
        Index("ix_capacity_claims_expiry", "stage", "expires_at"),
        Index("ix_capacity_claims_day", "day"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    order_id: str
    revision: int
    kind: str
    fc: str
    carrier: str
    day: date
    amount: int
    stage: str
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ShipmentRow(SQLModel, table=True):
    """Units that left a center; a key keeps one departure from counting twice."""

    __tablename__ = "shipments"
    __table_args__ = (Index("ix_shipments_cell", "fc", "sku", "shipped_at"),)

    order_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    fc: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    units: int
    shipped_at: datetime = Field(sa_type=UtcDateTime)


class ReleaseRow(SQLModel, table=True):
    """Some lines given back; a key keeps them from being given back twice."""

    __tablename__ = "releases"

    order_id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    fc: str = Field(primary_key=True)
    key: str = Field(primary_key=True)


class ScarceRow(SQLModel, table=True):
    """What one more of something was worth when orders last competed for it.

    Parts of the key that a kind does not need are empty.
    """

    __tablename__ = "scarce"

    kind: str = Field(primary_key=True)
    fc: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    carrier: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    millicents: int = Field(sa_type=BigInteger)
    strict_millicents: int = Field(sa_type=BigInteger)
    network_version: str
    found_at: datetime = Field(sa_type=UtcDateTime)
