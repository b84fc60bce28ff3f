"""Points in rings and paths through them, compared with slow and plain arithmetic."""

from fractions import Fraction
from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.area import Spot, from_path_km, path, ring
from domain.hazard import great_circle_km

MANY = settings(max_examples=120, deadline=None)
SQUARE = ((40.0, -90.0), (40.0, -80.0), (45.0, -80.0), (45.0, -90.0))
FIJI = ((-20.0, 175.0), (-15.0, 175.0), (-15.0, -178.0), (-20.0, -178.0))

_grid = st.tuples(st.integers(-6, 6), st.integers(-6, 6))
_spots = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


def floats(spots: list[tuple[int, int]]) -> list[Spot]:
    """Put whole points between the whole degrees, where floats are not exact."""
    return [(lat * 0.1, lon * 0.1) for lat, lon in spots]


def slowly_holds(corners: list[Spot], spot: Spot) -> bool:
    """Wind around the point in fractions; on an edge counts as inside."""
    exact = [(Fraction(a), Fraction(b)) for a, b in (*corners, corners[0])]
    y, x = Fraction(spot[0]), Fraction(spot[1])
    winding = 0
    for (y1, x1), (y2, x2) in pairwise(exact):
        area = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        in_box = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
        if area == 0 and in_box:
            return True
        winding += (y1 <= y < y2 and area > 0) - (y2 <= y < y1 and area < 0)
    return winding != 0


@MANY
@given(st.lists(_grid, min_size=3, max_size=9), _grid)
def test_a_point_is_in_a_ring_exactly_when_fractions_say_so(
    corners: list[tuple[int, int]], spot: tuple[int, int]
) -> None:
    [at], shape = floats([spot]), floats(corners)

    assert ring(shape).holds(*at) is slowly_holds(shape, at)


@MANY
@given(st.lists(_grid, min_size=3, max_size=9), _grid, st.integers(0, 8))
def test_neither_the_turn_nor_the_start_of_a_ring_matters(
    corners: list[tuple[int, int]], spot: tuple[int, int], start: int
) -> None:
    [at], shape = floats([spot]), floats(corners)
    turned = [*shape[start:], *shape[:start]][::-1]

    assert ring(turned).holds(*at) is ring([*shape, shape[0]]).holds(*at)


@pytest.mark.parametrize(
    ("longitude", "inside"),
    [
        *((174.9, False), (175, True), (179.9, True)),
        *((-180, True), (-178, True), (-177.9, False), (0, False)),
    ],
)
def test_a_ring_may_cross_the_antimeridian(longitude: float, inside: bool) -> None:
    assert ring(FIJI).holds(-17.0, longitude) is inside


@pytest.mark.parametrize(
    ("latitude", "inside"), [(89, True), (-89, False), (64, False)]
)
def test_a_ring_around_a_pole_holds_the_pole(latitude: float, inside: bool) -> None:
    arctic = [(66.0, float(lon)) for lon in range(-180, 180, 45)]

    assert ring(arctic).holds(latitude, 100) is inside


@MANY
@given(_spots, _spots, st.floats(0, 1))
def test_points_of_a_path_lie_on_it_and_their_ways_add_up(
    a: Spot, b: Spot, share: float
) -> None:
    spots = path(*a, *b).spots
    lat, lon = spots[round(share * (len(spots) - 1))]
    way = great_circle_km(*a, lat, lon) + great_circle_km(lat, lon, *b)

    assert from_path_km(lat, lon, *a, *b) < 0.01
    assert isclose(way, great_circle_km(*a, *b), abs_tol=0.01)


@MANY
@given(_spots, _spots, _spots)
def test_the_distance_from_a_path_is_that_to_its_nearest_point(
    point: Spot, a: Spot, b: Spot
) -> None:
    nearest = min(great_circle_km(*point, *spot) for spot in path(*a, *b).spots)

    distance = from_path_km(*point, *a, *b)

    assert distance <= nearest + 0.01
    assert nearest - distance <= 10.1


@pytest.mark.parametrize(
    ("a", "b", "meets"),
    [
        ((42.0, -85.0), (0.0, 0.0), True),
        ((42.0, -100.0), (42.0, -70.0), True),
        ((39.1, -100.0), (39.1, -70.0), True),
        ((39.0, -100.0), (39.0, -70.0), False),
        ((38.0, -100.0), (30.0, -70.0), False),
        ((46.0, -95.0), (41.0, -91.0), False),
        ((40.0, -95.0), (40.0, -90.0), True),
    ],
)
def test_a_path_meets_a_ring_it_runs_through_or_touches(
    a: Spot, b: Spot, meets: bool
) -> None:
    assert ring(SQUARE).meets(path(*a, *b)) is meets
    assert ring(SQUARE).meets(path(*b, *a)) is meets


def test_a_path_over_the_antimeridian_meets_the_ring_on_it() -> None:
    assert ring(FIJI).meets(path(-18.0, 150.0, -17.0, -150.0))
    assert not ring(FIJI).meets(path(-18.0, 150.0, -17.0, 10.0))


@settings(max_examples=40, deadline=None)
@given(_spots, _spots, _spots)
def test_a_path_with_a_point_in_a_ring_meets_it(a: Spot, b: Spot, c: Spot) -> None:
    lat, lon = path(*a, *b).spots[len(path(*a, *b).spots) // 3]
    west, east = lon - 1, lon + 1
    around = [(lat - 1, west), (lat - 1, east), (lat + 1, east), (lat + 1, west)]

    assert ring(around).meets(path(*a, *b))
    assert ring(around).holds(*c) is (
        abs(c[0] - lat) <= 1 and any(west <= c[1] + t <= east for t in (-360, 0, 360))
    )


@MANY
@given(st.lists(_spots, min_size=3, max_size=5), _spots, _spots)
def test_no_path_that_meets_a_ring_is_farther_from_its_middle_than_it_reaches(
    corners: list[Spot], a: Spot, b: Spot
) -> None:
    around = ring(corners)

    if around.meets(path(*a, *b)):
        assert from_path_km(*around.middle, *a, *b) <= around.reach_km
