"""What was decided for an order, what else was possible, and at what price."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from pydantic import Field

from domain.forecast import Outside
from domain.network import FulfillmentMode, PackingMethod, ServiceMode
from domain.order import Line
from domain.policy import Policy, SoftLimit
from domain.quantities import (
    CarrierId,
    CartonId,
    Count,
    DecisionId,
    Dimensions,
    FcId,
    Instant,
    OrderId,
    Positive,
    ServiceId,
    SkuId,
    Value,
)
from domain.scarcity import Scarce
from domain.segment import Classification
from domain.shopping import Silent


class CostTerm(StrEnum):
    """What a cent is for."""

    FREIGHT = "freight"
    SURCHARGES = "surcharges"
    HANDLING = "handling"
    PACKAGING = "packaging"
    COOLANT = "coolant"
    LATENESS = "lateness"
    VALUE_AT_RISK = "value-at-risk"
    EARLINESS = "earliness"
    SPLIT = "split"
    SPOILAGE = "spoilage"
    DAMAGE = "damage"
    CARBON = "carbon"
    OVER_CAPACITY = "over-capacity"
    VEHICLE = "vehicle"


# Cents somebody will invoice; the rest are expectations about the customer.
CASH_TERMS = frozenset(
    {
        CostTerm.FREIGHT,
        CostTerm.SURCHARGES,
        CostTerm.HANDLING,
        CostTerm.PACKAGING,
        CostTerm.COOLANT,
        CostTerm.OVER_CAPACITY,
        CostTerm.VEHICLE,
    }
)

Cost = dict[CostTerm, int]


def total(cost: Cost) -> int:
    """Return the sum of a cost's terms, in cents."""
    return sum(cost.values())


def sum_of(costs: Iterable[Cost]) -> Cost:
    """Return the sum of some costs, term by term."""
    summed: Cost = {}
    for cost in costs:
        for term, cents in cost.items():
            summed[term] = summed.get(term, 0) + cents
    return summed


class Placement(Value):
    """One unit in a carton: its near lower left corner and its size as placed.

    x runs along the carton's length, y along its width, z upwards.
    """

    sku: SkuId
    x_mm: Count
    y_mm: Count
    z_mm: Count
    size: Dimensions


class PackedCarton(Value):
    """One piece to carry: a carton, mailer, pallet, or goods in their own box.

    ``carton`` is None for goods shipped in their own container. ``weight_g`` is
    gross, with tare. ``billable_g`` is the larger of gross and dimensional
    weight on the chosen service. ``placements`` may be left out in summaries.
    """

    carton: CartonId | None
    method: PackingMethod
    outer: Dimensions
    weight_g: Positive
    billable_g: Positive
    lines: tuple[Line, ...]
    placements: tuple[Placement, ...] = ()


class Parcel(Value):
    """What one center sends with one service under one booking.

    ``hand_over_at`` is the pickup it makes; p50 and p90 are when half, and
    nine tenths, of such parcels have arrived. ``run`` names the vehicles that it
    shares with others of the day, empty where it shares none; its cost then has
    its share of them in it. ``outside`` is the weather that its insulation and
    coolant were reckoned with, None where it did not matter or nobody knew it.
    """

    fc: FcId
    carrier: CarrierId
    service: ServiceId
    mode: ServiceMode
    fulfillment: FulfillmentMode = FulfillmentMode.SHIP
    method: PackingMethod
    lines: tuple[Line, ...]
    cartons: tuple[PackedCarton, ...]
    hand_over_at: Instant
    p50_at: Instant
    p90_at: Instant
    cost: Cost = Field(default_factory=dict)
    run: str = ""
    outside: Outside | None = None

    @property
    def billable_g(self) -> int:
        return sum(carton.billable_g for carton in self.cartons)

    @property
    def weight_g(self) -> int:
        return sum(carton.weight_g for carton in self.cartons)


class Way(Value):
    """One parcel of an alternative, in short."""

    fc: FcId
    service: ServiceId
    method: PackingMethod


class Alternative(Value):
    """Another way the order could have gone, and its difference term by term.

    ``delta`` is this alternative's cost minus the chosen plan's, per term;
    terms without a difference are left out.
    """

    ways: tuple[Way, ...]
    total_cents: int
    delta: Cost
    p50_at: Instant
    p90_at: Instant
    available: bool = True


class Excluded(Value):
    """A lane (center × service) that may not serve the order, and why."""

    fc: FcId
    service: ServiceId | None
    limit: str
    why: str


class Rung(StrEnum):
    """How an answer was found, best first."""

    DIRECT = "direct"
    EXACT = "exact"
    PRICED = "priced"
    GREEDY = "greedy"
    FALLBACK = "fallback"
    HELD = "held"


class SolverRecord(Value):
    """How good the joint answer is and how to repeat it.

    Costs are of the whole batch. ``gap_ppm`` is (cost − bound) / bound in
    millionths; 0 is proven optimal. ``work`` counts solver work, not seconds.

    A run that its caller ``stopped`` says how far it got: the orders whose
    options were ``enumerated``, the ``rounds`` of joint choice begun and whether
    the last was ``cut`` short at ``work``, the orders ``explained``. An effort
    ``until`` this record repeats it.
    """

    rung: Rung
    orders: Count
    cost_cents: int
    bound_cents: int
    gap_ppm: Count
    served: Count = 0
    served_bound: Count = 0
    options: Count = 0
    work: Count = 0
    seed: int = 0
    stopped: bool = False
    enumerated: Count = 0
    rounds: Count = 0
    cut: bool = False
    explained: Count = 0


class Binding(Value):
    """Something there was too little of for this order, and what more is worth.

    ``what`` names it in words. ``saves_cents`` is what this order alone would
    save with one more of it, all others staying as they are (``at_least``:
    perhaps more, by splits that were not looked at). ``price_millicents`` is
    what one more is worth to all orders decided together, by the prices of the
    joint choice; None where they were not needed.
    """

    what: str
    fc: FcId
    sku: SkuId | None = None
    carrier: CarrierId | None = None
    day: date | None = None
    saves_cents: Count = 0
    at_least: bool = False
    price_millicents: Count | None = None


class Change(StrEnum):
    """What might be otherwise for another way to be chosen."""

    QUOTE = "quote"
    LATE_RATE = "late-rate"
    PROMISE = "promise"
    UNIT = "unit"
    MAX_TRANSIT = "max-transit"
    LATEST_HANDOVER = "latest-handover"


class Flip(Value):
    """A single change that would make another way win.

    ``by`` is the size of the change: cents off the carrier's price for the lane
    (QUOTE), cents more or less per hour late (LATE_RATE), hours by which the
    promise moves (PROMISE, negative is earlier), units or places more (UNIT),
    hours more allowed (MAX_TRANSIT, LATEST_HANDOVER). ``now`` is the value it
    then has (None for a promise, a handover and a unit). ``to`` then costs
    ``saves_cents`` less than the chosen way.
    """

    change: Change
    by: int
    now: int | None = None
    to: tuple[Way, ...]
    saves_cents: Count
    fc: FcId | None = None
    service: ServiceId | None = None
    sku: SkuId | None = None
    what: str = ""


# What workflow histories keep of the explanation of a plan.
BRIEFLY = 3


class Plan(Value):
    """How an order travels, at what cost, and what else was possible.

    ``rung`` says how this order's answer was found; None in older plans.
    """

    order_id: OrderId
    parcels: tuple[Parcel, ...]
    cost: Cost
    alternatives: tuple[Alternative, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    relaxed: tuple[SoftLimit, ...] = ()
    solver: SolverRecord
    rung: Rung | None = None
    binding: tuple[Binding, ...] = ()
    flips: tuple[Flip, ...] = ()

    @property
    def total_cents(self) -> int:
        return total(self.cost)

    @property
    def p50_at(self) -> Instant:
        return max(parcel.p50_at for parcel in self.parcels)

    @property
    def p90_at(self) -> Instant:
        return max(parcel.p90_at for parcel in self.parcels)

    def brief(self) -> "Plan":
        """Return the plan without placements and excluded lanes, briefly explained.

        Workflow histories carry this; the store keeps the whole plan.
        """
        parcels = tuple(
            parcel.model_copy(
                update={
                    "cartons": tuple(
                        carton.model_copy(update={"placements": ()})
                        for carton in parcel.cartons
                    )
                }
            )
            for parcel in self.parcels
        )
        short = {
            "parcels": parcels,
            "excluded": (),
            "binding": self.binding[:BRIEFLY],
            "flips": self.flips[:BRIEFLY],
        }
        return self.model_copy(update=short)


class Unplaced(Value):
    """Why no plan exists: the lines nobody can serve and what stopped each."""

    order_id: OrderId
    reasons: tuple[str, ...]
    excluded: tuple[Excluded, ...] = ()
    short: tuple[Line, ...] = ()


class Block(Value):
    """Something that may not be chosen for a line again after a refusal.

    ``sku`` None means the block holds for the whole order.
    """

    fc: FcId | None = None
    service: ServiceId | None = None
    sku: SkuId | None = None
    why: str = ""


class Pin(Value):
    """What an operator wants: any of center, service and packing method."""

    fc: FcId | None = None
    service: ServiceId | None = None
    method: PackingMethod | None = None


class LiveRate(Value):
    """A carrier's own price for this order, replacing freight and surcharges.

    ``connection`` told it before the decision, and stands by it until it expires;
    one without was told when a parcel was to be booked, and holds for the order.
    ``table_cents`` is what the tables say of the very parcel it was told for: other
    parcels of the lane cost in proportion. Without it every parcel costs the same.
    """

    fc: FcId
    service: ServiceId
    cents: Count
    connection: str = ""
    expires_at: Instant | None = None
    table_cents: Positive | None = None

    def expired(self, now: Instant) -> bool:
        """Tell whether the carrier no longer stands by it."""
        return self.expires_at is not None and now >= self.expires_at


class WeatherKnown(Value):
    """What was known of the weather of the ways that cold goods could take.

    ``lacking`` are the ends whose weather nobody knew: ``destination``, or the id of
    a center; ways from or to them were reckoned with as if it did not matter.
    ``as_of`` is when the oldest forecast was made, None where there was none.
    """

    lacking: tuple[str, ...] = ()
    as_of: Instant | None = None


class DecidedBy(StrEnum):
    """Who made a decision."""

    OPTIMIZER = "optimizer"
    OPERATOR = "operator"


class Decision(Value):
    """One decision about one order, as kept forever.

    Revision 1 is the first; each re-decision and override adds one. Exactly
    one of ``plan`` and ``unplaced`` is set. ``operator`` is a pseudonym;
    ``delta_cents`` is this plan's cost minus the plan it replaced, ``delta`` the
    same term by term where an operator asked for it. ``prices`` are those of
    scarce things it was decided with, as they were then: where the search began,
    or (``under_prices``) what was to be paid for taking from others. ``weather`` is
    None where none mattered. ``rates`` are the carriers' own prices it was decided
    with, and ``silent`` who was asked and told none; all else is from tables.
    """

    id: DecisionId
    order_id: OrderId
    revision: Positive
    as_of: Instant
    made_by: DecidedBy = DecidedBy.OPTIMIZER
    plan: Plan | None = None
    unplaced: Unplaced | None = None
    policy: Policy = Policy()
    classification: Classification = Classification()
    network_version: str = ""
    blocks: tuple[Block, ...] = ()
    pin: Pin | None = None
    operator: str = ""
    reason: str = ""
    delta_cents: int | None = None
    delta: Cost = Field(default_factory=dict)
    prices: tuple[Scarce, ...] = ()
    under_prices: bool = False
    weather: WeatherKnown | None = None
    rates: tuple[LiveRate, ...] = ()
    silent: tuple[Silent, ...] = ()
