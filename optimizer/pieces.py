"""What goods are packed into: pieces to carry, and where everything lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from domain.network import Carton, PackingMethod
from domain.order import Line
from domain.plan import Placement
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Sku, TemperatureBand
from optimizer.cartons import Packed
from optimizer.filling import Goods
from optimizer.pallets import stacked
from optimizer.space import COLUMNS, Ints

# Where the goods of a piece lie: SKUs and the kernel's blocks as plain bytes.
Layout = tuple[tuple[SkuId, ...], bytes] | tuple[()]


@dataclass(frozen=True, slots=True)
class PackedPiece:
    """One piece to carry.

    ``weight_g`` is gross, with tare. ``hold_h`` is how long an insulated carton
    keeps ``temperature``, the band the goods need; None where nothing but the
    carriage keeps it. ``rated`` is the band an insulated carton is made for and how
    much warmer (tenths of a degree) it is where it was rated; None if it was not.
    ``carton`` is None for goods in their own container.
    ``layout`` says where the goods lie; it is empty where nobody knows.
    """

    carton: CartonId | None
    method: PackingMethod
    outer: Dimensions
    weight_g: int
    lines: tuple[Line, ...]
    layout: Layout
    hold_h: int | None
    temperature: TemperatureBand
    coolant_cents_per_h: int
    rated: tuple[TemperatureBand, int] | None = None

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Return every unit where it lies, in the order in which they go in.

        Laid out anew for each asker: most packings are priced and never chosen.
        """
        if not self.layout:
            return ()
        skus, blocks = self.layout
        rows = np.frombuffer(blocks, np.int64).reshape(-1, COLUMNS).tolist()
        return tuple(chain.from_iterable(_units(row, skus) for row in rows))


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to wrap all the goods; equal pieces may be one and the same object.

    ``method`` is MIXED where the pieces' methods differ.
    """

    method: PackingMethod
    pieces: tuple[PackedPiece, ...]
    cost_cents: int


def in_own_container(sku: Sku) -> PackedPiece:
    """Return a unit of a SKU as a piece that needs no carton."""
    return PackedPiece(
        carton=None,
        method=PackingMethod.OWN_CONTAINER,
        outer=sku.size,
        weight_g=sku.weight_g,
        lines=(Line.model_construct(sku=sku.id, units=1),),
        layout=((sku.id,), _block(sku.size).tobytes()),
        hold_h=None,
        temperature=sku.temperature,
        coolant_cents_per_h=0,
    )


def piece_of(packed: Packed, goods: Goods, band: TemperatureBand) -> PackedPiece:
    """Return a filled carton as a piece; the goods need to be kept in a band."""
    carton, units = packed.carton, packed.filled.units
    insulated = carton.method is PackingMethod.INSULATED
    return PackedPiece(
        carton=carton.id,
        method=carton.method,
        outer=stacked(carton, packed.filled),
        weight_g=carton.tare_g + int(units @ goods.weights),
        lines=tuple(
            [
                _line(sku, n)
                for sku, n in zip(goods.ids, units.tolist(), strict=True)
                if n
            ]
        ),
        layout=(goods.ids, packed.filled.blocks.tobytes()),
        hold_h=carton.hold_h if insulated else None,
        temperature=band,
        coolant_cents_per_h=carton.coolant_cents_per_h if insulated else 0,
        rated=_rated(carton) if insulated else None,
    )


def _rated(carton: Carton) -> tuple[TemperatureBand, int] | None:
    gap = carton.rated_gap_tenths_c
    return (carton.temperature, gap) if gap else None


@lru_cache(maxsize=20_000)
def _line(sku: SkuId, units: int) -> Line:
    """Return a line; the same goods lie in many cartons."""
    return Line.model_construct(sku=sku, units=units)


def _block(size: Dimensions) -> Ints:
    """Return one unit at the near corner as a block."""
    sides = (size.length_mm, size.width_mm, size.height_mm)
    return np.array([(0, 0, 0, *sides, 0, 1, 1, 1, 0)], np.int64)


def _units(block: Sequence[int], skus: tuple[SkuId, ...]) -> Iterator[Placement]:
    """Yield the units of a block, bottom layer first."""
    x, y, z, far_x, far_y, far_z, sku, nx, ny, nz, _ = block
    dx, dy, dz = (far_x - x) // nx, (far_y - y) // ny, (far_z - z) // nz
    size = Dimensions(length_mm=dx, width_mm=dy, height_mm=dz)
    for k in range(nz):
        for j in range(ny):
            for i in range(nx):
                yield Placement(
                    sku=skus[sku],
                    x_mm=x + i * dx,
                    y_mm=y + j * dy,
                    z_mm=z + k * dz,
                    size=size,
                )
