"""The shares that a better choice of a wave could have, as a contest of columns.

Under the prices of a proof every share has a reduced cost: how much a choice that
uses it must lose against the bound. Where that is more than what is left to gain,
no better choice has it.
"""

import numpy as np

from optimizer.bounds import MILLI
from optimizer.contest import Contest
from optimizer.kernels import proof as kernel
from optimizer.kernels.menus import MOST_PARTS, NEVER
from optimizer.kernels.proof import Near
from optimizer.menus import Hall
from optimizer.parcels import Ints
from optimizer.proofs import Proof, divisions
from optimizer.seating import Chosen


class Closing:
    """A wave's promising shares, the likeliest of them, and which a choice has.

    ``whole`` says that no better choice has any other share: where no more than are
    served can be (``most_served``) none that pays more than the gap, else none at all.
    """

    def __init__(
        self, hall: Hall, chosen: Chosen, proof: Proof, most: int, *, most_served: bool
    ) -> None:
        self._hall = hall
        gap = max(0, chosen.cost - proof.total - proof.reward * chosen.served)
        room = gap + 1 if most_served else NEVER
        near = _near(hall, chosen, proof, room, most)
        self.whole = near is not None
        room = gap + 1
        while near is None and room > 0:
            room //= 2
            near = _near(hall, chosen, proof, room, most)
        self.empty = near is None
        if near is not None:
            self._near, self.contest = contest_of(hall, near)
            self.known = self._columns(chosen)

    def chosen(self, columns: Ints) -> Chosen:
        """Return a choice of columns as one of shares."""
        hall, near = self._hall, self._near
        pairs = np.zeros((hall.orders, MOST_PARTS), dtype=np.int64)
        ways, size = np.zeros_like(pairs), np.zeros(hall.orders, dtype=np.int64)
        taken = columns[columns >= 0]
        order = near.order[taken]
        pairs[order], ways[order] = near.pair[taken], near.way[taken]
        size[order] = near.size[taken]
        cost = self.contest.cost(columns) * MILLI
        return Chosen(pairs, ways, size, len(taken), cost)

    def _columns(self, chosen: Chosen) -> Ints:
        """Return the column of each order of the contest in a choice; -1: none."""
        near = self._near
        orders = np.array(self.contest.tasks)
        on = np.arange(MOST_PARTS) < near.size[:, None]
        sorted_ways = np.sort(np.where(on, near.way, NEVER), axis=1)
        held = np.arange(MOST_PARTS) < chosen.size[:, None]
        wanted = np.sort(np.where(held, chosen.ways, NEVER), axis=1)
        same = (sorted_ways == wanted[near.order]).all(axis=1)
        columns: Ints = np.full(self._hall.orders, -1, dtype=np.int64)
        columns[near.order[same]] = np.flatnonzero(same)
        mine: Ints = columns[orders]
        return mine


def _near(
    hall: Hall, chosen: Chosen, proof: Proof, room: int, most: int
) -> Near | None:
    """Return the shares that lose less than the room; None where there are too many.

    Those as good as the one chosen for an order are with them.
    """
    into = Near(
        order=np.zeros(most, dtype=np.int64),
        size=np.zeros(most, dtype=np.int64),
        value=np.zeros(most, dtype=np.int64),
        pair=np.zeros((most, MOST_PARTS), dtype=np.int64),
        way=np.zeros((most, MOST_PARTS), dtype=np.int64),
    )
    limit = np.minimum(np.minimum(proof.best, proof.reward) + room, NEVER)
    limit = np.maximum(limit, 1 + paid(hall, chosen, proof.prices))
    count = kernel.near(hall.menus, divisions(), proof.prices, limit, into)
    return None if count > most else Near(*(part[:count] for part in into))


def contest_of(hall: Hall, near: Near) -> tuple[Near, Contest]:
    """Return shares as columns of a contest, in its order."""
    menus = hall.menus
    on = np.arange(MOST_PARTS) < near.size[:, None]
    cost = np.where(on, menus.cost[near.way], 0).sum(axis=1)
    cents = (cost + menus.split[near.order] * (near.size - 1)) // MILLI
    turns = np.lexsort((cents, near.order))
    near, cents = Near(*(part[turns] for part in near)), cents[turns]
    on = np.arange(MOST_PARTS) < near.size[:, None]
    column = np.repeat(np.arange(len(cents)), near.size)
    pair = near.pair[on]
    klass = menus.klass[near.way[on]].astype(np.int64)
    of_pair, entry = _ranges(menus.entry_from, pair)
    of_class, need = _ranges(menus.class_from, klass)
    lines = np.where(menus.class_by_lines[need], menus.lines[pair[of_class]], 1)
    entry_column = np.concatenate([column[of_pair], column[of_class]])
    by_column = np.argsort(entry_column, kind="stable")
    orders, counts = np.unique(near.order, return_counts=True)
    contest = Contest(
        tasks=tuple(orders.tolist()),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        cents=cents,
        option=np.arange(len(cents)),
        rows=hall.rows,
        entry_row=np.concatenate([menus.row[entry], menus.class_row[need]])[
            by_column
        ].astype(np.int64),
        entry_column=entry_column[by_column],
        entry_amount=np.concatenate([menus.amount[entry], lines])[by_column].astype(
            np.int64
        ),
    )
    return near, contest


def _ranges(start: Ints, which: Ints) -> tuple[Ints, Ints]:
    """Return the members of some ranges, each with the place of its range."""
    counts = start[which + 1] - start[which]
    of = np.repeat(np.arange(len(which)), counts)
    first = np.cumsum(counts) - counts
    return of, np.arange(len(of)) - first[of] + start[which][of]


def paid(hall: Hall, chosen: Chosen, prices: Ints) -> Ints:
    """Return what each order's share pays under prices; 0 for none."""
    menus = hall.menus
    on = np.arange(MOST_PARTS) < chosen.size[:, None]
    order = np.repeat(np.arange(hall.orders), chosen.size)
    pair, way = chosen.pairs[on], chosen.ways[on]
    value = menus.cost[way] + menus.split[order]
    of_pair, entry = _ranges(menus.entry_from, pair)
    np.add.at(value, of_pair, prices[menus.row[entry]] * menus.amount[entry])
    klass = menus.klass[way].astype(np.int64)
    of_class, need = _ranges(menus.class_from, klass)
    lines = np.where(menus.class_by_lines[need], menus.lines[pair[of_class]], 1)
    np.add.at(value, of_class, prices[menus.class_row[need]] * lines)
    total = np.zeros(hall.orders, dtype=np.int64)
    np.add.at(total, order, value)
    return total - menus.split * (chosen.size > 0)
