"""When every service leaves every center, and how long it is on its way.

It depends on the network and on the pickups ahead alone, not on orders: what was
worked out for one problem serves the next ones until a cutoff has passed.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from domain.calendars import (
    arrival,
    day_of,
    elapsed_h,
    handovers,
    ready_at,
    truck_capacity,
)
from domain.network import FulfillmentCenter, Network, ServiceMode
from domain.quantities import CarrierId, FcId
from domain.rates import run_from
from optimizer.parcels import Ints
from optimizer.remembering import Remembered
from optimizer.tariffs import Tariffs, tariffs_of

# Appointments may wait: this many later pickups are tried for them.
LATER_PICKUPS = 5
PICKUPS = 1 + LATER_PICKUPS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_REMEMBERED_NETWORKS, _REMEMBERED_TIMES = 4, 6
# Places, policies and patterns of limits whose lanes are remembered.
SHEETS, GATES, PATTERNS = 512, 2_048, 64

# Columns of a journey: arrival at p50 and p90, elapsed hours until then.
P50_US, P90_US, P50_H, P90_H = range(4)

Journey = tuple[int, int, int, int]
FcDay = tuple[FcId, date]
TruckDay = tuple[FcId, CarrierId, date]
# Whose pickup (None: the customer's), which one, on what day, of which services.
Departure = tuple[CarrierId | None, int, date, list[int]]


def microseconds(instant: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return (instant - EPOCH) // _MICROSECOND


def instant_of(us: int) -> datetime:
    """Return the instant of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=us)


class LimitedDays(NamedTuple):
    """Days and trucks ahead: for lines, for orders, for parcels, as they come."""

    lines: dict[FcDay, None]
    orders: dict[FcDay, None]
    parcels: dict[TruckDay, None]


class Timetable:
    """Departures of one network from some instant on.

    ``hand_over_us[c, s, n]`` is the n-th handover, −1 where there is none.
    ``reaches`` are the services by how far their zones reach; ``unzoned`` are
    centers and services that no zones price; ``runs`` are the names of their
    shared vehicles.
    """

    def __init__(self, board: "Board", hand_over_us: Ints) -> None:
        self.network = board.network
        self.tariffs = board.tariffs
        self.centers = board.centers
        self.hand_over_us = hand_over_us
        self.reaches = board.reaches
        self.unzoned = board.unzoned
        # Filled by ``shared``: lanes to places, for problems without hazards.
        self.sheets: Remembered[Any, Any] = Remembered(SHEETS)
        self.classes: Remembered[Any, Any] = Remembered(PATTERNS)
        self.runs = board.runs
        self._days: dict[tuple[int, int], date] = {}
        self._journeys: dict[tuple[str, bool, int, int, int], Journey] = {}
        services, zones = self.tariffs.rate_of.shape
        shape = (len(self.centers), services, zones, PICKUPS, 4)
        self._by_zone = np.full(shape, -1, dtype=np.int64)

    def day(self, center: int, us: int) -> date:
        """Return the day of a center's calendar on which it hands over."""
        key = (center, us)
        if key not in self._days:
            self._days[key] = day_of(self.centers[center], instant_of(us))
        return self._days[key]

    @cached_property
    def departures(self) -> list[list[Departure]]:
        """For each center the days of handover, with who leaves then."""
        return [list(self._departures(c)) for c in range(len(self.centers))]

    def _departures(self, c: int) -> Iterator[Departure]:
        of: dict[CarrierId | None, list[int]] = {}
        for s, service in enumerate(self.network.services):
            collected = service.mode is ServiceMode.PICKUP
            of.setdefault(None if collected else service.carrier, []).append(s)
        for carrier, services in of.items():
            for n, us in enumerate(self.hand_over_us[c, services[0]].tolist()):
                if us >= 0:
                    yield carrier, n, self.day(c, us), services

    @cached_property
    def with_limit(self) -> LimitedDays:
        """The days and trucks ahead whose limit the network declares."""
        return self._limits(declared=True)

    @cached_property
    def without_limit(self) -> LimitedDays:
        """The days and trucks ahead that only a problem can limit."""
        return self._limits(declared=False)

    def _limits(self, *, declared: bool) -> LimitedDays:
        found = LimitedDays({}, {}, {})
        for center, departures in zip(self.centers, self.departures, strict=True):
            fc = center.id
            for carrier, _, day, _ in departures:
                if (center.capacity_lines is not None) is declared:
                    found.lines[fc, day] = None
                if (center.capacity_orders is not None) is declared:
                    found.orders[fc, day] = None
                if carrier is None:
                    continue
                if (truck_capacity(center, carrier, day) is not None) is declared:
                    found.parcels[fc, carrier, day] = None
        return found

    def journey(
        self, center: int, service: int, us: int, p50_h: int, p90_h: int
    ) -> Journey:
        """Return when goods handed over then arrive, and the hours it takes."""
        zone = self.centers[center].time_zone
        working = self.network.services[service].working_days_only
        key = (zone, working, us, p50_h, p90_h)
        found = self._journeys.get(key)
        if found is None:
            at = instant_of(us)
            p50, p90 = (
                arrival(at, hours, zone, working_days_only=working)
                for hours in (p50_h, p90_h)
            )
            found = (
                *(microseconds(p50), microseconds(p90)),
                *(elapsed_h(at, p50), elapsed_h(at, p90)),
            )
            self._journeys[key] = found
        return found

    def journeys(self, center: Ints, service: Ints, zone: Ints, pickup: Ints) -> Ints:
        """Return the journeys of many lanes at once: a row for each."""
        found: Ints = self._by_zone[center, service, zone, pickup]
        missing = np.flatnonzero(found[:, 0] < 0)
        for n in missing.tolist():
            c, s, z, w = (int(a[n]) for a in (center, service, zone, pickup))
            p50_h, p90_h = self.tariffs.transit[s, z].tolist()
            us = int(self.hand_over_us[c, s, w])
            self._by_zone[c, s, z, w] = self.journey(c, s, us, p50_h, p90_h)
        if len(missing):
            found = self._by_zone[center, service, zone, pickup]
        return found


class Board:
    """All timetables of one network; the latest few are remembered."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tariffs: Tariffs = tariffs_of(network)
        self.centers = tuple(sorted(network.centers, key=lambda center: center.id))
        self.reaches = _reaches(network)
        self.unzoned = _unzoned(network, self.centers)
        self.runs = _runs(network, self.centers)
        # Filled by ``shared``: which services policies let orders use.
        self.gates: Remembered[Any, Ints] = Remembered(GATES)
        self._pickups: dict[tuple[int, CarrierId], list[datetime]] = {}
        self._known: Remembered[bytes | datetime, Timetable] = Remembered(
            2 * _REMEMBERED_TIMES
        )

    def at(self, as_of: datetime) -> Timetable:
        """Return the timetable of orders released at an instant."""
        table = self._known.get(as_of)
        if table is None:
            hand_over_us = self._departures(as_of)
            key = hand_over_us.tobytes()
            table = self._known.get(key) or Timetable(self, hand_over_us)
            self._known.keep(key, table)
            self._known.keep(as_of, table)
        return table

    def _departures(self, as_of: datetime) -> Ints:
        shape = (len(self.centers), len(self.network.services), PICKUPS)
        found = np.full(shape, -1, dtype=np.int64)
        for c, center in enumerate(self.centers):
            ready = ready_at(center, as_of)
            if ready is None:
                continue
            of: dict[CarrierId, list[int]] = {}
            for s, service in enumerate(self.network.services):
                if service.mode is ServiceMode.PICKUP:
                    found[c, s, 0] = microseconds(ready)
                    continue
                carrier = service.carrier
                if carrier not in of:
                    ahead = self._ahead(c, center, carrier, ready)
                    of[carrier] = [microseconds(at) for at in ahead]
                found[c, s, : len(of[carrier])] = of[carrier]
        return found

    def _ahead(
        self, c: int, center: FulfillmentCenter, carrier: CarrierId, ready: datetime
    ) -> list[datetime]:
        """Return the next pickups; those found for an earlier order still hold."""
        if not center.pickups:
            return [ready]
        known = self._pickups.get((c, carrier), [])
        # The first entry is the instant from which on the rest were looked up.
        if known and known[0] <= ready:
            first = bisect_left(known, ready, lo=1)
            if len(known) - first >= PICKUPS:
                return known[first : first + PICKUPS]
        found = handovers(center, carrier, ready)
        ahead = [at for at, _ in zip(found, range(4 * PICKUPS), strict=False)]
        self._pickups[c, carrier] = [ready, *ahead]
        return ahead[:PICKUPS]


def _reaches(network: Network) -> list[tuple[Ints, list[int]]]:
    """Group the services priced by zones by how far their zones reach."""
    of: dict[tuple[int, ...], list[int]] = {}
    for s, service in enumerate(network.services):
        collected = service.mode is ServiceMode.PICKUP
        if service.zones and not (service.lanes or service.line_hauls or collected):
            of.setdefault(service.zones, []).append(s)
    # The first zone that reaches far enough counts, even where a later one is nearer.
    return [
        (np.maximum.accumulate(np.array(zones, dtype=np.int64)), those)
        for zones, those in of.items()
    ]


def _unzoned(network: Network, centers: tuple[FulfillmentCenter, ...]) -> Ints:
    """Return center and service of what no zones around the center price.

    That is customer pickup, port lanes and line-hauls.
    """
    found = [
        (c, s)
        for c, center in enumerate(centers)
        for s, service in enumerate(network.services)
        if service.lanes
        or service.mode is ServiceMode.PICKUP
        or service.line_haul_from(center.id) is not None
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _runs(
    network: Network, centers: tuple[FulfillmentCenter, ...]
) -> dict[tuple[int, int], tuple[str, ...]]:
    """Name the runs of shared vehicles, by center and service; most have none.

    Of runs from port to port only the beginning: the order's place says where to.
    """
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for c, center in enumerate(centers):
        for s, service in enumerate(network.services):
            haul = service.line_haul_from(center.id)
            origins = {lane.origin for lane in service.lanes if lane.vehicle}
            ports = sorted(origins & set(center.ports))
            if haul is not None:
                found[c, s] = (str(service.id),)
            elif ports:
                found[c, s] = tuple(run_from(service.id, port) for port in ports)
    return found


_boards: Remembered[str, Board] = Remembered(_REMEMBERED_NETWORKS)


def board_of(network: Network) -> Board:
    """Return the network's timetables; those of the latest networks are kept."""
    board = _boards.get(network.version)
    if board is not None and (board.network is network or board.network == network):
        # Whoever asks again has this one, and need not be compared.
        board.network = network
        return board
    return _boards.keep(network.version, Board(network))
