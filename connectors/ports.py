"""What Lanewise asks of the outside world, in its own words.

Every method either answers or raises one of ``domain.errors.ConnectorError``.
Nothing here retries: the activity's retry policy does. An effect that ended in
``OutcomeUnknown`` is looked up by its ``find_…`` before it is tried again.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.hazard import Hazard
from domain.quantities import CarrierId, FcId, SkuId, Value
from domain.shipping import (
    Booking,
    BookParcel,
    Document,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReserveStock,
    StockNotice,
    StockReport,
    WarehouseNotice,
    WarehouseOrder,
)


class Idempotency(StrEnum):
    """How a counterpart keeps a repeated request from acting twice."""

    KEY_HEADER = "key-header"
    UNIQUE_REFERENCE = "unique-reference"
    LOOK_UP = "look-up"
    NONE = "none"


class Capabilities(Value):
    """What a counterpart can do, so that callers need not know who it is."""

    idempotency: Idempotency
    quote_lifetime_s: int | None = None
    void_window_h: int | None = None
    requests_per_s: int | None = None
    webhooks: bool = True


class WarehouseAdapter(Protocol):
    """One warehouse system; it may run several centers."""

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Count what is physically there (all SKUs for None)."""

    async def reserve(self, order: ReserveStock) -> Reservation:
        """Set goods aside; a partial or empty reservation is an answer."""

    async def find_reservation(self, fc: FcId, key: str) -> Reservation | None:
        """Look up what was set aside under a key."""

    async def release_reservation(self, fc: FcId, key: str) -> None:
        """Give the goods back; never reserved is fine."""

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        """Start picking."""

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Look up what was released under a key, and where it stands."""

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Stop picking, if it is not too late."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether this counterpart really sent these bytes."""

    def parse_webhook(self, body: bytes) -> tuple[WarehouseNotice | StockNotice, ...]:
        """Read the facts in a webhook; unknown events become UNKNOWN."""


class CarrierAdapter(Protocol):
    """One carrier, or a platform that fronts several."""

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Ask prices; services it does not offer are left out."""

    async def book(self, parcel: BookParcel) -> Booking:
        """Buy carriage and make a label."""

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Look up every booking under our reference, oldest first."""

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Take a label back; never booked is an answer."""

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Fetch the label."""

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """List what is known of a parcel, oldest first."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether this counterpart really sent these bytes."""

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the facts in a webhook; unknown statuses become UNKNOWN."""


class HazardFeed(Protocol):
    """A source of alerts; each poll answers the full set in force."""

    async def poll(self) -> tuple[Hazard, ...]:
        """List every alert in force or announced."""


class BusinessClock(Protocol):
    """What time it is for the business: real in production, jumped in the demo."""

    async def now(self) -> datetime:
        """Return the current business instant, aware, in UTC."""
