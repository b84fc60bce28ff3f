"""Goods as arrays, and one box filled with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from domain.network import Carton
from domain.sku import Sku
from optimizer.space import COLUMNS, UNLIMITED, Ints, fill

# One unit at a time packs tightest; beyond this many units only grids are tried.
_SINGLE_UNITS = 100
# Work of a fill is starts × SKUs × units: as much as this if everything is to go
# in, and this much if only the most, which is asked for again and again.
_WORK = 60_000
_PARTIAL_WORK = 20_000
_MODES = (0, 1, 2)
_SHUFFLES = 12
_PARTIAL_STARTS = (3, 12)
_MOST_BLOCKS = 600

NO_BLOCKS: Ints = np.empty((0, COLUMNS), np.int64)


def load_limit_g(sku: Sku) -> int:
    """Return the grams one unit may bear: what it declares, nothing if fragile."""
    if sku.max_load_g is not None:
        return sku.max_load_g
    return 0 if sku.fragile else UNLIMITED


@dataclass(frozen=True, slots=True)
class Goods:
    """The SKUs of one group, as rows for the kernel, and its starts.

    ``sides`` are each unit's sides, the shortest first.
    """

    skus: tuple[Sku, ...]
    rows: Ints
    starts: Ints
    volumes: Ints
    weights: Ints
    sides: Ints

    @property
    def limits(self) -> Ints:
        return self.rows[:, 5]


@dataclass(frozen=True, slots=True)
class Filled:
    """One box's blocks, and the units of each SKU in it."""

    blocks: Ints
    units: Ints


def goods_of(skus: Sequence[Sku], counts: Ints) -> Goods:
    """Lay goods out as rows, with the starts worth making for so many units."""
    rows = np.array([_row(sku) for sku in skus], np.int64)
    sides = np.sort(rows[:, :3], axis=1)
    volumes = sides.prod(axis=1)
    units = int(counts.sum())
    # Order varies slowest, so that the first few starts differ in mode and grid.
    starts = [
        (mode, grid, *order)
        for order in _orders(rows, sides, volumes)
        for grid in _grids(len(skus), units)
        for mode in _MODES
    ]
    starts = starts[: max(6, _WORK // _work(len(skus), units))]
    return Goods(
        skus=tuple(skus),
        rows=rows,
        starts=np.array(starts, np.int64),
        volumes=volumes,
        weights=rows[:, 3].copy(),
        sides=sides,
    )


def _row(sku: Sku) -> tuple[int, ...]:
    size = sku.size
    sides = (size.length_mm, size.width_mm, size.height_mm)
    return (*sides, sku.weight_g, int(sku.this_side_up), load_limit_g(sku))


def _work(skus: int, units: int) -> int:
    return skus * min(units, _MOST_BLOCKS)


def _partial_starts(counts: Ints) -> int:
    fewest, most = _PARTIAL_STARTS
    return max(fewest, min(most, _PARTIAL_WORK // _work(len(counts), counts.sum())))


def _grids(skus: int, units: int) -> tuple[int, ...]:
    if units == skus:
        return (0,)
    return (1, 0) if units <= _SINGLE_UNITS else (1,)


def _orders(rows: Ints, sides: Ints, volumes: Ints) -> list[tuple[int, ...]]:
    """Return the turns in which SKUs may go in: strong ones before weak ones.

    By volume, longest side, largest face, weight, shortest side and height;
    then by volume shaken with a fixed seed.
    """
    if len(rows) == 1:
        return [(0,)]
    keys = [
        volumes,
        sides[:, 2],
        sides[:, 1] * sides[:, 2],
        rows[:, 3],
        sides[:, 0],
        rows[:, 2],
    ]
    if len(rows) > 2:
        keys += [(volumes * row).astype(np.int64) for row in _shakes(len(rows))]
    orders = (np.lexsort((-key, -rows[:, 5])).tolist() for key in keys)
    return list(dict.fromkeys(map(tuple, orders)))


@cache
def _shakes(skus: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(0).uniform(0.5, 1.5, (_SHUFFLES, skus))


def fill_all(goods: Goods, counts: Ints, carton: Carton) -> Filled | None:
    """Pack all these units into one carton; None where no start manages to."""
    if not may_hold_all(goods, counts, carton):
        return None
    filled = _fill(goods, counts, carton, len(goods.starts), NO_BLOCKS)
    return filled if (filled.units == counts).all() else None


def fill_most(goods: Goods, counts: Ints, carton: Carton) -> Filled | None:
    """Pack as much as a few starts manage into one carton; None if nothing."""
    filled = _fill(goods, counts, carton, _partial_starts(counts), NO_BLOCKS)
    return filled if filled.units.any() else None


def fill_on(goods: Goods, counts: Ints, carton: Carton, on: Filled) -> Filled | None:
    """Add as much as a few starts manage to what is there; None if all is empty."""
    filled = on
    if counts.any():
        added = _fill(goods, counts, carton, _partial_starts(counts), on.blocks)
        filled = Filled(added.blocks, on.units + added.units)
    return filled if filled.units.any() else None


def may_hold_all(goods: Goods, counts: Ints, carton: Carton) -> bool:
    """Tell whether volume, weight and the longest sides do not yet forbid it."""
    if counts @ goods.volumes > carton.inner.volume_mm3:
        return False
    if counts @ goods.weights > carton.max_load_g:
        return False
    room = carton.inner
    inner = sorted((room.length_mm, room.width_mm, room.height_mm))
    return bool((goods.sides[counts > 0] <= inner).all())


def _fill(goods: Goods, counts: Ints, carton: Carton, starts: int, on: Ints) -> Filled:
    room = carton.inner
    box = (room.length_mm, room.width_mm, room.height_mm, carton.max_load_g)
    blocks, left = fill(
        np.array(box, np.int64),
        goods.rows,
        counts,
        goods.starts[:starts],
        min(int(counts.sum()), _MOST_BLOCKS),
        on,
    )
    return Filled(blocks, counts - left)
