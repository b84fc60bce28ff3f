"""The best prices there are for serving so many: a linear program over all shares.

Shares are far too many to be written down. The program has those that orders ask
for under its own prices, until nobody asks for another (column generation). Under
any prices on the way there is a bound; the highest is kept.

References
----------
.. [1] Gilmore, P. C., and R. E. Gomory (1961). A linear programming approach to the
       cutting-stock problem. *Operations Research* 9(6): 849-859.
.. [2] Lubbecke, M. E., and J. Desrosiers (2005). Selected topics in column
       generation. *Operations Research* 53(6): 1007-1023.
"""

import numpy as np

from optimizer.closing import contest_of
from optimizer.kernels import menus as kernel
from optimizer.kernels.menus import MOST_PARTS, NEVER
from optimizer.kernels.proof import Near
from optimizer.menus import Hall
from optimizer.meter import LOOKS_PER_WORK, Meter
from optimizer.parcels import Ints
from optimizer.programs import Here, Solver
from optimizer.proofs import Proof, proof_of
from optimizer.seating import Chosen
from optimizer.solvers import cover

# Linear programs at most; the bound is true after each of them.
ROUNDS = 40


class Asking:
    """One wave's linear program, with the shares that were asked for so far."""

    def __init__(self, hall: Hall, proof: Proof, meter: Meter) -> None:
        self._hall, self._meter = hall, meter
        self._tops = kernel.tops()
        self._classes = np.zeros((2, len(hall.menus.class_from) - 1), dtype=np.int64)
        self._keys = set[tuple[int, ...]]()
        self._shares = [_none()]
        self.proof = proof

    def climb(self, chosen: Chosen, solver: Solver | None) -> None:
        """Raise the bound on what serving as many as a choice does costs."""
        served = chosen.served
        self._keep(chosen.size, chosen.pairs, chosen.ways)
        self._ask(self.proof.prices, np.full(self._hall.orders, NEVER))
        asked = self._meter.asked
        for _ in range(ROUNDS):
            if self._meter.stopped:
                return
            _, contest = contest_of(self._hall, self._together())
            covered = cover(contest, served, solver or Here(), asked)
            if covered is None:
                return
            self._meter.spend(contest.columns * LOOKS_PER_WORK // 100)
            proof = proof_of(self._hall, covered.prices, covered.reward)
            if proof.cents(served) > self.proof.cents(served):
                self.proof = proof
            room = np.full(self._hall.orders, covered.reward)
            room[list(contest.tasks)] += covered.own
            if not self._ask(covered.prices, room):
                return

    def _ask(self, price: Ints, room: Ints) -> bool:
        """Let every order ask for what is best; return whether any is new."""
        hall, (fixed, each) = self._hall, self._classes
        size = np.zeros(hall.orders, dtype=np.int64)
        pair, way = np.zeros((2, hall.orders, MOST_PARTS), dtype=np.int64)
        kernel.classes_under(hall.menus, price, fixed, each)
        before = int(self._tops.tally[kernel.LOOKS])
        asked = (hall.menus, self._tops, price, fixed, each, room)
        kernel.asked_for(*asked, size, pair, way)
        self._meter.spend(int(self._tops.tally[kernel.LOOKS]) - before)
        return self._keep(size, pair, way)

    def _keep(self, size: Ints, pair: Ints, way: Ints) -> bool:
        new = list[int]()
        for order in np.flatnonzero(size).tolist():
            key = (order, *sorted(way[order, : size[order]].tolist()))
            if key not in self._keys:
                self._keys.add(key)
                new.append(order)
        if new:
            at = np.array(new, dtype=np.int64)
            self._shares.append(Near(at, size[at], size[at], pair[at], way[at]))
        return bool(new)

    def _together(self) -> Near:
        return Near(*(np.concatenate(part) for part in zip(*self._shares, strict=True)))


def _none() -> Near:
    none = np.zeros(0, dtype=np.int64)
    parts = np.zeros((0, MOST_PARTS), dtype=np.int64)
    return Near(none, none, none, parts, parts)
