"""Feasible choices without a solver: in turn, under prices, then made better.

The arrays the compiled search works on, and how much of it there is. The work
is counted in columns looked at, never in seconds.
"""

import numpy as np

from optimizer.bounds import reward_cents
from optimizer.contest import Contest, Ints
from optimizer.kernels import seats as kernel
from optimizer.kernels.seats import Hall, Seats

# How an order looks for a better column: whom it may move, and they whom.
DEPTH, WIDTH, LOOKS_EACH = 3, 16, 4_000
# Orders that try, and groups that are shaken, between two looks at the clock.
ORDERS_AT_ONCE, SHAKES_AT_ONCE = 500, 1_000


class Search:
    """Orders in their seats, to be seated better; the best choice is kept."""

    def __init__(self, contest: Contest, seed: int) -> None:
        self.contest = contest
        self._hall = _hall(contest)
        self._seats = _seats(contest, seed)

    @property
    def chosen(self) -> Ints:
        """The best choice so far: each order's column, −1 where it has none."""
        return self._seats.best.copy()

    @property
    def taken(self) -> Ints:
        """What the seats as they are take of every row."""
        return self._seats.taken.copy()

    @property
    def looks(self) -> int:
        """How many columns were looked at so far."""
        return int(self._seats.tally[kernel.LOOKS])

    def construct(self, turns: Ints, prices_millicents: Ints) -> None:
        """Let all orders choose anew, in turn, what is cheapest under prices.

        The search goes on from there.
        """
        self._clear()
        price = np.ascontiguousarray(prices_millicents, dtype=np.int64)
        kernel.construct(self._hall, self._seats, turns, price)
        self._compare()

    def adopt(self, chosen: Ints) -> None:
        """Go on from a choice made elsewhere, which must be feasible."""
        self._clear()
        kernel.seat_all(self._hall, self._seats, chosen)
        self._compare()

    def improve(self, turns: Ints, depth: int = DEPTH, width: int = WIDTH) -> int:
        """Let some orders look for a better column, in turn; return how many did."""
        return int(
            kernel.improve(self._hall, self._seats, turns, depth, width, LOOKS_EACH)
        )

    def shake(self, turns: Ints, warmth_cents: float, steps: int) -> None:
        """Let some orders take columns at random, and others move for them."""
        kernel.shake(self._hall, self._seats, turns, warmth_cents, steps)

    def resume(self) -> None:
        """Go on from the best choice so far."""
        kernel.recall(self._hall, self._seats)

    def objective(self, chosen: Ints) -> int:
        """Return the cost of a choice less a full reward for every order served."""
        served = int((chosen >= 0).sum())
        return self.contest.cost(chosen) - self._hall.reward * served

    def regret_cents(self) -> Ints:
        """Return what each order pays above its cheapest column; 0 for none."""
        best, contest = self._seats.best, self.contest
        paid = np.where(best >= 0, contest.cents[best], 0)
        return np.where(best >= 0, paid - contest.cents[contest.first[:-1]], 0)

    def _clear(self) -> None:
        seats = self._seats
        seats.chosen[:] = -1
        seats.taken[:] = 0
        seats.held[:] = 0

    def _compare(self) -> None:
        """Note how far the seats are from the best choice; they may be the best."""
        seats = self._seats
        above = self.objective(seats.chosen) - self.objective(seats.best)
        if above < 0:
            seats.best[:] = seats.chosen
        differs = np.flatnonzero(seats.chosen != seats.best)
        seats.is_changed[:] = 0
        seats.is_changed[differs] = 1
        seats.changed[: len(differs)] = differs
        seats.tally[kernel.CHANGED] = len(differs)
        seats.tally[kernel.ABOVE] = max(0, above)


def _hall(contest: Contest) -> Hall:
    touched = np.bincount(contest.entry_row, minlength=len(contest.rows))
    return Hall(
        first=contest.first,
        cents=contest.cents,
        start=contest.entries_from,
        row=contest.entry_row,
        amount=contest.entry_amount,
        own=contest.order_of_column()[contest.entry_column],
        limit=contest.limits,
        most=contest.limits + contest.more,
        more_cents=contest.more_cents,
        step=contest.step,
        holders_from=np.concatenate([[0], np.cumsum(touched)]).astype(np.int64),
        reward=reward_cents(contest),
    )


def _seats(contest: Contest, seed: int) -> Seats:
    orders, rows = contest.orders, len(contest.rows)
    entries = len(contest.entry_row)
    tally = np.zeros(7, dtype=np.int64)
    tally[kernel.CHANCE] = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)
    return Seats(
        chosen=np.full(orders, -1, dtype=np.int64),
        taken=np.zeros(rows, dtype=np.int64),
        holders=np.zeros(entries, dtype=np.int64),
        held=np.zeros(rows, dtype=np.int64),
        place=np.zeros(entries, dtype=np.int64),
        best=np.full(orders, -1, dtype=np.int64),
        changed=np.zeros(orders, dtype=np.int64),
        is_changed=np.zeros(orders, dtype=np.int64),
        trail=np.zeros(orders, dtype=np.int64),
        had=np.zeros(orders, dtype=np.int64),
        episode=np.full(orders, -1, dtype=np.int64),
        levels=np.zeros((kernel.MOST_LEVELS, 9), dtype=np.int64),
        tally=tally,
    )
