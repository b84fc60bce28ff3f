"""The whole wave as one integer program over all its parcels.

A column is a parcel: an order, a center, some of the lines, the days and trucks
it takes. Every line is sent once, an order has one parcel from a center and no
more than its policy allows, nothing is taken that is not there. That is the
problem itself, so that the program's bound holds for every plan of whole lines.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.waving.columns import Columns, columns_of, options_of
from benchmarks.waving.rivals import Desk
from benchmarks.waving.rowing import Rows
from benchmarks.waving.solving import Answer, Model
from optimizer.options import Option


@dataclass(frozen=True)
class Master:
    """The program, and how to read its answers."""

    desk: Desk
    columns: Columns
    model: Model
    # What every plan has been charged too much: a split for each first parcel.
    too_much_cents: int

    @classmethod
    def of(cls, desk: Desk) -> "Master":
        columns = columns_of(desk)
        tasks = desk.shared.problem.tasks
        split = np.array([task.policy.money.split_cents for task in tasks])
        cents = (columns.cents + split[columns.order]).astype(np.float64)
        return cls(desk, columns, _rows(desk, columns).model(cents), int(split.sum()))

    def options(self, answer: Answer) -> list[Option | None]:
        """Return the plan that an answer stands for."""
        assert answer.values is not None
        return options_of(self.desk, self.columns, np.flatnonzero(answer.values > 0.5))

    def bound_cents(self, answer: Answer) -> int:
        """Return what any plan costs at least, as far as was proven."""
        return max(0, int(np.ceil(answer.bound - 0.01)) - self.too_much_cents)


def _rows(desk: Desk, columns: Columns) -> Rows:
    tasks, shared = desk.shared.problem.tasks, desk.shared
    lines = np.array([len(task.lines) for task in tasks])
    at = np.arange(len(columns))
    rows = Rows()
    first = np.cumsum([0, *lines.tolist()])
    for n in range(int(lines.max())):
        has = at[columns.lines >> n & 1 > 0]
        rows.each(first[columns.order[has]] + n, has, 1.0, 1.0)
    several = at[lines[columns.order] > 1]
    centers = len(shared.centers)
    key = columns.order[several] * centers + columns.center[several]
    rows.each(key, several, -np.inf, 1.0)
    most = np.array([task.policy.limits.max_centers or 99 for task in tasks])
    many = at[lines[columns.order] > most[columns.order]]
    if len(many):
        kept = np.unique(columns.order[many])
        rows.each(columns.order[many], many, -np.inf, most[kept].astype(np.float64))
    rows.limited(
        columns.order[columns.entry_column],
        *(columns.entry_column, columns.entry_code, columns.entry_amount),
        shared,
    )
    return rows
