"""One wave, up the rungs: greedy, priced, and what solvers can still close."""

from dataclasses import dataclass, replace

import numpy as np

from domain.plan import Rung
from optimizer.bounds import MILLI
from optimizer.closing import Closing
from optimizer.joint import State, joint, solved
from optimizer.menus import Hall
from optimizer.meter import Meter
from optimizer.priced import Priced
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.seating import Chosen
from optimizer.wave import Waved

# So many shares at most are looked at one by one: at once, and polished.
FEW_SHARES, MANY_SHARES = 4_000, 20_000
# Waves of more orders are left to the prices: SCIP would not finish.
POLISHED_ORDERS = 5_000


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
    waved, able = Waved(hall, effort, meter), hall.able
    waved.greedy()
    if meter.stopped or effort.solver_work <= 0:
        return _told(hall, waved.chosen, Rung.GREEDY, Prices())
    waved.climb()
    chosen, proof = waved.chosen, waved.proof
    if proof is None:
        return _told(hall, chosen, Rung.GREEDY, Prices())
    bound = proof.cents(chosen.served)
    rung, prices, served = Rung.PRICED, waved.prices, len(able)
    best = chosen.served == served and chosen.cost <= bound * MILLI
    much = effort.solver_work >= 1 and hall.orders <= POLISHED_ORDERS
    if not best and not meter.stopped:
        closing = Closing(hall, chosen, proof, MANY_SHARES if much else FEW_SHARES)
        if closing.whole or (much and not closing.empty):
            state = _closed(closing, effort, meter)
            chosen = closing.chosen(state.chosen)
        if closing.whole:
            # What is not in the contest can only be worse than what was known.
            bound = max(bound, min(state.bound_cents, chosen.cost // MILLI))
            best = state.rung in (Rung.EXACT, Rung.DIRECT)
            served, prices = state.served_bound, state.prices
        bound = max(bound, proof.cents(chosen.served))
    told = _told(hall, chosen, Rung.EXACT if best else rung, prices)
    return replace(told, bound_cents=max(bound, told.bound_cents), served_bound=served)


def _closed(closing: Closing, effort: Effort, meter: Meter) -> State:
    """Choose exactly among promising shares; where they are many, by solvers alone."""
    contest = closing.contest
    if contest.columns <= FEW_SHARES:
        return joint(contest, effort, meter, closing.known)
    priced = Priced(contest, effort, meter)
    priced.search.adopt(closing.known)
    return solved(contest, priced, effort, meter)


def _told(hall: Hall, chosen: Chosen, rung: Rung, prices: Prices) -> Told:
    """Sum up with what is known of any choice: nobody pays less than its least."""
    least = np.sort(hall.least[hall.able])[: chosen.served]
    return Told(chosen, rung, int(least.sum()) // MILLI, len(hall.able), prices)
