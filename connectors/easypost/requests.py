"""What we say to EasyPost; pure."""

from decimal import ROUND_CEILING, Decimal
from typing import Any

from connectors.easypost.settings import EasyPostSettings
from domain.contact import Address, Contact
from domain.errors import InvalidRequest
from domain.quantities import FcId, Place
from domain.shipping import BookParcel, CloseOut, Piece, RateRequest

MM_PER_INCH = Decimal("25.4")
G_PER_OUNCE = Decimal("28.349523125")


def rates_body(settings: EasyPostSettings, request: RateRequest) -> dict[str, Any]:
    """Say what is to be priced; places without streets will do."""
    sender = settings.senders.get(request.fc)
    shipment = {
        "from_address": address(request.ship_from, sender),
        "to_address": {
            **address(request.ship_to, None),
            "residential": request.residential,
        },
        "parcel": _parcel(request.pieces),
        "options": _options(settings, request),
    }
    return {"shipment": _with_accounts(settings, shipment)}


def shipment_body(
    settings: EasyPostSettings, parcel: BookParcel, reference: str
) -> dict[str, Any]:
    """Say what is to be shipped, under a reference of ours.

    Raises
    ------
    InvalidRequest
        Naming what a label cannot do without.
    """
    sender = parcel.sender or settings.senders.get(parcel.fc)
    shipment = {
        "reference": reference,
        "from_address": address(parcel.ship_from, _sender(sender, parcel.fc)),
        "to_address": {
            **address(parcel.ship_to, _recipient(parcel.recipient)),
            "residential": parcel.residential,
        },
        "parcel": _parcel(parcel.pieces),
        "options": {
            **_options(settings, parcel),
            "label_format": settings.label_format,
        },
    }
    return {"shipment": _with_accounts(settings, shipment)}


def buy_body(rate_id: str, insured_cents: int) -> dict[str, Any]:
    """Say which rate is bought, and what the goods are insured for."""
    body: dict[str, Any] = {"rate": {"id": rate_id}}
    if insured_cents:
        body["insurance"] = f"{Decimal(insured_cents) / 100:.2f}"
    return body


def tracker_body(tracking_number: str, carrier: str | None) -> dict[str, Any]:
    """Say which parcel is to be followed."""
    named = {"carrier": carrier} if carrier else {}
    return {"tracker": {"tracking_code": tracking_number, **named}}


def scan_form_body(day: CloseOut) -> dict[str, Any]:
    """Say which shipments the carrier collects."""
    return {"shipments": [{"id": booking} for booking in day.bookings]}


def verify_body(asked: Address) -> dict[str, Any]:
    """Say which address is to be judged."""
    return {"address": address(asked.place, asked.contact), "verify": True}


def address(place: Place, contact: Contact | None) -> dict[str, str]:
    """Return an address as EasyPost writes it; what is not known is left out."""
    who = contact or Contact()
    written = {
        "name": who.name,
        "company": who.company,
        "street1": who.street_1,
        "street2": who.street_2,
        "city": place.city,
        "state": place.region,
        "zip": place.postal_code,
        "country": place.country,
        "phone": who.phone,
        "email": who.email,
    }
    return {name: value for name, value in written.items() if value}


def ounces(weight_g: int) -> float:
    """Return a weight in ounces, to a tenth, never below what it is."""
    return _up_to_a_tenth(Decimal(weight_g) / G_PER_OUNCE)


def inches(length_mm: int) -> float:
    """Return a length in inches, to a tenth, never below what it is."""
    return _up_to_a_tenth(Decimal(length_mm) / MM_PER_INCH)


def _up_to_a_tenth(value: Decimal) -> float:
    return float((value * 10).to_integral_value(ROUND_CEILING) / 10)


def _parcel(pieces: tuple[Piece, ...]) -> dict[str, float]:
    if len(pieces) != 1:
        msg = f"pieces: {len(pieces)} given; a shipment of EasyPost has exactly one"
        raise InvalidRequest(msg)
    size, weight_g = pieces[0].size, pieces[0].weight_g
    return {
        "length": inches(size.length_mm),
        "width": inches(size.width_mm),
        "height": inches(size.height_mm),
        "weight": ounces(weight_g),
    }


def dangerous(parcel: RateRequest | BookParcel) -> bool:
    """Tell whether any of it is dangerous."""
    return parcel.hazmat or any(piece.hazmat for piece in parcel.pieces)


def _options(
    settings: EasyPostSettings, parcel: RateRequest | BookParcel
) -> dict[str, str]:
    options = {}
    if parcel.signature:
        options["delivery_confirmation"] = "SIGNATURE"
    if dangerous(parcel):
        if not settings.hazmat:
            msg = (
                "hazmat: the connection's option `hazmat` is empty; set it to "
                "EasyPost's word for these goods, such as LITHIUM"
            )
            raise InvalidRequest(msg)
        options["hazmat"] = settings.hazmat
    return options


def _with_accounts(
    settings: EasyPostSettings, shipment: dict[str, Any]
) -> dict[str, Any]:
    if not settings.accounts:
        return shipment
    return {**shipment, "carrier_accounts": list(settings.accounts)}


def _sender(sender: Contact | None, fc: FcId) -> Contact:
    if sender is None or not sender.street_1:
        msg = f"sender.street_1: missing; set option `senders` for {fc!r}"
        raise InvalidRequest(msg)
    return sender


def _recipient(recipient: Contact | None) -> Contact:
    if recipient is None or not recipient.street_1:
        msg = (
            "recipient.street_1: missing; set the order's attribute "
            "`recipient.street_1`"
        )
        raise InvalidRequest(msg)
    if not recipient.name and not recipient.company:
        msg = (
            "recipient.name: missing; set the order's attribute "
            "`recipient.name` or `recipient.company`"
        )
        raise InvalidRequest(msg)
    return recipient
