"""Weather and other dangers that touch places and lanes for a while."""

from enum import StrEnum
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from domain.area import EARTH_RADIUS_KM, Ring, from_path_km, path, ring
from domain.quantities import Instant, Place, Positive, Text, Value


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

    def __copy__(self) -> Self:
        # A copy may be given another area.
        copied = super().__copy__()
        for prepared in ("rings", "by_length"):
            copied.__dict__.pop(prepared, None)
        return copied

    @property
    def located(self) -> bool:
        """Tell whether it has any area that places can be compared with."""
        coded = self.regions or self.postal_prefixes
        return bool(self.has_geometry or coded)

    @property
    def has_geometry(self) -> bool:
        return bool(self.circle or self.circles or self.polygons)

    @cached_property
    def rings(self) -> tuple[Ring, ...]:
        """Return the polygons, prepared once for comparison."""
        return tuple(ring(polygon) for polygon in self.polygons if polygon)

    @cached_property
    def by_length(self) -> tuple[tuple[int, frozenset[str]], ...]:
        """Return the postal prefixes by their length, prepared for comparison."""
        lengths = sorted({len(prefix) for prefix in self.postal_prefixes})
        return tuple(
            (length, frozenset(p for p in self.postal_prefixes if len(p) == length))
            for length in lengths
        )

    def active(self, now: Instant) -> bool:
        """Tell whether the hazard holds at that instant (end excluded)."""
        return self.valid_from <= now < self.valid_until

    def touches(self, place: Place) -> bool:
        """Tell whether the place lies in the hazard's area, its edge included.

        Codes count in the hazard's country only, geometry everywhere. A place
        without coordinates is compared by region and postal code alone.
        """
        return self._names(place) or self._covers(place)

    def touches_lane(self, a: Place, b: Place) -> bool:
        """Tell whether the shortest path between two places meets the area.

        Either end in it is enough. The path is a great circle's arc: its
        distance from a circle's center is exact, polygons are met by pieces of
        20 km (some 20 m off at most up to 60° of latitude). Where either place
        has no coordinates, only the ends can tell.
        """
        if self._names(a) or self._names(b):
            return True
        if not self.has_geometry:
            return False
        start, end = _at(a), _at(b)
        if start is None or end is None:
            return self._covers(a) or self._covers(b)
        for circle in self._circles():
            center = circle.latitude, circle.longitude
            if from_path_km(*center, *start, *end) <= circle.radius_km:
                return True
        for shape in self.rings:
            # Cutting a path into pieces takes a hundred times longer than this look.
            if from_path_km(*shape.middle, *start, *end) > shape.reach_km:
                continue
            if shape.meets(path(*start, *end)):
                return True
        return False

    def undecided(self, place: Place) -> bool:
        """Tell whether only what the address leaves out keeps us from knowing."""
        if place.country != self.country or self.touches(place):
            return False
        unseen = self.has_geometry and not place.located
        return unseen or (bool(self.regions) and not place.region)

    def _names(self, place: Place) -> bool:
        if place.country != self.country:
            return False
        if place.region and place.region in self.regions:
            return True
        code = place.postal_code
        return any(code[:length] in known for length, known in self.by_length)

    def _covers(self, place: Place) -> bool:
        at = _at(place)
        if at is None or not self.has_geometry:
            return False
        for circle in self._circles():
            if _within(circle, *at):
                return True
        latitude, longitude = at
        for shape in self.rings:
            box = shape.box
            if box.south <= latitude <= box.north and shape.holds(latitude, longitude):
                return True
        return False

    def _circles(self) -> tuple[Circle, ...]:
        return self.circles if self.circle is None else (self.circle, *self.circles)


def _at(place: Place) -> tuple[float, float] | None:
    if place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


def _within(circle: Circle, latitude: float, longitude: float) -> bool:
    # One degree of latitude is 111.19 km; most circles are far away.
    if abs(latitude - circle.latitude) * 111 > circle.radius_km:
        return False
    distance_km = great_circle_km(
        circle.latitude, circle.longitude, latitude, longitude
    )
    return distance_km <= circle.radius_km


def great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the distance between two points on the earth by the haversine formula."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = radians(lon2 - lon1) / 2
    h = sin(half_dphi) ** 2 + cos(phi1) * cos(phi2) * sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, h)))
