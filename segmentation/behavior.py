"""How a customer behaves: lifecycle, recency, frequency, money, returns.

All of it is told from the customer's history at an instant, and with it when
it changes by itself. It rests on the events ``order_placed`` (with its
``value_cents`` and ``units``), ``order_canceled`` (by ``order_id``),
``returned``, ``complained`` and ``delivered_late``.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.history import Entry, History, Scores
from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation.known import Facts
from segmentation.purchases import Purchase, Purchases, purchases
from segmentation.streams import Streams
from segmentation.window import Window
from segmentation.windows import DAY, DAYS_PER_HOUR, count_of

LIFECYCLE = ("new", "first-time", "active", "loyal", "at-risk", "dormant")

FACTS = (
    *("lifecycle", "recency_days", "order_cadence_days"),
    *("orders_30d", "orders_90d", "orders_365d"),
    *("spent_30d_cents", "spent_90d_cents", "spent_365d_cents"),
    *("rfm_recency", "rfm_frequency", "rfm_money"),
    *("returns_rate", "complaints_90d", "late_deliveries_90d"),
)

YEAR = timedelta(days=365)
SEASON = timedelta(days=90)
LOYAL_IN_YEAR = 4
LOYAL_IN_SEASON = 3

# Silence longer than twice the customer's own cadence is a risk, but neither
# earlier nor later than these; without a cadence a season and a year decide.
RISK_AT_LEAST = timedelta(days=45)
RISK_AT_MOST = timedelta(days=300)
RISK_WITHOUT_CADENCE = SEASON
DORMANT_AT_MOST = YEAR

_SPANS = {"30d": timedelta(days=30), "90d": SEASON, "365d": YEAR}
_COUNTS = {
    "complaints_90d": Window(
        "events", "complained", SubjectKind.CUSTOMER, (), 90 * 86_400
    ),
    "late_deliveries_90d": Window(
        "events", "delivered_late", SubjectKind.CUSTOMER, (), 90 * 86_400
    ),
}


def tell(history: History, scores: Scores | None, now: datetime) -> Facts:
    """Tell a customer's behavior at an instant.

    ``lifecycle`` is the first of these that holds:

    - ``new``: no order yet
    - ``dormant``: no order for four times the customer's cadence, but for 90
      days at least and 365 at most; 365 days where there is no cadence
    - ``at-risk``: no order for twice the cadence, but for 45 days at least and
      300 at most; 90 days where there is no cadence
    - ``first-time``: exactly one order
    - ``loyal``: at least 4 orders in 365 days or 3 in 90
    - ``active``: everybody else

    The cadence is the median time between the newest 13 orders and needs three
    of them. ``returns_rate`` is returned over ordered units of 365 days, of
    orders where units are not always stated, at most 1. What has no meaning is
    absent: no recency, scores or returns without orders, no money where an
    order did not say its value, no scores without a population.

    Parameters
    ----------
    history
        The customer's events; empty for one who is known but did nothing.
    scores
        Where the population's fifths begin, if that was found.
    now
        Any instant: later events have not happened yet.
    """
    orders = purchases(history, now)
    telling = _Telling(now, orders)
    telling.put("lifecycle", *_lifecycle(orders, now))
    _tell_recency(telling)
    _tell_totals(telling)
    if scores is not None:
        _tell_scores(telling, scores, orders.newest_at)
    streams = Streams.of(history)
    _tell_returns(telling, streams)
    for name, window in _COUNTS.items():
        value, step = count_of(window, (streams,), now)
        telling.put(name, value, step, news=False)
    return Facts(telling.values, telling.drifts, telling.steps)


class _Telling:
    """Facts being gathered; most change also when the next order comes."""

    def __init__(self, now: datetime, orders: Purchases) -> None:
        self.now = now
        self.orders = orders
        self.values: dict[str, Fact] = {}
        self.drifts: dict[str, float] = {}
        self.steps: dict[str, datetime] = {}

    def put(
        self, name: str, value: Fact, *steps: datetime | None, news: bool = True
    ) -> None:
        if value is not None:
            self.values[name] = value
        ahead = [*steps, self.orders.news_at if news else None]
        coming = [step for step in ahead if step is not None and step > self.now]
        if coming:
            self.steps[name] = min(coming)


def _lifecycle(orders: Purchases, now: datetime) -> tuple[str, *tuple[datetime, ...]]:
    """Return the stage, and the instants at which it may end by itself."""
    if orders.newest_at is None:
        return ("new",)
    risk, dormant = (orders.newest_at + span for span in _patience(orders))
    season, year = orders.within(SEASON, now), orders.within(YEAR, now)
    ends = (risk, dormant, *_expiry(season, SEASON), *_expiry(year, YEAR))
    if now >= dormant:
        return "dormant", *ends
    if now >= risk:
        return "at-risk", *ends
    if orders.known == 1:
        return "first-time", *ends
    if len(year) >= LOYAL_IN_YEAR or len(season) >= LOYAL_IN_SEASON:
        return "loyal", *ends
    return "active", *ends


def _patience(orders: Purchases) -> tuple[timedelta, timedelta]:
    """Return after how long a silence a customer is at risk, and is dormant."""
    cadence = orders.cadence()
    if cadence is None:
        return RISK_WITHOUT_CADENCE, DORMANT_AT_MOST
    risk = min(max(2 * cadence, RISK_AT_LEAST), RISK_AT_MOST)
    dormant = min(max(4 * cadence, 2 * RISK_AT_LEAST), DORMANT_AT_MOST)
    return risk, dormant


def _expiry(
    within: Sequence[Purchase] | Sequence[Entry], span: timedelta
) -> tuple[datetime, ...]:
    """Return when the oldest of these leaves the window."""
    return tuple(oldest.at + span for oldest in within[:1])


def _tell_recency(telling: _Telling) -> None:
    newest_at = telling.orders.newest_at
    cadence = telling.orders.cadence()
    recency = None if newest_at is None else (telling.now - newest_at) / DAY
    telling.put("recency_days", recency)
    if recency is not None:
        telling.drifts["recency_days"] = DAYS_PER_HOUR
    telling.put("order_cadence_days", None if cadence is None else cadence / DAY)


def _tell_totals(telling: _Telling) -> None:
    for name, span in _SPANS.items():
        within = telling.orders.within(span, telling.now)
        spent = [order.cents for order in within if order.cents is not None]
        ends = _expiry(within, span)
        telling.put(f"orders_{name}", len(within), *ends)
        total = sum(spent) if len(spent) == len(within) else None
        telling.put(f"spent_{name}_cents", total, *ends)


def _tell_scores(telling: _Telling, scores: Scores, newest_at: datetime | None) -> None:
    if newest_at is None:
        for name in ("rfm_recency", "rfm_frequency", "rfm_money"):
            telling.put(name, None)
        return
    if scores.recency_days:
        grown_old = [newest_at + days * DAY for days in scores.recency_days]
        recency = 5 - sum(telling.now >= instant for instant in grown_old)
        telling.put("rfm_recency", recency, *grown_old)
    for name, fact, bounds in (
        ("rfm_frequency", "orders_365d", scores.orders_365d),
        ("rfm_money", "spent_365d_cents", scores.money_365d_cents),
    ):
        if bounds:
            score = _fifth(telling.values.get(fact), bounds)
            telling.put(name, score, telling.steps.get(fact))


def _fifth(value: Fact, bounds: tuple[float, ...]) -> int | None:
    """Return the class of a value; one equal to a bound is in the lower class."""
    return 1 + bisect_left(bounds, value) if isinstance(value, int) else None


def _tell_returns(telling: _Telling, streams: Streams) -> None:
    ordered = telling.orders.within(YEAR, telling.now)
    stream = streams.stream("returned")
    low, high = stream.until(telling.now - YEAR), stream.until(telling.now)
    returned = streams.entries("returned")[low:high]
    ahead = stream.ats[high : high + 1]
    ends = (*_expiry(ordered, YEAR), *_expiry(returned, YEAR), *ahead)
    units = [order.units for order in ordered]
    telling.put("returns_rate", _rate(units, returned), *ends)


def _rate(ordered: list[int | None], returned: list[Entry]) -> float | None:
    if not ordered:
        return None
    came = [units for units in ordered if units is not None]
    back = [entry.units for entry in returned if entry.units is not None]
    if len(came) == len(ordered) and len(back) == len(returned):
        return min(1.0, sum(back) / sum(came)) if sum(came) else None
    orders = {entry.order_id or entry.event_id for entry in returned}
    return min(1.0, len(orders) / len(ordered))
