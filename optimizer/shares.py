"""Combine priced parts into whole options and keep the best of them, compiled.

A *share* says which pair (a part from a center) each center sends. An option is
a share with one way chosen for each pair; options are ranked by cents, then by
the number of parcels, then by their ways in turn.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]

MOST_PARTS = 4
TRIED = 8
"""Of so many centers at most, the cheapest for a part, shares are made."""

_NEVER = 1 << 60
_SEATS = 1 << 15
_TIES = 512


class Ranks(NamedTuple):
    """The ways of every pair, best first, with what breaks ties between them.

    ``held[q]`` ways of pair q have ``cents[q, n]``; ``tie[q, n]`` are the time
    on the way, the service's place by name and the packing's.
    """

    center: Ints
    held: Ints
    cents: Ints
    tie: Ints


class Shares(NamedTuple):
    """Shares with their pairs, centers in order; ``size`` is how many pairs."""

    pairs: Ints
    size: Ints


class Options(NamedTuple):
    """Options: what they cost, their pairs, and which way of each pair."""

    cents: Ints
    size: Ints
    pairs: Ints
    ways: Ints


@njit(cache=True, nogil=True)
def divide(
    groups: Ints, sizes: Ints, pair_of: Ints, tried: Ints, ranks: Ranks, into: Shares
) -> int:
    """Write down every share of the lines over the cheapest centers; count them.

    ``groups[g]`` are ``sizes[g]`` sets of lines (bits) that are sent apart;
    ``pair_of[mask, c]`` is the pair of a set and a center, −1 where there is
    none. Of the centers, ``tried[size]`` are looked at for each set.
    """
    masks, centers = pair_of.shape
    ranked = np.full((masks, TRIED), -1, np.int64)
    for mask in range(1, masks):
        held = 0
        for c in range(centers):
            q = pair_of[mask, c]
            if q < 0 or ranks.held[q] == 0:
                continue
            n = min(held, TRIED - 1)
            if held == TRIED and ranks.cents[ranked[mask, n], 0] <= ranks.cents[q, 0]:
                continue
            held = min(held + 1, TRIED)
            while n > 0 and ranks.cents[ranked[mask, n - 1], 0] > ranks.cents[q, 0]:
                ranked[mask, n] = ranked[mask, n - 1]
                n -= 1
            ranked[mask, n] = q
    count = 0
    turn = np.zeros(MOST_PARTS, np.int64)
    for g in range(len(groups)):
        size = sizes[g]
        most = tried[size]
        turn[:] = 0
        depth = 0
        while depth >= 0:
            if depth == size:
                _sort_in(into, count, groups[g], turn, size, ranked, ranks.center)
                count += 1
                depth -= 1
                turn[depth] += 1
                continue
            q = ranked[groups[g, depth], turn[depth]] if turn[depth] < most else -1
            if q < 0:
                turn[depth] = 0
                depth -= 1
                if depth >= 0:
                    turn[depth] += 1
                continue
            clash = False
            for d in range(depth):
                other = ranked[groups[g, d], turn[d]]
                clash = clash or ranks.center[other] == ranks.center[q]
            if clash:
                turn[depth] += 1
            else:
                depth += 1
    return count


@njit(cache=True, nogil=True)
def _sort_in(
    into: Shares,
    at: int,
    group: Ints,
    turn: Ints,
    size: int,
    ranked: Ints,
    center: Ints,
) -> None:
    """Write a share down, its pairs in the order of their centers."""
    into.size[at] = size
    for d in range(size):
        q, n = ranked[group[d], turn[d]], d
        while n > 0 and center[into.pairs[at, n - 1]] > center[q]:
            into.pairs[at, n] = into.pairs[at, n - 1]
            n -= 1
        into.pairs[at, n] = q


@njit(cache=True, nogil=True)
def _before(ranks: Ranks, kept: Options, a: int, b: int) -> bool:
    """Tell whether option a ranks before option b; equals keep their order."""
    if kept.cents[a] != kept.cents[b]:
        return bool(kept.cents[a] < kept.cents[b])
    if kept.size[a] != kept.size[b]:
        return bool(kept.size[a] < kept.size[b])
    for d in range(kept.size[a]):
        p, v = kept.pairs[a, d], kept.ways[a, d]
        q, w = kept.pairs[b, d], kept.ways[b, d]
        if ranks.cents[p, v] != ranks.cents[q, w]:
            return bool(ranks.cents[p, v] < ranks.cents[q, w])
        if ranks.tie[p, v, 0] != ranks.tie[q, w, 0]:
            return bool(ranks.tie[p, v, 0] < ranks.tie[q, w, 0])
        if ranks.center[p] != ranks.center[q]:
            return bool(ranks.center[p] < ranks.center[q])
        for n in range(1, 3):
            if ranks.tie[p, v, n] != ranks.tie[q, w, n]:
                return bool(ranks.tie[p, v, n] < ranks.tie[q, w, n])
    return False


@njit(cache=True, nogil=True)
def _sorted(ranks: Ranks, kept: Options, count: int) -> Ints:
    """Return the options' positions, best first."""
    turns = np.argsort(kept.cents[:count], kind="mergesort")
    for i in range(1, count):
        a, n = turns[i], i
        while (
            n > 0
            and kept.cents[turns[n - 1]] == kept.cents[a]
            and _before(ranks, kept, a, turns[n - 1])
        ):
            turns[n] = turns[n - 1]
            n -= 1
        turns[n] = a
    return turns


@njit(cache=True, nogil=True)
def _least(ranks: Ranks, shares: Shares, split_cents: int) -> Ints:
    least = np.empty(len(shares.size), np.int64)
    for r in range(len(least)):
        least[r] = split_cents * (shares.size[r] - 1)
        for d in range(shares.size[r]):
            least[r] += ranks.cents[shares.pairs[r, d], 0]
    return least


@njit(cache=True, nogil=True)
def _sink(heap: Ints, value: int) -> None:
    """Replace the greatest of a heap by a smaller value."""
    n = 0
    while True:
        child = 2 * n + 1
        if child >= len(heap):
            break
        if child + 1 < len(heap) and heap[child + 1] > heap[child]:
            child += 1
        if heap[child] <= value:
            break
        heap[n] = heap[child]
        n = child
    heap[n] = value


@njit(cache=True, nogil=True)
def _next(ranks: Ranks, shares: Shares, r: int, turn: Ints) -> bool:
    """Go on to the next combination of ways of a share; the last way turns first."""
    d = shares.size[r] - 1
    while d >= 0:
        turn[d] += 1
        if turn[d] < ranks.held[shares.pairs[r, d]]:
            return True
        turn[d] = 0
        d -= 1
    return False


@njit(cache=True, nogil=True)
def _cents(ranks: Ranks, shares: Shares, r: int, turn: Ints, split_cents: int) -> int:
    cents = split_cents * (shares.size[r] - 1)
    for d in range(shares.size[r]):
        cents += ranks.cents[shares.pairs[r, d], turn[d]]
    return int(cents)


@njit(cache=True, nogil=True)
def best(
    ranks: Ranks, shares: Shares, split_cents: int, keep: int, into: Options
) -> tuple[int, int]:
    """Write down the cheapest options of all shares, at least ``keep`` if there are.

    Returns
    -------
    How many were written, ranked best first, and how many options there are.
    """
    least = _least(ranks, shares, split_cents)
    heap = np.full(max(1, keep), _NEVER, np.int64)
    turn = np.zeros(MOST_PARTS, np.int64)
    everything = 0
    for r in range(len(least)):
        product = 1
        for d in range(shares.size[r]):
            product *= ranks.held[shares.pairs[r, d]]
        everything += product
        if least[r] >= heap[0]:
            continue
        turn[:] = 0
        more = True
        while more:
            cents = _cents(ranks, shares, r, turn, split_cents)
            if cents < heap[0]:
                _sink(heap, cents)
            more = _next(ranks, shares, r, turn)
    count, most = 0, len(into.cents)
    for r in range(len(least)):
        if least[r] > heap[0]:
            continue
        turn[:] = 0
        more = True
        while more and count < most:
            cents = _cents(ranks, shares, r, turn, split_cents)
            if cents <= heap[0]:
                into.cents[count], into.size[count] = cents, shares.size[r]
                into.pairs[count] = shares.pairs[r]
                into.ways[count] = turn
                count += 1
            more = _next(ranks, shares, r, turn)
    turns = _sorted(ranks, into, count)
    _arrange(into, turns, min(count, keep))
    return min(count, keep), everything


@njit(cache=True, nogil=True)
def _arrange(into: Options, turns: Ints, count: int) -> None:
    cents, size = into.cents[turns[:count]], into.size[turns[:count]]
    pairs, ways = into.pairs[turns[:count]], into.ways[turns[:count]]
    into.cents[:count], into.size[:count] = cents, size
    into.pairs[:count], into.ways[:count] = pairs, ways


@njit(cache=True, nogil=True)
def _key(ranks: Ranks, size: int, pairs: Ints) -> int:
    """Return a number for a set of centers, in order."""
    key = 0
    for d in range(size):
        key = key * 65_536 + ranks.center[pairs[d]] + 1
    return key


@njit(cache=True, nogil=True)
def diverse(
    ranks: Ranks, shares: Shares, split_cents: int, keep: int, into: Options
) -> tuple[int, int]:
    """Keep the best option of every set of centers first, then the cheapest.

    Returns
    -------
    How many were written, ranked best first, and how many options there are.
    """
    least = _least(ranks, shares, split_cents)
    seats = np.full(_SEATS, -1, np.int64)
    keys, first = np.empty(_SEATS, np.int64), np.empty(_SEATS, np.int64)
    sets = 0
    firsts = Options(
        np.empty(2, np.int64),
        np.empty(2, np.int64),
        np.zeros((2, MOST_PARTS), np.int64),
        np.zeros((2, MOST_PARTS), np.int64),
    )
    for r in range(len(least)):
        key = _key(ranks, shares.size[r], shares.pairs[r])
        seat = (key * 2_654_435_761 >> 7) % _SEATS
        while seats[seat] >= 0 and keys[seats[seat]] != key:
            seat = (seat + 1) % _SEATS
        if seats[seat] < 0:
            if sets >= _SEATS // 2:
                continue
            seats[seat] = sets
            keys[sets], first[sets] = key, r
            sets += 1
            continue
        other = first[seats[seat]]
        if least[r] > least[other]:
            continue
        for n, share in enumerate((other, r)):
            firsts.cents[n], firsts.size[n] = least[share], shares.size[share]
            firsts.pairs[n] = shares.pairs[share]
        if _before(ranks, firsts, 1, 0):
            first[seats[seat]] = r
    count, everything = 0, 0
    if sets < keep:
        count, everything = best(ranks, shares, split_cents, keep, into)
    else:
        for r in range(len(least)):
            product = 1
            for d in range(shares.size[r]):
                product *= ranks.held[shares.pairs[r, d]]
            everything += product
    if sets < keep and everything <= keep:
        return count, everything
    bests = Options(
        np.empty(sets + count, np.int64),
        np.empty(sets + count, np.int64),
        np.zeros((sets + count, MOST_PARTS), np.int64),
        np.zeros((sets + count, MOST_PARTS), np.int64),
    )
    for n in range(sets):
        r = first[n]
        bests.cents[n], bests.size[n] = least[r], shares.size[r]
        bests.pairs[n] = shares.pairs[r]
    turns = _sorted(ranks, bests, sets)
    held = min(sets, keep)
    _arrange(bests, turns, held)
    for n in range(count):
        if held >= keep:
            break
        known = False
        for m in range(min(sets, keep)):
            known = known or _same(into, n, bests, m)
        if not known:
            bests.cents[held], bests.size[held] = into.cents[n], into.size[n]
            bests.pairs[held], bests.ways[held] = into.pairs[n], into.ways[n]
            held += 1
    turns = _sorted(ranks, bests, held)
    for n in range(held):
        a = turns[n]
        into.cents[n], into.size[n] = bests.cents[a], bests.size[a]
        into.pairs[n], into.ways[n] = bests.pairs[a], bests.ways[a]
    return held, everything


@njit(cache=True, nogil=True)
def _same(one: Options, a: int, other: Options, b: int) -> bool:
    if one.size[a] != other.size[b]:
        return False
    for d in range(one.size[a]):
        if one.pairs[a, d] != other.pairs[b, d] or one.ways[a, d] != other.ways[b, d]:
            return False
    return True


def room(keep: int) -> Options:
    """Return space for so many options and for those that tie with the last."""
    most = keep + _TIES
    return Options(
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.zeros((most, MOST_PARTS), np.int64),
        np.zeros((most, MOST_PARTS), np.int64),
    )
