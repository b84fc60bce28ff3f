"""Where a hazard is, and which places and lanes it touches."""

from typing import Any

import pytest

from domain.hazard import Circle, Hazard, Point
from domain.quantities import Place
from tests.builders import a_hazard, a_place

LAKE = (
    Point(41.0, -88.0),
    Point(41.0, -87.0),
    Point(43.0, -87.0),
    Point(43.0, -88.0),
)
CHICAGO = {"latitude": 41.88, "longitude": -87.63}
DENVER = a_place("80202", region="CO", latitude=39.74, longitude=-104.99)
BOSTON = a_place("02108", region="MA", latitude=42.36, longitude=-71.06)
MIAMI = a_place("33101", region="FL", latitude=25.77, longitude=-80.19)


def at(postal_code: str = "60601", **overrides: Any) -> Place:
    return a_place(postal_code, **({"region": "IL"} | CHICAGO | overrides))


def only(**area: Any) -> Hazard:
    return a_hazard(**({"regions": ()} | area))


@pytest.mark.parametrize(
    "area",
    [
        {"polygons": (LAKE,)},
        {"circles": (Circle(latitude=0, longitude=0, radius_km=1),) * 2}
        | {"polygons": (LAKE,)},
        {"circles": (Circle(latitude=42, longitude=-87.6, radius_km=20),)},
        {"circle": Circle(latitude=42, longitude=-87.6, radius_km=20)},
        {"regions": ("IL",)},
        {"postal_prefixes": ("3", "606")},
    ],
)
def test_any_of_its_areas_is_enough(area: dict[str, Any]) -> None:
    assert only(**area).touches(at())
    assert only(**area).located
    assert not only(**area).touches(BOSTON)


def test_codes_count_in_their_country_and_geometry_everywhere() -> None:
    windsor = at("N9A", country="CA", region="ON")

    assert only(polygons=(LAKE,)).touches(windsor)
    assert not only(postal_prefixes=("N9",)).touches(windsor)
    assert only(postal_prefixes=("N9",), country="CA").touches(windsor)


def test_zones_alone_locate_nothing() -> None:
    assert not only(zones=("UGC:ANZ100",)).located


def test_a_place_without_coordinates_is_undecided_not_safe() -> None:
    unlocated = at(latitude=None, longitude=None)

    assert not only(polygons=(LAKE,)).touches(unlocated)
    assert only(polygons=(LAKE,)).undecided(unlocated)
    assert not only(polygons=(LAKE,)).undecided(at())
    assert not only(postal_prefixes=("9",)).undecided(unlocated)
    assert only(regions=("IL",)).undecided(at(region=""))


def test_a_lane_through_the_area_is_touched_though_neither_end_is() -> None:
    by_ring = only(polygons=(LAKE,))
    by_circle = only(circles=(Circle(latitude=41.9, longitude=-87.6, radius_km=120),))

    for hazard in (by_ring, by_circle):
        assert hazard.touches_lane(DENVER, BOSTON)
        assert not hazard.touches(DENVER)
        assert not hazard.touches_lane(DENVER, MIAMI)


def test_an_end_in_the_area_touches_the_lane_by_codes_too() -> None:
    storm = only(postal_prefixes=("802",))
    unlocated = DENVER.model_copy(update={"latitude": None})

    assert storm.touches_lane(BOSTON, unlocated)
    assert not storm.touches_lane(BOSTON, MIAMI)


def test_a_copy_with_other_polygons_is_compared_by_those() -> None:
    before = only(polygons=(LAKE,))
    assert before.touches(at())

    moved = before.model_copy(update={"polygons": ((Point(0, 0),) * 4,)})

    assert not moved.touches(at())


def test_looking_at_a_hazard_changes_nothing_of_it() -> None:
    seen, unseen = only(polygons=(LAKE,)), only(polygons=(LAKE,))
    seen.touches(at())

    assert seen == unseen
    assert seen.model_dump_json() == unseen.model_dump_json()
    assert Hazard.model_validate_json(seen.model_dump_json()) == unseen


def test_a_lane_that_begins_or_ends_in_a_polygon_is_touched() -> None:
    storm = only(polygons=(LAKE,))

    assert storm.touches_lane(at(), MIAMI)
    assert storm.touches_lane(MIAMI, at())
    assert storm.touches_lane(at(), at())


def test_of_a_lane_only_one_end_of_which_is_located_that_end_tells() -> None:
    storm = only(polygons=(LAKE,))
    unlocated = DENVER.model_copy(update={"latitude": None})

    assert storm.touches_lane(unlocated, at())
    assert not storm.touches_lane(unlocated, BOSTON)


def test_a_copy_with_other_prefixes_is_compared_by_those() -> None:
    before = only(postal_prefixes=("606", "60"))
    assert before.touches(at())

    moved = before.model_copy(update={"postal_prefixes": ("9", "6060")})

    assert [moved.touches(at(code)) for code in ("60601", "61000", "94107")] == [
        True,
        False,
        True,
    ]
