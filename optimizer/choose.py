"""Choose one option for every order, jointly, under everything that is scarce.

Serving more orders comes before saving cents. In rungs, the best that the work
allows:

- direct: everybody's cheapest option fits, nothing to decide;
- greedy: in turn, as orders come;
- priced: prices for what is scarce, choices under them, made better by moving
  several orders at once;
- exact: columns that cannot be in a better choice are dropped (their reduced
  cost proves it), a linear program and SCIP close the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from domain.plan import Rung
from optimizer.ascent import named
from optimizer.bounds import MILLI, Bound
from optimizer.contest import Contest, Ints, build, competing, scarce
from optimizer.demand import demand_of
from optimizer.meter import Meter
from optimizer.polish import Polish
from optimizer.priced import Priced
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.resources import Offer, Supply, Uses


@dataclass(frozen=True, slots=True)
class Choice:
    """The option chosen for each order (−1: none), and how good the choice is.

    ``prices`` are those of what is scarce here, at the highest bound found.
    """

    chosen: tuple[int, ...]
    rung: Rung
    cents: int
    bound_cents: int
    served_bound: int
    options: int
    work: int
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True, slots=True)
class _Judged:
    """An option as it is judged: its price with what it takes from others in it."""

    total_cents: int
    uses: Uses


@dataclass(frozen=True, slots=True)
class State:
    """Where the choice of a contest ended: a column for each order (−1: none)."""

    chosen: Ints
    rung: Rung
    bound_cents: int
    served_bound: int
    work: int
    prices: Prices


def choose(
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    effort: Effort,
) -> Choice:
    """Choose for every order the option that is best for all of them together.

    Parameters
    ----------
    options
        Each order's options, cheapest first; an order may have none.
    beyond_allowed
        Whether an order may use a center's capacity beyond the normal.
    supply
        How much there is of everything.
    effort
        Seed, limits of work, and whether to stop.

    Returns
    -------
    The choice. Equal inputs give equal choices unless ``should_stop`` intervened.
    """
    if effort.under_prices and effort.prices:
        return _choose_under(effort.prices, options, beyond_allowed, supply, effort)
    return _choose(options, beyond_allowed, supply, effort)


def _choose(
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    effort: Effort,
) -> Choice:
    demand = demand_of(options)
    rare = scarce(demand, supply)
    fighting = competing(demand, rare)
    chosen = [0 if mine else -1 for mine in options]
    calm = sorted(set(range(len(options))) - set(fighting))
    least = demand.cents[demand.first[[n for n in calm if options[n]]]]
    cents, served, count = int(least.sum()), len(least), len(demand.cents)
    if not fighting:
        return Choice(tuple(chosen), Rung.DIRECT, cents, cents, served, count, 0)
    for n in fighting:
        chosen[n] = -1
    contest = build(demand, beyond_allowed, supply, rare, fighting)
    state = joint(contest, effort)
    for n, column in zip(contest.tasks, state.chosen.tolist(), strict=True):
        if column >= 0:
            chosen[n] = int(contest.option[column])
    return Choice(
        chosen=tuple(chosen),
        rung=state.rung,
        cents=cents + contest.cost(state.chosen),
        bound_cents=cents + state.bound_cents,
        served_bound=served + state.served_bound,
        options=count,
        work=state.work,
        prices=state.prices,
    )


def _choose_under(
    prices: Prices,
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    effort: Effort,
) -> Choice:
    """Choose as if what is taken had to be paid for; report what is really paid."""
    ranked: list[list[int]] = []
    judged: list[list[_Judged]] = []
    for mine, may in zip(options, beyond_allowed, strict=True):
        cents = [
            option.total_cents
            + prices.of_uses(option.uses, beyond_allowed=may) // MILLI
            for option in mine
        ]
        turns = sorted(range(len(mine)), key=cents.__getitem__)
        ranked.append(turns)
        judged.append([_Judged(cents[n], mine[n].uses) for n in turns])
    choice = _choose(judged, beyond_allowed, supply, effort)
    chosen = [
        turns[at] if at >= 0 else -1
        for turns, at in zip(ranked, choice.chosen, strict=True)
    ]
    paid = [
        (judged[n][at].total_cents, options[n][ranked[n][at]].total_cents)
        for n, at in enumerate(choice.chosen)
        if at >= 0
    ]
    least = sorted(
        min(option.total_cents for option in mine) for mine in options if mine
    )
    return replace(
        choice,
        chosen=tuple(chosen),
        # Nothing is proven about what others would have lost.
        rung=Rung.PRICED if choice.rung is Rung.EXACT else choice.rung,
        cents=choice.cents - sum(under - real for under, real in paid),
        bound_cents=sum(least[: len(paid)]),
    )


def joint(contest: Contest, effort: Effort) -> State:
    """Go up the rungs until the choice is proven best or the work is used up.

    Parameters
    ----------
    contest
        Orders that compete, each with columns that it could have.
    effort
        Seed, limits of work, prices to begin with, whether to stop.

    Returns
    -------
    The best choice found, what bounds any, and the prices that prove it.
    """
    meter = Meter(effort)
    if contest.orders == 0:
        return _state(contest, np.zeros(0, dtype=np.int64), (), Rung.DIRECT, meter)
    cheapest = contest.first[:-1].copy()
    alone = int(contest.cents[cheapest].sum())
    if contest.feasible(cheapest) and contest.cost(cheapest) == alone:
        return _state(contest, cheapest, (), Rung.DIRECT, meter)
    priced = Priced(contest, effort, meter)
    priced.greedy()
    if meter.stopped or effort.solver_work <= 0:
        return _state(contest, priced.search.chosen, (), Rung.GREEDY, meter)
    if priced.climb():
        return _priced(contest, priced, Rung.EXACT, meter)
    if meter.stopped:
        rung = Rung.PRICED if priced.bound is not None else Rung.GREEDY
        return _priced(contest, priced, rung, meter)
    polish = Polish(priced, effort, meter)
    polish.climb()
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
