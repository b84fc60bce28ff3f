"""From which starts a box is filled: the SKUs in turn, and how spots are rated.

A start says how spots are rated, whether units go in as grids, the SKUs in turn,
and for each SKU the orientations it prefers. The first starts go by rule; then
come such with preferences drawn with a fixed seed, which find what only fits
with some units turned; then the rest by rule.
"""

from functools import cache, lru_cache
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
# Starts in one order of at most so many SKUs are laid out once.
_COMMON_SKUS = 6

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
    order = _strong_first(rows, -volumes[None])[0].tolist() if len(rows) > 1 else (0,)
    return _by_rule((tuple(order),), _grids(len(rows), units))


def ruled_starts(rows: Ints, sides: Ints, volumes: Ints, units: int) -> Ints:
    """Return all starts that go by rule, the quick ones first.

    Order varies slowest, so that the first few starts differ in mode and grid.
    ``sides`` are each unit's sides, the shortest first.
    """
    return _by_rule(_orders(rows, sides, volumes), _grids(len(rows), units))


def more_starts(
    rows: Ints, sides: Ints, volumes: Ints, units: int, ruled: Ints | None = None
) -> Ints:
    """Return all starts: a few that go by rule, those drawn, the other ruled ones.

    ``ruled`` are those that go by rule, where they are known.
    """
    if ruled is None:
        ruled = ruled_starts(rows, sides, volumes, units)
    turned = _with_turns(rows, volumes, _grids(len(rows), units))
    return np.concatenate((ruled[:RULED], turned, ruled[RULED:]))


def _by_rule(orders: tuple[tuple[int, ...], ...], grids: tuple[int, ...]) -> Ints:
    # Few SKUs have few orders: most goods share theirs with others.
    known = len(orders[0]) <= _COMMON_SKUS and len(orders) == 1
    return _common(orders, grids) if known else _laid_out(orders, grids)


def _laid_out(orders: tuple[tuple[int, ...], ...], grids: tuple[int, ...]) -> Ints:
    heads = [(mode, grid) for grid in grids for mode in MODES]
    skus = len(orders[0])
    starts = np.full((len(orders), len(heads), 2 + 2 * skus), ANY_WAY, np.int64)
    starts[:, :, :2] = heads
    starts[:, :, 2 : 2 + skus] = np.array(orders)[:, None]
    return starts.reshape(-1, 2 + 2 * skus)


_common = lru_cache(maxsize=3_000)(_laid_out)


def _grids(skus: int, units: int) -> tuple[int, ...]:
    if units == skus:
        return (0,)
    return (1, 0) if units <= _SINGLE_UNITS else (1,)


def _orders(rows: Ints, sides: Ints, volumes: Ints) -> tuple[tuple[int, ...], ...]:
    """Return the turns in which SKUs may go in: strong ones before weak ones.

    By volume, longest side, largest face, weight, shortest side and height;
    then by volume shaken with a fixed seed.
    """
    skus = len(rows)
    if skus == 1:
        return ((0,),)
    ruled = 6
    keys = np.empty((ruled + (_SHUFFLES if skus > 2 else 0), skus), np.int64)
    keys[0] = volumes
    keys[1] = sides[:, 2]
    keys[2] = sides[:, 1] * sides[:, 2]
    keys[3] = rows[:, 3]
    keys[4] = sides[:, 0]
    keys[5] = rows[:, 2]
    if skus > 2:
        keys[ruled:] = volumes * _shakes(skus)
    orders = _strong_first(rows, -keys).tolist()
    return tuple(dict.fromkeys(map(tuple, orders)))


def _with_turns(rows: Ints, volumes: Ints, grids: tuple[int, ...]) -> Ints:
    skus = len(rows)
    starts = _turned(skus, grids).copy()
    if skus > 1:
        shakes, _ = _turns(skus)
        starts[:, 2 : 2 + skus] = _strong_first(rows, -(volumes * shakes))
    return starts


def _strong_first(rows: Ints, keys: Ints | _Floats) -> Ints:
    """Sort SKUs by each row of keys, those that bear more before all others."""
    limits = rows[:, 5]
    if (limits == limits[0]).all():
        return keys.argsort(axis=1, kind="stable")
    strong = np.empty(keys.shape, np.int64)
    strong[:] = -limits
    return np.lexsort((keys, strong))


@cache
def _turned(skus: int, grids: tuple[int, ...]) -> Ints:
    """Return the starts drawn, but for the order: SKUs go in as they come."""
    number = np.arange(_TURNED)
    starts = np.empty((_TURNED, 2 + 2 * skus), np.int64)
    starts[:, 0] = number % len(MODES)
    starts[:, 1] = np.array(grids)[number // len(MODES) % len(grids)]
    starts[:, 2 : 2 + skus] = np.arange(skus)
    starts[:, 2 + skus :] = _turns(skus)[1]
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
