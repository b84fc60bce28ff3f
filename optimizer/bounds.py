"""A proven bound on any choice, in exact integers.

Serving comes before saving: every order served is worth a reward. Whatever prices
the scarce rows are given, the sum of what each order would do under them, less
what the rows' owners take, is a bound nobody can beat (the Lagrangian bound).
Prices come from floating point, but the bound is worked out from them in integer
millicents, by none of the code that found them, and so is true however they
were found.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.contest import Contest, Ints

MILLI = 1000


@dataclass(frozen=True, slots=True)
class Bound:
    """What no choice can beat, and how far each column is from it.

    No choice costs less than ``total_millicents`` after ``reward_cents`` are taken
    off for every order that it serves. ``served`` is the most orders that can be
    served; the reward says something about that if it ``outweighs`` all costs
    together. ``slack_millicents`` is, per column, how much a choice that uses it must
    lose against the total.
    """

    reward_cents: int
    served: int
    total_millicents: int
    slack_millicents: Ints
    outweighs: bool

    def cents(self, served: int) -> int:
        """Return what serving at least so many orders costs at least."""
        total = -(-self.total_millicents // MILLI) + self.reward_cents * served
        return max(0, total)

    def raised(self, objective_cents: int) -> "Bound":
        """Return the bound raised to a floor proven otherwise, never lowered."""
        total = max(self.total_millicents, objective_cents * MILLI)
        served = self.served
        if self.outweighs:
            served = min(served, -(total // (self.reward_cents * MILLI)))
        return replace(self, total_millicents=total, served=served)


def reward_cents(contest: Contest) -> int:
    """Return a worth of serving that no difference in cost can outweigh."""
    dearest = np.maximum.reduceat(contest.cents, contest.first[:-1])
    beyond = sum(row.more // row.step * row.more_cents for row in contest.rows)
    return int(dearest.sum()) + beyond + 1


def fair_reward_cents(contest: Contest) -> int:
    """Return a worth of serving of the measure of what orders could save.

    Small enough for prices to be found under it, and mostly enough for serving
    all who can be served.
    """
    dearest = int(contest.cents.max(initial=0))
    spare = int((contest.more_cents * (contest.more > 0)).max(initial=0))
    return min(reward_cents(contest), 3 * (dearest + spare) + 1)


def lagrangian(
    contest: Contest, prices_millicents: Ints, reward: int | None = None
) -> Bound:
    """Return the bound under the rows' prices (negative ones count as none).

    A price is for as much of its row as comes at once (``Row.step``); what is
    paid for less is rounded so that the bound stays true.
    ``reward`` is what serving an order is worth, in cents; by default more than all
    options together could cost, so that the bound is also one on orders served.
    """
    price = np.maximum(prices_millicents, 0)
    full = reward_cents(contest)
    reward = full if reward is None else reward
    paid = price[contest.entry_row] * contest.entry_amount
    paid //= contest.step[contest.entry_row]
    reduced = (contest.cents - reward) * MILLI
    np.add.at(reduced, contest.entry_column, paid)
    best = np.minimum(np.minimum.reduceat(reduced, contest.first[:-1]), 0)
    total = int(best.sum()) + int((-price * contest.limits // contest.step).sum())
    over = np.minimum(0, contest.more_cents * MILLI - price)
    total += int((over * (contest.more // contest.step)).sum())
    slack = reduced - best[contest.order_of_column()]
    # Costs are less than one full reward, so serving divides.
    served = -(total // (reward * MILLI)) if reward >= full else contest.orders
    most = min(contest.orders, served)
    return Bound(reward, most, total, slack, outweighs=reward >= full)
