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
    least: Floats,
    found: Ints,
) -> float:
    """Find the cheapest centers for an order under prices, trying every set of them.

    Centers without stock are out; the last one is always in. ``least`` is room for
    the least cost of every item within every set. Among equals the lower set wins.
    """
    centers, width = len(fixed), 0
    while width < len(items) and items[width] >= 0:
        width += 1
    best, at = _FAR, 0
    for held in range(1, 1 << centers):
        low = 0
        while not held >> low & 1:
            low += 1
        rest = held & (held - 1)
        total = fixed[low]
        least[held, -1] = fixed[low]
        if rest:
            total += least[rest, -1]
            least[held, -1] = total
        for a in range(width):
            value = _FAR
            if low == centers - 1:
                value = unit[low, city]
            elif stock[low, items[a]] > 0:
                value = unit[low, city] + price[low, items[a]]
            if rest and least[rest, a] <= value:
                value = least[rest, a]
            least[held, a] = value
            total += value
        if total < best:
            best, at = total, held
    for a in range(width):
        value = _FAR
        for k in range(centers):
            if not at >> k & 1:
                continue
            mine = _FAR
            if k == centers - 1:
                mine = unit[k, city]
            elif stock[k, items[a]] > 0:
                mine = unit[k, city] + price[k, items[a]]
            if mine < value:
                value, found[a] = mine, k
    return best


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
    least = np.zeros((1 << centers, most + 1)) if how == PRICED else np.zeros((1, 1))
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
            cheapest(mine, city, stock, unit, price, fixed, least, found)
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
    least = np.zeros((1 << len(fixed), most + 1))
    for kind in range(kinds):
        for city in range(cities):
            dollars[kind, city] = cheapest(
                items[kind],
                city,
                stock,
                unit,
                price,
                fixed,
                least,
                found[kind, city],
            )
