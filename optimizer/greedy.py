"""Feasible choices without a solver: in turn, under prices, then polished."""

from collections.abc import Mapping, Sequence

import numpy as np

from optimizer.contest import Contest, Ints, column_uses

PASSES = 4


class Shelf:
    """What is left of every row while orders take and give back."""

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self.uses: Sequence[Mapping[int, int]] = column_uses(contest)
        self.taken = [0] * len(contest.rows)
        self._free = [max(0, row.limit) for row in contest.rows]
        self._most = [max(0, row.limit) + row.more for row in contest.rows]
        self._cents = [row.more_cents for row in contest.rows]

    def added_cents(self, column: int) -> int | None:
        """Return what beyond-capacity work a column adds, None if it does not fit."""
        added = 0
        for row, amount in self.uses[column].items():
            before, after = self.taken[row], self.taken[row] + amount
            if after > self._most[row]:
                return None
            if after > self._free[row]:
                added += (after - max(before, self._free[row])) * self._cents[row]
        return added

    def take(self, column: int) -> None:
        for row, amount in self.uses[column].items():
            self.taken[row] += amount

    def give_back(self, column: int) -> None:
        for row, amount in self.uses[column].items():
            self.taken[row] -= amount


def in_turn(contest: Contest, turns: Sequence[int], price: Sequence[float]) -> Ints:
    """Let each order take what is cheapest for it of what is left, in turn.

    ``price`` is what each column is judged by (its cost, or its cost under
    the prices of scarce things).
    """
    shelf = Shelf(contest)
    chosen = np.full(contest.orders, -1, dtype=np.int64)
    for order in turns:
        chosen[order] = _best(shelf, order, price)
        if chosen[order] >= 0:
            shelf.take(int(chosen[order]))
    return chosen


def polish(contest: Contest, chosen: Ints, passes: int = PASSES) -> Ints:
    """Let orders change their mind, one at a time, while that saves or serves more.

    Each order gives back what it has and takes its cheapest option; an order
    that has none also tries to move one other order out of its way.
    """
    shelf = Shelf(contest)
    now = chosen.copy()
    price = contest.cents.tolist()
    for column in now[now >= 0].tolist():
        shelf.take(column)
    holders = _holders(contest, shelf, now)
    for _ in range(passes):
        changed = False
        for order in range(contest.orders):
            old = int(now[order])
            if old >= 0:
                shelf.give_back(old)
            new = _best(shelf, order, price)
            if new < 0:
                new = _eject(contest, shelf, order, now, holders, price)
            if new >= 0:
                shelf.take(new)
            if new != old:
                _move(shelf, holders, order, old, new)
                now[order], changed = new, True
        if not changed:
            break
    return now


def _best(shelf: Shelf, order: int, price: Sequence[float]) -> int:
    best, at = float("inf"), -1
    first = shelf.contest.first
    for column in range(int(first[order]), int(first[order + 1])):
        if price[column] >= best:
            continue
        added = shelf.added_cents(column)
        if added is not None and price[column] + added < best:
            best, at = price[column] + added, column
    return at


def _holders(contest: Contest, shelf: Shelf, now: Ints) -> list[set[int]]:
    holders: list[set[int]] = [set() for _ in contest.rows]
    for order, column in enumerate(now.tolist()):
        for row in shelf.uses[column] if column >= 0 else ():
            holders[row].add(order)
    return holders


def _move(
    shelf: Shelf, holders: list[set[int]], order: int, old: int, new: int
) -> None:
    for row in shelf.uses[old] if old >= 0 else ():
        holders[row].discard(order)
    for row in shelf.uses[new] if new >= 0 else ():
        holders[row].add(order)


def _eject(
    contest: Contest,
    shelf: Shelf,
    order: int,
    now: Ints,
    holders: list[set[int]],
    price: Sequence[float],
) -> int:
    """Serve an order by moving one other elsewhere; return its column, −1 if none."""
    for column in range(int(contest.first[order]), int(contest.first[order + 1])):
        rivals = {rival for row in shelf.uses[column] for rival in holders[row]}
        for rival in sorted(rivals - {order}):
            theirs = int(now[rival])
            shelf.give_back(theirs)
            if shelf.added_cents(column) is not None:
                shelf.take(column)
                other = _best(shelf, rival, price)
                shelf.give_back(column)
                if other >= 0:
                    shelf.take(other)
                    _move(shelf, holders, rival, theirs, other)
                    now[rival] = other
                    return column
            shelf.take(theirs)
    return -1
