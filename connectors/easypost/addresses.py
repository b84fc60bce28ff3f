"""EasyPost's verdicts on addresses, and its scan forms, in our words; pure."""

from decimal import Decimal

from connectors.easypost.names import plain
from connectors.easypost.reading import Document, amount, child, children, needed, text
from domain.contact import Address, Contact
from domain.quantities import Place
from domain.shipping import AddressCheck, AddressVerdict, CloseOut, Manifest
from domain.wire import raw_of


def parse_check(asked: Address, document: Document) -> AddressCheck:
    """Read the verdict on an address.

    ``success`` with errors is no yes: with a carrier's own verification it
    comes for addresses that do not exist. Only a place that was located is
    one, and then what is wrong is told beside it.
    """
    found = child(document, "address") or document
    delivery = child(child(found, "verifications"), "delivery")
    problems = _problems(delivery)
    residential = found.get("residential")
    verdict = _verdict(asked, found, delivery, problems)
    good = verdict in (AddressVerdict.VALID, AddressVerdict.CORRECTED)
    return AddressCheck(
        verdict=verdict,
        better=_better(asked, found) if good else None,
        residential=residential if isinstance(residential, bool) else None,
        problems=problems,
        raw=raw_of(found),
    )


def parse_manifest(day: CloseOut, form: Document) -> Manifest:
    """Read a scan form: closed, still being made, or failed.

    A form that failed holds nothing: every booking is left out of it.
    """
    status = text(form, "status").lower()
    failed = status == "failed"
    why = text(form, "message") or "the scan form failed"
    return Manifest(
        id=needed(form, "id", "scan_form"),
        key=day.key,
        carrier=day.carrier,
        bookings=() if failed else day.bookings,
        left_out=dict.fromkeys(day.bookings, why) if failed else {},
        pending=not failed and status != "created",
        raw=raw_of(form),
    )


def _verdict(
    asked: Address, found: Document, delivery: Document, problems: tuple[str, ...]
) -> AddressVerdict:
    success = delivery.get("success")
    if not isinstance(success, bool):
        return AddressVerdict.UNKNOWN
    details = child(delivery, "details")
    located = amount(details.get("latitude")) is not None
    if not success or (problems and not located):
        return AddressVerdict.INVALID
    if problems or not _same(asked, found):
        return AddressVerdict.CORRECTED
    return AddressVerdict.VALID


def _problems(delivery: Document) -> tuple[str, ...]:
    said = []
    for error in children(delivery, "errors"):
        words = (text(error, "code"), text(error, "message"))
        said.append(": ".join(word for word in words if word))
    errors = delivery.get("errors")
    if isinstance(errors, list):
        said += [error for error in errors if isinstance(error, str)]
    return tuple(part[:200] for part in said if part)


def _same(asked: Address, found: Document) -> bool:
    """Compare what decides where it goes; capitals and the long ZIP do not."""
    who, place = asked.contact, asked.place
    ours = (who.street_1 + who.street_2, place.city, place.region)
    theirs = (
        text(found, "street1") + text(found, "street2"),
        text(found, "city"),
        text(found, "state"),
    )
    zips = (place.postal_code, text(found, "zip"))
    short = {plain(code)[:5] for code in zips} if place.country == "US" else set()
    if short and len(short) != 1:
        return False
    if not short and plain(zips[0]) != plain(zips[1]):
        return False
    return [plain(part) for part in ours] == [plain(part) for part in theirs]


def _better(asked: Address, found: Document) -> Address:
    details = child(child(child(found, "verifications"), "delivery"), "details")
    latitude, longitude = (amount(details.get(n)) for n in ("latitude", "longitude"))
    place = asked.place.model_dump()
    written = {
        "country": text(found, "country").upper(),
        "postal_code": text(found, "zip")[:16],
        "region": text(found, "state")[:40],
        "city": text(found, "city")[:80],
    }
    place |= {name: value for name, value in written.items() if value}
    if latitude is not None and longitude is not None and _on_earth(details):
        place |= {"latitude": float(latitude), "longitude": float(longitude)}
    country = str(place["country"])
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        place["country"] = asked.place.country
    streets = (text(found, "street1")[:200], text(found, "street2")[:200])
    contact = asked.contact.model_dump()
    if streets[0]:
        contact |= {"street_1": streets[0], "street_2": streets[1]}
    return Address(place=Place(**place), contact=Contact(**contact))


def _on_earth(details: Document) -> bool:
    latitude = amount(details.get("latitude")) or Decimal(0)
    longitude = amount(details.get("longitude")) or Decimal(0)
    return abs(latitude) <= 90 and abs(longitude) <= 180
