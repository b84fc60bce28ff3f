"""Ways to send everything from one center, as rows."""

from collections.abc import Sequence

import numpy as np

from domain.policy import Limits
from optimizer import parcels as p
from optimizer.offers import Lines, Offers
from optimizer.parcels import Ints
from optimizer.problem import Task
from optimizer.rows import Rows
from optimizer.shared import Shared
from optimizer.tariffs import BY_NAME
from optimizer.timetable import PICKUPS
from optimizer.ways import Ways

Asker = tuple[Shared, Task, Limits]


def from_one(asker: Asker, lines: Lines, centers: Sequence[int]) -> Rows:
    """Price some lines from each of some centers; which have them is not asked.

    Of each center those ways are kept that some scarcity could make best.
    """
    priced = Offers(*asker).price([(lines, centers)])
    found = priced.found
    q, n = np.nonzero(np.arange(found.cents.shape[1]) < found.held[:, None])
    load, packing = priced.load[q], found.packing[q, n]
    parts = (
        *(load, priced.center[q], found.lane[q, n]),
        *(packing - priced.first[load], found.klass[q, n], found.billed[q, n]),
    )
    return _rows(asker, priced.lines, found.cents[q, n], parts)


def cheapest(
    asker: Asker, ways: Ways, lines: Lines, centers: Sequence[int], totals: Ints
) -> Rows:
    """Return ways to send everything from one of some centers, best first.

    Parameters
    ----------
    totals
        The cents of each lane (row) and packing, −1 where it is not wanted.
    """
    shared, sheet = asker[0], ways.sheet
    spans = [np.arange(*ways.rows_of(c).indices(len(totals))) for c in centers]
    span = np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64)
    n, packing = np.nonzero(totals[span] >= 0)
    row = span[n]
    center = np.searchsorted(sheet.first, row, side="right") - 1
    names = [
        BY_NAME[ways.briefly(c, lines, r, k)[2]]
        for c, r, k in zip(center.tolist(), row.tolist(), packing.tolist(), strict=True)
    ]
    lanes, cents = sheet.lanes[row], totals[row, packing]
    late_us = lanes[:, p.P90_US] - lanes[:, p.HAND_US]
    service = lanes[:, p.LANE_SERVICE]
    named = shared.table.tariffs.named[service]
    turn = np.lexsort((np.array(names, np.int64), named, center, late_us, cents))
    klass = shared.classes.klass[center, service, lanes[:, p.LANE_PICKUP]]
    billed = _billed(ways, lines, center, row, packing)
    parts = (np.zeros_like(row), center, row, packing, klass, billed)
    return _rows(asker, (lines,), cents[turn], tuple(part[turn] for part in parts))


def _billed(ways: Ways, lines: Lines, center: Ints, row: Ints, packing: Ints) -> Ints:
    """Return what ways take of the vehicles that they share, 0 where of none."""
    found = np.zeros_like(row)
    shared = ways.sheet.lanes[row, p.LANE_PICKUP] >= PICKUPS
    for n in np.flatnonzero(shared).tolist():
        way = (int(center[n]), lines, int(row[n]), int(packing[n]))
        found[n] = ways.billable_g(*way)
    return found


def _rows(
    asker: Asker, lines: tuple[Lines, ...], cents: Ints, parts: tuple[Ints, ...]
) -> Rows:
    """Lay ways out as options of one parcel."""
    packed = np.stack(parts, axis=1)[:, None, :].astype(np.int32)
    return Rows(asker, lines, cents, np.ones(len(cents), dtype=np.int64), packed)
