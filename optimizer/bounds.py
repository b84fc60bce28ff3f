"""A proven bound on any choice, in exact integers.

Serving comes before saving: every order served is worth ``reward`` cents, more
than all options together could cost. Whatever prices the scarce rows are given,
the sum of what each order would do under them, less what the rows' owners
take, is a bound nobody can beat (the Lagrangian bound). The prices come from a
linear program in floating point, but the bound is worked out in integer
millicents and so is true whatever the program's rounding was.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.contest import Contest, Ints

MILLI = 1000


@dataclass(frozen=True, slots=True)
class Bound:
    """What no choice can beat, and how far each column is from it.

    ``served`` is the most orders that can be served; ``cents`` the least cost
    of serving as many as ``served``. ``slack_millicents`` is, per column, how
    much a choice that uses it must lose against ``total_millicents``.
    """

    served: int
    cents: int
    total_millicents: int
    slack_millicents: Ints


def reward_cents(contest: Contest) -> int:
    """Return a worth of serving that no difference in cost can outweigh."""
    dearest = np.maximum.reduceat(contest.cents, contest.first[:-1])
    beyond = sum(row.more * row.more_cents for row in contest.rows)
    return int(dearest.sum()) + beyond + 1


def lagrangian(contest: Contest, prices_millicents: Ints) -> Bound:
    """Return the bound under the rows' prices (negative ones count as none)."""
    price = np.maximum(prices_millicents, 0)
    reward = reward_cents(contest)
    paid = price[contest.entry_row] * contest.entry_amount
    extra = np.zeros(contest.columns, dtype=np.int64)
    np.add.at(extra, contest.entry_column, paid)
    reduced = (contest.cents - reward) * MILLI + extra
    best = np.minimum(np.minimum.reduceat(reduced, contest.first[:-1]), 0)
    total = int(best.sum())
    for row, cents in zip(contest.rows, price.tolist(), strict=True):
        total -= cents * max(0, row.limit)
        total += min(0, row.more_cents * MILLI - cents) * row.more
    slack = reduced - best[contest.order_of_column()]
    return _bound(contest, total, slack)


def tightened(contest: Contest, bound: Bound, objective_cents: int) -> Bound:
    """Return the bound raised to a floor proven otherwise, never lowered."""
    total = max(bound.total_millicents, objective_cents * MILLI)
    return _bound(contest, total, bound.slack_millicents)


def _bound(contest: Contest, total_millicents: int, slack_millicents: Ints) -> Bound:
    """Read both bounds off: costs are less than one reward, so serving divides."""
    reward = reward_cents(contest)
    served = min(contest.orders, -(total_millicents // (reward * MILLI)))
    cents = -(-total_millicents // MILLI) + reward * served
    return Bound(served, max(0, cents), total_millicents, slack_millicents)
