"""From which starts a box is filled: the SKUs in turn, and how spots are rated.

A start says how spots are rated, whether units go in as grids, the SKUs in turn,
and for each SKU the orientations it prefers. The first starts go by rule; then
come such with preferences drawn with a fixed seed, which find what only fits
with some units turned; then the rest by rule.
"""

from functools import cache
from typing import Any

import numpy as np

from optimizer.space import ANY_WAY, Ints

MODES = (0, 1, 2)
"""How spots are rated: tightest, lowest top, deepest corner."""

# Starts of the least work: one turn of SKUs, every mode, grids or not.
QUICK = 6
# Starts by rule, then as many in which each SKU prefers some orientation.
RULED = 12
_TURNED = 80
_SHUFFLES = 12
# One unit at a time packs tightest; beyond this many units only grids are tried.
_SINGLE_UNITS = 100
# How many SKUs in a hundred have no preference.
_EASY_PERCENT = 30

_Floats = np.ndarray[Any, np.dtype[np.float64]]


def quick_starts(rows: Ints, volumes: Ints, units: int) -> Ints:
    """Return the first starts: the largest SKUs first, in every mode.

    Parameters
    ----------
    rows
        The goods as the kernel wants them.
    volumes
        Cubic millimeters of a unit of each SKU.
    units
        How many units there are of all SKUs.
    """
    order = np.lexsort((-volumes, -rows[:, 5])) if len(rows) > 1 else (0,)
    return _by_rule([tuple(order)], _grids(len(rows), units))


def ruled_starts(rows: Ints, sides: Ints, volumes: Ints, units: int) -> Ints:
    """Return all starts that go by rule, the quick ones first.

    Order varies slowest, so that the first few starts differ in mode and grid.
    ``sides`` are each unit's sides, the shortest first.
    """
    return _by_rule(_orders(rows, sides, volumes), _grids(len(rows), units))


def more_starts(rows: Ints, sides: Ints, volumes: Ints, units: int) -> Ints:
    """Return all starts: a few that go by rule, those drawn, the other ruled ones."""
    ruled = ruled_starts(rows, sides, volumes, units)
    turned = _with_turns(rows, volumes, _grids(len(rows), units))
    return np.concatenate((ruled[:RULED], turned, ruled[RULED:]))


def _by_rule(orders: list[tuple[int, ...]], grids: tuple[int, ...]) -> Ints:
    any_way = (ANY_WAY,) * len(orders[0])
    starts = [
        (mode, grid, *order, *any_way)
        for order in orders
        for grid in grids
        for mode in MODES
    ]
    return np.array(starts, np.int64)


def _grids(skus: int, units: int) -> tuple[int, ...]:
    if units == skus:
        return (0,)
    return (1, 0) if units <= _SINGLE_UNITS else (1,)


def _orders(rows: Ints, sides: Ints, volumes: Ints) -> list[tuple[int, ...]]:
    """Return the turns in which SKUs may go in: strong ones before weak ones.

    By volume, longest side, largest face, weight, shortest side and height;
    then by volume shaken with a fixed seed.
    """
    if len(rows) == 1:
        return [(0,)]
    keys = [
        volumes,
        sides[:, 2],
        sides[:, 1] * sides[:, 2],
        rows[:, 3],
        sides[:, 0],
        rows[:, 2],
    ]
    if len(rows) > 2:
        keys += [(volumes * row).astype(np.int64) for row in _shakes(len(rows))]
    orders = (np.lexsort((-key, -rows[:, 5])).tolist() for key in keys)
    return list(dict.fromkeys(map(tuple, orders)))


def _with_turns(rows: Ints, volumes: Ints, grids: tuple[int, ...]) -> Ints:
    skus = len(rows)
    shakes, turns = _turns(skus)
    orders = np.lexsort(
        (-(volumes * shakes), np.broadcast_to(-rows[:, 5], turns.shape))
    )
    number = np.arange(_TURNED)
    starts = np.empty((_TURNED, 2 + 2 * skus), np.int64)
    starts[:, 0] = number % len(MODES)
    starts[:, 1] = np.array(grids)[number // len(MODES) % len(grids)]
    starts[:, 2 : 2 + skus] = orders
    starts[:, 2 + skus :] = turns
    return starts


@cache
def _shakes(skus: int) -> _Floats:
    return np.random.default_rng(0).uniform(0.5, 1.5, (_SHUFFLES, skus))


@cache
def _turns(skus: int) -> tuple[_Floats, Ints]:
    """Return shakes of volumes, and preferred orientations as bits."""
    dice = np.random.default_rng(1)
    shakes = dice.uniform(0.3, 1.7, (_TURNED, skus))
    easy = dice.integers(0, 100, (_TURNED, skus)) < _EASY_PERCENT
    preferred = 1 << dice.integers(0, 6, (_TURNED, skus))
    return shakes, np.where(easy, ANY_WAY, preferred).astype(np.int64)
