"""Fill one box with units: maximal empty spaces, compiled.

Units of one SKU are placed as *blocks*, complete grids of equal units in equal
orientation, so that thousands of units cost little more than a few. The space
left is kept as the set of maximal empty cuboids. Every block stands on the floor
or on other blocks, and nobody bears more than it may.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.

References
----------
.. [1] Parreño, F., R. Alvarez-Valdes, J.M. Tamarit, and J.F. Oliveira (2008).
       A Maximal-Space Algorithm for the Container Loading Problem. *INFORMS
       Journal on Computing* 20(3): 412-422.
"""

from typing import Any

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]

UNLIMITED = 1 << 50
"""A load limit nobody reaches, in grams."""

SUPPORT_PERCENT = 60
"""How much of a unit's base must rest on what is beneath it."""

# A block: near and far corner, SKU, units each way, grams it may still bear.
COLUMNS = 11
_SKU, _NX, _NY, _NZ, _ROOM = 6, 7, 8, 9, 10

# Goods: length, width, height, grams, allowed orientations, grams it may bear.
_WEIGHT, _TURNS, _LIMIT = 3, 4, 5

# A start: how spots are rated, whether units go in as grids, the SKUs in turn,
# then for each SKU the orientations it prefers, as bits.
_MODE, _GRID, _TURN = 0, 1, 2

ANY_WAY, UPRIGHT = 63, 3
"""All six orientations, and those that keep the height upright, as bits."""

_MAX_SPACES = 512


@njit(cache=True, nogil=True)
def _turned(goods: Ints, turn: int) -> tuple[int, int, int]:
    """Turn a unit; turns 0 and 1 keep its height upright."""
    length, width, height = goods[0], goods[1], goods[2]
    if turn == 0:
        return length, width, height
    if turn == 1:
        return width, length, height
    if turn == 2:
        return length, height, width
    if turn == 3:
        return height, length, width
    if turn == 4:
        return width, height, length
    return height, width, length


@njit(cache=True, nogil=True)
def _shared(lower: Ints, upper: Ints) -> int:
    """Return the area by which one block rests on another, 0 if it does not."""
    if lower[5] != upper[2]:
        return 0
    dx = min(lower[3], upper[3]) - max(lower[0], upper[0])
    dy = min(lower[4], upper[4]) - max(lower[1], upper[1])
    return int(dx * dy) if dx > 0 and dy > 0 else 0


@njit(cache=True, nogil=True)
def _stands(blocks: Ints, placed: int, spot: Ints) -> bool:
    """Tell whether a block at ``spot`` is supported.

    A block of several columns must rest all over, else a unit at its edge might
    hang; a single column by ``SUPPORT_PERCENT`` of its base.
    """
    if spot[2] == 0:
        return True
    area = 0
    for j in range(placed):
        area += _shared(blocks[j], spot)
    base = (spot[3] - spot[0]) * (spot[4] - spot[1])
    if spot[_NX] * spot[_NY] > 1:
        return bool(area == base)
    return bool(area * 100 >= base * SUPPORT_PERCENT)


@njit(cache=True, nogil=True)
def _bear(blocks: Ints, placed: int, spot: Ints, weight: int, bears: Ints) -> bool:
    """Mark the blocks that would bear a new one at ``spot``; False if one cannot.

    Whoever carries any part of a block is charged with all of its weight: its
    true share is never more. Sliding a block under another is refused, so
    bearers always come before what they bear.
    """
    for j in range(placed):
        bears[j] = 0
        if _shared(spot, blocks[j]):
            return False
    for j in range(placed - 1, -1, -1):
        carries = _shared(blocks[j], spot) > 0
        k = j + 1
        while not carries and k < placed:
            carries = bears[k] > 0 and _shared(blocks[j], blocks[k]) > 0
            k += 1
        if carries:
            if blocks[j, _ROOM] < weight:
                return False
            bears[j] = 1
    return True


@njit(cache=True, nogil=True)
def _put(
    blocks: Ints, placed: int, spot: Ints, goods: Ints, limited: bool, bears: Ints
) -> None:
    """Add a block and charge its weight to whoever bears it, where limits count."""
    blocks[placed] = spot
    if not limited:
        return
    unit_g = goods[spot[_SKU], _WEIGHT]
    weight = spot[_NX] * spot[_NY] * spot[_NZ] * unit_g
    if _bear(blocks, placed, spot, weight, bears):
        for j in range(placed):
            blocks[j, _ROOM] -= bears[j] * weight
    blocks[placed, _ROOM] = goods[spot[_SKU], _LIMIT] - (spot[_NZ] - 1) * unit_g


@njit(cache=True, nogil=True)
def _inside(inner: Ints, outer: Ints) -> bool:
    for axis in range(3):
        if outer[axis] > inner[axis] or outer[axis + 3] < inner[axis + 3]:
            return False
    return True


@njit(cache=True, nogil=True)
def _add_space(spaces: Ints, first_new: int, count: int, fresh: Ints) -> int:
    """Add a space unless another holds it; drop newer ones that it holds."""
    for q in range(count):
        if _inside(fresh, spaces[q]):
            return count
    q = first_new
    while q < count:
        if _inside(spaces[q], fresh):
            count -= 1
            spaces[q] = spaces[count]
        else:
            q += 1
    if count < _MAX_SPACES:
        spaces[count] = fresh
        count += 1
    return count


@njit(cache=True, nogil=True)
def _cut(spaces: Ints, count: int, block: Ints, least_mm: int, hit: Ints) -> int:
    """Take a block out of every space; remainders thinner than a unit are dropped.

    ``hit`` is room to work in, and its last row the space being made.
    """
    hits = 0
    kept = 0
    for e in range(count):
        apart = False
        for axis in range(3):
            if spaces[e, axis] >= block[axis + 3] or block[axis] >= spaces[e, axis + 3]:
                apart = True
        if apart:
            spaces[kept] = spaces[e]
            kept += 1
        else:
            hit[hits] = spaces[e]
            hits += 1
    first_new = kept
    fresh = hit[_MAX_SPACES]
    for h in range(hits):
        for axis in range(3):
            if block[axis] - hit[h, axis] >= least_mm:
                fresh[:] = hit[h]
                fresh[axis + 3] = block[axis]
                kept = _add_space(spaces, first_new, kept, fresh)
            if hit[h, axis + 3] - block[axis + 3] >= least_mm:
                fresh[:] = hit[h]
                fresh[axis] = block[axis + 3]
                kept = _add_space(spaces, first_new, kept, fresh)
    return kept


@njit(cache=True, nogil=True)
def _score(mode: int, spot: Ints, space: Ints) -> int:
    """Rate a spot, lower is better: 0 tightest, 1 lowest top, 2 deepest corner."""
    slack = min(space[3] - spot[3], space[4] - spot[4], space[5] - spot[5])
    if mode == 0:
        return int(slack * 1_000_000 + spot[5] * 16 + spot[4] * 4 + spot[3])
    if mode == 1:
        return int(spot[5] * 1_000_000 + slack * 100 + spot[4] // 8 + spot[3] // 16)
    return int(spot[2] * 10_000_000_000 + spot[1] * 100_000 + spot[0] + slack)


@njit(cache=True, nogil=True)
def _corner(
    spot: Ints, space: Ints, unit: tuple[int, int, int], block: Ints, grid: bool
) -> tuple[int, int]:
    """Set a spot at the near corner of a block that a space stands on.

    Returns how far a grid may reach along x and y, 0 where no unit fits.
    """
    spot[0] = max(space[0], block[0])
    spot[1] = max(space[1], block[1])
    if block[5] != space[2] or spot[0] >= block[3] or spot[1] >= block[4]:
        return 0, 0
    far_x, far_y = spot[0] + unit[0], spot[1] + unit[1]
    if far_x > space[3] or far_y > space[4]:
        return 0, 0
    if not grid:
        return far_x, far_y
    return max(far_x, min(space[3], block[3])), max(far_y, min(space[4], block[4]))


@njit(cache=True, nogil=True)
def _best_spot(
    spaces: Ints,
    count: int,
    blocks: Ints,
    placed: int,
    goods: Ints,
    most: int,
    mode: int,
    grid: bool,
    turns: int,
    limited: bool,
    bears: Ints,
    best: Ints,
) -> bool:
    """Find the best spot for a block of at most ``most`` units of a SKU.

    Candidates are each space's near corner and, off the floor, the near corner
    of each block that the space stands on. Larger blocks go first in ``grid``
    mode, with a single unit as the way out; else single units are placed.
    """
    found = False
    best_units = 0
    best_score = 0
    high = 1 + goods[_LIMIT] // goods[_WEIGHT]
    spot = best.copy()
    for e in range(count):
        space = spaces[e]
        for turn in range(6):
            if not turns & goods[_TURNS] & 1 << turn:
                continue
            unit = _turned(goods, turn)
            if turn % 2 == 1 and unit[0] == unit[1]:
                continue
            if (
                unit[0] > space[3] - space[0]
                or unit[1] > space[4] - space[1]
                or unit[2] > space[5] - space[2]
            ):
                continue
            for k in range(-1, placed if space[2] > 0 else 0):
                spot[:3] = space[:3]
                far_x, far_y = space[3], space[4]
                if k >= 0:
                    far_x, far_y = _corner(spot, space, unit, blocks[k], grid)
                    if far_x == 0:
                        continue
                nx, ny, nz = 1, 1, 1
                if grid:
                    nx = min(most, (far_x - spot[0]) // unit[0])
                    ny = min(most // nx, (far_y - spot[1]) // unit[1])
                    nz = min(most // (nx * ny), (space[5] - spot[2]) // unit[2], high)
                while True:
                    units = nx * ny * nz
                    if found and units < best_units:
                        break
                    spot[3] = spot[0] + nx * unit[0]
                    spot[4] = spot[1] + ny * unit[1]
                    spot[5] = spot[2] + nz * unit[2]
                    spot[_NX], spot[_NY], spot[_NZ] = nx, ny, nz
                    score = _score(mode, spot, space)
                    weight = units * goods[_WEIGHT]
                    if (
                        (not found or units > best_units or score < best_score)
                        and _stands(blocks, placed, spot)
                        and (not limited or _bear(blocks, placed, spot, weight, bears))
                    ):
                        found = True
                        best_units = units
                        best_score = score
                        best[:] = spot
                        break
                    if units == 1:
                        break
                    nx, ny, nz = 1, 1, 1
    return found


@njit(cache=True, nogil=True)
def _fill_once(
    box: Ints,
    goods: Ints,
    left: Ints,
    start: Ints,
    seed: Ints,
    blocks: Ints,
    all_in: bool,
    spaces: Ints,
    hit: Ints,
) -> int:
    """Fill a box from one start; lowers ``left`` and returns the block count.

    Gives up where a SKU does not fit in its turn, if ``all_in`` says so.
    ``spaces`` and ``hit`` are room to work in.
    """
    spaces[0, :3] = 0
    spaces[0, 3:] = box[:3]
    count = 1
    bears = np.zeros(len(blocks), np.int64)
    limited = goods[:, _LIMIT].min() < UNLIMITED
    least_mm = UNLIMITED
    for sku in range(len(goods)):
        if left[sku] > 0:
            least_mm = min(least_mm, goods[sku, :3].min())
    load_g = 0
    for placed in range(len(seed)):
        spot = seed[placed]
        _put(blocks, placed, spot, goods, limited, bears)
        load_g += spot[_NX] * spot[_NY] * spot[_NZ] * goods[spot[_SKU], _WEIGHT]
        count = _cut(spaces, count, spot, least_mm, hit)
    placed = len(seed)
    spot = np.zeros(COLUMNS, np.int64)
    progress = True
    # What is placed may carry what found no support before: go round again.
    while progress:
        progress = False
        for sku in start[_TURN : _TURN + len(goods)]:
            unit_g = goods[sku, _WEIGHT]
            turns = start[_TURN + len(goods) + sku]
            while left[sku] > 0 and placed < len(blocks):
                most = min(left[sku], (box[3] - load_g) // unit_g)
                spot[_SKU] = sku
                if most <= 0:
                    break
                if not _best_spot(
                    spaces,
                    count,
                    blocks,
                    placed,
                    goods[sku],
                    most,
                    start[_MODE],
                    start[_GRID] > 0,
                    turns,
                    limited,
                    bears,
                    spot,
                ):
                    if turns == ANY_WAY:
                        break
                    turns = ANY_WAY
                    continue
                _put(blocks, placed, spot, goods, limited, bears)
                placed += 1
                units = spot[_NX] * spot[_NY] * spot[_NZ]
                left[sku] -= units
                load_g += units * unit_g
                count = _cut(spaces, count, spot, least_mm, hit)
                progress = True
            if all_in and left[sku] > 0:
                return placed
    return placed


@njit(cache=True, nogil=True)
def fill(
    box: Ints,
    goods: Ints,
    counts: Ints,
    starts: Ints,
    most_blocks: int,
    seed: Ints,
    all_in: bool,
) -> tuple[Ints, Ints, int]:
    """Fill a box from several starts and keep the fullest; stop when all is in.

    Parameters
    ----------
    box
        Inner length, width and height in millimeters, grams it may hold.
    goods
        Per SKU: length, width, height in millimeters, grams of a unit, its
        allowed orientations as bits, grams it may bear (``UNLIMITED``: any).
    counts
        Units of each SKU to pack, at least one in all.
    starts
        Per start: how spots are rated (see ``_score``), 1 if units go in as
        grids, then the SKUs in turn, then for each SKU the orientations it
        prefers, as bits (``ANY_WAY``: none); the others are its way out.
    most_blocks
        How many blocks may be added.
    seed
        Blocks already in the box; their units are not part of ``counts``.
    all_in
        Whether nothing less than everything is of use: a start is given up
        where a SKU does not fit in its turn.

    Returns
    -------
    tuple
        The blocks of the fullest start, the units of each SKU left over, and
        how many these are.
        Fullness is the share of the goods' volume plus that of their weight;
        among equals the earlier start wins.
    """
    worths = np.zeros(len(goods))
    volumes = goods[:, 0] * goods[:, 1] * goods[:, 2]
    worths += volumes / (counts * volumes).sum()
    worths += goods[:, _WEIGHT] / (counts * goods[:, _WEIGHT]).sum()
    best_blocks = np.empty((0, COLUMNS), np.int64)
    best_left = counts.copy()
    best_worth = -1.0
    best_over = counts.sum()
    spaces = np.empty((_MAX_SPACES, 6), np.int64)
    hit = np.empty((_MAX_SPACES + 1, 6), np.int64)
    blocks = np.empty((most_blocks + len(seed), COLUMNS), np.int64)
    for start in starts:
        left = counts.copy()
        placed = _fill_once(box, goods, left, start, seed, blocks, all_in, spaces, hit)
        worth = ((counts - left) * worths).sum()
        if worth > best_worth + 1e-9:
            best_worth = worth
            best_left = left
            best_blocks = blocks[:placed].copy()
            best_over = left.sum()
            if best_over == 0:
                break
    return best_blocks, best_left, best_over
