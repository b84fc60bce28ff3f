"""Waves of odd shapes: few deep centers, single units, no capacity, and the like.

Drawn from a seed by another generator than the benchmarks', so that what the
optimizer was tuned on is not all that it is held to.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from domain.network import (
    CarrierService,
    FulfillmentCenter,
    Network,
    ServiceMode,
    Transit,
    ZoneRate,
)
from domain.order import Line
from domain.policy import Limits, Money, Policy
from domain.quantities import CarrierId, SkuId
from domain.sku import Sku, TemperatureBand
from optimizer.problem import Problem, Task
from tests import builders as b

POSTAL = ("10001", "07030", "30303", "60601", "75201", "80202", "90012", "98101")
WEST = ("90012", "98101")


def a_shape(name: str, orders: int, seed: int = 0) -> Problem:
    """Draw a wave of that shape; equal arguments give equal waves."""
    return SHAPES[name](Random(f"{name} {seed}"), orders)


def _wave(
    draw: Random,
    orders: int,
    *,
    centers: int = 8,
    skus: int = 40,
    stock: Callable[[Random], int] = lambda draw: draw.choice((0, 0, 2, 5, 9)),
    lines: tuple[int, int] = (1, 3),
    carriers: tuple[str, ...] = ("ANT", "BEE", "CAT"),
    levels: int = 2,
    capacity: int | None = None,
    trucks: int | None = None,
    to: tuple[str, ...] = POSTAL,
    goods: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    absent: bool = False,
) -> Problem:
    catalog = {sku.id: sku for sku in (_sku(draw, n, goods or {}) for n in range(skus))}
    chilled = any(
        s.temperature is not TemperatureBand.AMBIENT for s in catalog.values()
    )
    network = Network(
        version="odd",
        centers=tuple(_center(draw, n, carriers, capacity) for n in range(centers)),
        services=tuple(
            _service(draw, carrier, level)
            for carrier in carriers
            for level in range(levels)
        ),
        cartons=_cartons(),
    )
    held = {
        (center.id, sku): units
        for center in network.centers
        for sku in catalog
        if (units := stock(draw))
    }
    if absent:
        held = {key: units for key, units in held.items() if key[1] != "S-00"}
    policy = Policy(
        limits=Limits(
            max_centers=3,
            over_capacity_allowed=capacity == 0 and trucks is None,
            max_transit_h=72 if chilled else None,
            **(limits or {}),
        ),
        money=Money(late_cents_per_h=15, split_cents=150),
    )
    tasks = tuple(
        _task(draw, n, list(catalog), draw.randint(*lines), to, policy)
        for n in range(orders)
    )
    dated = {}
    if trucks is not None:
        first = b.MONDAY.date() - timedelta(days=1)
        dated = {
            (center.id, CarrierId(carrier), first + timedelta(days=n)): trucks
            for center in network.centers
            for carrier in carriers
            for n in range(16)
        }
    return Problem(
        as_of=b.MONDAY,
        network=network,
        skus=catalog,
        tasks=tasks,
        stock=held,
        carrier_parcels=dated,
    )


def _sku(draw: Random, n: int, goods: Mapping[str, Any]) -> Sku:
    sides = sorted((draw.randint(40, 330) for _ in range(3)), reverse=True)
    return b.a_sku(
        id=f"S-{n:02d}",
        size=b.a_size(*sides),
        weight_g=draw.randint(60, 4_000),
        value_cents=draw.randint(400, 20_000),
        **goods,
    )


def _center(
    draw: Random, n: int, carriers: tuple[str, ...], capacity: int | None
) -> FulfillmentCenter:
    return b.a_center(
        id=f"F-{n:02d}",
        name=f"Center {n}",
        place=b.a_place(POSTAL[n % len(POSTAL)]),
        pickups=tuple(b.a_pickup(carrier=carrier) for carrier in carriers),
        temperatures=tuple(TemperatureBand),
        hazmat=True,
        capacity_lines=capacity,
        over_capacity_lines=0 if capacity is None else 6,
        over_capacity_cents_per_line=220,
        handling_cents_per_parcel=draw.randint(40, 150),
        cartons=tuple(carton.id for carton in _cartons()),
    )


def _cartons() -> tuple[Any, ...]:
    return (
        b.a_carton(
            id="BOX", inner=b.a_size(350, 250, 200), outer=b.a_size(356, 256, 206)
        ),
        b.a_carton(
            id="BIG", inner=b.a_size(600, 450, 450), outer=b.a_size(608, 458, 458)
        ),
        b.an_insulated_carton(
            id="COOL", inner=b.a_size(600, 450, 450), outer=b.a_size(700, 550, 550)
        ),
    )


def _service(draw: Random, carrier: str, level: int) -> CarrierService:
    dear = draw.uniform(0.85, 1.2) * (1.0, 1.8, 2.9)[level]
    hours = (26, 14, 6)[level]
    return b.a_service(
        id=f"{carrier}-{level}",
        carrier=carrier,
        mode=ServiceMode.GROUND if level == 0 else ServiceMode.AIR,
        zones=(300, 1_200, 2_500, 9_000),
        rates=tuple(
            ZoneRate(
                zone=z,
                base_cents=round(dear * (480 + 90 * z)),
                cents_per_half_kg=round(dear * (20 + 9 * z)),
            )
            for z in range(1, 5)
        ),
        transits=tuple(
            Transit(zone=z, p50_h=hours * z - 4, p90_h=hours * z + 4)
            for z in range(1, 5)
        ),
        hazmat=True,
        temperatures=tuple(TemperatureBand),
    )


def _task(
    draw: Random,
    n: int,
    skus: list[SkuId],
    lines: int,
    to: tuple[str, ...],
    policy: Policy,
) -> Task:
    order = b.an_order(
        id=f"O-{n:03d}",
        ship_to=b.a_place(draw.choice(to)),
        lines=tuple(
            Line(sku=sku, units=draw.choice((1, 1, 1, 2)))
            for sku in draw.sample(skus, lines)
        ),
        deliver_by=b.MONDAY + timedelta(days=draw.choice((2, 4, 6)), hours=8),
    )
    return Task(order, order.lines, policy)


def _deep(draw: Random) -> int:
    return 500


def _one(draw: Random) -> int:
    return int(draw.random() < 0.4)


SHAPES: Mapping[str, Callable[[Random, int], Problem]] = {
    "few deep centers": lambda draw, orders: _wave(
        draw, orders, centers=2, stock=_deep, capacity=orders, lines=(1, 4)
    ),
    "one unit each": lambda draw, orders: _wave(
        draw, orders, centers=24, skus=max(6, orders // 4), stock=_one
    ),
    "one unit each, all wanted": lambda draw, orders: _wave(
        draw, orders, centers=12, skus=max(6, orders // 6), stock=_one
    ),
    "twelve lines": lambda draw, orders: _wave(
        draw, orders, skus=60, lines=(12, 12), stock=lambda d: d.choice((0, 4, 9, 20))
    ),
    "all cold": lambda draw, orders: _wave(
        draw, orders, goods={"temperature": TemperatureBand.CHILLED, "shelf_life_h": 90}
    ),
    "all hazmat": lambda draw, orders: _wave(
        draw, orders, goods={"hazmat_class": "3"}, trucks=max(1, orders // 16)
    ),
    "no capacity": lambda draw, orders: _wave(draw, orders, stock=_deep, capacity=0),
    "one carrier": lambda draw, orders: _wave(
        draw, orders, carriers=("ANT",), trucks=max(1, orders // 12)
    ),
    "a SKU nobody has": lambda draw, orders: _wave(draw, orders, absent=True),
    "one region": lambda draw, orders: _wave(
        draw, orders, to=WEST, capacity=max(2, orders // 8)
    ),
    "two services": lambda draw, orders: _wave(
        draw, orders, carriers=("ANT", "BEE"), levels=1, trucks=max(1, orders // 14)
    ),
    "no trucks": lambda draw, orders: _wave(draw, orders, trucks=0),
}
