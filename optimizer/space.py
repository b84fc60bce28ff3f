"""Fill one box with units: maximal empty spaces, compiled.

Units of one SKU are placed as *blocks*, complete grids of equal units in equal
orientation, so that thousands of units cost little more than a few. A box is
described by its blocks; the space left is kept as the set of maximal empty
cuboids. Every block stands on the floor or on other blocks, and nobody bears
more than it may.

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

# Columns of a block: two corners, SKU index, units along each axis.
COLUMNS = 10
_SKU, _NX, _NY, _NZ = 6, 7, 8, 9

_MAX_SPACES = 512


@njit(cache=True, nogil=True)
def _turned(size: Ints, turn: int) -> tuple[int, int, int]:
    """Turn a unit; turns 0 and 1 keep its height upright."""
    length, width, height = size[0], size[1], size[2]
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
def _shared(blocks: Ints, j: int, x: int, y: int, far_x: int, far_y: int) -> int:
    """Return the area a footprint shares with that of block j."""
    dx = min(far_x, blocks[j, 3]) - max(x, blocks[j, 0])
    dy = min(far_y, blocks[j, 4]) - max(y, blocks[j, 1])
    if dx <= 0 or dy <= 0:
        return 0
    return int(dx * dy)


@njit(cache=True, nogil=True)
def _carries(blocks: Ints, j: int, upper: Ints) -> bool:
    """Tell whether a block rests, at least in part, on block j."""
    if blocks[j, 5] != upper[2]:
        return False
    return bool(_shared(blocks, j, upper[0], upper[1], upper[3], upper[4]) > 0)


@njit(cache=True, nogil=True)
def _supported(
    blocks: Ints, placed: int, x: int, y: int, z: int, far_x: int, far_y: int
) -> int:
    """Return the area of a footprint that rests on blocks or on the floor."""
    if z == 0:
        return (far_x - x) * (far_y - y)
    area = 0
    for j in range(placed):
        if blocks[j, 5] == z:
            area += _shared(blocks, j, x, y, far_x, far_y)
    return area


@njit(cache=True, nogil=True)
def _bear(
    blocks: Ints,
    room: Ints,
    placed: int,
    spot: Ints,
    weight: int,
    reached: Ints,
) -> bool:
    """Mark the blocks that would bear a new one at ``spot``; False if one cannot.

    Whoever carries any part of a block is charged with all of its weight: the
    true share of each bearer is never more. Sliding a block under another is
    refused, so bearers always come before what they bear.
    """
    for j in range(placed):
        reached[j] = 0
        if blocks[j, 2] == spot[5] and _shared(
            blocks, j, spot[0], spot[1], spot[3], spot[4]
        ):
            return False
    for j in range(placed - 1, -1, -1):
        bears = _carries(blocks, j, spot)
        k = j + 1
        while not bears and k < placed:
            bears = reached[k] > 0 and _carries(blocks, j, blocks[k])
            k += 1
        if bears:
            if room[j] < weight:
                return False
            reached[j] = 1
    return True


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
def _cut(spaces: Ints, count: int, block: Ints, least_mm: int) -> int:
    """Take a block out of every space; remainders thinner than a unit are dropped."""
    hit = np.empty((count, 6), np.int64)
    hits = 0
    kept = 0
    for e in range(count):
        if (
            spaces[e, 0] < block[3]
            and block[0] < spaces[e, 3]
            and spaces[e, 1] < block[4]
            and block[1] < spaces[e, 4]
            and spaces[e, 2] < block[5]
            and block[2] < spaces[e, 5]
        ):
            hit[hits] = spaces[e]
            hits += 1
        else:
            spaces[kept] = spaces[e]
            kept += 1
    first_new = kept
    fresh = np.empty(6, np.int64)
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
    corner = spot[5] * 16 + spot[4] * 4 + spot[3]
    if mode == 0:
        return int(slack * 1_000_000 + corner)
    if mode == 1:
        return int(spot[5] * 1_000_000 + slack * 100 + spot[4] // 8 + spot[3] // 16)
    return int(spot[2] * 10_000_000_000 + spot[1] * 100_000 + spot[0] + slack)


@njit(cache=True, nogil=True)
def _set_grid(
    spot: Ints, unit: tuple[int, int, int], nx: int, ny: int, nz: int
) -> None:
    spot[3] = spot[0] + nx * unit[0]
    spot[4] = spot[1] + ny * unit[1]
    spot[5] = spot[2] + nz * unit[2]
    spot[_NX], spot[_NY], spot[_NZ] = nx, ny, nz


@njit(cache=True, nogil=True)
def _holds(
    blocks: Ints,
    room: Ints,
    placed: int,
    spot: Ints,
    unit_g: int,
    limited: bool,
    reached: Ints,
) -> bool:
    """Tell whether a block at ``spot`` stands firm and its bearers bear it.

    A block of several units must be supported all over, a single unit by
    ``SUPPORT_PERCENT`` of its base.
    """
    units = spot[_NX] * spot[_NY] * spot[_NZ]
    base = (spot[3] - spot[0]) * (spot[4] - spot[1])
    area = _supported(blocks, placed, spot[0], spot[1], spot[2], spot[3], spot[4])
    columns = spot[_NX] * spot[_NY]
    if columns > 1 and area < base:
        return False
    if area * 100 < base * SUPPORT_PERCENT:
        return False
    return not limited or _bear(blocks, room, placed, spot, units * unit_g, reached)


@njit(cache=True, nogil=True)
def _best_spot(
    spaces: Ints,
    count: int,
    blocks: Ints,
    room: Ints,
    placed: int,
    size: Ints,
    turns: int,
    unit_g: int,
    most: int,
    high: int,
    mode: int,
    grid: bool,
    limited: bool,
    reached: Ints,
    best: Ints,
) -> bool:
    """Find the best spot for a block of at most ``most`` units, ``high`` layers.

    Candidates are each space's near corner and, off the floor, the near corner
    of each block that the space stands on. Larger blocks go first in ``grid``
    mode; else single units are placed.
    """
    found = False
    best_units = 0
    best_score = 0
    spot = np.empty(COLUMNS, np.int64)
    spot[_SKU] = best[_SKU]
    for e in range(count):
        space = spaces[e]
        for turn in range(turns):
            unit = _turned(size, turn)
            if turn % 2 == 1 and unit[0] == unit[1]:
                continue
            if (
                unit[0] > space[3] - space[0]
                or unit[1] > space[4] - space[1]
                or unit[2] > space[5] - space[2]
            ):
                continue
            for k in range(-1, placed if space[2] > 0 else 0):
                spot[0], spot[1], spot[2] = space[0], space[1], space[2]
                end_x, end_y = space[3], space[4]
                if k >= 0:
                    if blocks[k, 5] != space[2]:
                        continue
                    spot[0] = max(space[0], blocks[k, 0])
                    spot[1] = max(space[1], blocks[k, 1])
                    if spot[0] >= blocks[k, 3] or spot[1] >= blocks[k, 4]:
                        continue
                    if spot[0] + unit[0] > end_x or spot[1] + unit[1] > end_y:
                        continue
                    if grid:
                        end_x = max(spot[0] + unit[0], min(end_x, blocks[k, 3]))
                        end_y = max(spot[1] + unit[1], min(end_y, blocks[k, 4]))
                nx, ny, nz = 1, 1, 1
                if grid:
                    nx = min(most, (end_x - spot[0]) // unit[0])
                    ny = min(most // nx, (end_y - spot[1]) // unit[1])
                    nz = min(most // (nx * ny), (space[5] - spot[2]) // unit[2], high)
                for attempt in range(2):
                    if attempt == 1:
                        if nx * ny * nz == 1:
                            break
                        nx, ny, nz = 1, 1, 1
                    units = nx * ny * nz
                    if found and units < best_units:
                        break
                    _set_grid(spot, unit, nx, ny, nz)
                    score = _score(mode, spot, space)
                    if found and units == best_units and score >= best_score:
                        continue
                    if _holds(blocks, room, placed, spot, unit_g, limited, reached):
                        found = True
                        best_units = units
                        best_score = score
                        best[:] = spot
                        break
    return found


@njit(cache=True, nogil=True)
def _put(
    blocks: Ints,
    room: Ints,
    placed: int,
    spot: Ints,
    unit_g: int,
    limit_g: int,
    reached: Ints,
) -> None:
    """Add a block and charge its weight to whoever bears it."""
    weight = spot[_NX] * spot[_NY] * spot[_NZ] * unit_g
    if _bear(blocks, room, placed, spot, weight, reached):
        for j in range(placed):
            if reached[j]:
                room[j] -= weight
    blocks[placed] = spot
    room[placed] = limit_g - (spot[_NZ] - 1) * unit_g


@njit(cache=True, nogil=True)
def _fill_once(
    inner: Ints,
    max_load_g: int,
    sizes: Ints,
    weights: Ints,
    upright: Ints,
    limits: Ints,
    left: Ints,
    order: Ints,
    mode: int,
    grid: bool,
    limited: bool,
    seed: Ints,
    blocks: Ints,
    room: Ints,
) -> int:
    """Fill a box in one order and mode; lowers ``left``, returns the block count."""
    spaces = np.empty((_MAX_SPACES, 6), np.int64)
    spaces[0, :3] = 0
    spaces[0, 3:] = inner
    count = 1
    reached = np.zeros(len(blocks), np.int64)
    least_mm = UNLIMITED
    for sku in range(len(sizes)):
        if left[sku] > 0:
            least_mm = min(least_mm, sizes[sku].min())
    load_g = 0
    placed = 0
    for s in range(len(seed)):
        sku = seed[s, _SKU]
        _put(blocks, room, placed, seed[s], weights[sku], limits[sku], reached)
        placed += 1
        load_g += seed[s, _NX] * seed[s, _NY] * seed[s, _NZ] * weights[sku]
        count = _cut(spaces, count, seed[s], least_mm)
    spot = np.empty(COLUMNS, np.int64)
    progress = True
    # What is placed may carry what found no support before: go round again.
    while progress:
        progress = False
        for sku in order:
            turns = 2 if upright[sku] else 6
            high = 1 + limits[sku] // weights[sku]
            while left[sku] > 0 and placed < len(blocks):
                most = min(left[sku], (max_load_g - load_g) // weights[sku])
                if most <= 0:
                    break
                spot[_SKU] = sku
                if not _best_spot(
                    spaces,
                    count,
                    blocks,
                    room,
                    placed,
                    sizes[sku],
                    turns,
                    weights[sku],
                    most,
                    high,
                    mode,
                    grid,
                    limited,
                    reached,
                    spot,
                ):
                    break
                if limited:
                    _put(blocks, room, placed, spot, weights[sku], limits[sku], reached)
                else:
                    blocks[placed] = spot
                placed += 1
                units = spot[_NX] * spot[_NY] * spot[_NZ]
                left[sku] -= units
                load_g += units * weights[sku]
                count = _cut(spaces, count, spot, least_mm)
                progress = True
    return placed


@njit(cache=True, nogil=True)
def fill(
    inner: Ints,
    max_load_g: int,
    sizes: Ints,
    weights: Ints,
    upright: Ints,
    limits: Ints,
    counts: Ints,
    orders: Ints,
    modes: Ints,
    grids: Ints,
    starts: int,
    most_blocks: int,
    seed: Ints,
) -> tuple[Ints, Ints]:
    """Fill a box from several starts and keep the fullest; stop when all is in.

    Parameters
    ----------
    inner
        Length, width and height of the box, in millimeters.
    max_load_g
        Weight it may hold.
    sizes, weights, upright, limits
        Per SKU: size in millimeters, grams of a unit, whether its height must
        stay upright, grams it may bear (``UNLIMITED``: any).
    counts
        Units of each SKU to pack.
    orders, modes, grids
        Per start: the SKUs in turn, how spots are rated (see ``_score``), and
        whether units go in as grids.
    starts, most_blocks
        How many starts to make, how many blocks a box may have.
    seed
        Blocks already in the box; their units are not part of ``counts``.

    Returns
    -------
    tuple
        The blocks of the fullest start, and the units of each SKU left over.
        Fullness is the share of the goods' volume plus that of their weight;
        among equals the earlier start wins.
    """
    limited = False
    volume = 0.0
    weight = 0.0
    for sku in range(len(counts)):
        limited = limited or limits[sku] < UNLIMITED
        volume += counts[sku] * sizes[sku, 0] * sizes[sku, 1] * sizes[sku, 2]
        weight += counts[sku] * weights[sku]
    best_blocks = np.empty((0, COLUMNS), np.int64)
    best_left = counts.copy()
    best_worth = -1.0
    blocks = np.empty((most_blocks + len(seed), COLUMNS), np.int64)
    room = np.full(len(blocks), UNLIMITED, np.int64)
    for start in range(min(starts, len(orders))):
        left = counts.copy()
        placed = _fill_once(
            inner,
            max_load_g,
            sizes,
            weights,
            upright,
            limits,
            left,
            orders[start],
            modes[start],
            grids[start] > 0,
            limited,
            seed,
            blocks,
            room,
        )
        worth = 0.0
        for sku in range(len(counts)):
            units = counts[sku] - left[sku]
            unit_mm3 = sizes[sku, 0] * sizes[sku, 1] * sizes[sku, 2]
            worth += units * (unit_mm3 / volume + weights[sku] / weight)
        if worth > best_worth + 1e-9:
            best_worth = worth
            best_left = left
            best_blocks = blocks[:placed].copy()
            if left.sum() == 0:
                break
    return best_blocks, best_left
