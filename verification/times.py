"""The verifier's own calendars: when goods are ready, collected and there."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from domain.network import CarrierService, FulfillmentCenter

_WORKWEEK = frozenset(range(5))
_SEARCHED_DAYS = 60


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day an instant falls on there."""
    return instant.astimezone(ZoneInfo(zone)).date()


def at_local(day: date, clock: time, zone: str) -> datetime:
    """Return the instant at which a wall clock there shows that time."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=100_000)
def after_working(
    start: datetime,
    hours: int,
    zone: str,
    weekdays: frozenset[int],
    holidays: frozenset[date],
) -> datetime | None:
    """Let hours pass on working days only: first skip rest, then spend."""
    owed, moment, rested = timedelta(hours=hours), start, 0
    day = local_day(start, zone)
    while rested < _SEARCHED_DAYS:
        end = at_local(day + timedelta(days=1), time(0), zone)
        if day.weekday() in weekdays and day not in holidays:
            if moment + owed <= end:
                return moment + owed
            owed, rested = owed - (end - moment), 0
        else:
            rested += 1
        day, moment = day + timedelta(days=1), end
    return None


def packed_at(center: FulfillmentCenter, as_of: datetime) -> datetime | None:
    """Say when goods released now are ready at the dock."""
    return after_working(
        as_of,
        center.processing_h,
        center.time_zone,
        frozenset(center.weekdays),
        frozenset(center.holidays),
    )


def is_pickup(center: FulfillmentCenter, carrier: str, at: datetime) -> bool:
    """Tell whether the carrier collects there at that very instant."""
    day = local_day(at, center.time_zone)
    return day not in center.holidays and any(
        pickup.carrier == carrier
        and day.weekday() in pickup.weekdays
        and at_local(day, pickup.cutoff, center.time_zone) == at
        for pickup in center.pickups
    )


def pickups_before(
    center: FulfillmentCenter, carrier: str, ready: datetime, at: datetime
) -> int:
    """Count the pickups that could have been taken sooner."""
    day, earlier = local_day(ready, center.time_zone), 0
    while day <= local_day(at, center.time_zone):
        cutoffs = {pickup.cutoff for pickup in center.pickups}
        for cutoff in cutoffs:
            moment = at_local(day, cutoff, center.time_zone)
            earlier += ready <= moment < at and is_pickup(center, carrier, moment)
        day += timedelta(days=1)
    return earlier


def arrives(
    center: FulfillmentCenter, service: CarrierService, at: datetime, transit_h: int
) -> datetime:
    """Say when what was handed over then arrives, after so many hours of carriage."""
    if not service.working_days_only:
        return at + timedelta(hours=transit_h)
    found = after_working(at, transit_h, center.time_zone, _WORKWEEK, frozenset())
    return found if found is not None else at


def started_hours(start: datetime, end: datetime) -> int:
    """Count the hours between two instants, begun ones in full; 0 if reversed."""
    return max(0, ceil(Fraction(int((end - start).total_seconds()), 3600)))
