"""Seat orders in shares of what is left, and seat them better: compiled.

- ``seat``: orders in turn take what is cheapest, under prices, of what is left;
- ``improve``: an order that could be better off takes the place of another, if both
  together then pay less.

References
----------
.. [1] Yagiura, M., T. Ibaraki, and F. Glover (2004). An ejection chain approach
       for the generalized assignment problem. *INFORMS Journal on Computing*
       16(2): 133-151.
"""

from typing import NamedTuple

import numpy as np

from optimizer.kernels import menus as menus_kernel
from optimizer.kernels.caching import kernel
from optimizer.kernels.menus import (
    MOST_PARTS,
    NEVER,
    PARTS,
    Ints,
    Menus,
    Small,
    Tops,
    left,
    priced,
    shared,
)


class Seats(NamedTuple):
    """Who has what: each order's ways (``size`` of them), what is taken of rows.

    Who holds of a row is a ring of nodes: ``head[r]``, then ``after[node]``. Order k
    has nodes from ``node_from[k]``.
    """

    ways: Ints
    pairs: Ints
    size: Ints
    taken: Ints
    held: Ints
    head: Ints
    after: Ints
    before: Ints
    owner: Small
    node_from: Ints


@kernel(menus_kernel)
def _move(menus: Menus, seats: Seats, node: int, r: int, by: int) -> int:
    """Take so much more of a row, or give it back; return what that costs beyond."""
    before = seats.taken[r]
    after = before + by
    seats.taken[r] = after
    if by > 0:
        if seats.head[r] < 0:
            seats.head[r] = seats.after[node] = seats.before[node] = node
        else:
            head = seats.head[r]
            tail = seats.before[head]
            seats.after[tail] = seats.before[head] = node
            seats.after[node], seats.before[node] = head, tail
        seats.held[r] += 1
    else:
        seats.held[r] -= 1
        one, other = seats.before[node], seats.after[node]
        seats.after[one], seats.before[other] = other, one
        if seats.held[r] == 0:
            seats.head[r] = -1
        elif seats.head[r] == node:
            seats.head[r] = other
    limit = menus.limit[r]
    return int((max(after, limit) - max(before, limit)) * menus.beyond[r])


@kernel(menus_kernel)
def _moved(menus: Menus, seats: Seats, order: int, sign: int) -> int:
    """Seat an order in its ways (1), or take them back (-1); return the cost."""
    size = seats.size[order]
    if size == 0:
        return 0
    cost, node = (size - 1) * menus.split[order], seats.node_from[order]
    beyond = 0
    for a in range(size):
        q, w = seats.pairs[order, a], seats.ways[order, a]
        cost += menus.cost[w]
        for e in range(menus.entry_from[q], menus.entry_from[q + 1]):
            by = sign * menus.amount[e]
            beyond += _move(menus, seats, node, menus.row[e], by)
            node += 1
        k = menus.klass[w]
        for n in range(menus.class_from[k], menus.class_from[k + 1]):
            by = sign * (menus.lines[q] if menus.class_by_lines[n] else 1)
            beyond += _move(menus, seats, node, menus.class_row[n], by)
            node += 1
    return int(cost + sign * beyond)


@kernel(menus_kernel)
def _take(menus: Menus, tops: Tops, seats: Seats, order: int) -> int:
    """Seat an order in the share just found; return what it pays."""
    size = tops.tally[PARTS]
    seats.size[order] = size
    seats.pairs[order, :size] = tops.share[0, :size]
    seats.ways[order, :size] = tops.share[1, :size]
    return int(_moved(menus, seats, order, 1))


@kernel(menus_kernel)
def seat(menus: Menus, tops: Tops, seats: Seats, price: Ints, turns: Ints) -> None:
    """Let orders without a seat take in turn what is cheapest of what is left."""
    for order in turns:
        left(menus, tops, order, price, seats.taken)
        shared(menus, tops, order, NEVER)
        _take(menus, tops, seats, order)


@kernel(menus_kernel)
def seat_as(menus: Menus, seats: Seats) -> None:
    """Seat orders, whose ways are written down but not taken yet."""
    for order in range(len(seats.size)):
        _moved(menus, seats, order, 1)


@kernel(menus_kernel)
def _blocking(
    menus: Menus, tops: Tops, seats: Seats, order: int, width: int, rivals: Ints
) -> int:
    """Write down some who hold what the share found would need; return how many."""
    count = 0
    for a in range(tops.tally[PARTS]):
        q, k = tops.share[0, a], menus.klass[tops.share[1, a]]
        entries = menus.entry_from[q + 1] - menus.entry_from[q]
        for n in range(entries + menus.class_from[k + 1] - menus.class_from[k]):
            if n < entries:
                e = menus.entry_from[q] + n
                r, amount = menus.row[e], menus.amount[e]
            else:
                c = menus.class_from[k] + n - entries
                r = menus.class_row[c]
                amount = menus.lines[q] if menus.class_by_lines[c] else 1
            free = menus.limit[r] if menus.beyond[r] else menus.up_to[r]
            if seats.taken[r] + amount <= free or seats.held[r] == 0:
                continue
            node = seats.head[r]
            for _ in range(min(width, seats.held[r])):
                if count == len(rivals):
                    return count
                rivals[count] = seats.owner[node]
                node = seats.after[node]
                count += 1
            # Who asks next begins where this one ended.
            seats.head[r] = node
    return count


@kernel(menus_kernel)
def improve(
    menus: Menus,
    tops: Tops,
    seats: Seats,
    price: Ints,
    fixed: Ints,
    each: Ints,
    least: Ints,
    reward: int,
    width: int,
    turns: Ints,
) -> int:
    """Let orders that pay more than their least try, in turn; return what is saved.

    An order's wish is its best share under the prices. Whoever is in the way gives
    its seat up for a trial; both then take the best of what is left.
    """
    free = np.zeros(len(price), np.int64)
    rivals = np.zeros(6 * width, np.int64)
    one, other = (
        np.zeros((2, MOST_PARTS), np.int64),
        np.zeros((2, MOST_PARTS), np.int64),
    )
    saved = 0
    for order in turns:
        size = seats.size[order]
        now = _moved(menus, seats, order, -1) if size else reward
        one[0], one[1] = seats.pairs[order], seats.ways[order]
        if now <= least[order]:
            _moved(menus, seats, order, 1)
            continue
        seats.size[order] = 0
        left(menus, tops, order, free, seats.taken)
        value = shared(menus, tops, order, now)
        if value < now:
            saved += now - _take(menus, tops, seats, order)
            continue
        priced(menus, tops, order, price, fixed, each)
        shared(menus, tops, order, NEVER)
        count = _blocking(menus, tops, seats, order, width, rivals)
        done = False
        for n in range(count):
            rival = rivals[n]
            theirs_size = seats.size[rival]
            if theirs_size == 0:
                continue
            other[0], other[1] = seats.pairs[rival], seats.ways[rival]
            both = now + _moved(menus, seats, rival, -1)
            seats.size[rival] = 0
            left(menus, tops, order, free, seats.taken)
            mine = shared(menus, tops, order, both - least[rival])
            if mine < NEVER:
                mine = _take(menus, tops, seats, order)
                left(menus, tops, rival, free, seats.taken)
                theirs = shared(menus, tops, rival, both - mine)
                if theirs < NEVER:
                    theirs = _take(menus, tops, seats, rival)
                    done = True
                elif reward < both - mine:
                    theirs, done = reward, True
                if done:
                    saved += both - mine - theirs
                    break
                _moved(menus, seats, order, -1)
                seats.size[order] = 0
            seats.pairs[rival], seats.ways[rival] = other[0], other[1]
            seats.size[rival] = theirs_size
            _moved(menus, seats, rival, 1)
        if not done:
            seats.pairs[order], seats.ways[order] = one[0], one[1]
            seats.size[order] = size
            _moved(menus, seats, order, 1)
    return int(saved)
