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
from optimizer.bounds import MILLI
from optimizer.columns import build, competing
from optimizer.contest import scarce
from optimizer.demand import Demand, demand_of
from optimizer.joint import joint
from optimizer.kernels.menus import MOST_PARTS
from optimizer.menus import Hall, hall_of, least_of
from optimizer.meter import Meter
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.resources import Offer, Supply
from optimizer.rows import Rows
from optimizer.seating import Chosen
from optimizer.settling import Told, settled
from optimizer.tolls import under_prices


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
        # What is dear already is paid for: prices here would only be what is more.
        again = replace(effort, prices=None)
        if supply.has_vehicles:
            return _ranked(effort.prices, options, beyond_allowed, supply, again)
        return _by_shares(options, beyond_allowed, supply, again, effort.prices)
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
    if not scarce(cheapest, supply).any():
        cents, served = int(cheapest.cents.sum()), len(cheapest.cents)
        chosen = tuple(0 if mine else -1 for mine in options)
        count = sum(map(len, options))
        return Choice(chosen, Rung.DIRECT, cents, cents, served, count, 0)
    if supply.has_vehicles:
        # A share that rides may be among those that are not kept.
        return _by_columns(demand_of(options), options, beyond_allowed, supply, effort)
    return _by_shares(options, beyond_allowed, supply, effort)


def _by_shares(
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    effort: Effort,
    under: Prices | None = None,
) -> Choice:
    """Choose among all shares; under prices, what is really paid is reported."""
    hall = hall_of(options, beyond_allowed, supply, under)
    meter = Meter(effort)
    told = settled(hall, effort, meter)
    bound = told.bound_cents
    if under is not None:
        bound = _unpriced(hall, told.chosen.served)
    chosen, grown = _places(hall, told.chosen, options)
    return Choice(
        chosen=chosen,
        rung=told.rung if under is None else _under(hall, told),
        cents=(told.chosen.cost - _added(hall, told.chosen)) // MILLI,
        bound_cents=bound,
        served_bound=told.served_bound,
        options=sum(map(len, options)),
        work=meter.work,
        prices=told.prices,
        grown=grown,
    )


def _added(hall: Hall, chosen: Chosen) -> int:
    """Return by how much a choice is judged dearer than it is."""
    held = np.arange(MOST_PARTS) < chosen.size[:, None]
    return int(hall.added[chosen.ways[held]].sum())


def _unpriced(hall: Hall, served: int) -> int:
    """Return the cents that serving so many costs at least, each order alone.

    Nothing is proven about what others would have lost.
    """
    menus = hall.menus._replace(cost=hall.menus.cost - hall.added)
    least = np.sort(least_of(menus, hall.orders))
    return int(least[:served].sum()) // MILLI


def _under(hall: Hall, told: Told) -> Rung:
    """Return the rung of a choice under prices: nothing is said to be exact."""
    least = int(hall.least[hall.able].sum())
    if told.chosen.served == len(hall.able) and told.chosen.cost == least:
        return Rung.DIRECT
    return Rung.PRICED if told.rung is Rung.EXACT else told.rung


def _ranked(
    prices: Prices,
    options: Sequence[Sequence[Offer]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    effort: Effort,
) -> Choice:
    """Choose among whole options as if what they take had to be paid for."""
    demand = demand_of(options)
    paid, turns = under_prices(demand, prices, beyond_allowed)
    choice = _by_columns(paid, options, beyond_allowed, supply, effort)
    first = demand.first[:-1]
    chosen = [
        int(turns[first[n] + at] - first[n]) if at >= 0 else -1
        for n, at in enumerate(choice.chosen)
    ]
    taken = [first[n] + at for n, at in enumerate(choice.chosen) if at >= 0]
    added = int((paid.cents[taken] - demand.cents[turns[taken]]).sum())
    alone = demand.cents[first[np.diff(demand.first) > 0]]
    return replace(
        choice,
        chosen=tuple(chosen),
        rung=Rung.PRICED if choice.rung is Rung.EXACT else choice.rung,
        cents=choice.cents - added,
        bound_cents=int(np.sort(alone)[: len(taken)].sum()),
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
