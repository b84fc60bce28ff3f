"""What Lanewise asks of the outside world, in its own words.

Every method either answers or raises one of ``domain.errors.ConnectorError``.
Nothing here retries: the activity's retry policy does. An effect that ended in
``OutcomeUnknown`` is looked up by its ``find_…`` before it is tried again.
What a counterpart cannot do raises ``Unsupported`` and is missing from the
``abilities`` of its ``capabilities()``; ``connectors/optional.py`` has the
refusals ready-made.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from connectors.alerts import Reading as Reading
from connectors.capabilities import Ability as Ability
from connectors.capabilities import Capabilities as Capabilities
from connectors.capabilities import Idempotency as Idempotency
from connectors.capabilities import RateLimit as RateLimit
from connectors.capabilities import WebhookScheme as WebhookScheme
from domain.contact import Address
from domain.forecast import AskForecast, Forecast
from domain.ordering import Acknowledgment, OrderPage, ShipmentNotice
from domain.quantities import CarrierId, FcId, ServiceId, SkuId
from domain.shipping import (
    AddressCheck,
    Booking,
    BookParcel,
    CloseOut,
    Document,
    Manifest,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.shopping import Shopped
from domain.transport import LoadUpdates, TenderCancel, Tendered, TenderLoad
from domain.warehousing import (
    AmendOrder,
    AmendOutcome,
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReserveStock,
    StockNotice,
    StockReport,
    WarehouseCalendar,
    WarehouseChanges,
    WarehouseNotice,
    WarehouseOrder,
)


class WarehouseAdapter(Protocol):
    """One warehouse system; it may run several centers."""

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Count what is physically there (all SKUs for None).

        A SKU asked for and not known there counts 0.
        """

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

    async def amend_order(self, order: AmendOrder) -> AmendOutcome:
        """Change what was released, if it is not too late."""

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Stop picking, if it is not too late."""

    async def changes(self, cursor: str | None) -> WarehouseChanges:
        """List what happened since a cursor (None: since it keeps them).

        For counterparts without webhooks, and for what webhooks lost. The
        same cursor gives the same facts, and maybe newer ones behind them.
        """

    async def calendar(self, fc: FcId, first: date, last: date) -> WarehouseCalendar:
        """Tell when a center works and when carriers collect, in some days."""

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

    async def close_out(self, day: CloseOut) -> Manifest:
        """Close a day at a center: one form for all that is collected."""

    async def find_manifest(self, carrier: CarrierId, key: str) -> Manifest | None:
        """Look up the day that was closed under a key."""

    async def validate_address(self, address: Address) -> AddressCheck:
        """Ask whether something can be delivered there."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether this counterpart really sent these bytes."""

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the facts in a webhook; unknown statuses become UNKNOWN."""


class RateShop(Protocol):
    """All carriers at once: who is late or fails is told of, and waited for no more."""

    async def shop(
        self,
        questions: Sequence[RateRequest],
        carriers: Mapping[ServiceId, CarrierId],
        now: datetime,
        currency: str,
    ) -> tuple[Shopped, ...]:
        """Ask prices, one answer per question in order; never raises for a carrier.

        ``carriers`` tells whose the services are.
        """

    def hand_out(
        self, question: RateRequest, carrier: CarrierId, now: datetime
    ) -> Quote | None:
        """Return a quote told for this very question, to buy one parcel by."""

    def told(
        self, question: RateRequest, carrier: CarrierId, quote: Quote, now: datetime
    ) -> None:
        """Hear the price of a quote that somebody else asked for, and uses."""


class TransportAdapter(Protocol):
    """A freight carrier, or a broker, that loads are tendered to."""

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""

    async def tender(self, load: TenderLoad) -> Tendered:
        """Offer a load; it is accepted or declined now or later."""

    async def find(self, carrier: CarrierId, reference: str) -> Tendered | None:
        """Look up what was offered under our reference, and where it stands."""

    async def cancel(self, carrier: CarrierId, reference: str) -> TenderCancel:
        """Take an offer back, if it is not too late."""

    async def updates(self, cursor: str | None) -> LoadUpdates:
        """List what carriers told since a cursor (None: since it keeps them)."""


class HazardFeed(Protocol):
    """A source of alerts; each poll answers the full set in force."""

    async def poll(self) -> Reading:
        """List every alert in force or announced, and what could not be read.

        Raises when the source cannot be reached; an incomplete or partly
        unreadable list says so, and then withdraws nothing it left out.
        """


class ForecastSource(Protocol):
    """A source of weather forecasts."""

    async def forecast(self, ask: AskForecast) -> Forecast:
        """Tell the temperature band over some places, hour by hour."""


class OrderSource(Protocol):
    """A shop, a marketplace or a folder that orders come from."""

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""

    async def orders(self, cursor: str | None) -> OrderPage:
        """List orders new or changed since a cursor (None: from the start)."""

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        """Tell that orders were taken or refused; telling twice is harmless."""

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        """Tell that goods left; telling the same again is harmless."""


class BusinessClock(Protocol):
    """What time it is for the business: real in production, jumped in the demo."""

    async def now(self) -> datetime:
        """Return the current business instant, aware, in UTC."""
