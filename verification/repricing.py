"""The verifier's own map and price list, written from the documented rules.

Nothing here comes from ``optimizer``: great circles are the angle between
vectors, expected lateness is the tail integrated, shares are exact fractions:
other ways to the same figures.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from math import atan2, ceil, cos, exp, floor, log, pi, radians, sin, sqrt
from statistics import NormalDist
from typing import Any

from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    LaneRate,
    PackingMethod,
    ServiceMode,
    ZoneRate,
)
from domain.order import Line, Order
from domain.plan import CostTerm, PackedCarton, Parcel
from domain.policy import Policy
from domain.quantities import CartonId, Dimensions, Place, SkuId
from domain.sku import Sku
from verification.times import started_hours

HARM_PERCENT = {
    PackingMethod.POLY_MAILER: 180,
    PackingMethod.CARTON: 100,
    PackingMethod.OWN_CONTAINER: 130,
    PackingMethod.INSULATED: 80,
    PackingMethod.SECURED: 40,
    PackingMethod.PALLET: 60,
}
_HOUR = timedelta(hours=1)
_WORKWEEK = frozenset(range(5))
_SEARCHED_DAYS = 60


def kilometers(a: Place, b: Place) -> float | None:
    """Measure the great circle by the angle between the places' unit vectors."""
    if not (a.located and b.located):
        return None
    (x1, y1, z1), (x2, y2, z2) = _vector(a), _vector(b)
    cross = (y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2)
    sine, cosine = sqrt(sum(c * c for c in cross)), x1 * x2 + y1 * y2 + z1 * z2
    return 6371.0088 * atan2(sine, cosine)


def _vector(place: Place) -> tuple[float, float, float]:
    latitude, longitude = radians(place.latitude or 0), radians(place.longitude or 0)
    return (
        cos(latitude) * cos(longitude),
        cos(latitude) * sin(longitude),
        sin(latitude),
    )


def zone_of(service: CarrierService, km: float) -> int | None:
    """Return the number of the first zone that reaches so far, None for none."""
    reached = [n for n, far in enumerate(service.zones, 1) if km <= far]
    return reached[0] if reached else None


def zone_start(
    center: FulfillmentCenter, service: CarrierService
) -> tuple[Place | None, int]:
    """Return where a service's zones begin, and the hours of line-haul to there.

    Nowhere, where it runs line-hauls, but none from the center.
    """
    if not service.line_hauls:
        return center.place, 0
    for haul in service.line_hauls:
        if haul.fc == center.id:
            return haul.hub or center.place, haul.transit_h
    return None, 0


def traveled_km(sent: "Sent") -> float:
    """Return how far the goods go: to the hub of their line-haul, if any, and on."""
    start, _ = zone_start(sent.center, sent.service)
    start = start or sent.center.place
    rest = kilometers(start, sent.order.ship_to) or 0.0
    return (kilometers(sent.center.place, start) or 0.0) + rest


def dimensional_g(piece: PackedCarton, service: CarrierService) -> int:
    """Return the billable weight: gross or volume over the divisor, rounded up."""
    if service.dim_divisor is None:
        return piece.weight_g
    return max(
        piece.weight_g, ceil(Fraction(piece.outer.volume_mm3, service.dim_divisor))
    )


def zone_price(rate: ZoneRate, weight_g: int) -> int:
    """Return a zone's cents for a weight, billed as a heavier one where cheaper."""
    offers = [(weight_g, rate.cents_per_half_kg)]
    offers += [
        (each.from_g if each.from_g > weight_g else weight_g, each.cents_per_half_kg)
        for each in rate.breaks
    ]
    cheapest = min(ceil(Fraction(billed, 500)) * cents for billed, cents in offers)
    price = rate.base_cents + cheapest
    return price if price > rate.min_cents else rate.min_cents


def band_price(rate: LaneRate, weight_g: int) -> int | None:
    """Return a weight band's cents, None where the weight is not in the band."""
    if weight_g < rate.min_g or (rate.max_g is not None and weight_g >= rate.max_g):
        return None
    cents = Fraction(rate.rate_millicents_per_kg * weight_g, 1_000_000)
    return max(rate.minimum_cents, nearest(cents))


def run_name(service: CarrierService, rate: LaneRate) -> str:
    """Return what the vehicles of a lane are called, nothing where it has none."""
    return f"{service.id}:{rate.origin}>{rate.destination}" if rate.vehicle else ""


def nearest(value: Fraction | float) -> int:
    """Round to the nearest whole number, halves up."""
    return floor(Fraction(value) + Fraction(1, 2))


def lateness(p50_h: float, p90_h: float, slack_h: float) -> tuple[float, float]:
    """Return the chance of being late and the hours expected beyond the slack.

    Transit is lognormal through both percentiles; the expectation is the
    integral of the tail, summed over slices of equal chance.
    """
    if p50_h <= 0 or p90_h <= p50_h:
        return (1.0, p50_h - slack_h) if p50_h > slack_h else (0.0, 0.0)
    normal = NormalDist()
    mu, sigma = log(p50_h), (log(p90_h) - log(p50_h)) / normal.inv_cdf(0.9)
    if slack_h <= 0:
        return 1.0, exp(mu + sigma**2 / 2) - slack_h
    z = (log(slack_h) - mu) / sigma
    chance = 1.0 - normal.cdf(z)
    return chance, _tail(mu, sigma, slack_h, z)


def _tail(mu: float, sigma: float, slack_h: float, z: float) -> float:
    """Integrate max(0, exp(mu + sigma·x) − slack) over the normal's x by Simpson."""
    far = max(z, 0.0) + 9.0 + sigma
    steps = 2000
    width = (far - z) / steps

    def density(x: float) -> float:
        return (exp(mu + sigma * x) - slack_h) * exp(-x * x / 2) / sqrt(2 * pi)

    inner = sum((4 if i % 2 else 2) * density(z + i * width) for i in range(1, steps))
    return max(0.0, (density(z) + inner + density(far)) * width / 3)


@dataclass(frozen=True)
class Sent:
    """A parcel with all that its price depends on.

    ``transit_h`` is the carriage between ports, before days of rest and hazards;
    ``live_cents`` is the carrier's own price for it, in place of the tables', or for
    a parcel that they price at ``live_of_cents``;
    ``strains`` are how many times their rated heat its cartons take.
    """

    parcel: Parcel
    order: Order
    policy: Policy
    center: FulfillmentCenter
    service: CarrierService
    cartons: Mapping[CartonId, Carton]
    skus: Mapping[SkuId, Sku]
    transit_h: int = 0
    live_cents: int | None = None
    live_of_cents: int | None = None
    strains: Mapping[CartonId, Fraction] = field(default_factory=dict)

    @property
    def p50_h(self) -> int:
        return started_hours(self.parcel.hand_over_at, self.parcel.p50_at)

    @property
    def p90_h(self) -> int:
        return started_hours(self.parcel.hand_over_at, self.parcel.p90_at)

    @property
    def collected(self) -> bool:
        return self.service.mode is ServiceMode.PICKUP

    def value_cents(self, lines: Iterable[Line]) -> int:
        return sum(self.skus[line.sku].value_cents * line.units for line in lines)


def prices(sent: Sent) -> dict[CostTerm, Fraction | float]:
    """Work out every term of a parcel's cost, before rounding to whole cents.

    Freight, and the sums of whole cents, are integers already.
    """
    money = sent.policy.money
    late_h, chance, early_h = _timing(sent)
    cents, added = charges(sent)
    return {
        CostTerm.FREIGHT: Fraction(cents),
        CostTerm.SURCHARGES: Fraction(added),
        CostTerm.HANDLING: Fraction(handling(sent)),
        CostTerm.PACKAGING: Fraction(
            sum(sent.cartons[p.carton].cost_cents for p in _boxed(sent))
        ),
        CostTerm.COOLANT: Fraction(
            sum(
                sent.cartons[p.carton].coolant_cents_per_h
                * sent.p90_h
                * sent.strains.get(p.carton, Fraction(1))
                for p in _boxed(sent)
                if p.method is PackingMethod.INSULATED
            )
        ),
        CostTerm.LATENESS: late_h * money.late_cents_per_h,
        CostTerm.VALUE_AT_RISK: chance * money.late_event_cents,
        CostTerm.EARLINESS: early_h * money.early_cents_per_h,
        CostTerm.SPOILAGE: Fraction(sent.p50_h * money.spoilage_cents_per_h),
        CostTerm.DAMAGE: damage(sent),
        CostTerm.CARBON: carbon(sent),
    }


def _boxed(sent: Sent) -> Iterator[Any]:
    return (piece for piece in sent.parcel.cartons if piece.carton is not None)


def _timing(sent: Sent) -> tuple[float, float, Fraction]:
    """Return expected hours late, the chance of it, and hours early at p90."""
    deliver_by = sent.order.deliver_by
    if deliver_by is None:
        return 0.0, 0.0, Fraction(0)
    slack = Fraction((deliver_by - sent.parcel.hand_over_at) / _HOUR)
    chance, late_h = lateness(sent.p50_h, sent.p90_h, float(slack))
    early = Fraction((deliver_by - sent.parcel.p90_at) / _HOUR)
    return late_h, chance, max(Fraction(0), early)


def charges(sent: Sent) -> tuple[int, int]:
    """Work out freight and surcharges, or the carrier's own price in their place."""
    live, of = sent.live_cents, sent.live_of_cents
    if live is not None and of is None:
        return live, 0
    cents = freight(sent)
    added = surcharges(sent, cents)
    if live is None or of is None:
        return cents, added
    return nearest(Fraction((cents + added) * live, of)), 0


def freight(sent: Sent) -> int:
    """Price the carriage: per piece in a zone, per shipment between ports."""
    if sent.collected:
        return 0
    weights = [dimensional_g(p, sent.service) for p in sent.parcel.cartons]
    if sent.service.lanes:
        bands = [
            band_price(rate, sum(weights))
            for rate in sent.service.lanes
            if rate.origin in sent.center.ports
            and rate.destination == sent.order.ship_to.postal_code
            and rate.transit_h == sent.transit_h
            and sent.parcel.run == run_name(sent.service, rate)
        ]
        return min((b for b in bands if b is not None), default=-1)
    start, _ = zone_start(sent.center, sent.service)
    km = None if start is None else kilometers(start, sent.order.ship_to)
    zone = None if km is None else zone_of(sent.service, km)
    rates = [rate for rate in sent.service.rates if rate.zone == zone]
    if sent.service.rated_together:
        weights = [sum(weights)]
    return sum(zone_price(rates[0], w) for w in weights) if rates else -1


def surcharges(sent: Sent, freight_cents: int) -> int:
    """Add what the carrier adds: fuel, residence, signature, hazmat, size, value."""
    if sent.collected:
        return 0
    added, limits = sent.service.surcharges, sent.policy.limits
    cents = nearest(Fraction(freight_cents * added.fuel_permille, 1000))
    cents += added.residential_cents if sent.order.residential else 0
    if sent.order.signature or limits.signature:
        cents += added.signature_cents
    if limits.insured:
        value = sent.value_cents(sent.parcel.lines)
        cents += nearest(Fraction(value * added.insurance_permille, 1000))
    for piece in sent.parcel.cartons:
        if any(sent.skus[line.sku].hazmat_class for line in piece.lines):
            cents += added.hazmat_cents
        girth_mm = sent.service.oversize_girth_mm
        if girth_mm is not None and girth(piece.outer) > girth_mm:
            cents += added.oversize_cents
    return cents


def girth(size: Dimensions) -> int:
    """Return the longest side plus twice the sum of the other two."""
    sides = (size.length_mm, size.width_mm, size.height_mm)
    return 2 * sum(sides) - max(sides)


def handling(sent: Sent) -> int:
    """Price the center's work per parcel, line and unit."""
    center, lines = sent.center, sent.parcel.lines
    units = sum(line.units for line in lines)
    return (
        center.handling_cents_per_parcel
        + center.handling_cents_per_line * len(lines)
        + nearest(Fraction(center.handling_millicents_per_unit * units, 1000))
    )


def damage(sent: Sent) -> Fraction:
    """Expect harm piece by piece: chance, times method, times three if fragile.

    What the customer collects is at the customer's own risk.
    """
    event, expected = sent.policy.money.damage_event_cents, Fraction(0)
    if sent.collected:
        return expected
    for piece in sent.parcel.cartons:
        chance = Fraction(sent.service.damage_ppm, 1_000_000)
        chance *= Fraction(HARM_PERCENT[piece.method], 100)
        if any(sent.skus[line.sku].fragile for line in piece.lines):
            chance *= 3
        expected += chance * (sent.value_cents(piece.lines) + event)
    return expected


def carbon(sent: Sent) -> float:
    """Price the carbon of moving the gross weight over great circles."""
    km = traveled_km(sent)
    tonnes = sum(piece.weight_g for piece in sent.parcel.cartons) / 1e6
    kg = tonnes * km * sent.service.carbon_g_per_tonne_km / 1000
    return kg * sent.policy.money.carbon_cents_per_kg
