"""One wave, up the rungs: greedy, priced, and what solvers can still close."""

from dataclasses import dataclass, replace

import numpy as np

from domain.plan import Rung
from optimizer.bounds import MILLI
from optimizer.closing import Closing
from optimizer.generating import Asking
from optimizer.joint import joint, solved
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.priced import Priced
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.proofs import Proof
from optimizer.reaching import reachable
from optimizer.seating import Chosen
from optimizer.wave import Waved

# So many shares at most are looked at one by one: at once, and polished.
FEW_SHARES, MANY_SHARES = 4_000, 20_000
# Waves of more orders are left to the prices: SCIP would not finish.
POLISHED_ORDERS = 5_000
# Where orders are left out, up to so many are given a linear program of all shares,
# and so many of the likeliest under its prices are gone over again.
ASKING_ORDERS = 1_000
COVERED_SHARES = 2_000
# Steps of the climb that says how many can be served.
FEW_STEPS, MANY_STEPS = 60, 200


@dataclass(frozen=True, slots=True)
class Told:
    """How good the choice of a wave is."""

    chosen: Chosen
    rung: Rung
    bound_cents: int
    served_bound: int
    prices: Prices


def settled(hall: Hall, effort: Effort, meter: Meter) -> Told:
    """Go up the rungs until the choice is proven best or the work is used up."""
    waved = Waved(hall, effort, meter)
    waved.greedy()
    if meter.stopped or effort.solver_work <= 0:
        return _told(hall, waved.chosen, Rung.GREEDY)
    waved.climb()
    if waved.proof is None:
        return _told(hall, waved.chosen, Rung.GREEDY)
    much = effort.solver_work >= 1 and hall.orders <= POLISHED_ORDERS
    steps = MANY_STEPS if much else FEW_STEPS
    reach = reachable(hall, waved.chosen.served, steps, meter)
    last = _Last(waved.chosen, waved.proof, reach, waved.prices)
    if not last.best and not meter.stopped:
        if much:
            last = _asked(hall, last, effort, meter)
        last = _closed(hall, last, effort, meter, MANY_SHARES if much else FEW_SHARES)
        if much:
            last = _asked(hall, last, effort, meter)
            last = _covered(hall, last, effort, meter)
    told = _told(hall, last.chosen, Rung.EXACT if last.best else Rung.PRICED)
    return replace(
        told,
        bound_cents=max(last.bound_cents, told.bound_cents),
        served_bound=last.reach,
        prices=last.prices,
    )


@dataclass(frozen=True, slots=True)
class _Last:
    """What is known last: a choice, a proof, how many can be served at most.

    No choice that serves as many costs less than ``closed_cents``.
    """

    chosen: Chosen
    proof: Proof
    reach: int
    prices: Prices
    closed_cents: int = 0

    @property
    def bound_cents(self) -> int:
        """What serving as many as are served costs at least."""
        return max(self.closed_cents, self.proof.cents(self.chosen.served))

    @property
    def best(self) -> bool:
        most = self.chosen.served == self.reach
        return most and self.chosen.cost <= self.bound_cents * MILLI


def _asked(hall: Hall, last: _Last, effort: Effort, meter: Meter) -> _Last:
    """Raise the bound where orders are left out: no climb comes near it there."""
    left_out = last.chosen.served < len(hall.able)
    if last.best or not left_out or hall.orders > ASKING_ORDERS:
        return last
    asking = Asking(hall, last.proof, meter)
    asking.climb(last.chosen, effort.solver)
    return replace(last, proof=asking.proof)


def _closed(hall: Hall, last: _Last, effort: Effort, meter: Meter, most: int) -> _Last:
    """Choose exactly among promising shares; where they are many, by solvers alone."""
    sure = last.chosen.served == last.reach
    closing = Closing(hall, last.chosen, last.proof, most, most_served=sure)
    if closing.empty or (not closing.whole and most == FEW_SHARES):
        return last
    contest = closing.contest
    if contest.columns <= FEW_SHARES:
        state = joint(contest, effort, meter, closing.known)
    else:
        priced = Priced(contest, effort, meter)
        priced.search.adopt(closing.known)
        state = solved(contest, priced, effort, meter)
    chosen = closing.chosen(state.chosen)
    last = replace(last, chosen=chosen)
    if not closing.whole:
        return last
    # What is not in the contest can only be worse than what was known.
    reach = last.reach if sure else min(last.reach, state.served_bound)
    bound = min(state.bound_cents, chosen.cost // MILLI)
    if state.rung in (Rung.EXACT, Rung.DIRECT):
        reach, bound = chosen.served, chosen.cost // MILLI
    return replace(last, reach=reach, closed_cents=bound, prices=state.prices)


def _covered(hall: Hall, last: _Last, effort: Effort, meter: Meter) -> _Last:
    """Serve as many at less cost, among the shares that are likeliest for so many."""
    left_out = last.chosen.served < len(hall.able)
    if last.best or not left_out or hall.orders > ASKING_ORDERS or meter.stopped:
        return last
    chosen = last.chosen
    closing = Closing(hall, chosen, last.proof, COVERED_SHARES, most_served=True)
    if closing.empty:
        return last
    priced = Priced(closing.contest, effort, meter)
    priced.search.adopt(closing.known)
    priced.climb()
    found = closing.chosen(priced.search.chosen)
    return replace(last, chosen=max(chosen, found, key=lambda each: each.value))


def _told(hall: Hall, chosen: Chosen, rung: Rung) -> Told:
    """Sum up with what is known of any choice: nobody pays less than its least."""
    least = np.sort(hall.least[hall.able])[: chosen.served]
    bound = int(least.sum()) // MILLI
    return Told(chosen, rung, bound, len(hall.able), Prices())
