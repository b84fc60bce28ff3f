from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from lanewise.world.clock import WorldClock

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_clock_stands_still_until_it_is_told_to_jump() -> None:
    clock = WorldClock(START)
    clock.plan(START + timedelta(hours=2), lambda: None)

    assert clock.now == START
    assert clock.jump() == 1
    assert clock.now == START + timedelta(hours=2)


def test_nothing_planned_is_told_from_nothing_before_the_limit() -> None:
    clock = WorldClock(START)

    assert clock.jump() is None
    assert clock.jump(START + timedelta(hours=1)) == 0
    assert clock.now == START + timedelta(hours=1)


def test_a_limit_in_the_past_does_not_turn_the_clock_back() -> None:
    clock = WorldClock(START)

    clock.jump(START - timedelta(hours=1))

    assert clock.now == START


def test_what_happens_at_once_causes_more_at_the_same_instant() -> None:
    clock = WorldClock(START)
    seen: list[str] = []

    def cause() -> None:
        seen.append("cause")
        clock.plan(clock.now, lambda: seen.append("effect"))

    clock.plan(START + timedelta(minutes=15), cause)

    assert clock.jump() == 2
    assert seen == ["cause", "effect"]


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.lists(st.integers(-60, 5_000), max_size=30),
    tick=st.sampled_from([1, 15]),
)
def test_events_happen_in_order_on_the_grid_and_never_early(
    minutes: list[int], tick: int
) -> None:
    clock = WorldClock(START, tick)
    happened: list[tuple[datetime, datetime]] = []

    def happen(due: datetime) -> None:
        happened.append((due, clock.now))

    for minute in minutes:
        due = START + timedelta(minutes=minute)
        clock.plan(due, partial(happen, due))

    fired = 0
    while (now_fired := clock.jump()) is not None:
        fired += now_fired

    assert fired == len(minutes) == len(happened)
    assert [now for _, now in happened] == sorted(now for _, now in happened)
    limit = timedelta(minutes=tick)
    assert all(
        due <= now < max(due, START) + limit and now.minute % tick == 0
        for due, now in happened
    )
