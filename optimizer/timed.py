"""What of an option's price depends on the promise, under wishes that change."""

from dataclasses import dataclass
from typing import NamedTuple

from optimizer.lateness import lateness
from optimizer.options import Option
from optimizer.pricing import half_up
from optimizer.problem import Task
from optimizer.timetable import microseconds

HOUR_US = 3_600_000_000


class Wish(NamedTuple):
    """What an order asks of the time of arrival, and what that is worth."""

    deliver_by_us: int | None
    late_cents_per_h: int
    late_event_cents: int
    early_cents_per_h: int


def wish_of(task: Task) -> Wish:
    """Return an order's own wish."""
    money, by = task.policy.money, task.order.deliver_by
    return Wish(
        None if by is None else microseconds(by),
        *(money.late_cents_per_h, money.late_event_cents, money.early_cents_per_h),
    )


class _Lateness(NamedTuple):
    """How likely late, how many hours late and early a parcel is expected to be."""

    chance: float
    late_h: float
    early_h: float


@dataclass(frozen=True, slots=True)
class Timed:
    """An option's parcels by their times: handover, hours at p50 and p90, arrival."""

    parcels: tuple[tuple[int, int, int, int], ...]
    _known: dict[int, list[_Lateness]]

    def cents(self, wish: Wish) -> int:
        """Price lateness, value at risk and earliness, as ``lane_cents`` does."""
        by_us = wish.deliver_by_us
        if by_us is None:
            return 0
        if by_us not in self._known:
            self._known[by_us] = [_lateness(by_us, *each) for each in self.parcels]
        return sum(
            half_up(late_h * wish.late_cents_per_h)
            + half_up(chance * wish.late_event_cents)
            + half_up(early_h * wish.early_cents_per_h)
            for chance, late_h, early_h in self._known[by_us]
        )


def timed_of(option: Option) -> Timed:
    """Return the times of an option's parcels."""
    lanes = [way.lane for way in option.ways]
    parcels = tuple(
        (microseconds(n.hand_over_at), n.p50_h, n.p90_h, microseconds(n.p90_at))
        for n in lanes
    )
    return Timed(parcels, {})


def _lateness(
    by_us: int, hand_us: int, p50_h: int, p90_h: int, p90_us: int
) -> _Lateness:
    chance, late_h = lateness(p50_h, p90_h, (by_us - hand_us) / HOUR_US)
    return _Lateness(chance, late_h, max(0.0, (by_us - p90_us) / HOUR_US))
