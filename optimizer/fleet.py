"""Vehicles in the joint choice: rows of which more is had a whole vehicle at a time."""

from dataclasses import replace

import numpy as np

from optimizer.parcels import Ints
from optimizer.row import Row


def enough(
    rows: tuple[Row, ...], entry_row: Ints, entry_order: Ints, entry_amount: Ints
) -> tuple[Row, ...]:
    """Return the rows with no more vehicles than all orders together could fill.

    Entry e says that some column of order ``entry_order[e]`` takes
    ``entry_amount[e]`` of row ``entry_row[e]``.
    """
    found = list(rows)
    for at, row in enumerate(rows):
        if row.step == 1:
            continue
        mine = np.flatnonzero(entry_row == at)
        orders, position = np.unique(entry_order[mine], return_inverse=True)
        most = np.zeros(len(orders), dtype=np.int64)
        np.maximum.at(most, position, entry_amount[mine])
        over = max(0, int(most.sum()) - row.limit)
        found[at] = replace(row, more=min(row.more, -(-over // row.step) * row.step))
    return tuple(found)


def partly_filled_cents(rows: tuple[Row, ...]) -> int:
    """Return what the bound may lack because vehicles are sent whole.

    One partly filled vehicle for each row: the others could be full.
    """
    return sum(row.more_cents for row in rows if row.step > 1 and row.more)


def shares_vehicles(rows: tuple[Row, ...]) -> bool:
    """Tell whether more of some row comes in whole vehicles."""
    return any(row.step > 1 and row.more for row in rows)
