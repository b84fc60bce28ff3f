"""What we say to a carrier and what it says back, in our words."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.contact import Address, Contact
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
from domain.wire import Raw


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
    """A price that holds until it expires.

    ``p50_at`` and ``p90_at`` are when half, and nine in ten, of such parcels
    have arrived; a carrier that names one day gives it as both. Where it says
    nothing, ``estimated`` is False and both are the expected end of the
    service's usual transit, so that they still sort.
    """

    id: str
    service: ServiceId
    total_cents: Count
    currency: str = "USD"
    p50_at: Instant
    p90_at: Instant
    expires_at: Instant
    carrier: CarrierId | None = None
    estimated: bool = True
    raw: Raw = ""

    def expired(self, now: Instant) -> bool:
        """Tell whether the price no longer holds (its end excluded)."""
        return now >= self.expires_at


class BookParcel(Value):
    """Buy carriage for one parcel; ``reference`` is ours and finds it again.

    ``most_cents`` is what the plan bears: up to it a price may have risen since
    it was quoted. None: the adapter's own tolerance.

    ``sender`` and ``recipient`` are who stands on the label, where known.
    """

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
    most_cents: Count | None = None
    sender: Contact | None = None
    recipient: Contact | None = None


class VoidOutcome(StrEnum):
    """What became of asking a carrier to take a label back.

    ``requested`` is not ``voided``: money is owed until the carrier confirms.
    ``refused`` is the carrier's no; ``expired`` means its window for voiding
    is over; ``too-late`` that the parcel is on its way. ``unanswered`` is ours,
    for one that was asked and did not answer: it is asked again.
    """

    VOIDED = "voided"
    REQUESTED = "requested"
    REFUSED = "refused"
    EXPIRED = "expired"
    TOO_LATE = "too-late"
    NEVER_BOOKED = "never-booked"
    UNANSWERED = "unanswered"


class Booking(Value):
    """Carriage bought: a label exists and money is owed until it is voided.

    ``voided`` is True only once the carrier confirmed it; ``void`` is what it
    last said where it was asked to take the label back.
    """

    id: str
    reference: str
    carrier: CarrierId
    service: ServiceId
    tracking_number: str
    cost_cents: Count
    void_until: Instant | None = None
    voided: bool = False
    void: VoidOutcome | None = None
    currency: str = "USD"
    raw: Raw = ""


class Document(Value):
    """A label as the carrier made it."""

    media_type: str
    content: bytes


class CloseOut(Value):
    """Close a day at a center: one scan form for what the carrier collects."""

    key: OperationKey
    carrier: CarrierId
    fc: FcId
    bookings: Annotated[tuple[str, ...], Field(min_length=1)]
    ship_from: Place


class Manifest(Value):
    """A closed day; ``left_out`` names the bookings the carrier did not take."""

    id: str
    key: OperationKey
    carrier: CarrierId
    bookings: tuple[str, ...] = ()
    left_out: dict[str, str] = Field(default_factory=dict)
    document: Document | None = None
    pending: bool = False
    raw: Raw = ""


class AddressVerdict(StrEnum):
    """What a carrier thinks of an address."""

    VALID = "valid"
    CORRECTED = "corrected"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class AddressCheck(Value):
    """The verdict on an address, and the better one where it knows one."""

    verdict: AddressVerdict
    better: Address | None = None
    residential: bool | None = None
    problems: tuple[str, ...] = ()
    raw: Raw = ""


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
    """One fact about a parcel. ``sequence`` orders the facts of one parcel.

    A carrier that does not number its facts gives 0: they are then ordered by
    ``occurred_at``. One without ids of its own gives an id made of the content
    (``connectors.content.content_id``), so that a copy is known as one.
    """

    event_id: str
    carrier: CarrierId
    tracking_number: str
    status: ParcelStatus
    sequence: Count
    occurred_at: Instant
    note: str = ""
    raw: Raw = ""
