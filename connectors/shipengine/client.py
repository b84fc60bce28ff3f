"""A client of ShipEngine (now ShipStation API), one platform over many carriers."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import httpx

from connectors.auth import ApiKey
from connectors.connection import Connection, RealTime, settings_of
from connectors.fields import table, word
from connectors.http import HttpClient
from connectors.optional import OptionalCarrier
from connectors.ports import Capabilities
from connectors.shipengine import mapping, pictures, rates, requests
from connectors.shipengine.checks import parse_check
from connectors.shipengine.forms import Forms
from connectors.shipengine.settings import ShipEngineSettings
from connectors.shipengine.webhooks import Keys, parse_scans, verify
from domain.contact import Address
from domain.errors import (
    AuthFailed,
    ConnectorError,
    ContractViolation,
    NotFound,
    QuoteExpired,
    StateConflict,
)
from domain.quantities import CarrierId
from domain.shipping import (
    AddressCheck,
    Booking,
    BookParcel,
    CloseOut,
    Document,
    Manifest,
    ParcelScan,
    Piece,
    Quote,
    RateRequest,
    VoidOutcome,
)

PAGE = 100
MOST_PAGES = 10


class DuplicateExternalId(StateConflict):
    """A shipment with our reference is there already."""


CODES: Mapping[str, type[ConnectorError]] = MappingProxyType(
    {
        mapping.DUPLICATE: DuplicateExternalId,
        "unauthorized": AuthFailed,
        "forbidden": AuthFailed,
        "invalid_status": StateConflict,
        "insufficient_funds": StateConflict,
        "carrier_disconnected": StateConflict,
        "carrier_not_connected": StateConflict,
        "subscription_inactive": StateConflict,
        "trial_expired": StateConflict,
    }
)


class ShipEngineCarrier(OptionalCarrier):
    """The carriers connected to one ShipEngine account."""

    def __init__(
        self,
        settings: ShipEngineSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            auth=ApiKey("API-Key", settings.secret),
            codes=CODES,
            problem_of=mapping.problem_of,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            transport=transport,
        )
        self._forms = Forms(settings, self._http, _is_id, real_time)
        self._keys = Keys(settings.webhook_keys, self._fetch_keys, real_time)

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return self._settings.capabilities

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Ask for estimates; services it does not offer are left out.

        An estimate needs no street and makes no shipment there. Several
        pieces are priced one by one and added up.
        """
        if not any(name in self._settings.services for name in request.services):
            return ()
        kinds = list(dict.fromkeys(request.pieces))
        told = await asyncio.gather(*(self._estimate(request, p) for p in kinds))
        prices = dict(zip(kinds, told, strict=True))
        found = []
        for name in dict.fromkeys(request.services):
            each = [prices[piece].get(name) for piece in request.pieces]
            priced = [quote for quote in each if quote is not None]
            if priced and len(priced) == len(each):
                found.append(rates.together(priced))
        return tuple(found)

    async def book(self, parcel: BookParcel) -> Booking:
        """Buy a label under our reference; bought before, it answers with that.

        Where a price was quoted, the shipment is priced anew with all that a
        quote does not know, and bought at that very rate.

        Raises
        ------
        QuoteExpired
            The price is now more than was quoted and is tolerated.
        """
        rated = rates.quoted_cents(parcel.quote_id) is not None
        try:
            if rated and not self._settings.test_labels:
                body = requests.rated_body(parcel, self._settings)
                return await self._buy_at_rate(body, parcel)
            body = requests.label_body(parcel, self._settings)
            answer = await self._http.act("POST", "/v1/labels", body)
        except DuplicateExternalId:
            return await self._adopt(parcel)
        return mapping.parse_label(answer.json(), parcel.reference, self._settings)

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Look up every label of the shipment with our reference, oldest first."""
        shipment = await self._shipment(reference)
        return () if shipment is None else await self._labels(shipment, reference)

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Take a label back; a no that comes with HTTP 200 is a no."""
        if not _is_id(booking):
            return VoidOutcome.NEVER_BOOKED
        try:
            answer = await self._http.act("PUT", f"/v1/labels/{booking}/void")
        except NotFound:
            return VoidOutcome.NEVER_BOOKED
        return mapping.parse_void(answer.json())

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Fetch the label, from wherever the answer says it is."""
        if not _is_id(booking):
            msg = f"booking: {booking!r} is no label's id there"
            raise NotFound(msg)
        answer = await self._http.ask(
            f"/v1/labels/{booking}", {"label_download_type": "inline"}
        )
        place = pictures.label_place(answer.json(), self._settings.label_format)
        known = pictures.inline(place)
        if known is not None:
            return Document(media_type=known[0], content=known[1])
        fetched = await self._http.fetch(place)
        media_type = fetched.headers.get("content-type", "").partition(";")[0].strip()
        if not fetched.body or not media_type:
            msg = f"document of booking {booking!r}: it is empty or has no type"
            raise ContractViolation(msg)
        return Document(media_type=media_type, content=fetched.body)

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """List what is known of a parcel, oldest first."""
        account = self._settings.accounts.get(carrier)
        asked = {
            "carrier_code": account.code if account else carrier,
            "tracking_number": tracking_number,
        }
        document = (await self._http.ask("/v1/tracking", asked)).json()
        return parse_scans(document, self._settings, tracking_number)

    async def close_out(self, day: CloseOut) -> Manifest:
        """Make a manifest; labels that stand on one are answered with that."""
        return await self._forms.close_out(day)

    async def validate_address(self, address: Address) -> AddressCheck:
        """Ask whether something can be delivered there."""
        answer = await self._http.ask(
            "/v1/addresses/validate",
            method="POST",
            body=requests.address_body(address),
        )
        return parse_check(answer.json(), address)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether ShipEngine signed these bytes, just now.

        A signature by a key we do not know yet is refused, and the keys are
        fetched meanwhile: ShipEngine sends what was refused again.
        """
        return verify(
            self._keys,
            headers,
            body,
            now=self._real_time(),
            tolerance_s=self._settings.webhook_tolerance_s,
        )

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the scans in a webhook; other news than of tracking hold none."""
        return parse_scans(body, self._settings)

    async def learn_keys(self) -> None:
        """Fetch the public keys of its webhooks."""
        await self._keys.learn()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._keys.close()
        await self._http.close()

    async def _estimate(self, request: RateRequest, piece: Piece) -> dict[Any, Quote]:
        body = requests.estimate_body(request, piece, self._settings)
        answer = await self._http.ask("/v1/rates/estimate", method="POST", body=body)
        return rates.parse_estimates(answer.json(), request, self._settings)

    async def _buy_at_rate(self, body: dict[str, Any], parcel: BookParcel) -> Booking:
        """Price a shipment, and buy it at exactly that price."""
        answer = await self._http.act("POST", "/v1/rates", body)
        rate, cents = rates.offered(answer.json(), parcel, self._settings)
        if not _is_id(rate):
            msg = f"rate_id: {rate!r} is no id of theirs"
            raise ContractViolation(msg)
        quoted = rates.quoted_cents(parcel.quote_id) or 0
        most = parcel.most_cents
        if most is None:
            most = quoted * (1_000 + self._settings.price_tolerance_permille) // 1_000
        if cents > most:
            msg = f"quote: {cents} cents now, {quoted} cents when it was quoted"
            raise QuoteExpired(msg, now_cents=cents)
        bought = await self._http.act(
            "POST", f"/v1/labels/rates/{rate}", requests.print_body(self._settings)
        )
        return mapping.parse_label(bought.json(), parcel.reference, self._settings)

    async def _adopt(self, parcel: BookParcel) -> Booking:
        """Answer with the label that stands, or buy one for the shipment there."""
        shipment = await self._shipment(parcel.reference)
        if shipment is None:
            msg = f"reference: {parcel.reference!r} is taken, and by no shipment"
            raise StateConflict(msg)
        for booking in await self._labels(shipment, parcel.reference):
            if not booking.voided:
                return _same(booking, parcel)
        wanted = requests.service_of(parcel.service, self._settings).code
        if word(shipment, "service_code").strip() != wanted:
            msg = f"reference: the shipment {parcel.reference!r} has another service"
            raise StateConflict(msg)
        name = _shipment_id(shipment)
        if (
            rates.quoted_cents(parcel.quote_id) is not None
            and not self._settings.test_labels
        ):
            body = requests.rerated_body(name, parcel, self._settings)
            return await self._buy_at_rate(body, parcel)
        answer = await self._http.act(
            "POST",
            f"/v1/labels/shipment/{name}",
            requests.print_body(self._settings),
        )
        return mapping.parse_label(answer.json(), parcel.reference, self._settings)

    async def _shipment(self, reference: str) -> dict[str, Any] | None:
        name = quote(requests.external_id(reference), safe="")
        try:
            answer = await self._http.ask(f"/v1/shipments/external_shipment_id/{name}")
        except NotFound:
            return None
        return table(answer.json())

    async def _labels(
        self, shipment: dict[str, Any], reference: str
    ) -> tuple[Booking, ...]:
        asked = {
            "shipment_id": _shipment_id(shipment),
            "sort_by": "created_at",
            "sort_dir": "asc",
            "page_size": str(PAGE),
        }
        pages: list[Any] = []
        for page in range(1, MOST_PAGES + 1):
            answer = await self._http.ask("/v1/labels", {**asked, "page": str(page)})
            pages.append(table(answer.json()))
            last = pages[-1].get("pages")
            if not isinstance(last, int) or page >= last:
                break
        return mapping.parse_labels(pages, reference, self._settings)

    async def _fetch_keys(self) -> Any:
        base = self._settings.base_url.rstrip("/")
        return (await self._http.fetch(f"{base}/jwks")).json()


def carrier(connection: Connection, real_time: RealTime) -> ShipEngineCarrier:
    """Make the adapter of a connection."""
    return ShipEngineCarrier(settings_of(ShipEngineSettings, connection), real_time)


def _same(booking: Booking, parcel: BookParcel) -> Booking:
    if booking.service != parcel.service:
        msg = f"reference: {parcel.reference!r} is a label of {booking.service!r}"
        raise StateConflict(msg)
    return booking


def _shipment_id(shipment: dict[str, Any]) -> str:
    found = word(shipment, "shipment_id")
    if not _is_id(found):
        msg = "shipment_id: it is missing or none"
        raise ContractViolation(msg)
    return found


def _is_id(text: str) -> bool:
    """Tell whether a text can be an id of theirs, and so part of a path."""
    parts = text.split("-")
    return (
        len(text) <= 25
        and len(parts) > 1
        and parts[0] == "se"
        and all(part.isascii() and part.isalnum() for part in parts[1:])
    )
