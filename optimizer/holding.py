"""What surely does not go into a box, told before anything is placed; compiled.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.
"""

from typing import Any

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]

# Columns of goods, as in ``space``.
_WEIGHT, _TURNS = 3, 4
# Which side lies along length, width and height, turn by turn, as in ``space``.
_SIDES = ((0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 0, 1), (1, 2, 0), (2, 1, 0))


@njit(cache=True, nogil=True)
def _fits(unit: Ints, turn: int, room: Ints) -> bool:
    if not unit[_TURNS] & 1 << turn:
        return False
    x, y, z = _SIDES[turn]
    return bool(unit[x] <= room[0] and unit[y] <= room[1] and unit[z] <= room[2])


@njit(cache=True, nogil=True)
def _side_by_side(one: Ints, other: Ints, room: Ints) -> bool:
    """Tell whether two units fit into a room together, each turned as it may be.

    Two cuboids that do not overlap lie one beyond the other along some axis.
    """
    for turn in range(6):
        if not _fits(one, turn, room):
            continue
        for turned in range(6):
            if not _fits(other, turned, room):
                continue
            for axis in range(3):
                both = one[_SIDES[turn][axis]] + other[_SIDES[turned][axis]]
                if both <= room[axis]:
                    return True
    return False


@njit(cache=True, nogil=True)
def may_hold(goods: Ints, counts: Ints, box: Ints) -> bool:
    """Tell whether volume, weight, and no two of the units forbid it.

    Parameters
    ----------
    goods
        Per SKU what ``space.fill`` takes: sides, grams, allowed orientations.
    counts
        Units of each SKU to pack.
    box
        Inner length, width and height in millimeters, grams it may hold.
    """
    volume = box[0] * box[1] * box[2]
    load_g = box[3]
    for a in range(len(counts)):
        unit = goods[a]
        volume -= counts[a] * unit[0] * unit[1] * unit[2]
        load_g -= counts[a] * unit[_WEIGHT]
    if volume < 0 or load_g < 0:
        return False
    for a in range(len(counts)):
        if counts[a] == 0:
            continue
        alone = False
        for turn in range(6):
            alone = alone or _fits(goods[a], turn, box)
        if not alone:
            return False
        for b in range(a, len(counts)):
            if counts[b] > (a == b) and not _side_by_side(goods[a], goods[b], box):
                return False
    return True
