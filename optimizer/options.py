"""The options of one order: who sends what, by which lane, in which packing.

- find the centers that may and can give something (``eligible``);
- let one of them, or several together, source the lines (``sourcing``);
- price every lane and packing of every part (``offers``);
- keep the options that some scarcity could make best, cheapest first (``shares``).

Options are rows of integers until somebody asks for one: then it is told in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from domain.plan import Excluded
from domain.policy import Limits
from optimizer import shares as kernel
from optimizer.eligible import center_violation
from optimizer.offers import Lines, Offers, Priced
from optimizer.parcels import Ints
from optimizer.parts import Parts, parts_of
from optimizer.problem import Task
from optimizer.reasons import Reasons
from optimizer.resources import Resource
from optimizer.rows import Option as Option
from optimizer.rows import Rows
from optimizer.rows import parcel_terms as parcel_terms
from optimizer.shared import Shared
from optimizer.shares import MOST_PARTS, Shares
from optimizer.sourcing import EXACT_LINES, chosen, divided, given, groups_of, in_turn

NOTHING: Mapping[Resource, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Choices:
    """What was found for one order.

    ``options`` are for the joint choice, best first. ``complete`` is False where
    the limits of effort cut options off.
    """

    options: Sequence[Option]
    reasons: Reasons | None
    complete: bool

    @property
    def runners_up(self) -> tuple[Option, ...]:
        """Good options, also those that no scarcity could make best."""
        return self.reasons.runners_up if self.reasons is not None else ()

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Return the lanes that may not serve the order, and why."""
        return self.reasons.excluded if self.reasons is not None else ()


def find_options(
    shared: Shared,
    task: Task,
    limits: Limits,
    keep: int,
    spare: int,
    taken: Mapping[Resource, int] = NOTHING,
    *,
    hurried: bool = False,
) -> Choices:
    """Enumerate an order's options under some limits.

    Parameters
    ----------
    shared
        What all orders of the problem share.
    task, limits
        The order and its limits, perhaps with some of them relaxed.
    keep
        The most options to keep for the joint choice.
    spare
        The most runners-up to keep for explanation.
    taken
        What others already have of each resource.
    hurried
        Whether to look at splits only where no center has everything.
    """
    if any(line.sku not in shared.problem.skus for line in task.lines):
        return Choices((), None, complete=True)
    free = free_units_of(shared, task, limits, taken)
    search = _Search((shared, task, limits), free, spare)
    found, count = search.options(keep, singles_only=hurried)
    skipped = hurried and len(found) > 0
    if hurried and not skipped:
        found, count = search.options(keep)
    complete = len(found) == count and not skipped
    return Choices(found, search.reasons(), complete=complete)


def free_units_of(
    shared: Shared, task: Task, limits: Limits, taken: Mapping[Resource, int]
) -> Ints:
    """Return the units each center (row) could give of each line."""
    free = np.empty((len(shared.centers), len(task.lines)), dtype=np.int64)
    for n, line in enumerate(task.lines):
        units, able = shared.stocked(line.sku)
        free[:, n] = np.minimum(units, line.units) * able
        if taken and shared.problem.network.counts_stock:
            gone = [
                taken.get(shared.stock_of(c, line.sku), 0)
                for c in range(len(shared.centers))
            ]
            free[:, n] = np.minimum(np.maximum(units - gone, 0), line.units) * able
    if not shared.picky and not _restricted(task, limits):
        return free
    for c, center in enumerate(shared.centers):
        if center_violation(task, limits, center) is not None:
            free[c] = 0
        for block in task.blocks:
            if block.fc == center.id and block.service is None:
                free[c, [line.sku == block.sku for line in task.lines]] = 0
    return free


def _restricted(task: Task, limits: Limits) -> bool:
    """Tell whether anything but goods could keep a center from serving an order."""
    return bool(
        task.pin is not None
        or task.blocks
        or limits.blocked_centers
        or limits.allowed_centers is not None
    )


class _Search:
    """One order under given limits, and what every center could give of it."""

    def __init__(
        self, asker: tuple[Shared, Task, Limits], free: Ints, spare: int
    ) -> None:
        self._asker = asker
        _, self._task, self._limits = asker
        self._free = free
        self._spare = 3 * spare + 1
        self._shared_out: Rows | None = None

    def reasons(self) -> Reasons:
        """Return what is to be explained of the order, should anybody ask."""
        return Reasons(self._asker, self._free, self._shared_out, self._spare)

    def options(
        self, keep: int, *, singles_only: bool = False
    ) -> tuple[Sequence[Option], int]:
        """Return the options worth keeping, best first, and how many there are."""
        wanted, groups, sourcings = self._parts(singles_only=singles_only)
        if not wanted:
            return (), 0
        priced = Offers(*self._asker).price(wanted)
        singles = self._singles(priced)
        split_cents = self._task.policy.money.split_cents
        menu = None
        if sourcings is not None:
            split = given(sourcings, priced)
        else:
            masks, full = self._masks(priced, groups)
            split = divided(masks, full, groups, priced, len(self._free))
            most = 1 if groups is None else self._most
            menu = parts_of(priced, masks, full, most, split_cents)
        rows = kernel.room(keep)
        both = Shares(
            np.concatenate([singles.pairs, split.pairs]),
            np.concatenate([singles.size, split.size]),
        )
        count, everything = kernel.diverse(priced.ranks, both, split_cents, keep, rows)
        options = self._rows(priced, rows, count, menu)
        if len(split.size):
            spare = kernel.room(self._spare)
            more, _ = kernel.best(priced.ranks, split, split_cents, self._spare, spare)
            self._shared_out = self._rows(priced, spare, more)
        return options, everything

    def _parts(
        self, *, singles_only: bool
    ) -> tuple[
        list[tuple[Lines, list[int]]],
        tuple[Ints, Ints] | None,
        list[tuple[tuple[int, Lines], ...]] | None,
    ]:
        """Return which lines to price from which centers, and how they may be split.

        Either by groups of lines (whole lines from whoever has them), or by
        sourcings, where centers in turn give what they have.
        """
        lines, free = self._task.lines, self._free
        wanted_units = np.array([line.units for line in lines], dtype=np.int64)
        full = free >= wanted_units
        everything = np.flatnonzero(full.all(axis=1)).tolist()
        parts = [(lines, everything)] if everything else []
        most = self._most
        if singles_only or self._limits.keep_together or most < 2:
            return parts, None, None
        scarce = bool((free.max(axis=0, initial=0) < wanted_units).any())
        if len(lines) > EXACT_LINES or scarce:
            able = {c: tuple(row) for c, row in enumerate(free.tolist()) if any(row)}
            sourcings = list(in_turn(lines, able, most))
            of: dict[Lines, list[int]] = {}
            for sourcing in sourcings:
                for c, part in sourcing:
                    if c not in of.setdefault(part, []):
                        of[part].append(c)
            return [*parts, *of.items()], None, sourcings
        bits = full @ (1 << np.arange(len(lines)))
        for mask in range(1, (1 << len(lines)) - 1):
            having = np.flatnonzero((bits & mask) == mask).tolist()
            if having:
                parts.append((chosen(lines, mask), having))
        return parts, groups_of(len(lines), most), None

    @property
    def _most(self) -> int:
        """How many centers may share the order."""
        return min(self._limits.max_centers or MOST_PARTS, MOST_PARTS)

    def _masks(
        self, priced: Priced, groups: tuple[Ints, Ints] | None
    ) -> tuple[Ints, int]:
        """Return each load's lines as bits, and all lines; undivided they are one."""
        if groups is None:
            return np.ones(len(priced.lines), dtype=np.int64), 1
        lines = self._task.lines
        bit = {line.sku: 1 << n for n, line in enumerate(lines)}
        masks = [sum(bit[line.sku] for line in part) for part in priced.lines]
        return np.array(masks, dtype=np.int64), (1 << len(lines)) - 1

    def _singles(self, priced: Priced) -> Shares:
        everything = self._task.lines
        whole = np.array([lines is everything for lines in priced.lines])
        q = np.flatnonzero(whole[priced.load] & (priced.found.held > 0))
        pairs = np.zeros((len(q), MOST_PARTS), dtype=np.int64)
        pairs[:, 0] = q
        return Shares(pairs, np.ones(len(q), dtype=np.int64))

    def _rows(
        self,
        priced: Priced,
        rows: kernel.Options,
        count: int,
        menu: Parts | None = None,
    ) -> Rows:
        size = rows.size[:count].copy()
        widest = int(size.max(initial=1))
        q, n = rows.pairs[:count, :widest], rows.ways[:count, :widest]
        load, packing = priced.load[q], priced.found.packing[q, n]
        parts = (
            *(load, priced.center[q], priced.found.lane[q, n]),
            packing - priced.first[load],
            *(priced.found.klass[q, n], priced.found.billed[q, n]),
        )
        packed = np.stack(parts, axis=2).astype(np.int32)
        cents = rows.cents[:count].copy()
        return Rows(self._asker, priced.lines, cents, size, packed, menu)
