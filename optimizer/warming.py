"""Compiles everything a decision needs, before the first order waits for it."""

from datetime import UTC, datetime, time

from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    Network,
    Pickup,
    ServiceMode,
    Transit,
    ZoneRate,
)
from domain.order import Line, Order
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
from domain.sku import Sku
from optimizer import packing
from optimizer.plan import plan
from optimizer.problem import Problem, Task

_THEN = datetime(2026, 1, 5, 12, tzinfo=UTC)
_BOX = Dimensions(length_mm=300, width_mm=200, height_mm=200)
_MANY = range(18)
_SKUS = tuple(SkuId(name) for name in "ABCDE")
_CENTERS = (FcId("ONE"), FcId("TWO"), FcId("THREE"))


def warm() -> None:
    """Pack, and decide a few orders that want the same few units."""
    packing.warm()
    plan(_crowded())


def _crowded() -> Problem:
    """Build orders for whom stock and hands do not suffice, so that all is tried."""
    tasks = tuple(Task(order=order, lines=order.lines) for order in map(_order, _MANY))
    return Problem(
        as_of=_THEN,
        network=_network(),
        skus={sku: _sku(sku) for sku in _SKUS},
        tasks=tasks,
        stock={
            (fc, sku): 2 + (5 * n + 3 * m) % 7
            for n, fc in enumerate(_CENTERS)
            for m, sku in enumerate(_SKUS)
        },
    )


def _order(n: int) -> Order:
    wanted = sorted({n % 5, (2 * n + 1) % 5, (3 * n + 2) % 5})
    return Order(
        id=OrderId(f"WARM-{n}"),
        customer_id=CustomerId("WARM"),
        placed_at=_THEN,
        ship_to=_place(0.5 + n % 4),
        lines=tuple(Line(sku=_SKUS[m], units=1 + (n + m) % 2) for m in wanted),
    )


def _sku(sku: SkuId) -> Sku:
    small = Dimensions(length_mm=100, width_mm=80, height_mm=60)
    return Sku(id=sku, title=sku, size=small, weight_g=400, value_cents=1_000)


def _place(longitude: float) -> Place:
    return Place(postal_code="00000", latitude=0.0, longitude=longitude)


def _network() -> Network:
    carrier, carton = CarrierId("WARM"), CartonId("BOX")
    return Network(
        version="warm",
        centers=tuple(
            FulfillmentCenter(
                id=fc,
                name=fc,
                place=_place(longitude),
                pickups=(Pickup(carrier=carrier, cutoff=time(16)),),
                capacity_lines=9,
                over_capacity_lines=9,
                over_capacity_cents_per_line=50,
                cartons=(carton,),
            )
            for fc, longitude in zip(_CENTERS, (1.0, 3.0, 4.0), strict=True)
        ),
        services=(
            CarrierService(
                id=ServiceId("WARM-GROUND"),
                carrier=carrier,
                name="Ground",
                mode=ServiceMode.GROUND,
                zones=(200, 5_000),
                rates=(
                    ZoneRate(zone=1, base_cents=500, cents_per_half_kg=20),
                    ZoneRate(zone=2, base_cents=800, cents_per_half_kg=30),
                ),
                transits=(
                    Transit(zone=1, p50_h=24, p90_h=30),
                    Transit(zone=2, p50_h=48, p90_h=60),
                ),
            ),
        ),
        cartons=(Carton(id=carton, inner=_BOX, outer=_BOX, max_load_g=20_000),),
    )
