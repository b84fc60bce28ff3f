"""How a SKU sells: how fast, how evenly, and how long its stock lasts.

Told from the units ordered per day (UTC), so it changes at midnight only. The
day that is running counts for totals, but not for means: it is not over yet.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt

from domain.history import Scores
from domain.segment import Fact
from segmentation.known import Facts

VELOCITY = ("C", "B", "A")
VARIABILITY = ("X", "Y", "Z")

FACTS = (
    *("sku_velocity", "sku_variability"),
    *("units_30d", "daily_units", "stock_cover_days"),
)

MEAN_DAYS = 30
RANKED_DAYS = 90
WEEKS = 13
WEEKS_AT_LEAST = 6
STEADY_BELOW = 0.5
UNEVEN_BELOW = 1.0

_DAY = timedelta(days=1)


def tell(
    daily: Mapping[date, int],
    scores: Scores | None,
    free_units: int | None,
    now: datetime,
) -> Facts:
    """Tell how a SKU sells at an instant.

    ``sku_velocity`` is its class by units of 90 days: A for those that make
    the first 80 % of all units, B for the next 15 %. ``sku_variability`` is X
    below 0.5, Y below 1, else Z, of the coefficient of variation of its weekly
    units over 13 full weeks (six at least since it first sold).
    ``daily_units`` is the mean of the 30 days before today, or of as many as
    there were since it first sold; ``stock_cover_days`` how many such days the
    free units last, unknown where nothing sold.

    Parameters
    ----------
    daily
        Units ordered per day; a day without any may be left out.
    scores
        Where the classes begin, if that was found.
    free_units
        Units free to promise at all centers, None where nobody knows.
    now
        The instant; days end at midnight UTC.
    """
    today = now.astimezone(UTC).date()
    sold = {day: units for day, units in daily.items() if units > 0 and day <= today}
    ranked = _units(sold, today, RANKED_DAYS)
    mean = _daily_mean(sold, today)
    facts: dict[str, Fact] = {
        "sku_velocity": _velocity(ranked, scores),
        "sku_variability": _variability(sold, today),
        "units_30d": _units(sold, today, MEAN_DAYS),
        "daily_units": mean,
        "stock_cover_days": (
            free_units / mean if free_units is not None and mean else None
        ),
    }
    values = {name: value for name, value in facts.items() if value is not None}
    return Facts(values, {}, _steps(daily, today, facts))


def _steps(
    daily: Mapping[date, int], today: date, facts: Iterable[str]
) -> dict[str, datetime]:
    """Return midnight for every fact, until the last sale is out of sight."""
    if not any(units and _seen(day, today) for day, units in daily.items()):
        return {}
    midnight = datetime.combine(today + _DAY, time(0), UTC)
    return dict.fromkeys(facts, midnight)


def _seen(day: date, today: date) -> bool:
    return (today - day).days <= max(RANKED_DAYS, 7 * WEEKS)


def _units(sold: Mapping[date, int], today: date, days: int) -> int:
    """Add the units of so many days, today being the last."""
    begin = today - days * _DAY
    return sum(units for day, units in sold.items() if day > begin)


def _velocity(units: int, scores: Scores | None) -> str | None:
    if scores is None or scores.a_units is None or scores.b_units is None:
        return None
    if units >= scores.a_units:
        return "A"
    return "B" if units >= scores.b_units else "C"


def _daily_mean(sold: Mapping[date, int], today: date) -> float | None:
    """Return the mean units of the full days, None before there is one."""
    days = min(MEAN_DAYS, _full_days(sold, today))
    if not days:
        return 0.0 if not sold else None
    before = (units for day, units in sold.items() if _within(day, today, days))
    return sum(before) / days


def _full_days(sold: Mapping[date, int], today: date) -> int:
    return (today - min(sold)).days if sold else 0


def _within(day: date, today: date, days: int) -> bool:
    return 0 < (today - day).days <= days


def _variability(sold: Mapping[date, int], today: date) -> str | None:
    """Class the weekly units; the last week ended yesterday."""
    weeks = min(WEEKS, _full_days(sold, today) // 7)
    if weeks < WEEKS_AT_LEAST:
        return None
    weekly = [0] * weeks
    for day, units in sold.items():
        if _within(day, today, 7 * weeks):
            weekly[((today - day).days - 1) // 7] += units
    mean = sum(weekly) / weeks
    if not mean:
        return None
    variation = sqrt(sum((units - mean) ** 2 for units in weekly) / weeks) / mean
    if variation < STEADY_BELOW:
        return "X"
    return "Y" if variation < UNEVEN_BELOW else "Z"
