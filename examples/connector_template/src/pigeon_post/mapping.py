"""Pigeon Post's JSON, both ways; pure.

What we build is exact. Of what we read, unknown fields are ignored, unknown
words become UNKNOWN, and the unreadable is a ContractViolation.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from connectors.content import content_id
from domain.errors import ContractViolation
from domain.quantities import CarrierId, ServiceId
from domain.shipping import (
    Booking,
    BookParcel,
    ParcelScan,
    ParcelStatus,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.wire import raw_of

T = TypeVar("T")
Names = Mapping[ServiceId, str]

STATUSES = {
    "LOFT": ParcelStatus.HANDED_OVER,
    "FLYING": ParcelStatus.IN_TRANSIT,
    "LANDED": ParcelStatus.DELIVERED,
    "HAWK": ParcelStatus.LOST,
}
VOIDS = {
    "void": VoidOutcome.VOIDED,
    "asked": VoidOutcome.REQUESTED,
    "gone": VoidOutcome.TOO_LATE,
}


def rates_body(request: RateRequest, names: Names) -> dict[str, Any]:
    """Say what is to be priced, on which services."""
    return {
        "services": [names[s] for s in request.services if s in names],
        "from": request.ship_from.postal_code,
        "to": request.ship_to.postal_code,
        "grams": sum(piece.weight_g for piece in request.pieces),
    }


def flight_body(parcel: BookParcel, names: Names) -> dict[str, Any]:
    """Say what carriage is to be bought; our reference finds it again."""
    return {
        "reference": parcel.reference,
        "service": names[parcel.service],
        "from": parcel.ship_from.postal_code,
        "to": parcel.ship_to.postal_code,
        "grams": sum(piece.weight_g for piece in parcel.pieces),
        "quote": parcel.quote_id,
        "name": parcel.recipient.name if parcel.recipient else "",
    }


def parse_quotes(document: Any, names: Names) -> tuple[Quote, ...]:
    """Read prices; services of theirs that we have no name for are left out."""
    ours = {theirs: our for our, theirs in names.items()}
    return tuple(
        _read(
            item,
            lambda item: Quote(
                id=item["id"],
                service=ours[item["service"]],
                total_cents=cents(item["price"]),
                # They name one day: it stands for the half and the nine in ten.
                p50_at=item["lands"],
                p90_at=item["lands"],
                expires_at=item["until"],
                raw=raw_of(item),
            ),
        )
        for item in listed(document, "rates")
        if str(item.get("service")) in ours
    )


def parse_flight(document: Any, carrier: CarrierId, names: Names) -> Booking:
    """Read one flight that was bought."""
    ours = {theirs: our for our, theirs in names.items()}
    return _read(
        document,
        lambda item: Booking(
            id=item["id"],
            reference=item["reference"],
            carrier=carrier,
            service=ours.get(item["service"], ServiceId(str(item["service"]))),
            tracking_number=item["ring"],
            cost_cents=cents(item["price"]),
            voided=item["state"] == "void",
            raw=raw_of(item),
        ),
    )


def parse_void(document: Any) -> VoidOutcome:
    """Read what became of taking a flight back."""
    return _read(document, lambda item: VOIDS[item["result"]])


def parse_scans(document: Any, carrier: CarrierId) -> tuple[ParcelScan, ...]:
    """Read where a pigeon was seen, oldest first."""
    scans = [_scan(item, carrier) for item in listed(document, "sightings")]
    return tuple(sorted(scans, key=lambda scan: scan.occurred_at))


def parse_event(body: bytes, carrier: CarrierId) -> tuple[ParcelScan, ...]:
    """Read a webhook: one sighting."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"the webhook is not JSON: {error}"
        raise ContractViolation(msg, raw=raw_of(body)) from None
    return (_scan(document, carrier),)


def listed(document: Any, name: str) -> list[dict[str, Any]]:
    """Return a list of objects in an answer."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(i, dict) for i in found):
        msg = f"{name!r}: expected a list of objects"
        raise ContractViolation(msg, raw=raw_of(document))
    return found


def cents(price: Any) -> int:
    """Read money as they write it, ``"12.50"`` or ``12.5``."""
    return int((Decimal(str(price)) * 100).to_integral_value())


def _scan(document: Any, carrier: CarrierId) -> ParcelScan:
    return _read(
        document,
        lambda item: ParcelScan(
            # They number nothing: a copy is known by what it says.
            event_id=content_id(item["ring"], item["seen"], item["at"]),
            carrier=carrier,
            tracking_number=item["ring"],
            status=STATUSES.get(str(item["seen"]), ParcelStatus.UNKNOWN),
            sequence=0,
            occurred_at=item["at"],
            raw=raw_of(item),
        ),
    )


def _read(document: Any, read: Callable[[Any], T]) -> T:
    try:
        return read(document)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        msg = f"unreadable: {type(error).__name__} {str(error)[:120]}"
        raise ContractViolation(msg, raw=raw_of(document)) from None
