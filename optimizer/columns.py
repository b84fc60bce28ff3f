"""Whole options as columns of a contest: how orders choose that share vehicles.

What a part of an order would pay for a vehicle depends on who else rides, so
orders choose among their options, not among shares of priced parts.
"""

from collections.abc import Sequence

import numpy as np

from optimizer.contest import Contest, Mask
from optimizer.demand import Demand
from optimizer.fleet import enough
from optimizer.resources import Kind, Resource, Supply
from optimizer.row import Row


def competing(demand: Demand, rare: Mask) -> tuple[int, ...]:
    """Return the orders whose cheapest option takes something scarce."""
    touched = np.zeros(len(demand.cents), dtype=np.bool_)
    touched[demand.option_of_entry()[rare[demand.code]]] = True
    cheapest, orders = demand.first[:-1], np.flatnonzero(np.diff(demand.first))
    return tuple(orders[touched[cheapest[orders]]].tolist())


def build(
    demand: Demand,
    beyond_allowed: Sequence[bool],
    supply: Supply,
    rare: Mask,
    tasks: tuple[int, ...],
) -> Contest:
    """Lay the competing orders' options out as columns over the scarce rows."""
    fighting = np.zeros(len(demand.first) - 1, dtype=np.bool_)
    fighting[list(tasks)] = True
    order = demand.order_of_option()
    columns = np.flatnonzero(fighting[order])
    position = np.zeros(len(demand.cents), dtype=np.int64)
    position[columns] = np.arange(len(columns))
    option = demand.option_of_entry()
    entries = np.flatnonzero(fighting[order[option]] & rare[demand.code])
    option, code = option[entries], demand.code[entries]
    lines = np.array([r.kind is Kind.FC_LINES for r in demand.resources], dtype=bool)
    bound = ~np.array(beyond_allowed, dtype=bool)[order[option]]
    strict = np.flatnonzero(lines[code] & bound) if len(code) else entries[:0]
    # A resource and its strict row are numbered as they are first met.
    column = np.concatenate([position[option], position[option[strict]]])
    key = np.concatenate([2 * code, 2 * code[strict] + 1])
    amount = demand.amount[entries]
    amount = np.concatenate([amount, amount[strict]])
    turns = np.argsort(column, kind="stable")
    column, key, amount = column[turns], key[turns], amount[turns]
    keys, met, row = np.unique(key, return_index=True, return_inverse=True)
    number = np.empty(len(keys), dtype=np.int64)
    number[np.argsort(met, kind="stable")] = np.arange(len(keys))
    rows = tuple(
        _row(supply, demand.resources[k >> 1], strict=bool(k & 1))
        for k in keys[np.argsort(met, kind="stable")].tolist()
    )
    number_of_entry = number[row.reshape(-1)]
    first = demand.first
    return Contest(
        tasks=tasks,
        first=np.cumsum([0, *np.diff(first)[list(tasks)].tolist()]).astype(np.int64),
        cents=demand.cents[columns],
        option=columns - first[order[columns]],
        rows=enough(rows, number_of_entry, order[columns][column], amount),
        entry_row=number_of_entry,
        entry_column=column,
        entry_amount=amount,
    ).possible()


def _row(supply: Supply, resource: Resource, *, strict: bool) -> Row:
    limit = supply.limit(resource) or 0
    more, more_cents = (0, 0) if strict else supply.beyond(resource)
    return Row(resource, strict, limit, more, more_cents, supply.step(resource))
