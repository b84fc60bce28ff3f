"""What bounds any choice of a wave, proven in integers for every share there is.

Serving comes before saving: every order served is worth a reward. Whatever prices
the rows are given and whatever the reward, what all orders would pay by themselves,
less what the rows' owners take, is a bound nobody can beat (the Lagrangian bound).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from optimizer.bounds import MILLI
from optimizer.kernels import proof as kernel
from optimizer.kernels.menus import MOST_PARTS
from optimizer.kernels.proof import Divisions
from optimizer.menus import Hall
from optimizer.parcels import Ints
from optimizer.sourcing import EXACT_LINES, groups_of


@dataclass(frozen=True, slots=True)
class Proof:
    """A bound: under these prices, where each order served is worth the reward.

    Any choice that serves s orders costs at least ``total`` and s rewards; ``best``
    is what each order pays by itself, NEVER where it cannot be served. Money is in
    millicents.
    """

    prices: Ints
    reward: int
    total: int
    best: Ints

    def cents(self, served: int) -> int:
        """Return what serving at least so many orders costs at least."""
        return max(0, -(-(self.total + self.reward * served) // MILLI))


def proof_of(hall: Hall, prices: Ints, reward: int) -> Proof:
    """Work out the bound under some prices (negative ones count as none)."""
    menus, price = hall.menus, np.maximum(prices, 0)
    best = np.zeros(hall.orders, dtype=np.int64)
    kernel.least(menus, divisions(), price, best)
    total = int(np.minimum(best - reward, 0).sum()) - int((price * menus.limit).sum())
    over = np.minimum(0, menus.beyond - price) * (menus.up_to - menus.limit)
    return Proof(price, reward, total + int(over.sum()), best)


@cache
def divisions() -> Divisions:
    """Return the ways to divide up to as many lines as are divided exactly."""
    start = np.zeros((1 << EXACT_LINES) + 1, dtype=np.int64)
    parts, sizes = list[Ints](), list[int]()
    for lines in range(1, EXACT_LINES + 1):
        full = (1 << lines) - 1
        masks, size = groups_of(lines, MOST_PARTS)
        whole = np.zeros((1, MOST_PARTS), dtype=np.int64)
        whole[0, 0] = full
        parts += [whole, masks]
        start[full] = len(sizes)
        sizes += [1, *size.tolist()]
        start[full + 1] = len(sizes)
    return Divisions(start, np.concatenate(parts), np.array(sizes, dtype=np.int64))
