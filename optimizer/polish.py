"""The exact rung: a linear program for the last of the prices, then SCIP.

Only columns that could be in a better choice are looked at: their reduced cost
under the bound's prices says which. Where all orders are served, a better choice
serves all too; where not, serving one more outweighs every cent, and prices are
found again under a full reward.
"""

import numpy as np

from optimizer.bounds import MILLI, Bound, lagrangian, reward_cents
from optimizer.contest import Contest, Ints, Mask
from optimizer.fleet import partly_filled_cents, shares_vehicles
from optimizer.meter import LOOKS_PER_WORK, Meter
from optimizer.priced import Priced
from optimizer.problem import Effort
from optimizer.programs import Here, Solver
from optimizer.solvers import Relaxed, close, relax

# More columns than this are left to the prices: SCIP, GLOP would not finish.
CLOSABLE_COLUMNS, RELAXABLE_COLUMNS = 50_000, 100_000
# Where orders must be left out, so many are left to the linear program already.
OPEN_COLUMNS = 4_000
# Where more columns are left than this, the likeliest of them are tried first.
FEW_COLUMNS, FEW_PER_ORDER = 1_000, 4
# What one unit of `Effort.solver_work` buys; 0 stays greedy. A node of a large
# program takes longer: so many of its entries looked at by SCIP are one unit too.
NODES_PER_WORK, ENTRIES_PER_WORK = 100, 30_000


def affordable(effort: Effort, entries: int) -> int:
    """Return how many nodes of a program with so many entries the work pays for."""
    by_entries = 1 + int(effort.solver_work * ENTRIES_PER_WORK / max(1, entries))
    return min(by_entries, int(effort.solver_work * NODES_PER_WORK))


class Polish:
    """Takes what the priced rung found as far as the work allows."""

    def __init__(self, priced: Priced, effort: Effort, meter: Meter) -> None:
        self.contest: Contest = priced.contest
        self._priced = priced
        self._effort = effort
        self._meter = meter
        self._solver: Solver = effort.solver or Here()
        self._asked = meter.asked if effort.should_stop is not None else None
        self.chosen: Ints = priced.search.chosen
        self._all_served = bool((self.chosen >= 0).all())
        self._reward = (
            priced.reward_cents if self._all_served else reward_cents(priced.contest)
        )
        self.bound: Bound | None = priced.bound if self._all_served else None

    def climb(self) -> None:
        """Go on until the choice is proven best or the work is used up."""
        if self._meter.stopped:
            return
        self._relax()
        nodes = int(self._effort.solver_work * NODES_PER_WORK)
        if self.bound is None or self.proven or nodes <= 1:
            return
        few = FEW_COLUMNS + FEW_PER_ORDER * self.contest.orders
        for most in (few, CLOSABLE_COLUMNS):
            keep = self._promising()
            everything = int(keep.sum()) <= min(most, self._closable)
            if self._meter.stopped or nodes <= 0 or not (everything or most == few):
                break
            if self._meter.asked():
                break
            columns = keep if everything else self._likeliest(keep, few)
            opened = self._close(
                columns,
                min(nodes, affordable(self._effort, self._entries(columns))),
                whole=everything,
            )
            if opened is None or everything or self.proven:
                break
            nodes -= opened

    def _entries(self, columns: Mask) -> int:
        """Count the entries of a program over some columns, their orders' rows too."""
        mine = int(columns[self.contest.entry_column].sum())
        return max(1, mine + int(columns.sum()))

    @property
    def _closable(self) -> int:
        """How many columns SCIP may be given.

        No limit of nodes bounds its first one, and where orders must be left out
        that one takes seconds long before it proves anything.
        """
        if self._all_served or shares_vehicles(self.contest.rows):
            return CLOSABLE_COLUMNS
        return OPEN_COLUMNS

    @property
    def proven(self) -> bool:
        """Whether nothing can be better than the choice."""
        bound = self.bound
        return (
            bound is not None
            and self._objective(self.chosen) * MILLI < bound.total_millicents + MILLI
        )

    def _relax(self) -> None:
        """Find the best prices there are, and choose under them."""
        keep = self._promising()
        # Stopped while a solver runs is stopped before it: it leaves nothing behind.
        if int(keep.sum()) > RELAXABLE_COLUMNS or self._meter.asked():
            return
        among, kept = self.contest.among(keep)
        relaxed = relax(among, self._reward, self._solver, self._asked)
        if relaxed is None:
            return
        self._meter.spend(among.columns * LOOKS_PER_WORK // 100)
        bound = lagrangian(self.contest, relaxed.prices_millicents, self._reward)
        if self.bound is None or bound.total_millicents > self.bound.total_millicents:
            self.bound = bound
        share = np.zeros(self.contest.columns)
        share[kept] = relaxed.share
        self._round(Relaxed(share, relaxed.prices_millicents))

    def _round(self, relaxed: Relaxed) -> None:
        """Make choices of the program's answer: as it is, then under its prices."""
        largest = np.full(self.contest.orders, -1, dtype=np.int64)
        whole = np.flatnonzero(relaxed.share > 0.5)
        largest[self.contest.order_of_column()[whole]] = whole
        search = self._priced.search
        if self.contest.feasible(largest):
            search.adopt(largest)
        if not self._whole_vehicles_apart(search.chosen):
            self._priced.chosen_under(relaxed.prices_millicents, relaxed.share)
        self.chosen = search.chosen

    def _whole_vehicles_apart(self, chosen: Ints) -> bool:
        """Tell whether a choice can only be bettered by sending fuller vehicles.

        The bound pays for parts of them. No search under prices closes that gap,
        but the integer program does.
        """
        if self.bound is None:
            return False
        gap = self._objective(chosen) - -(-self.bound.total_millicents // MILLI)
        return gap <= partly_filled_cents(self.contest.rows)

    def _close(self, keep: Mask, nodes: int, *, whole: bool) -> int | None:
        """Let SCIP improve the choice among some columns; return the nodes opened.

        ``whole`` says that no better choice has any other column, so that its
        bound holds for all.
        """
        among, kept = self.contest.among(keep)
        # Orders without a column left are in no better choice either.
        orders = np.unique(self.contest.order_of_column()[kept])
        now = np.full(self.contest.columns + 1, -1, dtype=np.int64)
        now[kept] = np.arange(len(kept))
        hint = now[self.chosen[orders]]
        closed = close(
            among,
            hint,
            self._reward,
            nodes=nodes,
            seed=self._effort.seed,
            # The orders of the contest that keep a column are all in it.
            at_least=among.orders if self._all_served else 0,
            solver=self._solver,
            should_stop=self._asked,
        )
        if closed is None:
            return None
        self._meter.spend((1 + closed.nodes) * among.columns)
        if closed.chosen is not None:
            found = np.full_like(self.chosen, -1)
            found[orders] = np.append(kept, -1)[closed.chosen]
            if self._objective(found) < self._objective(self.chosen):
                self.chosen = found
        if whole and self.bound is not None:
            # What was dropped can only be worse than the choice known before.
            floor = min(closed.bound, self._objective(self.chosen))
            self.bound = self.bound.raised(floor)
        return closed.nodes

    def _promising(self) -> Mask:
        """Return the columns that a better choice could have, and the chosen ones."""
        keep = np.ones(self.contest.columns, dtype=np.bool_)
        if self.bound is not None:
            room = (self._objective(self.chosen) - 1) * MILLI
            keep = self.bound.slack_millicents <= room - self.bound.total_millicents
        keep[self.chosen[self.chosen >= 0]] = True
        return keep

    def _likeliest(self, keep: Mask, count: int) -> Mask:
        """Return the columns that lose least against the bound, and the chosen ones."""
        assert self.bound is not None
        columns = np.flatnonzero(keep)
        ranked = columns[
            np.argsort(self.bound.slack_millicents[columns], kind="stable")
        ]
        likely = np.zeros_like(keep)
        likely[ranked[:count]] = True
        likely[self.chosen[self.chosen >= 0]] = True
        return likely

    def _objective(self, chosen: Ints) -> int:
        served = int((chosen >= 0).sum())
        return self.contest.cost(chosen) - self._reward * served
