from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.pacing import Pace


def test_calls_at_once_are_spread_evenly() -> None:
    pace = Pace(4)

    assert [pace.wait_s(100.0) for _ in range(4)] == [0, 0.25, 0.5, 0.75]


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(None)

    assert {pace.wait_s(100.0) for _ in range(50)} == {0.0}


def test_a_pause_is_not_saved_up() -> None:
    pace = Pace(2)
    pace.wait_s(0.0)

    assert [pace.wait_s(60.0) for _ in range(2)] == [0, 0.5]


@given(gaps=st.lists(st.integers(0, 2_000), max_size=40), limit=st.integers(1, 20))
def test_calls_are_never_closer_than_the_limit_allows(
    gaps: list[int], limit: int
) -> None:
    pace, now_s, made = Pace(limit), 0.0, []
    for gap_ms in gaps:
        now_s += gap_ms / 1000
        made.append(now_s + pace.wait_s(now_s))

    assert all(b - a >= 1 / limit - 1e-6 for a, b in pairwise(made))
