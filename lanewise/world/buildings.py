"""Twelve fulfillment centers at real places, and what they pack into."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from domain.network import Carton, FulfillmentCenter, PackingMethod, Pickup
from domain.quantities import CartonId, Dimensions, FcId, Place
from domain.sku import TemperatureBand
from lanewise.world.geography import locate, time_zone
from lanewise.world.services import (
    ATLAS,
    BLUEBIRD,
    COUNTER,
    HOPPER,
    IRONWAY,
    MERIDIAN,
)

MON_TO_FRI = (0, 1, 2, 3, 4)
MON_TO_SAT = (*MON_TO_FRI, 5)
EVERY_DAY = (*MON_TO_SAT, 6)

_A, _C, _F = TemperatureBand.AMBIENT, TemperatureBand.CHILLED, TemperatureBand.FROZEN
BOARD_MM = 8
FOAM_MM = 80


@dataclass(frozen=True, slots=True)
class Building:
    """What sets one center apart from the others.

    ``share`` is its part of all lines, in thousandths. ``cents`` is what a
    parcel costs there; ``late`` is the hour of the parcel carriers' last pickup.
    """

    id: str
    name: str
    postal_code: str
    share: int
    cents: int
    processing_h: int
    late: int = 17
    temperatures: tuple[TemperatureBand, ...] = (_A,)
    hazmat: bool = False
    pallets: bool = False
    counter: bool = False
    weekdays: tuple[int, ...] = MON_TO_FRI


_ALL = (_A, _C, _F)
BUILDINGS = (
    Building(
        *("FC-EWR", "Monroe Township", "08831", 145, 125, 3),
        temperatures=_ALL,
        pallets=True,
        counter=True,
        weekdays=MON_TO_SAT,
    ),
    Building(
        "FC-BOS", "Mansfield", "02048", 40, 135, 2, temperatures=(_A, _C), counter=True
    ),
    Building(
        *("FC-ATL", "Atlanta", "30336", 110, 105, 3),
        temperatures=_ALL,
        hazmat=True,
        pallets=True,
        counter=True,
        weekdays=MON_TO_SAT,
    ),
    Building(
        "FC-TPA", "Lakeland", "33811", 55, 100, 3, temperatures=(_A, _C), hazmat=True
    ),
    Building("FC-CMH", "Columbus", "43217", 95, 98, 3, hazmat=True, pallets=True),
    Building(
        *("FC-ORD", "Romeoville", "60446", 125, 112, 3),
        temperatures=_ALL,
        hazmat=True,
        pallets=True,
        counter=True,
        weekdays=MON_TO_SAT,
    ),
    Building(
        *("FC-MEM", "Memphis", "38118", 100, 96, 2),
        late=21,
        hazmat=True,
        pallets=True,
        weekdays=EVERY_DAY,
    ),
    Building(
        *("FC-DFW", "Dallas", "75241", 105, 104, 3),
        temperatures=_ALL,
        hazmat=True,
        pallets=True,
        counter=True,
    ),
    Building(
        "FC-DEN", "Denver", "80239", 45, 115, 2, temperatures=(_A, _C), counter=True
    ),
    Building("FC-PHX", "Phoenix", "85043", 50, 99, 4, hazmat=True, pallets=True),
    Building(
        *("FC-ONT", "San Bernardino", "92408", 135, 128, 3),
        late=19,
        temperatures=_ALL,
        hazmat=True,
        pallets=True,
        counter=True,
        weekdays=MON_TO_SAT,
    ),
    Building(
        *("FC-SEA", "Sumner", "98390", 60, 122, 3),
        temperatures=_ALL,
        pallets=True,
        counter=True,
    ),
)


def centers(start: date, lines: int) -> tuple[FulfillmentCenter, ...]:
    """Build the centers.

    Parameters
    ----------
    start
        The first day; holidays of that year and the next are kept.
    lines
        How many lines a day is about to bring. Together the centers can work
        off half as many again, but the small ones fill up early.
    """
    holidays = (*us_holidays(start.year), *us_holidays(start.year + 1))
    return tuple(_center(building, holidays, lines) for building in BUILDINGS)


def us_holidays(year: int) -> tuple[date, ...]:
    """List the days on which no US parcel carrier drives."""
    return (
        date(year, 1, 1),
        _weekday(date(year, 5, 25), 0),
        date(year, 6, 19),
        date(year, 7, 4),
        _weekday(date(year, 9, 1), 0),
        _weekday(date(year, 11, 22), 3),
        date(year, 12, 25),
    )


def _weekday(earliest: date, weekday: int) -> date:
    """Return the first such weekday (Monday is 0) on or after a day."""
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)


def _center(
    building: Building, holidays: tuple[date, ...], lines: int
) -> FulfillmentCenter:
    place = locate(Place(postal_code=building.postal_code, city=building.name))
    capacity = max(4, lines * 3 * building.share // 2_000)
    suite = [
        carton.id
        for carton in cartons()
        if carton.temperature in building.temperatures
        and (building.pallets or carton.method is not PackingMethod.PALLET)
    ]
    return FulfillmentCenter(
        id=FcId(building.id),
        name=f"{building.name} {place.region}",
        place=place,
        time_zone=time_zone(place),
        holidays=holidays,
        weekdays=building.weekdays,
        pickups=_pickups(building, lines),
        temperatures=building.temperatures,
        hazmat=building.hazmat,
        palletizes=building.pallets,
        pickup_counter=building.counter,
        capacity_lines=capacity,
        over_capacity_lines=capacity // 3,
        over_capacity_cents_per_line=240,
        handling_cents_per_parcel=building.cents,
        handling_cents_per_line=building.cents * 2 // 5,
        handling_millicents_per_unit=9_000,
        processing_h=building.processing_h,
        cartons=tuple(suite),
    )


def _pickups(building: Building, lines: int) -> tuple[Pickup, ...]:
    late = building.late
    found = [
        Pickup(carrier=ATLAS, cutoff=time(late), weekdays=MON_TO_SAT),
        Pickup(carrier=BLUEBIRD, cutoff=time(late - 1, 30), weekdays=MON_TO_FRI),
        Pickup(carrier=MERIDIAN, cutoff=time(15, 30), weekdays=MON_TO_SAT),
    ]
    if building.id != "FC-MEM":
        room = max(4, lines * building.share // 2_500)
        found.append(
            Pickup(
                carrier=HOPPER,
                cutoff=time(14),
                weekdays=MON_TO_SAT,
                capacity_parcels=room,
            )
        )
    if building.pallets:
        found.append(Pickup(carrier=IRONWAY, cutoff=time(15), capacity_parcels=6))
    if building.counter:
        found.append(Pickup(carrier=COUNTER, cutoff=time(20), weekdays=EVERY_DAY))
    return tuple(found)


def cartons() -> tuple[Carton, ...]:
    """Build everything goods are wrapped in, small before large."""
    boxes = (
        *(_box("BOX-1", 200, 150, 100, 80, 29), _box("BOX-2", 320, 240, 60, 120, 34)),
        *(_box("BOX-3", 300, 200, 150, 170, 42), _box("BOX-4", 300, 300, 300, 330, 66)),
        _box("BOX-5", 400, 300, 250, 390, 74),
        _box("BOX-6", 600, 450, 120, 520, 98),
        _box("BOX-7", 450, 350, 300, 560, 102),
        _box("BOX-8", 900, 180, 180, 600, 126),
        _box("BOX-9", 600, 400, 400, 890, 158),
        _box("BOX-10", 750, 500, 450, 1_380, 244),
    )
    mailers = (
        _mailer("MAILER-1", 250, 330, 40, 15, 9),
        _mailer("MAILER-2", 360, 460, 60, 28, 14),
        _mailer("MAILER-3", 480, 610, 90, 46, 22),
    )
    insulated = (
        _cooler("COOL-1", 230, 180, 150, (_C, 60, 4), 620, 245),
        _cooler("COOL-2", 300, 250, 220, (_C, 60, 6), 980, 330),
        _cooler("COOL-3", 420, 320, 300, (_C, 72, 9), 1_900, 515),
        _cooler("FROST-1", 230, 180, 150, (_F, 48, 11), 700, 290),
        _cooler("FROST-2", 300, 250, 220, (_F, 48, 16), 1_080, 385),
        _cooler("FROST-3", 420, 320, 300, (_F, 60, 24), 2_050, 590),
    )
    secured = (
        _box("SAFE-1", 250, 200, 120, 160, 145, PackingMethod.SECURED),
        _box("SAFE-2", 400, 300, 250, 430, 210, PackingMethod.SECURED),
        _box("SAFE-3", 650, 450, 250, 900, 340, PackingMethod.SECURED),
    )
    return (*boxes, *mailers, *insulated, *secured, _pallet())


def _box(
    name: str,
    length_mm: int,
    width_mm: int,
    height_mm: int,
    tare_g: int,
    cents: int,
    method: PackingMethod = PackingMethod.CARTON,
) -> Carton:
    return Carton(
        id=CartonId(name),
        method=method,
        inner=_size(length_mm, width_mm, height_mm),
        outer=_size(length_mm + BOARD_MM, width_mm + BOARD_MM, height_mm + BOARD_MM),
        tare_g=tare_g,
        max_load_g=min(31_000, 9_000 + length_mm * width_mm * height_mm // 3_000),
        cost_cents=cents,
    )


def _mailer(
    name: str, length_mm: int, width_mm: int, height_mm: int, tare_g: int, cents: int
) -> Carton:
    return Carton(
        id=CartonId(name),
        method=PackingMethod.POLY_MAILER,
        inner=_size(length_mm, width_mm, height_mm),
        outer=_size(length_mm + 10, width_mm + 10, height_mm + 2),
        tare_g=tare_g,
        max_load_g=4_500,
        cost_cents=cents,
    )


def _cooler(
    name: str,
    length_mm: int,
    width_mm: int,
    height_mm: int,
    band: tuple[TemperatureBand, int, int],
    tare_g: int,
    cents: int,
) -> Carton:
    """Build an insulated box; ``band`` is what it keeps, for how long, cents per h."""
    return Carton(
        id=CartonId(name),
        method=PackingMethod.INSULATED,
        inner=_size(length_mm, width_mm, height_mm),
        outer=_size(length_mm + FOAM_MM, width_mm + FOAM_MM, height_mm + FOAM_MM),
        tare_g=tare_g,
        max_load_g=22_000,
        cost_cents=cents,
        temperature=band[0],
        hold_h=band[1],
        coolant_cents_per_h=band[2],
    )


def _pallet() -> Carton:
    """Build a wrapped pallet; cold goods on it need a truck that is cold."""
    return Carton(
        id=CartonId("PALLET"),
        method=PackingMethod.PALLET,
        inner=_size(1_219, 1_016, 1_500),
        outer=_size(1_219, 1_016, 1_650),
        tare_g=19_000,
        max_load_g=900_000,
        cost_cents=1_450,
    )


def _size(length_mm: int, width_mm: int, height_mm: int) -> Dimensions:
    return Dimensions(length_mm=length_mm, width_mm=width_mm, height_mm=height_mm)
