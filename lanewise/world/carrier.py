"""Simulated carriers behind one platform: rates, labels, voids, tracking."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from domain.hazard import Hazard
from domain.network import CarrierService, Network
from domain.quantities import (
    CarrierId,
    FcId,
    ServiceId,
)
from domain.shipping import ParcelStatus
from lanewise.world.carriage import BookingBody, Label, RatesBody
from lanewise.world.clock import WorldClock, after
from lanewise.world.journey import Scan, Way, journey
from lanewise.world.labels import PDF, ZPL, pdf_label, zpl_label
from lanewise.world.luck import luck
from lanewise.world.outbox import Outbox
from lanewise.world.problems import Refused
from lanewise.world.quotes import Quotes, zone_between
from lanewise.world.spec import CarrierTraits

CARRIERS = "carriers"

_FINAL = {ParcelStatus.DELIVERED, ParcelStatus.LOST, ParcelStatus.VOIDED}


@dataclass(frozen=True, slots=True)
class BoughtElsewhere:
    """Carriage that a platform in between sold, with a label of its own."""

    body: BookingBody
    cents: int


@dataclass
class Carriers:
    """All carriers of the network, and every label they ever made.

    A label can be voided until its parcel is handed over, and no longer than
    the void window. A parcel handed over without a standing label is moved
    by nobody and stays in ``strays``, unless ``elsewhere`` knows who sold it.
    """

    network: Network
    traits: CarrierTraits
    clock: WorldClock
    outbox: Outbox
    hazards: Callable[[], tuple[Hazard, ...]]
    seed: int = 0
    labels: list[Label] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: Callable[[FcId, str], BoughtElsewhere | None] = lambda fc, number: None

    def __post_init__(self) -> None:
        self._quotes = Quotes(self.network, self.traits, self.clock, self.seed)
        self._by_id: dict[str, Label] = {}
        self._by_tracking: dict[str, Label] = {}
        self._by_reference: dict[tuple[str, str], list[Label]] = {}

    def rates(self, body: RatesBody) -> dict[str, Any]:
        """Quote every service asked for that takes the parcel."""
        quotes = []
        for service_id in body.services:
            try:
                quotes.append(self._quotes.quote(body, self._service(service_id)))
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
        cents, zone = self._quotes.tariff_cents(body, service)
        if body.quote_id is not None:
            cents = self._quotes.honor(body.quote_id, body.service)
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
        if label is None and tracking_number:
            label = self._adopted(fc, tracking_number)
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

    def _adopted(self, fc: FcId, tracking_number: str) -> Label | None:
        """Take a label of a platform's for one of ours."""
        sold = self.elsewhere(fc, tracking_number)
        if sold is None:
            return None
        way = zone_between(
            self._service(sold.body.service), sold.body.ship_from, sold.body.ship_to
        )
        label = replace(
            self._label(sold.body, way, sold.cents), tracking_number=tracking_number
        )
        self.labels.append(label)
        self._by_id[label.id] = label
        self._by_tracking[tracking_number] = label
        return label

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
