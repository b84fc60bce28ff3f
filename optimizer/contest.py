"""The joint choice as arrays: who may take what of which scarce thing.

Only what could run out becomes a row, and only orders that touch such a row
compete; everybody else has already taken its cheapest option. Columns are the
options of the competing orders, grouped by order, each with its integer cost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.options import Option
from optimizer.resources import Kind, Resource, Supply

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """A scarce resource: its free amount, and what may be had beyond it at a price.

    ``strict`` rows count only the orders that may not use what is beyond.
    """

    resource: Resource
    strict: bool
    limit: int
    more: int = 0
    more_cents: int = 0


@dataclass(frozen=True, slots=True)
class Contest:
    """Competing orders and their columns.

    Order k has columns ``first[k]`` to ``first[k + 1]``, in the order of its
    options. Entry e says that column ``entry_column[e]`` takes
    ``entry_amount[e]`` of row ``entry_row[e]``; entries are sorted by column.
    """

    tasks: tuple[int, ...]
    first: Ints
    cents: Ints
    rows: tuple[Row, ...]
    entry_row: Ints
    entry_column: Ints
    entry_amount: Ints

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
        beyond = sum(
            max(0, int(used) - max(0, row.limit)) * row.more_cents
            for used, row in zip(self.usage(chosen), self.rows, strict=True)
        )
        return int(self.cents[chosen[chosen >= 0]].sum()) + beyond

    def feasible(self, chosen: Ints) -> bool:
        """Tell whether no row gives more than it has."""
        return all(
            int(used) <= max(0, row.limit) + row.more
            for used, row in zip(self.usage(chosen), self.rows, strict=True)
        )


def scarce(options: Sequence[Sequence[Option]], supply: Supply) -> frozenset[Resource]:
    """Return the resources that could run out, whatever everybody chose."""
    most: dict[Resource, int] = {}
    for mine in options:
        own: dict[Resource, int] = {}
        for option in mine:
            for resource, amount in option.uses.items():
                if amount > own.get(resource, 0):
                    own[resource] = amount
        for resource, amount in own.items():
            most[resource] = most.get(resource, 0) + amount
    return frozenset(
        resource
        for resource, amount in most.items()
        if amount > (supply.limit(resource) or 0)
    )


def competing(
    options: Sequence[Sequence[Option]], rare: frozenset[Resource]
) -> tuple[int, ...]:
    """Return the orders whose cheapest option takes something scarce."""
    return tuple(
        n
        for n, mine in enumerate(options)
        if mine and any(resource in rare for resource in mine[0].uses)
    )


def build(
    options: Sequence[Sequence[Option]],
    beyond_allowed: Sequence[bool],
    supply: Supply,
    rare: frozenset[Resource],
    tasks: tuple[int, ...],
) -> Contest:
    """Lay the competing orders' options out as columns over the scarce rows."""
    index: dict[tuple[Resource, bool], int] = {}
    rows: list[Row] = []

    def row_of(resource: Resource, strict: bool) -> int:
        key = (resource, strict)
        if key not in index:
            index[key] = len(rows)
            rows.append(_row(supply, resource, strict=strict))
        return index[key]

    first: list[int] = [0]
    cents: list[int] = []
    entries: list[tuple[int, int, int]] = []
    for n in tasks:
        for option in options[n]:
            column = len(cents)
            cents.append(option.total_cents)
            for resource, amount in option.uses.items():
                if resource not in rare:
                    continue
                entries.append((row_of(resource, False), column, amount))
                if resource.kind is Kind.FC_LINES and not beyond_allowed[n]:
                    entries.append((row_of(resource, True), column, amount))
        first.append(len(cents))
    table = np.array(entries, dtype=np.int64).reshape(-1, 3)
    return Contest(
        tasks=tasks,
        first=np.array(first, dtype=np.int64),
        cents=np.array(cents, dtype=np.int64),
        rows=tuple(rows),
        entry_row=table[:, 0],
        entry_column=table[:, 1],
        entry_amount=table[:, 2],
    )


def _row(supply: Supply, resource: Resource, *, strict: bool) -> Row:
    limit = supply.limit(resource) or 0
    more, more_cents = (0, 0) if strict else supply.beyond(resource)
    return Row(resource, strict, limit, more, more_cents)


def column_uses(contest: Contest) -> Sequence[Mapping[int, int]]:
    """Return, for each column, the rows it takes from and how much."""
    uses: list[dict[int, int]] = [{} for _ in range(contest.columns)]
    for row, column, amount in zip(
        contest.entry_row.tolist(),
        contest.entry_column.tolist(),
        contest.entry_amount.tolist(),
        strict=True,
    ):
        uses[column][row] = amount
    return uses
