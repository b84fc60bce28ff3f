"""Why an order goes as it does: other good options, and what stops the rest."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from domain.order import Line
from domain.plan import Excluded
from domain.policy import Limits
from optimizer.eligible import center_violation, exclusion, line_violation
from optimizer.offers import Lines
from optimizer.parcels import Ints
from optimizer.problem import Task
from optimizer.resources import Resource
from optimizer.rows import Option, Rows
from optimizer.shared import Shared
from optimizer.ways import Way, Ways


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

    @property
    def runners_up(self) -> tuple[Option, ...]:
        """Return good options for explanation, best first."""
        return self._explained[0]

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Return the lanes that may not serve the order, and why."""
        return self._explained[1]

    @cached_property
    def _explained(self) -> tuple[tuple[Option, ...], tuple[Excluded, ...]]:
        ways, lines = Ways(*self._asker), self._asker[1].lines
        most: dict[Lines, list[int]] = {}
        sent: dict[int, Lines] = {}
        for c, units in enumerate(self._free.tolist()):
            if any(units):
                sent[c] = most_of(lines, units)
                most.setdefault(sent[c], []).append(c)
        totals = ways.totals([(part, tuple(of)) for part, of in most.items()])
        excluded = list(self._without(sent))
        for c, part in sent.items():
            excluded.extend(ways.excluded(c, part, totals))
        runners = [
            *self._cheapest(ways, [c for c in sent if sent[c] == lines], totals),
            *self._shares(ways),
        ]
        runners.sort(key=lambda option: option.rank)
        return tuple(runners[: self._spare]), tuple(excluded)

    def _without(self, sent: dict[int, Lines]) -> Iterator[Excluded]:
        """Say of each center that can give nothing what stops it."""
        shared, task, limits = self._asker
        problem = shared.problem
        for c, center in enumerate(shared.centers):
            if c in sent:
                continue
            violated = center_violation(task, limits, center)
            for line in task.lines:
                sku = problem.skus[line.sku]
                violated = violated or line_violation(problem, task, center, sku)
            if violated is not None:
                yield exclusion(center.id, None, violated)

    def _cheapest(
        self, ways: Ways, centers: list[int], totals: Ints
    ) -> Iterator[Option]:
        """Yield the cheapest ways to send everything from one center."""
        found = [
            np.arange(ways.sheet.first[c], ways.sheet.first[c + 1]) for c in centers
        ]
        rows = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        at = np.repeat(np.array(centers, dtype=np.int64), [len(r) for r in found])
        n, packing = np.nonzero(totals[rows] >= 0)
        cents = totals[rows[n], packing]
        if len(cents) > self._spare:
            few = np.flatnonzero(cents <= np.partition(cents, self._spare)[self._spare])
            n, packing, cents = n[few], packing[few], cents[few]
        told = [
            ways.way(int(at[m]), ways.task.lines, int(rows[m]), k)
            for m, k in zip(n.tolist(), packing.tolist(), strict=True)
        ]
        told.sort(key=lambda way: way.rank)
        for way in told[: self._spare]:
            yield Option((way,), way.total_cents, self._uses(way))

    def _shares(self, ways: Ways) -> Iterator[Option]:
        """Yield the cheapest ways to send it from several centers."""
        rows = self._shared_out
        for row in range(len(rows) if rows is not None else 0):
            assert rows is not None
            told = rows.ways(row, ways)
            yield Option(told, int(rows.cents[row]), rows.uses(row))

    def _uses(self, way: Way) -> dict[Resource, int]:
        return dict(
            self._asker[0].supply.uses(way.lane.center.id, way.needs, way.load.lines)
        )


def most_of(lines: Lines, units: Sequence[int]) -> Lines:
    """Return the most of the lines that those units allow."""
    if all(has == line.units for has, line in zip(units, lines, strict=True)):
        return lines
    return tuple(
        Line.model_construct(sku=line.sku, units=has)
        for has, line in zip(units, lines, strict=True)
        if has
    )
