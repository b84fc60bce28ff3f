"""Our words to ShipBob's JSON; pure."""

import hashlib
import re
from typing import Any

from connectors.shipbob.settings import ShipBobSettings
from domain.contact import Contact
from domain.errors import InvalidRequest, Unsupported
from domain.quantities import FcId
from domain.warehousing import ReleaseOrder

# Where it is looked up, a reference is part of a list apart by commas.
_PLAIN = re.compile(r"[A-Za-z0-9._~:@/-]{1,100}")
_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def reference_of(key: str) -> str:
    """Return the reference an operation's key has there; no two keys share one."""
    if _PLAIN.fullmatch(key) and not key.startswith("lw-"):
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:24]
    return f"lw-{digest}"


def order_body(order: ReleaseOrder, settings: ShipBobSettings) -> dict[str, Any]:
    """Say what is to be picked, for whom, and how it is to be shipped."""
    method = settings.shipping_methods.get(order.service)
    if method is None:
        known = ", ".join(sorted(settings.shipping_methods))
        msg = f"service: {order.service!r} is not mapped; `shipping_methods` has"
        raise Unsupported(f"{msg} {known}")
    return {
        "reference_id": reference_of(order.key),
        "order_number": order.order_id,
        "type": settings.order_type,
        "shipping_method": method,
        "location_id": location_of(order.fc, settings),
        "recipient": _recipient(order),
        "products": [
            {
                "reference_id": settings.reference_of(line.sku),
                "name": None,
                "quantity": line.units,
            }
            for line in order.lines
        ],
        "tags": [
            {"name": "lanewise-order", "value": order.order_id},
            {"name": "lanewise-parcel", "value": order.parcel_id},
        ],
    }


def location_of(fc: FcId, settings: ShipBobSettings) -> int:
    """Return a center's location there; InvalidRequest for one not mapped."""
    location = settings.locations.get(fc)
    if location is None:
        known = ", ".join(sorted(settings.locations))
        msg = f"fc: {fc!r} is not mapped; `locations` has {known}"
        raise InvalidRequest(msg)
    return location


def _recipient(order: ReleaseOrder) -> dict[str, Any]:
    contact, place = order.recipient or Contact(), order.ship_to
    name = _needed(contact.name or contact.company, "recipient.name")
    street = _needed(contact.street_1, "recipient.street_1")
    if place is None:
        msg = "ship_to: ShipBob makes the label itself, and needs the place"
        raise InvalidRequest(msg)
    if not place.city:
        msg = "ship_to.city: ShipBob ships to no address without the city's name"
        raise InvalidRequest(msg)
    address = {
        "address1": street,
        "address2": contact.street_2 or None,
        "company_name": contact.company or None,
        "city": place.city,
        "state": place.region or None,
        "zip_code": place.postal_code,
        "country": place.country,
    }
    known = _EMAIL.fullmatch(contact.email)
    return {
        "name": name,
        "address": address,
        "email": contact.email if known else None,
        "phone_number": contact.phone or None,
    }


def _needed(value: str, field: str) -> str:
    if not value:
        msg = f"{field}: ShipBob ships to nobody without it; set the order's attribute"
        raise InvalidRequest(f"{msg} {field}")
    return value
