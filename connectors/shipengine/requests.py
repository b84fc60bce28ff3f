"""Our words to ShipEngine's JSON; pure."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from connectors.shipengine.settings import Sender, Service, ShipEngineSettings
from domain.contact import Address, Contact
from domain.errors import InvalidRequest
from domain.quantities import FcId, Instant, Place, ServiceId
from domain.shipping import BookParcel, Piece, RateRequest

MAX_EXTERNAL_ID = 50
# Of a reference that cannot be used as it is, enough for people to know it by.
_READABLE = 24
# Dots alone would lead elsewhere in a path.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,49}")
# Where its contract insists on a state, and people's addresses have one.
_WITH_STATES = frozenset({"US", "CA", "AU", "MX", "BR", "IN"})


def external_id(reference: str) -> str:
    """Return the unique id a reference has there: at most 50 plain characters.

    ShipEngine cuts longer ones off, and the id is part of a path; two
    references never share one.
    """
    if _PLAIN.fullmatch(reference) and not reference.startswith("lw-"):
        return reference
    slug = re.sub(r"[^A-Za-z0-9]+", "-", reference).strip("-")[:_READABLE]
    digest = hashlib.sha256(reference.encode()).hexdigest()[:20]
    return f"lw-{slug}-{digest}"


def estimate_body(
    request: RateRequest, piece: Piece, settings: ShipEngineSettings
) -> dict[str, Any]:
    """Say what one piece is to be priced for, on the accounts of its services."""
    accounts = {
        settings.accounts[settings.services[name].carrier].id
        for name in request.services
        if name in settings.services
    }
    ship_from = settled(request.ship_from, settings.senders.get(request.fc))
    return {
        "carrier_ids": sorted(accounts),
        # Its contract has either `carrier_id` or `carrier_ids`, and forbids
        # neither: only what is no carrier's id rules the other one out.
        "carrier_id": None,
        **_end("from", ship_from, "ship_from"),
        **_end("to", request.ship_to, "ship_to"),
        "weight": _weight(piece),
        "dimensions": _dimensions(piece),
        "confirmation": _confirmation(request.signature),
        "address_residential_indicator": _yes(request.residential),
        "ship_date": _instant(request.ready_at),
    }


def label_body(parcel: BookParcel, settings: ShipEngineSettings) -> dict[str, Any]:
    """Say what label is to be bought, under our reference."""
    body = {"shipment": shipment_body(parcel, settings), **print_body(settings)}
    if settings.test_labels:
        body["test_label"] = True
    return body


def rated_body(parcel: BookParcel, settings: ShipEngineSettings) -> dict[str, Any]:
    """Say what shipment is to be made under our reference, and priced."""
    return {
        "shipment": shipment_body(parcel, settings),
        "rate_options": _rate_options(parcel, settings),
    }


def rerated_body(
    shipment_id: str, parcel: BookParcel, settings: ShipEngineSettings
) -> dict[str, Any]:
    """Say which shipment that is there is to be priced anew."""
    return {
        "shipment_id": shipment_id,
        # Its contract takes exactly one of the two, and rules neither out.
        "shipment": None,
        "rate_options": _rate_options(parcel, settings),
    }


def shipment_body(parcel: BookParcel, settings: ShipEngineSettings) -> dict[str, Any]:
    """Say what is to be sent, from whom to whom, under our reference."""
    service = service_of(parcel.service, settings)
    shipment: dict[str, Any] = {
        "carrier_id": settings.accounts[service.carrier].id,
        "service_code": service.code,
        "external_shipment_id": external_id(parcel.reference),
        "external_order_id": parcel.order_id,
        "ship_date": _instant(parcel.hand_over_at),
        "ship_to": _recipient(parcel),
        "ship_from": _sender(parcel, settings),
        "confirmation": _confirmation(parcel.signature),
        "packages": list(_packages(parcel, service)),
        "advanced_options": {"custom_field1": parcel.reference[:100]},
    }
    if parcel.insured_cents:
        shipment["insurance_provider"] = settings.insurance_provider
    if parcel.hazmat or any(piece.hazmat for piece in parcel.pieces):
        shipment["advanced_options"]["dangerous_goods"] = True
    return shipment


def print_body(settings: ShipEngineSettings) -> dict[str, Any]:
    """Say how a label is to be made."""
    return {
        "label_format": settings.label_format,
        "label_layout": settings.label_layout,
        "label_download_type": "url",
        # Whether an address is right was decided before carriage is bought.
        "validate_address": "no_validation",
    }


def address_body(address: Address) -> list[dict[str, Any]]:
    """Say what address is to be judged."""
    street = _needed(address.contact.street_1, "contact.street_1", "street and number")
    found = _place(address.place, "place")
    return [_with_contact({"address_line1": street, **found}, address.contact)]


def service_of(name: ServiceId, settings: ShipEngineSettings) -> Service:
    """Return a service as it is called there; InvalidRequest for one not mapped."""
    service = settings.services.get(name)
    if service is None:
        known = ", ".join(sorted(settings.services))
        msg = f"service: {name!r} is not mapped; `services` has {known}"
        raise InvalidRequest(msg)
    return service


def settled(place: Place, sender: Sender | None) -> Place:
    """Return a center's place, with what only its sender's settings say."""
    if sender is None:
        return place
    missing = {
        field: value
        for field, value in (("city", sender.city), ("region", sender.region))
        if value and not getattr(place, field)
    }
    return place.model_copy(update=missing)


def _rate_options(parcel: BookParcel, settings: ShipEngineSettings) -> dict[str, Any]:
    service = service_of(parcel.service, settings)
    return {
        "carrier_ids": [settings.accounts[service.carrier].id],
        "service_codes": [service.code],
        "package_types": [service.package_code],
    }


def _recipient(parcel: BookParcel) -> dict[str, Any]:
    contact = parcel.recipient or Contact()
    name = _needed(
        contact.name or contact.company,
        "recipient.name",
        "the order's attribute recipient.name",
    )
    street = _needed(
        contact.street_1,
        "recipient.street_1",
        "the order's attribute recipient.street_1",
    )
    fields = {
        "name": name,
        "address_line1": street,
        **_place(parcel.ship_to, "ship_to"),
        "address_residential_indicator": _yes(parcel.residential),
    }
    return _with_contact(fields, contact)


def _sender(parcel: BookParcel, settings: ShipEngineSettings) -> dict[str, Any]:
    """Return who hands over: what the parcel says first, then the settings."""
    known = settings.senders.get(parcel.fc)
    given = parcel.sender or Contact()
    fields = {
        field: getattr(given, field) or (getattr(known, field) if known else "")
        for field in ("name", "company", "street_1", "street_2", "phone")
    }
    contact = Contact(**fields, email=given.email)
    where = _sender_option(parcel.fc)
    body = {
        "name": _needed(contact.name or contact.company, "sender.name", where),
        "phone": _needed(contact.phone, "sender.phone", where),
        "address_line1": _needed(contact.street_1, "sender.street_1", where),
        **_place(settled(parcel.ship_from, known), "ship_from"),
    }
    return _with_contact(body, contact)


def _sender_option(fc: FcId) -> str:
    return f"the connection's option senders.{fc}"


def _with_contact(fields: dict[str, Any], contact: Contact) -> dict[str, Any]:
    optional = {
        "name": contact.name,
        "company_name": contact.company,
        "phone": contact.phone,
        "email": contact.email,
        "address_line2": contact.street_2,
    }
    return {**{name: text for name, text in optional.items() if text}, **fields}


def _place(place: Place, field: str) -> dict[str, Any]:
    return {
        "city_locality": _city(place, field),
        "state_province": _state(place, field),
        "postal_code": place.postal_code,
        "country_code": place.country,
    }


def _end(side: str, place: Place, field: str) -> dict[str, Any]:
    return {f"{side}_{name}": value for name, value in _place(place, field).items()}


def _city(place: Place, field: str) -> str:
    return _needed(place.city, f"{field}.city", "the city's name")


def _state(place: Place, field: str) -> str:
    if place.region or place.country in _WITH_STATES:
        return _needed(place.region, f"{field}.region", "the state's code")
    # It insists on a state also where a country has none; the city stands in.
    return place.city


def _needed(value: str, field: str, remedy: str) -> str:
    if not value:
        msg = f"{field}: ShipEngine does without no address; set {remedy}"
        raise InvalidRequest(msg)
    return value


def _packages(parcel: BookParcel, service: Service) -> Iterable[dict[str, Any]]:
    shares = _shares(parcel.insured_cents, len(parcel.pieces))
    for piece, cents in zip(parcel.pieces, shares, strict=True):
        package: dict[str, Any] = {
            "package_code": service.package_code,
            "weight": _weight(piece),
            "dimensions": _dimensions(piece),
        }
        if cents:
            package["insured_value"] = {"currency": "usd", "amount": cents / 100}
        yield package


def _shares(cents: int, parts: int) -> list[int]:
    """Part an amount among pieces; the first ones bear the cents left over."""
    each, over = divmod(cents, parts)
    return [each + (1 if part < over else 0) for part in range(parts)]


def _weight(piece: Piece) -> dict[str, Any]:
    return {"value": piece.weight_g, "unit": "gram"}


def _dimensions(piece: Piece) -> dict[str, Any]:
    size = piece.size
    return {
        "unit": "centimeter",
        "length": size.length_mm / 10,
        "width": size.width_mm / 10,
        "height": size.height_mm / 10,
    }


def _confirmation(signature: bool) -> str:
    return "signature" if signature else "none"


def _yes(residential: bool) -> str:
    return "yes" if residential else "no"


def _instant(instant: Instant) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
