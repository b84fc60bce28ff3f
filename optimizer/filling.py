"""Goods as arrays, and one box filled with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.network import Carton
from domain.quantities import Dimensions
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
    """The SKUs of one group as arrays, and the starts from which to pack them."""

    skus: tuple[Sku, ...]
    sizes: Ints
    weights: Ints
    upright: Ints
    limits: Ints
    volumes: Ints
    orders: Ints
    modes: Ints
    grids: Ints


@dataclass(frozen=True, slots=True)
class Filled:
    """One box's blocks, and the units of each SKU in it."""

    blocks: Ints
    units: Ints


def goods_of(skus: Sequence[Sku], counts: Ints) -> Goods:
    """Lay goods out as arrays, with the starts worth making for so many units."""
    sizes = np.array(
        [(s.size.length_mm, s.size.width_mm, s.size.height_mm) for s in skus], np.int64
    )
    weights = np.array([s.weight_g for s in skus], np.int64)
    limits = np.array([load_limit_g(s) for s in skus], np.int64)
    volumes = sizes.prod(axis=1)
    orders = _orders(sizes, weights, limits, volumes)
    units = int(counts.sum())
    # Order varies slowest, so that the first few starts differ in mode and grid.
    starts = [
        (order, mode, grid)
        for order in orders
        for grid in _grids(len(skus), units)
        for mode in _MODES
    ]
    starts = starts[: max(6, _WORK // _work(len(skus), units))]
    return Goods(
        skus=tuple(skus),
        sizes=sizes,
        weights=weights,
        upright=np.array([s.this_side_up for s in skus], np.int64),
        limits=limits,
        volumes=volumes,
        orders=np.array([order for order, _, _ in starts], np.int64),
        modes=np.array([mode for _, mode, _ in starts], np.int64),
        grids=np.array([grid for _, _, grid in starts], np.int64),
    )


def _work(skus: int, units: int) -> int:
    return skus * min(units, _MOST_BLOCKS)


def _partial_starts(counts: Ints) -> int:
    fewest, most = _PARTIAL_STARTS
    return max(fewest, min(most, _PARTIAL_WORK // _work(len(counts), counts.sum())))


def _grids(skus: int, units: int) -> tuple[int, ...]:
    if units == skus:
        return (0,)
    return (1, 0) if units <= _SINGLE_UNITS else (1,)


def _orders(sizes: Ints, weights: Ints, limits: Ints, volumes: Ints) -> list[Ints]:
    """Return the turns in which SKUs may go in: strong ones before weak ones.

    By volume, longest side, largest face, weight, shortest side and height;
    then by volume shaken with a fixed seed.
    """
    sides = np.sort(sizes, axis=1)
    keys = [
        volumes,
        sides[:, 2],
        sides[:, 1] * sides[:, 2],
        weights,
        sides[:, 0],
        sizes[:, 2],
    ]
    shaken = np.random.default_rng(0).uniform(0.5, 1.5, (_SHUFFLES, len(sizes)))
    keys += [(volumes * row).astype(np.int64) for row in shaken]
    orders: dict[bytes, Ints] = {}
    for key in keys:
        order = np.lexsort((-key, -limits)).astype(np.int64)
        orders.setdefault(order.tobytes(), order)
    return list(orders.values())


def inside(size: Dimensions) -> Ints:
    """Return a size as length, width, height."""
    return np.array((size.length_mm, size.width_mm, size.height_mm), np.int64)


def fill_all(goods: Goods, counts: Ints, carton: Carton) -> Filled | None:
    """Pack all these units into one carton; None where no start manages to."""
    if not may_hold_all(goods, counts, carton):
        return None
    filled = _fill(goods, counts, carton, len(goods.modes), NO_BLOCKS)
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
    inner = np.sort(inside(carton.inner))
    sides = np.sort(goods.sizes[counts > 0], axis=1)
    return bool((sides <= inner).all())


def _fill(goods: Goods, counts: Ints, carton: Carton, starts: int, on: Ints) -> Filled:
    blocks, left = fill(
        inside(carton.inner),
        carton.max_load_g,
        goods.sizes,
        goods.weights,
        goods.upright,
        goods.limits,
        counts,
        goods.orders,
        goods.modes,
        goods.grids,
        starts,
        min(int(counts.sum()), _MOST_BLOCKS),
        on,
    )
    return Filled(blocks, counts - left)
