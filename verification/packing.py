"""The verifier's own look into cartons: weights, company, geometry, loads."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil
from typing import Any

from domain.network import Carton, FulfillmentCenter, PackingMethod
from domain.order import Line, Order
from domain.plan import PackedCarton, Placement
from domain.sku import Sku

Wrongs = Iterator[tuple[str, str]]


def units_of(lines: Any) -> Counter[str]:
    """Count units by SKU."""
    units: Counter[str] = Counter()
    for line in lines:
        units[line.sku] += line.units
    return units


class PieceJudge:
    """Looks at one piece at a time."""

    def __init__(self, problem: Any, order: Order) -> None:
        self.problem, self.order, self.network = problem, order, problem.network

    def _sku(self, line: Line | Placement) -> Sku:
        sku: Sku = self.problem.skus[line.sku]
        return sku

    def wrongs(self, piece: PackedCarton, center: FulfillmentCenter) -> Wrongs:
        goods_g = sum(self._sku(x).weight_g * x.units for x in piece.lines)
        if piece.carton is None:
            if center.cartons:
                yield from self._own_container(piece)
            elif piece.weight_g != self._loose_g(goods_g):
                yield "weight", f"{piece.weight_g} g, the goods weigh {goods_g}"
            return
        carton = self.network.carton(piece.carton)
        if carton.id not in center.cartons:
            yield "carton", f"{center.id} has no {carton.id}"
        if carton.method is not piece.method:
            yield "method", f"{carton.id} is {carton.method}, not {piece.method}"
        if carton.method is PackingMethod.PALLET and not center.palletizes:
            yield "pallet", f"{center.id} does not palletize"
        for line in piece.lines if carton.method is PackingMethod.PALLET else ():
            stacking = self._sku(line).pallet
            if stacking is not None and line.units > stacking.units_per_pallet:
                yield "pallet", f"{line.units} of {line.sku} on one"
        if piece.weight_g != goods_g + carton.tare_g:
            yield "weight", f"{piece.weight_g} g, is {goods_g} + {carton.tare_g}"
        if goods_g > carton.max_load_g:
            yield "max-load", f"{goods_g} g in {carton.id}"
        yield from self._company(piece)
        yield from self._geometry(piece, carton)

    def _loose_g(self, goods_g: int) -> int:
        """Return a loose piece's weight: its share of what the order says it weighs."""
        whole_g = self.order.weight_g
        if whole_g is None:
            return goods_g
        all_g = sum(self._sku(x).weight_g * x.units for x in self.order.lines)
        return ceil(Fraction(whole_g * goods_g, all_g))

    def _own_container(self, piece: PackedCarton) -> Wrongs:
        if sum(line.units for line in piece.lines) != 1:
            yield "own-container", f"{piece.lines} in one"
            return
        sku = self._sku(piece.lines[0])
        if not sku.ships_in_own_container:
            yield "own-container", f"{sku.id} has none"
        if piece.method is not PackingMethod.OWN_CONTAINER:
            yield "method", f"{piece.method} without a carton"
        if (piece.outer, piece.weight_g) != (sku.size, sku.weight_g):
            yield "own-container", f"{piece.outer} {piece.weight_g} g for {sku.id}"

    def _company(self, piece: PackedCarton) -> Wrongs:
        """Judge which goods may share a piece, and what may be in it at all."""
        skus = [self._sku(line) for line in piece.lines]
        classes = {sku.hazmat_class for sku in skus if sku.hazmat_class}
        if len(classes) > 1:
            yield "hazmat-apart", f"classes {sorted(classes)} in one piece"
        alone = [sku for sku in skus if sku.ships_alone]
        units = sum(line.units for line in piece.lines)
        on_pallet = piece.method is PackingMethod.PALLET
        if alone and (len(skus) > 1 or (units > 1 and not on_pallet)):
            yield "ships-alone", f"{alone[0].id} among {units} units"
        if piece.method is PackingMethod.POLY_MAILER:
            for sku in skus:
                if not sku.flexible or sku.fragile:
                    yield "mailer", f"{sku.id} in a mailer"

    def _geometry(self, piece: PackedCarton, carton: Carton) -> Wrongs:
        placed = Counter(p.sku for p in piece.placements)
        if placed != units_of(piece.lines):
            yield "placements", f"placed {placed}, holds {units_of(piece.lines)}"
            return
        boxes = [_Box.of(p) for p in piece.placements]
        inner = (
            carton.inner.length_mm,
            carton.inner.width_mm,
            carton.inner.height_mm,
        )
        for box, placement in zip(boxes, piece.placements, strict=True):
            if any(end > most for end, most in zip(box.far, inner, strict=True)):
                yield "inside", f"{placement.sku} ends at {box.far} in {inner}"
            yield from _turned(placement, self._sku(placement))
        for one, other in combinations(boxes, 2):
            if one.meets(other):
                yield "overlap", f"{one} and {other}"
        yield from self._outer(piece, carton, boxes)
        yield from self._loads(piece, boxes)

    def _outer(
        self, piece: PackedCarton, carton: Carton, boxes: "list[_Box]"
    ) -> Wrongs:
        outer = carton.outer
        if carton.method is PackingMethod.PALLET:
            empty_mm = carton.inner.height_mm - max(box.far[2] for box in boxes)
            outer = outer.model_copy(update={"height_mm": outer.height_mm - empty_mm})
        if piece.outer != outer:
            yield "outer", f"{piece.outer}, {carton.id} is {outer}"

    def _loads(self, piece: PackedCarton, boxes: "list[_Box]") -> Wrongs:
        """Judge what rests on each unit: all weight above it, shared by contact."""
        pairs = list(zip(boxes, piece.placements, strict=True))
        borne: dict[int, float] = defaultdict(float)
        for i, (box, placement) in sorted(
            enumerate(pairs), key=lambda x: -x[1][0].near[2]
        ):
            below = [
                (j, box.contact(under))
                for j, (under, _) in enumerate(pairs)
                if under.far[2] == box.near[2]
            ]
            area = sum(shared for _, shared in below)
            if box.near[2] > 0 and area <= 0:
                yield "floating", f"{placement.sku} at {box.near}"
            weight = borne[i] + self._sku(placement).weight_g
            for j, shared in below:
                if area > 0:
                    borne[j] += weight * shared / area
        for j, load_g in borne.items():
            sku = self._sku(pairs[j][1])
            most = sku.max_load_g
            if most is None:
                most = 0 if sku.fragile else None
            if most is not None and load_g > most + 1e-6:
                yield "max-load", f"{load_g:.0f} g on {sku.id}, bears {most}"


def _turned(placement: Placement, sku: Sku) -> Wrongs:
    size = placement.size
    placed = (size.length_mm, size.width_mm, size.height_mm)
    own = (sku.size.length_mm, sku.size.width_mm, sku.size.height_mm)
    if sorted(placed) != sorted(own):
        yield "size", f"{sku.id} placed as {placed}, is {own}"
    elif sku.this_side_up and placed[2] != own[2]:
        yield "this-side-up", f"{sku.id} placed as {placed}, is {own}"


@dataclass(frozen=True)
class _Box:
    near: tuple[int, int, int]
    far: tuple[int, int, int]

    @classmethod
    def of(cls, placement: Placement) -> "_Box":
        x, y, z, size = placement.x_mm, placement.y_mm, placement.z_mm, placement.size
        far = (x + size.length_mm, y + size.width_mm, z + size.height_mm)
        return cls((x, y, z), far)

    def meets(self, other: "_Box") -> bool:
        return all(
            self.near[i] < other.far[i] and other.near[i] < self.far[i]
            for i in range(3)
        )

    def contact(self, under: "_Box") -> int:
        """Return the area this box shares with the top of the one under it."""
        sides = [
            min(self.far[i], under.far[i]) - max(self.near[i], under.near[i])
            for i in range(2)
        ]
        return max(0, sides[0]) * max(0, sides[1])
