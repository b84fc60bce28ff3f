"""Twelve window rules, each as a sentence and once more by plain counting.

The second way shares no code with the first: it looks at every basket, at every
instant at which an answer could change.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.event import BusinessEvent

Seconds = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

HOUR_S = 3_600
DAY_S = 86_400


class Household:
    """One household's baskets as columns; instants are seconds since 1970."""

    def __init__(self, events: Iterable[BusinessEvent]) -> None:
        told = list(events)
        self.at: Seconds = _column(int(e.occurred_at.timestamp()) for e in told)
        self.units: Seconds = _column(e.units or 0 for e in told)
        self.cents: Seconds = _column(e.value_cents or 0 for e in told)
        self.departments = np.array([e.labels["department"] for e in told])

    def inside(self, now: Seconds, within_s: int) -> Mask:
        """Tell for each instant (rows) which baskets (columns) are in the window."""
        age = now[:, None] - self.at[None, :]
        mask: Mask = (age >= 0) & (age < within_s)
        return mask

    def count(self, now: Seconds, within_s: int, department: str = "") -> Seconds:
        inside = self.inside(now, within_s)
        if department:
            inside = inside & (self.departments == department)[None, :]
        counted: Seconds = inside.sum(axis=1)
        return counted

    def total(self, now: Seconds, within_s: int, what: Seconds) -> Seconds:
        total: Seconds = self.inside(now, within_s) @ what
        return total

    def silence_s(self, now: Seconds) -> Seconds:
        """Return the seconds since the newest basket; there always is one."""
        age = now[:, None] - self.at[None, :]
        silence: Seconds = np.where(age >= 0, age, np.iinfo(np.int64).max).min(axis=1)
        return silence


def _column(numbers: Iterable[int]) -> Seconds:
    return np.fromiter(numbers, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Question:
    """A rule's sentence, what it means, and after what spans it may change."""

    id: str
    sentence: str
    holds: Callable[[Household, Seconds], Mask]
    spans_s: tuple[int, ...]


QUESTIONS = (
    Question(
        "again-in-2-hours",
        'events("order_placed", within="2h") >= 2',
        lambda h, now: h.count(now, 2 * HOUR_S) >= 2,
        (2 * HOUR_S,),
    ),
    Question(
        "twice-a-day",
        'events("order_placed", within="24h") >= 2',
        lambda h, now: h.count(now, DAY_S) >= 2,
        (DAY_S,),
    ),
    Question(
        "three-a-week",
        'events("order_placed", within="7d") >= 3',
        lambda h, now: h.count(now, 7 * DAY_S) >= 3,
        (7 * DAY_S,),
    ),
    Question(
        "ten-in-four-weeks",
        'events("order_placed", within="4w") >= 10',
        lambda h, now: h.count(now, 28 * DAY_S) >= 10,
        (28 * DAY_S,),
    ),
    Question(
        "spends-in-a-day",
        'sum_cents("order_placed", within="12h") >= 100_00',
        lambda h, now: h.total(now, 12 * HOUR_S, h.cents) >= 100_00,
        (12 * HOUR_S,),
    ),
    Question(
        "spends-in-a-week",
        'sum_cents("order_placed", within="7d") >= 150_00',
        lambda h, now: h.total(now, 7 * DAY_S, h.cents) >= 150_00,
        (7 * DAY_S,),
    ),
    Question(
        "spends-in-a-month",
        'sum_cents("order_placed", within="30d") > 400_00',
        lambda h, now: h.total(now, 30 * DAY_S, h.cents) > 400_00,
        (30 * DAY_S,),
    ),
    Question(
        "carries-much",
        '40 <= sum_units("order_placed", within="3d") < 1_000',
        lambda h, now: (
            (h.total(now, 3 * DAY_S, h.units) >= 40)
            & (h.total(now, 3 * DAY_S, h.units) < 1_000)
        ),
        (3 * DAY_S,),
    ),
    Question(
        "fills-up-often",
        'events("order_placed", department="FUEL", within="14d") >= 2',
        lambda h, now: h.count(now, 14 * DAY_S, "FUEL") >= 2,
        (14 * DAY_S,),
    ),
    Question(
        "silent-for-two-weeks",
        'days_since("order_placed") >= 14',
        lambda h, now: h.silence_s(now) >= 14 * DAY_S,
        (14 * DAY_S,),
    ),
    Question(
        "silent-for-45-days",
        'days_since("order_placed") >= 45',
        lambda h, now: h.silence_s(now) >= 45 * DAY_S,
        (45 * DAY_S,),
    ),
    Question(
        "was-dear-to-us",
        'sum_cents("order_placed", within="90d") >= 500_00'
        ' and events("order_placed", within="10d") == 0',
        lambda h, now: (
            (h.total(now, 90 * DAY_S, h.cents) >= 500_00)
            & (h.count(now, 10 * DAY_S) == 0)
        ),
        (90 * DAY_S, 10 * DAY_S),
    ),
)
