"""Give every order a column it can have, and make that better: compiled.

- ``construct``: orders take in turn what is cheapest under prices;
- ``improve``: an order that could be better off takes its better column, and
  whoever is in the way finds another one, and so on to some depth;
- ``shake``: a few orders that want the same give all back and take in another
  turn; what is worse may stay for a while, the best is kept.

One kernel, one file: the compiler's cache notices a change only in the file of
the function that is called.

References
----------
.. [1] Yagiura, M., T. Ibaraki, and F. Glover (2004). An ejection chain approach
       for the generalized assignment problem. *INFORMS Journal on Computing*
       16(2): 133-151.
.. [2] Schrimpf, G., J. Schneider, H. Stamm-Wilbrandt, and G. Dueck (2000). Record
       breaking optimization results using the ruin and recreate principle.
       *Journal of Computational Physics* 159(2): 139-171.
"""

from math import log
from typing import Any, NamedTuple

import numpy as np
from numba import njit

Ints = np.ndarray[Any, np.dtype[np.int64]]

# The tally: columns looked at, the state of chance, seats changed since the best
# choice, what is paid now more than for the best choice.
LOOKS, CHANCE, CHANGED, ABOVE, SAVED, EPISODE, MOVED = range(7)

# A level of an ejection: the order that is seated, for how much, what it tried,
# whom it moved from where, and how much is left for them.
WHO, ROOM, COLUMN, ROW, TRIES, OFFSET, RIVAL, THEIRS, LEFT = range(9)
MOST_LEVELS = 4

_MILLI = 1000
_NEVER = 1 << 62
_MOST_MOVED = 6
KICK_DEPTH, KICK_WIDTH, KICK_LOOKS = 1, 4, 400


class Hall(NamedTuple):
    """What does not change: columns cheapest first within an order, and rows."""

    first: Ints
    cents: Ints
    start: Ints
    row: Ints
    amount: Ints
    own: Ints
    limit: Ints
    most: Ints
    more_cents: Ints
    step: Ints
    holders_from: Ints
    reward: int


class Seats(NamedTuple):
    """Who has what: columns by order, what is taken of rows and by which entries.

    ``best`` is the best choice seen; the orders in ``changed`` may differ from it.
    """

    chosen: Ints
    taken: Ints
    holders: Ints
    held: Ints
    place: Ints
    best: Ints
    changed: Ints
    is_changed: Ints
    trail: Ints
    had: Ints
    episode: Ints
    levels: Ints
    tally: Ints


@njit(cache=True, nogil=True)
def _random(seats: Seats, below: int) -> int:
    """Draw a number from 0 to below (a 48-bit linear congruential generator)."""
    state = (seats.tally[CHANCE] * 25214903917 + 11) & ((1 << 48) - 1)
    seats.tally[CHANCE] = state
    return int((state >> 17) % below)


@njit(cache=True, nogil=True)
def _more(hall: Hall, r: int, before: int, after: int) -> int:
    """Return the cents by which taking more of a row costs more beyond its limit."""
    limit = hall.limit[r]
    if after <= limit:
        return 0
    step = hall.step[r]
    if step == 1:
        return int((after - max(before, limit)) * hall.more_cents[r])
    steps = -(-(after - limit) // step)
    if before > limit:
        steps -= -(-(before - limit) // step)
    return int(steps * hall.more_cents[r])


@njit(cache=True, nogil=True)
def _added(hall: Hall, seats: Seats, column: int) -> int:
    """Return what a column adds in beyond-capacity work, −1 if it does not fit."""
    added = 0
    seats.tally[LOOKS] += 1
    for e in range(hall.start[column], hall.start[column + 1]):
        r = hall.row[e]
        before = seats.taken[r]
        after = before + hall.amount[e]
        if after > hall.limit[r]:
            if after > hall.most[r]:
                return -1
            added += _more(hall, r, before, after)
    return added


@njit(cache=True, nogil=True)
def _put(hall: Hall, seats: Seats, order: int, column: int) -> int:
    """Seat an order (−1: leave it out); return what that costs, all in all."""
    seats.chosen[order] = column
    if seats.is_changed[order] == 0:
        seats.is_changed[order] = 1
        seats.changed[seats.tally[CHANGED]] = order
        seats.tally[CHANGED] += 1
    if column < 0:
        return hall.reward
    cents = hall.cents[column]
    for e in range(hall.start[column], hall.start[column + 1]):
        r = hall.row[e]
        before = seats.taken[r]
        after = before + hall.amount[e]
        seats.taken[r] = after
        if after > hall.limit[r]:
            cents += _more(hall, r, before, after)
        seats.place[e] = seats.held[r]
        seats.holders[hall.holders_from[r] + seats.held[r]] = e
        seats.held[r] += 1
    return int(cents)


@njit(cache=True, nogil=True)
def _noted(seats: Seats, order: int, column: int) -> None:
    """Note in the trail what an order had when the episode began."""
    if seats.episode[order] != seats.tally[EPISODE]:
        seats.episode[order] = seats.tally[EPISODE]
        seats.trail[seats.tally[MOVED]] = order
        seats.had[seats.tally[MOVED]] = column
        seats.tally[MOVED] += 1


@njit(cache=True, nogil=True)
def _drop(hall: Hall, seats: Seats, order: int) -> int:
    """Take an order's column back; return what that saves, all in all."""
    column = seats.chosen[order]
    _noted(seats, order, column)
    if column < 0:
        return hall.reward
    cents = hall.cents[column]
    for e in range(hall.start[column], hall.start[column + 1]):
        r = hall.row[e]
        before = seats.taken[r]
        after = before - hall.amount[e]
        seats.taken[r] = after
        if before > hall.limit[r]:
            cents += _more(hall, r, after, before)
        seats.held[r] -= 1
        last = seats.holders[hall.holders_from[r] + seats.held[r]]
        seats.holders[hall.holders_from[r] + seats.place[e]] = last
        seats.place[last] = seats.place[e]
    seats.chosen[order] = -1
    return int(cents)


@njit(cache=True, nogil=True)
def _cheapest(hall: Hall, seats: Seats, order: int, room: int) -> int:
    """Return the order's cheapest column that fits and costs less than the room."""
    at = -1
    for column in range(hall.first[order], hall.first[order + 1]):
        if hall.cents[column] >= room:
            break
        added = _added(hall, seats, column)
        if added >= 0 and hall.cents[column] + added < room:
            room, at = hall.cents[column] + added, column
    return at


@njit(cache=True, nogil=True)
def _judged(hall: Hall, seats: Seats, price: Ints, order: int) -> int:
    """Return the order's cheapest column under prices of those that fit, or −1.

    Where work beyond capacity costs more than the price, that is what counts; of
    vehicles everybody pays for what it fills.
    """
    best, at = _NEVER, -1
    for column in range(hall.first[order], hall.first[order + 1]):
        seats.tally[LOOKS] += 1
        value = hall.cents[column] * _MILLI
        for e in range(hall.start[column], hall.start[column + 1]):
            r = hall.row[e]
            before = seats.taken[r]
            after = before + hall.amount[e]
            if after > hall.most[r]:
                value = _NEVER
                break
            paid = price[r] * hall.amount[e]
            if hall.step[r] > 1:
                # Whoever comes first does not pay for all who follow.
                paid //= hall.step[r]
            elif after > hall.limit[r]:
                over = after - max(before, hall.limit[r])
                paid = max(paid, over * hall.more_cents[r] * _MILLI)
            value += paid
        if value < best:
            best, at = value, column
    return at


@njit(cache=True, nogil=True)
def construct(hall: Hall, seats: Seats, turns: Ints, price: Ints) -> None:
    """Let orders without a seat take in turn what is cheapest under the prices."""
    for order in turns:
        _put(hall, seats, order, _judged(hall, seats, price, order))


@njit(cache=True, nogil=True)
def _tightest(hall: Hall, seats: Seats, column: int) -> int:
    """Return the row that lacks most, against what it has, for a column; or −1."""
    worst, at = 0.0, -1
    for e in range(hall.start[column], hall.start[column + 1]):
        r = hall.row[e]
        lacks = seats.taken[r] + hall.amount[e] - hall.most[r]
        if lacks > 0 and seats.held[r] > 0 and lacks / (hall.most[r] + 1) > worst:
            worst, at = lacks / (hall.most[r] + 1), r
    return at


@njit(cache=True, nogil=True)
def _next_rival(hall: Hall, seats: Seats, level: Ints, width: int, until: int) -> bool:
    """Seat a level's order in the place of its next rival; return whether it could.

    The rival has no seat then, and ``level`` says what is left of the room.
    """
    order, room = level[WHO], level[ROOM]
    while True:
        column = level[COLUMN]
        if level[TRIES] == 0:
            column += 1
            level[COLUMN] = column
            if column >= hall.first[order + 1] or hall.cents[column] >= room:
                return False
            if seats.tally[LOOKS] > until:
                return False
            r = _tightest(hall, seats, column)
            if r >= 0:
                level[ROW], level[TRIES] = r, min(seats.held[r], width)
                level[OFFSET] = _random(seats, seats.held[r])
            continue
        level[TRIES] -= 1
        r = level[ROW]
        where = (level[OFFSET] + level[TRIES]) % seats.held[r]
        rival = hall.own[seats.holders[hall.holders_from[r] + where]]
        theirs = seats.chosen[rival]
        floor = hall.cents[hall.first[rival]]
        if room - hall.cents[column] + hall.cents[theirs] <= floor:
            continue
        left = room + _drop(hall, seats, rival)
        if _added(hall, seats, column) >= 0:
            level[LEFT] = left - _put(hall, seats, order, column)
            level[RIVAL], level[THEIRS] = rival, theirs
            return True
        _put(hall, seats, rival, theirs)


@njit(cache=True, nogil=True)
def _seat(
    hall: Hall, seats: Seats, order: int, room: int, depth: int, width: int, until: int
) -> int:
    """Seat an order that has none for less than the room, moving others if need be.

    Returns how much of the room is left when all have paid; 0 where it was not
    enough, and nothing has changed. (A loop: what calls itself, the compiler's
    cache does not survive.)
    """
    at_level, entered = 0, False
    while True:
        level = seats.levels[at_level]
        if not entered:
            level[WHO], level[ROOM] = order, room
            level[COLUMN], level[TRIES] = hall.first[order] - 1, 0
            at = _cheapest(hall, seats, order, room)
            if at >= 0:
                return int(room - _put(hall, seats, order, at))
        entered = True
        narrow = max(1, width >> at_level)
        if at_level < depth and _next_rival(hall, seats, level, narrow, until):
            order, room = level[RIVAL], level[LEFT]
            at_level += 1
            entered = False
            continue
        if level[ROOM] > hall.reward:
            return int(level[ROOM] - _put(hall, seats, level[WHO], -1))
        if at_level == 0:
            return 0
        at_level -= 1
        above = seats.levels[at_level]
        _drop(hall, seats, above[WHO])
        _put(hall, seats, above[RIVAL], above[THEIRS])


@njit(cache=True, nogil=True)
def _paid(seats: Seats, cents: int) -> None:
    """Note that so many cents more are paid; keep the choice if it is the best."""
    tally = seats.tally
    tally[ABOVE] += cents
    if tally[ABOVE] >= 0:
        return
    for k in range(tally[CHANGED]):
        order = seats.changed[k]
        seats.best[order] = seats.chosen[order]
        seats.is_changed[order] = 0
    tally[CHANGED], tally[ABOVE] = 0, 0


@njit(cache=True, nogil=True)
def recall(hall: Hall, seats: Seats) -> None:
    """Go back to the best choice seen."""
    tally = seats.tally
    for k in range(tally[CHANGED]):
        _drop(hall, seats, seats.changed[k])
    for k in range(tally[CHANGED]):
        order = seats.changed[k]
        if seats.best[order] >= 0:
            _put(hall, seats, order, seats.best[order])
        seats.is_changed[order] = 0
    tally[CHANGED], tally[ABOVE] = 0, 0


@njit(cache=True, nogil=True)
def seat_all(hall: Hall, seats: Seats, chosen: Ints) -> None:
    """Seat orders, who have nothing, as in a feasible choice."""
    for order in range(len(chosen)):
        if chosen[order] >= 0:
            _put(hall, seats, order, chosen[order])


@njit(cache=True, nogil=True)
def improve(
    hall: Hall, seats: Seats, turns: Ints, depth: int, width: int, each: int
) -> int:
    """Let orders that could be better off try, in turn; return how many were.

    ``each`` is how many columns one order may have looked at.
    """
    better = 0
    for order in turns:
        now = seats.chosen[order]
        first = hall.first[order]
        if now >= 0 and hall.cents[now] <= hall.cents[first]:
            beyond = False
            for e in range(hall.start[now], hall.start[now + 1]):
                r = hall.row[e]
                beyond = beyond or seats.taken[r] > hall.limit[r]
            if not beyond:
                continue
        before = _drop(hall, seats, order)
        until = seats.tally[LOOKS] + each
        saved = _seat(hall, seats, order, before, depth, width, until)
        if saved > 0:
            _paid(seats, -saved)
            better += 1
        else:
            _put(hall, seats, order, now)
    return better


@njit(cache=True, nogil=True)
def _cleared(hall: Hall, seats: Seats, column: int, pending: Ints) -> int:
    """Make room for a column: whoever is in the way leaves; return how many did.

    −1 where more would have to leave than are allowed to.
    """
    size = 0
    for e in range(hall.start[column], hall.start[column + 1]):
        r = hall.row[e]
        while seats.taken[r] + hall.amount[e] > hall.most[r]:
            if size == len(pending):
                return -1
            where = hall.holders_from[r] + _random(seats, seats.held[r])
            rival = hall.own[seats.holders[where]]
            pending[size] = rival
            size += 1
            _left(hall, seats, rival)
    return size


@njit(cache=True, nogil=True)
def _left(hall: Hall, seats: Seats, order: int) -> None:
    """Let an order leave its seat, which it may want back."""
    seats.tally[SAVED] += _drop(hall, seats, order)


@njit(cache=True, nogil=True)
def _kicked(hall: Hall, seats: Seats, order: int, warmth: int, until: int) -> int:
    """Give an order another column whatever it takes; return the room that is left.

    0 where that costs more than the warmth; the seats are then to be undone.
    """
    now, first = seats.chosen[order], hall.first[order]
    last = hall.first[order + 1] if now < 0 else max(now, first + 1)
    wish = first + _random(seats, 1 + _random(seats, last - first))
    pending = np.empty(_MOST_MOVED, np.int64)
    seats.tally[SAVED] = warmth
    _left(hall, seats, order)
    size = _cleared(hall, seats, wish, pending)
    if size < 0:
        return 0
    room = seats.tally[SAVED]
    for k in range(size):
        room -= hall.cents[hall.first[pending[k]]]
    room -= _put(hall, seats, order, wish)
    for k in range(size):
        room += hall.cents[hall.first[pending[k]]]
        if room <= 0:
            return 0
        room = _seat(hall, seats, pending[k], room, KICK_DEPTH, KICK_WIDTH, until)
        if room <= 0:
            return 0
    return int(room)


@njit(cache=True, nogil=True)
def _undone(hall: Hall, seats: Seats) -> None:
    """Give everybody back what they had when the trail began."""
    moved = seats.tally[MOVED]
    for k in range(moved):
        if seats.chosen[seats.trail[k]] >= 0:
            _drop(hall, seats, seats.trail[k])
    for k in range(moved):
        if seats.had[k] >= 0:
            _put(hall, seats, seats.trail[k], seats.had[k])


@njit(cache=True, nogil=True)
def shake(hall: Hall, seats: Seats, turns: Ints, warmth: float, steps: int) -> int:
    """Let orders take columns at random, whoever must then move and pay for it.

    ``warmth`` is how many cents worse a choice may become for a while. Returns
    how many did.
    """
    done = 0
    tally = seats.tally
    for _ in range(steps):
        order = turns[_random(seats, len(turns))]
        now = seats.chosen[order]
        if now >= 0 and hall.cents[now] <= hall.cents[hall.first[order]]:
            continue
        tally[MOVED] = 0
        tally[EPISODE] += 1
        chance = (1 + _random(seats, 1 << 20)) / (1 << 20)
        most = 1 + int(-log(chance) * warmth)
        left = _kicked(hall, seats, order, most, tally[LOOKS] + KICK_LOOKS)
        if left > 0:
            _paid(seats, most - left)
            done += 1
        else:
            _undone(hall, seats)
    return done
