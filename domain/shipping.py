"""What we say to a carrier and what it says back, in our words."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.quantities import (
    CarrierId,
    Count,
    Dimensions,
    FcId,
    Instant,
    OrderId,
    ParcelId,
    Place,
    Positive,
    ServiceId,
    Value,
)
from domain.warehousing import OperationKey


class Piece(Value):
    """One box as a carrier sees it."""

    size: Dimensions
    weight_g: Positive
    hazmat: bool = False


class RateRequest(Value):
    """Ask what a parcel costs on some services from a center to a place."""

    fc: FcId
    ship_from: Place
    ship_to: Place
    pieces: tuple[Piece, ...]
    services: tuple[ServiceId, ...]
    ready_at: Instant
    residential: bool = True
    signature: bool = False
    hazmat: bool = False
    insured_cents: Count = 0


class Quote(Value):
    """A price that holds until it expires."""

    id: str
    service: ServiceId
    total_cents: Count
    currency: str = "USD"
    p50_at: Instant
    p90_at: Instant
    expires_at: Instant


class BookParcel(Value):
    """Buy carriage for one parcel; ``reference`` is ours and finds it again."""

    key: OperationKey
    reference: Annotated[str, Field(min_length=1, max_length=120)]
    order_id: OrderId
    parcel_id: ParcelId
    fc: FcId
    carrier: CarrierId
    service: ServiceId
    ship_from: Place
    ship_to: Place
    pieces: tuple[Piece, ...]
    hand_over_at: Instant
    residential: bool = True
    signature: bool = False
    hazmat: bool = False
    insured_cents: Count = 0
    quote_id: str | None = None


class Booking(Value):
    """Carriage bought: a label exists and money is owed until it is voided."""

    id: str
    reference: str
    carrier: CarrierId
    service: ServiceId
    tracking_number: str
    cost_cents: Count
    void_until: Instant | None = None
    voided: bool = False


class VoidOutcome(StrEnum):
    """What became of asking a carrier to take a label back."""

    VOIDED = "voided"
    REQUESTED = "requested"
    TOO_LATE = "too-late"
    NEVER_BOOKED = "never-booked"


class Document(Value):
    """A label as the carrier made it."""

    media_type: str
    content: bytes


class ParcelStatus(StrEnum):
    """Where a parcel is on its way."""

    BOOKED = "booked"
    HANDED_OVER = "handed-over"
    IN_TRANSIT = "in-transit"
    OUT_FOR_DELIVERY = "out-for-delivery"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNED = "returned"
    LOST = "lost"
    VOIDED = "voided"
    UNKNOWN = "unknown"


PARCEL_FINAL = frozenset(
    {
        ParcelStatus.DELIVERED,
        ParcelStatus.RETURNED,
        ParcelStatus.LOST,
        ParcelStatus.VOIDED,
    }
)


class ParcelScan(Value):
    """One fact about a parcel. ``sequence`` orders the facts of one parcel."""

    event_id: str
    carrier: CarrierId
    tracking_number: str
    status: ParcelStatus
    sequence: Count
    occurred_at: Instant
    note: str = ""
