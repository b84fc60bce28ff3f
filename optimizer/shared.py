"""What all orders of a problem share while their options are looked for."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cached_property

import numpy as np

from domain.network import FulfillmentCenter
from domain.plan import LiveRate
from domain.policy import Limits
from domain.quantities import CarrierId, CartonId, FcId, Place, SkuId
from optimizer.eligible import service_violation
from optimizer.packing import Packer
from optimizer.parcels import Ints
from optimizer.problem import Problem, Task
from optimizer.remembering import Remembered
from optimizer.resources import Kind, Resource, Supply
from optimizer.sheets import Danger, Sheet, dangers_of, sheet_to
from optimizer.timetable import SHEETS, Timetable, board_of

# The days and trucks that have a limit: for lines, for orders, for parcels.
Limited = tuple[
    frozenset[tuple[FcId, date]],
    frozenset[tuple[FcId, date]],
    frozenset[tuple[FcId, CarrierId, date]],
]

UNCOUNTED = 1 << 40


class Shared:
    """A problem, and what is worked out once for all its orders."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.packer = Packer(problem.skus, problem.network.cartons)
        self.supply = Supply(problem)
        self.board = board_of(problem.network)
        self.table: Timetable = self.board.at(problem.as_of)
        self._dangers: tuple[Danger, ...] = dangers_of(self.table, problem.hazards)
        self._sheets: Remembered[tuple[Place, int], Sheet] = Remembered(SHEETS)
        self._resources: dict[tuple[int, SkuId], Resource] = {}
        self._stocked: dict[SkuId, tuple[Ints, Ints]] = {}

    @classmethod
    def of(cls, problem: Problem) -> "Shared":
        return cls(problem)

    def restocked(self, stock: Mapping[tuple[FcId, SkuId], int]) -> "Shared":
        """Return the same problem with other stock; all else that is known is kept."""
        other = copy(self)
        other.problem = replace(self.problem, stock=stock)
        other.supply = Supply(other.problem)
        other._stocked = {}
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

    def sheet(self, place: Place, pickups: int) -> Sheet:
        """Return the lanes to a place by so many pickups of each carrier."""
        known = self._sheets if self._dangers else self.table.sheets
        key = (place, pickups)
        sheet = known.get(key)
        if sheet is None:
            sheet = sheet_to(place, self.table, self._dangers, pickups)
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
        return np.full(self.table.hand_over_us.shape[:2], -1, dtype=np.int64)

    def quoted(self, rates: tuple[LiveRate, ...]) -> Ints:
        """Return the carriers' quotes per center and service, −1 for none."""
        if not rates:
            return self.no_rates
        found = self.no_rates.copy()
        live = {(rate.fc, rate.service): rate.cents for rate in rates}
        for c, center in enumerate(self.centers):
            for s, service in enumerate(self.problem.network.services):
                found[c, s] = live.get((center.id, service.id), -1)
        return found

    @cached_property
    def codes(self) -> "Codes":
        """The numbers of everything that options take."""
        return Codes(self)

    @cached_property
    def classes(self) -> "Classes":
        """The classes of days and trucks that lanes depend on."""
        limited = _limited(self.problem, self.table)
        known: Classes | None = self.table.classes.get(limited)
        if known is None:
            known = Classes(self.table, limited)
            self.table.classes.keep(limited, known)
        return known


class Codes:
    """Numbers for everything limited that options take, given as it is met.

    ``of_class[c, k]`` are the codes of what class k of center c needs, −1 where
    there is no more; ``by_lines`` says of each whether it counts lines.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._counted = shared.problem.network.counts_stock
        self._of_sku: dict[SkuId, int] = {}
        known: dict[Resource, int] = {}
        sorted_needs = shared.classes.sorted
        shape = (len(sorted_needs), shared.classes.most, 3)
        self.of_class = np.full(shape, -1, dtype=np.int64)
        self.by_lines = np.zeros(shape, dtype=np.int64)
        for c, own in enumerate(sorted_needs):
            for k, needs in enumerate(own):
                for n, resource in enumerate(needs):
                    code = known.setdefault(resource, len(known))
                    self.of_class[c, k, n] = code
                    self.by_lines[c, k, n] = resource.kind is Kind.FC_LINES
        self.resources: list[Resource] = list(known)

    def of_sku(self, sku: SkuId) -> int:
        """Return the code of a SKU's units at the first center, the rest follow.

        −1 where units are not counted.
        """
        if not self._counted:
            return -1
        if sku not in self._of_sku:
            self._of_sku[sku] = len(self.resources)
            centers = range(len(self._shared.centers))
            self.resources.extend(self._shared.stock_of(c, sku) for c in centers)
        return self._of_sku[sku]


class Classes:
    """What lanes need besides goods, told apart for each center.

    ``klass[c, s, n]`` numbers what the n-th pickup of a service depends on;
    ``needs[c][k]`` are class k's limited resources; ``within[c, a, b]`` says
    whether those of a are among those of b; ``sorted`` are the needs by kind.
    """

    def __init__(self, table: Timetable, limited: Limited) -> None:
        self.klass = np.zeros(table.hand_over_us.shape, dtype=np.int64)
        self.needs: list[list[frozenset[Resource]]] = []
        for c, departures in enumerate(table.departures):
            known: dict[frozenset[Resource], int] = {}
            for carrier, n, day, services in departures:
                needs = frozenset(_needs(table.centers[c].id, carrier, day, limited))
                self.klass[c, services, n] = known.setdefault(needs, len(known))
            self.needs.append(list(known))
        self.sorted = [
            [sorted(needs, key=lambda r: r.kind) for needs in own] for own in self.needs
        ]
        most = max(1, *map(len, self.needs)) if self.needs else 1
        self.within = np.zeros((len(self.needs), most, most), dtype=np.int64)
        for c, own in enumerate(self.needs):
            for a, one in enumerate(own):
                for b, other in enumerate(own):
                    self.within[c, a, b] = one <= other

    @property
    def most(self) -> int:
        """The most classes any center has."""
        return int(self.within.shape[1])


def _needs(
    fc: FcId, carrier: CarrierId | None, day: date, limited: Limited
) -> Iterator[Resource]:
    lines, orders, parcels = limited
    if (fc, day) in lines:
        yield Resource(Kind.FC_LINES, fc, day=day)
    if (fc, day) in orders:
        yield Resource(Kind.FC_ORDERS, fc, day=day)
    if carrier is not None and (fc, carrier, day) in parcels:
        yield Resource(Kind.PARCELS, fc, carrier=carrier, day=day)


def _limited(problem: Problem, table: Timetable) -> Limited:
    """Return the days and trucks ahead that have a limit."""
    lines, orders, parcels = set(), set(), set()
    for center, departures in zip(table.centers, table.departures, strict=True):
        fc = center.id
        for carrier, _, day, _ in departures:
            if problem.fc_lines.get((fc, day), center.capacity_lines) is not None:
                lines.add((fc, day))
            if problem.fc_orders.get((fc, day), center.capacity_orders) is not None:
                orders.add((fc, day))
            if carrier is None:
                continue
            key = (fc, carrier, day)
            declared = table.truck(center, carrier, day)
            if problem.carrier_parcels.get(key, declared) is not None:
                parcels.add(key)
    return frozenset(lines), frozenset(orders), frozenset(parcels)
