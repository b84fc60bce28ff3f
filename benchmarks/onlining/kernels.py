"""Orders decided one after the other, compiled: every policy on the same arrivals."""

from typing import Any

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

INDEPENDENT, DILATE, FORCE_OPEN, NEAREST, PRICED = range(5)
_TINY, _FAR = 1e-7, 1e18


@njit(cache=True, nogil=True)
def cheapest(
    items: Ints,
    city: int,
    stock: Ints,
    unit: Floats,
    price: Floats,
    fixed: Floats,
    room: Floats,
    found: Ints,
) -> float:
    """Find the cheapest centers for an order under prices: no set of them is cheaper.

    Centers without stock are out; the last one is always in. Sets are looked through
    center by center, as long as what is left could be cheaper than the best one yet.
    ``room`` is three tables of (centers + 1) times items.
    """
    centers, width = len(fixed), 0
    while width < len(items) and items[width] >= 0:
        width += 1
    cost, rest, had = room[0], room[1], room[2]
    for a in range(width):
        rest[centers, a] = had[0, a] = _FAR
    for k in range(centers - 1, -1, -1):
        for a in range(width):
            cost[k, a] = _FAR
            if k == centers - 1:
                cost[k, a] = unit[k, city]
            elif stock[k, items[a]] > 0:
                cost[k, a] = unit[k, city] + price[k, items[a]]
            rest[k, a] = min(rest[k + 1, a], cost[k, a])
    best, at = _grown(cost, fixed, width)
    # The path to where we are: a center is in, out, or not yet looked at.
    held, opened, k = 0, 0.0, 0
    while k >= 0:
        if k < centers and _above(had[k], rest[k], opened, width) < best:
            held |= 1 << k
            opened += fixed[k]
            for a in range(width):
                had[k + 1, a] = min(had[k, a], cost[k, a])
            total = _above(had[k + 1], had[k + 1], opened, width)
            if total < best:
                best, at = total, held
            k += 1
            continue
        # Go back to the last center that is in, and leave it out.
        k -= 1
        while k >= 0 and not held >> k & 1:
            k -= 1
        if k < 0:
            break
        held ^= 1 << k
        opened -= fixed[k]
        for a in range(width):
            had[k + 1, a] = had[k, a]
        k += 1
    for a in range(width):
        least = _FAR
        for k in range(centers):
            if at >> k & 1 and cost[k, a] < least:
                least, found[a] = cost[k, a], k
    return best


@njit(cache=True, nogil=True)
def _above(ones: Floats, others: Floats, opened: float, width: int) -> float:
    """Add up the lesser of two costs of every item."""
    total = opened
    for a in range(width):
        total += min(ones[a], others[a])
    return total


@njit(cache=True, nogil=True)
def _grown(cost: Floats, fixed: Floats, width: int) -> tuple[float, int]:
    """Open the center that saves most, again and again; return cost and set."""
    held, best = 0, _FAR
    while True:
        add = -1
        for k in range(len(fixed)):
            if held >> k & 1:
                continue
            total = fixed[k]
            for j in range(len(fixed)):
                total += fixed[j] if held >> j & 1 else 0.0
            for a in range(width):
                least = cost[k, a]
                for j in range(len(fixed)):
                    if held >> j & 1 and cost[j, a] < least:
                        least = cost[j, a]
                total += least
            if total < best:
                best, add = total, k
        if add < 0:
            return best, held
        held |= 1 << add


@njit(cache=True, nogil=True)
def _rounded(
    how: int, share: Floats, clocks: Floats, lots: Floats, width: int, found: Ints
) -> None:
    """Round an order's shares: item by item, or by clocks that all items share."""
    centers = share.shape[1]
    for a in range(width):
        total = 0.0
        for k in range(centers):
            total += share[a, k] if share[a, k] > _TINY else 0.0
        found[a] = -1
        if total <= 0.0:
            continue
        most = 0
        for k in range(centers):
            if share[a, k] > share[a, most]:
                most = k
        largest = share[a, most] / total
        force = largest
        if how == FORCE_OPEN and largest < 1.0:
            under = 1.0 - largest + largest * np.exp(1.0 / largest) - np.e
            force = (1.0 - largest) / under if under > 1e-12 else 1.0
        best, passed = _FAR, 0.0
        for k in range(centers):
            x = share[a, k] / total
            if share[a, k] <= _TINY:
                continue
            if how == INDEPENDENT:
                if passed <= lots[a]:
                    found[a] = k
                passed += x
                continue
            rings = clocks[k] / x
            if how == FORCE_OPEN and k == most:
                rings = 1.0 / x if lots[a] < force else min(clocks[k], 1.0) / x
            if rings < best:
                best, found[a] = rings, k


@njit(cache=True, nogil=True)
def _completed(
    items: Ints,
    city: int,
    stock: Ints,
    unit: Floats,
    fixed: Floats,
    width: int,
    found: Ints,
) -> None:
    """Send items nobody is chosen for from where it adds least to the order."""
    for a in range(width):
        if found[a] >= 0:
            continue
        best = _FAR
        for k in range(len(fixed)):
            if k < len(fixed) - 1 and stock[k, items[a]] <= 0:
                continue
            value = unit[k, city] + fixed[k]
            for b in range(width):
                if b != a and found[b] == k:
                    value = unit[k, city]
                    break
            if value < best:
                best, found[a] = value, k


@njit(cache=True, nogil=True)
def settle(
    items: Ints,
    city: int,
    stock: Ints,
    unit: Floats,
    fixed: Floats,
    found: Ints,
) -> float:
    """Take what was chosen, elsewhere what is out of stock; return dollars."""
    last = len(fixed) - 1
    dollars, opened = 0.0, 0
    for a in range(len(items)):
        if items[a] < 0:
            break
        k = found[a]
        if k < last:
            if stock[k, items[a]] > 0:
                stock[k, items[a]] -= 1
            else:
                k = last
        dollars += unit[k, city]
        if not opened >> k & 1:
            opened |= 1 << k
            dollars += fixed[k]
    return dollars


@njit(cache=True, nogil=True)
def serve(
    how: int,
    rechoose: bool,
    arrivals: Ints,
    items: Ints,
    stock: Ints,
    unit: Floats,
    fixed: Floats,
    nearest: Ints,
    share: Floats,
    price: Floats,
    clocks: Floats,
    lots: Floats,
) -> float:
    """Decide the orders in turn; what they take is taken off the stock.

    With ``rechoose`` shares of centers that have nothing left go to the others,
    in proportion; an item left without is sent from where it adds least.
    """
    cities, centers, most = unit.shape[1], len(fixed), items.shape[1]
    found = np.zeros(most, dtype=np.int64)
    room = np.zeros((3, centers + 1, most))
    left = np.zeros((most, centers))
    dollars = 0.0
    for n in range(len(arrivals)):
        if arrivals[n] < 0:
            continue
        kind, city = arrivals[n] // cities, arrivals[n] % cities
        mine = items[kind]
        width = 0
        while width < most and mine[width] >= 0:
            width += 1
        if how == PRICED:
            cheapest(mine, city, stock, unit, price, fixed, room, found)
        elif how == NEAREST:
            for a in range(width):
                found[a] = nearest[mine[a], city]
        else:
            left[:] = share[kind, city]
            if rechoose:
                for a in range(width):
                    for k in range(centers - 1):
                        if stock[k, mine[a]] <= 0:
                            left[a, k] = 0.0
            _rounded(how, left, clocks[n], lots[n], width, found)
            _completed(mine, city, stock, unit, fixed, width, found)
        dollars += settle(mine, city, stock, unit, fixed, found)
    return dollars


@njit(cache=True, nogil=True)
def priced_out(
    items: Ints,
    stock: Ints,
    unit: Floats,
    price: Floats,
    fixed: Floats,
    found: Ints,
    dollars: Floats,
) -> None:
    """Find the cheapest centers of every kind from every city under prices."""
    kinds, cities, most = len(items), unit.shape[1], items.shape[1]
    room = np.zeros((3, len(fixed) + 1, most))
    for kind in range(kinds):
        for city in range(cities):
            dollars[kind, city] = cheapest(
                items[kind],
                city,
                stock,
                unit,
                price,
                fixed,
                room,
                found[kind, city],
            )
