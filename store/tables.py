"""Every table, as rows; they never leave this room.

SQLModel rows are not validated. Whole values are kept as JSON text in
``document``; the other columns repeat what is searched, summed or unique.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Index,
    Integer,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; SQLite, which has no zones, keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Turn an aware instant into what the database keeps."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"instant {value.isoformat()} has no time zone; give an aware one"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Turn what the database kept into an aware instant."""
        if value is None:
            return None
        instant: datetime = value
        if instant.tzinfo is None:
            return instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)


# SQLite only counts up by itself on a column declared INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")


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


class NetworkRow(SQLModel, table=True):
    """One immutable version of the network."""

    __tablename__ = "networks"

    version: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    published_at: datetime = Field(sa_type=UtcDateTime)


class RuleSetRow(SQLModel, table=True):
    """One version of the segments; immutable once it left draft."""

    __tablename__ = "rule_sets"

    version: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    published_at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(default="active", index=True)


class RuleSetMoveRow(SQLModel, table=True):
    """A rule set's version took a status: who did it, and why."""

    __tablename__ = "rule_set_moves"

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    version: str = Field(index=True)
    status: str
    author: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


class ActiveRow(SQLModel, table=True):
    """Which version of a thing is in force."""

    __tablename__ = "active_versions"

    thing: str = Field(primary_key=True)
    version: str
    since: datetime = Field(sa_type=UtcDateTime)


class SkuRow(SQLModel, table=True):
    """One SKU."""

    __tablename__ = "skus"

    id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)


class CustomerRow(SQLModel, table=True):
    """One customer, under a pseudonym."""

    __tablename__ = "customers"

    id: str = Field(primary_key=True)
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


class PseudonymRow(SQLModel, table=True):
    """Whose pseudonym is whose; erasing a person deletes the row."""

    __tablename__ = "pseudonyms"

    pseudonym: str = Field(primary_key=True)
    known_as: str = Field(unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)


class OutcomeRow(SQLModel, table=True):
    """How an order ended."""

    __tablename__ = "outcomes"

    order_id: str = Field(primary_key=True)
    status: str
    ended_at: datetime = Field(sa_type=UtcDateTime, index=True)
    document: str = Field(sa_type=Text)


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


class HazardRow(SQLModel, table=True):
    """One alert of a feed; ``withdrawn_at`` once the feed no longer lists it."""

    __tablename__ = "hazards"

    feed: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: str = Field(sa_type=Text)


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


class ApiKeyRow(SQLModel, table=True):
    """One key of the HTTP API: the fingerprint of its secret, never the secret."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str
    scopes: str
    digest: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


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
