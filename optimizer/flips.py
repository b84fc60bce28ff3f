"""What single change would make another way win.

Each is worked out from the order's own options: what the carrier would have to
ask, what an hour late would have to cost, by how much the promise would have to
move, one unit more, some hours more where a limit of the policy stops a lane.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from domain.plan import Binding, Change, CostTerm, Flip, Way
from domain.policy import SoftLimit
from optimizer.case import Case, short_ways
from optimizer.options import Option
from optimizer.pricing import TERM_INDEX
from optimizer.singles import from_one
from optimizer.timed import HOUR_US, Timed, Wish, timed_of, wish_of

# So many of the next best options are tried for a change of money or promise.
RIVALS = 4
# How far a change is looked for: hours of promise, times the cents per hour late.
MOST_H, MOST_TIMES = 240, 64
# The most centers whose stopped lanes are priced.
LOOKED_INTO = 2


def flips(
    case: Case, others: Sequence[Option], bound: Sequence[Binding]
) -> tuple[Flip, ...]:
    """Return the smallest change of each kind that lets another way win.

    Parameters
    ----------
    case
        The choice.
    others
        Other ways, cheapest first.
    bound
        What binds the order: one more of the first is a change, if it saves.
    """
    wish = wish_of(case.standing.task)
    rivals = list(islice(_rivals(case, others, wish), RIVALS))
    found = [
        _quote(case, rivals),
        _late_rate(case, rivals, wish),
        _promise(case, rivals, wish),
    ]
    return tuple(
        [flip for flip in found if flip is not None]
        + [_unit(b) for b in bound[:1] if b.saves_cents]
        + list(_hours(case))
    )


@dataclass(frozen=True, slots=True)
class _Rival:
    """Another option that could be had, and what it costs beside the others."""

    option: Option
    cents: int
    timed: Timed
    of_time: int

    def at(self, wish: Wish) -> int:
        """Return what it would cost under a changed wish."""
        return self.cents - self.of_time + self.timed.cents(wish)


def _rival(option: Option, cents: int, wish: Wish) -> _Rival:
    timed = timed_of(option)
    return _Rival(option, cents, timed, timed.cents(wish))


def _rivals(case: Case, others: Sequence[Option], wish: Wish) -> Iterator[_Rival]:
    for option in others[: 3 * RIVALS]:
        cents = case.cents(option)
        if cents is not None:
            yield _rival(option, cents, wish)


def _quote(case: Case, rivals: Sequence[_Rival]) -> Flip | None:
    """Return the least that a lane not taken would have to be cheaper."""
    taken = {(way.lane.center.id, way.lane.service.id) for way in case.chosen.ways}
    best: Flip | None = None
    for rival in rivals:
        # So much cheaper, it costs one cent less than the chosen way.
        gap = max(1, rival.cents - case.now_cents + 1)
        for way in rival.option.ways:
            lane = (way.lane.center.id, way.lane.service.id)
            asked = way.cents[TERM_INDEX[CostTerm.FREIGHT]]
            asked += way.cents[TERM_INDEX[CostTerm.SURCHARGES]]
            if lane in taken or asked < gap or (best and best.by <= gap):
                continue
            best = Flip.model_construct(
                change=Change.QUOTE,
                by=gap,
                now=asked - gap,
                to=short_ways(rival.option),
                saves_cents=1,
                fc=lane[0],
                service=lane[1],
                sku=None,
                what="",
            )
    return best


def _late_rate(case: Case, rivals: Sequence[_Rival], wish: Wish) -> Flip | None:
    """Return the least change in the cents of an hour late that changes the choice."""
    rate = wish.late_cents_per_h
    if wish.deliver_by_us is None:
        return None

    def at(change: int) -> Wish:
        return wish._replace(late_cents_per_h=max(0, rate + change))

    found = _least(case, rivals, at, (rate, max(rate, 25) * MOST_TIMES))
    if found is None:
        return None
    change, rival, saves = found
    now = rate + change
    return _flip(Change.LATE_RATE, change, now, short_ways(rival.option), saves)


def _promise(case: Case, rivals: Sequence[_Rival], wish: Wish) -> Flip | None:
    """Return the least move of the promise, in hours, that changes the choice."""
    promised_us = wish.deliver_by_us
    if promised_us is None:
        return None

    def at(change: int) -> Wish:
        return wish._replace(deliver_by_us=promised_us + change * HOUR_US)

    found = _least(case, rivals, at, (MOST_H, MOST_H))
    if found is None:
        return None
    change, rival, saves = found
    return _flip(Change.PROMISE, change, None, short_ways(rival.option), saves)


def _least(
    case: Case,
    rivals: Sequence[_Rival],
    at: Callable[[int], Wish],
    most: tuple[int, int],
) -> tuple[int, _Rival, int] | None:
    """Find the least change, up or down, that some rival gains most from.

    ``most`` is how far down and up is looked.
    """
    most_down, most_up = most
    ups = (
        _first(case, rivals, at, most_up),
        _first(case, rivals, lambda change: at(-change), most_down),
    )
    signed = [
        (sign * found[0], *found[1:])
        for sign, found in zip((1, -1), ups, strict=True)
        if found is not None
    ]
    return min(signed, key=lambda found: (abs(found[0]), found[0]), default=None)


def _first(
    case: Case, rivals: Sequence[_Rival], at: Callable[[int], Wish], most: int
) -> tuple[int, _Rival, int] | None:
    """Double the change until somebody wins, then halve to the least that does."""
    if not rivals or most < 1:
        return None
    chosen = _rival(case.chosen, case.now_cents, at(0))

    def winner(size: int) -> tuple[_Rival, int] | None:
        wish = at(size)
        cents, n = min((rival.at(wish), n) for n, rival in enumerate(rivals))
        now = chosen.at(wish)
        return (rivals[n], now - cents) if cents < now else None

    # Who does not win by the largest change seldom wins by a smaller one.
    if winner(most) is None:
        return None
    low, high = 0, 1
    while (won := winner(min(high, most))) is None:
        low, high = high, high * 2
    high = min(high, most)
    while high - low > 1:
        middle = (low + high) // 2
        better = winner(middle)
        if better is None:
            low = middle
        else:
            high, won = middle, better
    return high, *won


def _flip(
    change: Change, by: int, now: int | None, to: tuple[Way, ...], saves_cents: int
) -> Flip:
    """Return a change that names no center and no goods."""
    return Flip.model_construct(
        change=change,
        by=by,
        now=now,
        to=to,
        saves_cents=saves_cents,
        fc=None,
        service=None,
        sku=None,
        what="",
    )


def _unit(binding: Binding) -> Flip:
    return Flip.model_construct(
        change=Change.UNIT,
        by=1,
        now=None,
        to=(),
        saves_cents=binding.saves_cents,
        fc=binding.fc,
        service=None,
        sku=binding.sku,
        what=binding.what,
    )


def _hours(case: Case) -> Iterator[Flip]:
    """Yield limits of hours that stop something cheaper, with how much too strict."""
    limits = case.standing.limits
    if limits.max_transit_h is not None:
        strict = limits.max_transit_h
        for option in _if_lifted(case, SoftLimit.MAX_TRANSIT, "max_transit_h"):
            hours = option.ways[0].lane.p90_h
            if hours > strict:
                yield _limit(case, Change.MAX_TRANSIT, option, hours - strict, hours)
    if limits.latest_handover is not None:
        latest = limits.latest_handover
        for option in _if_lifted(case, SoftLimit.LATEST_HANDOVER, "latest_handover"):
            hours = _hours_after(latest, option.ways[0].lane.hand_over_at)
            if hours > 0:
                yield _limit(case, Change.LATEST_HANDOVER, option, hours, None)


def _hours_after(latest: datetime, at: datetime) -> int:
    return -((latest - at) // timedelta(hours=1))


def _limit(
    case: Case, change: Change, option: Option, by: int, now: int | None
) -> Flip:
    cents = case.cents(option)
    assert cents is not None
    return _flip(change, by, now, short_ways(option), case.now_cents - cents)


def _if_lifted(case: Case, limit: SoftLimit, name: str) -> list[Option]:
    """Return the cheapest way from one center if a limit did not hold, if cheaper."""
    stopped = dict.fromkeys(
        lane.fc for lane in case.standing.excluded if lane.limit == limit
    )
    centers = [case.shared.center_of[fc] for fc in list(stopped)[:LOOKED_INTO]]
    having = [c for c in centers if c in case.having]
    if not having:
        return []
    limits = case.standing.limits.model_copy(update={name: None})
    task = case.standing.task
    rows = from_one((case.shared, task, limits), task.lines, having)
    best: tuple[int, Option] | None = None
    for n in np.flatnonzero(rows.cents < case.now_cents).tolist():
        cents = case.cents(rows[n])
        if cents is not None and (case.now_cents if best is None else best[0]) > cents:
            best = cents, rows[n]
    return [] if best is None else [best[1]]
