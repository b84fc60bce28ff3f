"""Why an order goes as it does: other good options, and what stops the rest."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from domain.order import Line
from domain.plan import Excluded
from domain.policy import Limits
from optimizer.offers import Lines
from optimizer.parcels import Ints
from optimizer.problem import Task
from optimizer.rows import Option, Rows
from optimizer.shared import Shared
from optimizer.singles import cheapest
from optimizer.stops import Stops
from optimizer.ways import Briefly, Ways


class Reasons:
    """The reasons of one order under given limits, worked out when asked for.

    ``free`` is what each center (row) could give of each line; ``shared_out``
    are the cheapest options with several centers.
    """

    def __init__(
        self,
        asker: tuple[Shared, Task, Limits],
        free: Ints,
        shared_out: Rows | None,
        spare: int,
    ) -> None:
        self._asker = asker
        self._free = free
        self._shared_out = shared_out
        self._spare = spare

    @cached_property
    def runners_up(self) -> tuple[Option, ...]:
        """Return good options for explanation, best first."""
        return tuple(rows[n] for rows, n in self._ranked)

    def others(self, chosen: Option) -> list[Option]:
        """Return the runners-up that differ in center, service or packing method."""
        center_of, service_of = self._asker[0].center_of, self._asker[0].service_of
        own: tuple[Briefly, ...] = tuple(
            (
                center_of[way.lane.center.id],
                service_of[way.lane.service.id],
                way.packing.method,
            )
            for way in chosen.ways
        )
        seen, found = {own}, []
        for rows, n in self._ranked:
            key = self._briefly(rows, n)
            if key not in seen:
                seen.add(key)
                found.append(rows[n])
        return found

    @cached_property
    def excluded(self) -> tuple[Excluded, ...]:
        """Return the lanes that may not serve the order, and why."""
        stops = Stops(self._asker, self._ways)
        return tuple(stops.excluded(self._sent, self._totals))

    @cached_property
    def having(self) -> frozenset[int]:
        """The centers (by position) that could send everything."""
        lines = self._ways.task.lines
        return frozenset(c for c, part in self._sent.items() if part is lines)

    def _briefly(self, rows: Rows, row: int) -> tuple[Briefly, ...]:
        """Return what tells an option from others for a reader."""
        parts = rows.parts[row, : rows.size[row]].tolist()
        return tuple(
            self._ways.briefly(center, rows.lines[n], lane, packing)
            for n, center, lane, packing, *_ in parts
        )

    @cached_property
    def _ways(self) -> Ways:
        return Ways(*self._asker)

    @cached_property
    def _sent(self) -> dict[int, Lines]:
        """Return what each center could give at most, of those that give anything."""
        lines = self._ways.task.lines
        known: dict[tuple[int, ...], Lines] = {}
        sent: dict[int, Lines] = {}
        for c, units in enumerate(map(tuple, self._free.tolist())):
            if any(units):
                if units not in known:
                    known[units] = most_of(lines, units)
                sent[c] = known[units]
        return sent

    @cached_property
    def _totals(self) -> Ints:
        """Price what each center could give at most on every lane, so packed."""
        most: dict[Lines, list[int]] = {}
        for c, part in self._sent.items():
            most.setdefault(part, []).append(c)
        return self._ways.totals([(part, tuple(of)) for part, of in most.items()])

    @cached_property
    def _ranked(self) -> list[tuple[Rows, int]]:
        """Return the cheapest options of one center and of several, best first."""
        ways, centers = self._ways, sorted(self.having)
        totals = self._totals
        cents = [totals[ways.rows_of(c)].reshape(-1) for c in centers]
        of_one = np.concatenate(cents) if cents else np.zeros(0, dtype=np.int64)
        of_one = of_one[of_one >= 0]
        if len(of_one) > self._spare:
            most = np.partition(of_one, self._spare - 1)[self._spare - 1]
            totals = np.where(totals > most, -1, totals)
        singles = cheapest(self._asker, ways, ways.task.lines, centers, totals)
        found = [(singles, n) for n in range(min(len(singles), self._spare))]
        if self._shared_out is not None:
            found += [(self._shared_out, n) for n in range(len(self._shared_out))]
        # Both come ranked, and among equal cents a single center goes first.
        found.sort(key=lambda pair: (pair[0].cents[pair[1]], pair[0].size[pair[1]]))
        return found[: self._spare]


def most_of(lines: Lines, units: Sequence[int]) -> Lines:
    """Return the most of the lines that those units allow."""
    if all(has == line.units for has, line in zip(units, lines, strict=True)):
        return lines
    return tuple(
        Line.model_construct(sku=line.sku, units=has)
        for has, line in zip(units, lines, strict=True)
        if has
    )
