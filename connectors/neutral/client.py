"""Clients of the neutral HTTP contract (``docs/connectors/neutral.md``)."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import httpx

from connectors.alerts import Reading
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.neutral import mapping
from connectors.neutral.settings import NeutralSettings
from connectors.neutral.webhooks import verify
from connectors.optional import OptionalCarrier, OptionalWarehouse
from connectors.ports import Capabilities
from domain.errors import (
    ConnectorError,
    ContractViolation,
    InsufficientStock,
    NotFound,
    QuoteExpired,
    StateConflict,
    Unsupported,
)
from domain.quantities import CarrierId, FcId, SkuId
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


class DuplicateReference(StateConflict):
    """The counterpart already did this under the same reference."""


CODES: Mapping[str, type[ConnectorError]] = MappingProxyType(
    {
        "duplicate-reference": DuplicateReference,
        # A retry may differ in what does not matter, such as a fresh quote.
        "idempotency-key-reused": DuplicateReference,
        "insufficient-stock": InsufficientStock,
        "quote-expired": QuoteExpired,
        "service-full": StateConflict,
        "lane-suspended": StateConflict,
        "not-supported": Unsupported,
    }
)


class _Neutral:
    """What all neutral clients share: a connection and its settings."""

    def __init__(
        self,
        settings: NeutralSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            secret=settings.secret,
            codes=CODES,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            circuit=settings.circuit,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return self._settings.capabilities

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether this counterpart really sent these bytes, just now."""
        if self._settings.webhook_secret is None:
            return False
        return verify(
            self._settings.webhook_secret,
            headers,
            body,
            now=self._real_time(),
            tolerance_s=self._settings.webhook_tolerance_s,
        )

    async def announced(self) -> Mapping[str, Any]:
        """Ask the counterpart how it says it behaves, for a check by hand."""
        document = (await self._http.ask("/capabilities")).json()
        if not isinstance(document, dict):
            msg = "capabilities: expected a JSON object"
            raise ContractViolation(msg)
        return document

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


class NeutralWarehouse(_Neutral, OptionalWarehouse):
    """A warehouse system that speaks the neutral contract."""

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Count what is physically there (all SKUs for None)."""
        params = None if skus is None else {"skus": ",".join(skus)}
        answer = await self._http.ask(_fc(fc, "stock"), params)
        return mapping.parse_stock(answer.json(), fc)

    async def reserve(self, order: ReserveStock) -> Reservation:
        """Set goods aside; done before under this key, it answers as it did then."""
        try:
            answer = await self._http.act(
                "POST",
                _fc(order.fc, "reservations"),
                mapping.reserve_body(order),
                key=order.key,
            )
        except DuplicateReference:
            found = await self.find_reservation(order.fc, order.key)
            if found is None or not _same_goods(order, found):
                raise
            return found
        return mapping.parse_reservation(answer.json(), order.fc)

    async def find_reservation(self, fc: FcId, key: str) -> Reservation | None:
        """Look up what was set aside under a key; released ones do not count."""
        answer = await self._http.ask(_fc(fc, "reservations"), {"reference": key})
        found = mapping.items(answer.json(), "reservations")
        return mapping.parse_reservation(found[0], fc) if found else None

    async def release_reservation(self, fc: FcId, key: str) -> None:
        """Give the goods back; never reserved is fine."""
        try:
            await self._http.act(
                "DELETE", _fc(fc, "reservations"), params={"reference": key}
            )
        except NotFound:
            return

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        """Start picking; released before under this key, it answers where it stands."""
        try:
            answer = await self._http.act(
                "POST",
                _fc(order.fc, "orders"),
                mapping.release_body(order),
                key=order.key,
            )
        except DuplicateReference:
            found = await self.find_order(order.fc, order.key)
            if found is None or found.parcel_id != order.parcel_id:
                raise
            return found
        return mapping.parse_order(answer.json(), order.fc)

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Look up what was released under a key, and where it stands."""
        answer = await self._http.ask(_fc(fc, "orders"), {"reference": key})
        found = mapping.items(answer.json(), "orders")
        return mapping.parse_order(found[0], fc) if found else None

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Stop picking, if it is not too late."""
        try:
            answer = await self._http.act(
                "POST", _fc(fc, "orders", "cancel"), {"reference": key}
            )
        except NotFound:
            return CancelOutcome.NEVER_RELEASED
        return mapping.parse_cancellation(answer.json())

    def parse_webhook(self, body: bytes) -> tuple[WarehouseNotice | StockNotice, ...]:
        """Read the facts in a webhook; unknown events become UNKNOWN."""
        return mapping.parse_warehouse_events(body)


class NeutralCarrier(_Neutral, OptionalCarrier):
    """A carrier, or a platform that fronts several, on the neutral contract."""

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Ask prices; services it does not offer are left out."""
        answer = await self._http.ask(
            "/rates", method="POST", body=mapping.rates_body(request)
        )
        return mapping.parse_quotes(answer.json())

    async def book(self, parcel: BookParcel) -> Booking:
        """Buy carriage; bought before under this key, it answers with that."""
        try:
            answer = await self._http.act(
                "POST", "/bookings", mapping.booking_body(parcel), key=parcel.key
            )
        except DuplicateReference:
            found = await self.find_bookings(parcel.carrier, parcel.reference)
            standing = [
                booking
                for booking in found
                if not booking.voided and booking.service == parcel.service
            ]
            if not standing:
                raise
            return standing[0]
        return mapping.parse_booking(answer.json())

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Look up every booking under our reference, oldest first."""
        answer = await self._http.ask(
            "/bookings", {"carrier": carrier, "reference": reference}
        )
        found = mapping.items(answer.json(), "bookings")
        return tuple(mapping.parse_booking(item) for item in found)

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Take a label back; never booked is an answer."""
        path = _carrier(carrier, "bookings", booking, "void")
        try:
            answer = await self._http.act("POST", path)
        except NotFound:
            return VoidOutcome.NEVER_BOOKED
        return mapping.parse_void(answer.json())

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Fetch the label."""
        answer = await self._http.ask(
            _carrier(carrier, "bookings", booking, "document")
        )
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
        if not answer.body or not media_type:
            msg = f"document of booking {booking!r}: it is empty or has no type"
            raise ContractViolation(msg, raw=answer.text)
        return Document(media_type=media_type, content=answer.body)

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """List what is known of a parcel, oldest first."""
        answer = await self._http.ask(_carrier(carrier, "tracking", tracking_number))
        return mapping.parse_scans(answer.json())

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the facts in a webhook; unknown statuses become UNKNOWN."""
        return mapping.parse_parcel_events(body)


class NeutralHazardFeed(_Neutral):
    """A source of alerts on the neutral contract."""

    async def poll(self) -> Reading:
        """List every alert in force or announced."""
        answer = await self._http.ask("/hazards")
        return Reading(hazards=mapping.parse_hazards(answer.json()))


class NeutralClock(_Neutral):
    """The simulated world's business clock."""

    async def now(self) -> datetime:
        """Return the current business instant, aware, in UTC."""
        return mapping.parse_now((await self._http.ask("/clock")).json())


def warehouse(connection: Connection, real_time: RealTime) -> NeutralWarehouse:
    """Make the adapter of a warehouse's connection."""
    return NeutralWarehouse(settings_of(NeutralSettings, connection), real_time)


def carrier(connection: Connection, real_time: RealTime) -> NeutralCarrier:
    """Make the adapter of a carrier's connection."""
    return NeutralCarrier(settings_of(NeutralSettings, connection), real_time)


def hazards(connection: Connection, real_time: RealTime) -> NeutralHazardFeed:
    """Make the adapter of a feed's connection."""
    return NeutralHazardFeed(settings_of(NeutralSettings, connection), real_time)


def clock(connection: Connection, real_time: RealTime) -> NeutralClock:
    """Make the adapter of a clock's connection."""
    return NeutralClock(settings_of(NeutralSettings, connection), real_time)


def _same_goods(order: ReserveStock, found: Reservation) -> bool:
    asked = {line.sku: line.units for line in order.lines}
    return asked == {line.sku: line.asked for line in found.lines}


def _fc(fc: FcId, *parts: str) -> str:
    return _path("warehouses", fc, *parts)


def _carrier(carrier: CarrierId, *parts: str) -> str:
    return _path("carriers", carrier, *parts)


def _path(*parts: str) -> str:
    return "/" + "/".join(quote(part, safe="") for part in parts)
