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

_NOBODY = np.zeros(0, dtype=np.int64)


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
        having = [c for c in sent if sent[c] == lines]
        most_cents = self._dearest(ways, having, totals)
        runners = [
            *self._cheapest(ways, having, totals, most_cents),
            *self._shares(ways, most_cents),
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

    def _dearest(self, ways: Ways, centers: list[int], totals: Ints) -> int:
        """Return the cents of the dearest option that is among the best."""
        cents = [totals[ways.rows_of(c)] for c in centers]
        if self._shared_out is not None:
            cents.append(self._shared_out.cents)
        all_cents = np.concatenate([part.reshape(-1) for part in cents] or [_NOBODY])
        all_cents = all_cents[all_cents >= 0]
        if len(all_cents) <= self._spare:
            return int(all_cents.max(initial=0))
        return int(np.partition(all_cents, self._spare - 1)[self._spare - 1])

    def _cheapest(
        self, ways: Ways, centers: list[int], totals: Ints, most_cents: int
    ) -> Iterator[Option]:
        """Yield the cheapest ways to send everything from one center."""
        told = []
        for c in centers:
            rows = ways.rows_of(c)
            part = totals[rows]
            n, packing = np.nonzero((part >= 0) & (part <= most_cents))
            told += [
                ways.way(c, ways.task.lines, rows.start + row, k)
                for row, k in zip(n.tolist(), packing.tolist(), strict=True)
            ]
        told.sort(key=lambda way: way.rank)
        for way in told[: self._spare]:
            yield Option((way,), way.total_cents, self._uses(way))

    def _shares(self, ways: Ways, most_cents: int) -> Iterator[Option]:
        """Yield the cheapest ways to send it from several centers."""
        rows = self._shared_out
        if rows is None:
            return
        for row in np.flatnonzero(rows.cents <= most_cents).tolist():
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
