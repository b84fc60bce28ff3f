"""Seeded waves of orders over a network of twelve centers and twenty services."""

import random
from datetime import UTC, datetime, time, timedelta

from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    Network,
    PackingMethod,
    Pickup,
    ServiceMode,
    Surcharges,
    Transit,
    ZoneRate,
)
from domain.order import Line, Order
from domain.policy import Limits, Money, Policy
from domain.quantities import (
    CarrierId,
    CartonId,
    CustomerId,
    Dimensions,
    FcId,
    OrderId,
    Place,
    ServiceId,
    SkuId,
)
from domain.sku import Sku, TemperatureBand
from optimizer.problem import Problem, Task

AS_OF = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CITIES = (
    ("Newark", "NJ", "07101", 40.73, -74.17, "America/New_York"),
    ("Atlanta", "GA", "30303", 33.75, -84.39, "America/New_York"),
    ("Columbus", "OH", "43085", 40.10, -83.02, "America/New_York"),
    ("Chicago", "IL", "60601", 41.89, -87.62, "America/Chicago"),
    ("Memphis", "TN", "37501", 35.03, -89.96, "America/Chicago"),
    ("Dallas", "TX", "75201", 32.79, -96.80, "America/Chicago"),
    ("Houston", "TX", "77001", 29.81, -95.31, "America/Chicago"),
    ("Denver", "CO", "80202", 39.75, -104.99, "America/Denver"),
    ("Phoenix", "AZ", "85001", 33.45, -112.07, "America/Phoenix"),
    ("Reno", "NV", "89501", 39.53, -119.81, "America/Los_Angeles"),
    ("Los Angeles", "CA", "90012", 34.06, -118.24, "America/Los_Angeles"),
    ("Seattle", "WA", "98101", 47.61, -122.33, "America/Los_Angeles"),
)
REACH_KM = (250, 500, 1_000, 1_600, 2_300, 3_000, 9_000)
# Name, mode, base cents, cents per half kilogram, hours per zone, cold.
LEVELS = (
    ("SAVER", ServiceMode.GROUND, 420, 32, 24, False),
    ("GROUND", ServiceMode.GROUND, 560, 38, 16, False),
    ("EXPRESS", ServiceMode.AIR, 1_150, 85, 6, True),
    ("NIGHT", ServiceMode.AIR, 2_300, 160, 3, True),
)
CARRIERS = ("ARROW", "BISON", "CRANE", "DELTA", "ELK")


def box(length_mm: int, width_mm: int, height_mm: int) -> Dimensions:
    return Dimensions(length_mm=length_mm, width_mm=width_mm, height_mm=height_mm)


def a_carton(name: str, side_mm: int, cents: int, *, cold: bool = False) -> Carton:
    wall_mm = 40 if cold else 6
    outer_mm = side_mm + 2 * wall_mm
    return Carton(
        id=CartonId(name),
        method=PackingMethod.INSULATED if cold else PackingMethod.CARTON,
        inner=box(side_mm, side_mm * 3 // 4, side_mm * 3 // 5),
        outer=box(
            outer_mm, side_mm * 3 // 4 + 2 * wall_mm, outer_mm * 3 // 5 + wall_mm
        ),
        tare_g=side_mm * (3 if cold else 1),
        max_load_g=30_000,
        cost_cents=cents,
        temperature=TemperatureBand.CHILLED if cold else TemperatureBand.AMBIENT,
        hold_h=60 if cold else None,
        coolant_cents_per_h=6 if cold else 0,
    )


def cartons() -> tuple[Carton, ...]:
    plain = [a_carton(f"BOX-{mm}", mm, mm // 5) for mm in (220, 320, 420, 540, 700)]
    cold = [a_carton(f"COOL-{mm}", mm, mm, cold=True) for mm in (260, 400)]
    return (*plain, *cold)


def a_service(carrier: int, level: int) -> CarrierService:
    name, mode, base, per_half, hours, cold = LEVELS[level]
    tilt = 100 + 7 * ((carrier * 3 + level * 2) % 5 - 2)
    zones = range(1, len(REACH_KM) + 1)
    warm = (TemperatureBand.AMBIENT,)
    return CarrierService(
        id=ServiceId(f"{CARRIERS[carrier]}-{name}"),
        carrier=CarrierId(CARRIERS[carrier]),
        name=f"{CARRIERS[carrier].title()} {name.title()}",
        mode=mode,
        zones=REACH_KM,
        rates=tuple(
            ZoneRate(
                zone=zone,
                base_cents=base * tilt // 100 + 45 * zone * (4 - level),
                cents_per_half_kg=(per_half + 6 * zone) * tilt // 100,
            )
            for zone in zones
        ),
        transits=tuple(
            Transit(zone=zone, p50_h=8 + hours * zone, p90_h=14 + hours * zone * 3 // 2)
            for zone in zones
        ),
        working_days_only=mode is ServiceMode.GROUND,
        surcharges=Surcharges(fuel_permille=90 + 10 * level, residential_cents=120),
        temperatures=(*warm, TemperatureBand.CHILLED) if cold else warm,
        hazmat=mode is ServiceMode.GROUND,
        max_weight_g=68_000,
    )


def a_center(n: int, capacity_lines: int | None) -> FulfillmentCenter:
    city, region, postal_code, latitude, longitude, zone = CITIES[n]
    return FulfillmentCenter(
        id=FcId(f"FC-{n:02d}"),
        name=city,
        place=Place(
            postal_code=postal_code,
            region=region,
            city=city,
            latitude=latitude,
            longitude=longitude,
        ),
        time_zone=zone,
        pickups=tuple(
            Pickup(carrier=CarrierId(carrier), cutoff=time(14 + k))
            for k, carrier in enumerate(CARRIERS)
        ),
        temperatures=(TemperatureBand.AMBIENT, TemperatureBand.CHILLED),
        hazmat=True,
        capacity_lines=capacity_lines,
        over_capacity_lines=0 if capacity_lines is None else capacity_lines // 5,
        over_capacity_cents_per_line=150,
        handling_cents_per_parcel=90 + 10 * (n % 4),
        handling_cents_per_line=25,
        processing_h=3,
        cartons=tuple(carton.id for carton in cartons()),
    )


def a_network(capacity_lines: int | None) -> Network:
    return Network(
        version="bench-1",
        centers=tuple(a_center(n, capacity_lines) for n in range(len(CITIES))),
        services=tuple(
            a_service(carrier, level)
            for carrier in range(len(CARRIERS))
            for level in range(len(LEVELS))
        ),
        cartons=cartons(),
    )


def some_skus(chance: random.Random, count: int) -> dict[SkuId, Sku]:
    skus = {}
    for n in range(count):
        cold = chance.random() < 0.1
        sides = sorted(chance.randint(40, 260) for _ in range(3))
        sku = Sku(
            id=SkuId(f"SKU-{n:03d}"),
            size=box(sides[2], sides[1], sides[0]),
            weight_g=chance.randint(80, 3_000),
            temperature=TemperatureBand.CHILLED if cold else TemperatureBand.AMBIENT,
            shelf_life_h=120 if cold else None,
            hazmat_class="9" if not cold and chance.random() < 0.05 else None,
            fragile=chance.random() < 0.1,
            value_cents=chance.randint(500, 20_000),
        )
        skus[sku.id] = sku
    return skus


def an_order(chance: random.Random, n: int, skus: list[SkuId]) -> Order:
    city, region, postal_code, latitude, longitude, _ = chance.choice(CITIES)
    lines = chance.sample(skus, chance.choice((1, 1, 1, 2, 2, 3, 4)))
    return Order(
        id=OrderId(f"ORDER-{n:05d}"),
        customer_id=CustomerId(f"CUST-{n % 97}"),
        placed_at=AS_OF,
        ship_to=Place(
            postal_code=postal_code,
            region=region,
            city=city,
            latitude=latitude + chance.uniform(-1, 1),
            longitude=longitude + chance.uniform(-1, 1),
        ),
        lines=tuple(Line(sku=sku, units=chance.choice((1, 1, 2))) for sku in lines),
        deliver_by=AS_OF + timedelta(days=chance.choice((2, 3, 5, 7))),
    )


def a_wave(orders: int, seed: int, *, supply: float = 1.3, skus: int = 60) -> Problem:
    """Make a wave whose stock is ``supply`` times its demand, spread unevenly."""
    chance = random.Random(seed)
    catalog = some_skus(chance, skus)
    ids = list(catalog)
    placed = [an_order(chance, n, ids) for n in range(orders)]
    lines = sum(len(order.lines) for order in placed)
    network = a_network(max(4, int(lines * 1.2) // len(CITIES)))
    demand: dict[SkuId, int] = {}
    for order in placed:
        for line in order.lines:
            demand[line.sku] = demand.get(line.sku, 0) + line.units
    stock: dict[tuple[FcId, SkuId], int] = {}
    for sku, units in demand.items():
        for _ in range(int(units * supply) + 2):
            fc = chance.choice(network.centers).id
            stock[fc, sku] = stock.get((fc, sku), 0) + 1
    policy = Policy(
        limits=Limits(max_centers=3),
        money=Money(late_cents_per_h=60, late_event_cents=400, split_cents=150),
    )
    tasks = tuple(Task(order=o, lines=o.lines, policy=policy) for o in placed)
    return Problem(as_of=AS_OF, network=network, skus=catalog, tasks=tasks, stock=stock)
