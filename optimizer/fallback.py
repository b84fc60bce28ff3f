"""A plan for an order by a cheap table, when there is no time to look further.

- the nearest center that may and can send everything;
- its services by what the rate table says for the goods' weight, those in time
  for the promise first; a carrier's own quote counts before the table;
- the first that carries the goods, in the packing that is cheapest on it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from domain.network import CarrierService, FulfillmentCenter, ServiceMode
from domain.plan import Pin
from domain.policy import Limits
from domain.quantities import Place, ServiceId
from optimizer.eligible import (
    center_violation,
    centers_in_order,
    free_units,
    line_violation,
)
from optimizer.lanes import distance_km
from optimizer.load import Load, load_of_order
from optimizer.options import Option, find_options
from optimizer.pricing import port_cents, zone_cents
from optimizer.problem import Task
from optimizer.resources import Kind, Resource
from optimizer.room import beyond_cents
from optimizer.shared import Shared

FAR_KM = 1e9
# Days and packings of one lane that are tried.
TRIED = 4


class Table:
    """Centers by distance and services by price, remembered for each place."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._near: dict[Place, list[tuple[float, FulfillmentCenter]]] = {}

    def option(
        self, task: Task, limits: Limits, taken: Mapping[Resource, int]
    ) -> tuple[Option, int] | None:
        """Return one way to send everything from one center, and cents beyond capacity.

        Parameters
        ----------
        task, limits
            The order and its limits, perhaps with some of them relaxed.
        taken
            What other orders already have of each resource.

        Returns
        -------
        None where no single center can.
        """
        skus = self._shared.problem.skus
        if any(line.sku not in skus for line in task.lines):
            return None
        load = load_of_order(task.order, task.lines, skus)
        for km, center in self._nearest(task.order.ship_to):
            if not self._has_all(task, limits, center, taken):
                continue
            for service in _cheapest_first(self._shared, task, center, km, load):
                found = self._by(task, limits, center, service, taken)
                if found is not None:
                    return found
        return None

    def _nearest(self, place: Place) -> list[tuple[float, FulfillmentCenter]]:
        if place not in self._near:
            ranked = [
                (FAR_KM if km is None else km, center)
                for center in centers_in_order(self._shared.problem)
                for km in (distance_km(center.place, place),)
            ]
            self._near[place] = sorted(ranked, key=lambda pair: pair[0])
        return self._near[place]

    def _has_all(
        self,
        task: Task,
        limits: Limits,
        center: FulfillmentCenter,
        taken: Mapping[Resource, int],
    ) -> bool:
        problem = self._shared.problem
        for line in task.lines:
            has = free_units(problem, center.id, line.sku)
            gone = taken.get(Resource(Kind.STOCK, center.id, sku=line.sku), 0)
            if has is not None and has - gone < line.units:
                return False
        return center_violation(task, limits, center) is None and not any(
            line_violation(problem, task, center, problem.skus[line.sku])
            for line in task.lines
        )

    def _by(
        self,
        task: Task,
        limits: Limits,
        center: FulfillmentCenter,
        service: ServiceId,
        taken: Mapping[Resource, int],
    ) -> tuple[Option, int] | None:
        """Return the center's cheapest way by a service that fits what is left."""
        method = task.pin.method if task.pin is not None else None
        pinned = replace(task, pin=Pin(fc=center.id, service=service, method=method))
        found = find_options(self._shared, pinned, limits, TRIED, 0, hurried=True)
        for option in found.options:
            added = beyond_cents(
                option,
                self._shared.supply,
                taken,
                allowed=limits.over_capacity_allowed,
            )
            if added is not None:
                return option, added
        return None


def _cheapest_first(
    shared: Shared, task: Task, center: FulfillmentCenter, km: float, load: Load
) -> Iterator[ServiceId]:
    wanted = task.pin.service if task.pin is not None else None
    deliver_by = task.order.deliver_by
    slack_h = FAR_KM
    if deliver_by is not None:
        slack_h = (deliver_by - shared.problem.as_of) / timedelta(hours=1)
    live = {(rate.fc, rate.service): rate.cents for rate in task.rates}
    ranked: list[tuple[bool, int, ServiceId]] = []
    for service in shared.problem.network.services:
        collects = service.mode is ServiceMode.PICKUP
        if wanted not in (None, service.id) or collects != task.order.pickup:
            continue
        priced = _table_cents(service, center, km, task.order.ship_to, load.weight_g)
        if priced is not None:
            cents, hours = priced
            cents = live.get((center.id, service.id), cents)
            ranked.append((hours > slack_h, cents, service.id))
    yield from (service for _, _, service in sorted(ranked))


def _table_cents(
    service: CarrierService,
    center: FulfillmentCenter,
    km: float,
    place: Place,
    weight_g: int,
) -> tuple[int, int] | None:
    """Return the table's price and p90 hours, None where it does not go there."""
    if service.lanes:
        mine = [
            lane
            for lane in service.lanes
            if lane.destination == place.postal_code and lane.origin in center.ports
        ]
        cents = port_cents(mine, weight_g)
        return None if cents is None else (cents, min(lane.transit_h for lane in mine))
    if not service.zones:
        return 0, 0
    zone = next((n for n, far in enumerate(service.zones, 1) if km <= far), None)
    rate = next((rate for rate in service.rates if rate.zone == zone), None)
    hours = next((each for each in service.transits if each.zone == zone), None)
    if rate is None or hours is None:
        return None
    return zone_cents(rate, weight_g), hours.p90_h
