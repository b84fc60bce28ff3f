"""The priced rung: prices for what is scarce, choices under them, made better.

- prices climb to a high bound, and orders choose under them in turn;
- every choice is improved by ejection; several turns are tried;
- the best is shaken until the work for that is used up.
"""

import numpy as np
import numpy.typing as npt

from optimizer.ascent import Ascent, on_rows
from optimizer.bounds import Bound, fair_reward_cents, lagrangian
from optimizer.contest import Contest, Ints
from optimizer.meter import Meter
from optimizer.problem import Effort
from optimizer.search import ORDERS_AT_ONCE, SHAKES_AT_ONCE, Search

Floats = npt.NDArray[np.float64]

# Steps of the ascent between two choices under its prices: cold, and warm.
COLD_ROUNDS, WARM_ROUNDS = (60, 60, 80), (15, 25)
# Choices made in different turns, how many in vain, and passes of ejection.
STARTS, IN_VAIN, PASSES = 8, 3, 4
# How far chance may move an order's turn, where the prices are sure of it.
SHUFFLE = 0.3
# Shakes per order, of how much of the mean regret at first and at last.
SHAKES_PER_ORDER, SHAKE_ROUNDS, WARM, COOL = 100, 20, 0.1, 0.003
# Columns looked at between two questions whether to stop.
LOOKS_AT_ONCE = 400_000


class Priced:
    """One contest on this rung: the best choice and the highest bound so far."""

    def __init__(self, contest: Contest, effort: Effort, meter: Meter) -> None:
        self.contest = contest
        self.search = Search(contest, effort.seed)
        self.reward_cents = fair_reward_cents(contest)
        self._warm = on_rows(effort.prices, contest.rows)
        self._ascent = Ascent(contest, self.reward_cents, self._warm)
        self._meter = meter
        self._chance = np.random.default_rng(effort.seed)
        self._bound: Bound | None = None
        self.prices_millicents = self._warm

    def greedy(self) -> None:
        """Let all choose as they come, and under known prices if there are any."""
        by_arrival = np.arange(self.contest.orders)
        self.search.construct(by_arrival, np.zeros_like(self._warm))
        if self._warm.any():
            self.search.construct(by_arrival, self._warm)

    def climb(self) -> bool:
        """Find prices and choices under them; return whether the best is proven."""
        rounds = WARM_ROUNDS if self._warm.any() else COLD_ROUNDS
        if self._warm.any() and self._chosen_under(self._warm, 0.0):
            return True
        for steps in rounds:
            done = self._ascended(steps)
            self._look(self._ascent.prices_millicents)
            if self.proven or self._chosen_under(self.prices_millicents, 0.0):
                return self.proven
            if done:
                break
        in_vain, best = 0, self._upper_cents()
        for _ in range(STARTS):
            if in_vain == IN_VAIN:
                break
            if self._chosen_under(self.prices_millicents, SHUFFLE):
                return self.proven
            upper = self._upper_cents()
            in_vain, best = (0, upper) if upper < best else (in_vain + 1, best)
        self._shaken()
        return self.proven

    def chosen_under(self, prices_millicents: Ints, share: Floats) -> bool:
        """Choose under prices found elsewhere; return whether to stop."""
        self._look(prices_millicents)
        return self._improved(prices_millicents, _turns(self.contest, share))

    @property
    def bound(self) -> Bound | None:
        """The highest bound so far."""
        return self._bound

    @property
    def proven(self) -> bool:
        """Whether nothing can be better than the best choice so far."""
        chosen, bound = self.search.chosen, self._bound
        served = int((chosen >= 0).sum())
        return (
            bound is not None
            and served == min(self.contest.orders, bound.served)
            and self.contest.cost(chosen) <= bound.cents(served)
        )

    def _look(self, prices_millicents: Ints) -> None:
        """Work the bound out that some prices prove, and keep it if it is higher."""
        bound = lagrangian(self.contest, prices_millicents, self.reward_cents)
        known = self._bound
        if known is None or bound.total_millicents > known.total_millicents:
            self._bound, self.prices_millicents = bound, prices_millicents

    def _upper_cents(self) -> int:
        chosen = self.search.chosen
        left_out = int((chosen < 0).sum())
        return self.contest.cost(chosen) + self.reward_cents * left_out

    def _ascended(self, steps: int) -> bool:
        """Make steps, asking now and then whether to stop; return whether done."""
        at_once = max(1, LOOKS_AT_ONCE // self.contest.columns)
        upper = self._upper_cents()
        while steps > 0 and not self._meter.stopped:
            some = min(steps, at_once)
            done = self._ascent.ascend(upper, some)
            self._meter.spend(some * self.contest.columns)
            steps -= some
            if done:
                return True
        return False

    def _chosen_under(self, prices_millicents: Ints, shuffle: float) -> bool:
        if self._meter.stopped:
            return True
        turns = _turns(self.contest, self._ascent.share, shuffle, self._chance)
        return self._improved(prices_millicents, turns)

    def _improved(self, prices_millicents: Ints, turns: Ints) -> bool:
        """Construct in turn, then improve; return whether to stop."""
        self.search.construct(turns, prices_millicents)
        self._meter.spend(self.contest.columns)
        for _ in range(PASSES):
            better = 0
            for some in np.array_split(turns, 1 + len(turns) // ORDERS_AT_ONCE):
                if self._meter.stopped:
                    return True
                before = self.search.looks
                better += self.search.improve(some)
                self._meter.spend(self.search.looks - before)
            if not better:
                break
        return self._meter.stopped or self.proven

    def _shaken(self) -> None:
        """Shake the best choice, less and less, then go back to the best."""
        self.search.resume()
        orders = np.arange(self.contest.orders)
        regret = self.search.regret_cents()
        mean = float(regret[regret > 0].mean()) if (regret > 0).any() else 0.0
        each = SHAKES_PER_ORDER * len(orders) // SHAKE_ROUNDS
        for turn in range(SHAKE_ROUNDS):
            warmth = mean * WARM * (COOL / WARM) ** (turn / (SHAKE_ROUNDS - 1))
            for start in range(0, each, SHAKES_AT_ONCE):
                if self._meter.stopped:
                    return
                before = self.search.looks
                some = min(SHAKES_AT_ONCE, each - start)
                self.search.shake(orders, warmth, some)
                self._meter.spend(self.search.looks - before)
        self.search.resume()


def _turns(
    contest: Contest,
    share: Floats,
    shuffle: float = 0.0,
    chance: np.random.Generator | None = None,
) -> Ints:
    """Return the orders, those first about whose column there is least doubt."""
    sure = np.maximum.reduceat(share, contest.first[:-1])
    if chance is not None and shuffle > 0:
        sure = sure + shuffle * chance.random(len(sure))
    return np.argsort(-sure, kind="stable").astype(np.int64)
