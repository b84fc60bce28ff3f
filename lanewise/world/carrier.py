"""Simulated carriers behind one platform: rates, labels, voids, tracking."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from domain.hazard import Hazard
from domain.network import CarrierService, Network, ServiceMode
from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    Place,
    Positive,
    ServiceId,
    Value,
)
from domain.shipping import ParcelStatus, Piece
from lanewise.world.clock import WorldClock, after
from lanewise.world.journey import Scan, Way, journey
from lanewise.world.labels import PDF, ZPL, pdf_label, zpl_label
from lanewise.world.luck import luck
from lanewise.world.outbox import Outbox
from lanewise.world.problems import Refused
from lanewise.world.spec import CarrierTraits
from lanewise.world.tariff import check_size, price_cents, zone_of
from optimizer.calendars import arrival, handovers

CARRIERS = "carriers"

_FINAL = {ParcelStatus.DELIVERED, ParcelStatus.LOST, ParcelStatus.VOIDED}


class PieceBody(Value):
    """One box as the contract says it: sizes and weight side by side."""

    length_mm: Positive
    width_mm: Positive
    height_mm: Positive
    weight_g: Positive
    hazmat: bool = False

    def piece(self) -> Piece:
        """Return it in our words."""
        return Piece.model_validate({**self.model_dump(), "size": self.model_dump()})


class RatesBody(Value):
    """A question for prices."""

    fc: FcId
    ship_from: Place
    ship_to: Place
    pieces: tuple[PieceBody, ...]
    services: tuple[ServiceId, ...]
    ready_at: Instant
    residential: bool = True
    signature: bool = False
    hazmat: bool = False
    insured_cents: Count = 0


class BookingBody(Value):
    """An order for carriage."""

    reference: str
    order_id: str
    parcel_id: str
    fc: FcId
    carrier: CarrierId
    service: ServiceId
    ship_from: Place
    ship_to: Place
    pieces: tuple[PieceBody, ...]
    hand_over_at: Instant
    residential: bool = True
    signature: bool = False
    hazmat: bool = False
    insured_cents: Count = 0
    quote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A price somebody was quoted."""

    service: ServiceId
    cents: int
    expires_at: datetime


@dataclass
class Label:
    """One booking: what was bought, and how the parcel fared."""

    id: str
    body: BookingBody
    zone: int
    tracking_number: str
    cost_cents: int
    booked_at: datetime
    void_until: datetime
    voided_at: datetime | None = None
    handed_over_at: datetime | None = None
    scans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.scans[-1]["status"]) if self.scans else ParcelStatus.BOOKED

    def wire(self) -> dict[str, Any]:
        """Return it as the contract says it."""
        return {
            "id": self.id,
            "reference": self.body.reference,
            "carrier": self.body.carrier,
            "service": self.body.service,
            "tracking_number": self.tracking_number,
            "cost_cents": self.cost_cents,
            "void_until": self.void_until.isoformat(),
            "voided": self.voided_at is not None,
        }


@dataclass
class Carriers:
    """All carriers of the network, and every label they ever made.

    A label can be voided until its parcel is handed over, and no longer than
    the void window. A parcel handed over without a standing label is moved
    by nobody and stays in ``strays``.
    """

    network: Network
    traits: CarrierTraits
    clock: WorldClock
    outbox: Outbox
    hazards: Callable[[], tuple[Hazard, ...]]
    seed: int = 0
    labels: list[Label] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)
    _offers: dict[str, Offer] = field(default_factory=dict)
    _quoted: int = 0

    def __post_init__(self) -> None:
        self._by_id: dict[str, Label] = {}
        self._by_tracking: dict[str, Label] = {}
        self._by_reference: dict[tuple[str, str], list[Label]] = {}

    def rates(self, body: RatesBody) -> dict[str, Any]:
        """Quote every service asked for that takes the parcel."""
        quotes = []
        for service_id in body.services:
            try:
                quotes.append(self._quote(body, self._service(service_id)))
            except Refused:
                continue
        return {"quotes": quotes}

    def book(self, body: BookingBody) -> dict[str, Any]:
        """Sell carriage and make a label."""
        service = self._service(body.service)
        if service.carrier != body.carrier:
            detail = f"{body.service} is not a service of {body.carrier}"
            raise Refused(422, "unknown-service", detail)
        self._check_open(body)
        pieces = tuple(piece.piece() for piece in body.pieces)
        check_size(service, pieces)
        zone = self._zone(service, body.ship_from, body.ship_to)
        cents = self._cents(body, service, zone, pieces)
        label = self._label(body, zone, cents)
        self.labels.append(label)
        self._by_id[label.id] = label
        self._by_tracking[label.tracking_number] = label
        self._by_reference.setdefault((body.carrier, body.reference), []).append(label)
        return label.wire()

    def find(self, carrier: CarrierId, reference: str) -> dict[str, Any]:
        """List every label under a reference, oldest first, voided ones too."""
        found = self._by_reference.get((carrier, reference), [])
        return {"bookings": [label.wire() for label in found]}

    def void(self, carrier: CarrierId, booking: str) -> dict[str, Any]:
        """Take a label back; twice is as good as once."""
        label = self._of(carrier, booking)
        if label.voided_at is not None:
            return {"outcome": "voided"}
        if label.handed_over_at is not None or self.clock.now > label.void_until:
            return {"outcome": "too-late"}
        if self.traits.void_takes_min == 0:
            self._void(label)
            return {"outcome": "voided"}
        due = after(self.clock.now, self.traits.void_takes_min)
        self.clock.plan(due, lambda: self._approve_void(label))
        return {"outcome": "requested"}

    def document(self, carrier: CarrierId, booking: str) -> tuple[str, bytes]:
        """Return a label's media type and bytes."""
        label = self._of(carrier, booking)
        to = label.body.ship_to
        rows = [
            f"{carrier} {label.body.service}",
            label.tracking_number,
            f"Parcel {label.body.parcel_id}",
            f"To {to.country} {to.postal_code} {to.city}",
        ]
        if carrier in self.traits.zpl_carriers:
            return ZPL, zpl_label(rows)
        return PDF, pdf_label(rows)

    def track(self, carrier: CarrierId, tracking_number: str) -> dict[str, Any]:
        """List a parcel's scans, oldest first."""
        label = self._by_tracking.get(tracking_number)
        if label is None or label.body.carrier != carrier:
            raise Refused(404, "not-found", f"no parcel {tracking_number!r}")
        return {"scans": label.scans}

    def hand_over(self, fc: FcId, tracking_number: str, at: datetime) -> None:
        """Take a parcel at a warehouse's dock and plan its whole journey."""
        label = self._by_tracking.get(tracking_number)
        if label is None or label.voided_at or label.handed_over_at:
            if tracking_number:
                self.strays.append((fc, tracking_number))
            return
        label.handed_over_at = at
        way = Way(
            label.body.ship_from,
            label.body.ship_to,
            self.network.center(fc).time_zone,
            at,
        )
        dice = luck(self.seed, "journey", label.tracking_number)
        service = self.network.service(label.body.service)
        for scan in journey(
            dice, service, label.zone, way, self.hazards(), self.traits
        ):
            self.clock.plan(scan.at, partial(self._seen, label, scan))

    def carrier_of(self, service: ServiceId) -> CarrierId | None:
        """Return whose service that is; None for one nobody offers."""
        try:
            return self.network.service(service).carrier
        except KeyError:
            return None

    def _service(self, service: ServiceId) -> CarrierService:
        try:
            return self.network.service(service)
        except KeyError:
            raise Refused(422, "unknown-service", f"no service {service!r}") from None

    def _zone(self, service: CarrierService, origin: Place, to: Place) -> int:
        return 0 if service.mode is ServiceMode.PICKUP else zone_of(service, origin, to)

    def _quote(self, body: RatesBody, service: CarrierService) -> dict[str, Any]:
        pieces = tuple(piece.piece() for piece in body.pieces)
        check_size(service, pieces)
        zone = self._zone(service, body.ship_from, body.ship_to)
        cents = price_cents(
            service,
            zone,
            pieces,
            residential=body.residential,
            signature=body.signature,
            hazmat=body.hazmat or any(piece.hazmat for piece in pieces),
            insured_cents=body.insured_cents,
        )
        self._quoted += 1
        quote_id = f"Q-{self._quoted}"
        noise = self.traits.rate_noise_permille
        dice = luck(self.seed, "market", service.id, body.fc, body.ship_to.postal_code)
        cents += round(cents * dice.uniform(-noise, noise) / 1000)
        expires_at = self.clock.now + timedelta(seconds=self.traits.quote_lifetime_s)
        self._offers[quote_id] = Offer(service.id, cents, expires_at)
        p50_at, p90_at = self._promise(body, service, zone)
        return {
            "id": quote_id,
            "service": service.id,
            "total_cents": cents,
            "currency": self.network.currency,
            "p50_at": p50_at.isoformat(),
            "p90_at": p90_at.isoformat(),
            "expires_at": expires_at.isoformat(),
        }

    def _promise(
        self, body: RatesBody, service: CarrierService, zone: int
    ) -> tuple[datetime, datetime]:
        try:
            center = self.network.center(body.fc)
        except KeyError:
            raise Refused(422, "not-served", f"no pickup at {body.fc!r}") from None
        handed_over = next(handovers(center, service.carrier, body.ready_at), None)
        if handed_over is None:
            raise Refused(422, "not-served", f"no pickup at {body.fc!r}")
        belief = next((t for t in service.transits if t.zone == zone), None)
        if belief is None:
            return handed_over, handed_over
        zone_name, rests = center.time_zone, service.working_days_only
        return (
            arrival(handed_over, belief.p50_h, zone_name, working_days_only=rests),
            arrival(handed_over, belief.p90_h, zone_name, working_days_only=rests),
        )

    def _check_open(self, body: BookingBody) -> None:
        now = self.clock.now
        for refusal in self.traits.refusals:
            if (
                refusal.service == body.service
                and refusal.fc in (None, body.fc)
                and refusal.region in (None, body.ship_to.region)
                and (refusal.valid_from is None or refusal.valid_from <= now)
                and (refusal.valid_until is None or now < refusal.valid_until)
            ):
                if refusal.full:
                    raise Refused(409, "service-full", f"{body.service} is full")
                detail = f"{body.service} does not run on that lane now"
                raise Refused(422, "lane-suspended", detail)

    def _cents(
        self,
        body: BookingBody,
        service: CarrierService,
        zone: int,
        pieces: tuple[Piece, ...],
    ) -> int:
        if body.quote_id is None:
            return price_cents(
                service,
                zone,
                pieces,
                residential=body.residential,
                signature=body.signature,
                hazmat=body.hazmat,
                insured_cents=body.insured_cents,
            )
        offer = self._offers.get(body.quote_id)
        if offer is None or offer.service != body.service:
            raise Refused(422, "unknown-quote", f"no quote {body.quote_id!r}")
        if offer.expires_at < self.clock.now:
            raise Refused(410, "quote-expired", f"quote {body.quote_id!r} has expired")
        return offer.cents

    def _label(self, body: BookingBody, zone: int, cents: int) -> Label:
        before = len(self._by_reference.get((body.carrier, body.reference), []))
        name = f"{self.seed}|{body.carrier}|{body.reference}|{before}"
        digest = sha256(name.encode()).hexdigest()
        return Label(
            id=f"B-{digest[:16]}",
            body=body,
            zone=zone,
            tracking_number=f"{body.carrier[:4].upper()}{int(digest[16:28], 16):015d}",
            cost_cents=cents,
            booked_at=self.clock.now,
            void_until=self.clock.now + timedelta(hours=self.traits.void_window_h),
        )

    def _of(self, carrier: CarrierId, booking: str) -> Label:
        label = self._by_id.get(booking)
        if label is None or label.body.carrier != carrier:
            raise Refused(404, "not-found", f"no booking {booking!r}")
        return label

    def _approve_void(self, label: Label) -> None:
        if label.handed_over_at is None and label.voided_at is None:
            self._void(label)
            self._seen(label, Scan(self.clock.now, ParcelStatus.VOIDED))

    def _void(self, label: Label) -> None:
        label.voided_at = self.clock.now

    def _seen(self, label: Label, scan: Scan) -> None:
        sequence = len(label.scans) + 1
        event = {
            "type": "parcel-scanned",
            "event_id": f"{label.tracking_number}:{sequence}",
            "carrier": label.body.carrier,
            "tracking_number": label.tracking_number,
            "status": scan.status,
            "sequence": sequence,
            "occurred_at": self.clock.now.isoformat(),
            "note": scan.note,
        }
        label.scans.append(event)
        self.outbox.post(
            CARRIERS, label.tracking_number, event, final=scan.status in _FINAL
        )
