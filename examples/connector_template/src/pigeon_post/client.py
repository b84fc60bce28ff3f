"""Pigeon Post as a carrier of Lanewise."""

from collections.abc import Mapping
from urllib.parse import quote

import httpx

from connectors.auth import ApiKey
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.optional import OptionalCarrier
from connectors.ports import Capabilities
from domain.errors import (
    ContractViolation,
    InvalidRequest,
    NotFound,
    QuoteExpired,
    StateConflict,
)
from domain.quantities import CarrierId
from domain.shipping import (
    Booking,
    BookParcel,
    Document,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from pigeon_post import mapping, webhooks
from pigeon_post.settings import CAPABILITIES, PigeonSettings

# Their own words for what went wrong say more than the status.
CODES = {"quote-flown": QuoteExpired, "hawk-season": StateConflict}


class PigeonCarrier(OptionalCarrier):
    """Pigeon Post; what it cannot do is refused by ``OptionalCarrier``."""

    def __init__(
        self,
        settings: PigeonSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._http = HttpClient(
            settings.base_url,
            auth=ApiKey("X-Pigeon-Key", settings.secret),
            codes=CODES,
            timeouts=settings.timeouts,
            rate_limits=CAPABILITIES.rate_limits,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return CAPABILITIES

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Ask prices; services it does not offer are left out."""
        body = mapping.rates_body(request, self._settings.services)
        answer = await self._http.ask("/rates", method="POST", body=body)
        return mapping.parse_quotes(answer.json(), self._settings.services)

    async def book(self, parcel: BookParcel) -> Booking:
        """Buy a flight; the activities look for our reference before they repeat."""
        if parcel.service not in self._settings.services:
            msg = f"service: {parcel.service!r} is not among the connection's services"
            raise InvalidRequest(msg)
        body = mapping.flight_body(parcel, self._settings.services)
        answer = await self._http.act("POST", "/flights", body)
        return mapping.parse_flight(
            answer.json(), parcel.carrier, self._settings.services
        )

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Look up every flight under our reference, oldest first."""
        answer = await self._http.ask("/flights", {"reference": reference})
        return tuple(
            mapping.parse_flight(item, carrier, self._settings.services)
            for item in mapping.listed(answer.json(), "flights")
        )

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Take a flight back; never booked is an answer."""
        try:
            answer = await self._http.act("POST", f"{_flight(booking)}/void")
        except NotFound:
            return VoidOutcome.NEVER_BOOKED
        return mapping.parse_void(answer.json())

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Fetch the label."""
        answer = await self._http.ask(f"{_flight(booking)}/label")
        if not answer.body:
            msg = f"label of flight {booking!r}: it is empty"
            raise ContractViolation(msg)
        return Document(media_type="application/pdf", content=answer.body)

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """List where the pigeon was seen, oldest first."""
        path = f"/rings/{quote(tracking_number, safe='')}"
        return mapping.parse_scans((await self._http.ask(path)).json(), carrier)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether Pigeon Post really sent these bytes."""
        secret = self._settings.webhook_secret
        return secret is not None and webhooks.verify(secret, headers, body)

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the sighting in a webhook."""
        return mapping.parse_event(body, self._settings.carriers[0])

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


def carrier(connection: Connection, real_time: RealTime) -> PigeonCarrier:
    """Make the adapter of a connection: what the entry point names."""
    return PigeonCarrier(settings_of(PigeonSettings, connection))


def _flight(booking: str) -> str:
    return f"/flights/{quote(booking, safe='')}"
