"""The lanes from every center to one place, as rows for compiled pricing.

A sheet depends on the network, on the pickups ahead and on the hazards between
the two ends; orders to one place share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from domain.hazard import Hazard
from domain.network import LaneRate, ServiceMode
from domain.plan import Excluded, LiveRate
from domain.quantities import Place
from optimizer import parcels as p
from optimizer.eligible import exclusion
from optimizer.hauls import haul_rows, run_number, whole_run
from optimizer.heat import COLD, UNKNOWN, Weather
from optimizer.lanes import Lane, distance_km, port_roads, road_violation
from optimizer.parcels import Floats, Ints
from optimizer.timetable import PICKUPS, Timetable, instant_of, microseconds

_HOUR_US = timedelta(hours=1) // timedelta(microseconds=1)
_NO_PORTS = np.zeros((0, 4), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Danger:
    """A hazard, the centers it touches, and when it begins and ends."""

    hazard: Hazard
    centers: Ints
    from_us: int
    until_us: int


def dangers_of(table: Timetable, hazards: Sequence[Hazard]) -> tuple[Danger, ...]:
    """Look up, once for all places, which centers each hazard that delays touches."""
    return tuple(
        Danger(
            hazard,
            np.array([hazard.touches(c.place) for c in table.centers], dtype=np.int64),
            microseconds(hazard.valid_from),
            microseconds(hazard.valid_until),
        )
        for hazard in hazards
        if hazard.delay_h
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """All lanes to a place, whoever may use them.

    Center c has rows ``first[c]`` to ``first[c + 1]``: sooner arrivals first,
    then by service. ``roads`` are the port-to-port rates that rows point to;
    ``far_km`` is how far each center is, None where coordinates are missing.
    ``heat`` is what the ``weather`` of each row asks of cold goods, −1 where nobody
    knows.
    """

    place: Place
    first: Ints
    lanes: Ints
    km: Floats
    roads: tuple[tuple[LaneRate, ...], ...]
    port_start: Ints
    ports: Ints
    heat: Ints
    far_km: tuple[float | None, ...]
    weather: Weather | None = None
    nowhere: dict[tuple[int, int], Excluded] = field(default_factory=dict)
    # What policies and roads shut, for each center and table of open services.
    shut: dict[tuple[int, int], tuple[Ints, list[Excluded]]] = field(
        default_factory=dict
    )

    def no_road(self, table: Timetable, center: int, service: int) -> Excluded:
        """Say why a service leads from a center to nowhere near the place."""
        key, own = (center, service), table.centers[center]
        if key not in self.nowhere:
            departs = bool(table.hand_over_us[center, service, 0] >= 0)
            violated = road_violation(
                *(own, table.network.services[service]),
                *(self.place, self.far_km[center]),
                departs=departs,
            )
            assert violated is not None
            name = table.network.services[service].id
            self.nowhere[key] = exclusion(own.id, name, violated)
        return self.nowhere[key]

    def lane(
        self, table: Timetable, center: int, row: int, live: LiveRate | None
    ) -> Lane:
        """Return one row as the lane it stands for."""
        values = self.lanes[row].tolist()
        s, hand_us = values[p.LANE_SERVICE], values[p.HAND_US]
        service, road = table.network.services[s], values[p.LANE_ROAD]
        rate, run = values[p.LANE_RATE], values[p.LANE_PICKUP] // PICKUPS
        return Lane(
            center=table.centers[center],
            service=service,
            hand_over_at=instant_of(hand_us),
            day=table.day(center, hand_us),
            p50_at=instant_of(values[p.P50_US]),
            p90_at=instant_of(values[p.P90_US]),
            p50_h=values[p.P50_H],
            p90_h=values[p.P90_H],
            distance_km=float(self.km[row]),
            zone_rate=table.tariffs.rates[rate] if rate >= 0 else None,
            port_rates=self.roads[road] if road >= 0 else (),
            live=live,
            heat=self.weather.heat(self.place, center, hand_us, values[p.P90_H])
            if self.weather is not None
            else None,
            run=whole_run(table.runs[center, s][run - 1], self.place) if run else "",
        )


def sheet_to(
    place: Place,
    table: Timetable,
    dangers: Sequence[Danger],
    pickups: int,
    weather: Weather | None = None,
) -> Sheet:
    """Work out every lane to a place, by the next ``pickups`` of each carrier."""
    far = [distance_km(center.place, place) for center in table.centers]
    km = np.array([-1.0 if d is None else d for d in far])
    blocks = [_zone_rows(table, km, pickups)]
    roads: list[tuple[LaneRate, ...]] = []
    way_km = [km[blocks[0][:, 0]]]
    for c, s in table.unzoned.tolist():
        if table.network.services[s].line_hauls:
            block, total_km = haul_rows(table, c, s, place, pickups)
        else:
            block = _other_rows(table, c, s, place, pickups, roads)
            total_km = km[c]
        blocks.append(block)
        way_km.append(np.full(len(block), total_km))
    rows, along = np.concatenate(blocks), np.concatenate(way_km)
    center, lanes = rows[:, 0], np.ascontiguousarray(rows[:, 1:])
    _delay(table, place, dangers, center, lanes)
    named = table.tariffs.named[lanes[:, p.LANE_SERVICE]]
    turn = np.lexsort((named, lanes[:, p.P90_US], center))
    center, lanes, along = center[turn], lanes[turn], along[turn]
    counts = np.bincount(center, minlength=len(table.centers))
    bands = [band for road in roads for band in road]
    return Sheet(
        place=place,
        far_km=tuple(far),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        lanes=lanes,
        km=np.maximum(along, 0.0),
        roads=tuple(roads),
        port_start=np.cumsum([0, *map(len, roads)]).astype(np.int64),
        ports=np.array([_band(band) for band in bands], dtype=np.int64)
        if bands
        else _NO_PORTS,
        heat=_heat(place, weather, center, lanes),
        weather=weather,
    )


def _heat(place: Place, weather: Weather | None, center: Ints, lanes: Ints) -> Ints:
    if weather is None:
        return np.full((len(lanes), len(COLD)), UNKNOWN, np.int64)
    return weather.on(place, center, lanes[:, p.HAND_US], lanes[:, p.P90_H])


def _zone_rows(table: Timetable, km: Floats, pickups: int) -> Ints:
    """Return the lanes priced by zones: the center first, then a lane's columns."""
    centers = len(km)
    zone = np.full((centers, len(table.network.services)), -1, dtype=np.int64)
    for reach, of in table.reaches:
        found = np.searchsorted(reach, km, side="left")
        found[(km < 0) | (found >= len(reach))] = -1
        zone[:, of] = found[:, None]
    rate = np.where(
        zone >= 0,
        table.tariffs.rate_of[np.arange(zone.shape[1])[None, :], zone],
        -1,
    )
    hand_us = table.hand_over_us[:, :, :pickups]
    c, s, n = np.nonzero((rate >= 0)[:, :, None] & (hand_us >= 0))
    rows = np.empty((len(c), 1 + p.LANE_COLUMNS), dtype=np.int64)
    rows[:, 0] = c
    rows[:, 1 + p.LANE_SERVICE] = s
    rows[:, 1 + p.LANE_RATE] = rate[c, s]
    rows[:, 1 + p.LANE_ROAD] = -1
    rows[:, 1 + p.LANE_PICKUP] = n
    rows[:, 1 + p.HAND_US] = hand_us[c, s, n]
    rows[:, 1 + p.P50_US : 1 + p.P90_H + 1] = table.journeys(c, s, zone[c, s], n)
    return rows


def _other_rows(
    table: Timetable,
    c: int,
    s: int,
    place: Place,
    pickups: int,
    roads: list[tuple[LaneRate, ...]],
) -> Ints:
    """Return the lanes of customer pickup, or of rates from port to port."""
    service, rows = table.network.services[s], []
    collected = service.mode is ServiceMode.PICKUP
    ways: list[tuple[int, int]] = [(-1, 0)]
    if not collected:
        found, _ = port_roads(table.centers[c], service, place)
        ways = [(len(roads) + n, rates[0].transit_h) for n, rates in enumerate(found)]
        roads.extend(found)
    for road, hours in ways:
        run = 0 if road < 0 else run_number(table, c, s, roads[road][0])
        for n in range(1 if collected else pickups):
            us = int(table.hand_over_us[c, s, n])
            if us >= 0:
                journey = table.journey(c, s, us, hours, hours)
                rows.append((c, s, -1, road, run * PICKUPS + n, us, *journey))
    return np.array(rows, dtype=np.int64).reshape(-1, 1 + p.LANE_COLUMNS)


def _band(band: LaneRate) -> tuple[int, int, int, int]:
    below_g = p.NEVER if band.max_g is None else band.max_g
    return band.min_g, below_g, band.minimum_cents, band.rate_millicents_per_kg


def _delay(
    table: Timetable,
    place: Place,
    dangers: Sequence[Danger],
    center: Ints,
    lanes: Ints,
) -> None:
    """Add the hazards that touch either end while the goods are on the way."""
    if not dangers:
        return
    hand_us, until_us = lanes[:, p.HAND_US], lanes[:, p.P90_US]
    travels = table.tariffs.service[lanes[:, p.LANE_SERVICE], p.COLLECTED] == 0
    delay_h = np.zeros(len(lanes), dtype=np.int64)
    for danger in dangers:
        touched = danger.hazard.touches(place) | danger.centers[center]
        meets = (danger.from_us < until_us) & (hand_us < danger.until_us)
        delay_h += (meets & travels) * touched * danger.hazard.delay_h
    delay_us = delay_h * _HOUR_US
    for column, delay in (
        *((p.P50_US, delay_us), (p.P90_US, delay_us)),
        *((p.P50_H, delay_h), (p.P90_H, delay_h)),
    ):
        lanes[:, column] += delay
