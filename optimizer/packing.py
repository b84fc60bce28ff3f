"""How goods can be wrapped: every distinct way that may turn out cheapest.

- goods that may not touch are parted: by temperature band, hazmat class, and
  SKUs that ship alone;
- each *style* says which cartons a part may go into;
- each part is packed by several aims (pieces, volume, packaging cost);
- ways that are worse in everything a price depends on are dropped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from domain.network import Carton, PackingMethod
from domain.order import Line
from domain.plan import Placement
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Sku, TemperatureBand
from optimizer.cartons import Aim, Cartonizer, Packed
from optimizer.filling import Goods, goods_of
from optimizer.pallets import Palletizer, stacked
from optimizer.space import Ints
from optimizer.styles import Part, Style, part_of, styles, suits

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class PackedPiece:
    """One piece to carry.

    ``weight_g`` is gross, with tare. ``hold_h`` is how long an insulated carton
    keeps ``temperature``, the band the goods need; None where nothing but the
    carriage keeps it. ``carton`` is None for goods in their own container.
    """

    carton: CartonId | None
    method: PackingMethod
    outer: Dimensions
    weight_g: int
    lines: tuple[Line, ...]
    placements: tuple[Placement, ...]
    hold_h: int | None
    temperature: TemperatureBand
    coolant_cents_per_h: int


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to wrap all the goods; equal pieces may be one and the same object.

    ``method`` is MIXED where the pieces' methods differ.
    """

    method: PackingMethod
    pieces: tuple[PackedPiece, ...]
    cost_cents: int


class Packer:
    """Packs goods of a catalog into cartons of a network, and remembers.

    Equal goods, suites and settings give equal packings, in equal order.
    """

    def __init__(self, skus: Mapping[SkuId, Sku], cartons: Iterable[Carton]) -> None:
        self._skus = skus
        self._cartons = {carton.id: carton for carton in cartons}
        self._known: dict[_Question, tuple[Packing, ...]] = {}

    def packings(
        self,
        lines: tuple[Line, ...],
        suite: tuple[CartonId, ...],
        *,
        palletizes: bool = False,
    ) -> tuple[Packing, ...]:
        """Return the ways to wrap these goods that may turn out cheapest.

        First the fewest cartons, then least volume and least packaging cost,
        then mailers, own containers, secured and insulated cartons, plain
        cartons for cold goods (their carriage must keep the temperature) and
        pallets, each where the goods and the suite allow it.

        Parameters
        ----------
        lines
            What to pack; a SKU on several lines is added together.
        suite
            The cartons at hand; their order does not matter.
        palletizes
            Whether the suite's pallets may be used.

        Returns
        -------
        tuple
            Distinct packings, or nothing where some unit cannot be packed.

        Raises
        ------
        KeyError
            When a SKU or carton is not known to the packer.
        """
        units: Counter[SkuId] = Counter()
        for line in lines:
            units[line.sku] += line.units
        question = (
            tuple(sorted(units.items())),
            tuple(sorted(set(suite))),
            palletizes,
        )
        answer = self._known.get(question)
        if answer is None:
            answer = self._pack(*question)
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[question] = answer
        return answer

    def _pack(
        self,
        units: tuple[tuple[SkuId, int], ...],
        suite: tuple[CartonId, ...],
        palletizes: bool,
    ) -> tuple[Packing, ...]:
        skus = tuple(self._skus[sku] for sku, _ in units)
        counts = np.array([count for _, count in units], np.int64)
        cartons = tuple(self._cartons[carton] for carton in suite)
        bench = _Bench(skus, counts, cartons)
        ways = chain.from_iterable(
            bench.packings(style) for style in styles(skus, cartons, palletizes)
        )
        return _worth_pricing(ways)


_Question = tuple[tuple[tuple[SkuId, int], ...], tuple[CartonId, ...], bool]
# Indices of SKUs in the order at hand.
_Chosen = tuple[int, ...]
_Task = tuple[Part, _Chosen, Aim]


class _Bench:
    """Packs one order's goods; what several styles have in common is done once."""

    def __init__(
        self, skus: tuple[Sku, ...], counts: Ints, cartons: tuple[Carton, ...]
    ) -> None:
        self._skus = skus
        self._counts = counts
        self._cartons = cartons
        classes = {sku.hazmat_class for sku in skus if sku.hazmat_class is not None}
        self._classes_meet = len(classes) <= 1
        self._done: dict[_Task, tuple[PackedPiece, ...] | None] = {}
        self._cartonizers: dict[tuple[Part, _Chosen], Cartonizer] = {}
        self._goods: dict[_Chosen, Goods] = {}
        self._made: dict[tuple[CartonId, int], PackedPiece] = {}
        self._costs: dict[CartonId | None, int] = {c.id: c.cost_cents for c in cartons}
        self._costs[None] = 0

    def packings(self, style: Style) -> list[Packing]:
        """Return the style's packings by each aim, the fewest pieces first.

        There are none where a part cannot be packed.
        """
        parts: dict[Part, list[int]] = {}
        for i, sku in enumerate(self._skus):
            part = part_of(sku, style(sku), classes_meet=self._classes_meet)
            parts.setdefault(part, []).append(i)
        ways: dict[tuple[int, ...], Packing] = {}
        for aim in Aim:
            packed = [self._pieces(part, tuple(of), aim) for part, of in parts.items()]
            if all(packed):
                pieces = tuple(chain.from_iterable(p for p in packed if p))
                ways.setdefault(tuple(map(id, pieces)), self._packing(pieces))
        return sorted(ways.values(), key=_burden)

    def _packing(self, pieces: tuple[PackedPiece, ...]) -> Packing:
        methods = {piece.method for piece in pieces}
        return Packing(
            method=methods.pop() if len(methods) == 1 else PackingMethod.MIXED,
            pieces=pieces,
            cost_cents=sum(self._costs[piece.carton] for piece in pieces),
        )

    def _pieces(
        self, part: Part, chosen: _Chosen, aim: Aim
    ) -> tuple[PackedPiece, ...] | None:
        task = (part, chosen, aim)
        if task not in self._done:
            self._done[task] = self._make(part, chosen, aim)
        return self._done[task]

    def _make(
        self, part: Part, chosen: _Chosen, aim: Aim
    ) -> tuple[PackedPiece, ...] | None:
        counts = self._counts[list(chosen)]
        if part.method is PackingMethod.OWN_CONTAINER:
            own = (
                (_in_own_container(self._skus[i]),) * int(n)
                for i, n in zip(chosen, counts, strict=True)
            )
            return tuple(chain.from_iterable(own))
        cartonizer = self._cartonizer(part, chosen, counts)
        if part.alone is not None and part.method is not PackingMethod.PALLET:
            one = cartonizer.pack(np.ones(1, np.int64), aim)
            packed = one and tuple(p.repeated(int(counts[0])) for p in one)
        else:
            packed = cartonizer.pack(counts, aim)
        if packed is None:
            return None
        pieces = (
            (self._piece(p, cartonizer.goods, part.band),) * p.times for p in packed
        )
        return tuple(chain.from_iterable(pieces))

    def _piece(
        self, packed: Packed, goods: Goods, band: TemperatureBand
    ) -> PackedPiece:
        # Cartonizers keep their fillings, so identity tells equal ones apart safely.
        key = (packed.carton.id, id(packed.filled))
        if key not in self._made:
            self._made[key] = _piece(packed, goods, band)
        return self._made[key]

    def _cartonizer(self, part: Part, chosen: _Chosen, counts: Ints) -> Cartonizer:
        key = (part, chosen)
        if key not in self._cartonizers:
            cartons = tuple(c for c in self._cartons if suits(c, part))
            if chosen not in self._goods:
                skus = [self._skus[i] for i in chosen]
                self._goods[chosen] = goods_of(skus, counts)
            goods = self._goods[chosen]
            stacks = Palletizer()
            self._cartonizers[key] = (
                Cartonizer(goods, cartons, stacks.stack_all, stacks.stack_most)
                if part.method is PackingMethod.PALLET
                else Cartonizer(goods, cartons)
            )
        return self._cartonizers[key]


def _in_own_container(sku: Sku) -> PackedPiece:
    return PackedPiece(
        carton=None,
        method=PackingMethod.OWN_CONTAINER,
        outer=sku.size,
        weight_g=sku.weight_g,
        lines=(Line(sku=sku.id, units=1),),
        placements=(Placement(sku=sku.id, x_mm=0, y_mm=0, z_mm=0, size=sku.size),),
        hold_h=None,
        temperature=sku.temperature,
        coolant_cents_per_h=0,
    )


def _piece(packed: Packed, goods: Goods, band: TemperatureBand) -> PackedPiece:
    carton, units = packed.carton, packed.filled.units
    insulated = carton.method is PackingMethod.INSULATED
    return PackedPiece(
        carton=carton.id,
        method=carton.method,
        outer=stacked(carton, packed.filled),
        weight_g=carton.tare_g + int(units @ goods.weights),
        lines=tuple(
            Line(sku=sku.id, units=int(n))
            for sku, n in zip(goods.skus, units, strict=True)
            if n
        ),
        placements=tuple(_placements(packed, goods)),
        hold_h=carton.hold_h if insulated else None,
        temperature=band,
        coolant_cents_per_h=carton.coolant_cents_per_h if insulated else 0,
    )


def _placements(packed: Packed, goods: Goods) -> Iterator[Placement]:
    """Yield the units of each block, bottom layer first."""
    for block in packed.filled.blocks.tolist():
        x, y, z, far_x, far_y, far_z, sku, nx, ny, nz, _ = block
        dx, dy, dz = (far_x - x) // nx, (far_y - y) // ny, (far_z - z) // nz
        size = Dimensions(length_mm=dx, width_mm=dy, height_mm=dz)
        for k in range(nz):
            for j in range(ny):
                for i in range(nx):
                    yield Placement(
                        sku=goods.skus[sku].id,
                        x_mm=x + i * dx,
                        y_mm=y + j * dy,
                        z_mm=z + k * dz,
                        size=size,
                    )


def _worth_pricing(ways: Iterable[Packing]) -> tuple[Packing, ...]:
    """Keep the ways that no other way of their kind beats in every respect."""
    kept: dict[tuple[object, ...], list[tuple[tuple[int, ...], Packing]]] = {}
    order: list[Packing] = []
    for way in ways:
        rivals = kept.setdefault(_kind(way), [])
        burden = _burden(way)
        if any(_no_worse(rival, burden) for rival, _ in rivals):
            continue
        rivals[:] = [r for r in rivals if not _no_worse(burden, r[0])]
        rivals.append((burden, way))
        order.append(way)
    alive = {id(way) for rivals in kept.values() for _, way in rivals}
    return tuple(way for way in order if id(way) in alive)


def _kind(way: Packing) -> tuple[object, ...]:
    """Return what policies, services and damage risk tell apart."""
    pieces = {(p.method, p.temperature, p.hold_h) for p in way.pieces}
    return tuple(sorted(pieces, key=repr))


def _burden(way: Packing) -> tuple[int, ...]:
    """Return all that a price may grow with."""
    distinct = {id(p): p for p in way.pieces}.values()
    sides = chain.from_iterable(
        (p.outer.length_mm, p.outer.width_mm, p.outer.height_mm) for p in distinct
    )
    return (
        len(way.pieces),
        sum(p.outer.volume_mm3 for p in way.pieces),
        way.cost_cents,
        sum(p.weight_g for p in way.pieces),
        sum(p.coolant_cents_per_h for p in way.pieces),
        max(p.outer.girth_mm for p in distinct),
        max(sides),
        max(p.weight_g for p in distinct),
    )


def _no_worse(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def warm() -> None:
    """Compile the packing kernel, or load it from its cache: once per process."""
    size = Dimensions(length_mm=1, width_mm=1, height_mm=1)
    sku = Sku(id=SkuId("warm"), size=size, weight_g=1)
    carton = Carton(id=CartonId("warm"), inner=size, outer=size, max_load_g=1)
    lines = (Line(sku=sku.id, units=1),)
    Packer({sku.id: sku}, (carton,)).packings(lines, (carton.id,))
