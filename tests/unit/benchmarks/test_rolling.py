from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from benchmarks.onlining.rolled import rolled
from benchmarks.onlining.rolling import (
    AT_ONCE,
    Desk,
    a_day,
    clairvoyant,
    last_calls,
    lived,
)
from optimizer.problem import Problem

ORDERS = 12


@pytest.fixture(scope="module")
def day() -> Problem:
    return a_day(ORDERS, "peak", 0)


@pytest.fixture(scope="module")
def rows() -> dict[str, Any]:
    return {str(row["method"]): row for row in rolled(ORDERS, ["peak"], 1)}


def test_orders_come_all_day_with_as_long_a_promise_as_in_the_wave(
    day: Problem,
) -> None:
    came = [task.order.placed_at for task in day.tasks]

    assert came == sorted(came)
    assert day.as_of <= came[0]
    assert came[-1] - came[0] > timedelta(hours=4)
    for task in day.tasks:
        assert task.order.deliver_by is not None
        promised = task.order.deliver_by - task.order.placed_at
        assert promised - timedelta(hours=8) in [
            timedelta(days=n) for n in (2, 3, 5, 7)
        ]


def test_every_way_to_live_a_day_is_told_and_within_all_limits(
    rows: dict[str, Any],
) -> None:
    assert set(rows) == {
        "clairvoyant",
        "decide-once",
        "decide-once-under-prices",
        "reoptimized",
        "reoptimized-under-prices",
    }
    lived_rows = [row for name, row in rows.items() if name != "clairvoyant"]
    assert all(row["served"] == ORDERS for row in rows.values())
    assert all(row["violations"] == 0 for row in lived_rows)
    assert rows["reoptimized"]["looks"] > 0
    assert rows["decide-once"]["cost_saved"] == 0


def test_nobody_pays_less_than_who_knows_all(rows: dict[str, Any]) -> None:
    least = rows["clairvoyant"]["total_cents"]

    assert all(row["total_cents"] >= least for row in rows.values())


def test_what_is_released_is_not_moved_any_more(day: Problem) -> None:
    desk = Desk(day)
    ends = day.tasks[-1].order.placed_at
    desk.decide(ends, day.tasks, AT_ONCE)
    before = dict(desk.plans)
    desk.released.update(before)

    moved = desk.reconsider(ends, day.tasks, AT_ONCE)

    assert moved == 0
    assert all(desk.plans[order] == before[order] for order in before)


def test_what_is_given_back_is_there_again(day: Problem) -> None:
    desk = Desk(day)
    desk.decide(day.as_of, day.tasks[:5], AT_ONCE)

    for one in desk.plans.values():
        desk.hold(one, -1)

    assert desk.stock == dict(day.stock)
    assert {k: n for k, n in desk.lines.items() if n} == dict(day.fc_lines)
    assert desk.parcels == dict(day.carrier_parcels)


def test_a_day_of_one_order_is_lived_as_well_as_known(day: Problem) -> None:
    alone = replace(day, tasks=day.tasks[:1])

    ended, known = lived(alone, again=True), clairvoyant(alone)

    assert sum(sum(one.cost.values()) for one in ended.plans.values()) == known.cents


def test_the_last_calls_are_processing_before_the_pickups(day: Problem) -> None:
    calls = last_calls(day)
    center = day.network.centers[0]
    zone = ZoneInfo(center.time_zone)

    ready = [call + timedelta(hours=center.processing_h) for call in calls]

    assert calls == sorted(set(calls))
    assert calls[0] >= day.as_of
    clocks = {instant.astimezone(zone).time() for instant in ready}
    assert {pickup.cutoff for pickup in center.pickups} <= clocks
