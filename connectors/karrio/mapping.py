"""What we say to Karrio, in its words; pure.

Weights go in kilograms and lengths in centimeters, money in whole units of its
currency. Our reference is kept twice: where it can be searched (cut to the
length Karrio takes) and whole in the metadata, where it is compared.
"""

import hashlib
import json
from typing import Any

from connectors.karrio.settings import KarrioSettings
from domain.contact import Contact
from domain.quantities import Place
from domain.shipping import BookParcel, Piece, RateRequest

MOST_REFERENCE = 100
G_KG, MM_CM, CENTS = 1_000, 10, 100

# Names in Karrio's metadata that are ours.
REFERENCE, CARRIER, SERVICE, CONTENT = (
    "lanewise_reference",
    "lanewise_carrier",
    "lanewise_service",
    "lanewise_content",
)


def rates_body(settings: KarrioSettings, request: RateRequest) -> dict[str, Any]:
    """Say what is to be priced, through which accounts if that is known."""
    accounts = _accounts(settings, request)
    return {
        "shipper": _address(request.ship_from, None),
        "recipient": _address(request.ship_to, None, residential=request.residential),
        "parcels": [_parcel(piece) for piece in request.pieces],
        "services": sorted({settings.service(s).code for s in request.services}),
        "options": _options(request)
        | {"shipping_date": f"{request.ready_at:%Y-%m-%dT%H:%M}"},
        **({"carrier_ids": sorted(accounts)} if accounts else {}),
    }


def shipment_body(settings: KarrioSettings, parcel: BookParcel) -> dict[str, Any]:
    """Say what is to be shipped; nothing is bought by it yet."""
    service = settings.service(parcel.service)
    sender = parcel.sender or settings.senders.get(parcel.fc)
    body = {
        "shipper": _address(parcel.ship_from, sender),
        "recipient": _address(
            parcel.ship_to, parcel.recipient, residential=parcel.residential
        ),
        "parcels": [_parcel(piece) for piece in parcel.pieces],
        "services": [service.code],
        "carrier_ids": [settings.account(parcel.fc, parcel.carrier, parcel.service)],
        "options": _options(parcel)
        | {"shipping_date": f"{parcel.hand_over_at:%Y-%m-%dT%H:%M}"},
        "label_type": settings.label_format,
        "reference": search_word(parcel.reference),
    }
    metadata = {
        REFERENCE: parcel.reference,
        CARRIER: parcel.carrier,
        SERVICE: parcel.service,
        CONTENT: content(body),
    }
    return {**body, "metadata": metadata}


def purchase_body(settings: KarrioSettings, rate_id: str) -> dict[str, Any]:
    """Say which of a shipment's rates is bought."""
    return {"selected_rate_id": rate_id, "label_type": settings.label_format}


def search_word(reference: str) -> str:
    """Return a reference as Karrio can search it: at most 100 characters."""
    if len(reference) <= MOST_REFERENCE:
        return reference
    digest = hashlib.sha256(reference.encode()).hexdigest()[:24]
    return f"{reference[: MOST_REFERENCE - 25]}-{digest}"


def content(body: dict[str, Any]) -> str:
    """Return a word for what is to be shipped: equal content, equal word."""
    text = json.dumps(body, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def quote_id(account: str, code: str, cents: int) -> str:
    """Return a quote's id; it holds the price, to compare it when buying."""
    return f"{account}/{code}/{cents}"


def quoted_cents(quote: str | None) -> int | None:
    """Return the price in a quote's id; None where it holds none."""
    last = (quote or "").rpartition("/")[2]
    return int(last) if last.isascii() and last.isdigit() else None


def _accounts(settings: KarrioSettings, request: RateRequest) -> set[str]:
    """Return the accounts to ask; none where any may be meant."""
    named = {settings.service(name).account for name in request.services}
    known = {account for account in named if account is not None}
    if None not in named:
        return known
    own = settings.accounts_at.get(request.fc, {})
    return {*known, *own.values(), *settings.accounts.values()} if own else set()


def _address(
    place: Place, contact: Contact | None, *, residential: bool = False
) -> dict[str, Any]:
    known = contact or Contact()
    given = {
        "country_code": place.country,
        "postal_code": place.postal_code,
        "city": place.city,
        "state_code": place.region,
        "person_name": known.name,
        "company_name": known.company,
        "address_line1": known.street_1,
        "address_line2": known.street_2,
        "phone_number": known.phone,
        "email": known.email,
    }
    # What is not known is left out: a carrier that needs it says so.
    return {
        **{name: value for name, value in given.items() if value},
        "residential": residential,
    }


def _parcel(piece: Piece) -> dict[str, Any]:
    return {
        "weight": piece.weight_g / G_KG,
        "weight_unit": "KG",
        "length": piece.size.length_mm / MM_CM,
        "width": piece.size.width_mm / MM_CM,
        "height": piece.size.height_mm / MM_CM,
        "dimension_unit": "CM",
    }


def _options(asked: RateRequest | BookParcel) -> dict[str, Any]:
    hazmat = asked.hazmat or any(piece.hazmat for piece in asked.pieces)
    return {
        **({"signature_confirmation": True} if asked.signature else {}),
        **({"dangerous_good": True} if hazmat else {}),
        **({"insurance": asked.insured_cents / CENTS} if asked.insured_cents else {}),
    }
