"""What is remembered of a subject: dated events, and the classes it is ranked in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.quantities import Instant, Value

# What is kept of one subject: events of the last 400 days and, so that silence
# and cadence stay known, a few older ones of each kind; never more of a kind
# than the limit. The newest ones stay.
RETENTION = timedelta(days=400)
KEPT_PER_KIND = 4096
KEPT_HOWEVER_OLD = 13


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it counts for one subject."""

    at: datetime
    event_id: str
    kind: str
    units: int | None = None
    value_cents: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A subject's events by (at, event id), oldest first.

    Only the newest ones are kept, up to a limit per kind. ``first`` and
    ``last`` say for each kind when it happened first and last, however long
    ago. Entries may lie in the future of the instant somebody asks about:
    they count from when they happen. ``memo`` is for what readers derive from
    it once; it is no part of the value.
    """

    entries: tuple[Entry, ...] = ()
    first: Mapping[str, datetime] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)
    memo: dict[str, object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )


class Scores(Value):
    """Where the population's classes begin, as found at an instant.

    Each tuple holds four ascending bounds between five classes of equal size.
    ``a_units`` and ``b_units`` are the least units in 90 days of an A and of a
    B SKU.
    """

    found_at: Instant
    recency_days: tuple[float, ...] = ()
    orders_365d: tuple[float, ...] = ()
    money_365d_cents: tuple[float, ...] = ()
    a_units: int | None = None
    b_units: int | None = None


def in_order(entry: Entry) -> tuple[datetime, str]:
    """Return what entries are sorted by: their instant, then their id."""
    return entry.at, entry.event_id


def history_of(
    entries: Iterable[Entry],
    first: Mapping[str, datetime] | None = None,
    last: Mapping[str, datetime] | None = None,
) -> History:
    """Build a history of entries in any order, each event once.

    ``first`` and ``last`` reach further where older entries were forgotten.
    """
    ordered = tuple(sorted(entries, key=in_order))
    begun, ended = dict(first or {}), dict(last or {})
    for entry in ordered:
        begun[entry.kind] = min(begun.get(entry.kind, entry.at), entry.at)
        ended[entry.kind] = max(ended.get(entry.kind, entry.at), entry.at)
    return History(ordered, begun, ended)


def trimmed(history: History, now: datetime) -> History:
    """Forget what is past keeping at an instant.

    Of each kind stay the entries of the last 400 days and the 13 newest before
    those, and of all these the 4,096 newest. What stays does not depend on the
    order in which entries came or on how often trimming happened.
    """
    horizon = now - RETENTION
    by_kind: dict[str, list[Entry]] = {}
    for entry in history.entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    kept: list[Entry] = []
    for entries in by_kind.values():
        older = sum(entry.at <= horizon for entry in entries)
        begin = max(older - KEPT_HOWEVER_OLD, len(entries) - KEPT_PER_KIND, 0)
        kept += entries[begin:]
    if len(kept) == len(history.entries):
        return history
    return history_of(kept, history.first, history.last)
