"""The priced rung: prices for what is scarce, choices under them, made better.

- prices climb to a high bound, and orders choose under them in turn, those of many
  lines first: for them it is hardest to find anything later;
- every choice is improved: orders take the places of others if both gain;
- the work for that grows with the wave, and ends where little is left to gain.
"""

import numpy as np

from optimizer.ascent import named, on_rows
from optimizer.bounds import MILLI
from optimizer.climbing import Climb
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.parcels import Ints
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.proofs import Proof, proof_of
from optimizer.seating import Chosen, Seating

# Steps of the ascent between two choices under its prices: cold, and warm.
COLD_STEPS, WARM_STEPS = (60, 60, 80), (15, 15)
# Passes over the best choice, and what share of the cost is not worth another two.
PASSES, IN_VAIN = 4, 5e-5
# How far prices move for a pass.
NEARBY = (0.5, 1.5)
# Where no more than this share of the cost is left to gain, the search ends.
CLOSE = 0.0002
# A reward of so many times the dearest order makes prices of a good measure.
FAIR = 3


class Waved:
    """One wave on this rung: the best choice and the highest bound so far."""

    def __init__(self, hall: Hall, effort: Effort, meter: Meter) -> None:
        self.hall = hall
        self._meter = meter
        self._chance = np.random.default_rng(effort.seed)
        self._warm = on_rows(effort.prices, hall.rows)
        self.seating = Seating(hall, meter)
        least = hall.least[hall.able]
        self._fair = FAIR * int(least.max(initial=0)) + MILLI
        self._climb = Climb(hall, self._warm, self._fair, meter)
        self._lines = hall.menus.full
        self.proof: Proof | None = None

    @property
    def chosen(self) -> Chosen:
        return self.seating.best

    @property
    def prices(self) -> Prices:
        """The prices at the highest bound, by resource."""
        return named(self.hall.rows, self._climb.prices)

    @property
    def prices_millicents(self) -> Ints:
        return self._climb.prices

    def greedy(self) -> None:
        """Let all choose as they come, under known prices if there are any."""
        turns = self.hall.able[np.argsort(self.hall.tasks[self.hall.able])]
        self.seating.construct(turns, self._warm, whole=True)

    def climb(self) -> None:
        """Find prices, and choices under them, until stopped or little is to gain."""
        warm = bool(self._warm.any())
        for turn, steps in enumerate(WARM_STEPS if warm else COLD_STEPS):
            done = self._ascended(steps, all_can=turn == 0)
            if self._meter.stopped or self._chosen_under_prices() or done:
                break
        if not self._meter.stopped:
            self._made_better()
        self.proof = proof_of(self.hall, self._climb.prices, self._climb.reward)

    def _ascended(self, steps: int, *, all_can: bool) -> bool:
        served = self.chosen.served
        left = len(self.hall.able) - served
        reward = self._climb.reward
        upper = self.chosen.cost + (reward * left if all_can else 0)
        whom = len(self.hall.able) if all_can else served
        return self._climb.ascend(
            float(upper), whom, steps, all_can=all_can or left == 0
        )

    def _chosen_under_prices(self) -> bool:
        """Let all choose under the prices, and move; return whether to stop."""
        able, price = self.hall.able, self._climb.prices
        chance = self._chance.random(len(able))
        turns = able[np.lexsort((chance, -self._lines[able]))]
        if self.seating.construct(turns, price):
            return True
        return (
            self.seating.improve(self._chance.permutation(able), price) or self._close
        )

    def _made_better(self) -> None:
        """Let all try for what is cheapest, and for what is under prices near by."""
        price = self._climb.prices
        self.seating.resume()
        for turn in range(PASSES):
            if self._close:
                break
            before = self.chosen.cost
            wish = np.zeros_like(price)
            if turn % 2:
                wish = (price * self._chance.uniform(*NEARBY, len(price))).astype(int)
            turns = self._chance.permutation(self.hall.able)
            if self.seating.improve(turns, wish):
                break
            if before - self.chosen.cost <= IN_VAIN * before and turn % 2:
                break

    @property
    def _close(self) -> bool:
        chosen = self.chosen
        bound = self._climb.bound(chosen.served)
        all_served = chosen.served == len(self.hall.able)
        return all_served and chosen.cost - bound <= CLOSE * chosen.cost
