"""What is remembered of a subject: dated events, and the classes it is ranked in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from domain.quantities import Instant, Value

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it counts for one subject."""

    at: datetime
    event_id: str
    kind: str
    units: int | None = None
    value_cents: int | None = None
    labels: Mapping[str, str] = _NONE
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A subject's events by (at, event id), oldest first.

    Only the newest ones are kept, up to a limit per kind. ``first`` and
    ``last`` say for each kind when it happened first and last, however long
    ago. Entries may lie in the future of the instant somebody asks about:
    they count from when they happen.
    """

    entries: tuple[Entry, ...] = ()
    first: Mapping[str, datetime] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)


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
