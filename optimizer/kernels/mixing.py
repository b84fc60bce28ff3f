"""List the mixes of few cartons that might hold all and that no rival beats.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.
"""

from typing import Any

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]

# Mixes of one size are listed at most so many; beyond, of the large cartons only.
_LISTED = 1_500

# Columns of cartons: what they come to, what they hold.
_OUTER, _COST, _INNER, _LOAD = range(4)
# Columns of rivals.
_PIECES, _VOLUME, _CENTS = range(3)


@njit(cache=True, nogil=True)
def _outside(goods: Ints, counts: Ints, rooms: Ints) -> Ints:
    """Add up, for each carton, the volume of what does not fit into it at all."""
    outside = np.zeros(len(rooms), np.int64)
    for i in range(len(rooms)):
        for sku in range(len(goods)):
            fits = True
            for column in range(4):
                fits = fits and goods[sku, column] <= rooms[i, column]
            if not fits:
                unit = goods[sku]
                outside[i] += counts[sku] * unit[0] * unit[1] * unit[2]
    return outside


@njit(cache=True, nogil=True)
def _usable(figures: Ints, order: Ints, rivals: Ints, pieces: int) -> Ints:
    """Return the cartons that no rival of as few pieces beats by themselves."""
    usable = np.empty(len(order), np.int64)
    count = 0
    for i in order:
        beaten = False
        for rival in rivals:
            beaten = beaten or (
                rival[_PIECES] <= pieces
                and rival[_VOLUME] <= figures[i, _OUTER]
                and rival[_CENTS] <= figures[i, _COST]
            )
        if not beaten:
            usable[count] = i
            count += 1
    return usable[:count]


@njit(cache=True, nogil=True)
def _multisets(kinds: int, pieces: int) -> int:
    """Count the mixes of so many pieces of so many kinds; no further than listed."""
    ways = 1
    for n in range(pieces):
        ways = ways * (kinds + n) // (n + 1)
        if ways > _LISTED:
            break
    return ways


@njit(cache=True, nogil=True)
def _may_hold(
    figures: Ints, outside: Ints, mix: Ints, volume_mm3: int, weight_g: int
) -> bool:
    """Tell whether a mix may hold all, its cartons also what others cannot."""
    inner = 0
    load_g = 0
    for i in mix:
        inner += figures[i, _INNER]
        load_g += figures[i, _LOAD]
    if inner < volume_mm3 or load_g < weight_g:
        return False
    for i in mix:
        others_mm3 = inner
        for j in mix:
            if i == j:
                others_mm3 -= figures[i, _INNER]
        if outside[i] > others_mm3:
            return False
    return True


@njit(cache=True, nogil=True)
def list_mixes(
    goods: Ints,
    counts: Ints,
    rooms: Ints,
    figures: Ints,
    order: Ints,
    rivals: Ints,
    pieces: int,
) -> Ints:
    """List mixes of so many cartons that may hold all and that no rival beats.

    Parameters
    ----------
    goods
        Per SKU: sides of a unit, the shortest first, in millimeters; its grams.
    counts
        Units of each SKU.
    rooms
        Per carton: inner sides, the shortest first, and the grams it may hold.
    figures
        Per carton: outer volume, cents, inner volume, the grams it may hold.
    order
        The cartons, the least outer volume first.
    rivals
        Per way known: its pieces, outer volume and cents.
    pieces
        How many cartons a mix has, at least one.

    Returns
    -------
    numpy.ndarray
        Per mix: its outer volume, its cents, then its cartons.
    """
    # What has fewer pieces than its rivals may be as large and dear as it likes.
    usable = _usable(figures, order, rivals, pieces)
    while len(usable) > 2 and _multisets(len(usable), pieces) > _LISTED:
        usable = usable[1:]
    kinds = len(usable)
    if kinds == 0:
        return np.empty((0, 2 + pieces), np.int64)
    volume_mm3 = 0
    weight_g = 0
    for sku in range(len(goods)):
        unit = goods[sku]
        volume_mm3 += counts[sku] * unit[0] * unit[1] * unit[2]
        weight_g += counts[sku] * unit[3]
    outside = _outside(goods, counts, rooms)
    mixes = np.empty((_multisets(kinds, pieces), 2 + pieces), np.int64)
    found = 0
    turn = np.zeros(pieces, np.int64)
    mix = np.empty(pieces, np.int64)
    while True:
        outer = 0
        cost = 0
        for n in range(pieces):
            mix[n] = usable[turn[n]]
            outer += figures[mix[n], _OUTER]
            cost += figures[mix[n], _COST]
        beaten = False
        for rival in rivals:
            beaten = beaten or (
                rival[_PIECES] <= pieces
                and rival[_VOLUME] <= outer
                and rival[_CENTS] <= cost
            )
        if not beaten and _may_hold(figures, outside, mix, volume_mm3, weight_g):
            mixes[found, 0] = outer
            mixes[found, 1] = cost
            mixes[found, 2:] = mix
            found += 1
        last = pieces - 1
        while last >= 0 and turn[last] == kinds - 1:
            last -= 1
        if last < 0:
            return mixes[:found]
        turn[last:] = turn[last] + 1
