"""The seeded world of demo, tests and benchmarks: the same seed, the same world.

- goods, people and places are drawn from their tables;
- each center gets stock of what it can keep, some of it scarce;
- hazards are placed over the days to come, and a sale in the west;
- customers get a past of 400 days;
- orders of every kind are drawn from what is in stock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from domain.condition import Condition, ConditionKind
from domain.customer import Customer
from domain.event import BusinessEvent
from domain.hazard import Circle, Hazard, Severity
from domain.network import FulfillmentCenter, Network
from domain.order import Order
from domain.quantities import CustomerId, FcId, OrderId, ServiceId, SkuId
from domain.segment import RuleSet
from domain.sku import Sku
from lanewise.world.buildings import BUILDINGS, cartons, centers
from lanewise.world.demand import Market
from lanewise.world.demand import orders as draw_orders
from lanewise.world.geography import cities
from lanewise.world.goods import skus
from lanewise.world.past_events import past_events
from lanewise.world.people import people
from lanewise.world.services import services
from lanewise.world.spec import (
    AnnouncedHazard,
    CarrierTraits,
    Refusal,
    StockChange,
    WarehouseTraits,
    WorldSpec,
)

# A Monday, nine in the morning in New York.
START = datetime(2026, 3, 2, 14, tzinfo=UTC)
CUSTOMERS = 150
# Every so many orders a customer changes their mind.
REGRET_EVERY = 40
# On the first day one truck is full before we know it.
FULL_TRUCK = Refusal(
    service=ServiceId("bluebird-ground"),
    fc=FcId("FC-EWR"),
    valid_until=START + timedelta(hours=12),
)
LINES_PER_HUNDRED_ORDERS = 215
SCARCE_PERCENT = 12

# Units on the shelf per center, by how the goods sell; the rest is 6 to 40.
UNITS = {
    "beverages": (140, 900),
    "office": (120, 700),
    "pet-food": (110, 600),
    "grocery": (60, 800),
    "furniture": (1, 6),
    "computers": (1, 5),
    "jewelry": (1, 5),
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """A world to run orders through.

    ``stock`` is what the warehouses' systems believe is on the shelf;
    ``accuracy_permille`` of the counts are true, the others too high.
    ``kinds`` says what each order was drawn as; no rule reads it. ``regretted``
    are orders whose customers cancel as soon as they have ordered. ``past`` is
    what customers did before, ``conditions`` what was declared. Without
    ``rules`` the starter set holds.
    """

    seed: int
    start: datetime
    network: Network
    skus: Mapping[SkuId, Sku]
    customers: Mapping[CustomerId, Customer]
    stock: Mapping[FcId, Mapping[SkuId, int]]
    receipts: tuple[StockChange, ...]
    hazards: tuple[AnnouncedHazard, ...]
    orders: tuple[Order, ...]
    kinds: Mapping[OrderId, str]
    regretted: frozenset[OrderId] = frozenset()
    rules: RuleSet | None = None
    refusals: tuple[Refusal, ...] = ()
    accuracy_permille: int = 965
    past: tuple[BusinessEvent, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def world(self) -> WorldSpec:
        """Describe the counterparts: warehouses, carriers and hazards, no faults."""
        return WorldSpec(
            seed=self.seed,
            start_at=self.start,
            network=self.network,
            stock={fc: dict(shelf) for fc, shelf in self.stock.items()},
            stock_changes=self.receipts,
            hazards=self.hazards,
            warehouse=WarehouseTraits(stock_accuracy_permille=self.accuracy_permille),
            carrier=CarrierTraits(exception_permille=15, refusals=self.refusals),
        )


def build(seed: int = 7, orders: int = 200) -> Seeded:
    """Build the world; equal arguments give equal worlds.

    Parameters
    ----------
    seed
        Seed of every draw.
    orders
        How many orders; capacities grow and shrink with them.
    """
    random = Random(seed)
    catalog = skus(random)
    lines = orders * LINES_PER_HUNDRED_ORDERS // 100
    network = Network(
        version=f"seeded-{seed}",
        centers=centers(START.date(), lines),
        services=services(),
        cartons=cartons(),
    )
    stock = _stock(random, catalog, network.centers, scale_percent=max(50, orders // 2))
    hazards = _hazards()
    crowd = people(random, cities(), CUSTOMERS)
    market = Market(
        start=START,
        skus=catalog,
        shelves=stock,
        centers=network.centers,
        people=crowd,
        cities=cities(),
        storm=hazards[0].hazard,
    )
    drawn = draw_orders(random, market, orders)
    return Seeded(
        seed=seed,
        start=START,
        network=network,
        skus=catalog,
        customers={person.customer.id: person.customer for person in crowd},
        stock=stock,
        receipts=_receipts(random, stock),
        hazards=hazards,
        orders=tuple(order for _, order in drawn.values()),
        kinds={order_id: kind for order_id, (kind, _) in drawn.items()},
        regretted=frozenset(list(drawn)[REGRET_EVERY - 1 :: REGRET_EVERY]),
        refusals=(FULL_TRUCK,),
        # A draw of its own: the orders of a seed stay what they were.
        past=past_events(Random(f"past-{seed}"), START, crowd, catalog),
        conditions=(_sale(),),
    )


def _sale() -> Condition:
    """Declare a sale on the west coast, over before everything is delivered."""
    return Condition(
        id="campaign/spring-sale",
        kind=ConditionKind.CAMPAIGN,
        title="Spring sale on the west coast",
        valid_from=START - timedelta(days=2),
        valid_until=START + timedelta(hours=34),
        regions=("CA", "OR", "WA"),
        declared_by="demo",
        why="three days of free shipping",
    )


def _stock(
    random: Random,
    catalog: Mapping[SkuId, Sku],
    centers: tuple[FulfillmentCenter, ...],
    *,
    scale_percent: int,
) -> dict[FcId, dict[SkuId, int]]:
    """Put each SKU on the shelves of some centers that can keep it."""
    stock: dict[FcId, dict[SkuId, int]] = {center.id: {} for center in centers}
    for sku in catalog.values():
        able = [center.id for center in centers if _keeps(center, sku)]
        scarce = random.randrange(100) < SCARCE_PERCENT and sku.pallet is None
        many = random.randint(1, 2) if scarce else random.randint(3, 7)
        low, high = (1, 4) if scarce else UNITS.get(sku.category, (6, 40))
        for fc in _some(random, able, many):
            units = random.randint(low, high)
            stock[fc][sku.id] = units if scarce else units * scale_percent // 100 or 1
    return stock


def _keeps(center: FulfillmentCenter, sku: Sku) -> bool:
    return (
        sku.temperature in center.temperatures
        and (sku.hazmat_class is None or center.hazmat)
        and (sku.pallet is None or center.palletizes)
    )


def _some(random: Random, able: list[FcId], many: int) -> list[FcId]:
    """Draw that many centers, the large ones more often."""
    shares = {FcId(building.id): building.share for building in BUILDINGS}
    rest = list(able)
    chosen: list[FcId] = []
    while rest and len(chosen) < many:
        fc = random.choices(rest, weights=[shares[each] for each in rest])[0]
        rest.remove(fc)
        chosen.append(fc)
    return sorted(chosen)


def _receipts(
    random: Random, stock: Mapping[FcId, Mapping[SkuId, int]]
) -> tuple[StockChange, ...]:
    """Let a truck come in at each center during the first two days."""
    changes: list[StockChange] = []
    for fc, shelf in stock.items():
        at = START + timedelta(hours=random.randint(4, 44))
        some = sorted(random.sample(sorted(shelf), min(5, len(shelf))))
        changes.extend(StockChange(at=at, fc=fc, sku=sku, units=12) for sku in some)
    return tuple(changes)


def _hazards() -> tuple[AnnouncedHazard, ...]:
    """Place a storm and a flood in force, ice yet to be announced, a vague alert."""

    def hours(count: int) -> datetime:
        return START + timedelta(hours=count)

    storm = Hazard(
        id="HZ-LAKE-STORM",
        kind="winter-storm",
        severity=Severity.SEVERE,
        valid_from=hours(-3),
        valid_until=hours(56),
        circle=Circle(latitude=41.88, longitude=-87.63, radius_km=140),
        delay_h=24,
        headline="Heavy lake-effect snow around Chicago and Milwaukee",
    )
    flood = Hazard(
        id="HZ-DELTA-FLOOD",
        kind="flood",
        severity=Severity.MODERATE,
        valid_from=hours(-20),
        valid_until=hours(30),
        postal_prefixes=("700", "701"),
        delay_h=10,
        headline="Street flooding in New Orleans",
    )
    ice = Hazard(
        id="HZ-TEXAS-ICE",
        kind="ice-storm",
        severity=Severity.SEVERE,
        valid_from=hours(4),
        valid_until=hours(44),
        circle=Circle(latitude=32.78, longitude=-96.80, radius_km=120),
        delay_h=30,
        headline="Freezing rain over Dallas and Fort Worth",
    )
    vague = Hazard(
        id="HZ-WIND-WATCH",
        kind="high-wind",
        severity=Severity.MINOR,
        valid_from=hours(0),
        valid_until=hours(72),
        headline="Gusty winds on the plains",
    )
    return (
        AnnouncedHazard(hazard=storm, announced_at=hours(-12)),
        AnnouncedHazard(hazard=flood, announced_at=hours(-22)),
        AnnouncedHazard(hazard=ice, announced_at=hours(3)),
        AnnouncedHazard(hazard=vague, announced_at=hours(-1)),
    )
