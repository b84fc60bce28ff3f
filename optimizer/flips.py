"""What single change would make another way win.

Each is worked out from the order's own options: what the carrier would have to
ask, what an hour late would have to cost, by how much the promise would have to
move, one unit more, some hours more where a limit of the policy stops a lane.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.plan import Binding, Change, CostTerm, Flip
from domain.policy import SoftLimit
from optimizer.binding import from_one
from optimizer.case import Case, short_ways
from optimizer.options import Option
from optimizer.pricing import TERM_INDEX, lane_cents
from optimizer.problem import Task

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
    rivals = list(_rivals(case, others))[:RIVALS]
    found = [_quote(case, rivals), _late_rate(case, rivals), _promise(case, rivals)]
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
    of_time: int

    def at(self, task: Task) -> int:
        """Return what it would cost under a changed task."""
        return self.cents - self.of_time + _of_time(self.option, task)


def _rivals(case: Case, others: Sequence[Option]) -> Iterator[_Rival]:
    for option in others[: 3 * RIVALS]:
        cents = case.cents(option)
        if cents is not None:
            yield _Rival(option, cents, _of_time(option, case.standing.task))


def _of_time(option: Option, task: Task) -> int:
    """Return the cents of the terms that change with promise and lateness."""
    terms = (lane_cents(task, way.lane) for way in option.ways)
    return sum(t.lateness + t.value_at_risk + t.earliness for t in terms)


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


def _late_rate(case: Case, rivals: Sequence[_Rival]) -> Flip | None:
    """Return the least change in the cents of an hour late that changes the choice."""
    task = case.standing.task
    rate = task.policy.money.late_cents_per_h
    if task.order.deliver_by is None:
        return None

    def at(change: int) -> Task:
        money = task.policy.money.model_copy(
            update={"late_cents_per_h": max(0, rate + change)}
        )
        return replace(task, policy=task.policy.model_copy(update={"money": money}))

    found = _least(case, rivals, at, rate, max(rate, 25) * MOST_TIMES)
    if found is None:
        return None
    change, rival, saves = found
    return Flip.model_construct(
        change=Change.LATE_RATE,
        by=change,
        now=rate + change,
        to=short_ways(rival.option),
        saves_cents=saves,
        fc=None,
        service=None,
        sku=None,
        what="",
    )


def _promise(case: Case, rivals: Sequence[_Rival]) -> Flip | None:
    """Return the least move of the promise, in hours, that changes the choice."""
    task = case.standing.task
    deliver_by = task.order.deliver_by
    if deliver_by is None:
        return None
    promised = deliver_by

    def at(change: int) -> Task:
        moved = promised + timedelta(hours=change)
        return replace(task, order=task.order.model_copy(update={"deliver_by": moved}))

    found = _least(case, rivals, at, MOST_H, MOST_H)
    if found is None:
        return None
    change, rival, saves = found
    return Flip.model_construct(
        change=Change.PROMISE,
        by=change,
        now=None,
        to=short_ways(rival.option),
        saves_cents=saves,
        fc=None,
        service=None,
        sku=None,
        what="",
    )


def _least(
    case: Case,
    rivals: Sequence[_Rival],
    at: Callable[[int], Task],
    most_down: int,
    most_up: int,
) -> tuple[int, _Rival, int] | None:
    """Find the least change, up or down, that some rival gains most from."""
    ups = (
        _first(case, rivals, at, 1, most_up),
        _first(case, rivals, at, -1, most_down),
    )
    return min(
        (found for found in ups if found is not None),
        key=lambda found: (abs(found[0]), found[0]),
        default=None,
    )


def _first(
    case: Case,
    rivals: Sequence[_Rival],
    at: Callable[[int], Task],
    sign: int,
    most: int,
) -> tuple[int, _Rival, int] | None:
    """Double the change until somebody wins, then halve to the least that does."""
    if not rivals or most < 1:
        return None

    chosen = _Rival(
        case.chosen, case.now_cents, _of_time(case.chosen, case.standing.task)
    )

    def winner(size: int) -> tuple[_Rival, int] | None:
        task = at(sign * size)
        cents, n = min((rival.at(task), n) for n, rival in enumerate(rivals))
        now = chosen.at(task)
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
    return sign * high, *won


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
    return Flip.model_construct(
        change=change,
        by=by,
        now=now,
        to=short_ways(option),
        saves_cents=case.now_cents - cents,
        fc=None,
        service=None,
        sku=None,
        what="",
    )


def _if_lifted(case: Case, limit: SoftLimit, name: str) -> list[Option]:
    """Return the cheapest way from one center if a limit did not hold, if cheaper."""
    stopped = dict.fromkeys(
        lane.fc for lane in case.standing.excluded if lane.limit == limit
    )
    limits = case.standing.limits.model_copy(update={name: None})
    best: tuple[int, Option] | None = None
    for fc in list(stopped)[:LOOKED_INTO]:
        for option in from_one(case.shared, case.standing.task, limits, fc):
            cents = case.cents(option)
            cheaper = case.now_cents if best is None else best[0]
            if cents is not None and cents < cheaper:
                best = cents, option
    return [] if best is None else [best[1]]
