"""Pallets: full layers of one SKU, then whatever still fits on top.

- runs of full layers go on first, strong and heavy goods below;
- what is less than a layer is packed on and around them;
- a SKU's own counts per layer and per pallet are kept, where it declares them
  (a layer holds fewer where so many do not truly fit).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from domain.network import Carton, PackingMethod
from domain.quantities import CartonId, Dimensions
from optimizer.filling import NO_BLOCKS, Filled, Goods, fill_on, may_hold_all
from optimizer.space import SUPPORT_PERCENT, UNLIMITED, Ints

_GRID_STARTS = 3


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

    def stack_all(self, goods: Goods, counts: Ints, pallet: Carton) -> Filled | None:
        """Stack all these units on one pallet; None if they do not all go on."""
        if not may_hold_all(goods, counts, pallet):
            return None
        filled = self.stack_most(goods, counts, pallet)
        if filled is None or (filled.units != counts).any():
            return None
        return filled

    def stack_most(self, goods: Goods, counts: Ints, pallet: Carton) -> Filled | None:
        """Stack as much as goes on one pallet; None if nothing does."""
        most = np.minimum(counts, _most_per_pallet(goods))
        stack = _Stack(pallet, np.zeros_like(counts))
        loose = most.copy()
        for sku in np.lexsort((-goods.weights / goods.volumes, -goods.limits)):
            layer = self._layer(goods, int(sku), pallet) if most[sku] else None
            if layer is None:
                continue
            _add_run(stack, goods, int(sku), layer, int(most[sku]))
            # Whole layers wait for the next pallet; only a remainder is loose.
            loose[sku] = (most[sku] - stack.units[sku]) % layer.units
        if not stack.units.any():
            loose = most
        filled = Filled(stack.blocks, stack.units)
        return fill_on(goods, loose, pallet, filled)

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


def _layer(goods: Goods, index: int, pallet: Carton) -> _Layer | None:
    """Lay out the layer of which a full pallet holds most; upright among equals."""
    sku = goods.skus[index]
    length, width, height = goods.sizes[index].tolist()
    lying = [(length, width, height)]
    if not sku.this_side_up:
        lying += [(length, height, width), (width, height, length)]
    layers = [
        layer
        for size in lying
        if (layer := _laid(goods, index, size, pallet)) is not None
    ]
    high = pallet.inner.height_mm
    return max(
        layers,
        key=lambda layer: layer.units * (high // layer.height_mm),
        default=None,
    )


def _laid(
    goods: Goods, index: int, size: tuple[int, int, int], pallet: Carton
) -> _Layer | None:
    sku = goods.skus[index]
    inner = pallet.inner
    fitting = (inner.length_mm * inner.width_mm) // (size[0] * size[1])
    units = min(fitting, sku.pallet.units_per_layer) if sku.pallet else fitting
    if units == 0 or size[2] > inner.height_mm:
        return None
    single = replace(
        goods,
        skus=(sku,),
        sizes=np.array([size], np.int64),
        weights=np.ones(1, np.int64),
        upright=np.ones(1, np.int64),
        limits=np.zeros(1, np.int64),
        volumes=np.array([size[0] * size[1] * size[2]], np.int64),
        orders=np.zeros((_GRID_STARTS, 1), np.int64),
        modes=np.arange(_GRID_STARTS, dtype=np.int64),
        grids=np.ones(_GRID_STARTS, np.int64),
    )
    deck = pallet.model_copy(
        update={
            "inner": inner.model_copy(update={"height_mm": size[2]}),
            "max_load_g": units,
        }
    )
    nothing = Filled(NO_BLOCKS, np.zeros(1, np.int64))
    filled = fill_on(single, np.array([units], np.int64), deck, nothing)
    if filled is None:
        return None
    blocks = filled.blocks.copy()
    blocks[:, 6] = index
    return _Layer(blocks, int(filled.units[0]), size[2])


def _add_run(stack: _Stack, goods: Goods, sku: int, layer: _Layer, most: int) -> None:
    """Add as many full layers as height, weight and what lies beneath allow."""
    weight_g = int(goods.weights[sku])
    layer_g = layer.units * weight_g
    bearable = min(stack.pallet.max_load_g - stack.load_g, stack.room_g)
    times = min(
        most // layer.units,
        (stack.pallet.inner.height_mm - stack.height_mm) // layer.height_mm,
        bearable // layer_g,
        1 + int(goods.limits[sku]) // weight_g,
    )
    if times <= 0 or not _stands(layer, stack.top):
        return
    run = layer.blocks.copy()
    run[:, 2] = stack.height_mm
    run[:, 5] = stack.height_mm + times * layer.height_mm
    run[:, 9] = times
    stack.blocks = np.concatenate((stack.blocks, run))
    stack.top = run
    stack.height_mm += times * layer.height_mm
    stack.load_g += times * layer_g
    stack.units[sku] += times * layer.units
    # Units of a run stand on their own kind in columns; on other runs, anywhere.
    own_room_g = int(goods.limits[sku]) - (times - 1) * weight_g
    stack.room_g = min(stack.room_g - times * layer_g, own_room_g)


def _stands(layer: _Layer, beneath: Ints) -> bool:
    """Tell whether each unit of a layer rests enough on the layer beneath."""
    if len(beneath) == 0:
        return True
    units = np.concatenate([_bases(block) for block in layer.blocks])
    near = np.maximum(units[:, None, :2], beneath[None, :, :2])
    far = np.minimum(units[:, None, 2:], beneath[None, :, 3:5])
    shared = np.clip(far - near, 0, None).prod(axis=2).sum(axis=1)
    bases = (units[:, 2] - units[:, 0]) * (units[:, 3] - units[:, 1])
    return bool((shared * 100 >= bases * SUPPORT_PERCENT).all())


def _bases(block: Ints) -> Ints:
    """Return near and far corners of each unit's base in a block's layer."""
    x, y, _, far_x, far_y, _, _, nx, ny, _ = block.tolist()
    dx, dy = (far_x - x) // nx, (far_y - y) // ny
    return np.array(
        [
            (x + i * dx, y + j * dy, x + (i + 1) * dx, y + (j + 1) * dy)
            for i in range(nx)
            for j in range(ny)
        ],
        np.int64,
    )
