"""Hawk Watch's list of alerts, read; pure.

``Collected`` keeps what was found so far: hazards, problems, and the ids of
alerts that could not be read, of which nobody knows whether they still hold.
"""

from datetime import datetime
from typing import Any

from connectors.alerts import (
    Collected,
    Reading,
    Unreadable,
    build,
    instant,
    line,
    severity,
    slug,
    spot,
)
from domain.errors import ContractViolation
from domain.hazard import Circle, Hazard
from domain.wire import raw_of


def reading(document: Any, delay_h: int) -> Reading:
    """Read the whole list; one alert that cannot be read keeps no other back.

    Raises
    ------
    ContractViolation
        When it is no list of alerts: then nothing is known, and nothing changes.
    """
    listed = document.get("alerts") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        msg = "'alerts': expected a list"
        raise ContractViolation(msg, raw=raw_of(document))
    found = Collected()
    for number, item in enumerate(listed, 1):
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str) or not name:
            # It may be one that is in force: then the list is not whole.
            found.problems.append(f"alert {number} has no id")
            continue
        try:
            found.hazards.append((name, _hazard(name, item, delay_h)))
        except Unreadable as error:
            found.problems.append(f"alert {name!r}: {error}")
            found.unreadable.append(name)
    nameless = len(listed) - len(found.hazards) - len(found.unreadable)
    return found.reading(complete=document.get("more") is not True and not nameless)


def _hazard(name: str, item: dict[str, Any], delay_h: int) -> Hazard:
    return build(
        {
            "id": name,
            "kind": slug(item.get("what")),
            "severity": severity(item.get("level")),
            "valid_from": _instant(item, "from"),
            "valid_until": _instant(item, "to"),
            "circle": _circle(item),
            "delay_h": delay_h,
            "headline": line(item.get("said")),
        }
    )


def _instant(item: dict[str, Any], name: str) -> datetime:
    found = instant(item.get(name), name)
    if found is None:
        msg = f"{name}: it is missing"
        raise Unreadable(msg)
    return found


def _circle(item: dict[str, Any]) -> Circle | None:
    """Read where it is; an alert that does not say is kept, unlocated."""
    where = item.get("where")
    if not isinstance(where, dict):
        return None
    try:
        center = spot(float(where["lat"]), float(where["lon"]))
        return Circle(
            latitude=center.latitude, longitude=center.longitude, radius_km=where["km"]
        )
    except (KeyError, TypeError, ValueError) as error:
        msg = f"where: {type(error).__name__} {str(error)[:80]}"
        raise Unreadable(msg) from None
