from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.lateness import Z90, lateness

HOURS = st.floats(1, 300)


def test_half_of_the_parcels_are_later_than_the_median() -> None:
    chance, _ = lateness(24, 48, 24)

    assert chance == pytest.approx(0.5)


def test_one_in_ten_is_later_than_the_ninetieth_percentile() -> None:
    chance, _ = lateness(24, 48, 48)

    assert chance == pytest.approx(0.1)


def test_a_certain_transit_is_late_by_the_difference() -> None:
    assert lateness(30, 30, 24) == (1.0, 6)
    assert lateness(24, 24, 24) == (0.0, 0.0)


def test_percentiles_a_last_bit_apart_are_a_certain_transit() -> None:
    assert lateness(9.0, np.nextafter(9.0, 10.0), 5.0) == (1.0, 4.0)


def test_the_hours_expected_agree_with_a_sample() -> None:
    sigma = log(48 / 24) / Z90
    sample = np.random.default_rng(7).lognormal(log(24), sigma, 400_000)

    chance, hours = lateness(24, 48, 36)

    assert chance == pytest.approx((sample > 36).mean(), abs=0.003)
    assert hours == pytest.approx(np.maximum(0, sample - 36).mean(), rel=0.02)


def test_without_slack_every_hour_of_the_mean_is_late() -> None:
    _, none_left = lateness(24, 48, 0)
    _, overdue = lateness(24, 48, -5)

    assert overdue == pytest.approx(none_left + 5)


@given(p50=HOURS, spread=st.floats(0, 200), slack=st.floats(-50, 400))
def test_more_slack_is_never_later(p50: float, spread: float, slack: float) -> None:
    chance, hours = lateness(p50, p50 + spread, slack)
    less_chance, less_hours = lateness(p50, p50 + spread, slack + 1)

    assert 0 <= less_chance <= chance <= 1
    assert 0 <= less_hours <= hours + 1e-6
