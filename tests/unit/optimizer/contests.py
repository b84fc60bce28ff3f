"""Contests on their own: arrays of columns over rows, drawn from a seed."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from domain.quantities import FcId
from optimizer.contest import Contest, Ints, Row
from optimizer.resources import Kind, Resource

Column = tuple[int, dict[int, int]]


def a_row(n: int, limit: int, more: int = 0, more_cents: int = 0) -> Row:
    return Row(Resource(Kind.FC_LINES, FcId(f"FC-{n}")), False, limit, more, more_cents)


def a_contest(orders: Sequence[Sequence[Column]], rows: Sequence[Row]) -> Contest:
    """Lay out orders' columns (cents, row → amount), each order's cheapest first."""
    ranked = [sorted(order, key=lambda column: column[0]) for order in orders]
    columns = [column for order in ranked for column in order]
    entries = [
        (row, at, amount)
        for at, (_, takes) in enumerate(columns)
        for row, amount in sorted(takes.items())
    ]
    table = np.array(entries, dtype=np.int64).reshape(-1, 3)
    sizes = [len(order) for order in ranked]
    return Contest(
        tasks=tuple(range(len(ranked))),
        first=np.cumsum([0, *sizes]).astype(np.int64),
        cents=np.array([cents for cents, _ in columns], dtype=np.int64),
        option=np.array([n for size in sizes for n in range(size)], dtype=np.int64),
        rows=tuple(rows),
        entry_row=table[:, 0].copy(),
        entry_column=table[:, 1].copy(),
        entry_amount=table[:, 2].copy(),
    ).possible()


def a_crowded_contest(orders: int, seed: int, *, supply: float) -> Contest:
    """Draw orders of one to three things at eight centers that have so much of them."""
    chance = np.random.default_rng(seed)
    centers, things = 8, max(4, orders // 8)
    stock = chance.poisson(supply * 2 * orders / (centers * things), (centers, things))
    rows = [a_row(n, int(limit)) for n, limit in enumerate(stock.ravel())]
    worked = round(2 * orders / centers * 1.1)
    rows += [a_row(len(rows) + n, worked, worked // 10, 150) for n in range(centers)]
    drawn: list[list[Column]] = []
    for _ in range(orders):
        wanted = chance.choice(things, chance.integers(1, 4), replace=False).tolist()
        mine: list[Column] = []
        for center in chance.permutation(centers).tolist():
            takes = {center * things + thing: 1 for thing in wanted}
            takes[centers * things + center] = len(wanted)
            mine.append((int(chance.integers(300, 2_500)), takes))
        drawn.append(mine)
    return a_contest(drawn, rows)


def best_by_trying(contest: Contest) -> tuple[int, int]:
    """Return the most orders that can be served, and the least cents for that."""
    choices = [
        (-1, *range(contest.first[k], contest.first[k + 1]))
        for k in range(contest.orders)
    ]
    found = (0, 0)
    for tried in product(*choices):
        chosen: Ints = np.array(tried, dtype=np.int64)
        if contest.feasible(chosen):
            judged = (int((chosen >= 0).sum()), -contest.cost(chosen))
            found = max(found, judged)
    return found[0], -found[1]
