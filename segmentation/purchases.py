"""A customer's orders as their history tells them, cancelled ones left out."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise

from domain.history import KEPT_HOWEVER_OLD, History
from segmentation.streams import Streams

ORDERED = "order_placed"
# Senders spell it either way.
CANCELED = ("order_canceled", "order_cancelled")


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order, and when it was cancelled, if it was or will be."""

    at: datetime
    cancelled_at: datetime | None
    units: int | None
    cents: int | None


@dataclass(frozen=True, slots=True)
class Purchases:
    """The orders that count at an instant, oldest first.

    ``more`` tells that older ones were forgotten. ``newest_at`` is when the
    newest one was placed, also where it was forgotten. ``news_at`` is when the
    next one comes, or the next cancellation, as far as it is known already.
    """

    counted: tuple[Purchase, ...]
    more: bool
    newest_at: datetime | None
    news_at: datetime | None

    @property
    def known(self) -> int:
        """Return how many orders there were at least."""
        if self.counted:
            return len(self.counted) + self.more
        return 0 if self.newest_at is None else 1 + self.more

    def within(self, span: timedelta, now: datetime) -> tuple[Purchase, ...]:
        """Return those placed since ``now - span``, that instant excluded."""
        low = bisect_right(self.counted, now - span, key=lambda order: order.at)
        return self.counted[low:]

    def cadence(self) -> timedelta | None:
        """Return the median time between the newest orders, of three at least."""
        ats = [order.at for order in self.counted[-KEPT_HOWEVER_OLD:]]
        gaps = sorted(later - at for at, later in pairwise(ats))
        if len(gaps) < 2:
            return None
        return (gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) / 2


def purchases(history: History, now: datetime) -> Purchases:
    """Return the orders of a history that count at an instant.

    An order counts from when it was placed until it is cancelled, by an event
    with the same order id.
    """
    ever = _ever(history)
    begun = bisect_right(ever, now, key=lambda order: order.at)
    counted = tuple(
        order
        for order in ever[:begun]
        if order.cancelled_at is None or order.cancelled_at > now
    )
    first = history.first.get(ORDERED)
    last = history.last.get(ORDERED)
    if begun:
        more = first is not None and first < ever[0].at
        newest_at = counted[-1].at if counted else None
    else:
        newest_at = last if last is not None and last <= now else None
        more = first is not None and newest_at is not None and first < newest_at
    return Purchases(counted, more, newest_at, _news_at(ever, begun, counted))


def _ever(history: History) -> tuple[Purchase, ...]:
    made = history.memo.get("purchases")
    if not isinstance(made, tuple):
        made = history.memo["purchases"] = _read(history)
    return made


def _read(history: History) -> tuple[Purchase, ...]:
    streams = Streams.of(history)
    cancelled: dict[str, datetime] = {}
    for entry in chain.from_iterable(map(streams.entries, CANCELED)):
        if entry.order_id is not None:
            before = cancelled.get(entry.order_id, entry.at)
            cancelled[entry.order_id] = min(before, entry.at)
    return tuple(
        Purchase(
            entry.at,
            None if entry.order_id is None else cancelled.get(entry.order_id),
            entry.units,
            entry.value_cents,
        )
        for entry in streams.entries(ORDERED)
    )


def _news_at(
    ever: tuple[Purchase, ...], begun: int, counted: tuple[Purchase, ...]
) -> datetime | None:
    news = [order.cancelled_at for order in counted if order.cancelled_at is not None]
    return min((*news, *(order.at for order in ever[begun : begun + 1])), default=None)
