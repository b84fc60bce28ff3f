"""Weather and other dangers that touch places and lanes for a while."""

from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from domain.quantities import Instant, Place, Positive, Text, Value

EARTH_RADIUS_KM = 6371.0088


class Severity(StrEnum):
    """How bad, in the words of the Common Alerting Protocol."""

    UNKNOWN = "unknown"
    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"
    EXTREME = "extreme"


SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Circle(Value):
    """Everything within a radius of a point."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    radius_km: Positive


class Point(NamedTuple):
    """A point on the earth, latitude first."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Hazard(Value):
    """One alert: what, where, from when until when.

    It has circles, polygons (a ring of points each), regions, or postal
    prefixes, or several of them; a place is touched when any of them holds it.
    ``zones`` are the codes by which the issuer names the area (``SAME:006037``,
    ``UGC:CAZ072``); the prefixes they stand for are filled in where they are
    known. An alert with no area at all is kept and listed as unlocated.
    ``delay_h`` is the belief of hours added to transit on lanes that end (or
    start) in it.
    """

    id: Text
    kind: Text
    severity: Severity = Severity.UNKNOWN
    valid_from: Instant
    valid_until: Instant
    circle: Circle | None = None
    circles: tuple[Circle, ...] = ()
    polygons: tuple[tuple[Point, ...], ...] = ()
    zones: tuple[str, ...] = ()
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    regions: tuple[str, ...] = ()
    postal_prefixes: tuple[str, ...] = ()
    delay_h: Annotated[int, Field(ge=0)] = 0
    headline: str = ""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.valid_until <= self.valid_from:
            msg = f"hazard {self.id!r}: valid_until is not after valid_from"
            raise ValueError(msg)
        return self

    @property
    def located(self) -> bool:
        return bool(self.circle or self.regions or self.postal_prefixes)

    def active(self, now: Instant) -> bool:
        """Tell whether the hazard holds at that instant (end excluded)."""
        return self.valid_from <= now < self.valid_until

    def touches(self, place: Place) -> bool:
        """Tell whether the place lies in the hazard's area."""
        if place.country != self.country and self.circle is None:
            return False
        if place.region and place.region in self.regions:
            return True
        if any(place.postal_code.startswith(p) for p in self.postal_prefixes):
            return True
        if self.circle is None or place.latitude is None or place.longitude is None:
            return False
        distance_km = great_circle_km(
            self.circle.latitude, self.circle.longitude, place.latitude, place.longitude
        )
        return distance_km <= self.circle.radius_km


def great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the distance between two points on the earth by the haversine formula."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = radians(lon2 - lon1) / 2
    h = sin(half_dphi) ** 2 + cos(phi1) * cos(phi2) * sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, h)))
