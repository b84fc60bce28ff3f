"""What several documents share: addresses, references, dates with their zones."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from zoneinfo import ZoneInfo

from connectors.x12.check import Node
from connectors.x12.elements import read_date, valid_time
from connectors.x12.writer import Free
from domain.errors import InvalidRequest
from domain.quantities import Value

Row = tuple[str, ...]

# What partners tell of lies within these of when they tell it.
_OLDEST, _AHEAD = timedelta(days=366), timedelta(days=7)

_REGION = re.compile("[A-Z0-9]{2}")
_COUNTRY = re.compile("[A-Z]{2,3}")
_FIXED_H = MappingProxyType(
    {
        **{"GM": 0, "UT": 0, "TS": -4, "TD": -3, "ES": -5, "ED": -4},
        **{"CS": -6, "CD": -5, "MS": -7, "MD": -6, "PS": -8, "PD": -7},
        **{"AS": -9, "AD": -8, "HS": -10, "HD": -9},
    }
)
_PLACES = MappingProxyType(
    {
        "TT": "America/Halifax",
        "NT": "America/St_Johns",
        "ET": "America/New_York",
        "CT": "America/Chicago",
        "MT": "America/Denver",
        "PT": "America/Los_Angeles",
        "AT": "America/Anchorage",
        "HT": "Pacific/Honolulu",
    }
)


class Reference(Value):
    """A number of somebody's, and what kind (X12 element 128)."""

    qualifier: str
    value: str
    note: str = ""


class Address(Value):
    """A party by role (X12 element 98), with what is known of it."""

    role: str
    name: str = ""
    id_qualifier: str = ""
    id: str = ""
    streets: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""


def address_rows(address: Address, contact: str = "PER") -> list[Row]:
    """Write N1, N3, N4 and the contact; too short for its element is left out.

    ``contact`` is the segment a set has for a telephone: PER or G61.
    """
    code = address.id if address.id_qualifier and len(address.id) >= 2 else ""
    name = Free(address.name, 60, otherwise="" if code else address.role)
    rows: list[Row] = [
        ("N1", address.role, name, address.id_qualifier if code else "", code)
    ]
    streets = [Free(street, 55) for street in address.streets if street.strip()]
    rows += [("N3", *pair) for pair in (streets[:2], streets[2:4]) if pair]
    region = address.region if _REGION.fullmatch(address.region) else ""
    country = address.country if _COUNTRY.fullmatch(address.country) else ""
    city = Free(address.city, 30, 2)
    if address.city or region or address.postal_code:
        rows.append(("N4", city, region, Free(address.postal_code, 15, 3), country))
    if address.phone:
        who = Free(address.name, 60, otherwise="CONTACT")
        rows.append(
            (contact, "CN", who, "TE", Free(address.phone, 80, otherwise="UNKNOWN"))
        )
    return rows


def read_addresses(node: Node) -> tuple[Address, ...]:
    """Read the N1 loops directly inside a node."""
    return tuple(_address(loop) for loop in node.all("N1"))


def _address(loop: Node) -> Address:
    place = loop.first("N4")
    return Address(
        role=loop.element(1),
        name=loop.element(2),
        id_qualifier=loop.element(3),
        id=loop.element(4),
        streets=tuple(
            text
            for node in loop.all("N3")
            for text in (node.element(1), node.element(2))
            if text
        ),
        city=place.element(1) if place else "",
        region=place.element(2) if place else "",
        postal_code=place.element(3) if place else "",
        country=place.element(4) if place else "",
        phone=_phone(loop),
    )


def _phone(loop: Node) -> str:
    for name in ("PER", "G61"):
        for node in loop.all(name):
            if node.element(3) == "TE":
                return node.element(4)
    return ""


def reference_rows(name: str, references: tuple[Reference, ...]) -> Iterator[Row]:
    """Write references as N9 (kind first) or L11 (number first)."""
    for reference in references:
        pair = (reference.qualifier, reference.value)
        note = Free(reference.note, 45)
        yield (name, *(pair if name == "N9" else reversed(pair)), note)


def read_references(node: Node) -> tuple[Reference, ...]:
    """Read the N9 and L11 segments directly inside a node."""
    found = [
        Reference(qualifier=n.element(1), value=n.element(2), note=n.element(3))
        for n in node.all("N9")
    ]
    found += [
        Reference(qualifier=n.element(2), value=n.element(1), note=n.element(3))
        for n in node.all("L11")
    ]
    return tuple(found)


def instant_elements(at: datetime, zone: tzinfo) -> tuple[str, str, str]:
    """Return date, time and time code, in UTC or in the partner's local time."""
    local = at.astimezone(zone)
    code = "UT" if zone is UTC or str(zone) == "UTC" else "LT"
    return f"{local:%Y%m%d}", f"{local:%H%M}", code


def read_instant(day: str, clock: str, code: str, zone: tzinfo) -> datetime | None:
    """Read a date with a time and its code; None when either cannot be read.

    Without a code, or with one that is not known, the time is the partner's.
    """
    on = read_date(day.strip())
    if on is None or not valid_time(clock.strip()):
        return None
    return _aware(on, _clock(clock.strip()), _zone(code.strip().upper(), zone))


def latest_on(day: str, zone: tzinfo, told_at: datetime) -> datetime | None:
    """Read a date alone as the latest instant of it, not after it was told."""
    on = read_date(day.strip())
    if on is None:
        return None
    end = _aware(on, time(23, 59), zone)
    return None if end is None else max(_start(on, zone), min(end, told_at))


def plausible(at: datetime, told_at: datetime) -> bool:
    """Tell whether something told now can have happened, or be about to, then.

    A year of the wrong century would otherwise set a clock forward for good.
    """
    return told_at - _OLDEST <= at <= told_at + _AHEAD


def _start(on: date, zone: tzinfo) -> datetime:
    return _aware(on, time(0), zone) or datetime.max.replace(tzinfo=UTC)


def _aware(on: date, clock: time, zone: tzinfo) -> datetime | None:
    try:
        return datetime.combine(on, clock, zone).astimezone(UTC)
    except OverflowError:
        return None


def _clock(text: str) -> time:
    return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0))


def _zone(code: str, zone: tzinfo) -> tzinfo:
    if code in _FIXED_H:
        return timezone(timedelta(hours=_FIXED_H[code]))
    if code in ("NS", "ND"):
        return timezone(timedelta(hours=-3 if code == "NS" else -2, minutes=-30))
    if code in _PLACES:
        return ZoneInfo(_PLACES[code])
    if code.isascii() and code.isdigit() and 1 <= int(code) <= 24:
        hours = int(code) if int(code) <= 12 else int(code) - 25
        return timezone(timedelta(hours=hours))
    return zone


def decimal(text: str) -> Decimal | None:
    """Read a number, None when there is none."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(text: str) -> int | None:
    """Read a count of units; fractions and negatives are none."""
    found = decimal(text)
    if found is None or found < 0 or found != found.to_integral_value():
        return None
    return int(found) if found < 10**12 else None


def fits(where: str, text: str, longest: int) -> str:
    """Return an identifier that is not too long for its element.

    Raises
    ------
    InvalidRequest
        Naming the field, its value and how many characters it may have.
    """
    if not text or len(text) > longest:
        msg = f"{where}: {text!r} has {len(text)} characters; right are 1 to {longest}"
        raise InvalidRequest(msg)
    return text
