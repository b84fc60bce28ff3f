"""A way for an order at little cost, when there is no time to look further.

- the nearest center that may and can send everything;
- packed in a usual way, its services priced by the rate tables (a carrier's own
  quote counts before the table), no splits;
- the cheapest that fits what the others left.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from domain.policy import Limits
from domain.quantities import Place
from optimizer.offers import Offers
from optimizer.options import Option, free_units_of
from optimizer.problem import Task
from optimizer.resources import Resource
from optimizer.room import beyond_cents
from optimizer.shared import Shared
from optimizer.singles import from_one
from optimizer.telling import parcels

FAR_KM = 1e9


class Table:
    """Centers by distance, remembered for each place."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._near: dict[Place, list[int]] = {}

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
        shared = self._shared
        if any(line.sku not in shared.problem.skus for line in task.lines):
            return None
        asker = (shared, task, limits)
        for center in self._having(task, limits, taken):
            Offers(*asker).pack_at_once(shared.centers[center], task.lines)
            for option in from_one(asker, task.lines, [center]):
                added = beyond_cents(
                    option, shared.supply, taken, allowed=limits.over_capacity_allowed
                )
                if added is not None:
                    # Written down while the order's notes know this packing.
                    parcels(task, option)
                    return option, added
        return None

    def _having(
        self, task: Task, limits: Limits, taken: Mapping[Resource, int]
    ) -> Iterator[int]:
        """Yield the centers that may and can give everything, the nearest first."""
        wanted = np.array([line.units for line in task.lines], dtype=np.int64)
        free = free_units_of(self._shared, task, limits, taken)
        full = set(np.flatnonzero((free >= wanted).all(axis=1)).tolist())
        yield from (c for c in self._nearest(task) if c in full)

    def _nearest(self, task: Task) -> list[int]:
        place = task.order.ship_to
        if place not in self._near:
            far = self._shared.sheet(place, 1).far_km
            far_km = [FAR_KM if km is None else km for km in far]
            self._near[place] = sorted(range(len(far_km)), key=far_km.__getitem__)
        return self._near[place]
