"""Lay the parts of a wave's orders out over what could run out: compiled.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]
Small = np.ndarray[Any, np.dtype[np.int32]]


class Wave(NamedTuple):
    """All orders' parts, one after the other, over everything that is limited.

    Order k has pairs ``pair_from[k]`` on; pair q has entries ``entry_from[q]`` on
    (``amount[e]`` of ``code[e]``) and ways ``way_from[q]`` on. A way's class takes
    ``class_code[n]``, for each line or once; ``strict[k]`` says which order may not
    use what is beyond.
    """

    pair_from: Ints
    entry_from: Ints
    code: Small
    amount: Small
    lines: Small
    way_from: Ints
    klass: Small
    class_from: Ints
    class_code: Small
    class_by_lines: Small


@njit(cache=True, nogil=True)
def entries(
    pair_load: Small,
    pair_center: Small,
    load_from: Ints,
    sku_code: Small,
    units: Small,
    entry_from: Ints,
    code: Small,
    amount: Small,
) -> int:
    """Write down what units each pair takes; a SKU's codes count up by center.

    With no room to write (``code`` is empty), only ``entry_from`` is.
    """
    at = 0
    for q in range(len(pair_load)):
        entry_from[q] = at
        load = pair_load[q]
        for n in range(load_from[load], load_from[load + 1]):
            if sku_code[n] >= 0:
                if len(code):
                    code[at] = sku_code[n] + pair_center[q]
                    amount[at] = units[n]
                at += 1
    entry_from[len(pair_load)] = at
    return at


@njit(cache=True, nogil=True)
def wanted(wave: Wave, most: Ints) -> None:
    """Add up by code the most that every order could take."""
    now = np.zeros(len(most), np.int64)
    stamp = np.full(len(most), -1, np.int64)
    for order in range(len(wave.pair_from) - 1):
        for q in range(wave.pair_from[order], wave.pair_from[order + 1]):
            for e in range(wave.entry_from[q], wave.entry_from[q + 1]):
                _more(most, now, stamp, order, wave.code[e], wave.amount[e])
            for w in range(wave.way_from[q], wave.way_from[q + 1]):
                k = wave.klass[w]
                for n in range(wave.class_from[k], wave.class_from[k + 1]):
                    by = wave.lines[q] if wave.class_by_lines[n] else 1
                    _more(most, now, stamp, order, wave.class_code[n], by)


@njit(cache=True, nogil=True)
def _more(
    most: Ints, now: Ints, stamp: Ints, order: int, code: int, amount: int
) -> None:
    if stamp[code] != order:
        stamp[code], now[code] = order, 0
    if amount > now[code]:
        most[code] += amount - now[code]
        now[code] = amount
