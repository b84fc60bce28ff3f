from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history import Scores
from segmentation.known import Facts
from segmentation.velocity import FACTS, tell
from tests.builders import MONDAY

TODAY = MONDAY.date()
SCORES = Scores(found_at=MONDAY, a_units=900, b_units=100)


def sold(days_ago_units: dict[int, int]) -> dict[date, int]:
    return {TODAY - timedelta(days=ago): n for ago, n in days_ago_units.items()}


def told(
    days_ago_units: dict[int, int],
    free: int | None = 60,
    now: datetime = MONDAY,
    scores: Scores | None = SCORES,
) -> Facts:
    return tell(sold(days_ago_units), scores, free, now)


def weekly(*units: int) -> dict[int, int]:
    """Sell so many units in the middle of each full week, last week first."""
    first = {7 * len(units): 1}
    return first | {7 * n + 4: count for n, count in enumerate(units)}


@pytest.mark.parametrize(
    ("units", "velocity"), [(899, "B"), (900, "A"), (99, "C"), (100, "B"), (0, "C")]
)
def test_velocity_is_the_class_by_units_of_ninety_days(
    units: int, velocity: str
) -> None:
    assert told({0: units, 90: 5_000}).values["sku_velocity"] == velocity


def test_velocity_is_unknown_without_a_population() -> None:
    assert "sku_velocity" not in told({1: 5}, scores=None).values
    empty = Scores(found_at=MONDAY)
    assert "sku_velocity" not in told({1: 5}, scores=empty).values


def test_totals_count_the_running_day_and_means_do_not() -> None:
    facts = told({0: 7, 29: 20, 30: 40, 31: 400})

    assert facts.values["units_30d"] == 27
    assert facts.values["daily_units"] == 2.0
    assert facts.values["stock_cover_days"] == 30.0


def test_the_mean_of_a_new_sku_is_over_the_days_it_sold() -> None:
    assert told({4: 10, 1: 2}).values["daily_units"] == 3.0
    assert "daily_units" not in told({0: 9}).values


def test_cover_is_unknown_where_nothing_sold_or_nobody_knows_the_stock() -> None:
    assert told({}).values == {"sku_velocity": "C", "units_30d": 0, "daily_units": 0.0}
    assert "stock_cover_days" not in told({40: 9}).values
    assert "stock_cover_days" not in told({4: 9}, free=None).values
    assert told({4: 9}, free=0).values["stock_cover_days"] == 0


@pytest.mark.parametrize(
    ("units", "variability"),
    [
        ([10] * 13, "X"),
        ([0, 0, 20] * 4 + [0], "Z"),
        ([2, 18] * 6 + [10], "Y"),
        ([10] * 6, "X"),
    ],
)
def test_variability_is_how_unevenly_weeks_sold(
    units: list[int], variability: str
) -> None:
    assert told(weekly(*units)).values["sku_variability"] == variability


def test_variability_is_unknown_before_six_full_weeks_and_without_sales() -> None:
    assert "sku_variability" not in told({41: 9, 3: 9}).values
    assert "sku_variability" not in told({400: 9}).values
    assert "sku_variability" in told({42: 9, 3: 9}).values


def test_days_end_at_midnight_in_utc() -> None:
    eleven = MONDAY.replace(hour=23)
    midnight = eleven + timedelta(hours=1)

    facts = told({29: 4}, now=eleven)

    assert set(facts.steps.values()) == {midnight}
    assert told({29: 4}, now=midnight).values["units_30d"] == 0


def test_what_is_sold_tomorrow_does_not_count_today() -> None:
    assert told({-1: 50, 1: 2}).values["units_30d"] == 2


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(-3, 130), st.integers(0, 50), max_size=12))
def test_facts_stay_until_midnight_and_stop_when_nothing_is_in_sight(
    drawn: dict[int, int],
) -> None:
    now = MONDAY
    facts = told(drawn, now=now)

    while facts.steps:
        step = min(facts.steps.values())
        before = told(drawn, now=step - timedelta(microseconds=1))
        assert before.values == facts.values
        facts, now = told(drawn, now=step), step

    assert told(drawn, now=now + timedelta(days=99)).values == facts.values


def test_every_fact_of_velocity_can_be_told() -> None:
    assert tuple(sorted(told(weekly(*[5] * 13)).values)) == tuple(sorted(FACTS))
