"""A client of Karrio: one adapter, and every carrier Karrio has.

A label is bought in two steps: a draft is made, then one of its rates is
bought. Karrio does not know repetitions, so a purchase first looks for what an
earlier one left: a label is returned as it is, a draft of the same content is
bought instead of another.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx

from connectors.auth import ApiKey
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import Answer, HttpClient, Problem
from connectors.karrio import mapping, reading, tracking, webhooks
from connectors.karrio.reading import Rate, Shipment
from connectors.karrio.settings import KarrioSettings
from connectors.optional import OptionalCarrier
from connectors.ports import Capabilities
from domain.errors import (
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    QuoteExpired,
    StateConflict,
    Unavailable,
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

PAGE = 100
MOST_PAGES = 50


class CarrierSilent(Unavailable):
    """Karrio reached its carrier badly, and says so with a status of its own."""


CODES: Mapping[str, type[ConnectorError]] = {
    "SHIPPING_SDK_INTERNAL_ERROR": CarrierSilent,
    "state_error": StateConflict,
}


class KarrioCarrier(OptionalCarrier):
    """Every carrier that a Karrio server is connected to."""

    def __init__(
        self,
        settings: KarrioSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._http = HttpClient(
            settings.base_url,
            auth=ApiKey("Authorization", settings.secret, prefix="Token "),
            codes=CODES,
            problem_of=problem_of,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return self._settings.capabilities

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Ask prices; services it does not offer are left out."""
        body = mapping.rates_body(self._settings, request)
        answer = await self._http.ask("/v1/proxy/rates", method="POST", body=body)
        return reading.parse_quotes(self._settings, request, answer.json())

    async def book(self, parcel: BookParcel) -> Booking:
        """Buy carriage and make a label; bought before, that one is returned."""
        found = await self._under(parcel.reference)
        for shipment, document in found:
            if shipment.bought and shipment.status != reading.CANCELLED:
                return reading.parse_booking(self._settings, document)
        body = mapping.shipment_body(self._settings, parcel)
        draft = await self._draft(body, [one for one, _ in found if one.draft])
        rate = await self._chosen(draft, parcel)
        return await self._purchase(draft, rate, parcel)

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Look up every label under our reference, oldest first; drafts are none."""
        return tuple(
            reading.parse_booking(self._settings, document)
            for shipment, document in await self._under(reference)
            if shipment.bought
        )

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Take a label back; never booked is an answer."""
        try:
            answer = await self._cancel(booking)
        except NotFound:
            return VoidOutcome.NEVER_BOOKED
        except StateConflict as error:
            # It goes to a pickup that was called, or it is on its way.
            waits = "pickup" in str(error)
            return VoidOutcome.REFUSED if waits else VoidOutcome.TOO_LATE
        except InvalidRequest:
            return VoidOutcome.REFUSED
        return reading.parse_void(answer.json())

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        """Fetch the label."""
        path = _shipment(booking, "documents", "label")
        answer = await self._http.ask(path, method="POST")
        return reading.parse_label(answer.json())

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """List what is known of a parcel, oldest first; without a tracker, nothing."""
        path = f"/v1/trackers/{quote(tracking_number, safe='')}"
        try:
            answer = await self._http.ask(path)
        except NotFound:
            return ()
        return tracking.parse_tracker(self._settings, answer.json())

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether the sender knows the webhook's secret."""
        return webhooks.verify(self._settings.webhook_secret, headers)

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the facts in a webhook; unknown statuses become UNKNOWN."""
        return webhooks.parse(self._settings, body)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _under(self, reference: str) -> tuple[tuple[Shipment, Any], ...]:
        """Find what is under this very reference, oldest first."""
        # Karrio also finds references that only contain this one, in any case.
        word = mapping.search_word(reference)
        found: list[tuple[Shipment, Any]] = []
        for page in range(MOST_PAGES):
            params = {"reference": word, "limit": str(PAGE), "offset": str(page * PAGE)}
            document = (await self._http.ask("/v1/shipments", params)).json()
            read = reading.parse_shipments(document)
            found += [pair for pair in read if pair[0].is_under(reference)]
            if len(read) < PAGE:
                # Karrio lists the newest first; its instants are alike in form.
                found.sort(key=lambda pair: pair[0].created_at)
                return tuple(found)
        msg = f"more than {MOST_PAGES * PAGE} shipments contain {word!r}"
        raise ContractViolation(msg)

    async def _draft(self, body: dict[str, Any], left: list[Shipment]) -> Shipment:
        """Return a draft of this content, with fresh rates: one left, or a new one."""
        same = body["metadata"][mapping.CONTENT]
        kept: Shipment | None = None
        for draft in left:
            if kept is None and draft.ours(mapping.CONTENT) == same:
                kept = draft
            else:
                await self._forget(draft)
        if kept is None:
            answer = await self._http.act("POST", "/v1/shipments", body)
        else:
            answer = await self._http.act("POST", _shipment(kept.id, "rates"), {})
        return reading.parse_shipment(answer.json())

    async def _chosen(self, draft: Shipment, parcel: BookParcel) -> Rate:
        """Return the rate to buy: the service asked for, at the price quoted."""
        code = self._settings.service(parcel.service).code
        account = self._settings.account(parcel.fc, parcel.carrier, parcel.service)
        fitting = [
            rate
            for rate in draft.rates or ()
            if (rate.service, rate.carrier_id) == (code, account)
        ]
        if not fitting:
            await self._forget(draft)
            msg = f"service: Karrio's {account!r} does not offer {code!r} on this lane"
            raise StateConflict(msg)
        rate = min(fitting, key=lambda one: one.total_charge)
        quoted = mapping.quoted_cents(parcel.quote_id)
        most = quoted if parcel.most_cents is None else parcel.most_cents
        if quoted is not None and most is not None and rate.cents > most:
            msg = (
                f"quote: {code!r} was quoted at {quoted} cents, it is {rate.cents} now"
            )
            raise QuoteExpired(msg, now_cents=rate.cents)
        return rate

    async def _purchase(
        self, draft: Shipment, rate: Rate, parcel: BookParcel
    ) -> Booking:
        body = mapping.purchase_body(self._settings, rate.id)
        path = _shipment(draft.id, "purchase")
        try:
            answer = await self._http.act("POST", path, body)
        except CarrierSilent as error:
            # The carrier may have made a label that Karrio knows nothing of.
            raise OutcomeUnknown(str(error), raw=error.raw) from None
        except StateConflict:
            # Somebody bought it meanwhile: it is that label, or the refusal stands.
            for booking in await self.find_bookings(parcel.carrier, parcel.reference):
                if not booking.voided:
                    return booking
            raise
        return reading.parse_booking(self._settings, answer.json())

    async def _forget(self, draft: Shipment) -> None:
        """Cancel a draft; nothing is owed for one that stays."""
        with suppress(ConnectorError):
            await self._cancel(draft.id)

    async def _cancel(self, shipment: str) -> Answer:
        return await self._http.act("POST", _shipment(shipment, "cancel"))


def problem_of(answer: Answer) -> Problem | None:
    """Read what Karrio (``errors``) or its carrier (``messages``) complains of."""
    if 200 <= answer.status < 300:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    for name in ("errors", "messages"):
        found = document.get(name)
        if isinstance(found, list) and found and isinstance(found[0], dict):
            first = found[0]
            detail = first.get("message") or first.get("details") or ""
            return Problem(str(first.get("code") or ""), str(detail))
    return None


def carrier(connection: Connection, real_time: RealTime) -> KarrioCarrier:
    """Make the adapter of a Karrio server's connection."""
    return KarrioCarrier(settings_of(KarrioSettings, connection))


def _shipment(name: str, *parts: str) -> str:
    return "/".join(("/v1/shipments", quote(name, safe=""), *parts))
