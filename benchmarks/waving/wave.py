"""Seeded waves: orders, what they are for, and how much there is of it.

Stock, centers' days and carriers' trucks are dealt out as the regime says: ample
(stock four times the demand), normal (twice) and peak (1.15 times, with days and
trucks for 1.1 times the work).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil

import numpy as np

from benchmarks.waving.network import (
    CARRIERS,
    SUPPLIER,
    cartons,
    centers,
    services,
    size,
    the_supplier,
    the_suppliers_service,
)
from benchmarks.waving.places import City, cities
from domain.calendars import day_of
from domain.network import FulfillmentCenter, Network
from domain.order import Line, Order
from domain.policy import Limits, Money, Policy
from domain.quantities import CarrierId, CustomerId, FcId, OrderId, SkuId
from domain.sku import Sku, TemperatureBand
from optimizer.problem import Problem, Task

AS_OF = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Regime:
    """How much there is for each unit, line and parcel asked for."""

    stock: float
    days: float
    trucks: float


REGIMES = {
    "ample": Regime(4.0, 2.0, 3.0),
    "normal": Regime(2.0, 1.5, 2.0),
    "peak": Regime(1.15, 1.1, 1.15),
}
NEVER_SHORT = 1_000_000
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
    own = centers(chance, towns)
    network = Network(
        version=f"wave-{seed}",
        centers=(*own, the_supplier(towns[0])),
        services=(*services(chance), the_suppliers_service()),
        cartons=cartons(),
    )
    tasks = tuple(Task(order, order.lines, _policy(order, skus)) for order in placed)
    return Problem(
        as_of=AS_OF,
        network=network,
        skus=skus,
        tasks=tasks,
        stock={
            **_stock(chance, placed, skus, own, wanted.stock),
            **{(SUPPLIER, sku): NEVER_SHORT for sku in skus},
        },
        fc_lines=_days(chance, placed, own, wanted.days),
        carrier_parcels=_trucks(chance, placed, own, wanted.trucks),
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
            size=size(length, width, height),
            weight_g=max(20, int(liters[n] * density[n] * 1000)),
            temperature=TemperatureBand.CHILLED if cold[n] else TemperatureBand.AMBIENT,
            hazmat_class="9" if hazmat[n] else None,
            fragile=bool(chance.random() < 0.1),
            value_cents=int(chance.integers(500, 20_000)),
        )
        found[sku.id] = sku
    return found


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
    times: float,
) -> dict[tuple[FcId, date], int]:
    """Deal a day's work in lines out to the centers, each day anew the same."""
    lines = sum(len(order.lines) for order in placed)
    share = 0.5 / len(centers) + 0.5 * chance.dirichlet([6.0] * len(centers))
    return {
        (center.id, day): ceil(lines * times * share[n]) + 2
        for n, center in enumerate(centers)
        for day in _ahead(center)
    }


def _trucks(
    chance: np.random.Generator,
    placed: list[Order],
    centers: tuple[FulfillmentCenter, ...],
    times: float,
) -> dict[tuple[FcId, CarrierId, date], int]:
    lanes = [(c, CarrierId(carrier)) for c in centers for carrier in CARRIERS]
    share = 0.4 / len(lanes) + 0.6 * chance.dirichlet([3.0] * len(lanes))
    parcels = len(placed) * 1.25 * 1.6 * times
    return {
        (center.id, carrier, day): ceil(parcels * share[n]) + 1
        for n, (center, carrier) in enumerate(lanes)
        for day in _ahead(center)
    }


def _ahead(center: FulfillmentCenter) -> list[date]:
    first = day_of(center, AS_OF)
    return [first + timedelta(days=n) for n in range(14)]
