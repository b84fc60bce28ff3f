"""EasyPost: one interface to many carriers (``docs/connectors/easypost.md``)."""

from collections.abc import Mapping
from datetime import timedelta

import httpx

from connectors.auth import Basic
from connectors.connection import Connection, RealTime, settings_of
from connectors.easypost import addresses, mapping, requests, tracking
from connectors.easypost.labels import media_type_of, url_of
from connectors.easypost.problems import (
    CODES,
    AddressRefused,
    PostageExists,
    problem_of,
)
from connectors.easypost.reading import Document, an_object, children, text
from connectors.easypost.settings import EasyPostSettings
from connectors.easypost.shipments import SHIPMENTS, Shipments, path_of, stands
from connectors.easypost.webhooks import verify
from connectors.http import HttpClient
from connectors.optional import OptionalCarrier
from connectors.ports import Capabilities
from domain.contact import Address
from domain.errors import (
    ConnectorError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    QuoteExpired,
    StateConflict,
)
from domain.quantities import CarrierId
from domain.shipping import (
    AddressCheck,
    AddressVerdict,
    Booking,
    BookParcel,
    CloseOut,
    Manifest,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.shipping import (
    Document as Label,
)


class EasyPostCarrier(OptionalCarrier):
    """An EasyPost account.

    EasyPost knows no idempotency key. A shipment is made under our reference
    first, and only then bought: what is found under the reference is bought
    on, and EasyPost sells no second label for one shipment.
    """

    def __init__(
        self,
        settings: EasyPostSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.root,
            auth=Basic(settings.secret),
            codes=CODES,
            problem_of=problem_of,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            transport=transport,
        )
        self._shipments = Shipments(settings, self._http)

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return self._settings.capabilities

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        """Ask prices; services it does not offer are left out.

        Several pieces, and dangerous goods where none are configured, are not
        offered at all.
        """
        unnamed = requests.dangerous(request) and not self._settings.hazmat
        if len(request.pieces) != 1 or unnamed:
            return ()
        body = requests.rates_body(self._settings, request)
        # Nothing is owed for a shipment that is not bought: it is a question.
        answer = await self._http.ask(SHIPMENTS, method="POST", body=body)
        shipment = an_object(answer.json(), "shipment")
        rates = mapping.rates_of(shipment)
        offered = [
            service
            for service in request.services
            if mapping.cheapest(self._settings, service, rates)
        ]
        if not offered:
            return ()
        lifetime = timedelta(seconds=self._settings.quote_lifetime_s)
        return mapping.parse_quotes(
            self._settings,
            request,
            shipment,
            await self._shipments.smart(shipment),
            self._real_time() + lifetime,
        )

    async def book(self, parcel: BookParcel) -> Booking:
        """Buy carriage; what was bought or begun under the reference is taken up.

        Raises
        ------
        QuoteExpired
            The price is now more than the quote's and what is tolerated.
        StateConflict
            Another service stands under the reference, or nobody offers this
            one on the lane.
        """
        known = await self._shipments.chain(parcel.reference)
        reference = mapping.later(parcel.reference, len(known) + 1)
        body = requests.shipment_body(self._settings, parcel, reference)
        for shipment in known:
            if stands(shipment):
                return self._same_service(shipment, parcel)
        shipment = known[-1] if known else {}
        since = self._real_time() - timedelta(seconds=self._settings.quote_lifetime_s)
        begun = bool(shipment) and not mapping.bought(shipment)
        if not begun or not mapping.usable(shipment, parcel, since):
            answer = await self._http.ask(SHIPMENTS, method="POST", body=body)
            shipment = an_object(answer.json(), "shipment")
        return await self._buy(shipment, parcel)

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        """Look up every booking under our reference, oldest first.

        EasyPost answers a reference with one shipment; the newest purchases
        are searched for a double of it.
        """
        found = {text(s, "id"): s for s in await self._shipments.chain(reference)}
        for shipment in await self._shipments.latest():
            if mapping.reference_is(shipment, reference):
                found.setdefault(text(shipment, "id"), shipment)
        real = [s for s in found.values() if mapping.bought(s)]
        real.sort(key=lambda s: (text(s, "created_at"), text(s, "id")))
        return tuple(
            mapping.parse_booking(self._settings, s, carrier, reference) for s in real
        )

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        """Ask for a refund; what was only submitted is not yet given back."""
        try:
            answer = await self._http.act("POST", path_of(booking, "refund"))
        except NotFound:
            return VoidOutcome.NEVER_BOOKED
        except (StateConflict, InvalidRequest):
            try:
                shipment = await self._shipments.get(booking)
            except NotFound:
                return VoidOutcome.NEVER_BOOKED
            return mapping.refused_void(shipment, self._real_time())
        shipment = an_object(answer.json(), "shipment")
        outcome = mapping.void_of(shipment) or VoidOutcome.REQUESTED
        if outcome is VoidOutcome.REFUSED:
            return mapping.refused_void(shipment, self._real_time())
        return outcome

    async def document(self, carrier: CarrierId, booking: str) -> Label:
        """Fetch the label, in the format configured where it can be converted."""
        shipment = await self._shipments.get(booking)
        wanted = self._settings.label_format
        if not mapping.bought(shipment):
            msg = f"booking: {booking!r} is not bought, so it has no label"
            raise NotFound(msg)
        url = url_of(shipment, wanted)
        if not url:
            answer = await self._http.ask(
                path_of(booking, "label"), {"file_format": wanted}
            )
            shipment = an_object(answer.json(), "shipment")
            url = url_of(shipment, wanted) or url_of(shipment, "")
        if not url:
            msg = f"postage_label.label_url: missing for {booking!r}"
            raise ContractViolation(msg)
        file = await self._http.fetch(url)
        if not file.body:
            msg = f"label of booking {booking!r}: it is empty"
            raise ContractViolation(msg)
        said = file.headers.get("content-type", "")
        return Label(media_type=media_type_of(url, said), content=file.body)

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        """List what is known of a parcel, oldest first.

        A parcel nobody follows yet is followed from now on.
        """
        tracker = await self._tracker(tracking_number)
        if tracker is None:
            names = self._settings.carrier_names.get(carrier, ())
            body = requests.tracker_body(tracking_number, names[0] if names else None)
            answer = await self._http.ask("/v2/trackers", method="POST", body=body)
            tracker = an_object(answer.json(), "tracker")
        return tracking.parse_tracker(self._settings, tracker, carrier)

    async def close_out(self, day: CloseOut) -> Manifest:
        """Make a scan form; what is on one already is answered with that.

        EasyPost refuses a form whole for a single shipment: the ones that
        cannot be on it are left out and told.
        """
        left_out: dict[str, str] = {}
        try:
            form = await self._form(day)
        except (StateConflict, InvalidRequest, NotFound):
            known, left_out = await self._shipments.unfit(day)
            fit = tuple(one for one in day.bookings if one not in left_out)
            if known is None and (not left_out or not fit):
                raise
            if fit:
                day = day.model_copy(update={"bookings": fit})
            form = await self._form(day) if known is None else known
        manifest = addresses.parse_manifest(day, form)
        manifest = manifest.model_copy(
            update={"left_out": {**left_out, **manifest.left_out}}
        )
        url = text(form, "form_url")
        if not url:
            return manifest
        try:
            file = await self._http.fetch(url)
        except ConnectorError:
            # The day is closed all the same; the form can be fetched again.
            return manifest
        said = file.headers.get("content-type", "")
        label = Label(media_type=media_type_of(url, said), content=file.body)
        return manifest.model_copy(update={"document": label})

    async def validate_address(self, address: Address) -> AddressCheck:
        """Ask whether something can be delivered there."""
        body = requests.verify_body(address)
        try:
            answer = await self._http.ask("/v2/addresses", method="POST", body=body)
        except AddressRefused as error:
            return AddressCheck(
                verdict=AddressVerdict.INVALID, problems=(str(error),), raw=error.raw
            )
        return addresses.parse_check(address, an_object(answer.json(), "address"))

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether EasyPost really sent these bytes."""
        if self._settings.webhook_secret is None:
            return False
        return verify(
            self._settings.webhook_secret,
            headers,
            body,
            now=self._real_time(),
            tolerance_s=self._settings.webhook_tolerance_s,
            timestamps=self._settings.signed_timestamps,
        )

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        """Read the facts in a webhook; unknown statuses become UNKNOWN."""
        return tracking.parse_event(self._settings, body)

    async def _buy(self, shipment: Document, parcel: BookParcel) -> Booking:
        rates = mapping.rates_of(shipment)
        rate = mapping.cheapest(self._settings, parcel.service, rates)
        if rate is None:
            why = mapping.why_no_rate(shipment) or "no carrier prices it on this lane"
            msg = f"service: {parcel.service!r} is not offered ({why})"
            raise StateConflict(msg)
        self._check_price(mapping.price_of(rate) or 0, parcel)
        name = text(shipment, "id")
        body = requests.buy_body(text(rate, "id"), parcel.insured_cents)
        try:
            answer = await self._http.act("POST", path_of(name, "buy"), body)
            done = an_object(answer.json(), "shipment")
            return mapping.parse_booking(
                self._settings, done, parcel.carrier, parcel.reference
            )
        except (PostageExists, ContractViolation):
            # Bought: by an attempt whose answer was lost, or told unreadably.
            done = await self._shipments.get(name)
            return self._same_service(done, parcel)

    def _check_price(self, price_cents: int, parcel: BookParcel) -> None:
        quoted = mapping.quoted_cents(parcel.quote_id)
        if quoted is None:
            return
        most = quoted * (1000 + self._settings.price_tolerance_permille) // 1000
        if parcel.most_cents is not None:
            most = parcel.most_cents
        if price_cents > most:
            msg = f"quote: {price_cents} cents now, {quoted} cents when it was quoted"
            raise QuoteExpired(msg, now_cents=price_cents)

    def _same_service(self, shipment: Document, parcel: BookParcel) -> Booking:
        booking = mapping.parse_booking(
            self._settings, shipment, parcel.carrier, parcel.reference
        )
        if booking.service != parcel.service:
            msg = (
                f"reference: {parcel.reference!r} stands with {booking.service!r}, "
                f"not with {parcel.service!r}; void it first"
            )
            raise StateConflict(msg)
        return booking

    async def _form(self, day: CloseOut) -> Document:
        body = requests.scan_form_body(day)
        answer = await self._http.act("POST", "/v2/scan_forms", body)
        return an_object(answer.json(), "scan_form")

    async def _tracker(self, tracking_number: str) -> Document | None:
        """Return the newest tracker of a number; None where there is none."""
        try:
            answer = await self._http.ask(
                "/v2/trackers", {"tracking_code": tracking_number}
            )
        except NotFound:
            return None
        listed = children(an_object(answer.json(), "trackers"), "trackers")
        same = [t for t in listed if text(t, "tracking_code") == tracking_number]
        return max(same, key=lambda t: text(t, "updated_at"), default=None)


def carrier(connection: Connection, real_time: RealTime) -> EasyPostCarrier:
    """Make the adapter of an EasyPost account."""
    return EasyPostCarrier(settings_of(EasyPostSettings, connection), real_time)
