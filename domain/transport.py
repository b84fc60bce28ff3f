"""What we say to a freight carrier and what it says back, in our words.

A load is tendered, and accepted or declined later; its stops are told as they
happen (in X12: 204, 990, 214).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.contact import Address
from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    OrderId,
    Positive,
    Value,
)
from domain.warehousing import OperationKey
from domain.wire import Raw


class Stop(Value):
    """One place a load is picked up or delivered at, and when."""

    address: Address
    earliest_at: Instant
    latest_at: Instant
    fc: FcId | None = None
    orders: tuple[OrderId, ...] = ()


class LoadItem(Value):
    """Some handling units of a load: pallets, mostly."""

    description: Annotated[str, Field(max_length=80)]
    handling_units: Positive
    weight_g: Positive
    volume_mm3: Count = 0
    freight_class: Annotated[str, Field(pattern=r"^\d{2,3}(\.5)?$")] | None = None
    hazmat: bool = False


class TenderLoad(Value):
    """Offer a load to a carrier; ``reference`` is ours and finds it again.

    ``respond_by`` is when an offer without an answer is void.
    """

    key: OperationKey
    reference: Annotated[str, Field(min_length=1, max_length=30)]
    carrier: CarrierId
    mode: Annotated[str, Field(pattern=r"^(ltl|ftl|intermodal)$")] = "ltl"
    stops: Annotated[tuple[Stop, ...], Field(min_length=2)]
    items: Annotated[tuple[LoadItem, ...], Field(min_length=1)]
    agreed_cents: Count | None = None
    currency: str = "USD"
    respond_by: Instant | None = None
    note: Annotated[str, Field(max_length=200)] = ""


class TenderStatus(StrEnum):
    """Where an offered load stands."""

    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Tendered(Value):
    """What became of an offered load, as last known.

    ``received`` means the carrier's system has it (in X12: a 997 accepted it);
    ``carrier_reference`` is the carrier's own number of the load.
    """

    reference: str
    carrier: CarrierId
    status: TenderStatus
    carrier_reference: str = ""
    reason: str = ""
    at: Instant | None = None
    raw: Raw = ""


class TenderCancel(StrEnum):
    """What became of asking a carrier to forget a load."""

    CANCELLED = "cancelled"
    REQUESTED = "requested"
    TOO_LATE = "too-late"
    NEVER_TENDERED = "never-tendered"


class LoadEvent(StrEnum):
    """What a carrier tells us about a load."""

    RECEIVED = "received"
    REJECTED_UNREAD = "rejected-unread"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ARRIVED_AT_PICKUP = "arrived-at-pickup"
    PICKED_UP = "picked-up"
    IN_TRANSIT = "in-transit"
    ARRIVED_AT_DELIVERY = "arrived-at-delivery"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    EXCEPTION = "exception"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class LoadUpdate(Value):
    """One fact about a load. ``stop`` counts the stops from 1."""

    event_id: str
    carrier: CarrierId
    reference: str
    event: LoadEvent
    occurred_at: Instant
    stop: Positive | None = None
    carrier_reference: str = ""
    expected_at: Instant | None = None
    note: str = ""
    raw: Raw = ""


class LoadUpdates(Value):
    """The facts after a cursor, oldest first, and the cursor after them.

    ``problems`` are sentences on what came and could not be read; ``more``
    tells that another poll at once would find something.
    """

    updates: tuple[LoadUpdate, ...] = ()
    cursor: str = ""
    more: bool = False
    problems: tuple[str, ...] = ()
