"""Prices simulated carriers offer, and how long they stand by them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.calendars import arrival, handovers
from domain.network import CarrierService, Network, ServiceMode
from domain.quantities import Place, ServiceId
from domain.shipping import Piece
from lanewise.world.carriage import BookingBody, RatesBody
from lanewise.world.clock import WorldClock
from lanewise.world.luck import luck
from lanewise.world.problems import Refused
from lanewise.world.spec import CarrierTraits
from lanewise.world.tariff import check_size, price_cents, zone_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A price somebody was quoted."""

    service: ServiceId
    cents: int
    expires_at: datetime


@dataclass
class Quotes:
    """The tariff, moved by the market, and every offer made of it."""

    network: Network
    traits: CarrierTraits
    clock: WorldClock
    seed: int = 0
    _offers: dict[str, Offer] = field(default_factory=dict)

    def quote(self, body: RatesBody, service: CarrierService) -> dict[str, Any]:
        """Offer a price; Refused where the service does not take the parcel."""
        tariff, zone = self.tariff_cents(body, service)
        noise = self.traits.rate_noise_permille
        dice = luck(self.seed, "market", service.id, body.fc, body.ship_to.postal_code)
        cents = tariff + round(tariff * dice.uniform(-noise, noise) / 1000)
        expires_at = self.clock.now + timedelta(seconds=self.traits.quote_lifetime_s)
        p50_at, p90_at = self._promise(body, service, zone)
        quote_id = f"Q-{len(self._offers) + 1}"
        self._offers[quote_id] = Offer(service.id, cents, expires_at)
        return {
            "id": quote_id,
            "service": service.id,
            "total_cents": cents,
            "currency": self.network.currency,
            "p50_at": p50_at.isoformat(),
            "p90_at": p90_at.isoformat(),
            "expires_at": expires_at.isoformat(),
        }

    def honor(self, quote_id: str, service: ServiceId) -> int:
        """Return the cents of an offer that still stands."""
        offer = self._offers.get(quote_id)
        if offer is None or offer.service != service:
            raise Refused(422, "unknown-quote", f"no quote {quote_id!r}")
        if offer.expires_at < self.clock.now:
            raise Refused(410, "quote-expired", f"quote {quote_id!r} has expired")
        return offer.cents

    def tariff_cents(
        self, body: RatesBody | BookingBody, service: CarrierService
    ) -> tuple[int, int]:
        """Return what the tariff says, and the zone it says it for."""
        pieces: tuple[Piece, ...] = tuple(piece.piece() for piece in body.pieces)
        check_size(service, pieces)
        zone = zone_between(service, body.ship_from, body.ship_to)
        cents = price_cents(
            service,
            zone,
            pieces,
            residential=body.residential,
            signature=body.signature,
            hazmat=body.hazmat or any(piece.hazmat for piece in pieces),
            insured_cents=body.insured_cents,
        )
        return cents, zone

    def _promise(
        self, body: RatesBody, service: CarrierService, zone: int
    ) -> tuple[datetime, datetime]:
        center = next((c for c in self.network.centers if c.id == body.fc), None)
        pickups = (
            handovers(center, service.carrier, body.ready_at) if center else iter(())
        )
        handed_over = next(pickups, None)
        if center is None or handed_over is None:
            raise Refused(422, "not-served", f"no pickup at {body.fc!r}")
        belief = next((t for t in service.transits if t.zone == zone), None)
        if belief is None:
            return handed_over, handed_over
        zone_name, rests = center.time_zone, service.working_days_only
        return (
            arrival(handed_over, belief.p50_h, zone_name, working_days_only=rests),
            arrival(handed_over, belief.p90_h, zone_name, working_days_only=rests),
        )


def zone_between(service: CarrierService, origin: Place, to: Place) -> int:
    """Return the zone of a journey; 0 where nobody drives."""
    return 0 if service.mode is ServiceMode.PICKUP else zone_of(service, origin, to)
