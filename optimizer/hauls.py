"""Lanes by line-haul: shared vehicles to a hub, then the service's own zones."""

from dataclasses import replace

import numpy as np

from domain.network import CarrierService, FulfillmentCenter
from domain.quantities import Place
from domain.rates import TO, LaneRate, run_from
from optimizer import parcels as p
from optimizer.lanes import distance_km
from optimizer.parcels import Ints
from optimizer.resources import Resource
from optimizer.timetable import PICKUPS, Timetable

_NONE: Ints = np.zeros((0, 1 + p.LANE_COLUMNS), dtype=np.int64)


def whole_run(run: str, place: Place) -> str:
    """Return the name of a run to a place: runs from port to port end there."""
    return run + place.postal_code if run.endswith(TO) else run


def to_place(resource: Resource, place: Place) -> Resource:
    """Return what an order to a place takes, where its vehicles go there."""
    run = whole_run(resource.run, place)
    return resource if run == resource.run else replace(resource, run=run)


def run_number(table: Timetable, c: int, s: int, lane: LaneRate) -> int:
    """Return which of a center's runs a port-to-port rate is of, 0 for none."""
    if lane.vehicle is None:
        return 0
    name = run_from(table.network.services[s].id, lane.origin)
    return 1 + table.runs[c, s].index(name)


def haul_km(
    center: FulfillmentCenter, service: CarrierService, place: Place
) -> tuple[float, float] | None:
    """Return how far the line-haul goes and how far the goods go from its end.

    None where it does not leave there, or where nobody knows how far it is.
    """
    haul = service.line_haul_from(center.id)
    if haul is None:
        return None
    start, hauled = (
        (haul.hub, distance_km(center.place, haul.hub))
        if haul.hub
        else (
            center.place,
            0.0,
        )
    )
    rest = distance_km(start, place)
    return None if rest is None else (hauled or 0.0, rest)


def haul_rows(
    table: Timetable, c: int, s: int, place: Place, pickups: int
) -> tuple[Ints, float]:
    """Return the lanes of a line-haul from one center, and how far the goods go.

    The rows are as in ``sheets``: the center first, then a lane's columns.
    """
    center, service = table.centers[c], table.network.services[s]
    haul, far = service.line_haul_from(center.id), haul_km(center, service, place)
    if haul is None or far is None:
        return _NONE, 0.0
    zone = next((z for z, reach in enumerate(service.zones) if far[1] <= reach), None)
    rate = -1 if zone is None else int(table.tariffs.rate_of[s, zone])
    if zone is None or rate < 0:
        return _NONE, 0.0
    p50_h, p90_h = (int(h) + haul.transit_h for h in table.tariffs.transit[s, zone])
    rows = []
    for n in range(pickups):
        us = int(table.hand_over_us[c, s, n])
        if us >= 0:
            journey = table.journey(c, s, us, p50_h, p90_h)
            # Its only run is the first.
            rows.append((c, s, rate, -1, PICKUPS + n, us, *journey))
    found = np.array(rows, dtype=np.int64).reshape(-1, 1 + p.LANE_COLUMNS)
    return found, sum(far)
