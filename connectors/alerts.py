"""What feeds of alerts have in common: their words, and what a reading answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from domain.hazard import Hazard, Point, Severity

HEADLINE = 500
KIND = 80
ID = 200
# A ring with more points than any issuer draws is not worth the time it takes.
MOST_POINTS = 20_000
SHORTEST = timedelta(minutes=1)


class Unreadable(ValueError):
    """One alert cannot be read; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The alerts of a document.

    ``problems`` are sentences on what could not be read; ``unreadable`` the ids
    of alerts lost by them, of which nobody knows whether they still hold.
    ``left_out`` says of the others why they are no hazards: tests, exercises,
    cancelled or superseded ones. Without ``complete`` the document is a part
    of the list only: what it leaves out may still hold.
    """

    hazards: tuple[Hazard, ...] = ()
    problems: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    complete: bool = True


@dataclass(slots=True)
class Collected:
    """What was found so far in a document, in its order."""

    hazards: list[tuple[str, Hazard]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    superseded: dict[str, str] = field(default_factory=dict)

    def supersede(self, old: Iterable[str], by: str) -> None:
        """Note which earlier alerts an update or a cancellation replaces."""
        self.superseded.update((one, by) for one in old if one != by)

    def reading(self, *, complete: bool = True) -> Reading:
        """Leave out what is superseded and keep ids apart."""
        kept: dict[str, Hazard] = {}
        left_out = list(self.left_out)
        for alert, hazard in self.hazards:
            if alert in self.superseded:
                left_out.append(f"{alert}: replaced by {self.superseded[alert]}")
                continue
            apart = _apart(kept, hazard)
            kept[apart.id] = apart
        return Reading(
            hazards=tuple(kept.values()),
            problems=tuple(self.problems),
            unreadable=tuple(self.unreadable),
            left_out=tuple(left_out),
            complete=complete,
        )


def _apart(kept: Mapping[str, Hazard], hazard: Hazard) -> Hazard:
    """Give a second alert under one id, if it says something else, its own."""
    if kept.get(hazard.id, hazard) == hazard:
        return hazard
    digest = sha256(hazard.model_dump_json().encode()).hexdigest()[:8]
    return hazard.model_copy(update={"id": f"{hazard.id[: ID - 9]}#{digest}"})


def build(values: Mapping[str, Any]) -> Hazard:
    """Build a hazard; what is wrong with it becomes one sentence.

    Raises
    ------
    Unreadable
        When a field is not what a hazard can have.
    """
    try:
        return Hazard(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"{where}: {first['msg']}" if where else str(first["msg"])
        raise Unreadable(msg) from None


def slug(text: object, otherwise: str = "alert") -> str:
    """Turn an event's name into a word rules can read: ``winter-storm-watch``."""
    if not isinstance(text, str):
        return otherwise
    word = "-".join(re.findall(r"[a-z0-9]+", text.casefold()))
    return word[:KIND].strip("-") or otherwise


def severity(text: object) -> Severity:
    """Read a severity; a word nobody knows is ``unknown``."""
    word = text.strip().casefold() if isinstance(text, str) else ""
    return Severity(word) if word in set(Severity) else Severity.UNKNOWN


def line(text: object, most: int = HEADLINE) -> str:
    """Put a text on one line and keep it short."""
    return " ".join(text.split())[:most] if isinstance(text, str) else ""


def instant(text: object, name: str) -> datetime | None:
    """Read an instant with its offset; None where there is none.

    Raises
    ------
    Unreadable
        When it is not ISO 8601, or says no offset.
    """
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    try:
        found = datetime.fromisoformat(str(text).strip())
        if found.tzinfo is None:
            msg = f"{name}: {text!r} has no offset from UTC"
            raise Unreadable(msg)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        msg = f"{name}: {text!r} is not an instant such as 2026-03-02T12:00:00-06:00"
        raise Unreadable(msg) from None


def spot(latitude: float, longitude: float) -> Point:
    """Make a point, its longitude brought between -180 and 180.

    Raises
    ------
    Unreadable
        When it is not on the earth.
    """
    if not (-90 <= latitude <= 90 and -540 <= longitude <= 540):
        msg = f"{latitude},{longitude} is no latitude and longitude"
        raise Unreadable(msg)
    if not -180 <= longitude <= 180:
        longitude = (longitude + 180) % 360 - 180
    return Point(latitude, longitude)


def polygon(points: list[Point]) -> tuple[Point, ...]:
    """Check that a ring encloses something.

    Raises
    ------
    Unreadable
        When it has fewer than three different points, or absurdly many.
    """
    if len(set(points)) < 3:
        msg = f"a polygon of {len(set(points))} different points encloses nothing"
        raise Unreadable(msg)
    if len(points) > MOST_POINTS:
        msg = f"a polygon of {len(points):,} points, at most {MOST_POINTS:,} are read"
        raise Unreadable(msg)
    return tuple(points)


def until(begins: datetime, *ends: datetime | None, at_least: timedelta) -> datetime:
    """Return the latest of the ends given, but some time after the beginning."""
    return max([begins + at_least, *(end for end in ends if end is not None)])


def begun_before(ends: datetime, *begins: datetime) -> datetime:
    """Return the first beginning that is before the end, else a minute before it."""
    earlier = (begin for begin in begins if begin < ends)
    return next(earlier, ends - SHORTEST)
