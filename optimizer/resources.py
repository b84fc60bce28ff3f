"""What orders compete for: units, a center's day, a carrier's truck, vehicles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Protocol

from domain.calendars import truck_capacity
from domain.network import Vehicle
from domain.order import Line
from domain.quantities import CarrierId, FcId, SkuId
from optimizer.problem import Problem


class Kind(IntEnum):
    """What a resource counts."""

    STOCK = 0
    FC_LINES = 1
    FC_ORDERS = 2
    PARCELS = 3
    VEHICLE_G = 4


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """One thing there is only so much of. Unused parts of the key are empty."""

    kind: Kind
    fc: FcId
    sku: SkuId | None = None
    carrier: CarrierId | None = None
    day: date | None = None
    run: str = ""
    # Resources are looked up far more often than made.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = (self.kind, self.fc, self.sku, self.carrier, self.day, self.run)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type["Resource"], tuple[object, ...]]:
        # Another process hashes words differently.
        key = (self.kind, self.fc, self.sku, self.carrier, self.day, self.run)
        return Resource, key

    def __str__(self) -> str:
        match self.kind:
            case Kind.STOCK:
                return f"units of {self.sku} at {self.fc}"
            case Kind.FC_LINES:
                return f"lines {self.fc} can work on {self.day}"
            case Kind.FC_ORDERS:
                return f"orders {self.fc} can work on {self.day}"
            case Kind.PARCELS:
                return f"parcels {self.carrier} takes at {self.fc} on {self.day}"
            case Kind.VEHICLE_G:
                return f"grams on vehicles of {self.run} from {self.fc} on {self.day}"


# Where a run has no limit: more vehicles than any day could fill.
MOST_VEHICLES = 100_000

Uses = Mapping[Resource, int]


class Offer(Protocol):
    """What the joint choice asks of an option: its price and what it takes."""

    @property
    def total_cents(self) -> int: ...

    @property
    def uses(self) -> Uses: ...


class Supply:
    """How much of each resource a problem has; what is without limit has none."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._known: dict[Resource, int | None] = {}

    def limit(self, resource: Resource) -> int | None:
        """Return the amount there is at no extra cost, None for no limit."""
        if resource not in self._known:
            self._known[resource] = self._limit(resource)
        return self._known[resource]

    def beyond(self, resource: Resource) -> tuple[int, int]:
        """Return how much more there may be at a price, and the cents of each step.

        A center's day can take more lines, one at a time (what is already worked
        beyond capacity, a negative rest, is taken off); a run can send more
        vehicles.
        """
        if resource.kind is Kind.VEHICLE_G:
            vehicle, riding = self.vehicle(resource), self._riding_g(resource)
            sent = -(-riding // vehicle.capacity_g)
            most = MOST_VEHICLES if vehicle.most is None else vehicle.most
            return max(0, most - sent) * vehicle.capacity_g, vehicle.cost_cents
        if resource.kind is not Kind.FC_LINES:
            return 0, 0
        center = self._problem.network.center(resource.fc)
        overdrawn = min(0, self.limit(resource) or 0)
        more = max(0, center.over_capacity_lines + overdrawn)
        return more, center.over_capacity_cents_per_line

    def step(self, resource: Resource) -> int:
        """Return how much comes at once of what is beyond: a vehicle is whole."""
        if resource.kind is not Kind.VEHICLE_G:
            return 1
        return self.vehicle(resource).capacity_g

    def vehicle(self, resource: Resource) -> Vehicle:
        """Return the kind of vehicle on a run."""
        return self._problem.network.runs[resource.fc, resource.run]

    @property
    def has_vehicles(self) -> bool:
        """Whether anything in the network goes by vehicles that are shared."""
        return bool(self._problem.network.runs)

    def _riding_g(self, resource: Resource) -> int:
        assert resource.day is not None
        key = (resource.fc, resource.run, resource.day)
        return self._problem.vehicle_g.get(key, 0)

    def _limit(self, resource: Resource) -> int | None:
        problem, fc, day = self._problem, resource.fc, resource.day
        if resource.kind is Kind.STOCK:
            assert resource.sku is not None
            return max(0, problem.stock.get((fc, resource.sku), 0))
        if resource.kind is Kind.VEHICLE_G:
            return -self._riding_g(resource) % self.vehicle(resource).capacity_g
        center = problem.network.center(fc)
        assert day is not None
        if resource.kind is Kind.FC_LINES:
            return problem.fc_lines.get((fc, day), center.capacity_lines)
        if resource.kind is Kind.FC_ORDERS:
            return problem.fc_orders.get((fc, day), center.capacity_orders)
        assert resource.carrier is not None
        key = (fc, resource.carrier, day)
        declared = truck_capacity(center, resource.carrier, day)
        return problem.carrier_parcels.get(key, declared)

    def uses(
        self,
        fc: FcId,
        needs: frozenset[Resource],
        lines: tuple[Line, ...],
        billable_g: int,
    ) -> Iterator[tuple[Resource, int]]:
        """Yield what a parcel takes of everything that is limited."""
        amounts = {Kind.FC_LINES: len(lines), Kind.VEHICLE_G: billable_g}
        if self._problem.network.counts_stock:
            for line in lines:
                yield Resource(Kind.STOCK, fc, sku=line.sku), line.units
        for resource in sorted(needs, key=lambda r: r.kind):
            yield resource, amounts.get(resource.kind, 1)
