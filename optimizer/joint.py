"""Choose a column for every order of a contest, up the rungs as the work allows.

Greedy in turn, then priced; then columns that cannot be in a better choice are
dropped (their reduced cost proves it), and a linear program and SCIP close the rest.
"""

from dataclasses import dataclass

import numpy as np

from domain.plan import Rung
from optimizer.ascent import named
from optimizer.bounds import Bound
from optimizer.contest import Contest, Ints
from optimizer.fleet import shares_vehicles
from optimizer.meter import Meter
from optimizer.polish import CLOSABLE_COLUMNS, Polish
from optimizer.priced import Priced
from optimizer.prices import Prices
from optimizer.problem import Effort


@dataclass(frozen=True, slots=True)
class State:
    """Where the choice of a contest ended: a column for each order (−1: none)."""

    chosen: Ints
    rung: Rung
    bound_cents: int
    served_bound: int
    work: int
    prices: Prices


def joint(
    contest: Contest,
    effort: Effort,
    meter: Meter | None = None,
    known: Ints | None = None,
) -> State:
    """Go up the rungs until the choice is proven best or the work is used up.

    Parameters
    ----------
    contest
        Orders that compete, each with columns that it could have.
    effort
        Seed, limits of work, prices to begin with, whether to stop.
    meter
        Counts the work, where some was done before.
    known
        A feasible choice to begin with, if there is one.

    Returns
    -------
    The best choice found, what bounds any, and the prices that prove it.
    """
    meter = meter or Meter(effort)
    if contest.orders == 0:
        return _state(contest, np.zeros(0, dtype=np.int64), (), Rung.DIRECT, meter)
    cheapest = contest.first[:-1].copy()
    alone = int(contest.cents[cheapest].sum())
    if contest.feasible(cheapest) and contest.cost(cheapest) == alone:
        return _state(contest, cheapest, (), Rung.DIRECT, meter)
    priced = Priced(contest, effort, meter)
    priced.greedy()
    if known is not None:
        priced.search.adopt(known)
    if meter.stopped or effort.solver_work <= 0:
        return _state(contest, priced.search.chosen, (), Rung.GREEDY, meter)
    if shares_vehicles(contest.rows) and contest.columns <= CLOSABLE_COLUMNS:
        # Prices alone pay for parts of vehicles: the programs come first.
        polish = Polish(priced, effort, meter)
        polish.climb()
        if polish.proven or meter.stopped:
            return _as_polished(contest, priced, polish, meter)
        priced.search.adopt(polish.chosen)
    if priced.climb():
        return _priced(contest, priced, Rung.EXACT, meter)
    if meter.stopped:
        rung = Rung.PRICED if priced.bound is not None else Rung.GREEDY
        return _priced(contest, priced, rung, meter)
    return solved(contest, priced, effort, meter)


def solved(contest: Contest, priced: Priced, effort: Effort, meter: Meter) -> State:
    """Take what is known to where the solvers bring it."""
    polish = Polish(priced, effort, meter)
    polish.climb()
    return _as_polished(contest, priced, polish, meter)


def _as_polished(
    contest: Contest, priced: Priced, polish: Polish, meter: Meter
) -> State:
    bounds = tuple(b for b in (priced.bound, polish.bound) if b is not None)
    rung = Rung.EXACT if polish.proven or priced.proven else Rung.PRICED
    prices = named(contest.rows, priced.prices_millicents)
    return _state(contest, polish.chosen, bounds, rung, meter, prices)


def _priced(contest: Contest, priced: Priced, rung: Rung, meter: Meter) -> State:
    bounds = () if priced.bound is None else (priced.bound,)
    prices = named(contest.rows, priced.prices_millicents)
    return _state(contest, priced.search.chosen, bounds, rung, meter, prices)


def _state(
    contest: Contest,
    chosen: Ints,
    bounds: tuple[Bound, ...],
    rung: Rung,
    meter: Meter,
    prices: Prices | None = None,
) -> State:
    """Sum up; the bound on cost is for as many orders as the choice serves."""
    served = int((chosen >= 0).sum())
    least = np.sort(contest.cents[contest.first[:-1]])
    return State(
        chosen=chosen,
        rung=rung,
        bound_cents=max(
            int(least[:served].sum()), *(b.cents(served) for b in bounds), 0
        ),
        served_bound=min((b.served for b in bounds), default=contest.orders),
        work=meter.work,
        prices=prices or Prices(),
    )
