"""Which cartons to take for one group of goods, and what goes into each.

- every carton that takes everything alone, unless another is better in all;
- a first way in several cartons: the one that gets on furthest for its burden,
  again and again (the same filling is repeated while its goods last, so bulk
  costs little), each at last exchanged for the least one that takes the same;
- then mixes of few cartons, least volume first and least cost first, filled one
  after another: only those that no way found before beats in pieces, volume and
  cost together.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from domain.network import Carton
from optimizer.family import Aim, Box, Family
from optimizer.filling import Filled, Goods, fill_all, fill_most, fill_on
from optimizer.mixes import Burden, Mix, Needs, no_worse
from optimizer.space import Ints

Fill = Callable[[Goods, Ints, Box], Filled | None]
MoreIn = Callable[[Goods, Ints, Box, Filled], Filled | None]

# How many cartons a mix may have beyond the fewest known, how many in all, and
# how many mixes of one size are tried in the order of volume, then of cost.
_MORE = 2
_MOST_MIXED = 10
_TRIED: tuple[tuple[Callable[["Mix"], tuple[object, ...]], int], ...] = (
    (lambda mix: (mix.burden.volume_mm3, mix), 24),
    (lambda mix: (mix.burden.cost_cents, mix), 12),
)

CartonWay = tuple["Packed", ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """A filled carton, so many times."""

    box: Box
    filled: Filled
    times: int = 1

    @property
    def carton(self) -> Carton:
        return self.box.carton

    def repeated(self, times: int) -> "Packed":
        """Return so many of these."""
        return Packed(self.box, self.filled, self.times * times)


@dataclass(slots=True)
class Cartonizer:
    """Packs one group of goods into one family of cartons.

    Fillings are remembered: mixes ask for many of the same.
    """

    goods: Goods
    family: Family
    all_in: Fill = fill_all
    most_in: Fill = fill_most
    more_in: MoreIn | None = fill_on
    _known: dict[tuple[int, bytes, bool], Filled | None] = field(default_factory=dict)

    def ways(self, counts: Ints) -> list[CartonWay]:
        """Return ways to pack all units, none of them worse in all than another.

        What counts is the number of pieces, their outer volume and their cost;
        for single cartons also tare, longest side and girth. The fewest pieces
        come first; there is none where some unit fits no carton.
        """
        found = list(self._alone(counts))
        if counts.sum() > 1:
            if not found:
                greedy = [self._greedily(counts, aim) for aim in Aim]
                found = [way for way in greedy if way is not None]
            if found:
                self._add_mixes(counts, found)
        return _worth_keeping(found)

    def one_way(self, counts: Ints) -> list[CartonWay]:
        """Return the least carton that takes everything, else one way in several."""
        least = self._least(counts, Aim.VOLUME)
        way = (least,) if least is not None else self._greedily(counts, Aim.VOLUME)
        return [way] if way is not None else []

    def _alone(self, counts: Ints) -> Iterator[CartonWay]:
        """Yield single cartons for everything, the least volume first."""
        taken: set[int] = set()
        for i in self.family.ranks[Aim.VOLUME]:
            if not taken.isdisjoint(self.family.beaten[i]):
                continue
            filled = self._fill(i, counts, everything=True)
            if filled is not None:
                taken.add(i)
                yield (Packed(self.family.boxes[i], filled),)

    def _greedily(self, counts: Ints, aim: Aim) -> CartonWay | None:
        packed: list[Packed] = []
        left = counts.copy()
        while left.any():
            last = self._least(left, aim)
            if last is not None:
                packed.append(last)
                break
            step = self._step(left, aim)
            if step is None:
                return None
            packed.append(step)
            left = left - step.filled.units * step.times
        return tuple(packed)

    def _step(self, left: Ints, aim: Aim) -> Packed | None:
        """Return the carton that gets on furthest for its burden, repeated."""
        most = 0.0
        best: tuple[int, Filled] | None = None
        for i, box in enumerate(self.family.boxes):
            filled = self._fill(i, left, everything=False)
            if filled is None:
                continue
            gain = self._share(filled.units, left)
            if aim is Aim.VOLUME:
                gain /= box.outer_mm3
            elif aim is Aim.COST:
                gain /= box.cost_cents + 1
            if gain > most * (1 + 1e-9):
                most, best = gain, (i, filled)
        if best is None:
            return None
        units = best[1].units
        times = int((left[units > 0] // units[units > 0]).min())
        return self._fitted(*best, aim).repeated(times)

    def _share(self, units: Ints, left: Ints) -> float:
        volumes, weights = self.goods.volumes, self.goods.weights
        volume = float(units @ volumes) / float(left @ volumes)
        return volume + float(units @ weights) / float(left @ weights)

    def _fitted(self, i: int, filled: Filled, aim: Aim) -> Packed:
        """Exchange a carton for the least one that takes the same goods."""
        packed = Packed(self.family.boxes[i], filled)
        least = self._least(filled.units, aim)
        if least is None or burden((packed,), aim) <= burden((least,), aim):
            return packed
        return least

    def _add_mixes(self, counts: Ints, found: list[CartonWay]) -> None:
        """Add mixes of cartons that none of the ways found so far beats."""
        burdens = [_burden(way) for way in found]
        if self._least_mix_beaten(burdens):
            return
        needs = Needs(self.family, self.goods, counts)
        fewest = min(burden.pieces for burden in burdens)
        for pieces in range(max(2, needs.fewest), min(fewest + _MORE, _MOST_MIXED) + 1):
            known = len(burdens)
            mixes = self._counted(needs.mixes(pieces, burdens), counts)
            for mix in self._worth_trying(mixes, burdens):
                way = self._filled(mix.boxes, counts, thoroughly=fewest > 1)
                if way is not None:
                    found.append(way)
                    burdens.append(_burden(way))
            if fewest == 1 and len(burdens) == known and np.count_nonzero(counts) > 1:
                return

    def _least_mix_beaten(self, burdens: list[Burden]) -> bool:
        """Tell whether something known beats whatever any two cartons come to."""
        abreast = [burden for burden in burdens if burden.pieces <= 2]
        usable = [
            (box.outer_mm3, box.cost_cents)
            for box in self.family.boxes
            if all(
                box.outer_mm3 < burden.volume_mm3 or box.cost_cents < burden.cost_cents
                for burden in abreast
            )
        ]
        if not usable:
            return True
        volumes, costs = zip(*usable, strict=True)
        least = Burden(2, 2 * min(volumes), 2 * min(costs))
        return any(no_worse(burden, least) for burden in abreast)

    def _worth_trying(self, mixes: list[Mix], burdens: list[Burden]) -> Iterator[Mix]:
        """Yield some mixes not yet beaten, the least volume first, then cost."""
        tried: set[tuple[int, ...]] = set()
        for aim, tries in _TRIED:
            tries_left = tries
            for mix in sorted(mixes, key=aim):
                if tries_left == 0:
                    break
                if mix.boxes in tried or any(no_worse(b, mix.burden) for b in burdens):
                    continue
                tries_left -= 1
                tried.add(mix.boxes)
                yield mix

    def _counted(self, mixes: list[Mix], counts: Ints) -> list[Mix]:
        """Keep the mixes that hold enough, where it is a matter of counting."""
        if not mixes or np.count_nonzero(counts) > 1:
            return mixes
        every = range(len(self.family.boxes))
        filled = [self._fill(i, counts, everything=False) for i in every]
        holds = [0 if one is None else int(one.units.sum()) for one in filled]
        wanted = int(counts.sum())
        return [mix for mix in mixes if sum(holds[i] for i in mix.boxes) >= wanted]

    def _filled(
        self, mix: tuple[int, ...], counts: Ints, *, thoroughly: bool
    ) -> CartonWay | None:
        """Fill a mix one after another: the largest first, the smallest, evenly."""
        for order in dict.fromkeys((mix[::-1], mix)):
            packed = self._filled_in_turn(order, counts)
            if packed is not None:
                return packed
        if thoroughly:
            for more_in in (self.more_in, None):
                packed = self._filled_evenly(mix[::-1], counts, more_in)
                if packed is not None:
                    return packed
        return None

    def _filled_evenly(
        self, order: tuple[int, ...], counts: Ints, more_in: MoreIn | None
    ) -> CartonWay | None:
        """Give each carton its share of every SKU, then what else it takes."""
        packed: list[Packed] = []
        left = counts
        for place, i in enumerate(order):
            rest_mm3 = sum(self.family.boxes[j].inner_mm3 for j in order[place:])
            share = left * self.family.boxes[i].inner_mm3 // rest_mm3
            if more_in is None:
                # Odd units go to either side in turn.
                odd = left * self.family.boxes[i].inner_mm3 % rest_mm3 > 0
                share = share + odd * (np.cumsum(odd) % 2)
            if not share.any():
                return None
            filled = self._fill(i, share, everything=True)
            if filled is None:
                return None
            if more_in is not None and (share != left).any():
                filled = more_in(self.goods, left - share, self.family.boxes[i], filled)
            if filled is None:
                return None
            packed.append(Packed(self.family.boxes[i], filled))
            left = left - filled.units
            if not left.any():
                return tuple(packed)
        return None

    def _filled_in_turn(self, order: tuple[int, ...], counts: Ints) -> CartonWay | None:
        packed: list[Packed] = []
        left = counts
        one_sku = np.count_nonzero(counts) == 1
        for place, i in enumerate(order):
            before = packed[-1] if packed and order[place - 1] == i else None
            if one_sku and before and (before.filled.units <= left).all():
                packed[-1] = Packed(before.box, before.filled, before.times + 1)
                left = left - before.filled.units
            else:
                last = place == len(order) - 1
                filled = self._fill(i, left, everything=last)
                if filled is None:
                    return None
                packed.append(Packed(self.family.boxes[i], filled))
                left = left - filled.units
            if not left.any():
                return tuple(packed)
        return None

    def _least(self, counts: Ints, aim: Aim) -> Packed | None:
        for i in self.family.ranks[aim]:
            filled = self._fill(i, counts, everything=True)
            if filled is not None:
                return Packed(self.family.boxes[i], filled)
        return None

    def _fill(self, i: int, counts: Ints, *, everything: bool) -> Filled | None:
        key = (i, counts.tobytes(), everything)
        if key not in self._known:
            fill = self.all_in if everything else self.most_in
            self._known[key] = fill(self.goods, counts, self.family.boxes[i])
        return self._known[key]


def burden(way: CartonWay, aim: Aim) -> tuple[int, int, int, str]:
    """Rate cartons by the aim; fewer pieces, then lower ids, break ties."""
    pieces, volume, cost = _burden(way)
    ids = "|".join(p.carton.id for p in way)
    if aim is Aim.PIECES:
        return pieces, volume, cost, ids
    return (
        (cost, volume, pieces, ids) if aim is Aim.COST else (volume, cost, pieces, ids)
    )


def _burden(way: CartonWay) -> Burden:
    volume = sum(p.box.outer_mm3 * p.times for p in way)
    cost = sum(p.box.cost_cents * p.times for p in way)
    return Burden(sum(p.times for p in way), volume, cost)


def _worth_keeping(found: Iterable[CartonWay]) -> list[CartonWay]:
    """Keep single cartons, and of the rest what no other way beats."""
    kept: list[CartonWay] = []
    burdens: list[Burden] = []
    for way in sorted(found, key=lambda way: burden(way, Aim.PIECES)):
        rated = _burden(way)
        alone = rated[0] == 1
        if alone or not any(no_worse(other, rated) for other in burdens):
            kept.append(way)
            burdens.append(rated)
    return kept
