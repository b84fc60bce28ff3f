"""A day on which orders come one by one and are looked at again before cutoffs.

An order is decided when it comes. It is released at the last instant at which a
center can still have one of its parcels ready for the pickup; until then it may be
moved. Nobody knows what comes later.

References
----------
.. [1] Xu, P.J., R. Allgor, and S.C. Graves (2009). Benefits of Reevaluating Real-Time
       Order Fulfillment Decisions. *M&SOM* 11(2): 340-355.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.waving.network import SUPPLIER
from benchmarks.waving.wave import a_wave
from domain.calendars import day_of
from domain.plan import Parcel, Plan
from domain.quantities import CarrierId, FcId, OrderId, SkuId
from optimizer.choose import choose
from optimizer.options import find_options
from optimizer.plan import plan
from optimizer.prices import Prices
from optimizer.problem import Effort, Problem, Task
from optimizer.resources import Uses
from optimizer.shared import Shared

OPENS_BEFORE, HOURS = timedelta(hours=3), 12
AT_ONCE = Effort(solver_work=0.01, alternatives=0)
# Who knows all is given more options than anybody else, so that nobody has better.
ALL_KNOWN = replace(AT_ONCE, options_per_order=1_024)


def a_day(orders: int, regime: str, seed: int) -> Problem:
    """Spread a wave's orders over a day, each with as long a promise as before."""
    problem = a_wave(orders, regime, seed)
    dice = np.random.default_rng((seed, orders, 2))
    opens = problem.as_of - OPENS_BEFORE
    seconds = np.sort(dice.integers(0, HOURS * 3_600, orders)).tolist()
    came = [opens + timedelta(seconds=s) for s in seconds]
    tasks = tuple(_at(t, at) for t, at in zip(problem.tasks, came, strict=True))
    return replace(problem, as_of=opens, tasks=tasks)


def _at(task: Task, came: datetime) -> Task:
    order = task.order
    assert order.deliver_by is not None
    due = order.deliver_by + (came - order.placed_at)
    later = {"placed_at": came, "deliver_by": due}
    return replace(task, order=order.model_copy(update=later))


@dataclass(frozen=True)
class Ended:
    """How a day ended: plans by order, how many were moved in how many looks."""

    plans: Mapping[OrderId, Plan]
    moved: int = 0
    looks: int = 0


@dataclass
class Desk:
    """A day's supply, and what was decided so far."""

    day: Problem
    stock: dict[tuple[FcId, SkuId], int] = field(init=False)
    lines: dict[tuple[FcId, date], int] = field(init=False)
    parcels: dict[tuple[FcId, CarrierId, date], int] = field(init=False)
    plans: dict[OrderId, Plan] = field(default_factory=dict)
    released: set[OrderId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stock = dict(self.day.stock)
        self.lines = dict(self.day.fc_lines)
        self.parcels = dict(self.day.carrier_parcels)

    def hold(self, plan: Plan, times: int = 1) -> None:
        """Take what a plan needs; ``times`` of −1 gives it back."""
        for parcel in plan.parcels:
            day = self._day(parcel)
            for line in parcel.lines:
                self.stock[parcel.fc, line.sku] -= times * line.units
            if parcel.fc != SUPPLIER:
                self.lines[parcel.fc, day] -= times * len(parcel.lines)
                self.parcels[parcel.fc, parcel.carrier, day] -= times

    def decide(
        self, now: datetime, tasks: Sequence[Task], effort: Effort
    ) -> list[Plan]:
        """Decide some orders together from what is left; hold what they take."""
        problem = replace(
            self.day,
            as_of=now,
            tasks=tuple(tasks),
            stock=self.stock,
            fc_lines=self.lines,
            carrier_parcels=self.parcels,
        )
        answers = plan(problem, effort).answers
        found = [answer for answer in answers if isinstance(answer, Plan)]
        for one in found:
            self.hold(one)
            self.plans[one.order_id] = one
        return found

    def reconsider(self, now: datetime, tasks: Sequence[Task], effort: Effort) -> int:
        """Decide what is not released anew, all together; return how many moved.

        What was decided before stays where all together would be worse.
        """
        waiting = [task for task in tasks if task.order.id not in self.released]
        before = {
            task.order.id: self.plans.pop(task.order.id)
            for task in waiting
            if task.order.id in self.plans
        }
        for one in before.values():
            self.hold(one, -1)
        after = self.decide(now, waiting, effort)
        if _value(after) < _value(before.values()):
            for one in after:
                self.hold(one, -1)
                del self.plans[one.order_id]
            for one in before.values():
                self.hold(one)
            self.plans.update(before)
            return 0
        return sum(_sent(one) != _sent(before.get(one.order_id)) for one in after)

    def release(self, now: datetime) -> None:
        """Release what could not be ready in time any more if it waited longer."""
        for order, one in self.plans.items():
            if order not in self.released and self.last_call(one) <= now:
                self.released.add(order)

    def last_call(self, plan: Plan) -> datetime:
        """Return until when a plan may wait; what the supplier sends never hurries."""
        hours = {c.id: c.processing_h for c in self.day.network.centers}
        calls = [
            p.hand_over_at - timedelta(hours=hours[p.fc])
            for p in plan.parcels
            if p.fc != SUPPLIER
        ]
        return min(calls, default=self.day.as_of + timedelta(days=365))

    def _day(self, parcel: Parcel) -> date:
        return day_of(self.day.network.center(parcel.fc), parcel.hand_over_at)


def _value(plans: Iterable[Plan]) -> tuple[int, int]:
    found = list(plans)
    return len(found), -sum(sum(one.cost.values()) for one in found)


def _sent(plan: Plan | None) -> object:
    return plan and {(p.fc, p.service, p.hand_over_at, p.lines) for p in plan.parcels}


def lived(day: Problem, *, again: bool, prices: Prices | None = None) -> Ended:
    """Live through a day: decide orders as they come, look at them again or not.

    With ``prices`` orders that come are decided as if they had to pay them.
    """
    desk, moved, looks = Desk(day), 0, 0
    single = replace(AT_ONCE, prices=prices, under_prices=prices is not None)
    calls = last_calls(day) if again else []
    come = list(day.tasks)
    ends = come[-1].order.placed_at
    known: list[Task] = []
    while come or calls:
        if come and (not calls or come[0].order.placed_at <= calls[0]):
            known.append(come.pop(0))
            desk.decide(known[-1].order.placed_at, known[-1:], single)
            continue
        now = calls.pop(0)
        joint = replace(AT_ONCE, prices=prices, under_prices=bool(prices and come))
        moved += desk.reconsider(now, known, joint)
        desk.release(now)
        looks += 1
        if now > ends:
            break
    return Ended(desk.plans, moved, looks)


def last_calls(day: Problem) -> list[datetime]:
    """Return the instants from which some center cannot make some pickup any more."""
    found = set[datetime]()
    opens = day.as_of
    for center in day.network.centers:
        if center.id == SUPPLIER:
            continue
        zone = ZoneInfo(center.time_zone)
        for pickup in center.pickups:
            for n in range(3):
                day_on = opens.astimezone(zone).date() + timedelta(days=n)
                leaves = datetime.combine(day_on, pickup.cutoff, zone)
                found.add(
                    leaves.astimezone(opens.tzinfo)
                    - timedelta(hours=center.processing_h)
                )
    return sorted(instant for instant in found if instant >= opens)


@dataclass(frozen=True, slots=True)
class _Had:
    """An option that an order had when it came."""

    total_cents: int
    uses: Uses
    parcels: int


@dataclass(frozen=True)
class Known:
    """What somebody does who knows all orders of the day before it begins."""

    served: int
    cents: int
    parcels: int
    back_ordered: int


def clairvoyant(day: Problem, effort: Effort = ALL_KNOWN) -> Known:
    """Choose for all orders together, each among what it could have when it came."""
    shared = Shared.of(day)
    found: list[list[_Had]] = []
    for task in day.tasks:
        then = Shared.of(replace(day, as_of=task.order.placed_at, tasks=(task,)))
        mine = find_options(
            then, task, task.policy.limits, effort.options_per_order, 0
        ).options
        # Two instants number what they share each in their own way.
        found.append([_Had(o.total_cents, dict(o.uses), len(o.ways)) for o in mine])
    allowed = [t.policy.limits.over_capacity_allowed for t in day.tasks]
    choice = choose(found, allowed, shared.supply, effort)
    taken = [mine[n] for mine, n in zip(found, choice.chosen, strict=True) if n >= 0]
    return Known(
        served=len(taken),
        cents=choice.cents,
        parcels=sum(option.parcels for option in taken),
        back_ordered=sum(r.fc == SUPPLIER for option in taken for r in option.uses),
    )
