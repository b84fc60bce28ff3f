"""Layers of equal units: true, as full as known patterns, and not too long."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.layers import Grid, layer


def bases(grids: tuple[Grid, ...]) -> list[tuple[int, int, int, int]]:
    return [
        (g.x + i * g.dx, g.y + j * g.dy, g.x + (i + 1) * g.dx, g.y + (j + 1) * g.dy)
        for g in grids
        for i in range(g.nx)
        for j in range(g.ny)
    ]


@pytest.mark.parametrize(
    ("deck", "base", "known"),
    [
        ((1_200, 1_000), (400, 300), 10),
        ((1_200, 800), (400, 300), 8),
        ((1_200, 800), (600, 400), 4),
        ((1_200, 1_000), (600, 400), 5),
        ((1_200, 1_000), (300, 200), 20),
        ((1_219, 1_016), (405, 304), 10),
    ],
)
def test_usual_pallet_patterns_are_found(
    deck: tuple[int, int], base: tuple[int, int], known: int
) -> None:
    assert sum(grid.units for grid in layer(*deck, base, 1_000)) == known


def test_a_layer_ends_at_the_units_wanted() -> None:
    assert len(bases(layer(1_200, 1_000, (400, 300), 7))) == 7


def test_a_base_larger_than_the_deck_has_no_layer() -> None:
    assert layer(1_200, 800, (1_300, 100), 5) == ()


SIDE = st.integers(20, 700)


@settings(max_examples=150, deadline=None)
@given(deck=st.tuples(SIDE, SIDE), base=st.tuples(SIDE, SIDE), most=st.integers(1, 90))
def test_units_lie_on_the_deck_and_never_overlap(
    deck: tuple[int, int], base: tuple[int, int], most: int
) -> None:
    laid = bases(layer(*deck, base, most))

    grid = max((deck[0] // a) * (deck[1] // b) for a, b in (base, base[::-1]))
    assert min(grid, most) <= len(laid) <= most
    for i, (x, y, far_x, far_y) in enumerate(laid):
        assert sorted((far_x - x, far_y - y)) == sorted(base)
        assert x >= 0
        assert y >= 0
        assert far_x <= deck[0]
        assert far_y <= deck[1]
        for left, near, right, far in laid[:i]:
            assert far_x <= left or right <= x or far_y <= near or far <= y
