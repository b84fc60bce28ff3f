"""The direct model: which line of which order goes from where by which service.

What a parcel costs is not the sum of what its lines cost. The model takes a fixed
part for each parcel and a part for each line, so that a line alone and all lines
together cost what they really do; in between it is near. What it answers is
packed and priced anew, as it is.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.waving.rivals import Desk, Part
from benchmarks.waving.rowing import Rows
from benchmarks.waving.solving import Answer, Ints, Model
from optimizer.offers import Lines
from optimizer.options import Option
from optimizer.problem import Task
from optimizer.ways import Ways

_DEAREST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Direct:
    """The model's variables: lines by lanes, then parcels by lanes.

    ``sent`` has a column for each order, line and lane; ``opened`` one for each
    order, lane, center and class.
    """

    desk: Desk
    sent: Ints
    opened: Ints
    model: Model

    @classmethod
    def of(cls, desk: Desk) -> "Direct":
        tasks = desk.shared.problem.tasks
        parts = [_of_order(desk, n, task) for n, task in enumerate(tasks)]
        sent = np.concatenate([part[0] for part in parts], axis=1)
        opened = np.concatenate([part[1] for part in parts], axis=1)
        cents = np.concatenate([sent[3], opened[4]]).astype(np.float64)
        return cls(desk, sent[:3], opened[:4], _rows(desk, sent, opened).model(cents))

    def options(self, answer: Answer) -> list[Option | None]:
        """Return what the model answered, packed and priced as it is."""
        assert answer.values is not None
        chosen = np.flatnonzero(answer.values[: self.sent.shape[1]] > 0.5)
        lanes: list[dict[int, list[int]]] = [{} for _ in self.desk.shared.problem.tasks]
        for order, line, lane in self.sent[:, chosen].T.tolist():
            lanes[order].setdefault(lane, []).append(line)
        return [
            self._option(task, own)
            for task, own in zip(self.desk.shared.problem.tasks, lanes, strict=True)
        ]

    def _option(self, task: Task, lanes: dict[int, list[int]]) -> Option | None:
        ways = Ways(self.desk.shared, task, task.policy.limits)
        parts: list[Part] = []
        for lane, at in lanes.items():
            lines: Lines = tuple(task.lines[n] for n in sorted(at))
            c = int(np.searchsorted(ways.sheet.first, lane, side="right")) - 1
            totals = ways.totals([(lines, (c,))])[lane]
            if not (totals >= 0).any():
                return None
            packing = int(np.where(totals < 0, _DEAREST, totals).argmin())
            parts.append((c, lines, lane, packing, int(totals[packing]), []))
        return self.desk.option(task, ways, parts) if parts else None


def _of_order(desk: Desk, order: int, task: Task) -> tuple[Ints, Ints]:
    """Price every line on every lane; fit a fixed part to all lines together."""
    ways = Ways(desk.shared, task, task.policy.limits)
    having = np.array([desk.having(line) for line in task.lines])
    first = ways.sheet.first
    center = np.repeat(np.arange(len(first) - 1), np.diff(first))
    alone = np.full((len(task.lines), len(center)), -1, dtype=np.int64)
    for n, line in enumerate(task.lines):
        able = tuple(np.flatnonzero(having[n]).tolist())
        alone[n] = _least(ways.totals([((line,), able)]))
    most: dict[Lines, list[int]] = {}
    for c in np.flatnonzero(having.any(axis=0)).tolist():
        lines = tuple(line for n, line in enumerate(task.lines) if having[n, c])
        most.setdefault(lines, []).append(c)
    together = _least(ways.totals([(part, tuple(cs)) for part, cs in most.items()]))
    able_lines = (alone >= 0).sum(axis=0)
    summed = np.where(alone < 0, 0, alone).sum(axis=0)
    fits = (together >= 0) & (able_lines == having[:, center].sum(axis=0))
    over = np.where(fits & (able_lines > 1), summed - together, 0)
    fixed = over // np.maximum(1, able_lines - 1)
    at, lane = np.nonzero(alone >= 0)
    sent = np.stack([np.full(len(at), order), at, lane, alone[at, lane] - fixed[lane]])
    used = np.flatnonzero(able_lines)
    service, pickup = ways.sheet.lanes[used, 0], ways.sheet.lanes[used, 3]
    klass = desk.shared.classes.klass[center[used], service, pickup]
    opened = np.full(len(used), order), used, center[used], klass
    split = np.full(len(used), task.policy.money.split_cents)
    return sent, np.stack([*opened, fixed[used] + split])


def _least(totals: Ints) -> Ints:
    """Return the cents of the cheapest packing on each lane, −1 for none."""
    least = np.where(totals < 0, _DEAREST, totals).min(axis=1)
    return np.where(least == _DEAREST, -1, least)


def _rows(desk: Desk, sent: Ints, opened: Ints) -> Rows:
    shared, tasks = desk.shared, desk.shared.problem.tasks
    order, line, lane, _ = sent
    of_order, of_lane, center, klass, _ = opened
    width, centers = int(lane.max()) + 1, len(shared.centers)
    x, y = np.arange(len(order)), len(order) + np.arange(len(of_order))
    parcel = len(order) + np.searchsorted(
        of_order * width + of_lane, order * width + lane
    )
    rows = Rows()
    rows.each(order * 8 + line, x, 1.0, 1.0)
    ones = np.ones(len(x), dtype=np.int64)
    rows.add(
        *(np.concatenate([x, x]), np.concatenate([x, parcel])),
        amounts=np.concatenate([ones, -ones]),
        least=np.full(len(x), -np.inf),
        most=np.zeros(len(x)),
    )
    rows.each(of_order * centers + center, y, -np.inf, 1.0)
    most = np.array([task.policy.limits.max_centers or centers for task in tasks])
    rows.each(of_order, y, -np.inf, most[np.unique(of_order)].astype(np.float64))
    at = parcel - len(order)
    goods = np.array(
        [
            shared.codes.of_sku(tasks[o].lines[n].sku)
            for o, n in zip(order.tolist(), line.tolist(), strict=True)
        ]
    )
    units = np.array(
        [
            tasks[o].lines[n].units
            for o, n in zip(order.tolist(), line.tolist(), strict=True)
        ]
    )
    entries = [(order * 8 + line, x, goods + center[at], units)]
    for n in range(shared.codes.of_class.shape[2]):
        for own, variable, c, k, by_lines in (
            (order * 8 + line, x, center[at], klass[at], 1),
            (of_order * 8, y, center, klass, 0),
        ):
            code = shared.codes.of_class[c, k, n]
            has = (code >= 0) & (shared.codes.by_lines[c, k, n] == by_lines)
            one = np.ones(int(has.sum()), dtype=np.int64)
            entries.append((own[has], variable[has], code[has], one))
    taker, variable, code, amount = (
        np.concatenate(part) for part in zip(*entries, strict=True)
    )
    rows.limited(taker, variable, code, amount, shared)
    return rows
