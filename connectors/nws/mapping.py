"""Reads alerts of the US National Weather Service: GeoJSON as its API lists them.

An alert holds from its ``onset`` (else ``effective``, else ``sent``) until its
``ends``. Many have no ``ends``; ``expires`` is when the *message* goes stale, not
the weather, so such an alert lasts until ``expires`` or, while it is listed, at
least an hour from now: each poll moves that on, and the first list without it
withdraws it. An instant that cannot be read counts as one that is not given.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.alerts import (
    ID,
    Collected,
    Reading,
    Unreadable,
    begun_before,
    build,
    instant,
    line,
    polygon,
    severity,
    slug,
    spot,
    until,
)
from domain.errors import ContractViolation
from domain.hazard import Hazard, Point

WHILE_LISTED = timedelta(hours=1)

_URN = re.compile(r"urn:oid:[0-9A-Za-z.]+$")
_ZONE_URL = re.compile(r"/zones/(forecast|county|fire)/([A-Z]{2}[CZ]\d{3})$")
_SAME = re.compile(r"\d{6}")
_UGC = re.compile(r"[A-Z]{2}[CZ](\d{3}|ALL)")


def hazards(document: Any, now: datetime) -> Reading:
    """Read a list of active alerts.

    One alert that cannot be read is a problem; the others are kept. Updates and
    cancellations replace the alerts they refer to. Holes in polygons count as
    inside.

    Parameters
    ----------
    document
        A GeoJSON ``FeatureCollection``, or one ``Feature``.
    now
        When the list was fetched.

    Raises
    ------
    ContractViolation
        When it is neither: such an answer says nothing about what holds.
    """
    found = Collected()
    for number, feature in enumerate(_features(document), 1):
        _read(feature, number, now, found)
    pages = document.get("pagination")
    more = isinstance(pages, dict) and bool(pages.get("next"))
    if more:
        found.problems.append("the list goes on on another page, this is a part of it")
    return found.reading(complete=not more)


def _features(document: Any) -> list[Any]:
    if isinstance(document, dict) and document.get("type") == "Feature":
        return [document]
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        said = document.get("title", "") if isinstance(document, dict) else ""
        msg = "this is no list of alerts: it has no `features`" + (
            f" (it says {line(said, 100)!r})" if said else ""
        )
        raise ContractViolation(msg)
    return features


def _read(feature: Any, number: int, now: datetime, found: Collected) -> None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        found.problems.append(f"alert {number}: it has no properties")
        return
    alert = _id(properties.get("id")) or _id(feature.get("id"))
    if not alert:
        found.problems.append(f"alert {number}: it has no id")
        return
    status = str(properties.get("status") or "Actual")
    if status.casefold() != "actual":
        found.left_out.append(f"{alert}: status {line(status, 40)}")
        return
    message = str(properties.get("messageType") or "Alert").casefold()
    replaced = tuple(_references(properties.get("references")))
    if message in ("cancel", "ack", "error"):
        found.supersede(replaced if message == "cancel" else (), by=alert)
        found.left_out.append(f"{alert}: message type {message}")
        return
    try:
        hazard = _hazard(alert, feature.get("geometry"), properties, now, found)
    except (Unreadable, OverflowError) as error:
        found.problems.append(f"{alert}: it is lost: {error}")
        found.unreadable.append(alert)
        return
    found.hazards.append((alert, hazard))
    if message == "update":
        found.supersede(replaced, by=alert)


def _id(text: Any) -> str:
    """Return an alert's name without the address it is found under."""
    if not isinstance(text, str):
        return ""
    urn = _URN.search(text.strip())
    return urn[0] if urn else text.strip()[:ID]


def _references(references: Any) -> Iterator[str]:
    for one in references if isinstance(references, list) else ():
        named = one.get("identifier") or one.get("@id") if isinstance(one, dict) else ""
        if _id(named):
            yield _id(named)


def _hazard(
    alert: str, geometry: Any, said: dict[str, Any], now: datetime, found: Collected
) -> Hazard:
    begins, over = _times(alert, said, now, found)
    event = line(said.get("event"), 100)
    return build(
        {
            "id": alert,
            "kind": slug(event),
            "severity": severity(said.get("severity")),
            "valid_from": begins,
            "valid_until": over,
            "polygons": tuple(_polygons(alert, geometry, found)),
            "zones": tuple(sorted(set(_zones(said)))),
            "headline": line(said.get("headline")) or event,
        }
    )


def _times(
    alert: str, said: dict[str, Any], now: datetime, found: Collected
) -> tuple[datetime, datetime]:
    read = {name: _instant(alert, said.get(name), name, found) for name in _INSTANTS}
    begins = read["onset"] or read["effective"] or read["sent"] or now
    ends = read["ends"]
    if ends is None:
        over = until(begins, read["expires"], now + WHILE_LISTED, at_least=WHILE_LISTED)
        return begins, over
    # Some are closed early by moving `ends` alone.
    announced = read["effective"] or read["sent"] or begins
    return begun_before(ends, begins, announced), ends


_INSTANTS = ("onset", "effective", "sent", "ends", "expires")


def _instant(alert: str, text: Any, name: str, found: Collected) -> datetime | None:
    try:
        return instant(text, name)
    except Unreadable as error:
        found.problems.append(f"{alert}: {error}")
        return None


def _polygons(
    alert: str, geometry: Any, found: Collected
) -> Iterator[tuple[Point, ...]]:
    for rings in _shapes(alert, geometry, found):
        try:
            yield polygon([_spot(position) for position in rings[0]])
        except (Unreadable, TypeError, KeyError, IndexError, ValueError) as error:
            said = error if isinstance(error, Unreadable) else "it is no list of points"
            found.problems.append(f"{alert}: a polygon is left out: {said}")


def _shapes(alert: str, geometry: Any, found: Collected) -> Iterable[Any]:
    """Return the lists of rings in a geometry; the first of each is its outline."""
    if geometry is None:
        return ()
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        return (coordinates,)
    if kind == "MultiPolygon" and isinstance(coordinates, list):
        return coordinates
    parts = geometry.get("geometries") if kind == "GeometryCollection" else None
    if isinstance(parts, list):
        # Collections in collections are not to be used (RFC 7946, 3.1.8).
        flat = [p for p in parts if isinstance(p, dict) and "geometries" not in p]
        return [shape for part in flat for shape in _shapes(alert, part, found)]
    found.problems.append(f"{alert}: geometry {line(str(kind), 40)!r} is left out")
    return ()


def _spot(position: Any) -> Point:
    longitude, latitude = position[0], position[1]
    if isinstance(longitude, bool) or isinstance(latitude, bool):
        raise TypeError
    return spot(float(latitude), float(longitude))


def _zones(said: dict[str, Any]) -> Iterator[str]:
    codes = said.get("geocode")
    urls = [_ZONE_URL.search(str(url)) for url in _list(said.get("affectedZones"))]
    affected = [(url[1], url[2]) for url in urls if url]
    # The numbers of fire weather zones are not those of forecast zones.
    fire = {zone for kind, zone in affected if kind == "fire"}
    fire -= {zone for kind, zone in affected if kind == "forecast"}
    if isinstance(codes, dict):
        for same in _list(codes.get("SAME")):
            if _SAME.fullmatch(str(same)):
                yield f"SAME:{same}"
        for ugc in _list(codes.get("UGC")):
            if _UGC.fullmatch(str(ugc)):
                yield f"FIRE:{ugc}" if ugc in fire else f"UGC:{ugc}"
    for kind, zone in affected:
        yield f"FIRE:{zone}" if kind == "fire" else f"UGC:{zone}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
