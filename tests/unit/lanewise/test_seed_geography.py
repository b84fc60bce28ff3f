import pytest

from domain.hazard import great_circle_km
from domain.quantities import Place
from lanewise.world.geography import cities, locate, time_zone


def test_a_postal_code_is_located() -> None:
    place = locate(Place(postal_code="60601"))

    assert (place.city, place.region) == ("Chicago", "IL")
    assert place.latitude == pytest.approx(41.88, abs=0.05)
    assert place.longitude == pytest.approx(-87.62, abs=0.05)


def test_the_four_digits_after_it_do_no_harm() -> None:
    assert locate(Place(postal_code="60601-1234")).region == "IL"


def test_a_postal_code_not_in_use_is_put_among_its_neighbors() -> None:
    place = locate(Place(postal_code="60600"))

    assert place.region == "IL"
    assert place.city == ""
    assert place.latitude == pytest.approx(41.8, abs=0.3)


@pytest.mark.parametrize("postal_code", ["K1A 0B1", "00000", "6060", "²³¹00", "ABCDE"])
def test_an_unknown_postal_code_changes_nothing(postal_code: str) -> None:
    place = Place(postal_code=postal_code)

    assert locate(place) == place


def test_a_foreign_place_is_left_alone() -> None:
    place = Place(country="DE", postal_code="10115")

    assert locate(place) == place


def test_what_a_place_says_of_itself_is_kept() -> None:
    place = Place(postal_code="60601", city="Loop", latitude=41.0, longitude=-87.0)

    located = locate(place)

    assert (located.city, located.region) == ("Loop", "IL")
    assert (located.latitude, located.longitude) == (41.0, -87.0)


def test_armed_forces_codes_are_nowhere() -> None:
    assert not locate(Place(postal_code="09012")).located


@pytest.mark.parametrize(
    ("postal_code", "zone"),
    [("85043", "America/Phoenix"), ("98390", "America/Los_Angeles"), ("??", "UTC")],
)
def test_places_have_time_zones(postal_code: str, zone: str) -> None:
    assert time_zone(Place(postal_code=postal_code)) == zone


def test_the_city_table_agrees_with_the_postal_codes() -> None:
    for city in cities():
        for place in city.places:
            known = locate(Place(postal_code=place.postal_code))
            ends = (known.latitude, known.longitude, place.latitude, place.longitude)

            assert (known.city, known.region) == (city.name, city.region)
            assert great_circle_km(*(end or 0.0 for end in ends)) < 1


def test_cities_come_largest_first() -> None:
    assert cities()[0].name == "New York"
    assert len(cities()) == 80
