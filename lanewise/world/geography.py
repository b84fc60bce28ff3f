"""Where US postal codes are, offline, and the cities the seeded world sells to."""

import csv
import re
from functools import cache
from importlib import resources
from random import Random
from typing import Any

import zipcodes

from domain.quantities import Place, Value

# Anything else makes the package raise or, beyond ASCII, panic.
_FORM = re.compile(r"[0-9]{5}(-[0-9]{4})?")
# The package is typed as far as its modules, not its functions.
_ZIPCODES: Any = zipcodes

# ZIP codes of the armed forces have coordinates nobody ships to.
_NOWHERE = frozenset({"MILITARY"})


class City(Value):
    """Some postal codes of one city, with the people who live there."""

    name: str
    region: str
    people: int
    places: tuple[Place, ...]


def locate(place: Place) -> Place:
    """Fill in region, city and coordinates of a US place from its postal code.

    What the place already says is kept. A postal code that is not in use is
    put at the center of those that share its first three digits, without a
    city. A place that is not in the US, or unknown, is returned unchanged.
    """
    if place.country != "US" or (place.located and place.region and place.city):
        return place
    found = _found(place.postal_code.strip())
    if found is None:
        return place
    update: dict[str, Any] = {}
    if not place.located:
        update |= {"latitude": found.latitude, "longitude": found.longitude}
    update |= {"region": place.region or found.region}
    update |= {"city": place.city or found.city}
    return place.model_copy(update=update)


def time_zone(place: Place) -> str:
    """Return the IANA time zone of a US place, "UTC" where it is not known."""
    postal_code = place.postal_code.strip()
    entries = _entries(postal_code) or _neighbors(postal_code)
    return str(entries[0]["timezone"]) if entries else "UTC"


@cache
def cities() -> tuple[City, ...]:
    """Read the cities of the seeded world, largest first."""
    table = resources.files("lanewise.world").joinpath("cities.csv")
    people: dict[tuple[str, str], int] = {}
    places: dict[tuple[str, str], list[Place]] = {}
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["region"], row["city"])
            share = 1_000 * int(row["population_thousands"])
            people[key] = people.get(key, 0) + share
            places.setdefault(key, []).append(_place(row))
    found = [
        City(name=name, region=region, people=count, places=tuple(places[region, name]))
        for (region, name), count in people.items()
    ]
    return tuple(sorted(found, key=lambda city: (-city.people, city.region, city.name)))


def pick_place(random: Random, among: tuple[City, ...]) -> Place:
    """Draw a place, cities by their people."""
    weights = [city.people for city in among]
    city = random.choices(among, weights=weights)[0]
    return random.choice(city.places)


def _place(row: dict[str, str]) -> Place:
    return Place(
        postal_code=row["postal_code"],
        city=row["city"],
        region=row["region"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
    )


@cache
def _found(postal_code: str) -> Place | None:
    entries = _entries(postal_code)
    if entries:
        entry = entries[0]
        return Place(
            postal_code=postal_code,
            city=entry["city"],
            region=entry["state"],
            latitude=float(entry["lat"]),
            longitude=float(entry["long"]),
        )
    return _centroid(postal_code)


def _centroid(postal_code: str) -> Place | None:
    neighbors = _neighbors(postal_code)
    if not neighbors:
        return None
    return Place(
        postal_code=postal_code,
        region=neighbors[0]["state"],
        latitude=sum(float(entry["lat"]) for entry in neighbors) / len(neighbors),
        longitude=sum(float(entry["long"]) for entry in neighbors) / len(neighbors),
    )


def _entries(postal_code: str) -> list[dict[str, Any]]:
    if not _FORM.fullmatch(postal_code):
        return []
    found = _ZIPCODES.matching(postal_code)
    return [entry for entry in found if entry["zip_code_type"] not in _NOWHERE]


@cache
def _neighbors(postal_code: str) -> list[dict[str, Any]]:
    """List what shares the first three digits: one mail center's area."""
    if not _FORM.fullmatch(postal_code):
        return []
    found = _ZIPCODES.similar_to(postal_code[:3])
    return [entry for entry in found if entry["zip_code_type"] not in _NOWHERE]
