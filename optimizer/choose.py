"""Choose one option for every order, jointly, under everything that is scarce.

Serving more orders comes before saving cents. In rungs, the best that the work
allows:

- direct: everybody's cheapest option fits, nothing to decide;
- greedy: in turn, then polished one order at a time;
- priced: a linear program prices what is scarce; orders choose under the prices;
- exact: columns that cannot be in a better choice are dropped (their reduced
  cost proves it), SCIP closes the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.plan import Rung
from optimizer.bounds import MILLI, Bound, lagrangian, reward_cents, tightened
from optimizer.contest import Contest, Ints, build, competing, scarce
from optimizer.greedy import in_turn, polish
from optimizer.options import Option
from optimizer.problem import Effort
from optimizer.resources import Supply
from optimizer.solvers import Relaxed, close, relax

# More columns than this are left to the prices: SCIP would not finish.
CLOSABLE_COLUMNS = 50_000
# Where more columns are left than this, the likeliest of them are tried first.
FEW_COLUMNS, FEW_PER_ORDER = 1_000, 4
# What one unit of `Effort.solver_work` buys; 0 stays greedy.
NODES_PER_WORK = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """The option chosen for each order (−1: none), and how good the choice is."""

    chosen: tuple[int, ...]
    rung: Rung
    cents: int
    bound_cents: int
    served_bound: int
    options: int
    work: int


@dataclass(frozen=True, slots=True)
class _State:
    chosen: Ints
    rung: Rung
    bound_cents: int
    served_bound: int
    work: int


def choose(
    options: Sequence[Sequence[Option]],
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
    rare = scarce(options, supply)
    fighting = competing(options, rare)
    chosen = [0 if mine else -1 for mine in options]
    calm = set(range(len(options))) - set(fighting)
    cents = sum(options[n][0].total_cents for n in calm if options[n])
    served = sum(1 for n in calm if options[n])
    count = sum(len(mine) for mine in options)
    if not fighting:
        return Choice(tuple(chosen), Rung.DIRECT, cents, cents, served, count, 0)
    contest = build(options, beyond_allowed, supply, rare, fighting)
    state = _climb(contest, effort)
    for n, column, first in zip(
        fighting, state.chosen.tolist(), contest.first.tolist(), strict=False
    ):
        chosen[n] = column - first if column >= 0 else -1
    return Choice(
        chosen=tuple(chosen),
        rung=state.rung,
        cents=cents + contest.cost(state.chosen),
        bound_cents=cents + state.bound_cents,
        served_bound=served + state.served_bound,
        options=count,
        work=state.work,
    )


def _climb(contest: Contest, effort: Effort) -> _State:
    """Go up the rungs until the choice is proven best or the work is used up."""
    cheapest = contest.first[:-1].copy()
    alone = int(contest.cents[cheapest].sum())
    if contest.feasible(cheapest) and contest.cost(cheapest) == alone:
        return _state(contest, cheapest, None, Rung.DIRECT, 0)
    by_arrival = range(contest.orders)
    chosen = in_turn(contest, by_arrival, contest.cents.tolist())
    if effort.stopped() or effort.solver_work <= 0:
        return _state(contest, chosen, None, Rung.GREEDY, 0)
    relaxed = relax(contest)
    if relaxed is None:
        chosen = _better(contest, chosen, polish(contest, chosen))
        return _state(contest, chosen, None, Rung.GREEDY, 0)
    bound = lagrangian(contest, relaxed.prices_millicents)
    for candidate in _rounded(contest, relaxed):
        chosen = _better(contest, chosen, candidate)
        if _proven(contest, chosen, bound):
            return _state(contest, chosen, bound, Rung.EXACT, 1)
    chosen = _better(contest, chosen, polish(contest, chosen))
    if _proven(contest, chosen, bound):
        return _state(contest, chosen, bound, Rung.EXACT, 1)
    work = 1
    if effort.solver_work * NODES_PER_WORK > 1:
        chosen, bound, work = _close(contest, chosen, bound, effort)
    rung = Rung.EXACT if _proven(contest, chosen, bound) else Rung.PRICED
    return _state(contest, chosen, bound, rung, work)


def _close(
    contest: Contest, chosen: Ints, bound: Bound, effort: Effort
) -> tuple[Ints, Bound, int]:
    """Let SCIP improve the choice: among few columns first, then among all.

    A better choice lowers what a column may lose and still be in a better one,
    so that few are left for the second call, whose bound is proven.
    """
    work = 1
    few = FEW_COLUMNS + FEW_PER_ORDER * contest.orders
    for most in (few, CLOSABLE_COLUMNS):
        columns = _promising(contest, chosen, bound)
        everything = len(columns) <= most
        nodes = int(effort.solver_work * NODES_PER_WORK) - work
        if effort.stopped() or nodes <= 0 or not (everything or most == few):
            break
        if not everything:
            columns = _likeliest(columns, chosen, bound, few)
        closed = close(
            contest,
            columns,
            chosen,
            nodes=nodes,
            seed=effort.seed,
            should_stop=effort.should_stop,
        )
        work += closed.nodes
        if closed.chosen is not None:
            chosen = _better(contest, chosen, closed.chosen)
        if everything:
            # What was dropped can only be worse than the choice known before.
            floor = min(closed.bound, _objective(contest, chosen))
            bound = tightened(contest, bound, floor)
        if everything or _proven(contest, chosen, bound):
            break
    return chosen, bound, work


def _rounded(contest: Contest, relaxed: Relaxed) -> Iterator[Ints]:
    """Make choices of a linear program's answer: as it is, then under its prices."""
    largest = np.full(contest.orders, -1, dtype=np.int64)
    whole = np.flatnonzero(relaxed.share > 0.5)
    largest[contest.order_of_column()[whole]] = whole
    if contest.feasible(largest):
        yield largest
    price = contest.cents.astype(np.float64)
    taken = relaxed.prices_millicents[contest.entry_row] * contest.entry_amount
    np.add.at(price, contest.entry_column, taken / MILLI)
    # Where prices leave a tie, the program's own preference decides.
    judged = price - relaxed.share
    sure = np.maximum.reduceat(relaxed.share, contest.first[:-1])
    turns = np.lexsort((np.arange(contest.orders), -sure)).tolist()
    yield in_turn(contest, turns, judged.tolist())


def _promising(contest: Contest, chosen: Ints, bound: Bound) -> list[int]:
    """Return the columns that a better choice could have, and the chosen ones."""
    room = (_objective(contest, chosen) - 1) * MILLI - bound.total_millicents
    keep = bound.slack_millicents <= room
    keep[chosen[chosen >= 0]] = True
    return [int(column) for column in np.flatnonzero(keep)]


def _likeliest(columns: list[int], chosen: Ints, bound: Bound, count: int) -> list[int]:
    """Return the columns that lose least against the bound, and the chosen ones."""
    slack = bound.slack_millicents
    kept = set(chosen[chosen >= 0].tolist())
    ranked = sorted(columns, key=lambda column: (int(slack[column]), column))
    return sorted(kept.union(ranked[:count]))


def _objective(contest: Contest, chosen: Ints) -> int:
    served = int((chosen >= 0).sum())
    return contest.cost(chosen) - reward_cents(contest) * served


def _better(contest: Contest, one: Ints, other: Ints) -> Ints:
    return other if _objective(contest, other) < _objective(contest, one) else one


def _proven(contest: Contest, chosen: Ints, bound: Bound) -> bool:
    return _objective(contest, chosen) * MILLI < bound.total_millicents + MILLI


def _state(
    contest: Contest, chosen: Ints, bound: Bound | None, rung: Rung, work: int
) -> _State:
    """Sum up; the bound on cost is for as many orders as the choice serves."""
    served = int((chosen >= 0).sum())
    least = np.minimum.reduceat(contest.cents, contest.first[:-1])
    cents = int(least[chosen >= 0].sum())
    if bound is not None and bound.served == served:
        cents = max(cents, bound.cents)
    most = bound.served if bound is not None else contest.orders
    return _State(chosen, rung, cents, most, work)
