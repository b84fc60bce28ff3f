"""Facts of the clock: hours to and since, day and hour where it matters."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.order import Order
from domain.segment import Fact
from segmentation.fact_table import WEEKDAYS
from segmentation.known import Facts, Look
from segmentation.telling.parts import Running

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def of_order(order: Order) -> Look:
    """Tell how long ago the order was placed and how long until it is due."""
    return Running(
        to={"hours_to_deliver_by": order.deliver_by},
        since={"hours_since_placed": order.placed_at},
    )


def local(zone: ZoneInfo) -> Look:
    """Tell the day and the hour in a time zone."""

    def tell(now: datetime) -> Facts:
        there = now.astimezone(zone)
        values: dict[str, Fact] = {
            "day_of_week": WEEKDAYS[there.weekday()],
            "hour_of_day": there.hour,
        }
        steps = {
            "day_of_week": _next_midnight(there, zone),
            "hour_of_day": _next_hour(now, there),
        }
        return Facts(values, {}, steps)

    return tell


def _next_hour(now: datetime, there: datetime) -> datetime:
    past = timedelta(
        minutes=there.minute, seconds=there.second, microseconds=there.microsecond
    )
    return now.astimezone(UTC) + HOUR - past


def _next_midnight(there: datetime, zone: ZoneInfo) -> datetime:
    tomorrow = datetime.combine(there.date() + DAY, time(0), zone)
    return tomorrow.astimezone(UTC)
