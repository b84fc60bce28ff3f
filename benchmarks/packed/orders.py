"""Published orders and boxes (BoxPacker's own test data), as goods and cartons."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from domain.network import Carton
from domain.order import Line
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Sku


@dataclass(frozen=True)
class Published:
    """One order, and what BoxPacker makes of it by its own file.

    ``use_percent`` is its use of the boxes' volume in three dimensions,
    ``use_percent_flat`` with every item's height kept upright.
    """

    skus: dict[SkuId, Sku]
    lines: tuple[Line, ...]
    boxes_2d: int
    boxes_3d: int
    use_percent: float
    use_percent_flat: float

    @property
    def goods_mm3(self) -> int:
        return sum(self.skus[x.sku].size.volume_mm3 * x.units for x in self.lines)

    @property
    def boxpacker_mm3(self) -> float:
        """Return the volume of the boxes BoxPacker takes, from its use of them."""
        return self.goods_mm3 / (self.use_percent / 100)

    def kept_flat(self) -> "Published":
        """Return the same order where nothing may be tipped over."""
        upright = {
            sku: goods.model_copy(update={"this_side_up": True})
            for sku, goods in self.skus.items()
        }
        return replace(self, skus=upright, use_percent=self.use_percent_flat)


def cartons_in(data: Path) -> tuple[Carton, ...]:
    """Read the boxes: what counts here is inside, so they have no walls."""
    with (data / "boxes.csv").open() as file:
        return tuple(_carton(name, *map(int, rest)) for name, *rest in csv.reader(file))


def _carton(name: str, *numbers: int) -> Carton:
    _, _, _, tare, wide, long, deep, most = numbers
    inner = Dimensions(length_mm=long, width_mm=wide, height_mm=deep)
    return Carton(
        id=CartonId(name), inner=inner, outer=inner, tare_g=tare, max_load_g=most - tare
    )


def orders_in(data: Path) -> Iterator[Published]:
    """Read the orders, in the order of the file."""
    with (data / "expected.csv").open() as file:
        expected = {row[0]: row[1:] for row in csv.reader(file)}
    skus: dict[str, dict[SkuId, Sku]] = {}
    units: dict[str, Counter[SkuId]] = {}
    with (data / "items.csv").open() as file:
        for order, count, *item in csv.reader(file):
            sku = _sku(item)
            skus.setdefault(order, {})[sku.id] = sku
            units.setdefault(order, Counter())[sku.id] += int(count)
    for order, counted in units.items():
        flat, _, flat_use, boxes, _, use = expected[order]
        yield Published(
            skus=skus[order],
            lines=tuple(Line(sku=sku, units=n) for sku, n in counted.items()),
            boxes_2d=int(flat),
            boxes_3d=int(boxes),
            use_percent=float(use),
            use_percent_flat=float(flat_use),
        )


def _sku(item: list[str]) -> Sku:
    width, length, depth, weight_g = map(int, item[1:])
    size = Dimensions(length_mm=length, width_mm=width, height_mm=depth)
    return Sku(id=SkuId(":".join(item)), size=size, weight_g=max(1, weight_g))
