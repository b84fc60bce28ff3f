"""When goods are ready, when they are collected, and when they arrive.

Days are the center's own (its time zone, its weekdays, its holidays); hours
that count only on working days run from one local midnight to the next, so a
day with a change of the clock has 23 or 25 of them.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.network import FulfillmentCenter
from domain.quantities import CarrierId

# A calendar without one working day in this many is taken to have none at all.
LOOK_AHEAD_DAYS = 60
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)

# The least difference between two instants.
INSTANT = timedelta.resolution


def day_of(center: FulfillmentCenter, instant: datetime) -> date:
    """Return the day of the center's calendar that an instant falls on.

    Capacity of a center and of its carriers is counted on the day of handover.
    """
    return instant.astimezone(ZoneInfo(center.time_zone)).date()


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return a local time of day as an instant; the first one where it is twice."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def add_working_hours(
    start: datetime,
    hours: int,
    zone: ZoneInfo,
    weekdays: Collection[int],
    holidays: Collection[date] = (),
) -> datetime | None:
    """Return the instant at which that many hours of working days have passed.

    A start on a day off moves to the next working midnight. None where no
    working day comes within sixty days.
    """
    now, left = start.astimezone(UTC), timedelta(hours=hours)
    idle = 0
    while idle < LOOK_AHEAD_DAYS:
        day = now.astimezone(zone).date()
        tomorrow = local_instant(day + timedelta(days=1), time(0), zone)
        if day.weekday() not in weekdays or day in holidays:
            now, idle = tomorrow, idle + 1
            continue
        if left <= tomorrow - now:
            return now + left
        left -= tomorrow - now
        now, idle = tomorrow, 0
    return None


def last_start(
    end: datetime,
    hours: int,
    zone: ZoneInfo,
    weekdays: Collection[int],
    holidays: Collection[date] = (),
) -> datetime | None:
    """Return the latest instant from which that many working hours end by ``end``.

    The reverse of ``add_working_hours``. None where no working day of the sixty
    before leaves room for them.
    """
    now, left = end.astimezone(UTC), timedelta(hours=hours)

    def works(day: date) -> bool:
        return day.weekday() in weekdays and day not in holidays

    if not left and works(now.astimezone(zone).date()):
        return now
    for _ in range(LOOK_AHEAD_DAYS):
        # The day that ends now, or is under way.
        day = (now - INSTANT).astimezone(zone).date()
        midnight = local_instant(day, time(0), zone)
        if works(day):
            if left <= now - midnight:
                return now - max(left, INSTANT)
            left -= now - midnight
        now = midnight
    return None


def ready_at(center: FulfillmentCenter, as_of: datetime) -> datetime | None:
    """Return when goods released now are packed; None if the center never works."""
    zone = ZoneInfo(center.time_zone)
    return add_working_hours(
        as_of, center.processing_h, zone, center.weekdays, center.holidays
    )


def handovers(
    center: FulfillmentCenter, carrier: CarrierId, ready: datetime
) -> Iterator[datetime]:
    """Yield the carrier's pickups at the center from ``ready`` on, soonest first.

    A pickup whose cutoff is the very instant still takes the goods. A center
    that declares no pickups at all hands over whenever the goods are ready;
    on the center's holidays nobody collects.
    """
    if not center.pickups:
        yield ready
        return
    zone = ZoneInfo(center.time_zone)
    mine = [pickup for pickup in center.pickups if pickup.carrier == carrier]
    first = ready.astimezone(zone).date()
    for ahead in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=ahead)
        if day in center.holidays:
            continue
        cutoffs = (
            local_instant(day, pickup.cutoff, zone)
            for pickup in mine
            if day.weekday() in pickup.weekdays
        )
        yield from sorted(cutoff for cutoff in cutoffs if cutoff >= ready)


def truck_capacity(
    center: FulfillmentCenter, carrier: CarrierId, day: date
) -> int | None:
    """Return the parcels the carrier's trucks take that day, None for no limit."""
    trucks = [
        pickup.capacity_parcels
        for pickup in center.pickups
        if pickup.carrier == carrier and day.weekday() in pickup.weekdays
    ]
    if not trucks or any(capacity is None for capacity in trucks):
        return None
    return sum(capacity or 0 for capacity in trucks)


@lru_cache(maxsize=65536)
def arrival(
    hand_over_at: datetime, transit_h: int, time_zone: str, *, working_days_only: bool
) -> datetime:
    """Return when goods arrive after that many hours of carriage.

    A service that moves on working days only rests from Friday midnight to
    Sunday midnight of the zone given (the center's).
    """
    if not working_days_only:
        return hand_over_at + timedelta(hours=transit_h)
    arrived = add_working_hours(
        hand_over_at, transit_h, ZoneInfo(time_zone), MONDAY_TO_FRIDAY
    )
    return arrived if arrived is not None else hand_over_at


def elapsed_h(start: datetime, end: datetime) -> int:
    """Return the started hours between two instants, never less than none."""
    seconds = (end - start).total_seconds()
    return max(0, -int(-seconds // 3600))
