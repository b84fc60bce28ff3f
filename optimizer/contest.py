"""The joint choice as arrays: who may take what of which scarce thing.

Only what could run out becomes a row, and only orders that touch such a row
compete; everybody else has already taken its cheapest option. Columns are the
options of the competing orders, grouped by order, each with its integer cost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from optimizer.resources import Kind, Resource, Supply, Uses

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Offer(Protocol):
    """What the joint choice asks of an option: its price and what it takes."""

    @property
    def total_cents(self) -> int: ...

    @property
    def uses(self) -> Uses: ...


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

    Order k has columns ``first[k]`` to ``first[k + 1]``, at least one, cheapest
    first; column c is option ``option[c]`` of its order. Entry e says that column
    ``entry_column[e]`` takes ``entry_amount[e]`` of row ``entry_row[e]``; entries
    are sorted by column. Every column fits as long as nobody else takes anything.

    ``limits``, ``more`` and ``more_cents`` are the rows' amounts as arrays,
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
    entries_from: Ints = field(init=False)

    def __post_init__(self) -> None:
        def of_rows(values: Iterable[int]) -> Ints:
            return np.array(list(values), dtype=np.int64)

        starts = np.searchsorted(self.entry_column, np.arange(self.columns + 1))
        for name, values in (
            ("limits", of_rows(max(0, row.limit) for row in self.rows)),
            ("more", of_rows(row.more for row in self.rows)),
            ("more_cents", of_rows(row.more_cents for row in self.rows)),
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
        beyond = np.maximum(0, self.usage(chosen) - self.limits) * self.more_cents
        return int(self.cents[chosen[chosen >= 0]].sum() + beyond.sum())

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


def scarce(options: Sequence[Sequence[Offer]], supply: Supply) -> frozenset[Resource]:
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
    options: Sequence[Sequence[Offer]], rare: frozenset[Resource]
) -> tuple[int, ...]:
    """Return the orders whose cheapest option takes something scarce."""
    return tuple(
        n
        for n, mine in enumerate(options)
        if mine and any(resource in rare for resource in mine[0].uses)
    )


def build(
    options: Sequence[Sequence[Offer]],
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
    option_of: list[int] = []
    entries: list[tuple[int, int, int]] = []
    for n in tasks:
        for at, option in enumerate(options[n]):
            column = len(cents)
            option_of.append(at)
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
        option=np.array(option_of, dtype=np.int64),
        rows=tuple(rows),
        entry_row=table[:, 0].copy(),
        entry_column=table[:, 1].copy(),
        entry_amount=table[:, 2].copy(),
    ).possible()


def _row(supply: Supply, resource: Resource, *, strict: bool) -> Row:
    limit = supply.limit(resource) or 0
    more, more_cents = (0, 0) if strict else supply.beyond(resource)
    return Row(resource, strict, limit, more, more_cents)
