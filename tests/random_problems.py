"""Problems drawn at random from a seed: small, varied, and often tight."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from domain.forecast import Forecast, HourlyBand
from domain.network import (
    CarrierService,
    FulfillmentCenter,
    LaneRate,
    LineHaul,
    Network,
    PackingMethod,
    ServiceMode,
    Surcharges,
    Transit,
    Vehicle,
    WeightBreak,
    ZoneRate,
)
from domain.order import Line, Order
from domain.plan import Block, LiveRate, Pin
from domain.policy import Policy, SoftLimit
from domain.quantities import FcId, ServiceId, SkuId
from domain.sku import Sku, TemperatureBand
from domain.subject import lane
from optimizer.problem import Problem, Task
from tests import builders as b

_POSTAL = ("10001", "07030", "30303", "60601", "75201", "80202", "90012", "98101")


def a_random_problem(seed: int, orders: int = 6) -> Problem:
    """Draw a problem; equal seeds give equal problems."""
    draw = Random(seed)
    skus = {sku.id: sku for sku in _skus(draw)}
    network = _network(draw)
    tasks = tuple(_task(draw, n, network, list(skus)) for n in range(orders))
    stock = {
        (center.id, sku): draw.choice((0, 3, 12, 50, 50))
        for center in network.centers
        for sku in skus
    }
    hazards = (b.a_hazard(regions=("IL", "NJ")),) if draw.random() < 0.4 else ()
    problem = b.a_problem(
        network=network, skus=skus, tasks=tasks, stock=stock, hazards=hazards
    )
    return in_weather(problem, seed) if seed % 3 == 0 else problem


def in_weather(problem: Problem, seed: int) -> Problem:
    """Rate the insulated cartons, and forecast the weather of most places."""
    draw = Random(f"weather {seed}")
    rated = {
        carton.id: carton.model_copy(
            update={"rated_at_tenths_c": draw.choice((None, 150, 250))}
        )
        for carton in problem.network.cartons
        if carton.temperature is not TemperatureBand.AMBIENT
    }
    cartons = tuple(rated.get(c.id, c) for c in problem.network.cartons)
    places = [center.place for center in problem.network.centers]
    places += [task.order.ship_to for task in problem.tasks]
    return replace(
        problem,
        network=problem.network.model_copy(update={"cartons": cartons}),
        weather={
            place: _forecast(draw)
            for place in dict.fromkeys(places)
            if draw.random() < 0.9
        },
    )


def _forecast(draw: Random) -> Forecast:
    mean, swing = draw.randrange(-200, 350), draw.randrange(0, 120)
    return Forecast(
        hours=tuple(
            HourlyBand(
                at=b.MONDAY + timedelta(hours=n - 12),
                least_tenths_c=mean - swing * (n % 24 < 8),
                most_tenths_c=mean + draw.randrange(0, 20) + swing * (n % 24 > 14),
            )
            for n in range(draw.choice((60, 400, 400, 400)))
        )
    )


def _skus(draw: Random) -> list[Sku]:
    skus = [
        b.a_sku(id="LAMP", fragile=True),
        b.a_sku(id="BOOK", size=b.a_size(230, 160, 30), weight_g=600, max_load_g=9_000),
        b.a_sku(id="SHIRT", size=b.a_size(300, 220, 25), weight_g=210, flexible=True),
        b.a_sku(id="PAINT", hazmat_class="3", this_side_up=True),
        b.a_sku(id="TV", size=b.a_size(1200, 180, 750), ships_in_own_container=True),
        b.a_chilled_sku(),
    ]
    return [
        sku.model_copy(update={"value_cents": draw.randrange(500, 60_000)})
        for sku in skus
    ]


def _center(draw: Random, n: int) -> FulfillmentCenter:
    cold = draw.random() < 0.7
    limited = draw.random() < 0.5
    return b.a_center(
        id=f"FC{n}",
        place=b.a_place(draw.choice(_POSTAL)),
        time_zone=draw.choice(("America/New_York", "America/Los_Angeles")),
        pickups=(
            b.a_pickup(capacity_parcels=draw.choice((None, 1, 3))),
            b.a_pickup(carrier="HAUL", weekdays=(0, 2, 4, 5)),
        ),
        temperatures=tuple(TemperatureBand)[: 2 if cold else 1],
        hazmat=draw.random() < 0.7,
        palletizes=draw.random() < 0.5,
        pickup_counter=True,
        capacity_lines=draw.randrange(2, 9) if limited else None,
        capacity_orders=draw.randrange(2, 9) if draw.random() < 0.3 else None,
        over_capacity_lines=2 if limited else 0,
        over_capacity_cents_per_line=300,
        handling_millicents_per_unit=draw.randrange(0, 20_000),
        processing_h=draw.choice((0, 4, 30)),
        ports=draw.choice(((), ("PORT-A",), ("PORT-A", "PORT-B"))),
        cartons=("BOX-M", "BOX-L", "COOL-M", "BAG", "PALLET"),
    )


def _breaks(zone: int) -> tuple[WeightBreak, ...]:
    return (
        WeightBreak(from_g=3_000, cents_per_half_kg=9 * zone),
        WeightBreak(from_g=9_000, cents_per_half_kg=5 * zone),
    )


def _service(draw: Random, n: int, mode: ServiceMode) -> CarrierService:
    quick = mode is ServiceMode.AIR
    scale = 3 if quick else 1
    hours = draw.randrange(10, 20) if quick else draw.randrange(20, 60)
    return b.a_service(
        id=f"S{n}-{mode}",
        carrier=draw.choice(("SWIFT", "HAUL")),
        mode=mode,
        zones=(800, 2_000, 9_000),
        rates=tuple(
            ZoneRate(
                zone=z,
                base_cents=draw.randrange(300, 900) * scale * z,
                cents_per_half_kg=draw.randrange(10, 80) * z,
                min_cents=draw.choice((0, 1_500)),
                breaks=draw.choice(((), _breaks(z))),
            )
            for z in (1, 2, 3)
        ),
        transits=tuple(
            Transit(zone=z, p50_h=hours * z, p90_h=hours * z + draw.randrange(0, 40))
            for z in (1, 2, 3)
        ),
        working_days_only=draw.random() < 0.7,
        rated_together=draw.random() < 0.3,
        dim_divisor=draw.choice((4_000, 5_000, 6_000, None)),
        surcharges=Surcharges(
            fuel_permille=draw.randrange(0, 200),
            residential_cents=draw.randrange(0, 400),
            signature_cents=350,
            hazmat_cents=900,
            oversize_cents=1_200,
            insurance_permille=draw.randrange(0, 12),
        ),
        oversize_girth_mm=2_000,
        hazmat=draw.random() < 0.6,
        temperatures=tuple(TemperatureBand)[: draw.choice((1, 2))],
        signature=draw.random() < 0.7,
        insured_up_to_cents=draw.choice((10_000, 500_000)),
        damage_ppm=draw.randrange(0, 4_000),
        carbon_g_per_tonne_km=draw.randrange(20, 700),
    )


def _network(draw: Random) -> Network:
    modes = (ServiceMode.GROUND, ServiceMode.AIR, ServiceMode.COURIER)
    services = [_service(draw, n, mode) for n, mode in enumerate(modes)]
    counter = b.a_service(
        id="COUNTER", mode=ServiceMode.PICKUP, zones=(), rates=(), transits=()
    )
    return b.a_network(
        centers=tuple(_center(draw, n) for n in range(draw.randrange(1, 4))),
        services=(*services, _twin(draw, services), _ports(draw), counter),
        cartons=(
            b.a_carton(),
            b.a_carton(
                id="BOX-L",
                inner=b.a_size(600, 400, 400),
                outer=b.a_size(612, 412, 415),
                cost_cents=160,
            ),
            b.a_carton(
                id="BAG",
                method=PackingMethod.POLY_MAILER,
                inner=b.a_size(380, 300, 60),
                outer=b.a_size(382, 302, 62),
                tare_g=20,
                max_load_g=2_500,
                cost_cents=12,
            ),
            b.a_carton(
                id="PALLET",
                method=PackingMethod.PALLET,
                inner=b.a_size(1_200, 1_000, 1_500),
                outer=b.a_size(1_200, 1_000, 1_640),
                tare_g=18_000,
                max_load_g=800_000,
                cost_cents=1_500,
            ),
            b.an_insulated_carton(hold_h=draw.choice((24, 60, 120))),
        ),
    )


def _twin(draw: Random, services: list[CarrierService]) -> CarrierService:
    """Give one service a second name, so that ties are among the cases."""
    twin = draw.choice(services)
    return twin.model_copy(update={"id": f"{twin.id}-TWIN"})


def _ports(draw: Random) -> CarrierService:
    """Price a service by port-to-port lanes whose weight bands overlap."""
    return b.a_lane_service(
        dim_divisor=draw.choice((None, 6_000)),
        surcharges=Surcharges(fuel_permille=draw.randrange(0, 200)),
        hazmat=True,
        lanes=tuple(
            LaneRate(
                origin=draw.choice(("PORT-A", "PORT-B")),
                destination=draw.choice(_POSTAL),
                min_g=draw.choice((0, 2_000)),
                max_g=draw.choice((5_000, 40_000, None)),
                minimum_cents=draw.randrange(0, 1_500),
                rate_millicents_per_kg=draw.randrange(10_000, 90_000),
                transit_h=draw.choice((12, 48)),
            )
            for _ in range(30)
        ),
    )


def _task(draw: Random, n: int, network: Network, skus: list[SkuId]) -> Task:
    chosen = draw.sample(skus, draw.randrange(1, 4))
    lines = tuple(
        Line(sku=sku, units=draw.choice((1, 1, 2, 3, 12))) for sku in sorted(chosen)
    )
    hours = draw.randrange(20, 200)
    order = b.an_order(
        id=f"ORDER-{n}",
        ship_to=b.a_place(draw.choice(_POSTAL)),
        lines=lines,
        deliver_by=b.MONDAY + timedelta(hours=hours) if draw.random() < 0.8 else None,
        signature=draw.random() < 0.15,
        pickup=draw.random() < 0.1,
        residential=draw.random() < 0.7,
    )
    return Task(order, lines, _policy(draw), **_wishes(draw, order, network))


def _wishes(draw: Random, order: Order, network: Network) -> dict[str, Any]:
    wishes: dict[str, Any] = {}
    fc: FcId = network.centers[0].id
    service = network.services[0].id
    if draw.random() < 0.15:
        wishes["pin"] = Pin(fc=fc)
    elif draw.random() < 0.15:
        wishes["blocks"] = (Block(fc=fc, sku=order.lines[0].sku),)
    if draw.random() < 0.2:
        of = draw.choice((None, 650, 1_301))
        rate = LiveRate(fc=fc, service=service, cents=777, table_cents=of)
        wishes["rates"] = (rate,)
    return wishes


def _policy(draw: Random) -> Policy:
    maybe = draw.random
    limits: dict[str, Any] = {
        "max_transit_h": draw.choice((None, None, 48, 96)),
        "max_centers": draw.choice((1, 2, 3)),
        "keep_together": maybe() < 0.2,
        "insured": maybe() < 0.2,
        "blocked_modes": (ServiceMode.AIR,) if maybe() < 0.2 else (),
        "over_capacity_allowed": maybe() < 0.7,
        "blocked_lanes": tuple(
            lane(FcId(f"FC{n}"), ServiceId("S0-ground"))
            for n in range(2)
            if maybe() < 0.2
        ),
    }
    money = {
        "late_cents_per_h": draw.randrange(0, 400),
        "late_event_cents": draw.randrange(0, 3_000),
        "early_cents_per_h": draw.choice((0, 0, 20)),
        "split_cents": draw.randrange(0, 900),
        "spoilage_cents_per_h": draw.choice((0, 0, 15)),
        "damage_event_cents": draw.randrange(0, 5_000),
        "carbon_cents_per_kg": draw.choice((0, 10, 90)),
    }
    relax = tuple(draw.sample(tuple(SoftLimit), 2)) if maybe() < 0.5 else ()
    return b.a_policy(limits, money, relax=relax)


def with_vehicles(problem: Problem, seed: int) -> Problem:
    """Add a line-haul to a hub, and price a problem's port lanes by vehicle."""
    draw = Random(seed + 1)
    services = problem.network.services
    first = problem.network.centers[0]
    zoned = next(service for service in services if service.zones)
    hauled = zoned.model_copy(
        update={
            "id": ServiceId("SKIP"),
            "line_hauls": (
                LineHaul(
                    fc=first.id,
                    vehicle=_vehicle(draw),
                    hub=draw.choice((None, b.a_place(draw.choice(_POSTAL)))),
                    transit_h=draw.randrange(0, 30),
                ),
            ),
        }
    )
    kinds = {postal: _vehicle(draw) for postal in _POSTAL}
    trucks = tuple(
        service.model_copy(
            update={
                "lanes": tuple(
                    lane.model_copy(update={"vehicle": kinds[lane.destination]})
                    for lane in service.lanes
                )
            }
        )
        for service in services
    )
    network = problem.network.model_copy(
        update={"version": f"vehicles-{seed}", "services": (*trucks, hauled)}
    )
    riding = {
        (first.id, "SKIP", (b.MONDAY + timedelta(days=n)).date()): draw.randrange(9_000)
        for n in range(3)
    }
    return replace(problem, network=network, vehicle_g=riding)


def _vehicle(draw: Random) -> Vehicle:
    return Vehicle(
        capacity_g=draw.choice((4_000, 20_000, 300_000)),
        cost_cents=draw.randrange(0, 4_000),
        most=draw.choice((None, 1, 2)),
    )
