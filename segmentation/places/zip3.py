"""Where the areas of US postal codes are: time zone, region, town or country."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from domain.quantities import Place

# Countries and territories whose addresses have US ZIP codes.
WITH_ZIP_CODES = ("US", "PR", "VI", "GU", "AS", "MP")
URBAN_PERMILLE = 500


@dataclass(frozen=True, slots=True)
class Area:
    """What ZIP codes with the same first three digits have in common.

    ``urban_permille`` is how many of a thousand of them lie near a city: within
    15 km of one of 50,000 people, or 40 km of one of 500,000.
    """

    zip3: str
    region: str
    time_zone: str
    latitude: float
    longitude: float
    urban_permille: int
    zips: int

    @property
    def urban(self) -> bool:
        """Tell whether at least half of its ZIP codes lie near a city."""
        return self.urban_permille >= URBAN_PERMILLE


def area_of(place: Place) -> Area | None:
    """Return the area of a US place's postal code, None where there is none."""
    if place.country not in WITH_ZIP_CODES:
        return None
    return areas().get(place.postal_code.strip()[:3])


@lru_cache(maxsize=1)
def areas() -> dict[str, Area]:
    """Read all areas by their three digits."""
    text = files("segmentation.places").joinpath("zip3.csv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {row["zip3"]: _area(row) for row in csv.DictReader(lines)}


def _area(row: dict[str, str]) -> Area:
    return Area(
        zip3=row["zip3"],
        region=row["region"],
        time_zone=row["time_zone"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        urban_permille=int(row["urban_permille"]),
        zips=int(row["zips"]),
    )
