"""Every parcel that could be in a plan: order, center, lines, days and trucks.

Of the ways that take the same from the world only the cheapest is a column, so
that a plan is a set of columns in which every line of every order is sent once.
Nothing is left out, whatever it costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.waving.rivals import Desk, Part
from optimizer.offers import Lines, Offers
from optimizer.options import Option
from optimizer.problem import Task
from optimizer.resources import Resource
from optimizer.ways import Ways

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Parcels as arrays; ``lines`` are bits of the order's lines.

    ``lane`` and ``packing`` are where to find the parcel's way again. Entry e says
    that column ``entry_column[e]`` takes ``entry_amount[e]`` of what ``resources``
    has at ``entry_code[e]``.
    """

    order: Ints
    lines: Ints
    center: Ints
    cents: Ints
    klass: Ints
    lane: Ints
    packing: Ints
    entry_column: Ints
    entry_code: Ints
    entry_amount: Ints

    def __len__(self) -> int:
        return len(self.order)


def columns_of(desk: Desk) -> Columns:
    """Price every part of every order from every center that has it."""
    tasks = desk.shared.problem.tasks
    parcels = [_of_order(desk, n, task) for n, task in enumerate(tasks)]
    table: Ints = np.concatenate(parcels, axis=1)
    entries = list(_entries(desk, table))
    code, amount, column = (np.concatenate(part) for part in zip(*entries, strict=True))
    order, lines, center, cents, klass, lane, packing = table
    return Columns(
        *(order, lines, center, cents, klass, lane, packing), column, code, amount
    )


def _of_order(desk: Desk, order: int, task: Task) -> Ints:
    lines = task.lines
    having = np.array([desk.having(line) for line in lines])
    wanted: list[tuple[Lines, list[int]]] = []
    bits: list[int] = []
    for mask in range(1, 1 << len(lines)):
        part = [n for n in range(len(lines)) if mask >> n & 1]
        able = np.flatnonzero(having[part].all(axis=0)).tolist()
        if able:
            wanted.append((tuple(lines[n] for n in part), able))
            bits += [mask] * len(able)
    priced = Offers(desk.shared, task, task.policy.limits).price(wanted)
    found = priced.found
    q, n = np.nonzero(np.arange(found.cents.shape[1]) < found.held[:, None])
    return np.stack(
        [
            np.full(len(q), order),
            np.array(bits, dtype=np.int64)[q],
            priced.center[q],
            found.cents[q, n],
            found.klass[q, n],
            found.lane[q, n],
            found.packing[q, n] - priced.first[priced.load[q]],
        ]
    )


def _entries(desk: Desk, table: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield codes, amounts and columns of goods, then of days and trucks."""
    order, lines, center, _, klass = table[:5]
    codes, tasks = desk.shared.codes, desk.shared.problem.tasks
    most = max(len(task.lines) for task in tasks)
    goods = np.array(
        [
            [codes.of_sku(line.sku) for line in task.lines]
            + [-1] * (most - len(task.lines))
            for task in tasks
        ]
    )
    units = np.array(
        [
            [line.units for line in task.lines] + [0] * (most - len(task.lines))
            for task in tasks
        ]
    )
    count = np.zeros(len(order), dtype=np.int64)
    for n in range(most):
        has = np.flatnonzero(lines >> n & 1)
        count[has] += 1
        yield goods[order[has], n] + center[has], units[order[has], n], has
    for n in range(codes.of_class.shape[2]):
        code = codes.of_class[center, klass, n]
        has = np.flatnonzero(code >= 0)
        by_lines = codes.by_lines[center[has], klass[has], n]
        yield code[has], np.where(by_lines > 0, count[has], 1), has


def options_of(desk: Desk, columns: Columns, chosen: Ints) -> list[Option | None]:
    """Tell chosen columns as options; an order without any has none."""
    tasks = desk.shared.problem.tasks
    parts: list[list[Part]] = [[] for _ in tasks]
    for at in chosen.tolist():
        order, c = int(columns.order[at]), int(columns.center[at])
        bits = int(columns.lines[at])
        lines = tuple(
            line for n, line in enumerate(tasks[order].lines) if bits >> n & 1
        )
        needs: list[Resource] = []
        way = (int(columns.lane[at]), int(columns.packing[at]), int(columns.cents[at]))
        parts[order].append((c, lines, *way, needs))
    return [
        desk.option(task, Ways(desk.shared, task, task.policy.limits), own)
        if own
        else None
        for task, own in zip(tasks, parts, strict=True)
    ]
