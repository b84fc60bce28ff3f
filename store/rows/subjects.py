"""Rows of what happened to customers, SKUs and lanes, and what follows."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from store.rows.columns import UtcDateTime


class EventRow(SQLModel, table=True):
    """One event as it counts for one subject; a repetition is the same row."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_subject_time", "subject", "occurred_at"),
        Index("ix_events_time", "occurred_at"),
    )

    subject: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    digest: str
    kind: str
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    order_id: str | None = None
    units: int | None = None
    value_cents: int | None = Field(default=None, sa_type=BigInteger)
    labels: str = Field(sa_type=Text)


class ProfileRow(SQLModel, table=True):
    """What outlasts a subject's events: first and last of each kind."""

    __tablename__ = "profiles"

    subject: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    first_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)


class SubjectStateRow(SQLModel, table=True):
    """When a subject's segments were found, and when to look again.

    ``dirty_from`` is the earliest instant about which something new is known.
    """

    __tablename__ = "subject_states"

    subject: str = Field(primary_key=True)
    version: str
    evaluated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recheck_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    dirty_from: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class SubjectMembershipRow(SQLModel, table=True):
    """One segment a customer, SKU or lane is in now."""

    __tablename__ = "subject_memberships"

    subject: str = Field(primary_key=True)
    segment_id: str = Field(primary_key=True, index=True)
    shadow: bool
    document: str = Field(sa_type=Text)


class MembershipChangeRow(SQLModel, table=True):
    """A subject entered or left a segment; told to open orders once published."""

    __tablename__ = "membership_changes"
    __table_args__ = (
        Index("ix_membership_changes_segment", "segment_id", "at"),
        Index("ix_membership_changes_open", "published_at", "at"),
    )

    subject: str = Field(primary_key=True)
    segment_id: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    entered: bool
    evidence: str = Field(sa_type=Text)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ScoresRow(SQLModel, table=True):
    """Where the population's classes begin, as last found."""

    __tablename__ = "scores"

    name: str = Field(primary_key=True)
    found_at: datetime = Field(sa_type=UtcDateTime)
    document: str = Field(sa_type=Text)


class DailyUnitsRow(SQLModel, table=True):
    """Units of a SKU ordered on one day (UTC)."""

    __tablename__ = "daily_units"

    sku: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    units: int


class ConditionRow(SQLModel, table=True):
    """An outage, disruption, campaign or peak, declared or detected."""

    __tablename__ = "conditions"

    id: str = Field(primary_key=True)
    kind: str
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: str = Field(sa_type=Text)


class HazardRow(SQLModel, table=True):
    """One alert of a feed; ``withdrawn_at`` once the feed no longer lists it."""

    __tablename__ = "hazards"

    feed: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: str = Field(sa_type=Text)
