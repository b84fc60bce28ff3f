"""The network of the waves: 30 centers, 5 carriers of 4 services, 10 cartons.

One more center is the supplier: it has everything at any time, at a price that
nobody pays who can help it. So a line that no center has left does not keep its
order from being served; it is back-ordered at ``BACK_ORDER_CENTS``.
"""

from datetime import time

import numpy as np

from benchmarks.waving.places import City
from domain.network import (
    CarrierService,
    Carton,
    FulfillmentCenter,
    PackingMethod,
    Pickup,
    ServiceMode,
    Surcharges,
    Transit,
    ZoneRate,
)
from domain.quantities import CarrierId, CartonId, Dimensions, FcId, ServiceId
from domain.sku import TemperatureBand

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
SUPPLIER, SUPPLIER_CARRIER = FcId("SUPPLIER"), CarrierId("SUPPLIER")
# What a line costs that no center sends.
BACK_ORDER_CENTS = 4_500


def centers(
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
                    cutoff=time(8) if chance.random() < 0.35 else time(19),
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
            cartons=tuple(carton.id for carton in cartons()),
        )
        for n in range(CENTERS)
    )


def _zone(longitude: float) -> str:
    if longitude > -85:
        return "America/New_York"
    if longitude > -100:
        return "America/Chicago"
    return "America/Denver" if longitude > -114 else "America/Los_Angeles"


def services(chance: np.random.Generator) -> tuple[CarrierService, ...]:
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


def cartons() -> tuple[Carton, ...]:
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
        inner=size(length, width, height),
        outer=size(length + wall, width + wall, height + wall),
        tare_g=int(60 * liters ** (2 / 3) * (3 if cold else 1)),
        max_load_g=30_000,
        cost_cents=cents,
        temperature=TemperatureBand.CHILLED if cold else TemperatureBand.AMBIENT,
        hold_h=60 if cold else None,
        coolant_cents_per_h=4 if cold else 0,
    )


def size(length: float, width: float, height: float) -> Dimensions:
    return Dimensions(
        length_mm=max(10, int(length)),
        width_mm=max(10, int(width)),
        height_mm=max(10, int(height)),
    )


def the_supplier(town: City) -> FulfillmentCenter:
    """Return who sends what no center can: all goods, no limits, dear."""
    pickup = Pickup(carrier=SUPPLIER_CARRIER, cutoff=time(23), weekdays=tuple(range(7)))
    return FulfillmentCenter(
        id=SUPPLIER,
        name="Back-orders",
        place=town.place("10000"),
        weekdays=tuple(range(7)),
        pickups=(pickup,),
        temperatures=tuple(TemperatureBand),
        hazmat=True,
        handling_cents_per_line=BACK_ORDER_CENTS,
        processing_h=0,
        cartons=tuple(carton.id for carton in cartons()),
    )


def the_suppliers_service() -> CarrierService:
    """Return the supplier's own carriage: free, at once, whatever it is."""
    return CarrierService(
        id=ServiceId("SUPPLIER-DIRECT"),
        carrier=SUPPLIER_CARRIER,
        name="Direct from the supplier",
        mode=ServiceMode.GROUND,
        zones=(20_000,),
        rates=(ZoneRate(zone=1, base_cents=0),),
        transits=(Transit(zone=1, p50_h=1, p90_h=1),),
        working_days_only=False,
        hazmat=True,
        temperatures=tuple(TemperatureBand),
        max_weight_g=1_000_000,
        damage_ppm=0,
        carbon_g_per_tonne_km=0,
    )
