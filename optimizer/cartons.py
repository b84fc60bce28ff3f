"""Which cartons to take for one group of goods, and what goes into each.

- the one carton that takes everything, if there is one;
- else the pair that does, by filling one and closing with another, or by halves;
- else the carton that gets on furthest, again and again (the same filling is
  repeated while its goods last, so bulk costs little);
- each carton is at last exchanged for the least one that takes the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from domain.network import Carton
from optimizer.filling import Filled, Goods, fill_all, fill_most
from optimizer.space import Ints

Fill = Callable[[Goods, Ints, Carton], Filled | None]


class Aim(StrEnum):
    """What a choice of cartons should keep low first."""

    PIECES = "pieces"
    VOLUME = "volume"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Packed:
    """A filled carton, so many times."""

    carton: Carton
    filled: Filled
    times: int = 1

    def repeated(self, times: int) -> "Packed":
        """Return so many of these."""
        return Packed(self.carton, self.filled, self.times * times)


@dataclass(slots=True)
class Cartonizer:
    """Packs one group of goods into one family of cartons, by several aims.

    Fillings are remembered: the aims ask for many of the same.
    """

    goods: Goods
    cartons: tuple[Carton, ...]
    all_in: Fill = fill_all
    most_in: Fill = fill_most
    _known: dict[tuple[int, bytes, bool], Filled | None] = field(default_factory=dict)
    _ranks: dict[Aim, list[int]] = field(default_factory=dict)

    def pack(self, counts: Ints, aim: Aim) -> tuple[Packed, ...] | None:
        """Pack all units; None where some unit fits no carton."""
        packed: list[Packed] = []
        left = counts.copy()
        while left.any():
            last = self._finish(left, aim)
            if last is not None:
                return (*packed, *last)
            step = self._step(left, aim)
            if step is None:
                return None
            packed.append(step)
            left = left - step.filled.units * step.times
        return tuple(packed)

    def _finish(self, left: Ints, aim: Aim) -> tuple[Packed, ...] | None:
        """Return one carton that takes everything, or two where that is less."""
        one = self._least(left, aim)
        if one is not None and (aim is Aim.PIECES or left.sum() == 1):
            return (one,)
        ways = list(self._pairs(left, aim))
        if one is not None:
            ways.append((one,))
        return min(ways, key=lambda way: _burden(way, aim), default=None)

    def _pairs(self, left: Ints, aim: Aim) -> Iterator[tuple[Packed, ...]]:
        for first in range(len(self.cartons)):
            filled = self._fill(first, left, everything=False)
            if filled is None or (filled.units == left).all():
                continue
            second = self._least(left - filled.units, aim)
            if second is not None:
                yield self._fitted(first, filled, aim), second
        half = _half(left)
        if half.any() and (half != left).any():
            near, far = self._least(half, aim), self._least(left - half, aim)
            if near is not None and far is not None:
                yield near, far

    def _step(self, left: Ints, aim: Aim) -> Packed | None:
        """Return the carton that gets on furthest for its burden, repeated."""
        most = 0.0
        best: tuple[int, Filled] | None = None
        for i, carton in enumerate(self.cartons):
            filled = self._fill(i, left, everything=False)
            if filled is None:
                continue
            gain = self._share(filled.units, left)
            if aim is Aim.VOLUME:
                gain /= carton.outer.volume_mm3
            elif aim is Aim.COST:
                gain /= carton.cost_cents + 1
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
        packed = Packed(self.cartons[i], filled)
        least = self._least(filled.units, aim)
        if least is None or _burden((packed,), aim) <= _burden((least,), aim):
            return packed
        return least

    def _least(self, counts: Ints, aim: Aim) -> Packed | None:
        if aim not in self._ranks:
            rank = sorted(
                (_burden_of(carton, aim), i) for i, carton in enumerate(self.cartons)
            )
            self._ranks[aim] = [i for _, i in rank]
        for i in self._ranks[aim]:
            filled = self._fill(i, counts, everything=True)
            if filled is not None:
                return Packed(self.cartons[i], filled)
        return None

    def _fill(self, i: int, counts: Ints, *, everything: bool) -> Filled | None:
        key = (i, counts.tobytes(), everything)
        if key not in self._known:
            fill = self.all_in if everything else self.most_in
            self._known[key] = fill(self.goods, counts, self.cartons[i])
        return self._known[key]


def _half(counts: Ints) -> Ints:
    """Return half of each SKU's units; odd ones go to either side in turn."""
    odd = counts % 2
    return counts // 2 + odd * (np.cumsum(odd) % 2)


def _burden_of(carton: Carton, aim: Aim) -> tuple[int, int, str]:
    volume, cost = carton.outer.volume_mm3, carton.cost_cents
    return (cost, volume, carton.id) if aim is Aim.COST else (volume, cost, carton.id)


def _burden(way: tuple[Packed, ...], aim: Aim) -> tuple[int, int, int, str]:
    """Rate cartons by the aim; fewer pieces, then lower ids, break ties."""
    volume = sum(p.carton.outer.volume_mm3 * p.times for p in way)
    cost = sum(p.carton.cost_cents * p.times for p in way)
    pieces = sum(p.times for p in way)
    ids = "|".join(p.carton.id for p in way)
    if aim is Aim.PIECES:
        return pieces, volume, cost, ids
    return (
        (cost, volume, pieces, ids) if aim is Aim.COST else (volume, cost, pieces, ids)
    )
