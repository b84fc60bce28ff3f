"""A naive way to fill cartons, which any packer must beat."""

from collections.abc import Iterable, Mapping

from domain.network import Carton
from domain.order import Line
from domain.quantities import SkuId
from domain.sku import Sku


def shelf_boxes(
    lines: Iterable[Line], skus: Mapping[SkuId, Sku], carton: Carton
) -> int | None:
    """Count cartons by a naive rule: first fit by volume, rows on shelves.

    Units go in by falling volume, as they stand on the shelf, in rows of
    columns; None where a unit does not fit at all. A baseline to beat.
    """
    units = [skus[line.sku] for line in lines for _ in range(line.units)]
    units.sort(key=lambda sku: (-sku.size.volume_mm3, sku.id))
    boxes: list[_Shelves] = []
    for sku in units:
        if not any(box.takes(sku) for box in boxes):
            boxes.append(_Shelves(carton))
            if not boxes[-1].takes(sku):
                return None
    return len(boxes)


class _Shelves:
    """One carton filled in rows: along x, then the next row, then the next layer."""

    def __init__(self, carton: Carton) -> None:
        self.inner = carton.inner
        self.load_g = carton.max_load_g
        self.x = self.y = self.z = 0
        self.row = self.layer = 0

    def takes(self, sku: Sku) -> bool:
        size = sku.size
        for x, y, z in (
            (self.x, self.y, self.z),
            (0, self.y + self.row, self.z),
            (0, 0, self.z + self.layer),
        ):
            if (
                sku.weight_g <= self.load_g
                and x + size.length_mm <= self.inner.length_mm
                and y + size.width_mm <= self.inner.width_mm
                and z + size.height_mm <= self.inner.height_mm
            ):
                self._put(sku, x, y, z)
                return True
        return False

    def _put(self, sku: Sku, x: int, y: int, z: int) -> None:
        if z != self.z:
            self.row = self.layer = 0
        elif y != self.y:
            self.row = 0
        self.x, self.y, self.z = x + sku.size.length_mm, y, z
        self.row = max(self.row, sku.size.width_mm)
        self.layer = max(self.layer, sku.size.height_mm)
        self.load_g -= sku.weight_g
