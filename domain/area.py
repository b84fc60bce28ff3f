"""Areas on the earth: rings of points, and the shortest path between two places.

A ring's edges are straight in latitude and longitude, as alerts mean them
(RFC 7946, section 3.1.1); a path is an arc of a great circle. A ring may cross
the antimeridian, run either way round, and repeat its first point at the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import asin, atan2, ceil, cos, degrees, hypot, radians, sin, sqrt

# Pieces this short follow a great circle within some 20 m up to 60° of latitude.
PIECE_KM = 20
EARTH_RADIUS_KM = 6371.0088

# Latitude and longitude, the latter perhaps beyond ±180 to stay continuous.
Spot = tuple[float, float]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """The least and greatest latitude and longitude of something."""

    south: float
    west: float
    north: float
    east: float

    def shifts_of(self, west: float, east: float) -> Iterator[float]:
        """Yield the whole turns that bring an interval of longitude in here."""
        turn = ceil((self.west - east) / 360)
        while west + 360 * turn <= self.east:
            yield 360.0 * turn
            turn += 1


# No distance is off by more than this for being reckoned in floating point.
ROUNDING_KM = 1e-6


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line around an area; what lies on the line lies in it.

    All of it is within ``reach_km`` of its ``middle``.
    """

    spots: tuple[Spot, ...]
    box: Box
    middle: Spot
    reach_km: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Tell whether a point lies in the area, exactly."""
        if not self.box.south <= latitude <= self.box.north:
            return False
        return any(
            self._encloses((latitude, longitude + shift))
            for shift in self.box.shifts_of(longitude, longitude)
        )

    def meets(self, path: "Path") -> bool:
        """Tell whether a path begins in the area or crosses its line."""
        ours, theirs = self.box, path.box
        if theirs.north < ours.south or theirs.south > ours.north:
            return False
        if self.holds(*path.spots[0]):
            return True
        return any(
            self._crossed(path, shift)
            for shift in ours.shifts_of(theirs.west, theirs.east)
        )

    def _encloses(self, spot: Spot) -> bool:
        """Count the edges a ray to the east meets (Sunday's winding number)."""
        winding = 0
        for start, end in pairwise(self.spots):
            side = 0
            if min(start[0], end[0]) <= spot[0] <= max(start[0], end[0]):
                side = _side(start, end, spot)
                if side == 0 and _between(start, end, spot):
                    return True
            if start[0] <= spot[0] < end[0]:
                winding += side > 0
            elif end[0] <= spot[0] < start[0]:
                winding -= side < 0
        return winding != 0

    def _crossed(self, path: "Path", shift: float) -> bool:
        box = self.box
        for (lat1, lon1), (lat2, lon2) in pairwise(path.spots):
            west, east = sorted((lon1 + shift, lon2 + shift))
            if east < box.west or west > box.east:
                continue
            if max(lat1, lat2) < box.south or min(lat1, lat2) > box.north:
                continue
            one, other = (lat1, lon1 + shift), (lat2, lon2 + shift)
            if any(_meet(one, other, a, b) for a, b in pairwise(self.spots)):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Path:
    """A great circle's arc between two points, in short straight pieces."""

    spots: tuple[Spot, ...]
    box: Box


def ring(points: Sequence[Spot]) -> Ring:
    """Close a line of points into a ring and make its longitudes continuous.

    Each edge goes the shorter way round the earth. A line around a pole has
    the pole nearer to it inside.
    """
    closed = [*points, points[0]] if points[0] != points[-1] else list(points)
    spots = _continuous(closed)
    (first_lat, first_lon), (_, last_lon) = spots[0], spots[-1]
    if abs(last_lon - first_lon) > 180:
        pole = 90.0 if sum(lat for lat, _ in spots) > 0 else -90.0
        spots += [(pole, last_lon), (pole, first_lon), (first_lat, first_lon)]
    box = _box(spots)
    middle = (box.south + box.north) / 2, (box.west + box.east) / 2
    farthest_km = max(_apart_km(middle, spot) for spot in spots)
    # A point of an edge is half the edge from one of its ends, or nearer; as the
    # map's straight line may be the longer way, not less than the whole is added.
    longest_km = max(_apart_km(one, other) for one, other in pairwise(spots))
    return Ring(tuple(spots), box, middle, farthest_km + longest_km + ROUNDING_KM)


@lru_cache(maxsize=256)
def path(lat1: float, lon1: float, lat2: float, lon2: float) -> Path:
    """Cut the shortest path between two points into pieces.

    Between opposite points of the earth every path is as short; the one kept
    is the straight piece on the map.
    """
    start, end = _vector(lat1, lon1), _vector(lat2, lon2)
    angle = _angle(start, end)
    pieces = max(1, ceil(angle * EARTH_RADIUS_KM / PIECE_KM))
    inner = []
    if sin(angle) > 1e-9:
        inner = [_spot(_mixed(start, end, angle, n / pieces)) for n in range(1, pieces)]
    spots = _continuous([(lat1, lon1), *inner, (lat2, lon2)])
    return Path(tuple(spots), _box(spots))


def from_path_km(
    latitude: float,
    longitude: float,
    lat1: float,
    lon1: float,
    lat2: float,
    lon2: float,
) -> float:
    """Return how far a point is from the shortest path between two others.

    By the cross-track formula where the nearest point is inside the path, else
    the distance to the nearer end.
    """
    point = _vector(latitude, longitude)
    start, end = _vector(lat1, lon1), _vector(lat2, lon2)
    normal = _cross(start, end)
    length = sqrt(_dot(normal, normal))
    beside = (
        length > 1e-12
        and _dot(_cross(normal, start), point) > 0
        and _dot(_cross(end, normal), point) > 0
    )
    if beside:
        angle = abs(asin(max(-1.0, min(1.0, _dot(normal, point) / length))))
    else:
        angle = min(_angle(point, start), _angle(point, end))
    return angle * EARTH_RADIUS_KM


def _apart_km(one: Spot, other: Spot) -> float:
    return _angle(_vector(*one), _vector(*other)) * EARTH_RADIUS_KM


def _continuous(points: Sequence[Spot]) -> list[Spot]:
    spots = [points[0]]
    for latitude, longitude in points[1:]:
        turns = round((spots[-1][1] - longitude) / 360)
        spots.append((latitude, longitude + 360 * turns))
    return spots


def _box(spots: Sequence[Spot]) -> Box:
    lats, lons = zip(*spots, strict=True)
    return Box(min(lats), min(lons), max(lats), max(lons))


def _side(start: Spot, end: Spot, spot: Spot) -> int:
    """Tell on which side of a directed line a point is: 1 west, -1 east, 0 on it.

    (For a line going north.) Rounding cannot decide it: where the float is too
    close to zero to be sure, fractions do.
    """
    left = (spot[0] - start[0]) * (end[1] - start[1])
    right = (spot[1] - start[1]) * (end[0] - start[0])
    difference = left - right
    # Shewchuk's error bound of this determinant in double precision.
    if abs(difference) > 3.3306690738754716e-16 * (abs(left) + abs(right)):
        return 1 if difference > 0 else -1
    (a, b), (c, d), (e, f) = [
        (Fraction(lat), Fraction(lon)) for lat, lon in (start, end, spot)
    ]
    exact = (e - a) * (d - b) - (f - b) * (c - a)
    return (exact > 0) - (exact < 0)


def _between(start: Spot, end: Spot, spot: Spot) -> bool:
    """Tell whether a point on the line lies on its piece."""
    return min(start[0], end[0]) <= spot[0] <= max(start[0], end[0]) and (
        min(start[1], end[1]) <= spot[1] <= max(start[1], end[1])
    )


def _meet(one: Spot, other: Spot, start: Spot, end: Spot) -> bool:
    """Tell whether two straight pieces have a point in common."""
    first, second = _side(start, end, one), _side(start, end, other)
    third, fourth = _side(one, other, start), _side(one, other, end)
    if first != second and third != fourth:
        return True
    return (
        (first == 0 and _between(start, end, one))
        or (second == 0 and _between(start, end, other))
        or (third == 0 and _between(one, other, start))
        or (fourth == 0 and _between(one, other, end))
    )


def _vector(latitude: float, longitude: float) -> Vector:
    phi, theta = radians(latitude), radians(longitude)
    return cos(phi) * cos(theta), cos(phi) * sin(theta), sin(phi)


def _spot(vector: Vector) -> Spot:
    x, y, z = vector
    return degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))


def _mixed(start: Vector, end: Vector, angle: float, share: float) -> Vector:
    near, far = sin((1 - share) * angle), sin(share * angle)
    (a, b, c), (d, e, f) = start, end
    return near * a + far * d, near * b + far * e, near * c + far * f


def _angle(one: Vector, other: Vector) -> float:
    across = _cross(one, other)
    return atan2(sqrt(_dot(across, across)), _dot(one, other))


def _cross(one: Vector, other: Vector) -> Vector:
    (a, b, c), (d, e, f) = one, other
    return b * f - c * e, c * d - a * f, a * e - b * d


def _dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
