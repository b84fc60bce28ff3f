"""Mixes of cartons that might hold everything, before any is filled."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import NamedTuple

from optimizer.family import Aim, Family
from optimizer.filling import Goods
from optimizer.space import Ints

# Mixes of one size are listed at most so many; beyond, of the large cartons only.
_LISTED = 1_500


class Burden(NamedTuple):
    """What grows with the cartons taken: their volume is the outer one."""

    pieces: int
    volume_mm3: int
    cost_cents: int


class Mix(NamedTuple):
    """Cartons by their places in the family, and what they amount to."""

    burden: Burden
    boxes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """What some goods ask of any mix of a family's cartons.

    ``outside_mm3`` is, for each carton, the volume of those goods of which not
    one unit fits into it: other cartons of the mix must take them.
    """

    family: Family
    volume_mm3: int
    weight_g: int
    outside_mm3: tuple[int, ...]

    @classmethod
    def of(cls, family: Family, goods: Goods, counts: Ints) -> "Needs":
        """Add up the goods."""
        volumes = counts * goods.volumes
        fits = (goods.sides[None] <= family.rooms[:, None, :3]).all(axis=2)
        fits &= goods.weights <= family.rooms[:, 3:]
        outside = (~fits * volumes).sum(axis=1)
        weight_g = int(counts @ goods.weights)
        return cls(family, int(volumes.sum()), weight_g, tuple(outside.tolist()))

    @property
    def fewest(self) -> int:
        """How many cartons there must be at least."""
        return max(
            -(-self.volume_mm3 // max(box.inner_mm3 for box in self.family.boxes)),
            -(-self.weight_g // max(box.load_g for box in self.family.boxes)),
        )

    def mixes(self, pieces: int, rivals: list[Burden]) -> list[Mix]:
        """List mixes of so many cartons that may hold all and no rival beats."""
        # What has fewer pieces than its rivals may be as large and dear as it likes.
        abreast = [rival for rival in rivals if rival.pieces <= pieces]
        boxes = self.family.boxes
        usable = tuple(
            i
            for i in self.family.ranks[Aim.VOLUME]
            if all(
                boxes[i].outer_mm3 < rival.volume_mm3
                or boxes[i].cost_cents < rival.cost_cents
                for rival in abreast
            )
        )
        mixes = (self._mix(pieces, of) for of in _combined(usable, pieces))
        return [
            mix
            for mix in mixes
            if mix is not None and not any(no_worse(r, mix.burden) for r in rivals)
        ]

    def _mix(self, pieces: int, of: tuple[int, ...]) -> Mix | None:
        """Return a mix, None where it surely cannot hold all."""
        boxes = self.family.boxes
        outer = cost = inner = load_g = 0
        for i in of:
            box = boxes[i]
            outer += box.outer_mm3
            cost += box.cost_cents
            inner += box.inner_mm3
            load_g += box.load_g
        if inner < self.volume_mm3 or load_g < self.weight_g:
            return None
        for i in of:
            others_mm3 = inner - of.count(i) * boxes[i].inner_mm3
            if self.outside_mm3[i] > others_mm3:
                return None
        return Mix(Burden(pieces, outer, cost), of)


def no_worse(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Tell whether nothing of the one is larger than of the other."""
    return not any(a > b for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=100)
def _combined(usable: tuple[int, ...], pieces: int) -> tuple[tuple[int, ...], ...]:
    """Return all mixes of so many cartons; of the large ones, where too many."""
    some = usable
    while len(some) > 2 and _multisets(len(some), pieces) > _LISTED:
        some = some[1:]
    return tuple(combinations_with_replacement(some, pieces))


def _multisets(kinds: int, pieces: int) -> int:
    """Count the mixes of so many pieces of so many kinds."""
    ways = 1
    for n in range(pieces):
        ways = ways * (kinds + n) // (n + 1)
    return ways
