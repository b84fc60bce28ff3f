"""Pallets: full layers of one SKU, then whatever still fits on top.

- runs of full layers go on first, strong and heavy goods below;
- what is less than a layer is packed on and around them;
- a SKU's own counts per layer and per pallet are kept, where it declares them
  (a layer holds fewer where so many do not truly fit).
"""

from dataclasses import dataclass, field

import numpy as np

from domain.network import Carton, PackingMethod
from domain.quantities import CartonId, Dimensions
from domain.sku import Sku
from optimizer.family import Box
from optimizer.filling import NO_BLOCKS, Filled, Goods, fill_on
from optimizer.holding import may_hold
from optimizer.layers import layer
from optimizer.space import SUPPORT_PERCENT, UNLIMITED, Ints


@dataclass(frozen=True, slots=True)
class _Layer:
    """One full layer of a SKU, lying at height 0."""

    blocks: Ints
    units: int
    height_mm: int


@dataclass(slots=True)
class _Stack:
    """A pallet being built: ``room_g`` is what the weakest run may still bear."""

    pallet: Carton
    units: Ints
    blocks: Ints = field(default_factory=lambda: NO_BLOCKS)
    top: Ints = field(default_factory=lambda: NO_BLOCKS)
    height_mm: int = 0
    load_g: int = 0
    room_g: int = UNLIMITED


@dataclass(slots=True)
class Palletizer:
    """Stacks the goods of one group; a SKU's layer is worked out once."""

    _layers: dict[tuple[int, CartonId], _Layer | None] = field(default_factory=dict)

    def stack_all(self, goods: Goods, counts: Ints, box: Box) -> Filled | None:
        """Stack all these units on one pallet; None if they do not all go on."""
        if not may_hold(goods.rows, counts, box.room):
            return None
        filled = self.stack_most(goods, counts, box)
        if filled is None or (filled.units != counts).any():
            return None
        return filled

    def stack_most(self, goods: Goods, counts: Ints, box: Box) -> Filled | None:
        """Stack as much as goes on one pallet; None if nothing does."""
        pallet = box.carton
        most = np.minimum(counts, _most_per_pallet(goods))
        stack = _Stack(pallet, np.zeros_like(counts))
        loose = most.copy()
        for sku in np.lexsort((-goods.weights / goods.volumes, -goods.limits)):
            if most[sku] < _fewest_per_layer(goods.skus[sku], pallet):
                continue
            full = self._layer(goods, int(sku), pallet)
            if full is None:
                continue
            _add_run(stack, goods, int(sku), full, int(most[sku]))
            # Whole layers wait for the next pallet; only a remainder is loose.
            loose[sku] = (most[sku] - stack.units[sku]) % full.units
        if not stack.units.any():
            loose = most
        filled = Filled(stack.blocks, stack.units)
        return fill_on(goods, loose, box, filled)

    def _layer(self, goods: Goods, sku: int, pallet: Carton) -> _Layer | None:
        key = (sku, pallet.id)
        if key not in self._layers:
            self._layers[key] = _layer(goods, sku, pallet)
        return self._layers[key]


def stacked(carton: Carton, filled: Filled) -> Dimensions:
    """Return the outer size: a pallet is as high as what stands on it."""
    if carton.method is not PackingMethod.PALLET:
        return carton.outer
    empty_mm = carton.inner.height_mm - int(filled.blocks[:, 5].max())
    return carton.outer.model_copy(
        update={"height_mm": carton.outer.height_mm - empty_mm}
    )


def _most_per_pallet(goods: Goods) -> Ints:
    declared = (
        s.pallet.units_per_pallet if s.pallet else UNLIMITED for s in goods.skus
    )
    return np.fromiter(declared, np.int64)


def _fewest_per_layer(sku: Sku, pallet: Carton) -> int:
    """Return a number that every full layer of the SKU reaches, at least 1."""
    if sku.pallet:
        return 1
    deck = pallet.inner
    long, middle, _ = sorted(
        (sku.size.length_mm, sku.size.width_mm, sku.size.height_mm), reverse=True
    )
    return max(1, (deck.length_mm // long) * (deck.width_mm // middle))


def _layer(goods: Goods, index: int, pallet: Carton) -> _Layer | None:
    """Lay out the layer of which a full pallet holds most, upright among equals.

    A declared layer that truly fits upright is what the declaration means.
    """
    sku = goods.skus[index]
    length, width, height = goods.rows[index, :3].tolist()
    upright = _laid(goods, index, (length, width, height), pallet)
    declared = sku.pallet.units_per_layer if sku.pallet else None
    if sku.this_side_up or (upright is not None and upright.units == declared):
        return upright
    lying = ((length, height, width), (width, height, length))
    layers = [upright, *(_laid(goods, index, size, pallet) for size in lying)]
    high = pallet.inner.height_mm
    return max(
        (full for full in layers if full is not None),
        key=lambda full: full.units * (high // full.height_mm),
        default=None,
    )


def _laid(
    goods: Goods, index: int, size: tuple[int, int, int], pallet: Carton
) -> _Layer | None:
    sku, inner = goods.skus[index], pallet.inner
    length, width, height = size
    most = sku.pallet.units_per_layer if sku.pallet else UNLIMITED
    grids = layer(inner.length_mm, inner.width_mm, (length, width), most)
    if not grids or height > inner.height_mm:
        return None
    blocks = [
        (g.x, g.y, 0, g.far_x, g.far_y, height, index, g.nx, g.ny, 1, 0) for g in grids
    ]
    units = sum(grid.units for grid in grids)
    return _Layer(np.array(blocks, np.int64), units, height)


def _add_run(stack: _Stack, goods: Goods, sku: int, full: _Layer, most: int) -> None:
    """Add as many full layers as height, weight and what lies beneath allow."""
    weight_g = int(goods.weights[sku])
    layer_g = full.units * weight_g
    bearable = min(stack.pallet.max_load_g - stack.load_g, stack.room_g)
    times = min(
        most // full.units,
        (stack.pallet.inner.height_mm - stack.height_mm) // full.height_mm,
        bearable // layer_g,
        1 + int(goods.limits[sku]) // weight_g,
    )
    if times <= 0 or not _stands(full, stack.top):
        return
    run = full.blocks.copy()
    run[:, 2] = stack.height_mm
    run[:, 5] = stack.height_mm + times * full.height_mm
    run[:, 9] = times
    stack.blocks = np.concatenate((stack.blocks, run))
    stack.top = run
    stack.height_mm += times * full.height_mm
    stack.load_g += times * layer_g
    stack.units[sku] += times * full.units
    # Units of a run stand on their own kind in columns; on other runs, anywhere.
    own_room_g = int(goods.limits[sku]) - (times - 1) * weight_g
    stack.room_g = min(stack.room_g - times * layer_g, own_room_g)


def _stands(full: _Layer, beneath: Ints) -> bool:
    """Tell whether each unit of a layer rests enough on the layer beneath."""
    if len(beneath) == 0:
        return True
    units = np.concatenate([_bases(block) for block in full.blocks])
    near = np.maximum(units[:, None, :2], beneath[None, :, :2])
    far = np.minimum(units[:, None, 2:], beneath[None, :, 3:5])
    shared = np.clip(far - near, 0, None).prod(axis=2).sum(axis=1)
    bases = (units[:, 2] - units[:, 0]) * (units[:, 3] - units[:, 1])
    return bool((shared * 100 >= bases * SUPPORT_PERCENT).all())


def _bases(block: Ints) -> Ints:
    """Return near and far corners of each unit's base in a block's layer."""
    x, y, _, far_x, far_y, _, _, nx, ny, *_ = block.tolist()
    dx, dy = (far_x - x) // nx, (far_y - y) // ny
    return np.array(
        [
            (x + i * dx, y + j * dy, x + (i + 1) * dx, y + (j + 1) * dy)
            for i in range(nx)
            for j in range(ny)
        ],
        np.int64,
    )
