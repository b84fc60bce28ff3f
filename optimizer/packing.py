"""How goods can be wrapped: every distinct way that may turn out cheapest.

- goods that may not touch are parted: by temperature band, hazmat class, and
  SKUs that ship alone;
- each *style* says which cartons a part may go into;
- each part is packed by several aims (pieces, volume, packaging cost);
- ways that are worse in everything a price depends on are dropped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, product
from math import prod
from operator import itemgetter

import numpy as np

from domain.network import Carton, PackingMethod
from domain.order import Line
from domain.quantities import CartonId, Dimensions, SkuId
from domain.sku import Sku, TemperatureBand
from optimizer.cartons import Cartonizer, CartonWay, Packed
from optimizer.family import Family, Suite, suite_of
from optimizer.filling import Filled, Goods, fill_at_once, fill_soon, goods_of
from optimizer.halting import worked
from optimizer.mixes import no_worse
from optimizer.pallets import Palletizer
from optimizer.pieces import PackedPiece, in_own_container, piece_of
from optimizer.pieces import Packing as Packing
from optimizer.space import Ints
from optimizer.styles import Part, Style, part_of, styles, usual_styles

# Answers of some 3 KB each: a wave of ten thousand orders asks 45,000 questions,
# and what is forgotten before the wave comes round again helps nobody.
_REMEMBERED = 60_000
# What a question takes besides filling cartons, as ``worked`` counts.
_QUESTION = 1_000
# Ways of the parts of an order are all combined where they make no more than so
# many; else the first, the least and the cheapest of each part.
_MOST_JOINT = 24


class Packer:
    """Packs goods of a catalog into cartons of a network, and remembers.

    Equal goods, suites and settings give equal packings, in equal order.
    """

    def __init__(self, skus: Mapping[SkuId, Sku], cartons: Iterable[Carton]) -> None:
        self._skus = skus
        self._cartons = {carton.id: carton for carton in cartons}
        self._suites: dict[tuple[CartonId, ...], Suite] = {}
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
            worked(_QUESTION)
            answer = self._pack(*question)
            # The oldest question goes: those of one problem are asked together.
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[question] = answer
        return answer

    def at_once(
        self, lines: tuple[Line, ...], suite: tuple[CartonId, ...]
    ) -> tuple[Packing, ...]:
        """Return a usual way to wrap these goods, found with little work.

        Cold goods come in plain cartons too, which their carriage must keep cold.
        There may be none where ``packings`` would find some.
        """
        units: Counter[SkuId] = Counter()
        for line in lines:
            units[line.sku] += line.units
        skus = tuple(self._skus[sku] for sku in units)
        counts = np.array(list(units.values()), np.int64)
        bench = _Bench(skus, counts, self._suite(tuple(sorted(set(suite)))), quick=True)
        found = [
            (_burden(way), way)
            for style in usual_styles(skus, bench.suite.cartons)
            for way in bench.packings(style)
        ]
        return _worth_pricing(found) if found else ()

    def _pack(
        self,
        units: tuple[tuple[SkuId, int], ...],
        suite: tuple[CartonId, ...],
        palletizes: bool,
    ) -> tuple[Packing, ...]:
        goods = tuple((self._skus[sku], count) for sku, count in units)
        return _packings(goods, self._suite(suite), palletizes)

    def _suite(self, suite: tuple[CartonId, ...]) -> Suite:
        if suite not in self._suites:
            self._suites[suite] = suite_of(tuple(self._cartons[c] for c in suite))
        return self._suites[suite]


@lru_cache(maxsize=_REMEMBERED)
def _packings(
    goods: tuple[tuple[Sku, int], ...], suite: Suite, palletizes: bool
) -> tuple[Packing, ...]:
    """Pack by content, so that one problem's answers serve the next."""
    skus = tuple(sku for sku, _ in goods)
    counts = np.array([count for _, count in goods], np.int64)
    bench = _Bench(skus, counts, suite)
    found: list[tuple[tuple[int, ...], Packing]] = []
    for style in styles(skus, suite.cartons, palletizes):
        of_style = [(_burden(way), way) for way in bench.packings(style)]
        found += sorted(of_style, key=itemgetter(0))
    return _worth_pricing(found)


_Question = tuple[tuple[tuple[SkuId, int], ...], tuple[CartonId, ...], bool]
# Indices of SKUs in the order at hand.
_Chosen = tuple[int, ...]
_Task = tuple[Part, _Chosen]
_Pieces = tuple[PackedPiece, ...]
_Rated = tuple[TemperatureBand, int] | None
_Kind = frozenset[tuple[PackingMethod, TemperatureBand, int | None, _Rated]]


class _Bench:
    """Packs one order's goods; what several styles have in common is done once.

    ``quick`` takes the first way for each part that comes with little work.
    """

    def __init__(
        self, skus: tuple[Sku, ...], counts: Ints, suite: Suite, *, quick: bool = False
    ) -> None:
        self._skus = skus
        self._counts = counts
        self.suite = suite
        self._quick = quick
        classes = {sku.hazmat_class for sku in skus if sku.hazmat_class is not None}
        self._classes_meet = len(classes) <= 1
        self._done: dict[_Task, list[_Pieces]] = {}
        self._cartonizers: dict[tuple[Part, _Chosen], Cartonizer] = {}
        self._goods: dict[_Chosen, Goods] = {}
        self._made: dict[tuple[CartonId, int], tuple[Filled, PackedPiece]] = {}
        self._costs: dict[CartonId | None, int] = {
            c.id: c.cost_cents for c in suite.cartons
        }
        self._costs[None] = 0

    def packings(self, style: Style) -> list[Packing]:
        """Return the style's packings, the fewest pieces first.

        There are none where a part cannot be packed.
        """
        parts: dict[Part, list[int]] = {}
        for i, sku in enumerate(self._skus):
            part = part_of(sku, style(sku), classes_meet=self._classes_meet)
            parts.setdefault(part, []).append(i)
        packed = [self._ways(part, tuple(of)) for part, of in parts.items()]
        joint = _joint(packed, self._costs)
        return [self._packing(tuple(chain.from_iterable(ways))) for ways in joint]

    def _packing(self, pieces: tuple[PackedPiece, ...]) -> Packing:
        methods = {piece.method for piece in pieces}
        return Packing(
            method=methods.pop() if len(methods) == 1 else PackingMethod.MIXED,
            pieces=pieces,
            cost_cents=sum(self._costs[piece.carton] for piece in pieces),
        )

    def _ways(self, part: Part, chosen: _Chosen) -> list[_Pieces]:
        task = (part, chosen)
        if task not in self._done:
            self._done[task] = self._make(part, chosen)
        return self._done[task]

    def _make(self, part: Part, chosen: _Chosen) -> list[_Pieces]:
        counts = self._counts[list(chosen)]
        if part.method is PackingMethod.OWN_CONTAINER:
            own = (
                (in_own_container(self._skus[i]),) * int(n)
                for i, n in zip(chosen, counts, strict=True)
            )
            return [tuple(chain.from_iterable(own))]
        cartonizer = self._cartonizer(part, chosen, counts)
        ways: Iterable[CartonWay]
        if part.alone is not None and part.method is not PackingMethod.PALLET:
            times = int(counts[0])
            one = cartonizer.ways(np.ones(1, np.int64))
            ways = (tuple(p.repeated(times) for p in way) for way in one)
        else:
            quick = self._quick
            ways = cartonizer.one_way(counts) if quick else cartonizer.ways(counts)
        return [
            tuple(
                chain.from_iterable(
                    (self._piece(p, cartonizer.goods, part.band),) * p.times
                    for p in way
                )
            )
            for way in ways
        ]

    def _piece(
        self, packed: Packed, goods: Goods, band: TemperatureBand
    ) -> PackedPiece:
        key = (packed.carton.id, id(packed.filled))
        if key not in self._made:
            # The filling is kept beside its piece: while it is, no other has its id.
            self._made[key] = (packed.filled, piece_of(packed, goods, band))
        return self._made[key][1]

    def _cartonizer(self, part: Part, chosen: _Chosen, counts: Ints) -> Cartonizer:
        key = (part, chosen)
        if key not in self._cartonizers:
            family = self.suite.family(part)
            if chosen not in self._goods:
                skus = [self._skus[i] for i in chosen]
                self._goods[chosen] = goods_of(skus, counts)
            goods = self._goods[chosen]
            self._cartonizers[key] = self._packs(part, goods, family)
        return self._cartonizers[key]

    def _packs(self, part: Part, goods: Goods, family: Family) -> Cartonizer:
        if part.method is PackingMethod.PALLET:
            stacks = Palletizer()
            return Cartonizer(goods, family, stacks.stack_all, stacks.stack_most, None)
        if self._quick:
            return Cartonizer(goods, family, fill_at_once, fill_soon, None)
        return Cartonizer(goods, family)


def _joint(
    parts: list[list[_Pieces]], costs: Mapping[CartonId | None, int]
) -> Iterator[tuple[_Pieces, ...]]:
    """Yield the ways to wrap all parts, none where one has none."""
    if prod(map(len, parts)) <= _MOST_JOINT:
        yield from product(*parts)
        return

    def volume_mm3(pieces: _Pieces) -> int:
        return sum(piece.outer.volume_mm3 for piece in pieces)

    def cost_cents(pieces: _Pieces) -> int:
        return sum(costs[piece.carton] for piece in pieces)

    for aim in (len, volume_mm3, cost_cents):
        yield tuple(min(ways, key=aim) for ways in parts)


def _worth_pricing(
    found: list[tuple[tuple[int, ...], Packing]],
) -> tuple[Packing, ...]:
    """Keep the ways that no other way of their kind beats in every respect."""
    if len(found) == 1:
        return (found[0][1],)
    kept: dict[_Kind, list[tuple[tuple[int, ...], Packing]]] = {}
    for burden, way in found:
        rivals = kept.setdefault(_kind(way), [])
        if any(no_worse(rival, burden) for rival, _ in rivals):
            continue
        rivals[:] = [r for r in rivals if not no_worse(burden, r[0])]
        rivals.append((burden, way))
    alive = {id(way) for rivals in kept.values() for _, way in rivals}
    return tuple(way for _, way in found if id(way) in alive)


def _kind(way: Packing) -> _Kind:
    """Return what policies, services and damage risk tell apart."""
    return frozenset((p.method, p.temperature, p.hold_h, p.rated) for p in way.pieces)


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
        *_coolant(way),
        max(p.outer.girth_mm for p in distinct),
        max(sides),
        max(p.weight_g for p in distinct),
    )


def _coolant(way: Packing) -> tuple[int, ...]:
    """Return the coolant by rating: weather makes each dearer in its own way.

    Ways of one kind have the same ratings.
    """
    cents: dict[_Rated, int] = {}
    for piece in way.pieces:
        cents[piece.rated] = cents.get(piece.rated, 0) + piece.coolant_cents_per_h
    if len(cents) == 1:
        return tuple(cents.values())
    order = sorted(cents, key=lambda rated: rated or ("", 0))
    return tuple(cents[rated] for rated in order)


def forget() -> None:
    """Forget all packings remembered between problems: measuring starts anew."""
    _packings.cache_clear()


def warm() -> None:
    """Compile the packing kernels, or load them from their caches: once per process."""
    size = Dimensions(length_mm=1, width_mm=1, height_mm=1)
    large = Dimensions(length_mm=1, width_mm=1, height_mm=5)
    sku = Sku(id=SkuId("warm"), size=size, weight_g=1)
    cartons = [
        Carton(id=CartonId(name), inner=inner, outer=inner, max_load_g=9, cost_cents=n)
        for n, (name, inner) in enumerate({"one": size, "five": large}.items())
    ]
    lines = (Line(sku=sku.id, units=2),)
    Packer({sku.id: sku}, cartons).packings(lines, tuple(c.id for c in cartons))
