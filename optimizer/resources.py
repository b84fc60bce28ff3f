"""What orders compete for: units, a center's day, a carrier's truck."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Protocol

from domain.calendars import truck_capacity
from domain.network import ServiceMode
from domain.order import Line
from domain.quantities import CarrierId, FcId, SkuId
from optimizer.lanes import Lane
from optimizer.problem import Problem


class Kind(IntEnum):
    """What a resource counts."""

    STOCK = 0
    FC_LINES = 1
    FC_ORDERS = 2
    PARCELS = 3


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """One thing there is only so much of. Unused parts of the key are empty."""

    kind: Kind
    fc: FcId
    sku: SkuId | None = None
    carrier: CarrierId | None = None
    day: date | None = None
    # Resources are looked up far more often than made.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = (self.kind, self.fc, self.sku, self.carrier, self.day)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type["Resource"], tuple[object, ...]]:
        # Another process hashes words differently.
        key = (self.kind, self.fc, self.sku, self.carrier, self.day)
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
        self._needed: dict[tuple[FcId, CarrierId, date, bool], frozenset[Resource]] = {}

    def limit(self, resource: Resource) -> int | None:
        """Return the amount there is at no extra cost, None for no limit."""
        if resource not in self._known:
            self._known[resource] = self._limit(resource)
        return self._known[resource]

    def beyond(self, resource: Resource) -> tuple[int, int]:
        """Return how much more a center's day can take, and the cents per line.

        What is already worked beyond capacity (a negative rest) is taken off.
        """
        if resource.kind is not Kind.FC_LINES:
            return 0, 0
        center = self._problem.network.center(resource.fc)
        overdrawn = min(0, self.limit(resource) or 0)
        more = max(0, center.over_capacity_lines + overdrawn)
        return more, center.over_capacity_cents_per_line

    def _limit(self, resource: Resource) -> int | None:
        problem, fc, day = self._problem, resource.fc, resource.day
        if resource.kind is Kind.STOCK:
            assert resource.sku is not None
            return max(0, problem.stock.get((fc, resource.sku), 0))
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

    def needs(self, lane: Lane) -> frozenset[Resource]:
        """Return the limited resources that depend on the lane, not on the goods.

        Among ways from one center with equal needs only the cheapest matters.
        """
        fc, day, mode = lane.center.id, lane.day, lane.service.mode
        key = (fc, lane.service.carrier, day, mode is ServiceMode.PICKUP)
        if key not in self._needed:
            self._needed[key] = self._needs(lane)
        return self._needed[key]

    def _needs(self, lane: Lane) -> frozenset[Resource]:
        fc, day = lane.center.id, lane.day
        wanted = [
            Resource(Kind.FC_LINES, fc, day=day),
            Resource(Kind.FC_ORDERS, fc, day=day),
        ]
        if lane.service.mode is not ServiceMode.PICKUP:
            carrier = lane.service.carrier
            wanted.append(Resource(Kind.PARCELS, fc, carrier=carrier, day=day))
        return frozenset(r for r in wanted if self.limit(r) is not None)

    def uses(
        self, fc: FcId, needs: frozenset[Resource], lines: tuple[Line, ...]
    ) -> Iterator[tuple[Resource, int]]:
        """Yield what a parcel takes of everything that is limited."""
        if self._problem.network.counts_stock:
            for line in lines:
                yield Resource(Kind.STOCK, fc, sku=line.sku), line.units
        for resource in sorted(needs, key=lambda r: r.kind):
            yield resource, len(lines) if resource.kind is Kind.FC_LINES else 1
