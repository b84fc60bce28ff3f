"""What one parcel costs, term by term, in integer cents.

Every term is worked out on its own and rounded half up once; the sum of the
terms is the price. ``docs/pricing.md`` states each rule in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.network import (
    CarrierService,
    LaneRate,
    PackingMethod,
    ServiceMode,
    ZoneRate,
)
from domain.plan import Cost, CostTerm
from optimizer.eligible import Lane
from optimizer.lateness import lateness
from optimizer.load import Load
from optimizer.packing import PackedPiece, Packing
from optimizer.problem import Task

TERMS = tuple(CostTerm)
TERM_INDEX = {term: index for index, term in enumerate(TERMS)}

# How much likelier (in percent) goods come to harm than in a plain carton:
# mailers do not cushion, own containers show what is inside and have no void
# fill, insulated walls absorb shocks, secured boxes are double-walled and not
# worth opening, pallets are moved by machine and not thrown.
DAMAGE_PERCENT: dict[PackingMethod, int] = {
    PackingMethod.POLY_MAILER: 180,
    PackingMethod.CARTON: 100,
    PackingMethod.OWN_CONTAINER: 130,
    PackingMethod.INSULATED: 80,
    PackingMethod.SECURED: 40,
    PackingMethod.PALLET: 60,
    PackingMethod.MIXED: 100,
}
# A piece with something fragile in it breaks this many times as often.
FRAGILE_TIMES = 3

Cents = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LaneCents:
    """The terms that depend on the lane and the promise, not on the goods."""

    lateness: int
    value_at_risk: int
    earliness: int
    spoilage: int


def half_up(value: float) -> int:
    """Round to the nearest integer, halves upwards."""
    return int(value + 0.5)


def billable_g(piece: PackedPiece, service: CarrierService) -> int:
    """Return the larger of a piece's gross and dimensional weight."""
    if service.dim_divisor is None:
        return piece.weight_g
    # 1 cubic millimeter over (cubic centimeters per kilogram) is one gram.
    return max(piece.weight_g, -(-piece.outer.volume_mm3 // service.dim_divisor))


def zone_cents(rate: ZoneRate, weight_g: int) -> int:
    """Price one piece in a zone: never less than its minimum."""
    half_kgs = -(-weight_g // 500)
    return max(rate.min_cents, rate.base_cents + half_kgs * rate.cents_per_half_kg)


def port_cents(rates: Sequence[LaneRate], weight_g: int) -> int | None:
    """Price a shipment by its cheapest weight band, None where no band holds it."""
    prices = [
        max(
            rate.minimum_cents,
            # thousandths of a cent per kilogram, times grams
            (rate.rate_millicents_per_kg * weight_g + 500_000) // 1_000_000,
        )
        for rate in rates
        if rate.min_g <= weight_g and (rate.max_g is None or weight_g < rate.max_g)
    ]
    return min(prices, default=None)


def lane_cents(task: Task, lane: Lane) -> LaneCents:
    """Price what depends on the time of arrival alone."""
    money, deliver_by = task.policy.money, task.order.deliver_by
    late = risk = early = 0
    if deliver_by is not None:
        hour = timedelta(hours=1)
        slack_h = (deliver_by - lane.hand_over_at) / hour
        chance, hours = lateness(lane.p50_h, lane.p90_h, slack_h)
        late = half_up(hours * money.late_cents_per_h)
        risk = half_up(chance * money.late_event_cents)
        early_h = max(0.0, (deliver_by - lane.p90_at) / hour)
        early = half_up(early_h * money.early_cents_per_h)
    return LaneCents(late, risk, early, lane.p50_h * money.spoilage_cents_per_h)


def freight_cents(lane: Lane, billable: Sequence[int]) -> int | None:
    """Price the carriage; None where no weight band of the lane holds the goods."""
    if lane.live_cents is not None:
        return lane.live_cents
    if lane.port_rates:
        return port_cents(lane.port_rates, sum(billable))
    if lane.zone_rate is None:
        return 0
    rate = lane.zone_rate
    return sum(zone_cents(rate, weight_g) for weight_g in billable)


def surcharge_cents(
    task: Task, lane: Lane, packing: Packing, load: Load, freight: int
) -> int:
    """Price what the carrier adds: once per parcel, and per piece where it says so.

    Fuel is a share of freight; residential delivery and signature are charged
    once; hazmat and oversize for each piece; insurance on the goods' value.
    """
    if lane.live_cents is not None or lane.service.mode is ServiceMode.PICKUP:
        return 0
    added, limits, order = lane.service.surcharges, task.policy.limits, task.order
    cents = (freight * added.fuel_permille + 500) // 1000
    if order.residential:
        cents += added.residential_cents
    if order.signature or limits.signature:
        cents += added.signature_cents
    if limits.insured:
        cents += (load.value_cents * added.insurance_permille + 500) // 1000
    if load.hazmat is not None:
        cents += added.hazmat_cents * sum(
            any(sku in load.hazmat_skus for sku in _skus(piece))
            for piece in packing.pieces
        )
    girth_mm = lane.service.oversize_girth_mm
    if girth_mm is not None:
        cents += added.oversize_cents * sum(
            piece.outer.girth_mm > girth_mm for piece in packing.pieces
        )
    return cents


def _skus(piece: PackedPiece) -> list[str]:
    return [line.sku for line in piece.lines]


def handling_cents(lane: Lane, load: Load) -> int:
    """Price the center's work: per parcel, per line, per unit."""
    center = lane.center
    return (
        center.handling_cents_per_parcel
        + center.handling_cents_per_line * len(load.lines)
        + (center.handling_millicents_per_unit * load.units + 500) // 1000
    )


def damage_cents(task: Task, lane: Lane, packing: Packing, load: Load) -> int:
    """Price the harm expected: chance times value and event, piece by piece.

    Goods the customer collects are the customer's own risk.
    """
    if lane.service.mode is ServiceMode.PICKUP:
        return 0
    event = task.policy.money.damage_event_cents
    weighted = 0
    for piece in packing.pieces:
        times = DAMAGE_PERCENT[piece.method]
        if load.fragile and any(sku in load.fragile for sku in _skus(piece)):
            times *= FRAGILE_TIMES
        value = sum(
            load.unit_value_cents[line.sku] * line.units for line in piece.lines
        )
        weighted += times * (value + event)
    return half_up(lane.service.damage_ppm * weighted / 100_000_000)


def carbon_cents(task: Task, lane: Lane, weight_g: int) -> int:
    """Price the carbon of moving the gross weight over the distance."""
    per_kg = task.policy.money.carbon_cents_per_kg
    if not per_kg:
        return 0
    tonne_km = weight_g / 1_000_000 * lane.distance_km
    return half_up(tonne_km * lane.service.carbon_g_per_tonne_km / 1000 * per_kg)


def parcel_cents(
    task: Task, lane: Lane, timed: LaneCents, packing: Packing, load: Load
) -> Cents | None:
    """Price one parcel term by term, in the order of ``TERMS``.

    Returns
    -------
    The cents, without what depends on other parcels (split, over-capacity).
    None where the lane's weight bands do not hold the goods.
    """
    pieces = packing.pieces
    freight = freight_cents(lane, [billable_g(p, lane.service) for p in pieces])
    if freight is None:
        return None
    coolant = sum(piece.coolant_cents_per_h for piece in pieces) * lane.p90_h
    cents = {
        CostTerm.FREIGHT: freight,
        CostTerm.SURCHARGES: surcharge_cents(task, lane, packing, load, freight),
        CostTerm.HANDLING: handling_cents(lane, load),
        CostTerm.PACKAGING: packing.cost_cents,
        CostTerm.COOLANT: coolant,
        CostTerm.LATENESS: timed.lateness,
        CostTerm.VALUE_AT_RISK: timed.value_at_risk,
        CostTerm.EARLINESS: timed.earliness,
        CostTerm.SPOILAGE: timed.spoilage,
        CostTerm.DAMAGE: damage_cents(task, lane, packing, load),
        CostTerm.CARBON: carbon_cents(task, lane, sum(p.weight_g for p in pieces)),
    }
    return tuple(cents.get(term, 0) for term in TERMS)


def as_cost(cents: Sequence[int]) -> Cost:
    """Name the terms; those of no cents are left out."""
    return {term: value for term, value in zip(TERMS, cents, strict=True) if value}


def with_term(cents: Cents, term: CostTerm, added: int) -> Cents:
    """Return the cents with some more in one term."""
    index = TERM_INDEX[term]
    return (*cents[:index], cents[index] + added, *cents[index + 1 :])
