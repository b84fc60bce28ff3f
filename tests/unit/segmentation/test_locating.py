"""Alerts without geometry are found by their counties; others are left as they are."""

from typing import Any

import pytest

from domain.hazard import Circle, Hazard
from segmentation.locating import STATES, counties, locate
from tests.builders import a_hazard, a_place


def named(*zones: str, **overrides: Any) -> Hazard:
    return locate(a_hazard(**({"regions": (), "zones": zones} | overrides)))


@pytest.mark.parametrize(
    ("zone", "inside", "outside"),
    [
        ("SAME:006037", "90012", "92602"),
        ("UGC:CAC037", "90012", "92602"),
        ("FIPS6:006037", "90012", "92602"),
        ("SAME:106037", "90012", "92602"),
        ("SAME:022071", "70112", "70001"),
        ("SAME:051760", "23219", "22401"),
        ("SAME:051159", "22572", "23219"),
        ("SAME:029510", "63101", "63005"),
        ("SAME:029189", "63005", "63101"),
        ("SAME:035013", "88001", "87101"),
        ("UGC:DCC001", "20001", "22201"),
        ("SAME:072127", "00907", "00601"),
        ("SAME:046102", "57770", "57701"),
        ("SAME:002020", "99501", "99701"),
        ("SAME:009110", "06103", "06604"),
        ("SAME:078010", "00820", "00801"),
        ("SAME:066000", "96910", "96950"),
    ],
)
def test_a_county_by_any_of_its_codes_holds_its_postal_codes(
    zone: str, inside: str, outside: str
) -> None:
    hazard = named(zone)

    assert hazard.touches(a_place(inside, region=""))
    assert not hazard.touches(a_place(outside))


def test_a_whole_area_is_told_by_its_three_digits() -> None:
    manhattan = named("SAME:036061", "UGC:NYC061")

    assert manhattan.postal_prefixes == ("100", "101", "102")


def test_a_county_beside_others_in_an_area_is_told_by_its_own_codes() -> None:
    prefixes = named("SAME:015005").postal_prefixes

    assert prefixes == ("96742",)


@pytest.mark.parametrize("zone", ["SAME:006000", "UGC:CAZ000", "UGC:CAZALL"])
def test_a_whole_state_is_a_region_and_its_postal_codes(zone: str) -> None:
    hazard = named(zone)

    assert hazard.regions == ("CA",)
    assert hazard.touches(a_place("90012", region="CA"))
    assert hazard.touches(a_place("96161", region=""))
    assert not hazard.touches(a_place("89501", region="NV"))


@pytest.mark.parametrize(
    "zone",
    [
        *("UGC:CAZ072", "UGC:ANZ338", "SAME:073338", "SAME:099999", "UGC:XXC001"),
        *("EMMA_ID:DE123", "CLC:044100", "FIRE:NMZ101", "SAME:", "nonsense"),
    ],
)
def test_a_zone_nobody_knows_leaves_the_alert_unlocated(zone: str) -> None:
    hazard = named(zone)

    assert not hazard.located
    assert hazard.zones == (zone,)


def test_geometry_is_finer_than_zones_and_stays_alone() -> None:
    circle = Circle(latitude=34, longitude=-118, radius_km=5)

    assert named("SAME:006037", circles=(circle,)).postal_prefixes == ()


def test_zones_of_another_country_are_not_taken_for_counties() -> None:
    assert not named("SAME:006037", country="CA").located


def test_what_an_alert_already_names_is_kept() -> None:
    hazard = named("SAME:015005", postal_prefixes=("967",), regions=("HI",))

    assert hazard.postal_prefixes == ("967", "96742")
    assert hazard.regions == ("HI",)


def test_nearly_every_county_and_no_foreign_state_is_in_the_table() -> None:
    known = counties()

    assert len(known) > 3_220
    assert {fips[:2] for fips in known} == set(STATES) - {"64", "68", "70"}
    assert len({zip_ for zips in known.values() for zip_ in zips}) > 41_900
    assert all(zips for zips in known.values())
