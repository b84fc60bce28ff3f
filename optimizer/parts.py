"""What centers could send of one order, priced: everything shares are made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.offers import Priced
from optimizer.parcels import Ints

Small = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts of an order: no set of lines and center is left out.

    Pair q is the lines in ``mask[q]`` (bits; together ``full``), as load ``load[q]``,
    from ``center[q]``, with ways ``way_from[q]`` on, cheapest first. At most ``most``
    parts make the order; each after the first costs ``split_cents``. ``lines`` are
    how many each load has.
    """

    full: int
    most: int
    split_cents: int
    mask: Small
    load: Small
    center: Small
    lines: Small
    way_from: Small
    cents: Small
    lane: Small
    packing: Small
    klass: Small

    def __len__(self) -> int:
        return len(self.mask)


def parts_of(
    priced: Priced, masks: Ints, full: int, most: int, split_cents: int
) -> Parts:
    """Keep what was priced; ``masks`` are the lines of each load, as bits."""
    found = priced.found
    sent = np.flatnonzero(found.held)
    held = found.held[sent]
    ways = np.arange(found.cents.shape[1]) < held[:, None]
    load = priced.load[sent]
    lines = np.array([len(part) for part in priced.lines], dtype=np.int32)
    packing = found.packing[sent] - priced.first[load][:, None]

    def small(values: Ints) -> Small:
        return values.astype(np.int32)

    return Parts(
        full=full,
        most=most,
        split_cents=split_cents,
        mask=small(masks[load]),
        load=small(load),
        center=small(priced.center[sent]),
        lines=lines[load],
        way_from=small(np.concatenate([[0], np.cumsum(held)])),
        cents=small(found.cents[sent][ways]),
        lane=small(found.lane[sent][ways]),
        packing=small(packing[ways]),
        klass=small(found.klass[sent][ways]),
    )
