"""Locates an alert without geometry by the codes of the zones it names.

Known are US counties, as ``SAME`` (and ``FIPS6``) and ``UGC`` codes have them,
and whole states. A forecast or fire weather zone (``UGC:CAZ072``) is not a
county, and no table of them comes with us: alerts nearly always name the
counties beside it. Seas, and the zones of other countries, stay unlocated.
"""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from domain.hazard import Hazard

# States and territories by the first two digits of their counties' codes.
STATES = {
    **{"01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO"},
    **{"09": "CT", "10": "DE", "11": "DC", "12": "FL", "13": "GA", "15": "HI"},
    **{"16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY"},
    **{"22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN"},
    **{"28": "MS", "29": "MO", "30": "MT", "31": "NE", "32": "NV", "33": "NH"},
    **{"34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH"},
    **{"40": "OK", "41": "OR", "42": "PA", "44": "RI", "45": "SC", "46": "SD"},
    **{"47": "TN", "48": "TX", "49": "UT", "50": "VT", "51": "VA", "53": "WA"},
    **{"54": "WV", "55": "WI", "56": "WY", "60": "AS", "64": "FM", "66": "GU"},
    **{"68": "MH", "69": "MP", "70": "PW", "72": "PR", "78": "VI"},
}
_NUMBERS = {state: number for number, state in STATES.items()}
# The first digit tells a part of the county (1: north-west …); all of it counts.
_SAME = re.compile(r"(?:SAME|FIPS6?):\d?(\d{2})(\d{3})")
_UGC = re.compile(r"UGC:([A-Z]{2})C(\d{3})")
_WHOLE_UGC = re.compile(r"UGC:([A-Z]{2})[CZ](000|ALL)")


def locate(hazard: Hazard) -> Hazard:
    """Fill in postal prefixes and regions from an alert's zone codes.

    An alert with geometry, or from outside the US, is returned as it is; so is
    one none of whose zones is known, which stays unlocated. Where all postal
    codes that begin with the same three digits are meant, those digits stand
    for them.
    """
    if hazard.has_geometry or hazard.country != "US":
        return hazard
    counties = set(_counties(hazard.zones))
    regions = {STATES[n] for n, part in counties if part == "000" and n in STATES}
    known = _zips_by_county()
    zips = {z for n, part in counties for z in known.get(n + part, ())}
    # An address may leave out its region.
    wholes = tuple(n for n, part in counties if part == "000")
    zips |= {z for fips in known if fips.startswith(wholes) for z in known[fips]}
    if not zips and not regions:
        return hazard
    update = {
        "postal_prefixes": _together(hazard.postal_prefixes, shortened(zips)),
        "regions": _together(hazard.regions, regions),
    }
    return hazard.model_copy(update=update)


def shortened(zips: set[str]) -> tuple[str, ...]:
    """Return ZIP codes with whole areas of three digits as their three digits."""
    wholes = {
        zip3 for zip3 in {zip_[:3] for zip_ in zips} if _zips_by_zip3()[zip3] <= zips
    }
    rest = {zip_ for zip_ in zips if zip_[:3] not in wholes}
    return tuple(sorted(wholes | rest))


def counties() -> dict[str, tuple[str, ...]]:
    """Return the ZIP codes of every known county by its five-digit code."""
    return dict(_zips_by_county())


def _counties(zones: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the state's and the county's number of each code that has them."""
    for zone in zones:
        if same := _SAME.fullmatch(zone):
            yield same[1], same[2]
        elif (whole := _WHOLE_UGC.fullmatch(zone)) and whole[1] in _NUMBERS:
            yield _NUMBERS[whole[1]], "000"
        elif (ugc := _UGC.fullmatch(zone)) and ugc[1] in _NUMBERS:
            yield _NUMBERS[ugc[1]], ugc[2]


def _together(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))


@cache
def _zips_by_county() -> dict[str, tuple[str, ...]]:
    packed = files("segmentation").joinpath("zones", "us_counties.csv.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["fips"]: tuple(row["zips"].split()) for row in rows}


@cache
def _zips_by_zip3() -> dict[str, frozenset[str]]:
    areas: dict[str, set[str]] = {}
    for zips in _zips_by_county().values():
        for zip_ in zips:
            areas.setdefault(zip_[:3], set()).add(zip_)
    return {zip3: frozenset(zips) for zip3, zips in areas.items()}
