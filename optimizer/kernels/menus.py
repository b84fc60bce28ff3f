"""Find the best of all shares an order could have: under prices, or of what is left.

An order's *menu* are parts: some of its lines (a mask) from one center, by one of
a few ways. A *share* is parts of different centers that together make the order.
Of all shares the best is found exactly: for each set of lines the cheapest centers,
as many as there may be parts, are enough, for no other part can block more.

``answer`` lets every order do so by itself, as if there were enough for all.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]
Small = np.ndarray[Any, np.dtype[np.int32]]

MOST_PARTS = 4
MASKS = 64
NEVER = 1 << 60

# The tally: parts of the share found, ways looked at.
PARTS, LOOKS = range(2)


class Menus(NamedTuple):
    """Orders' parts and ways, and the rows of which there is only so much.

    Order k has pairs ``pair_from[k]`` to ``pair_from[k + 1]``, no two of one mask and
    center; its lines together are ``full``. Pair q takes ``amount[e]`` of ``row[e]``,
    entries ``entry_from[q]`` on, and has ways ``way_from[q]`` on, cheapest first; a
    way takes besides what its class does: of row ``class_row[n]`` one, or one for
    each of the pair's ``lines``. Money is in millicents.
    """

    pair_from: Ints
    full: Ints
    most: Ints
    split: Ints
    mask: Small
    center: Small
    lines: Small
    entry_from: Ints
    row: Small
    amount: Small
    way_from: Ints
    cost: Ints
    klass: Small
    class_from: Ints
    class_row: Small
    class_by_lines: Small
    limit: Ints
    up_to: Ints
    beyond: Ints


class Tops(NamedTuple):
    """Scratch: of each set of lines the cheapest centers; and the share found."""

    value: Ints
    way: Ints
    pair: Ints
    center: Ints
    held: Ints
    share: Ints
    stack: Ints
    tally: Ints


def tops() -> Tops:
    """Return new scratch."""
    shape = (MASKS, MOST_PARTS)
    value, way, pair, center = (np.zeros(shape, np.int64) for _ in range(4))
    share = np.zeros((2, MOST_PARTS), np.int64)
    held, tally = np.zeros(MASKS, np.int64), np.zeros(2, np.int64)
    stack = np.zeros((6, MOST_PARTS), np.int64)
    return Tops(value, way, pair, center, held, share, stack, tally)


@njit(cache=True, nogil=True)
def _rank_in(menus: Menus, tops: Tops, most: int, value: int, q: int, way: int) -> None:
    """Put a pair's best way among the cheapest centers of its lines."""
    mask = menus.mask[q]
    n = tops.held[mask]
    if n == most:
        n -= 1
        if tops.value[mask, n] <= value:
            return
    else:
        tops.held[mask] += 1
    while n > 0 and tops.value[mask, n - 1] > value:
        tops.value[mask, n] = tops.value[mask, n - 1]
        tops.way[mask, n] = tops.way[mask, n - 1]
        tops.pair[mask, n] = tops.pair[mask, n - 1]
        tops.center[mask, n] = tops.center[mask, n - 1]
        n -= 1
    tops.value[mask, n], tops.way[mask, n] = value, way
    tops.pair[mask, n], tops.center[mask, n] = q, menus.center[q]


@njit(cache=True, nogil=True)
def priced(
    menus: Menus, tops: Tops, order: int, price: Ints, fixed: Ints, each: Ints
) -> None:
    """Rank all parts of an order under prices; classes cost ``fixed`` and ``each``."""
    tops.held[: menus.full[order] + 1] = 0
    most, split = menus.most[order], menus.split[order]
    for q in range(menus.pair_from[order], menus.pair_from[order + 1]):
        paid, best, at = split, NEVER, -1
        for e in range(menus.entry_from[q], menus.entry_from[q + 1]):
            paid += price[menus.row[e]] * menus.amount[e]
        lines = menus.lines[q]
        for w in range(menus.way_from[q], menus.way_from[q + 1]):
            k = menus.klass[w]
            value = menus.cost[w] + fixed[k] + each[k] * lines
            if value < best:
                best, at = value, w
        if at >= 0:
            _rank_in(menus, tops, most, paid + best, q, at)
    last = menus.pair_from[order + 1]
    tops.tally[LOOKS] += menus.way_from[last] - menus.way_from[menus.pair_from[order]]


@njit(cache=True, nogil=True)
def _toll(menus: Menus, taken: Ints, price: Ints, r: int, amount: int) -> int:
    """Return what so much more of a row costs, its price or beyond; NEVER: too much."""
    after = taken[r] + amount
    paid = price[r] * amount
    if after > menus.limit[r]:
        if after > menus.up_to[r]:
            return NEVER
        over = (after - max(taken[r], menus.limit[r])) * menus.beyond[r]
        paid = max(paid, over)
    return int(paid)


@njit(cache=True, nogil=True)
def left(menus: Menus, tops: Tops, order: int, price: Ints, taken: Ints) -> None:
    """Rank those parts of an order that what is left allows."""
    tops.held[: menus.full[order] + 1] = 0
    most, split = menus.most[order], menus.split[order]
    for q in range(menus.pair_from[order], menus.pair_from[order + 1]):
        paid, best, at = split, NEVER, -1
        for e in range(menus.entry_from[q], menus.entry_from[q + 1]):
            paid += _toll(menus, taken, price, menus.row[e], menus.amount[e])
            if paid >= NEVER:
                break
        if paid >= NEVER:
            continue
        lines = menus.lines[q]
        for w in range(menus.way_from[q], menus.way_from[q + 1]):
            value = menus.cost[w]
            if value >= best:
                break
            k = menus.klass[w]
            for n in range(menus.class_from[k], menus.class_from[k + 1]):
                amount = lines if menus.class_by_lines[n] else 1
                value += _toll(menus, taken, price, menus.class_row[n], amount)
            if value < best:
                best, at = value, w
        if at >= 0:
            _rank_in(menus, tops, most, paid + best, q, at)
    last = menus.pair_from[order + 1]
    tops.tally[LOOKS] += menus.way_from[last] - menus.way_from[menus.pair_from[order]]


@njit(cache=True, nogil=True)
def shared(menus: Menus, tops: Tops, order: int, room: int) -> int:
    """Return the cheapest share of ranked parts that costs less than the room.

    Its parts are noted in ``tops``; NEVER where there is none. Another center is
    tried for a part only where the parts after it wanted the same one.
    """
    most, full = menus.most[order], menus.full[order]
    low, rest, more, turn, paid, clash = tops.stack
    best, at = room, 0
    tops.tally[PARTS] = 0
    low[0], rest[0] = full & -full, full & (full - 1)
    more[0], turn[0], paid[0] = rest[0], 0, -menus.split[order]
    while at >= 0:
        mask, n = low[at] | more[at], turn[at]
        whole = more[at] == rest[at]
        value = best
        if n < tops.held[mask] and (whole or at + 1 < most):
            value = paid[at] + tops.value[mask, n]
        if value < best:
            blocked = False
            for a in range(at):
                if tops.center[low[a] | more[a], turn[a]] == tops.center[mask, n]:
                    clash[a] = 1
                    blocked = True
            if blocked:
                turn[at] += 1
                continue
            if not whole:
                clash[at] = 0
                left = rest[at] ^ more[at]
                at += 1
                low[at], rest[at] = left & -left, left & (left - 1)
                more[at], turn[at], paid[at] = rest[at], 0, value
                continue
            best = value
            tops.tally[PARTS] = at + 1
            for a in range(at + 1):
                tops.share[0, a] = tops.pair[low[a] | more[a], turn[a]]
                tops.share[1, a] = tops.way[low[a] | more[a], turn[a]]
        while at >= 0:
            if more[at] > 0 and at + 1 < most:
                more[at], turn[at] = (more[at] - 1) & rest[at], 0
                break
            at -= 1
            if at >= 0 and clash[at] == 1:
                turn[at] += 1
                break
    return int(best) if tops.tally[PARTS] > 0 else NEVER


@njit(cache=True, nogil=True)
def classes_under(menus: Menus, price: Ints, fixed: Ints, each: Ints) -> None:
    """Work out what every class costs under prices: once, and for each line."""
    fixed[:] = 0
    each[:] = 0
    for k in range(len(menus.class_from) - 1):
        for n in range(menus.class_from[k], menus.class_from[k + 1]):
            if menus.class_by_lines[n]:
                each[k] += price[menus.class_row[n]]
            else:
                fixed[k] += price[menus.class_row[n]]


@njit(cache=True, nogil=True)
def answer(
    menus: Menus,
    tops: Tops,
    price: Ints,
    fixed: Ints,
    each: Ints,
    reward: int,
    first: int,
    last: int,
    taken: Ints,
    best: Ints,
) -> None:
    """Note what some orders pay under prices (the reward: left out), and take."""
    for order in range(first, last):
        priced(menus, tops, order, price, fixed, each)
        value = shared(menus, tops, order, NEVER)
        best[order] = min(value, reward)
        if value >= reward:
            continue
        for a in range(tops.tally[PARTS]):
            q, w = tops.share[0, a], tops.share[1, a]
            for e in range(menus.entry_from[q], menus.entry_from[q + 1]):
                taken[menus.row[e]] += menus.amount[e]
            k = menus.klass[w]
            for n in range(menus.class_from[k], menus.class_from[k + 1]):
                many = menus.class_by_lines[n]
                taken[menus.class_row[n]] += menus.lines[q] if many else 1


@njit(cache=True, nogil=True)
def asked_for(
    menus: Menus,
    tops: Tops,
    price: Ints,
    fixed: Ints,
    each: Ints,
    room: Ints,
    size: Ints,
    pair: Ints,
    way: Ints,
) -> None:
    """Write down each order's best share under prices; none where it has no room."""
    for order in range(len(room)):
        size[order] = 0
        priced(menus, tops, order, price, fixed, each)
        if shared(menus, tops, order, room[order]) >= room[order]:
            continue
        parts = tops.tally[PARTS]
        size[order] = parts
        # By their ways, so that a share is written in one manner only.
        for a in range(parts):
            q, w, n = tops.share[0, a], tops.share[1, a], a
            while n > 0 and way[order, n - 1] > w:
                pair[order, n], way[order, n] = pair[order, n - 1], way[order, n - 1]
                n -= 1
            pair[order, n], way[order, n] = q, w
