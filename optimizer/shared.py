"""What all orders of a problem share while their options are looked for."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from domain.network import FulfillmentCenter
from domain.plan import Excluded, LiveRate
from domain.policy import Limits
from domain.quantities import CartonId, FcId, Place, ServiceId, SkuId
from optimizer.classes import Classes, Codes, classes_of
from optimizer.eligible import service_violation
from optimizer.heat import Weather
from optimizer.packing import Packer
from optimizer.parcels import Ints
from optimizer.problem import Problem, Task
from optimizer.remembering import Remembered
from optimizer.resources import Kind, Resource, Supply
from optimizer.sheets import Danger, Sheet, dangers_of, sheet_to
from optimizer.timetable import SHEETS, Timetable, board_of

UNCOUNTED = 1 << 40
# What was told of so many of the latest orders is kept.
_NOTED = 64


class Shared:
    """A problem, and what is worked out once for all its orders."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.packer = Packer(problem.skus, problem.network.cartons)
        self.supply = Supply(problem)
        self.board = board_of(problem.network)
        self.table: Timetable = self.board.at(problem.as_of)
        self._dangers: tuple[Danger, ...] = dangers_of(self.table, problem.hazards)
        self._weather = (
            Weather(problem.weather, self.table.centers) if problem.weather else None
        )
        self._sheets: Remembered[tuple[Place, int], Sheet] = Remembered(SHEETS)
        self._resources: dict[tuple[int, SkuId], Resource] = {}
        self._stocked: dict[SkuId, tuple[Ints, Ints]] = {}
        # Filled by ``offers``: what was told of the latest orders.
        self.notes: Remembered[Any, Any] = Remembered(_NOTED)
        # Filled by ``reasons``: why centers have nothing of a SKU for anybody.
        self.lacking: dict[tuple[int, SkuId], Excluded | None] = {}

    @classmethod
    def of(cls, problem: Problem) -> "Shared":
        return cls(problem)

    def restocked(self, stock: Mapping[tuple[FcId, SkuId], int]) -> "Shared":
        """Return the same problem with other stock; all else that is known is kept."""
        other = copy(self)
        other.problem = replace(self.problem, stock=stock)
        other.supply = Supply(other.problem)
        other._stocked, other.lacking = {}, {}
        return other

    @property
    def centers(self) -> tuple[FulfillmentCenter, ...]:
        """The centers by id, the order in which ties are broken."""
        return self.table.centers

    @cached_property
    def suites(self) -> tuple[tuple[int, ...], tuple[FulfillmentCenter, ...]]:
        """Return each center's group of equal suites, and one center of each."""
        groups: dict[tuple[frozenset[CartonId], bool], int] = {}
        first: list[FulfillmentCenter] = []
        of = []
        for center in self.centers:
            key = (frozenset(center.cartons), center.palletizes)
            if key not in groups:
                groups[key] = len(first)
                first.append(center)
            of.append(groups[key])
        return tuple(of), tuple(first)

    @cached_property
    def center_of(self) -> dict[FcId, int]:
        """The centers' positions."""
        return {center.id: c for c, center in enumerate(self.centers)}

    @cached_property
    def service_of(self) -> dict[ServiceId, int]:
        """The services' positions."""
        return {each.id: s for s, each in enumerate(self.problem.network.services)}

    @cached_property
    def group_of(self) -> dict[FcId, int]:
        """Each center's group of equal suites."""
        ids = (center.id for center in self.centers)
        return dict(zip(ids, self.suites[0], strict=True))

    def sheet(self, place: Place, pickups: int) -> Sheet:
        """Return the lanes to a place by so many pickups of each carrier."""
        weather = self._weather
        if weather is not None and place not in weather:
            weather = None
        own = weather is not None or bool(self._dangers)
        known = self._sheets if own else self.table.sheets
        key = (place, pickups)
        sheet = known.get(key)
        if sheet is None:
            sheet = sheet_to(place, self.table, self._dangers, pickups, weather)
            known.keep(key, sheet)
        return sheet

    def stocked(self, sku: SkuId) -> tuple[Ints, Ints]:
        """Return each center's free units of a SKU, and whether it may handle it."""
        if sku not in self._stocked:
            problem, goods = self.problem, self.problem.skus[sku]
            if problem.network.counts_stock:
                units = [problem.stock.get((c.id, sku), 0) for c in self.centers]
            else:
                at = frozenset(problem.network.stocked_at.get(sku, ()))
                units = [UNCOUNTED * (c.id in at) for c in self.centers]
            able = [
                goods.temperature in c.temperatures
                and (goods.hazmat_class is None or c.hazmat)
                for c in self.centers
            ]
            self._stocked[sku] = (
                np.maximum(0, np.array(units, dtype=np.int64)),
                np.array(able, dtype=np.int64),
            )
        return self._stocked[sku]

    def stock_of(self, center: int, sku: SkuId) -> Resource:
        """Return the units of a SKU at a center, as something limited."""
        key = (center, sku)
        if key not in self._resources:
            fc = self.centers[center].id
            self._resources[key] = Resource(Kind.STOCK, fc, sku=sku)
        return self._resources[key]

    def gate(self, task: Task, limits: Limits) -> Ints:
        """Return whether an order may use each service (column) from each center."""
        order = task.order
        blocks = tuple(block for block in task.blocks if block.sku is None)
        signed = order.signature or limits.signature
        region = order.ship_to.region if self._regional else ""
        key = (
            *(limits.allowed_carriers, limits.blocked_carriers),
            *(limits.blocked_services, limits.blocked_lanes, limits.allowed_modes),
            *(limits.blocked_modes, limits.pickup_allowed),
            *(order.pickup, signed, region, task.pin, blocks),
        )
        gate = self.board.gates.get(key)
        if gate is None:
            services = self.problem.network.services
            gate = np.array(
                [
                    [service_violation(task, limits, c, s) is None for s in services]
                    for c in self.centers
                ],
                dtype=np.int64,
            )
            self.board.gates.keep(key, gate)
        return gate

    @cached_property
    def picky(self) -> bool:
        """Whether some center serves only some customers."""
        return any(center.only_customers is not None for center in self.centers)

    @cached_property
    def _regional(self) -> bool:
        services = self.problem.network.services
        return any(service.regions is not None for service in services)

    @cached_property
    def no_rates(self) -> Ints:
        """Say of every center and service that the carrier quoted nothing."""
        return np.full((*self.table.hand_over_us.shape[:2], 2), -1, dtype=np.int64)

    def quoted(self, rates: tuple[LiveRate, ...]) -> Ints:
        """Return the carriers' quotes per center and service, −1 for none.

        Each with what the tables say of what was quoted, −1 where that is all one.
        """
        if not rates:
            return self.no_rates
        found = self.no_rates.copy()
        live = {
            (rate.fc, rate.service): (rate.cents, rate.table_cents or -1)
            for rate in rates
        }
        for c, center in enumerate(self.centers):
            for s, service in enumerate(self.problem.network.services):
                found[c, s] = live.get((center.id, service.id), (-1, -1))
        return found

    @cached_property
    def codes(self) -> Codes:
        """The numbers of everything that options take."""
        counted = self.problem.network.counts_stock
        return Codes(self.classes, len(self.centers), self.stock_of, counted=counted)

    @cached_property
    def classes(self) -> Classes:
        """The classes of days and trucks that lanes depend on."""
        return classes_of(self.problem, self.table)
