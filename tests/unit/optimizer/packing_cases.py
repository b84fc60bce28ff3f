"""Short spellings of goods and cartons for the packing tests."""

from collections.abc import Iterable

import numpy as np

from domain.network import Carton, PackingMethod
from domain.order import Line
from domain.plan import Placement
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Sku
from optimizer.packing import Packer
from optimizer.pieces import Layout, Packing

M = PackingMethod


def size(length_mm: int, width_mm: int, height_mm: int) -> Dimensions:
    return Dimensions(length_mm=length_mm, width_mm=width_mm, height_mm=height_mm)


def a_sku(name: str, *sides_mm: int, weight_g: int = 500, **more: object) -> Sku:
    given = {"id": name, "size": size(*sides_mm), "weight_g": weight_g, **more}
    return Sku.model_validate(given)


def a_carton(name: str, *sides_mm: int, **more: object) -> Carton:
    defaults = {"max_load_g": 25_000, "outer": size(*(side + 6 for side in sides_mm))}
    given = {"id": name, "inner": size(*sides_mm), **defaults, **more}
    return Carton.model_validate(given)


def units(**counts: int) -> tuple[Line, ...]:
    return tuple(Line(sku=SkuId(sku), units=n) for sku, n in counts.items())


def laid(*placements: Placement) -> Layout:
    """Return the layout of units that lie one by one."""
    skus = tuple(dict.fromkeys(p.sku for p in placements))
    blocks = [
        (
            *(p.x_mm, p.y_mm, p.z_mm),
            *(p.x_mm + p.size.length_mm, p.y_mm + p.size.width_mm),
            *(p.z_mm + p.size.height_mm, skus.index(p.sku), 1, 1, 1, 0),
        )
        for p in placements
    ]
    return skus, np.array(blocks, np.int64).tobytes()


def ways(
    skus: Iterable[Sku],
    lines: tuple[Line, ...],
    cartons: Iterable[Carton],
    *,
    palletizes: bool = False,
) -> tuple[Packing, ...]:
    suite = tuple(cartons)
    packer = Packer({sku.id: sku for sku in skus}, suite)
    return packer.packings(lines, tuple(c.id for c in suite), palletizes=palletizes)


def of_method(found: Iterable[Packing], method: PackingMethod) -> Packing:
    return next(packing for packing in found if packing.method is method)


def cartons_of(packing: Packing) -> list[CartonId | None]:
    return sorted((piece.carton for piece in packing.pieces), key=str)
