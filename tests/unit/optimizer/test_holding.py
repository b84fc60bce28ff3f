"""What surely does not go into a box, and never more than that."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.holding import may_hold
from optimizer.space import ANY_WAY, UNLIMITED, UPRIGHT, Ints, fill
from optimizer.starts import more_starts

NO_BLOCKS: Ints = np.empty((0, 11), np.int64)


def goods(*rows: tuple[int, int, int, int]) -> Ints:
    """Return goods of such sides and orientations, a gram each."""
    return np.array([(x, y, z, 1, turns, UNLIMITED) for x, y, z, turns in rows])


def a_box(x: int, y: int, z: int) -> Ints:
    return np.array([x, y, z, 1_000], np.int64)


@pytest.mark.parametrize(
    ("width_mm", "turns", "held"),
    [(10, ANY_WAY, True), (9, ANY_WAY, False), (10, UPRIGHT, False)],
)
def test_two_plates_lie_on_each_other_unless_they_must_stand(
    width_mm: int, turns: int, held: bool
) -> None:
    plate = (5, 40, 40, turns)

    assert may_hold(goods(plate), np.array([2]), a_box(40, 40, width_mm)) is held


def test_two_that_go_in_alone_but_not_together_are_refused() -> None:
    rows = goods((30, 30, 30, ANY_WAY), (20, 20, 20, ANY_WAY))
    box = a_box(49, 49, 49)

    alone = [may_hold(rows, np.array(counts), box) for counts in ([1, 0], [0, 1])]

    assert alone == [True, True]
    assert not may_hold(rows, np.array([1, 1]), box)


sides = st.integers(1, 12)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(sides, sides, sides, st.sampled_from((ANY_WAY, UPRIGHT))),
        min_size=1,
        max_size=3,
    ),
    st.tuples(st.integers(4, 16), st.integers(4, 16), st.integers(4, 16)),
    st.lists(st.integers(1, 2), min_size=3, max_size=3),
)
def test_what_a_start_packs_was_never_refused(
    rows: list[tuple[int, int, int, int]], room: tuple[int, int, int], units: list[int]
) -> None:
    wares, counts = goods(*rows), np.array(units[: len(rows)], np.int64)
    volumes, shortest = wares[:, :3].prod(axis=1), np.sort(wares[:, :3], axis=1)
    starts = more_starts(wares, shortest, volumes, int(counts.sum()))
    box = a_box(*room)

    _, _, over = fill(box, wares, counts, starts, 6, NO_BLOCKS, False)

    assert over or may_hold(wares, counts, box)
