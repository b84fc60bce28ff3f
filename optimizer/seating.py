"""Feasible choices of a wave: in turn, under prices, then made better.

The arrays the compiled search works on, and how much of it there is. The work is
counted in ways looked at, never in seconds.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.bounds import MILLI
from optimizer.kernels import seating as kernel
from optimizer.kernels.menus import LOOKS, MOST_PARTS, classes_under, tops
from optimizer.kernels.seating import Seats
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.parcels import Ints

# Orders that are seated, or try, between two looks at the clock.
SEATED_AT_ONCE, TRYING_AT_ONCE = 1_000, 200
# How many of those in the way of an order are asked to move.
WIDTH = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice: the pairs and ways of each order's share, ``size`` of them."""

    pairs: Ints
    ways: Ints
    size: Ints
    served: int
    cost: int

    @property
    def value(self) -> tuple[int, int]:
        """What more is better of: orders served, then money saved."""
        return self.served, -self.cost


class Seating:
    """Orders in their seats, to be seated better; the best choice is kept."""

    def __init__(self, hall: Hall, meter: Meter) -> None:
        self._hall, self._meter = hall, meter
        self._tops = tops()
        self._seats = _seats(hall)
        menus = hall.menus
        self._classes = np.zeros((2, len(menus.class_from) - 1), dtype=np.int64)
        # Leaving out costs more than all shares there are together.
        self._reward = 1 + int(hall.least[hall.able].sum()) + _dearest(hall)
        self.best = self._now()

    def construct(self, turns: Ints, price: Ints, *, whole: bool = False) -> bool:
        """Let all orders choose anew, in turn; return whether it was stopped.

        With ``whole`` nobody is asked whether to stop.
        """
        self._clear()
        for some in _portions(turns, SEATED_AT_ONCE):
            if not whole and self._meter.stopped:
                return True
            before = self._looks
            kernel.seat(self._hall.menus, self._tops, self._seats, price, some)
            self._meter.spend(self._looks - before)
        self._compare()
        return False

    def improve(self, turns: Ints, price: Ints) -> bool:
        """Let orders try to be better off, in turn; return whether it was stopped."""
        menus = self._hall.menus
        fixed, each = self._classes
        classes_under(menus, price, fixed, each)
        stopped = False
        for some in _portions(turns, TRYING_AT_ONCE):
            stopped = self._meter.stopped
            if stopped:
                break
            before = self._looks
            asked = (menus, self._tops, self._seats, price, fixed, each)
            kernel.improve(*asked, self._hall.least, self._reward, WIDTH, some)
            self._meter.spend(self._looks - before)
        self._compare()
        return stopped

    def resume(self) -> None:
        """Go on from the best choice so far."""
        self._clear()
        for name in ("pairs", "ways", "size"):
            getattr(self._seats, name)[:] = getattr(self.best, name)
        kernel.seat_as(self._hall.menus, self._seats)

    @property
    def _looks(self) -> int:
        return int(self._tops.tally[LOOKS])

    def _clear(self) -> None:
        seats = self._seats
        seats.size[:] = 0
        seats.taken[:] = 0
        seats.held[:] = 0
        seats.head[:] = -1

    def _now(self) -> Chosen:
        seats, menus = self._seats, self._hall.menus
        served = int((seats.size > 0).sum())
        on = np.arange(MOST_PARTS) < seats.size[:, None]
        cost = int(menus.cost[seats.ways[on]].sum())
        cost += int((menus.split * np.maximum(0, seats.size - 1)).sum())
        over = np.maximum(0, seats.taken - menus.limit) * menus.beyond
        copied = (seats.pairs.copy(), seats.ways.copy(), seats.size.copy())
        return Chosen(*copied, served, cost + int(over.sum()))

    def _compare(self) -> None:
        now = self._now()
        if now.value > self.best.value:
            self.best = now


def _dearest(hall: Hall) -> int:
    """Return more than all orders could pay above their least."""
    menus = hall.menus
    beyond = int(((menus.up_to - menus.limit) * menus.beyond).sum())
    dear = int(menus.cost.max(initial=0)) + int(menus.split.max(initial=0))
    return MOST_PARTS * dear * hall.orders + beyond + MILLI


def _portions(turns: Ints, most: int) -> list[Ints]:
    return np.array_split(turns, 1 + len(turns) // most)


def _seats(hall: Hall) -> Seats:
    menus, orders, rows = hall.menus, hall.orders, len(hall.rows)
    nodes = np.concatenate([[0], np.cumsum(_nodes(hall))]).astype(np.int64)
    ring = (np.zeros(int(nodes[-1]), dtype=np.int64) for _ in range(2))
    return Seats(
        ways=np.zeros((orders, MOST_PARTS), dtype=np.int64),
        pairs=np.zeros((orders, MOST_PARTS), dtype=np.int64),
        size=np.zeros(orders, dtype=np.int64),
        taken=np.zeros(rows, dtype=np.int64),
        held=np.zeros(len(menus.limit), dtype=np.int64),
        head=np.full(rows, -1, dtype=np.int64),
        after=next(ring),
        before=next(ring),
        owner=np.repeat(np.arange(orders), np.diff(nodes)).astype(np.int32),
        node_from=nodes,
    )


def _nodes(hall: Hall) -> Ints:
    """Return of how many rows each order could hold something at most."""
    menus = hall.menus
    entries = np.diff(menus.entry_from)
    order = np.repeat(np.arange(hall.orders), np.diff(menus.pair_from))
    most = np.zeros(hall.orders, dtype=np.int64)
    np.maximum.at(most, order, entries)
    widest = int(np.diff(menus.class_from).max(initial=0))
    return np.minimum(menus.most, MOST_PARTS) * (most + widest)
