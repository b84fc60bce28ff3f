"""What one parcel costs, term by term, in integer cents.

Every term is worked out on its own and rounded half up once; the sum of the
terms is the price. ``docs/pricing.md`` states each rule in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.network import (
    CarrierService,
    FulfillmentCenter,
    LaneRate,
    PackingMethod,
    ServiceMode,
    ZoneRate,
)
from domain.plan import Cost, CostTerm
from domain.sku import TemperatureBand
from optimizer.eligible import Violated
from optimizer.lanes import Lane
from optimizer.lateness import lateness
from optimizer.load import Load
from optimizer.pieces import PackedPiece, Packing
from optimizer.problem import Task

TERMS = tuple(CostTerm)
TERM_INDEX = {term: index for index, term in enumerate(TERMS)}
assert (
    *(CostTerm.FREIGHT, CostTerm.SURCHARGES, CostTerm.HANDLING, CostTerm.PACKAGING),
    *(CostTerm.COOLANT, CostTerm.LATENESS, CostTerm.VALUE_AT_RISK),
    *(CostTerm.EARLINESS, CostTerm.SPLIT, CostTerm.SPOILAGE, CostTerm.DAMAGE),
    *(CostTerm.CARBON, CostTerm.OVER_CAPACITY),
    CostTerm.VEHICLE,
) == TERMS

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
    """Price a weight in a zone: at the best break, never less than the minimum."""
    cents = -(-weight_g // 500) * rate.cents_per_half_kg
    for each in rate.breaks:
        billed_g = max(weight_g, each.from_g)
        cents = min(cents, -(-billed_g // 500) * each.cents_per_half_kg)
    return max(rate.min_cents, rate.base_cents + cents)


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


@dataclass(slots=True)
class Carriage:
    """One packing on one service: what is the same whatever center it leaves from.

    ``too_big`` says why the service takes none of it, None if it does. ``added``
    are the surcharges without fuel; ``by_zone`` remembers freight by zone.
    """

    packing: Packing
    too_big: Violated | None
    billable_g: tuple[int, ...]
    weight_g: int
    added: int
    damage: int
    coolant_cents_per_h: int
    cold: bool
    by_zone: dict[int, int]


def carriage(
    task: Task, service: CarrierService, packing: Packing, load: Load
) -> Carriage:
    """Work out what a packing costs on a service wherever it starts."""
    pieces = packing.pieces
    collected = service.mode is ServiceMode.PICKUP
    return Carriage(
        packing=packing,
        too_big=None if collected else too_big(service, packing),
        billable_g=tuple(billable_g(piece, service) for piece in pieces),
        weight_g=sum(piece.weight_g for piece in pieces),
        added=0 if collected else added_cents(task, service, packing, load),
        damage=0 if collected else damage_cents(task, service, packing, load),
        coolant_cents_per_h=sum(piece.coolant_cents_per_h for piece in pieces),
        cold=any(p.temperature is not TemperatureBand.AMBIENT for p in pieces),
        by_zone={},
    )


def too_big(service: CarrierService, packing: Packing) -> Violated | None:
    """Say which size limit of the service a piece exceeds first."""
    for piece in packing.pieces:
        outer = piece.outer
        longest_mm = max(outer.length_mm, outer.width_mm, outer.height_mm)
        for what, has, most, unit in (
            ("weight", piece.weight_g, service.max_weight_g, "g"),
            ("length", longest_mm, service.max_length_mm, "mm"),
            ("girth", outer.girth_mm, service.max_girth_mm, "mm"),
        ):
            if has > most:
                why = f"a piece has {has} {unit}, {service.id} takes {most}"
                return Violated(what, why)
    return None


def freight_cents(lane: Lane, carried: Carriage) -> int | None:
    """Price the carriage by the tables; None where no weight band holds the goods."""
    if lane.port_rates:
        return port_cents(lane.port_rates, sum(carried.billable_g))
    if lane.zone_rate is None:
        return 0
    rate = lane.zone_rate
    cents = carried.by_zone.get(rate.zone)
    if cents is None:
        weights = carried.billable_g
        if lane.service.rated_together:
            weights = (sum(weights),)
        cents = sum(zone_cents(rate, weight_g) for weight_g in weights)
        carried.by_zone[rate.zone] = cents
    return cents


def carriage_cents(lane: Lane, carried: Carriage) -> tuple[int, int] | None:
    """Price what the carrier charges: freight, and what it adds.

    A live price has both in it. Where it was told for another parcel than this,
    this one costs as much more or less as the tables say.
    """
    live = lane.live
    if live is not None and live.table_cents is None:
        return live.cents, 0
    freight = freight_cents(lane, carried)
    if freight is None:
        return None
    fuel = (freight * lane.service.surcharges.fuel_permille + 500) // 1000
    added = fuel + carried.added
    if live is None or live.table_cents is None:
        return freight, added
    told, of = live.cents, live.table_cents
    return ((freight + added) * told + of // 2) // of, 0


def added_cents(
    task: Task, service: CarrierService, packing: Packing, load: Load
) -> int:
    """Price what the carrier adds, fuel left out.

    Residential delivery and signature are charged once; hazmat and oversize for
    each piece; insurance on the goods' value.
    """
    added, limits, order = service.surcharges, task.policy.limits, task.order
    cents = added.residential_cents if order.residential else 0
    if order.signature or limits.signature:
        cents += added.signature_cents
    if limits.insured:
        cents += (load.value_cents * added.insurance_permille + 500) // 1000
    if load.hazmat is not None:
        cents += added.hazmat_cents * sum(
            any(line.sku in load.hazmat_skus for line in piece.lines)
            for piece in packing.pieces
        )
    girth_mm = service.oversize_girth_mm
    if girth_mm is not None:
        cents += added.oversize_cents * sum(
            piece.outer.girth_mm > girth_mm for piece in packing.pieces
        )
    return cents


def handling_cents(center: FulfillmentCenter, load: Load) -> int:
    """Price the center's work: per parcel, per line, per unit."""
    return (
        center.handling_cents_per_parcel
        + center.handling_cents_per_line * len(load.lines)
        + (center.handling_millicents_per_unit * load.units + 500) // 1000
    )


def damage_cents(
    task: Task, service: CarrierService, packing: Packing, load: Load
) -> int:
    """Price the harm expected: chance times value and event, piece by piece.

    Goods the customer collects are the customer's own risk.
    """
    event = task.policy.money.damage_event_cents
    weighted = 0
    for piece in packing.pieces:
        times = DAMAGE_PERCENT[piece.method]
        if load.fragile and any(line.sku in load.fragile for line in piece.lines):
            times *= FRAGILE_TIMES
        value = sum(
            load.unit_value_cents[line.sku] * line.units for line in piece.lines
        )
        weighted += times * (value + event)
    return half_up(service.damage_ppm * weighted / 100_000_000)


def carbon_cents(task: Task, lane: Lane, weight_g: int) -> int:
    """Price the carbon of moving the gross weight over the distance."""
    per_kg = task.policy.money.carbon_cents_per_kg
    if not per_kg:
        return 0
    tonne_km = weight_g / 1_000_000 * lane.distance_km
    return half_up(tonne_km * lane.service.carbon_g_per_tonne_km / 1000 * per_kg)


def coolant_cents(lane: Lane, carried: Carriage) -> int:
    """Price the coolant of the hours at p90: more of it, the hotter the way."""
    if lane.heat is None:
        return carried.coolant_cents_per_h * lane.p90_h
    millicents = sum(
        piece.coolant_cents_per_h * lane.p90_h * hardness(lane, piece)
        for piece in carried.packing.pieces
    )
    return (millicents + 500) // 1000


def hardness(lane: Lane, piece: PackedPiece) -> int:
    """Return how hard the lane's weather is on a piece, in thousandths of its rating.

    1000 where it has no rating, or nobody knows the weather.
    """
    if lane.heat is None or piece.rated is None:
        return 1_000
    return lane.heat.permille(*piece.rated, lane.p90_h)


def parcel_cents(
    task: Task, lane: Lane, timed: LaneCents, carried: Carriage, handling: int
) -> Cents | None:
    """Price one parcel term by term, in the order of ``TERMS``.

    Returns
    -------
    The cents, without what depends on other parcels (split, over-capacity,
    vehicle).
    None where the lane's weight bands do not hold the goods.
    """
    carriage = carriage_cents(lane, carried)
    if carriage is None:
        return None
    freight, surcharges = carriage
    return (
        freight,
        surcharges,
        handling,
        carried.packing.cost_cents,
        coolant_cents(lane, carried),
        timed.lateness,
        timed.value_at_risk,
        timed.earliness,
        0,
        timed.spoilage,
        carried.damage,
        carbon_cents(task, lane, carried.weight_g),
        0,
        0,
    )


def as_cost(cents: Sequence[int]) -> Cost:
    """Name the terms; those of no cents are left out."""
    return {term: value for term, value in zip(TERMS, cents, strict=True) if value}


def with_term(cents: Cents, term: CostTerm, added: int) -> Cents:
    """Return the cents with some more in one term."""
    index = TERM_INDEX[term]
    return (*cents[:index], cents[index] + added, *cents[index + 1 :])
