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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from domain.plan import Rung
from optimizer.ascent import named
from optimizer.bounds import MILLI, Bound
from optimizer.closing import Closing
from optimizer.columns import build, competing
from optimizer.contest import Contest, Ints, scarce
from optimizer.demand import Demand, demand_of
from optimizer.fleet import shares_vehicles
from optimizer.menus import Hall, hall_of
from optimizer.meter import Meter
from optimizer.polish import CLOSABLE_COLUMNS, Polish
from optimizer.priced import Priced
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.resources import Offer, Supply, Uses
from optimizer.rows import Rows
from optimizer.seating import Chosen
from optimizer.wave import Waved

# So many shares at most are looked at one by one: at once, and polished.
FEW_SHARES, MANY_SHARES = 4_000, 20_000
# Waves of more orders are left to the prices: SCIP would not finish.
POLISHED_ORDERS = 5_000


@dataclass(frozen=True, slots=True)
class Choice:
    """The option chosen for each order (−1: none), and how good the choice is.

    ``prices`` are those of what is scarce here, at the highest bound found. Where
    an order's options have ``grown`` by the share chosen, that counts in them.
    """

    chosen: tuple[int, ...]
    rung: Rung
    cents: int
    bound_cents: int
    served_bound: int
    options: int
    work: int
    prices: Prices = field(default_factory=Prices)
    grown: Mapping[int, Rows] = field(default_factory=dict)


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
    cheapest = demand_of(
        [mine.cheapest() if isinstance(mine, Rows) else mine[:1] for mine in options]
    )
    count = sum(map(len, options))
    if not scarce(cheapest, supply).any():
        cents, served = int(cheapest.cents.sum()), len(cheapest.cents)
        chosen = tuple(0 if mine else -1 for mine in options)
        return Choice(chosen, Rung.DIRECT, cents, cents, served, count, 0)
    if supply.has_vehicles:
        # A share that rides may be among those that are not kept.
        return _by_columns(demand_of(options), options, beyond_allowed, supply, effort)
    hall = hall_of(options, beyond_allowed, supply)
    meter = Meter(effort)
    told = _settled(hall, effort, meter)
    chosen, grown = _places(hall, told.chosen, options)
    return Choice(
        chosen=chosen,
        rung=told.rung,
        cents=told.chosen.cost // MILLI,
        bound_cents=told.bound_cents,
        served_bound=told.served_bound,
        options=count,
        work=meter.work,
        prices=told.prices,
        grown=grown,
    )


def _by_columns(
    demand: Demand,
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    effort: Effort,
) -> Choice:
    """Choose among whole options; who competes with nobody has its cheapest."""
    rare = scarce(demand, supply)
    fighting = competing(demand, rare)
    chosen = [0 if mine else -1 for mine in options]
    calm = sorted(set(range(len(options))) - set(fighting))
    least = demand.cents[demand.first[[n for n in calm if options[n]]]]
    cents, served, meter = int(least.sum()), len(least), Meter(effort)
    contest = build(demand, beyond_allowed, supply, rare, fighting)
    state = joint(contest, effort, meter)
    for n in fighting:
        chosen[n] = -1
    for n, column in zip(contest.tasks, state.chosen.tolist(), strict=True):
        if column >= 0:
            chosen[n] = int(contest.option[column])
    return Choice(
        chosen=tuple(chosen),
        rung=state.rung,
        cents=cents + contest.cost(state.chosen),
        bound_cents=cents + state.bound_cents,
        served_bound=served + state.served_bound,
        options=len(demand.cents),
        work=state.work,
        prices=state.prices,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """How good the choice of a wave is."""

    chosen: Chosen
    rung: Rung
    bound_cents: int
    served_bound: int
    prices: Prices


def _settled(hall: Hall, effort: Effort, meter: Meter) -> _Told:
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
    return _solved(contest, priced, effort, meter)


def _told(hall: Hall, chosen: Chosen, rung: Rung, prices: Prices) -> _Told:
    """Sum up with what is known of any choice: nobody pays less than its least."""
    least = np.sort(hall.least[hall.able])[: chosen.served]
    return _Told(chosen, rung, int(least.sum()) // MILLI, len(hall.able), prices)


def _places(
    hall: Hall, chosen: Chosen, options: Sequence[Sequence[Offer]]
) -> tuple[tuple[int, ...], dict[int, Rows]]:
    """Return where the chosen shares are among the options; some come in now."""
    places, grown = [-1] * len(options), {}
    menus = hall.menus
    for k in np.flatnonzero(chosen.size).tolist():
        n, size = int(hall.tasks[k]), int(chosen.size[k])
        pairs = chosen.pairs[k, :size] - menus.pair_from[k]
        mine = options[n]
        if k >= hall.exact or not isinstance(mine, Rows):
            places[n] = int(pairs[0])
            continue
        ways = hall.way_id[chosen.ways[k, :size]] - hall.ways_from[k]
        rows, places[n] = mine.with_share(
            tuple(zip(pairs.tolist(), ways.tolist(), strict=True))
        )
        if rows is not mine:
            grown[n] = rows
    return tuple(places), grown


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
    return _solved(contest, priced, effort, meter)


def _solved(contest: Contest, priced: Priced, effort: Effort, meter: Meter) -> State:
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
