from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import (
    add_working_hours,
    arrival,
    day_of,
    elapsed_h,
    handovers,
    last_start,
    ready_at,
    truck_capacity,
)
from domain.quantities import CarrierId
from tests.builders import MONDAY, a_center, a_pickup

NEW_YORK = ZoneInfo("America/New_York")
SWIFT = CarrierId("SWIFT")
WEEK = (0, 1, 2, 3, 4)
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """Read a New York local time."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def test_working_hours_pass_over_the_weekend() -> None:
    friday_evening = at("2026-03-20T20:00")

    ready = add_working_hours(friday_evening, 6, NEW_YORK, WEEK)

    assert ready == at("2026-03-23T02:00")


def test_working_hours_pass_over_a_holiday() -> None:
    ready = add_working_hours(
        at("2026-03-03T20:00"), 6, NEW_YORK, WEEK, (date(2026, 3, 4),)
    )

    assert ready == at("2026-03-05T02:00")


def test_work_that_needs_no_time_still_waits_for_a_working_day() -> None:
    sunday = at("2026-03-22T15:00")

    assert add_working_hours(sunday, 0, NEW_YORK, WEEK) == at("2026-03-23T00:00")


def test_the_day_the_clock_goes_forward_has_an_hour_less() -> None:
    every_day = (0, 1, 2, 3, 4, 5, 6)

    ready = add_working_hours(at("2026-03-08T00:00"), 24, NEW_YORK, every_day)

    assert ready == at("2026-03-09T01:00")


@given(
    st.integers(0, 40 * 24 * 60).map(lambda minutes: MONDAY + minutes * MINUTE),
    st.integers(0, 40),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_the_latest_start_is_in_time_and_an_instant_later_is_not(
    end: datetime, hours: int, weekdays: set[int]
) -> None:
    holidays = (date(2026, 3, 4), date(2026, 3, 9))

    start = last_start(end, hours, NEW_YORK, weekdays, holidays)

    assert start is not None
    for late, instant in ((False, start), (True, start + timedelta.resolution)):
        done = add_working_hours(instant, hours, NEW_YORK, weekdays, holidays)
        assert done is not None
        assert (done > end) is late


def test_a_center_that_never_works_is_never_ready() -> None:
    assert ready_at(a_center(weekdays=()), MONDAY) is None


@pytest.mark.parametrize(
    ("ready", "handed_over"),
    [
        ("2026-03-02T16:59", "2026-03-02T17:00"),
        ("2026-03-02T17:00", "2026-03-02T17:00"),
        ("2026-03-02T17:01", "2026-03-03T17:00"),
        ("2026-03-06T17:01", "2026-03-09T17:00"),
    ],
)
def test_goods_go_with_the_first_truck_whose_cutoff_they_make(
    ready: str, handed_over: str
) -> None:
    assert next(handovers(a_center(), SWIFT, at(ready))) == at(handed_over)


def test_the_cutoff_stays_at_the_same_local_hour_when_the_clock_changes() -> None:
    first, second = islice(handovers(a_center(), SWIFT, at("2026-03-06T12:00")), 2)

    assert (first.hour, second.hour) == (22, 21)
    assert second - first == timedelta(days=3, hours=-1)


def test_nobody_collects_on_the_centers_holiday() -> None:
    center = a_center(holidays=(date(2026, 3, 2),))

    assert next(handovers(center, SWIFT, at("2026-03-02T09:00"))) == at(
        "2026-03-03T17:00"
    )


def test_a_center_without_pickups_hands_over_when_ready() -> None:
    ready = at("2026-03-02T09:13")

    assert list(handovers(a_center(pickups=()), SWIFT, ready)) == [ready]


def test_a_carrier_without_a_truck_never_collects() -> None:
    assert list(handovers(a_center(), CarrierId("OTHER"), MONDAY)) == []


def test_a_service_that_rests_on_weekends_arrives_later() -> None:
    friday = at("2026-03-20T17:00")

    resting = arrival(friday, 24, "America/New_York", working_days_only=True)
    moving = arrival(friday, 24, "America/New_York", working_days_only=False)

    assert resting == at("2026-03-23T17:00")
    assert moving == at("2026-03-21T17:00")


def test_a_weekend_with_a_change_of_the_clock_is_an_hour_shorter() -> None:
    friday = at("2026-03-06T17:00")

    arrived = arrival(friday, 24, "America/New_York", working_days_only=True)

    assert arrived == at("2026-03-09T17:00")
    assert elapsed_h(friday, arrived) == 71


def test_the_day_of_a_center_is_its_own() -> None:
    assert day_of(a_center(), at("2026-03-02T23:30")) == date(2026, 3, 2)


def test_trucks_of_a_day_add_up() -> None:
    two = (
        a_pickup(cutoff=time(12), capacity_parcels=3),
        a_pickup(capacity_parcels=4),
    )

    assert truck_capacity(a_center(pickups=two), SWIFT, date(2026, 3, 2)) == 7
    assert truck_capacity(a_center(), SWIFT, date(2026, 3, 2)) is None


@given(
    start=st.datetimes(
        min_value=datetime(2026, 1, 1),  # noqa: DTZ001
        max_value=datetime(2026, 12, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    hours=st.integers(0, 200),
    more=st.integers(0, 50),
)
def test_more_hours_never_arrive_sooner(start: datetime, hours: int, more: int) -> None:
    def arrives(h: int) -> datetime:
        return arrival(start, h, "America/Chicago", working_days_only=True)

    assert start <= arrives(hours) <= arrives(hours + more)
    assert arrives(hours) - start >= timedelta(hours=hours)
