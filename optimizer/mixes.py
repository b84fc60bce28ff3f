"""Mixes of cartons that might hold everything, before any is filled."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.family import Family
from optimizer.filling import Goods
from optimizer.kernels.mixing import list_mixes
from optimizer.space import Ints


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
    """What some goods ask of any mix of a family's cartons."""

    family: Family
    goods: Goods
    counts: Ints

    @property
    def fewest(self) -> int:
        """How many cartons there must be at least."""
        volume_mm3 = int(self.counts @ self.goods.volumes)
        weight_g = int(self.counts @ self.goods.weights)
        return max(
            -(-volume_mm3 // self.family.most_mm3),
            -(-weight_g // self.family.most_g),
        )

    def mixes(self, pieces: int, rivals: list[Burden]) -> list[Mix]:
        """List mixes of so many cartons that may hold all and no rival beats."""
        found = list_mixes(
            self.goods.outlines,
            self.counts,
            self.family.rooms,
            self.family.figures,
            self.family.order,
            np.array(rivals, np.int64).reshape(-1, 3),
            pieces,
        )
        return [
            Mix(Burden(pieces, volume_mm3, cost_cents), tuple(boxes))
            for volume_mm3, cost_cents, *boxes in found.tolist()
        ]


def no_worse(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Tell whether nothing of the one is larger than of the other."""
    for a, b in zip(one, other, strict=True):  # noqa: SIM110
        if a > b:
            return False
    return True
