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
# Choices made in other turns at the end, and passes over each choice.
STARTS, PASSES = 2, 3
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
            if self._meter.stopped or self._made_better():
                break
            if done:
                break
        for _ in range(STARTS):
            if self._meter.stopped or self._close or self._made_better():
                break
        self._prove()

    def _ascended(self, steps: int, *, all_can: bool) -> bool:
        served = self.chosen.served
        left = len(self.hall.able) - served
        reward = self._climb.reward
        upper = self.chosen.cost + (reward * left if all_can else 0)
        whom = len(self.hall.able) if all_can else served
        return self._climb.ascend(
            float(upper), whom, steps, all_can=all_can or left == 0
        )

    def _made_better(self) -> bool:
        """Make a choice under the prices and improve it; return whether to stop."""
        able, price = self.hall.able, self._climb.prices
        chance = self._chance.random(len(able))
        turns = able[np.lexsort((chance, -self._lines[able]))]
        if self.seating.construct(turns, price):
            return True
        for turn in range(PASSES):
            before = self.chosen.value
            wish = price if turn % 2 == 0 else np.zeros_like(price)
            if self.seating.improve(self._chance.permutation(able), wish):
                return True
            if turn and self.chosen.value == before:
                break
        return self._close

    @property
    def _close(self) -> bool:
        chosen = self.chosen
        bound = self._climb.bound(chosen.served)
        all_served = chosen.served == len(self.hall.able)
        return all_served and chosen.cost - bound <= CLOSE * chosen.cost

    def _prove(self) -> None:
        self.proof = proof_of(self.hall, self._climb.prices, self._climb.reward)
