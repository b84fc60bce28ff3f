"""ShipEngine's JSON to our words; pure. What we say is in ``requests.py``."""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from connectors.answers import Answer, Problem
from connectors.fields import instant, rows, table, word
from connectors.shipengine.settings import ShipEngineSettings
from domain.contact import Address, Contact
from domain.errors import ContractViolation, InvalidRequest
from domain.quantities import CarrierId, Place, ServiceId
from domain.shipping import (
    AddressCheck,
    AddressVerdict,
    Booking,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.wire import raw_of

DUPLICATE = "duplicate-external-id"
_CHARGES = ("shipping_amount", "insurance_amount", "confirmation_amount")
_MORE_CHARGES = ("other_amount", "tax_amount")
_VOIDS: Mapping[str, VoidOutcome] = MappingProxyType(
    {
        "label_already_voided": VoidOutcome.VOIDED,
        "label_not_found_within_void_period": VoidOutcome.EXPIRED,
        "label_already_used": VoidOutcome.TOO_LATE,
    }
)
_REFUNDS: Mapping[str, VoidOutcome] = MappingProxyType(
    {
        "request_scheduled": VoidOutcome.REQUESTED,
        "pending": VoidOutcome.REQUESTED,
        "rejected": VoidOutcome.REFUSED,
        "excluded": VoidOutcome.REFUSED,
    }
)
_VERDICTS: Mapping[str, AddressVerdict] = MappingProxyType(
    {
        "verified": AddressVerdict.VALID,
        "warning": AddressVerdict.VALID,
        "error": AddressVerdict.INVALID,
    }
)


def problem_of(answer: Answer) -> Problem | None:
    """Read what it says went wrong; a 2xx is fine."""
    if 200 <= answer.status < 300:
        return None
    try:
        errors = rows(table(answer.json()).get("errors"))
    except ContractViolation:
        return None
    first = next(iter(errors), {})
    said = [word(error, "message") for error in errors]
    code = word(first, "error_code")
    if 400 <= answer.status < 500 and any(map(_is_duplicate, errors)):
        code = DUPLICATE
    return Problem(code, "; ".join(filter(None, said)))


def parse_estimates(
    document: Any, request: RateRequest, settings: ShipEngineSettings
) -> dict[ServiceId, Quote]:
    """Read what each service asked for costs for one piece.

    Of several prices for one service (kinds of packages) the lowest counts;
    one that says it is not valid is left out.
    """
    if not isinstance(document, list):
        msg = f"rates: expected a list, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    found: dict[ServiceId, Quote] = {}
    for rate in rows(document):
        if word(rate, "validation_status") == "invalid" or rate.get("error_messages"):
            continue
        for name in _services(rate, request, settings):
            quote = _quote(rate, name, request, settings)
            best = found.get(name)
            if best is None or quote.total_cents < best.total_cents:
                found[name] = quote
    return found


def together(quotes: list[Quote]) -> Quote:
    """Return the price of several pieces that travel as one shipment."""
    return quotes[0].model_copy(
        update={
            "total_cents": sum(quote.total_cents for quote in quotes),
            "p50_at": max(quote.p50_at for quote in quotes),
            "p90_at": max(quote.p90_at for quote in quotes),
            "estimated": all(quote.estimated for quote in quotes),
        }
    )


def parse_label(document: Any, reference: str, settings: ShipEngineSettings) -> Booking:
    """Read one label that was bought."""
    label = table(document)
    if word(label, "status") == "error":
        msg = "the label was not made: its status is 'error'"
        raise InvalidRequest(msg, raw=raw_of(document))
    account, code = word(label, "carrier_id"), word(label, "service_code")
    carrier, service = _names(account, word(label, "carrier_code"), code, settings)
    cost, currency = 0, "USD"
    if label.get("shipment_cost") is not None:
        # Without one it is charged later; a label we did not read stays unvoided.
        cost, currency = _sum(label, ("shipment_cost", "insurance_cost"))
    voided = label.get("voided") is True or word(label, "status") == "voided"
    void_until = None
    booked_at = instant(label.get("created_at"))
    if booked_at is not None and settings.void_window_h is not None:
        void_until = booked_at + timedelta(hours=settings.void_window_h)
    return Booking(
        id=_needed(label, "label_id"),
        reference=reference,
        carrier=carrier,
        service=service,
        tracking_number=word(label, "tracking_number"),
        cost_cents=cost,
        currency=currency,
        void_until=void_until,
        voided=voided,
        void=_refund(label) if voided else None,
        raw=raw_of(label),
    )


def parse_labels(
    pages: list[Any], reference: str, settings: ShipEngineSettings
) -> tuple[Booking, ...]:
    """Read the labels of one shipment, oldest first; failed ones are none."""
    found: dict[str, dict[str, Any]] = {}
    for page in pages:
        labels = table(page).get("labels")
        if not isinstance(labels, list):
            msg = "labels: expected a list"
            raise ContractViolation(msg, raw=raw_of(page))
        found |= {_needed(label, "label_id"): label for label in rows(labels)}
    bought = [
        label
        for label in found.values()
        if word(label, "status") != "error" and label.get("is_return_label") is not True
    ]
    bought.sort(key=lambda label: (word(label, "created_at"), word(label, "label_id")))
    return tuple(parse_label(label, reference, settings) for label in bought)


def parse_void(document: Any) -> VoidOutcome:
    """Read what became of a void; a no comes with HTTP 200 as well."""
    answer = table(document)
    approved = answer.get("approved")
    if not isinstance(approved, bool):
        msg = f"approved: expected true or false, got {approved!r}"
        raise ContractViolation(msg, raw=raw_of(document))
    if approved:
        return VoidOutcome.VOIDED
    return _VOIDS.get(word(answer, "reason_code"), VoidOutcome.REFUSED)


def label_place(document: Any, label_format: str) -> str:
    """Return where the label is: an address, or the label itself as `data:`."""
    places = table(document).get("label_download")
    known = places if isinstance(places, dict) else {}
    for name in (label_format, "href"):
        found = known.get(name)
        # Older answers wrap the address once more.
        found = found.get("href") if isinstance(found, dict) else found
        if isinstance(found, str) and found:
            return found
    msg = "label_download: it names no address"
    raise ContractViolation(msg, raw=raw_of(document))


def inline(place: str) -> tuple[str, bytes] | None:
    """Read a `data:` address: media type and content; None for another kind."""
    if not place.startswith("data:"):
        return None
    head, _, body = place.removeprefix("data:").partition(",")
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or not head.endswith(";base64"):
        msg = "label_download: its content cannot be read"
        raise ContractViolation(msg)
    return head.partition(";")[0], content


def parse_check(document: Any, address: Address) -> AddressCheck:
    """Read the verdict on an address, and the better spelling of it."""
    first = next(iter(rows(document)), None) if isinstance(document, list) else None
    if first is None:
        msg = "addresses: expected a list with one verdict"
        raise ContractViolation(msg, raw=raw_of(document))
    found = first.get("matched_address")
    matched = found if isinstance(found, dict) else {}
    better = _address(matched, address) if matched else None
    verdict = _VERDICTS.get(word(first, "status"), AddressVerdict.UNKNOWN)
    if verdict is AddressVerdict.VALID and better not in (None, address):
        verdict = AddressVerdict.CORRECTED
    says = rows(first.get("messages"))
    kind = word(matched, "address_residential_indicator")
    return AddressCheck(
        verdict=verdict,
        better=better if verdict is AddressVerdict.CORRECTED else None,
        residential={"yes": True, "no": False}.get(kind),
        problems=tuple(text for m in says if (text := word(m, "message"))),
        raw=raw_of(first),
    )


def cents_of(found: Any) -> int:
    """Read an amount, told as number or text, to whole cents.

    Raises
    ------
    ValueError
        For what is no amount.
    """
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        msg = f"{found!r} is no amount"
        raise ValueError(msg)
    try:
        cents = (Decimal(str(found)) * 100).quantize(Decimal(1))
    except InvalidOperation:
        msg = f"{found!r} is no amount"
        raise ValueError(msg) from None
    return int(cents)


def _services(
    rate: dict[str, Any], request: RateRequest, settings: ShipEngineSettings
) -> list[ServiceId]:
    """Return which of the services asked for this price is of."""
    account, code = word(rate, "carrier_id"), word(rate, "service_code")
    known = {
        name: settings.services[name]
        for name in request.services
        if name in settings.services
    }
    return [
        name
        for name, service in known.items()
        if service.code == code and settings.accounts[service.carrier].id == account
    ]


def _quote(
    rate: dict[str, Any],
    name: ServiceId,
    request: RateRequest,
    settings: ShipEngineSettings,
) -> Quote:
    total, currency = _sum(rate, _CHARGES + _MORE_CHARGES)
    ready_at, service = request.ready_at, settings.services[name]
    arrives = instant(rate.get("estimated_delivery_date"))
    days = rate.get("delivery_days")
    if arrives is None and type(days) is int and 0 < days < 400:
        arrives = ready_at + timedelta(days=days)
    estimated = arrives is not None
    if arrives is None:
        arrives = ready_at + timedelta(hours=service.usual_transit_h)
    arrives = max(arrives, ready_at)
    return Quote(
        id=f"estimate/{name}",
        service=name,
        carrier=service.carrier,
        total_cents=total,
        currency=currency,
        p50_at=arrives,
        p90_at=arrives,
        expires_at=ready_at + timedelta(hours=settings.quote_lifetime_h),
        estimated=estimated,
        raw=raw_of(rate),
    )


def _sum(source: dict[str, Any], names: tuple[str, ...]) -> tuple[int, str]:
    """Add amounts of one currency; the first one has to be there."""
    total, currencies = 0, set()
    for name in names:
        money = source.get(name)
        if money is None and name != names[0]:
            continue
        try:
            cents = cents_of(table(money).get("amount"))
        except ValueError as error:
            msg = f"{name}.amount: {error}"
            raise ContractViolation(msg, raw=raw_of(source)) from None
        total += cents
        if cents or name == names[0]:
            currencies.add(word(table(money), "currency").upper() or "USD")
    if total < 0 or len(currencies) > 1:
        said = ", ".join(sorted(currencies))
        msg = f"{names[0]}: {total} cents in {said} cannot be added up"
        raise ContractViolation(msg, raw=raw_of(source))
    return total, currencies.pop()


def _names(
    account: str, carrier_code: str, code: str, settings: ShipEngineSettings
) -> tuple[CarrierId, ServiceId]:
    """Return our names of an account's service; theirs where we have none."""
    for name, service in settings.services.items():
        if service.code == code and settings.accounts[service.carrier].id == account:
            return service.carrier, name
    carriers = [name for name, its in settings.accounts.items() if its.id == account]
    carrier = carriers[0] if carriers else settings.carrier_of(carrier_code)
    return carrier, ServiceId(code)


def _refund(label: dict[str, Any]) -> VoidOutcome:
    details = label.get("refund_details")
    status = word(details, "refund_status") if isinstance(details, dict) else ""
    return _REFUNDS.get(status, VoidOutcome.VOIDED)


def _needed(source: dict[str, Any], name: str) -> str:
    found = word(source, name)
    if not found:
        msg = f"{name}: it is missing"
        raise ContractViolation(msg, raw=raw_of(source))
    return found


def _is_duplicate(error: dict[str, Any]) -> bool:
    """Tell whether an error is of our own reference having been used."""
    about = f"{word(error, 'field_name')} {word(error, 'message')}".lower()
    told = "external_shipment_id" in about or "external shipment" in about
    words = ("already", "exist", "unique", "duplicate", "conflict", "in use")
    return (told and any(w in about for w in words)) or (
        word(error, "error_code") == "identifier_conflict"
    )


def _address(matched: dict[str, Any], asked: Address) -> Address | None:
    """Return the address it knows; what it does not say stays as asked."""
    place, contact = asked.place, asked.contact
    fields = {
        "country": word(matched, "country_code").upper() or place.country,
        "postal_code": word(matched, "postal_code") or place.postal_code,
        "region": word(matched, "state_province") or place.region,
        "city": word(matched, "city_locality") or place.city,
    }
    street = {
        "street_1": word(matched, "address_line1") or contact.street_1,
        "street_2": word(matched, "address_line2") or contact.street_2,
    }
    try:
        return Address(
            place=Place.model_validate({**place.model_dump(), **fields}),
            contact=Contact.model_validate({**contact.model_dump(), **street}),
        )
    except ValidationError:
        return None
