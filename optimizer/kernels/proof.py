"""What no order can beat under prices, and what comes near: by trying all shares.

Every way to divide an order's lines into parts is tried, for each part every center
and way, in exact integers. This shares nothing with how choices and prices are
found.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from optimizer.kernels.menus import MOST_PARTS, NEVER, Menus

Ints = np.ndarray[Any, np.dtype[np.int64]]
Small = np.ndarray[Any, np.dtype[np.int32]]


class Divisions(NamedTuple):
    """All ways to divide a number of lines: sets of lines as bits, fewest parts first.

    Orders whose lines together are ``full`` have those from ``start[full]`` to
    ``start[full + 1]``; ``size`` is how many parts.
    """

    start: Ints
    parts: Ints
    size: Ints


class Near(NamedTuple):
    """Shares that come near: whose, and the pair and way of each part."""

    order: Ints
    size: Ints
    value: Ints
    pair: Ints
    way: Ints


class _Items(NamedTuple):
    """An order's parts by their lines, cheapest first within each set of lines."""

    start: Ints
    value: Ints
    pair: Ints
    way: Ints


@njit(cache=True, nogil=True)
def _paid(menus: Menus, price: Ints, q: int, w: int) -> int:
    """Return what a part pays under prices, with a split for itself."""
    paid = menus.cost[w]
    for e in range(menus.entry_from[q], menus.entry_from[q + 1]):
        paid += price[menus.row[e]] * menus.amount[e]
    k = menus.klass[w]
    for n in range(menus.class_from[k], menus.class_from[k + 1]):
        many = menus.class_by_lines[n]
        paid += price[menus.class_row[n]] * (menus.lines[q] if many else 1)
    return int(paid)


@njit(cache=True, nogil=True)
def _items(menus: Menus, price: Ints, order: int, every: bool) -> _Items:
    """List the parts of an order: every way of a pair, or the best one of each."""
    first, last = menus.pair_from[order], menus.pair_from[order + 1]
    full, split = menus.full[order], menus.split[order]
    most = menus.way_from[last] - menus.way_from[first]
    start = np.zeros(full + 2, np.int64)
    value, pair = np.empty(most, np.int64), np.empty(most, np.int64)
    way = np.empty(most, np.int64)
    for q in range(first, last):
        ways = menus.way_from[q + 1] - menus.way_from[q]
        start[menus.mask[q] + 1] += ways if every else min(ways, 1)
    for mask in range(full + 1):
        start[mask + 1] += start[mask]
    held = start.copy()
    for q in range(first, last):
        mask, best, at = menus.mask[q], NEVER, -1
        for w in range(menus.way_from[q], menus.way_from[q + 1]):
            paid = _paid(menus, price, q, w) + split
            if every:
                _sort_in(value, pair, way, start[mask], held[mask], paid, q, w)
                held[mask] += 1
            elif paid < best:
                best, at = paid, w
        if at >= 0:
            _sort_in(value, pair, way, start[mask], held[mask], best, q, at)
            held[mask] += 1
    return _Items(start, value, pair, way)


@njit(cache=True, nogil=True)
def _sort_in(
    value: Ints, pair: Ints, way: Ints, start: int, n: int, paid: int, q: int, w: int
) -> None:
    while n > start and value[n - 1] > paid:
        value[n], pair[n], way[n] = value[n - 1], pair[n - 1], way[n - 1]
        n -= 1
    value[n], pair[n], way[n] = paid, q, w


@njit(cache=True, nogil=True)
def _next(
    menus: Menus, items: _Items, parts: Ints, size: int, turn: Ints, room: int, at: int
) -> int:
    """Find the next items of different centers that pay less than the room together.

    ``turn`` are the items tried last, ``at`` the part to go on with. Returns what they
    pay; NEVER where there are no more.
    """
    while at >= 0:
        mask = parts[at]
        n = turn[at]
        least = 0
        for a in range(size):
            if a < at:
                least += items.value[turn[a]]
            elif a > at:
                least += items.value[items.start[parts[a]]]
        if n >= items.start[mask + 1] or least + items.value[n] >= room:
            at -= 1
            if at >= 0:
                turn[at] += 1
            continue
        center = menus.center[items.pair[n]]
        apart = True
        for a in range(at):
            apart = apart and menus.center[items.pair[turn[a]]] != center
        if not apart:
            turn[at] += 1
        elif at + 1 == size:
            return int(least + items.value[n])
        else:
            at += 1
            turn[at] = items.start[parts[at]]
    return NEVER


@njit(cache=True, nogil=True)
def _possible(items: _Items, parts: Ints, size: int) -> bool:
    found = True
    for a in range(size):
        found = found and items.start[parts[a]] < items.start[parts[a] + 1]
    return found


@njit(cache=True, nogil=True)
def least(menus: Menus, divisions: Divisions, price: Ints, into: Ints) -> None:
    """Write down the least that each order can pay under prices; NEVER: nothing."""
    turn = np.zeros(MOST_PARTS, np.int64)
    for order in range(len(menus.full)):
        items = _items(menus, price, order, False)
        full, split = menus.full[order], menus.split[order]
        best = NEVER
        for d in range(divisions.start[full], divisions.start[full + 1]):
            size, parts = divisions.size[d], divisions.parts[d]
            if size > menus.most[order] or not _possible(items, parts, size):
                continue
            turn[0] = items.start[parts[0]]
            found = _next(menus, items, parts, size, turn, best + split, 0)
            while found < NEVER:
                best = found - split
                turn[size - 1] += 1
                found = _next(menus, items, parts, size, turn, best + split, size - 1)
        into[order] = best


@njit(cache=True, nogil=True)
def near(
    menus: Menus, divisions: Divisions, price: Ints, room: Ints, into: Near
) -> int:
    """Write down all shares of which an order pays less than its room under prices.

    Returns how many there are; one more than there is space for where that is not
    enough.
    """
    turn = np.zeros(MOST_PARTS, np.int64)
    count, most = 0, len(into.order)
    for order in range(len(menus.full)):
        items = _items(menus, price, order, True)
        full, split = menus.full[order], menus.split[order]
        for d in range(divisions.start[full], divisions.start[full + 1]):
            size, parts = divisions.size[d], divisions.parts[d]
            if size > menus.most[order] or not _possible(items, parts, size):
                continue
            turn[0] = items.start[parts[0]]
            limit = room[order] + split
            found = _next(menus, items, parts, size, turn, limit, 0)
            while found < NEVER:
                if count == most:
                    return most + 1
                into.order[count], into.size[count] = order, size
                into.value[count] = found - split
                for a in range(size):
                    into.pair[count, a] = items.pair[turn[a]]
                    into.way[count, a] = items.way[turn[a]]
                count += 1
                turn[size - 1] += 1
                found = _next(menus, items, parts, size, turn, limit, size - 1)
    return count
