"""The joint choice as arrays: who may take what of which scarce thing.

Only what could run out becomes a row, and only orders that touch such a row
compete; everybody else has already taken its cheapest option. Columns are the
options of the competing orders, grouped by order, each with its integer cost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optimizer.demand import Demand
from optimizer.resources import Supply
from optimizer.row import Row as Row

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Contest:
    """Competing orders and their columns.

    Order k has columns ``first[k]`` to ``first[k + 1]``, at least one, cheapest
    first; column c is option ``option[c]`` of its order. Entry e says that column
    ``entry_column[e]`` takes ``entry_amount[e]`` of row ``entry_row[e]``; entries
    are sorted by column. Every column fits as long as nobody else takes anything.

    ``limits``, ``more``, ``more_cents`` and ``step`` are the rows' own, as arrays,
    ``entries_from[c]`` is where the entries of column c begin.
    """

    tasks: tuple[int, ...]
    first: Ints
    cents: Ints
    option: Ints
    rows: tuple[Row, ...]
    entry_row: Ints
    entry_column: Ints
    entry_amount: Ints
    limits: Ints = field(init=False)
    more: Ints = field(init=False)
    more_cents: Ints = field(init=False)
    step: Ints = field(init=False)
    entries_from: Ints = field(init=False)

    def __post_init__(self) -> None:
        def of_rows(values: Iterable[int]) -> Ints:
            return np.array(list(values), dtype=np.int64)

        starts = np.searchsorted(self.entry_column, np.arange(self.columns + 1))
        for name, values in (
            ("limits", of_rows(max(0, row.limit) for row in self.rows)),
            ("more", of_rows(row.more for row in self.rows)),
            ("more_cents", of_rows(row.more_cents for row in self.rows)),
            ("step", of_rows(row.step for row in self.rows)),
            ("entries_from", starts.astype(np.int64)),
        ):
            object.__setattr__(self, name, values)

    @property
    def orders(self) -> int:
        return len(self.tasks)

    @property
    def columns(self) -> int:
        return len(self.cents)

    def order_of_column(self) -> Ints:
        """Return, for each column, the position of its order."""
        return np.repeat(np.arange(self.orders), np.diff(self.first))

    def usage(self, chosen: Ints) -> Ints:
        """Return what the chosen columns (−1: none) take of every row."""
        on = np.zeros(self.columns, dtype=np.int64)
        on[chosen[chosen >= 0]] = 1
        taken = self.entry_amount * on[self.entry_column]
        return np.bincount(
            self.entry_row, weights=taken, minlength=len(self.rows)
        ).astype(np.int64)

    def cost(self, chosen: Ints) -> int:
        """Return the cents of a choice, with what is beyond capacity in it."""
        beyond = self.steps(self.usage(chosen)) * self.more_cents
        return int(self.cents[chosen[chosen >= 0]].sum() + beyond.sum())

    def steps(self, usage: Ints) -> Ints:
        """Return how many steps beyond each row's free amount a usage takes."""
        over = np.maximum(0, usage - self.limits)
        steps: Ints = -(-over // self.step)
        return steps

    def feasible(self, chosen: Ints) -> bool:
        """Tell whether no row gives more than it has."""
        return bool((self.usage(chosen) <= self.limits + self.more).all())

    def among(self, keep: Mask) -> tuple["Contest", Ints]:
        """Return the contest among some columns, and which column is which.

        Orders that keep none are no longer in it.
        """
        kept = np.flatnonzero(keep)
        counts = np.bincount(self.order_of_column()[kept], minlength=self.orders)
        left = counts[counts > 0]
        now = np.cumsum(keep) - 1
        entries = keep[self.entry_column]
        contest = Contest(
            tasks=tuple(np.array(self.tasks)[counts > 0].tolist()),
            first=np.concatenate([[0], np.cumsum(left)]).astype(np.int64),
            cents=self.cents[kept],
            option=self.option[kept],
            rows=self.rows,
            entry_row=self.entry_row[entries],
            entry_column=now[self.entry_column[entries]],
            entry_amount=self.entry_amount[entries],
        )
        return contest, kept

    def possible(self) -> "Contest":
        """Return the contest without columns that no choice could ever have."""
        over = self.entry_amount > (self.limits + self.more)[self.entry_row]
        keep = np.ones(self.columns, dtype=np.bool_)
        keep[self.entry_column[over]] = False
        return self if keep.all() else self.among(keep)[0]


def scarce(demand: Demand, supply: Supply) -> Mask:
    """Tell which resources could run out, whatever everybody chose."""
    count = len(demand.resources)
    order = demand.order_of_option()[demand.option_of_entry()]
    key = order * count + demand.code
    turns = np.lexsort((demand.amount, key))
    ordered = key[turns]
    last = np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)]
    most = np.zeros(count, dtype=np.int64)
    np.add.at(most, demand.code[turns[last]], demand.amount[turns[last]])
    limits = np.zeros(count, dtype=np.int64)
    for code in np.flatnonzero(most).tolist():
        limits[code] = supply.limit(demand.resources[code]) or 0
    return most > limits
