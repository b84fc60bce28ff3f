"""Histories for tests: valid by default, say what the test is about."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from domain.history import Entry, History, history_of
from tests.builders import MONDAY

_NUMBERS = count()


def an_entry(kind: str = "viewed", days_ago: float = 0, **overrides: Any) -> Entry:
    """Build an event that happened so many days before Monday."""
    values: dict[str, Any] = {
        "at": MONDAY - timedelta(days=days_ago),
        "event_id": f"E{next(_NUMBERS):06}",
        "kind": kind,
    }
    return Entry(**(values | overrides))


def an_order_placed(days_ago: float, cents: int = 5_000, **overrides: Any) -> Entry:
    """Build an order; its order id is its event's id where none is given."""
    entry = an_entry("order_placed", days_ago, value_cents=cents, units=1)
    values = {"order_id": f"O-{entry.event_id}", **overrides}
    return Entry(**{name: getattr(entry, name) for name in Entry.__slots__} | values)


def orders(*days_ago: float) -> History:
    """Build a customer who ordered so many days before Monday."""
    return history_of(an_order_placed(days) for days in days_ago)


def entries(
    kinds: tuple[str, ...], days: int = 30, most: int = 12
) -> st.SearchStrategy[list[Entry]]:
    """Draw events around Monday, many of them at the same instants."""
    instants = st.one_of(
        st.integers(-days, days).map(lambda n: timedelta(days=n)),
        st.integers(-days * 24, days * 24).map(lambda n: timedelta(hours=n)),
        st.integers(-(10**10), 10**10).map(lambda n: timedelta(microseconds=n)),
    )
    labels: st.SearchStrategy[Mapping[str, str]] = st.sampled_from(
        ({}, {"category": "shoes"}, {"category": "hats", "color": "red"})
    )
    one = st.builds(
        _drawn,
        instants,
        st.sampled_from(kinds),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 10**6),
        labels,
        st.none() | st.sampled_from(("O-1", "O-2", "O-3")),
    )
    return st.lists(one, max_size=most).map(_numbered)


def _drawn(
    ago: timedelta,
    kind: str,
    units: int | None,
    cents: int | None,
    labels: Mapping[str, str],
    order_id: str | None,
) -> Entry:
    at: datetime = MONDAY - ago
    return Entry(at, "", kind, units, cents, labels, order_id)


def _numbered(drawn: list[Entry]) -> list[Entry]:
    return [
        Entry(e.at, f"E{n}", e.kind, e.units, e.value_cents, e.labels, e.order_id)
        for n, e in enumerate(drawn)
    ]
