"""Climb to high prices of scarce things: a deflected subgradient, compiled.

Under prices every order stands alone: it takes its cheapest column, or is left
out for the reward. What all of them then take more than there is of a row raises
its price, what they leave lowers it.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.

References
----------
.. [1] Held, M., P. Wolfe, and H. Crowder (1974). Validation of subgradient
       optimization. *Mathematical Programming* 6: 62-88.
.. [2] Camerini, P., L. Fratta, and F. Maffioli (1975). On improving relaxation
       methods by modified gradient techniques. *Mathematical Programming Study*
       3: 26-34.
.. [3] Barahona, F., and R. Anbil (2000). The volume algorithm: producing primal
       solutions with a subgradient method. *Mathematical Programming* 87:
       385-399.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

DEFLECTION = 0.6
"""How much of the last direction goes into the next."""

AVERAGE = 0.1
"""How much of a column's share the newest step decides."""

SHORTEST = 0.005
"""Steps shorter than this, against the gap, gain nothing more."""

_PATIENCE, _SHORTER, _REAL = 5, 0.7, 1e-4
_TINY, _RESCALE = 1e-12, 1e200

# The meter: highest bound, length of steps, steps without progress, weight of
# the newest step in the shares, steps made.
BOUND, LENGTH, STALLED, WEIGHT, STEPS = range(5)


class Field(NamedTuple):
    """Orders, columns and rows as the kernel reads them; money in millicents."""

    first: Ints
    millicents: Floats
    start: Ints
    row: Ints
    amount: Floats
    limit: Floats
    more: Floats
    more_millicents: Floats
    scale: Floats


class Climb(NamedTuple):
    """Where the ascent stands: prices now and best, direction, shares, meter."""

    price: Floats
    best: Floats
    direction: Floats
    taken: Floats
    share: Floats
    meter: Floats


@njit(cache=True, nogil=True)
def _answered(field: Field, climb: Climb, reward: float) -> float:
    """Let every order answer the prices; return what all of them pay together."""
    price, taken = climb.price, climb.taken
    taken[:] = 0.0
    weight = climb.meter[WEIGHT]
    total = 0.0
    for order in range(len(field.first) - 1):
        best, at = reward, -1
        for column in range(field.first[order], field.first[order + 1]):
            value = field.millicents[column]
            for e in range(field.start[column], field.start[column + 1]):
                value += price[field.row[e]] * field.amount[e]
            if value < best:
                best, at = value, column
        total += best
        if at >= 0:
            climb.share[at] += weight
            for e in range(field.start[at], field.start[at + 1]):
                taken[field.row[e]] += field.amount[e]
    return total


@njit(cache=True, nogil=True)
def _excess(field: Field, climb: Climb) -> float:
    """Turn what is taken into what is taken too much; return what owners get."""
    owners = 0.0
    for r in range(len(field.limit)):
        owners += climb.price[r] * field.limit[r]
        climb.taken[r] -= field.limit[r]
        over = climb.price[r] - field.more_millicents[r]
        if over > 0.0 and field.more[r] > 0.0:
            owners += over * field.more[r]
            climb.taken[r] -= field.more[r]
    return owners


@njit(cache=True, nogil=True)
def _noted(climb: Climb, bound: float, best: float) -> None:
    """Keep the best prices; take shorter steps where the bound has stalled."""
    meter = climb.meter
    if bound > best:
        real = bound - best > _REAL * (abs(best) + 1.0)
        meter[STALLED] = 0.0 if real else meter[STALLED] + 0.5
        meter[BOUND] = bound
        climb.best[:] = climb.price
    else:
        meter[STALLED] += 1.0
    if meter[STALLED] >= _PATIENCE:
        meter[LENGTH] *= _SHORTER
        meter[STALLED] = 0.0


@njit(cache=True, nogil=True)
def ascend(field: Field, climb: Climb, reward: float, upper: float, steps: int) -> bool:
    """Make some steps towards the highest bound; return whether it is reached.

    ``upper`` is what a known choice pays, with the reward for each order that it
    leaves out; the bound is on the same sum.
    """
    meter, price, direction = climb.meter, climb.price, climb.direction
    for _ in range(steps):
        meter[STEPS] += 1.0
        meter[WEIGHT] /= 1.0 - AVERAGE
        if meter[WEIGHT] > _RESCALE:
            climb.share[:] /= meter[WEIGHT]
            meter[WEIGHT] = 1.0
        total = _answered(field, climb, reward)
        bound = total - _excess(field, climb)
        _noted(climb, bound, meter[BOUND])
        norm = 0.0
        for r in range(len(price)):
            excess = climb.taken[r]
            if excess < 0.0 and price[r] <= 0.0:
                excess = 0.0
            direction[r] = excess + DEFLECTION * direction[r]
            norm += field.scale[r] * direction[r] * direction[r]
        if norm <= _TINY or bound >= upper - 0.5:
            return True
        step = meter[LENGTH] * max(upper - bound, 1e-5 * abs(upper)) / norm
        for r in range(len(price)):
            moved = price[r] + step * field.scale[r] * direction[r]
            price[r] = max(0.0, moved)
    return False
