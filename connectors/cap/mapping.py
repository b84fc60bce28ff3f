"""Reads alerts in the Common Alerting Protocol (CAP 1.0 to 1.2).

A document is one ``alert``, or anything that has alerts in it: an ``alerts``
list, an Atom feed, an EDXL envelope. Of an alert in several languages the
English blocks are read, else those in the language of the first one; several
blocks in one language are hazards of their own. An alert holds from ``onset``
(else ``effective``, else ``sent``) until ``expires``, or a day where it says no
end.

References
----------
OASIS (2010). Common Alerting Protocol Version 1.2.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from xml.etree.ElementTree import Element

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
)
from connectors.cap.document import parse
from domain.errors import ContractViolation
from domain.hazard import Circle, Hazard, Point
from domain.wire import raw_of

WITHOUT_END = timedelta(hours=24)
# Half the way round the earth: beyond it a circle is the whole of it.
WIDEST_KM = 20_100

# The issuer's country in a WMO identifier, by ISO 3166 number.
_WMO = re.compile(r"^(?:urn:oid:)?2\.49\.0\.[0-3]\.(\d{1,3})(?:\.|$)")
_COUNTRIES = {"840": "US", "124": "CA", "484": "MX"}
_EMMA = re.compile(r"EMMA_ID:([A-Z]{2})\d")
_LISTS = frozenset({"alerts", "feed", "EDXLDistribution", "rss"})


def hazards(data: bytes, now: datetime, country: str = "US") -> Reading:
    """Read the alerts in a document.

    One alert that cannot be read is a problem; the others are kept. Tests,
    exercises and drafts are no hazards; updates and cancellations replace the
    alerts they refer to, and an all-clear ends what it updates.

    Parameters
    ----------
    data
        The document as it came, in whatever encoding it declares.
    now
        When it was fetched: from then an alert without any instant holds.
    country
        Where the issuer's zone codes are, unless the alert itself tells.

    Raises
    ------
    ContractViolation
        When it is not XML, has a document type, or is not about alerts.
    """
    root = parse(data)
    found = Collected()
    _read_alerts(root, now, country, found)
    entries = [entry for entry in root.iter("entry") if entry.find(".//alert") is None]
    for entry in entries:
        where = line(entry.findtext("id") or entry.findtext("title"), 100)
        found.problems.append(f"entry {where!r} only links to its alert: fetch that")
    if root.tag != "alert" and root.tag not in _LISTS and root.find(".//alert") is None:
        msg = f"this is no CAP: a document of {root.tag!r} without any alert"
        raise ContractViolation(msg)
    return found.reading(complete=not entries)


def together(
    listed: bytes,
    linked: Iterable[bytes],
    now: datetime,
    country: str = "US",
    problems: tuple[str, ...] = (),
) -> Reading:
    """Read a list's own alerts and those it links to as one.

    Parameters
    ----------
    listed
        The list, as it came.
    linked
        The documents it links to, as they came; one that is no CAP is a problem.
    problems
        Why some could not be had; with any the reading is incomplete.
    """
    found = Collected()
    _read_alerts(parse(listed), now, country, found)
    complete = not problems
    found.problems += problems
    for data in linked:
        try:
            _read_alerts(alerts_in(data), now, country, found)
        except ContractViolation as error:
            found.problems.append(f"a linked alert is not readable: {error}")
            complete = False
    return found.reading(complete=complete)


def alerts_in(data: bytes) -> Element:
    """Return a document that has an alert in it; ContractViolation for another."""
    root = parse(data)
    if root.tag != "alert" and root.find(".//alert") is None:
        msg = f"this is no CAP: a document of {root.tag!r} without any alert"
        raise ContractViolation(msg, raw=raw_of(data))
    return root


def _read_alerts(root: Element, now: datetime, country: str, found: Collected) -> None:
    for number, alert in enumerate(root.iter("alert"), 1):
        _Alert(alert, number, now, country, found).read()


class _Alert:
    """One alert being read."""

    def __init__(
        self,
        element: Element,
        number: int,
        now: datetime,
        country: str,
        found: Collected,
    ) -> None:
        self.element, self.now, self.found = element, now, found
        self.id = _text(element, "identifier")[: ID - 10]
        self.name = self.id or f"alert {number}"
        issuer = _WMO.match(self.id)
        self.country = _COUNTRIES.get(issuer[1], country) if issuer else country

    def read(self) -> None:
        """Note the alert's hazards, or why there are none."""
        status, kind = _text(self.element, "status"), _text(self.element, "msgType")
        if not self.id:
            self.found.problems.append(f"{self.name}: it has no identifier")
        elif status.casefold() not in ("actual", ""):
            self.found.left_out.append(f"{self.name}: status {line(status, 40)}")
        elif kind.casefold() in ("cancel", "ack", "error"):
            if kind.casefold() == "cancel":
                self._supersede()
            self.found.left_out.append(f"{self.name}: message type {line(kind, 40)}")
        else:
            self._read_blocks(update=kind.casefold() == "update")

    def _read_blocks(self, *, update: bool) -> None:
        try:
            read = list(self._blocks())
        except (Unreadable, OverflowError) as error:
            self.found.problems.append(f"{self.name}: it is lost: {error}")
            self.found.unreadable.append(self.id)
            return
        self.found.hazards.extend((self.id, hazard) for hazard in read)
        if update:
            self._supersede()

    def _supersede(self) -> None:
        # Each reference is `sender,identifier,sent`.
        for reference in _text(self.element, "references").split():
            parts = reference.split(",")
            if len(parts) == 3:
                self.found.supersede([parts[1][: ID - 10]], by=self.id)

    def _blocks(self) -> Iterator[Hazard]:
        blocks = _in_one_language(self.element.findall("info"))
        if not blocks:
            msg = "it says nothing: there is no info block"
            raise Unreadable(msg)
        for number, info in enumerate(blocks):
            if any(_plain(r) == "allclear" for r in info.findall("responseType")):
                self.found.left_out.append(f"{self.name}: all clear")
                continue
            yield self._hazard(info, f"{self.id}#{number + 1}" if number else self.id)

    def _hazard(self, info: Element, id: str) -> Hazard:
        begins, over = self._times(info)
        areas = info.findall("area")
        zones = sorted({*_zones(info.findall("parameter"), ("UGC",))} | _codes(areas))
        return build(
            {
                "id": id,
                "kind": slug(_text(info, "event")),
                "severity": severity(_text(info, "severity")),
                "valid_from": begins,
                "valid_until": over,
                "polygons": tuple(self._each(areas, "polygon", _polygon)),
                "circles": tuple(self._each(areas, "circle", _circle)),
                "zones": tuple(zones),
                "country": _country(zones, self.country),
                "headline": line(_text(info, "headline") or _text(info, "event")),
            }
        )

    def _times(self, info: Element) -> tuple[datetime, datetime]:
        sent = self._instant(_text(self.element, "sent"), "sent")
        onset = self._instant(_text(info, "onset"), "onset")
        effective = self._instant(_text(info, "effective"), "effective")
        begins = onset or effective or sent or self.now
        # The weather service says in a parameter of its own when it ends.
        ends = self._instant(_parameter(info, "eventEndingTime"), "eventEndingTime")
        over = ends or self._instant(_text(info, "expires"), "expires")
        if over is None:
            return begins, begins + WITHOUT_END
        return begun_before(over, begins, effective or begins, sent or begins), over

    def _instant(self, text: str, name: str) -> datetime | None:
        try:
            return instant(text, name)
        except Unreadable as error:
            self.found.problems.append(f"{self.name}: {error}")
            return None

    def _each(self, areas: list[Element], name: str, read: Any) -> Iterator[Any]:
        for shape in (shape for area in areas for shape in area.findall(name)):
            text = (shape.text or "").strip()
            try:
                if text:
                    yield read(text)
            except (Unreadable, ValueError) as error:
                said = error if isinstance(error, Unreadable) else "it has no numbers"
                problem = f"{self.name}: a {name} is left out: {said}"
                self.found.problems.append(problem)


def _in_one_language(blocks: list[Element]) -> list[Element]:
    """Choose the English blocks, else those of the first one's language.

    A block that names no language is in English (CAP 1.2, section 3.2.2).
    """
    spoken = [_text(info, "language").casefold() or "en-us" for info in blocks]
    english = [n for n, tongue in enumerate(spoken) if tongue.split("-")[0] == "en"]
    same = [n for n, tongue in enumerate(spoken) if tongue == spoken[0]]
    if english:
        same = [n for n in english if spoken[n] == spoken[english[0]]]
    return [blocks[n] for n in same]


def _polygon(text: str) -> tuple[Point, ...]:
    points = [_spot(pair) for pair in _pairs(text)]
    return polygon(points)


def _spot(pair: str) -> Point:
    latitude, longitude = map(float, pair.split(","))
    return spot(latitude, longitude)


def _circle(text: str) -> Circle:
    center, _, radius = " ".join(_pairs(text)).partition(" ")
    at = _spot(center)
    km = float(radius or 0)
    if not 0 <= km < float("inf"):
        msg = f"a radius of {radius} km"
        raise Unreadable(msg)
    whole_km = min(max(1, ceil(km)), WIDEST_KM)
    return Circle(latitude=at.latitude, longitude=at.longitude, radius_km=whole_km)


def _pairs(text: str) -> list[str]:
    """Split at white space; "lat, lon" is written by some, too."""
    pairs = re.sub(r"\s*,\s*", ",", text).split()
    for pair in pairs[:1]:
        if pair.count(",") != 1:
            msg = f"{line(text, 60)!r} is not latitude,longitude"
            raise Unreadable(msg)
    return pairs


def _codes(areas: list[Element]) -> set[str]:
    return {zone for area in areas for zone in _zones(area.findall("geocode"))}


def _zones(named: list[Element], only: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the codes as ``NAME:value``; a name's path and version are left out."""
    for one in named:
        name = _text(one, "valueName").upper()
        if name.startswith("PROFILE:CAP-CP:LOCATION"):
            name = "CAP-CP"
        name = name.rpartition(":")[2]
        values = _text(one, "value").split() if not only or name in only else []
        yield from (f"{name}:{value}" for value in values)


def _country(zones: list[str], otherwise: str) -> str:
    for zone in zones:
        if zone.startswith(("CLC:", "CAP-CP:")):
            return "CA"
        if zone.startswith(("SAME:", "UGC:", "FIPS6:")):
            return "US"
        if emma := _EMMA.match(zone):
            # MeteoAlarm says UK.
            return "GB" if emma[1] == "UK" else emma[1]
    return otherwise


def _parameter(info: Element, name: str) -> str:
    for one in info.findall("parameter"):
        if _text(one, "valueName") == name:
            return _text(one, "value")
    return ""


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _plain(element: Element) -> str:
    return (element.text or "").strip().casefold()
