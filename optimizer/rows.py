"""Options of one order as rows of integers, told in full when somebody asks."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np

from domain.plan import CostTerm
from domain.policy import Limits
from optimizer.offers import Lines, Offers
from optimizer.parcels import Ints
from optimizer.pricing import Cents, with_term
from optimizer.problem import Task
from optimizer.resources import Kind, Resource
from optimizer.shared import Shared
from optimizer.ways import Way, Ways

Small = np.ndarray[Any, np.dtype[np.int32]]


class Option:
    """A complete way to serve an order: one way for each center, ordered by id.

    ``total_cents`` has the cents of every split in it, ``uses`` what it takes of
    everything that is limited.
    """

    def __init__(
        self,
        ways: "tuple[Way, ...] | Rows",
        total_cents: int,
        uses: dict[Resource, int],
        row: int = 0,
    ) -> None:
        self._told = (ways, row)
        self.total_cents = total_cents
        self.uses = uses

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """One parcel for each center."""
        ways, row = self._told
        return ways.ways(row) if isinstance(ways, Rows) else ways

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two options of an order apart."""
        return tuple(
            (
                *(way.lane.center.id, way.lane.service.id, way.lane.hand_over_at),
                *(way.packing.method, way.lane.p90_at),
                *((line.sku, line.units) for line in way.load.lines),
            )
            for way in self.ways
        )

    @property
    def rank(self) -> tuple[object, ...]:
        """Cheapest first; among equals fewer parcels, sooner, lower ids."""
        return (self.total_cents, len(self.ways), *(way.rank for way in self.ways))


class Rows(Sequence[Option]):
    """Options as integers: each part's load, center, lane and packing."""

    def __init__(
        self,
        asker: tuple[Shared, Task, Limits],
        lines: tuple[Lines, ...],
        cents: Ints,
        size: Ints,
        parts: Small,
    ) -> None:
        self._asker = asker
        self._lines = lines
        self.cents = cents
        self.size = size
        self.parts = parts

    def __len__(self) -> int:
        return len(self.cents)

    @overload
    def __getitem__(self, at: int) -> Option: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Option, ...]: ...
    def __getitem__(self, at: int | slice) -> Option | tuple[Option, ...]:
        if isinstance(at, slice):
            return tuple(self[n] for n in range(*at.indices(len(self))))
        return Option(self, int(self.cents[at]), self.uses(at), at)

    def uses(self, row: int) -> dict[Resource, int]:
        """Return what an option takes of everything that is limited."""
        shared, uses = self._asker[0], {}
        lanes = Offers(*self._asker).sheet.lanes
        counted = shared.problem.network.counts_stock
        for n, center, lane, _ in self.parts[row, : self.size[row]].tolist():
            lines = self._lines[n]
            if counted:
                for line in lines:
                    uses[shared.stock_of(center, line.sku)] = line.units
            for resource in shared.classes.of(center, lanes[lane]):
                one = resource.kind is not Kind.FC_LINES
                uses[resource] = 1 if one else len(lines)
        return uses

    def ways(self, row: int, ways: Ways | None = None) -> tuple[Way, ...]:
        """Tell the parcels of an option in full."""
        ways = ways or Ways(*self._asker)
        return tuple(
            ways.way(center, self._lines[n], lane, packing)
            for n, center, lane, packing in self.parts[row, : self.size[row]].tolist()
        )


def parcel_terms(option: Option, split_cents: int) -> list[Cents]:
    """Return each parcel's cents; every parcel after the first bears a split."""
    return [
        with_term(way.cents, CostTerm.SPLIT, split_cents) if n else way.cents
        for n, way in enumerate(option.ways)
    ]
