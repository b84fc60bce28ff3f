"""Prices for what orders of a wave compete for, climbing to the highest bound.

Every order answers the prices by itself, with the best of all its shares; what all
of them then take more than there is of a row raises its price, what they leave
lowers it (a deflected subgradient with Polyak's steps). Where not all can be served
the reward for serving moves too: it is the price of serving so many.

References
----------
.. [1] Held, M., P. Wolfe, and H. Crowder (1974). Validation of subgradient
       optimization. *Mathematical Programming* 6: 62-88.
.. [2] Camerini, P., L. Fratta, and F. Maffioli (1975). On improving relaxation
       methods by modified gradient techniques. *Mathematical Programming Study*
       3: 26-34.
"""

from itertools import pairwise
from math import exp

import numpy as np
import numpy.typing as npt

from optimizer.kernels import menus as kernel
from optimizer.kernels.menus import LOOKS
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.parcels import Ints

Floats = npt.NDArray[np.float64]

DEFLECTION = 0.6
"""How much of the last direction goes into the next."""

PATIENCE, SHORTER, REAL, SHORTEST = 5, 0.7, 1e-4, 0.005
REWARD_PACE, REWARD_MEMORY = 0.08, 0.7
# Ways looked at between two questions whether to stop.
LOOKS_AT_ONCE = 400_000


class Climb:
    """Prices on the way to the highest bound for serving so many orders."""

    def __init__(self, hall: Hall, start: Ints, reward: int, meter: Meter) -> None:
        menus = hall.menus
        self._hall, self._meter = hall, meter
        self._price = start.astype(np.float64)
        self._limit = menus.limit.astype(np.float64)
        self._more = (menus.up_to - menus.limit).astype(np.float64)
        self._scale = 1.0 / np.sqrt(np.maximum(1.0, self._limit))
        self._direction = np.zeros_like(self._limit)
        self._reward = float(reward)
        self._pull = 0.0
        self._length, self._stalled = 1.0, 0.0
        self._tops = kernel.tops()
        self._classes = np.zeros((2, len(menus.class_from) - 1), dtype=np.int64)
        self._at = _groups(hall)
        self.prices, self.reward = start, reward
        self._total: float | None = None

    def bound(self, served: int) -> float:
        """Return the highest bound so far on what serving so many costs."""
        if self._total is None:
            return -np.inf
        return self._total + self.reward * served

    def ascend(self, upper: float, served: int, steps: int, *, all_can: bool) -> bool:
        """Make some steps; return whether more of them would gain nothing.

        ``upper`` is what a known choice pays that serves so many. Where all who can be
        served are, the reward stays.
        """
        for _ in range(steps):
            if self._meter.stopped:
                return False
            price = np.rint(self._price).astype(np.int64)
            answered = self._answered(price, round(self._reward))
            if answered is None:
                return False
            taken, paid, left_out = answered
            total = paid - self._owned(price) - self._reward * self._hall.orders
            bound = total + self._reward * served
            self._noted(price, total, bound, self.bound(served))
            if not all_can:
                self._pulled(left_out - (self._hall.orders - served), served)
            if self._moved(taken, bound, upper) or self._length < SHORTEST:
                return True
        return False

    def _answered(self, price: Ints, reward: int) -> tuple[Floats, float, int] | None:
        """Let every order answer the prices: what is taken, paid; who is left out."""
        hall, menus = self._hall, self._hall.menus
        taken = np.zeros(len(price), dtype=np.int64)
        best = np.zeros(hall.orders, dtype=np.int64)
        fixed, each = self._classes
        kernel.classes_under(menus, price, fixed, each)
        for first, last in self._at:
            if first and self._meter.stopped:
                return None
            before = int(self._tops.tally[LOOKS])
            asked = (menus, self._tops, price, fixed, each, reward, first, last)
            kernel.answer(*asked, taken, best)
            self._meter.spend(int(self._tops.tally[LOOKS]) - before)
        left_out = int((best >= reward).sum())
        return taken.astype(np.float64), float(best.sum()), left_out

    def _owned(self, price: Ints) -> float:
        menus = self._hall.menus
        over = np.maximum(0, price - menus.beyond) * self._more
        return float((price * self._limit + over).sum())

    def _noted(self, price: Ints, total: float, bound: float, best: float) -> None:
        """Keep the best prices; take shorter steps where the bound has stalled."""
        if bound > best:
            real = bound - best > REAL * (abs(best) + 1.0) or self._total is None
            self._stalled = 0.0 if real else self._stalled + 0.5
            self._total, self.prices = total, price
            self.reward = round(self._reward)
        else:
            self._stalled += 1.0
        if self._stalled >= PATIENCE:
            self._length *= SHORTER
            self._stalled = 0.0

    def _pulled(self, too_many: int, served: int) -> None:
        """Move the reward to where as many are left out as must be."""
        left = self._hall.orders - served
        pull = min(1.0, max(-1.0, too_many / (left + 1.0) ** 0.5))
        self._pull = REWARD_MEMORY * self._pull + (1 - REWARD_MEMORY) * pull
        self._reward = max(1.0, self._reward * exp(REWARD_PACE * self._pull))

    def _moved(self, taken: Floats, bound: float, upper: float) -> bool:
        """Take a step; return whether there is nowhere to go."""
        price, direction = self._price, self._direction
        excess = taken - self._limit
        excess -= np.where(price > self._hall.menus.beyond, self._more, 0.0)
        excess[(excess < 0.0) & (price <= 0.0)] = 0.0
        direction *= DEFLECTION
        direction += excess
        norm = float((self._scale * direction * direction).sum())
        if norm <= 1e-12 or bound >= upper - 0.5:
            return True
        step = self._length * max(upper - bound, 1e-5 * abs(upper)) / norm
        self._price = np.maximum(0.0, price + step * self._scale * direction)
        return False


def _groups(hall: Hall) -> list[tuple[int, int]]:
    """Divide the orders into groups that are answered between two questions."""
    menus = hall.menus
    ways = menus.way_from[menus.pair_from]
    count = 1 + int(ways[-1]) // LOOKS_AT_ONCE
    cuts = np.searchsorted(ways, np.linspace(0, ways[-1], count + 1)[1:-1])
    ends = [0, *cuts.tolist(), hall.orders]
    return [(a, b) for a, b in pairwise(ends) if b > a]
