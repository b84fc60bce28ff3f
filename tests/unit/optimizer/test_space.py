"""The kernel itself, where the rules are hard to reach from outside."""

import numpy as np
import pytest

from optimizer.space import ANY_WAY, UNLIMITED, UPRIGHT, Ints, fill

PILLAR, SLAB, WEDGE = 0, 1, 2
# Length, width, height, grams, upright, grams it may bear.
PILLAR_ROW = (60, 100, 50, 500, UPRIGHT, UNLIMITED)
SLAB_ROW = (100, 100, 50, 500, UPRIGHT, UNLIMITED)

# Near and far corner, SKU, units each way, room: a slab that hangs over by 40 %.
OVERHANG: Ints = np.array(
    [
        (0, 0, 0, 60, 100, 50, PILLAR, 1, 1, 1, 0),
        (0, 0, 50, 100, 100, 100, SLAB, 1, 1, 1, 0),
    ],
    np.int64,
)


def wedged(height_mm: int, bears_g: int) -> int:
    """Return how many units go under the slab, in a box as large as it is."""
    goods = np.array(
        [PILLAR_ROW, SLAB_ROW, (40, 100, height_mm, 100, UPRIGHT, bears_g)], np.int64
    )
    turns = (WEDGE, PILLAR, SLAB, ANY_WAY, ANY_WAY, ANY_WAY)
    starts = np.array([(mode, 0, *turns) for mode in range(3)], np.int64)
    counts = np.array([0, 0, 1], np.int64)
    box = np.array([100, 100, 100, 10_000], np.int64)
    _, left, _ = fill(box, goods, counts, starts, 1, OVERHANG, False)
    return 1 - int(left[WEDGE])


@pytest.mark.parametrize(
    ("height_mm", "bears_g", "goes_in"),
    [(50, 0, 0), (49, 0, 1), (50, UNLIMITED, 1), (51, UNLIMITED, 0)],
)
def test_nothing_weak_is_wedged_under_an_overhang(
    height_mm: int, bears_g: int, goes_in: int
) -> None:
    assert wedged(height_mm, bears_g) == goes_in
