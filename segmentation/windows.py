"""Counts events in windows, exactly: what rules ask of histories at an instant."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil

from domain.history import RETENTION, History
from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation.known import Facts
from segmentation.limits import Limits
from segmentation.streams import Stream, Streams
from segmentation.window import Window

DAY = timedelta(days=1)
DAYS_PER_HOUR = 1 / 24
_RETENTION_S = int(RETENTION.total_seconds())


def tell(
    windows: Iterable[Window],
    histories: Mapping[SubjectKind, Sequence[History]],
    now: datetime,
    limits: Limits | None = None,
) -> Facts:
    """Tell what the windows hold at an instant, each under its key.

    An event counts from the instant it occurred until ``within_s`` later, that
    instant excluded. Of several histories of a kind the numbers are added; the
    time since is that of the newest event. A subject without events has counts
    and sums of 0 and no time since; a kind that has no history here is not
    known, and its windows are absent. Windows reach back 400 days at most, for
    older events are not kept.

    Parameters
    ----------
    windows
        What the rules ask for.
    histories
        What is remembered, by kind of subject: an order's customer, its SKUs.
    now
        Any instant: later events have not happened yet.
    limits
        The only numbers a window is compared with, by its key: changes that
        cross none of them are no steps.

    Returns
    -------
    Facts
        ``steps`` has the next instant an event enters or leaves; the time since
        drifts by 1/24 of a day in an hour.
    """
    values: dict[str, Fact] = {}
    drifts: dict[str, float] = {}
    steps: dict[str, datetime] = {}
    for window in windows:
        known = histories.get(window.of)
        if not known:
            continue
        key = window.key
        streams = [Streams.of(history) for history in known]
        if window.function == "days_since":
            newest, step = newest_of(window, streams, now)
            if newest is not None:
                values[key] = (now - newest) / DAY
                drifts[key] = DAYS_PER_HOUR
        else:
            matters = limits.get(key) if limits else None
            values[key], step = count_of(window, streams, now, matters)
        if step is not None:
            steps[key] = step
    return Facts(values, drifts, steps)


def seen(
    history: History,
    kind: str,
    now: datetime,
    labels: tuple[tuple[str, str], ...] = (),
) -> datetime | None:
    """Return when a kind of event with these labels happened last, None if never.

    Of entries that were forgotten only the newest instant of their kind is
    remembered, not their labels.
    """
    return _newest(Streams.of(history), kind, labels, now)


def count_of(
    window: Window,
    streams: Sequence[Streams],
    now: datetime,
    limits: tuple[float, ...] | None = None,
) -> tuple[int, datetime | None]:
    """Return a count or sum at an instant, and when it may change by itself.

    With ``limits``, the ascending numbers it is compared with, that is when it
    may come to lie otherwise among them.
    """
    span = _span(window.within_s)
    begin = now - span
    total, step = 0, None
    for each in streams:
        stream = each.stream(window.kind, window.labels)
        low, high = stream.until(begin), stream.until(now)
        counted = _sum(window.function, stream, low, high)
        total += counted
        if limits is not None and len(streams) == 1:
            low = _crossing(window.function, stream, low, high, counted, limits)
        if low < high:
            step = _earlier(step, stream.ats[low] + span)
        if high < len(stream.ats):
            step = _earlier(step, stream.ats[high])
    return total, step


def newest_of(
    window: Window, streams: Iterable[Streams], now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return when the newest event happened, and when that may change by itself."""
    newest, step = None, None
    for each in streams:
        stream = each.stream(window.kind, window.labels)
        at = _newest(each, window.kind, window.labels, now)
        if at is not None and (newest is None or at > newest):
            newest = at
        high = stream.until(now)
        if high < len(stream.ats):
            step = _earlier(step, stream.ats[high])
    if newest is not None and window.labels:
        step = _earlier(step, newest + RETENTION)
    return newest, step


@lru_cache(1024)
def _span(within_s: int | None) -> timedelta:
    if within_s is None or within_s > _RETENTION_S:
        return RETENTION
    return timedelta(seconds=within_s)


def _sum(function: str, stream: Stream, low: int, high: int) -> int:
    match function:
        case "events":
            return high - low
        case "sum_units":
            return stream.units[high] - stream.units[low]
        case "sum_cents":
            return stream.cents[high] - stream.cents[low]
    msg = f"no window counts {function!r}: events, sum_units, sum_cents, days_since"
    raise ValueError(msg)


def _crossing(
    function: str,
    stream: Stream,
    low: int,
    high: int,
    counted: int,
    limits: tuple[float, ...],
) -> int:
    """Return the first entry whose leaving brings the number to the next limit.

    A number that is at a limit leaves it with the first entry that is worth
    anything.
    """
    place = bisect_right(limits, counted)
    if not place:
        return high
    spare = counted - limits[place - 1]
    if function == "events":
        return low + max(ceil(spare), 1) - 1
    totals = stream.units if function == "sum_units" else stream.cents
    gone = max(totals[low] + ceil(spare), totals[low] + 1)
    return bisect_left(totals, gone, low + 1, high + 1) - 1


def _newest(
    streams: Streams, kind: str, labels: tuple[tuple[str, str], ...], now: datetime
) -> datetime | None:
    stream = streams.stream(kind, labels)
    high = stream.until(now)
    if labels:
        # Older entries may be forgotten already or not: neither may show.
        recent = high and stream.ats[high - 1] > now - RETENTION
        return stream.ats[high - 1] if recent else None
    if high:
        return stream.ats[high - 1]
    last = streams.last.get(kind)
    return last if last is not None and last <= now else None


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other < one else one
