"""Options of one order as rows of integers, told in full when somebody asks."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np

from domain.plan import CostTerm, Parcel
from domain.policy import Limits
from optimizer.classes import Codes
from optimizer.kernels.spending import spend
from optimizer.offers import Lines
from optimizer.parcels import Ints
from optimizer.parts import Parts
from optimizer.pricing import Cents, with_term
from optimizer.problem import Task
from optimizer.resources import Resource
from optimizer.shared import Shared
from optimizer.ways import Way, Ways

Small = np.ndarray[Any, np.dtype[np.int32]]


# Load, center, lane, packing, class, billable grams.
PART_COLUMNS = 6


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
        # Filled by ``telling``: its parcels, where nothing is shared.
        self.parcels: tuple[Parcel, ...] | None = None

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """One parcel for each center."""
        ways, row = self._told
        return ways.ways(row) if isinstance(ways, Rows) else ways

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two options of an order apart."""
        ways, row = self._told
        if isinstance(ways, Rows):
            return ways.key(row)
        return tuple(
            (
                *(way.lane.center.id, way.lane.service.id, way.lane.hand_over_at),
                *(way.packing.method, way.lane.p90_at),
                *((line.sku, line.units) for line in way.load.lines),
            )
            for way in self.ways
        )

    @property
    def quick_rank(self) -> tuple[int, int]:
        """Cheapest first; among equals fewer parcels."""
        ways, row = self._told
        size = int(ways.size[row]) if isinstance(ways, Rows) else len(ways)
        return self.total_cents, size

    @property
    def rank(self) -> tuple[object, ...]:
        """Cheapest first; among equals fewer parcels, sooner, lower ids."""
        return (self.total_cents, len(self.ways), *(way.rank for way in self.ways))


def keys_of(options: Sequence[Option]) -> list[tuple[object, ...]]:
    """Return what tells each of some options apart, without telling them."""
    if isinstance(options, Rows):
        return [options.key(row) for row in range(len(options))]
    return [option.key for option in options]


class Rows(Sequence[Option]):
    """Options as integers.

    Each part is its load, center, lane, packing, class and billable grams.
    ``menu`` are all parts that shares of whole lines are made of; None where the
    options were not made that way.
    """

    def __init__(
        self,
        asker: tuple[Shared, Task, Limits],
        lines: tuple[Lines, ...],
        cents: Ints,
        size: Ints,
        parts: Small,
        menu: Parts | None = None,
    ) -> None:
        self._asker = asker
        self.lines = lines
        self.cents = cents
        self.size = size
        self.parts = parts
        self.menu = menu
        self._cheapest: Option | None = None

    def __len__(self) -> int:
        return len(self.cents)

    @overload
    def __getitem__(self, at: int) -> Option: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Option, ...]: ...
    def __getitem__(self, at: int | slice) -> Option | tuple[Option, ...]:
        if isinstance(at, slice):
            return tuple(self[n] for n in range(*at.indices(len(self))))
        if at == 0 and self._cheapest is not None:
            return self._cheapest
        option = Option(self, int(self.cents[at]), self.uses(at), at)
        # Most orders get their cheapest; it is told once.
        if at == 0:
            self._cheapest = option
        return option

    def cheapest(self) -> "Rows":
        """Return the first of the options alone."""
        first = (self.cents[:1], self.size[:1], self.parts[:1])
        rows = Rows(self._asker, self.lines, *first)
        rows.loads = self.loads
        return rows

    def uses(self, row: int) -> dict[Resource, int]:
        """Return what an option takes of everything that is limited."""
        counts, codes, amounts = self.taken
        end = int(counts[: row + 1].sum())
        entries = range(end - int(counts[row]), end)
        return {self.resources[int(codes[n])]: int(amounts[n]) for n in entries}

    def key(self, row: int) -> tuple[object, ...]:
        """Return what tells an option from the order's others, without telling it."""
        return tuple(
            (center, lane, packing, *((each.sku, each.units) for each in self.lines[n]))
            for n, center, lane, packing, *_ in self.parts[
                row, : self.size[row]
            ].tolist()
        )

    @property
    def resources(self) -> Sequence[Resource]:
        """What is limited; the numbers in ``taken`` point here."""
        return self._asker[0].codes.resources

    @cached_property
    def loads(self) -> tuple[Ints, Ints, Ints]:
        """Where the lines of each load begin; each line's code and units."""
        codes = self._asker[0].codes
        start = np.cumsum([0, *map(len, self.lines)]).astype(np.int64)
        lines = [line for part in self.lines for line in part]
        sku_code = np.array([codes.of_sku(line.sku) for line in lines], dtype=np.int64)
        return start, sku_code, np.array([line.units for line in lines], dtype=np.int64)

    @property
    def codes(self) -> Codes:
        """The numbers of everything that is limited."""
        return self._asker[0].codes

    @cached_property
    def taken(self) -> tuple[Ints, Ints, Ints]:
        """How many things each option takes, then which of them and how much."""
        codes = self._asker[0].codes
        start, sku_code, units = self.loads
        room = int((self.size * (start[1:] - start[:-1]).max(initial=0)).sum())
        room += codes.of_class.shape[2] * int(self.size.sum())
        counts = np.zeros(len(self.cents), dtype=np.int64)
        code, amount = np.empty(room, np.int64), np.empty(room, np.int64)
        end = spend(
            *(self.parts, self.size, start),
            *(sku_code, units),
            *(codes.of_class, codes.by_lines, codes.by_grams, counts, code, amount),
        )
        place = self._asker[1].order.ship_to
        return counts, codes.to_place(code[:end].copy(), place), amount[:end].copy()

    def with_share(self, share: Sequence[tuple[int, int]]) -> tuple["Rows", int]:
        """Return the options with a share (pairs and ways of the menu), and its place.

        Where it is not one of them it comes in after what is as cheap.
        """
        menu = self.menu
        assert menu is not None
        parts = sorted(
            (
                *(int(menu.center[q]), int(menu.load[q]), int(menu.lane[w])),
                *(int(menu.packing[w]), int(menu.klass[w]), int(menu.cents[w])),
            )
            for q, w in share
        )
        cents = sum(part[-1] for part in parts)
        cents += menu.split_cents * (len(parts) - 1)
        row = np.array([[p[1], p[0], *p[2:5]] for p in parts], dtype=np.int32)
        first, last = np.searchsorted(self.cents, [cents, cents + 1])
        for at in range(int(first), int(last)):
            if self.size[at] == len(row) and _same(self.parts[at], row):
                return self, at
        wide = max(self.parts.shape[1] if len(self) else 1, len(row))
        # Where vehicles are shared, options are chosen as they are: no grams here.
        grown = np.zeros((len(self) + 1, wide, PART_COLUMNS), dtype=np.int32)
        at = int(last)
        grown[:at, : self.parts.shape[1]] = self.parts[:at]
        grown[at, : len(row), : row.shape[1]] = row
        grown[at + 1 :, : self.parts.shape[1]] = self.parts[at:]
        more = Rows(
            *(self._asker, self.lines, np.insert(self.cents, at, cents)),
            *(np.insert(self.size, at, len(row)), grown, menu),
        )
        return more, at

    def ways(self, row: int, ways: Ways | None = None) -> tuple[Way, ...]:
        """Tell the parcels of an option in full."""
        ways = ways or Ways(*self._asker)
        return tuple(
            ways.way(center, self.lines[n], lane, packing)
            for n, center, lane, packing, *_ in self.parts[
                row, : self.size[row]
            ].tolist()
        )


def _same(parts: Small, row: Small) -> bool:
    """Tell whether an option's parts begin with those of a share."""
    return bool((parts[: len(row), : row.shape[1]] == row).all())


def parcel_terms(option: Option, split_cents: int) -> list[Cents]:
    """Return each parcel's cents; every parcel after the first bears a split."""
    return [
        with_term(way.cents, CostTerm.SPLIT, split_cents) if n else way.cents
        for n, way in enumerate(option.ways)
    ]
