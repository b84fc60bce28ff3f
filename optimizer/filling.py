"""Goods as arrays, and one box filled with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.quantities import SkuId
from domain.sku import Sku
from optimizer.family import Box
from optimizer.halting import worked
from optimizer.holding import may_hold
from optimizer.space import ANY_WAY, COLUMNS, UNLIMITED, UPRIGHT, Ints, fill
from optimizer.starts import QUICK, RULED, more_starts, quick_starts, ruled_starts

# Work of a fill is starts × SKUs × units: as much as this if everything is to go
# in, and this much if only the most, which is asked for again and again.
_WORK = 60_000
_PARTIAL_WORK = 20_000
_PARTIAL_STARTS = (3, 12)
_MOST_BLOCKS = 600

NO_BLOCKS: Ints = np.empty((0, COLUMNS), np.int64)


def load_limit_g(sku: Sku) -> int:
    """Return the grams one unit may bear: what it declares, nothing if fragile."""
    if sku.max_load_g is not None:
        return sku.max_load_g
    return 0 if sku.fragile else UNLIMITED


@dataclass(slots=True, eq=False)
class Goods:
    """The SKUs of one group, as rows for the kernel, and its starts.

    ``sides`` are each unit's sides, the shortest first, and ``outlines`` these
    with the unit's grams; ``most_units`` is how many units there may be of all
    SKUs.
    """

    skus: tuple[Sku, ...]
    ids: tuple[SkuId, ...]
    rows: Ints
    volumes: Ints
    weights: Ints
    sides: Ints
    outlines: Ints
    most_units: int
    quick: Ints
    _ruled: Ints | None = None
    _starts: Ints | None = None

    @property
    def limits(self) -> Ints:
        return self.rows[:, 5]

    @property
    def starts(self) -> Ints:
        """All starts worth making; most goods never need them."""
        if self._starts is None:
            goods = (self.rows, self.sides, self.volumes, self.most_units)
            self._starts = more_starts(*goods, self._by_rule)[: self.most_starts]
        return self._starts

    @property
    def ruled(self) -> Ints:
        """The first of all starts, those that go by rule."""
        return self._by_rule[:RULED]

    @property
    def _by_rule(self) -> Ints:
        if self._ruled is None:
            goods = (self.rows, self.sides, self.volumes, self.most_units)
            self._ruled = ruled_starts(*goods)
        return self._ruled

    @property
    def most_starts(self) -> int:
        """How many starts are worth making."""
        return max(QUICK, _WORK // _work(len(self.skus), self.most_units))


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """One box's blocks, and the units of each SKU in it."""

    blocks: Ints
    units: Ints


def goods_of(skus: Sequence[Sku], counts: Ints) -> Goods:
    """Lay goods out as rows; there will be at most so many units of each."""
    rows = np.array([_row(sku) for sku in skus], np.int64)
    outlines = rows[:, :4].copy()
    sides = outlines[:, :3]
    sides.sort(axis=1)
    volumes = sides[:, 0] * sides[:, 1] * sides[:, 2]
    units = int(counts.sum())
    return Goods(
        skus=tuple(skus),
        ids=tuple(sku.id for sku in skus),
        rows=rows,
        volumes=volumes,
        weights=rows[:, 3].copy(),
        sides=sides,
        outlines=outlines,
        most_units=units,
        quick=quick_starts(rows, volumes, units),
    )


def _row(sku: Sku) -> tuple[int, ...]:
    size = sku.size
    sides = (size.length_mm, size.width_mm, size.height_mm)
    turns = UPRIGHT if sku.this_side_up else ANY_WAY
    return (*sides, sku.weight_g, turns, load_limit_g(sku))


def _work(skus: int, units: int) -> int:
    return skus * min(units, _MOST_BLOCKS)


def _partial_starts(counts: Ints) -> int:
    fewest, most = _PARTIAL_STARTS
    work = _work(len(counts), int(counts.sum()))
    return max(fewest, min(most, _PARTIAL_WORK // work))


def fill_all(goods: Goods, counts: Ints, box: Box) -> Filled | None:
    """Pack all these units into one carton; None where no start manages to."""
    if not may_hold(goods.rows, counts, box.room):
        return None
    blocks, _, over = _fill(goods, counts, box, goods.quick, NO_BLOCKS)
    if over and len(goods.starts) > len(goods.quick):
        rest = goods.starts[len(goods.quick) :]
        blocks, _, over = _fill(goods, counts, box, rest, NO_BLOCKS, all_in=True)
    return None if over else Filled(blocks, counts)


def fill_at_once(goods: Goods, counts: Ints, box: Box) -> Filled | None:
    """Pack all these units into one carton; None where no quick start manages to."""
    if not may_hold(goods.rows, counts, box.room):
        return None
    blocks, _, over = _fill(goods, counts, box, goods.quick, NO_BLOCKS)
    return None if over else Filled(blocks, counts)


def fill_most(goods: Goods, counts: Ints, box: Box) -> Filled | None:
    """Pack as much as a few starts manage into one carton; None if nothing."""
    starts = _some_starts(goods, counts)
    blocks, left, _ = _fill(goods, counts, box, starts, NO_BLOCKS)
    return Filled(blocks, counts - left) if len(blocks) else None


def fill_soon(goods: Goods, counts: Ints, box: Box) -> Filled | None:
    """Pack as much as the first start manages into one carton; None if nothing."""
    blocks, left, _ = _fill(goods, counts, box, goods.quick[:1], NO_BLOCKS)
    return Filled(blocks, counts - left) if len(blocks) else None


def fill_on(goods: Goods, counts: Ints, box: Box, on: Filled) -> Filled | None:
    """Add as much as a few starts manage to what is there; None if all is empty."""
    if not counts.any():
        return on if on.units.any() else None
    starts = _some_starts(goods, counts)
    blocks, left, _ = _fill(goods, counts, box, starts, on.blocks)
    return Filled(blocks, on.units + (counts - left)) if len(blocks) else None


def _some_starts(goods: Goods, counts: Ints) -> Ints:
    some = _partial_starts(counts)
    if some <= len(goods.quick):
        return goods.quick[:some]
    # Drawing preferences takes longer than trying a few starts by rule.
    starts = goods.ruled if len(goods.ruled) >= some else goods.starts
    return starts[: min(some, goods.most_starts)]


def _fill(
    goods: Goods,
    counts: Ints,
    box: Box,
    starts: Ints,
    on: Ints,
    *,
    all_in: bool = False,
) -> tuple[Ints, Ints, int]:
    most_blocks = min(int(counts.sum()), _MOST_BLOCKS)
    filled = fill(box.room, goods.rows, counts, starts, most_blocks, on, all_in)
    worked(len(starts) * _work(len(counts), most_blocks))
    return filled
