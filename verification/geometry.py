"""An independent check that packed pieces are physically true.

It shares no code with the packer and trusts nothing but placements: each rule
is worked out anew from single units.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from domain.network import Carton, PackingMethod
from domain.order import Line
from domain.plan import Placement
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Sku, TemperatureBand

LEAST_SUPPORT = 0.6


class Piece(Protocol):
    """What a packer's piece and a plan's carton have in common."""

    @property
    def carton(self) -> CartonId | None: ...
    @property
    def method(self) -> PackingMethod: ...
    @property
    def outer(self) -> Dimensions: ...
    @property
    def weight_g(self) -> int: ...
    @property
    def lines(self) -> tuple[Line, ...]: ...
    @property
    def placements(self) -> tuple[Placement, ...]: ...


class PackersPiece(Piece, Protocol):
    """What only a packer's piece says: how long it keeps cold, and how cold."""

    @property
    def hold_h(self) -> int | None: ...
    @property
    def temperature(self) -> TemperatureBand: ...


class Packed(Protocol):
    """One way to wrap some goods, as a packer tells it."""

    @property
    def method(self) -> PackingMethod: ...
    @property
    def pieces(self) -> Sequence[PackersPiece]: ...
    @property
    def cost_cents(self) -> int: ...


class Box(NamedTuple):
    """One unit where it lies."""

    sku: Sku
    x: int
    y: int
    z: int
    far_x: int
    far_y: int
    top: int

    def shares(self, other: "Box") -> int:
        """Return the area that the two footprints share."""
        dx = min(self.far_x, other.far_x) - max(self.x, other.x)
        dy = min(self.far_y, other.far_y) - max(self.y, other.y)
        return dx * dy if dx > 0 and dy > 0 else 0

    @property
    def base(self) -> int:
        return (self.far_x - self.x) * (self.far_y - self.y)


def packing_faults(
    packing: Packed,
    lines: Iterable[Line],
    skus: Mapping[SkuId, Sku],
    cartons: Mapping[CartonId, Carton],
) -> list[str]:
    """List what is wrong with a packing of these lines; empty when all is well."""
    asked = _units(lines)
    packed = _units(line for piece in packing.pieces for line in piece.lines)
    faults = [] if asked == packed else [f"asked {asked}, packed {packed}"]
    cost = sum(cartons[p.carton].cost_cents for p in packing.pieces if p.carton)
    if cost != packing.cost_cents:
        faults.append(f"cost_cents {packing.cost_cents}, cartons cost {cost}")
    methods = {piece.method for piece in packing.pieces}
    method = methods.pop() if len(methods) == 1 else PackingMethod.MIXED
    if packing.method is not method:
        faults.append(f"method {packing.method}, pieces say {method}")
    # Equal pieces may be one object: look at each object once.
    for piece in {id(piece): piece for piece in packing.pieces}.values():
        faults += piece_faults(piece, skus, cartons)
        if {piece.temperature} != {skus[ln.sku].temperature for ln in piece.lines}:
            faults.append(f"piece of band {piece.temperature} holds another band")
        if (piece.hold_h is not None) and piece.method is not PackingMethod.INSULATED:
            faults.append(f"{piece.method} claims to hold {piece.hold_h} h")
    return faults


def piece_faults(
    piece: Piece, skus: Mapping[SkuId, Sku], cartons: Mapping[CartonId, Carton]
) -> list[str]:
    """List what is wrong within one piece; empty when all is well."""
    boxes = [_box(placement, skus) for placement in piece.placements]
    carton = cartons[piece.carton] if piece.carton is not None else None
    return [
        *_count_faults(piece, boxes),
        *_turn_faults(boxes),
        *_wrap_faults(piece, boxes, carton),
        *_company_faults(piece, boxes),
        *_overlap_faults(boxes),
        *_support_faults(boxes),
        *_load_faults(boxes),
    ]


def _units(lines: Iterable[Line]) -> Counter[SkuId]:
    units: Counter[SkuId] = Counter()
    for line in lines:
        units[line.sku] += line.units
    return units


def _box(placement: Placement, skus: Mapping[SkuId, Sku]) -> Box:
    x, y, z, size = placement.x_mm, placement.y_mm, placement.z_mm, placement.size
    far = x + size.length_mm, y + size.width_mm, z + size.height_mm
    return Box(skus[placement.sku], x, y, z, *far)


def _count_faults(piece: Piece, boxes: list[Box]) -> Iterator[str]:
    placed = Counter(box.sku.id for box in boxes)
    if placed != _units(piece.lines):
        yield f"lines {piece.lines} but placed {placed}"
    skus = [line.sku for line in piece.lines]
    if len(set(skus)) < len(skus):
        yield f"a SKU is on two lines: {skus}"


def _turn_faults(boxes: list[Box]) -> Iterator[str]:
    for box in boxes:
        size = box.sku.size
        sides = (box.far_x - box.x, box.far_y - box.y, box.top - box.z)
        shelf = (size.length_mm, size.width_mm, size.height_mm)
        if sorted(sides) != sorted(shelf):
            yield f"{box.sku.id} changed its size to {sides}"
        if box.sku.this_side_up and sides[2] != size.height_mm:
            yield f"{box.sku.id} does not stand upright"


def _wrap_faults(
    piece: Piece, boxes: list[Box], carton: Carton | None
) -> Iterator[str]:
    load = sum(box.sku.weight_g for box in boxes)
    if carton is None:
        if len(boxes) != 1 or not boxes[0].sku.ships_in_own_container:
            yield "no carton, yet not one unit that ships in its own container"
        elif (piece.outer, piece.weight_g) != (boxes[0].sku.size, load):
            yield f"own container of {piece.outer}, {piece.weight_g} g"
        return
    if piece.method is not carton.method:
        yield f"method {piece.method} in a {carton.method}"
    if load > carton.max_load_g:
        yield f"{load} g in {carton.id}, which holds {carton.max_load_g} g"
    if piece.weight_g != load + carton.tare_g:
        yield f"weight_g {piece.weight_g}, but {load} g and {carton.tare_g} g tare"
    inner = carton.inner
    limits = (inner.length_mm, inner.width_mm, inner.height_mm)
    for box in boxes:
        far = (box.far_x, box.far_y, box.top)
        if min(box.x, box.y, box.z) < 0 or any(
            side > most for side, most in zip(far, limits, strict=True)
        ):
            yield f"{box.sku.id} sticks out of {carton.id}"
    unused = inner.height_mm - max(box.top for box in boxes)
    lower = unused if carton.method is PackingMethod.PALLET else 0
    height = carton.outer.height_mm - lower
    if piece.outer != carton.outer.model_copy(update={"height_mm": height}):
        yield f"outer size {piece.outer} of {carton.id}"
    yield from _cold_faults(boxes, carton)
    if carton.method is PackingMethod.PALLET:
        yield from _pallet_faults(boxes)


def _cold_faults(boxes: list[Box], carton: Carton) -> Iterator[str]:
    for box in boxes:
        band = box.sku.temperature
        if carton.method is not PackingMethod.INSULATED:
            continue
        if band is TemperatureBand.AMBIENT:
            if carton.temperature is TemperatureBand.FROZEN:
                yield f"{box.sku.id} would freeze in {carton.id}"
        elif band is not carton.temperature:
            yield f"{band} {box.sku.id} in {carton.temperature} {carton.id}"


def _pallet_faults(boxes: list[Box]) -> Iterator[str]:
    for sku_id, units in Counter(box.sku.id for box in boxes).items():
        declared = next(box.sku.pallet for box in boxes if box.sku.id == sku_id)
        if declared is not None and units > declared.units_per_pallet:
            yield f"{units} units of {sku_id} on one pallet"


def _company_faults(piece: Piece, boxes: list[Box]) -> Iterator[str]:
    goods = {box.sku.id: box.sku for box in boxes}.values()
    if len({sku.temperature for sku in goods}) > 1:
        yield "temperature bands share a piece"
    classes = {sku.hazmat_class for sku in goods}
    if len(classes - {None}) > 1:
        yield f"hazmat classes {classes} share a piece"
    cold = any(sku.temperature is not TemperatureBand.AMBIENT for sku in goods)
    if cold and len(classes) > 1:
        yield "hazmat lies with cold goods"
    if any(sku.ships_alone for sku in goods):
        most = len(boxes) if piece.method is PackingMethod.PALLET else 1
        if len(goods) > 1 or len(boxes) > most:
            yield "goods that ship alone have company"
    if piece.method is PackingMethod.POLY_MAILER:
        for sku in goods:
            if not sku.flexible or sku.fragile or sku.hazmat_class:
                yield f"{sku.id} may not go into a mailer"


def _overlap_faults(boxes: list[Box]) -> Iterator[str]:
    ordered = sorted(boxes, key=lambda box: box.x)
    for i, one in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if other.x >= one.far_x:
                break
            if one.shares(other) and one.z < other.top and other.z < one.top:
                yield f"{one.sku.id} and {other.sku.id} overlap"


def _beneath(boxes: list[Box]) -> list[list[int]]:
    """Return for each box the indices of those it touches from above."""
    tops: dict[int, list[int]] = {}
    for i, box in enumerate(boxes):
        tops.setdefault(box.top, []).append(i)
    return [
        [i for i in tops.get(box.z, []) if box.shares(boxes[i])] if box.z else []
        for box in boxes
    ]


def _support_faults(boxes: list[Box]) -> Iterator[str]:
    for box, bearers in zip(boxes, _beneath(boxes), strict=True):
        area = sum(box.shares(boxes[i]) for i in bearers)
        if box.z > 0 and area < LEAST_SUPPORT * box.base:
            yield f"{box.sku.id} at height {box.z} hangs in the air"


def _load_faults(boxes: list[Box]) -> Iterator[str]:
    """Charge each unit with all that rests on it, directly or not, in full."""
    beneath = _beneath(boxes)
    above: list[set[int]] = [set() for _ in boxes]
    for i in sorted(range(len(boxes)), key=lambda i: -boxes[i].z):
        for bearer in beneath[i]:
            above[bearer] |= {i} | above[i]
    for box, upon in zip(boxes, above, strict=True):
        load = sum(boxes[i].sku.weight_g for i in upon)
        most = box.sku.max_load_g
        if most is None and box.sku.fragile:
            most = 0
        if most is not None and load > most:
            yield f"{load} g rest on {box.sku.id}, which bears {most} g"
