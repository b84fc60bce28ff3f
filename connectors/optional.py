"""Refusals ready-made, for adapters of counterparts that cannot do everything.

An adapter derives from one of these and writes only what its counterpart has.
What it does not write raises ``Unsupported`` and is to be left out of the
``abilities`` it tells.
"""

from collections.abc import Mapping
from datetime import date

from domain.contact import Address
from domain.errors import Unsupported
from domain.ordering import Acknowledgment, ShipmentNotice
from domain.quantities import CarrierId, FcId
from domain.shipping import (
    AddressCheck,
    Booking,
    CloseOut,
    Document,
    Manifest,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.transport import TenderCancel, Tendered
from domain.warehousing import (
    AmendOrder,
    AmendOutcome,
    CancelOutcome,
    Reservation,
    ReserveStock,
    StockNotice,
    WarehouseCalendar,
    WarehouseChanges,
    WarehouseNotice,
    WarehouseOrder,
)


class OptionalWarehouse:
    """Everything but ``stock`` and ``release_order`` is optional in a warehouse."""

    async def reserve(self, order: ReserveStock) -> Reservation:
        """Refuse: this warehouse does not set goods aside."""
        raise _lacks(self, "reserve")

    async def find_reservation(self, fc: FcId, key: str) -> Reservation | None:
        """Refuse: this warehouse cannot look reservations up."""
        raise _lacks(self, "find_reservation")

    async def release_reservation(self, fc: FcId, key: str) -> None:
        """Do nothing: what cannot be reserved need not be given back."""

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Refuse: this warehouse cannot look orders up."""
        raise _lacks(self, "find_order")

    async def amend_order(self, order: AmendOrder) -> AmendOutcome:
        """Refuse: what is released here cannot be changed."""
        raise _lacks(self, "amend_order")

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Refuse: what is released here cannot be stopped."""
        raise _lacks(self, "cancel_order")

    async def changes(self, cursor: str | None) -> WarehouseChanges:
        """Refuse: this warehouse keeps no list of what happened."""
        raise _lacks(self, "changes")

    async def calendar(self, fc: FcId, first: date, last: date) -> WarehouseCalendar:
        """Refuse: this warehouse does not tell its calendar."""
        raise _lacks(self, "calendar")

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Believe nothing: this warehouse sends no webhooks."""
        return False

    def parse_webhook(self, body: bytes) -> tuple[WarehouseNotice | StockNotice, ...]:
        """Refuse: this warehouse sends no webhooks."""
        raise _lacks(self, "parse_webhook")


class OptionalCarrier:
    """Everything but ``book`` is optional in a carrier."""

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Refuse: this carrier tells no prices."""
        raise _lacks(self, "rate_shop")

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Refuse: this carrier cannot look bookings up."""
        raise _lacks(self, "find_bookings")

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Refuse: this carrier takes no labels back."""
        raise _lacks(self, "void")

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Refuse: this carrier keeps no labels."""
        raise _lacks(self, "document")

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """Refuse: this carrier does not tell where a parcel is."""
        raise _lacks(self, "track")

    async def close_out(self, day: CloseOut) -> Manifest:
        """Refuse: this carrier has no scan forms."""
        raise _lacks(self, "close_out")

    async def find_manifest(self, carrier: CarrierId, key: str) -> Manifest | None:
        """Refuse: this carrier has no scan forms."""
        raise _lacks(self, "find_manifest")

    async def validate_address(self, address: Address) -> AddressCheck:
        """Refuse: this carrier does not judge addresses."""
        raise _lacks(self, "validate_address")

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Believe nothing: this carrier sends no webhooks."""
        return False

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Refuse: this carrier sends no webhooks."""
        raise _lacks(self, "parse_webhook")


class OptionalTransport:
    """Everything but ``tender`` and ``updates`` is optional in a transport."""

    async def find(self, carrier: CarrierId, reference: str) -> Tendered | None:
        """Refuse: this carrier cannot look tenders up."""
        raise _lacks(self, "find")

    async def cancel(self, carrier: CarrierId, reference: str) -> TenderCancel:
        """Refuse: this carrier takes no cancellations."""
        raise _lacks(self, "cancel")


class OptionalOrderSource:
    """Everything but ``orders`` is optional in an order source."""

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        """Refuse: this source takes no acknowledgments."""
        raise _lacks(self, "acknowledge")

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        """Refuse: this source is not told of shipments."""
        raise _lacks(self, "notify_shipment")


def _lacks(adapter: object, ability: str) -> Unsupported:
    return Unsupported(f"{type(adapter).__name__} does not support {ability}")
