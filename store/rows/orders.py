"""Rows of orders: where they stand, what was decided, how they ended."""

from datetime import date, datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.rows.columns import Serial, UtcDateTime


class OrderRow(SQLModel, table=True):
    """An accepted order and where it stands."""

    __tablename__ = "orders"

    id: str = Field(primary_key=True)
    digest: str
    status: str = Field(index=True)
    document: str = Field(sa_type=Text)
    customer_id: str = Field(default="", index=True)
    placed_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class DecisionRow(SQLModel, table=True):
    """One decision; triggers refuse to change or delete it."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("order_id", "revision", name="uq_decisions_revision"),
    )

    id: str = Field(primary_key=True)
    order_id: str
    revision: int
    as_of: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    network_version: str
    document: str = Field(sa_type=Text)


class ClassificationRow(SQLModel, table=True):
    """The latest classification of an order."""

    __tablename__ = "classifications"

    order_id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    classified_at: datetime = Field(sa_type=UtcDateTime)


class MembershipRow(SQLModel, table=True):
    """One segment an order is in, by its latest classification."""

    __tablename__ = "memberships"

    order_id: str = Field(primary_key=True)
    segment_id: str = Field(primary_key=True, index=True)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InterestRow(SQLModel, table=True):
    """An open order depends on a subject: its customer, SKUs, lanes, centers."""

    __tablename__ = "interests"

    order_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, index=True)


class TellingRow(SQLModel, table=True):
    """An open order is still to be told that its ways changed."""

    __tablename__ = "tellings"

    order_id: str = Field(primary_key=True)
    why: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class OutcomeRow(SQLModel, table=True):
    """How an order ended."""

    __tablename__ = "outcomes"

    order_id: str = Field(primary_key=True)
    status: str
    ended_at: datetime = Field(sa_type=UtcDateTime, index=True)
    document: str = Field(sa_type=Text)


class VerifiedDayRow(SQLModel, table=True):
    """How many plans were verified on one day (UTC), and violations found."""

    __tablename__ = "verified_days"

    day: date = Field(primary_key=True)
    batches: int
    plans: int
    violations: int


class ViolationRow(SQLModel, table=True):
    """Something the verifier found wrong with a plan in force."""

    __tablename__ = "violations"

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    order_id: str
    rule: str
    detail: str = Field(sa_type=Text)
    found_at: datetime = Field(sa_type=UtcDateTime)
