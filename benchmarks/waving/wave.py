"""Seeded waves: 30 centers, 5 carriers of 4 services, 99 cities, three regimes.

How stock, centers' days and carriers' trucks are dealt out is the regime's: ample
(stock four times the demand), normal (twice) and peak (1.15 times, with days and
trucks for 1.1 times the work).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

import numpy as np

from benchmarks.waving.places import City, cities
from domain.calendars import day_of
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
    ServiceId,
    SkuId,
)
from domain.sku import Sku, TemperatureBand
from optimizer.problem import Problem, Task

AS_OF = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CENTERS, CARRIERS = 30, ("ARROW", "BISON", "CRANE", "DELTA", "ELK")
REGIONAL = frozenset({"DELTA", "ELK"})
REACH_KM = (240, 480, 960, 1_600, 2_250, 2_900, 9_000)
# Name, mode, price against ground, days in transit by zone, cold carriage.
LEVELS = (
    ("SAVER", ServiceMode.GROUND, 0.86, (3, 3, 4, 4, 5, 5, 6)),
    ("GROUND", ServiceMode.GROUND, 1.0, (1, 1, 2, 2, 3, 3, 4)),
    ("TWO-DAY", ServiceMode.AIR, 1.9, (2,) * 7),
    ("NIGHT", ServiceMode.AIR, 3.1, (1,) * 7),
)
# Liters and cents of the cartons; the last three are insulated.
PLAIN = ((1.5, 18), (4, 40), (8, 62), (15, 90), (28, 135), (48, 190), (90, 290))
COOL = ((6, 320), (16, 520), (40, 880))


@dataclass(frozen=True)
class Regime:
    """How much there is for each unit, line and parcel asked for; None: no limit."""

    stock: float
    days: float | None = None
    trucks: float | None = None


REGIMES = {
    "ample": Regime(4.0, 1.6, 1.8),
    "normal": Regime(2.0, 1.3, 1.4),
    "peak": Regime(1.15, 1.1, 1.15),
}
POLICY = Policy(
    limits=Limits(max_centers=3, over_capacity_allowed=False),
    money=Money(late_cents_per_h=17, split_cents=180, spoilage_cents_per_h=0),
)
COLD_POLICY = Policy(
    limits=Limits(max_centers=3, over_capacity_allowed=False, max_transit_h=60),
    money=Money(late_cents_per_h=17, split_cents=180, spoilage_cents_per_h=5),
)


def other_orders(problem: Problem, seed: int) -> tuple[Task, ...]:
    """Return as many orders for the same goods as a wave has, but others."""
    chance = np.random.default_rng((seed, len(problem.tasks), 1))
    skus = dict(problem.skus)
    placed = _orders(chance, len(problem.tasks), list(skus.values()), cities())
    return tuple(
        Task(
            o.model_copy(update={"id": OrderId(f"BEFORE-{n:05d}")}),
            o.lines,
            _policy(o, skus),
        )
        for n, o in enumerate(placed)
    )


def a_wave(orders: int, regime: str, seed: int) -> Problem:
    """Make a wave; equal arguments make equal waves."""
    chance = np.random.default_rng((seed, orders))
    wanted = REGIMES[regime]
    towns = cities()
    skus = _skus(chance, min(3_000, max(150, orders * 3 // 5)))
    placed = _orders(chance, orders, list(skus.values()), towns)
    centers = _centers(chance, towns)
    services = _services(chance)
    network = Network(
        version=f"wave-{seed}", centers=centers, services=services, cartons=_cartons()
    )
    tasks = tuple(Task(order, order.lines, _policy(order, skus)) for order in placed)
    return Problem(
        as_of=AS_OF,
        network=network,
        skus=skus,
        tasks=tasks,
        stock=_stock(chance, placed, skus, centers, wanted.stock),
        fc_lines=_days(chance, placed, centers, wanted.days),
        carrier_parcels=_trucks(chance, placed, centers, wanted.trucks),
    )


def _policy(order: Order, skus: dict[SkuId, Sku]) -> Policy:
    cold = any(
        skus[line.sku].temperature is TemperatureBand.CHILLED for line in order.lines
    )
    return COLD_POLICY if cold else POLICY


def _skus(chance: np.random.Generator, count: int) -> dict[SkuId, Sku]:
    liters = np.clip(chance.lognormal(0.55, 0.8, count), 0.1, 20)
    density = chance.uniform(0.15, 0.55, count)
    cold = chance.random(count) < 0.12
    hazmat = (chance.random(count) < 0.05) & ~cold
    liters[cold] = np.clip(liters[cold], 0.1, 4)
    found = {}
    for n in range(count):
        side = 100 * liters[n] ** (1 / 3)
        sides = sorted((side * chance.uniform(0.7, 1.4, 2)).tolist())
        third = liters[n] * 1e6 / (sides[0] * sides[1])
        length, width, height = sorted((*sides, third), reverse=True)
        sku = Sku(
            id=SkuId(f"SKU-{n:04d}"),
            size=_size(length, width, height),
            weight_g=max(20, int(liters[n] * density[n] * 1000)),
            temperature=TemperatureBand.CHILLED if cold[n] else TemperatureBand.AMBIENT,
            hazmat_class="9" if hazmat[n] else None,
            fragile=bool(chance.random() < 0.1),
            value_cents=int(chance.integers(500, 20_000)),
        )
        found[sku.id] = sku
    return found


def _size(length: float, width: float, height: float) -> Dimensions:
    return Dimensions(
        length_mm=max(10, int(length)),
        width_mm=max(10, int(width)),
        height_mm=max(10, int(height)),
    )


def _orders(
    chance: np.random.Generator, count: int, skus: list[Sku], towns: tuple[City, ...]
) -> list[Order]:
    popular = 1 / np.arange(1, len(skus) + 1) ** 0.8
    popular = chance.permutation(popular / popular.sum())
    people = np.array([town.thousands for town in towns], dtype=float)
    lines = chance.choice(
        [1, 2, 3, 4, 5, 6], count, p=[0.45, 0.25, 0.14, 0.09, 0.05, 0.02]
    )
    to = chance.choice(len(towns), count, p=people / people.sum())
    days = chance.choice([2, 3, 5, 7], count, p=[0.25, 0.25, 0.35, 0.15])
    placed = []
    for n in range(count):
        chosen = chance.choice(len(skus), lines[n], replace=False, p=popular)
        units = chance.choice([1, 2, 3], lines[n], p=[0.85, 0.1, 0.05])
        placed.append(
            Order(
                id=OrderId(f"ORDER-{n:05d}"),
                customer_id=CustomerId(f"CUST-{n % 997}"),
                placed_at=AS_OF,
                ship_to=towns[to[n]].place(f"{10_000 + 500 * int(to[n])}"),
                lines=tuple(
                    Line(sku=skus[s].id, units=int(u))
                    for s, u in zip(chosen, units, strict=True)
                ),
                deliver_by=AS_OF + timedelta(days=int(days[n]), hours=8),
            )
        )
    return placed


def _centers(
    chance: np.random.Generator, towns: tuple[City, ...]
) -> tuple[FulfillmentCenter, ...]:
    people = np.array([town.thousands for town in towns], dtype=float) ** 0.6
    at = chance.choice(len(towns), CENTERS, p=people / people.sum())
    cold = chance.random(CENTERS) < 0.45
    cold[0] = True
    return tuple(
        FulfillmentCenter(
            id=FcId(f"FC-{n:02d}"),
            name=towns[at[n]].name,
            place=towns[at[n]].place(f"{10_000 + 500 * int(at[n])}"),
            time_zone=_zone(towns[at[n]].longitude),
            weekdays=tuple(range(7)),
            pickups=tuple(
                Pickup(
                    carrier=CarrierId(carrier),
                    # A third of the trucks has left when the wave is decided.
                    cutoff=time(9) if chance.random() < 0.35 else time(19),
                    weekdays=(0, 1, 2, 3, 4, 5),
                )
                for carrier in CARRIERS
            ),
            temperatures=tuple(TemperatureBand)[: 2 if cold[n] else 1],
            hazmat=True,
            capacity_lines=0,
            handling_cents_per_parcel=int(chance.integers(60, 140)),
            handling_millicents_per_unit=int(chance.integers(15_000, 55_000)),
            processing_h=2,
            cartons=tuple(carton.id for carton in _cartons()),
        )
        for n in range(CENTERS)
    )


def _zone(longitude: float) -> str:
    if longitude > -85:
        return "America/New_York"
    if longitude > -100:
        return "America/Chicago"
    return "America/Denver" if longitude > -114 else "America/Los_Angeles"


def _services(chance: np.random.Generator) -> tuple[CarrierService, ...]:
    found = []
    for carrier in CARRIERS:
        dear = chance.uniform(0.93, 1.10) * (0.84 if carrier in REGIONAL else 1)
        for level, (name, mode, price, days) in enumerate(LEVELS):
            if carrier in REGIONAL and level == 0:
                continue
            zones = REACH_KM[:4] if carrier in REGIONAL else REACH_KM
            scale = dear * price * chance.uniform(0.97, 1.03)
            found.append(
                CarrierService(
                    id=ServiceId(f"{carrier}-{name}"),
                    carrier=CarrierId(carrier),
                    name=f"{carrier.title()} {name.title()}",
                    mode=mode,
                    zones=zones,
                    rates=tuple(
                        ZoneRate(
                            zone=z,
                            base_cents=round(100 * scale * (6.1 + 0.75 * z)),
                            cents_per_half_kg=round(50 * scale * (0.52 + 0.11 * z)),
                        )
                        for z in range(1, len(zones) + 1)
                    ),
                    transits=tuple(
                        Transit(zone=z, p50_h=24 * day - 6, p90_h=24 * day + 6)
                        for z, day in enumerate(days[: len(zones)], 1)
                    ),
                    working_days_only=mode is ServiceMode.GROUND,
                    surcharges=Surcharges(fuel_permille=120),
                    hazmat=mode is ServiceMode.GROUND,
                    max_weight_g=68_000,
                )
            )
    return tuple(found)


def _cartons() -> tuple[Carton, ...]:
    return (
        *(
            _carton(f"BOX-{n}", liters, cents)
            for n, (liters, cents) in enumerate(PLAIN)
        ),
        *(
            _carton(f"COOL-{n}", liters, cents, cold=True)
            for n, (liters, cents) in enumerate(COOL)
        ),
    )


def _carton(name: str, liters: float, cents: int, *, cold: bool = False) -> Carton:
    side = 100 * liters ** (1 / 3)
    length, width, height = side * 1.3, side, side / 1.3
    wall = 60 if cold else 8
    return Carton(
        id=CartonId(name),
        method=PackingMethod.INSULATED if cold else PackingMethod.CARTON,
        inner=_size(length, width, height),
        outer=_size(length + wall, width + wall, height + wall),
        tare_g=int(60 * liters ** (2 / 3) * (3 if cold else 1)),
        max_load_g=30_000,
        cost_cents=cents,
        temperature=TemperatureBand.CHILLED if cold else TemperatureBand.AMBIENT,
        hold_h=60 if cold else None,
        coolant_cents_per_h=4 if cold else 0,
    )


def _stock(
    chance: np.random.Generator,
    placed: list[Order],
    skus: dict[SkuId, Sku],
    centers: tuple[FulfillmentCenter, ...],
    times: float,
) -> dict[tuple[FcId, SkuId], int]:
    demand = dict.fromkeys(skus, 0)
    for order in placed:
        for line in order.lines:
            demand[line.sku] += line.units
    found: dict[tuple[FcId, SkuId], int] = {}
    for sku, units in demand.items():
        fit = [c.id for c in centers if skus[sku].temperature in c.temperatures]
        at = [fc for fc in fit if chance.random() < 0.4] or [
            fit[chance.integers(len(fit))]
        ]
        spread = chance.multinomial(
            ceil(units * times), chance.dirichlet([1.2] * len(at))
        )
        found.update(((fc, sku), int(n)) for fc, n in zip(at, spread, strict=True) if n)
    return found


def _days(
    chance: np.random.Generator,
    placed: list[Order],
    centers: tuple[FulfillmentCenter, ...],
    times: float | None,
) -> dict[tuple[FcId, date], int]:
    """Deal a day's work in lines out to the centers, each day anew the same."""
    lines = sum(len(order.lines) for order in placed)
    share = 0.5 / len(centers) + 0.5 * chance.dirichlet([6.0] * len(centers))
    return {
        (center.id, day): ceil(lines * (times or 99) * share[n]) + 2
        for n, center in enumerate(centers)
        for day in _ahead(center)
    }


def _trucks(
    chance: np.random.Generator,
    placed: list[Order],
    centers: tuple[FulfillmentCenter, ...],
    times: float | None,
) -> dict[tuple[FcId, CarrierId, date], int]:
    lanes = [(c, CarrierId(carrier)) for c in centers for carrier in CARRIERS]
    share = 0.4 / len(lanes) + 0.6 * chance.dirichlet([3.0] * len(lanes))
    parcels = len(placed) * 1.25 * 1.6 * (times or 99)
    return {
        (center.id, carrier, day): ceil(parcels * share[n]) + 1
        for n, (center, carrier) in enumerate(lanes)
        for day in _ahead(center)
    }


def _ahead(center: FulfillmentCenter) -> list[date]:
    first = day_of(center, AS_OF)
    return [first + timedelta(days=n) for n in range(14)]
