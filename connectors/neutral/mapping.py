"""The neutral contract's JSON, both ways; pure.

What we build is exact. What we read may hold more fields than we know, which
are ignored, and words we do not know, which become UNKNOWN where the
vocabulary has that word. Anything else unreadable is a ContractViolation that
keeps the raw text.
"""

import json
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.ports import Capabilities
from domain.errors import ContractViolation
from domain.hazard import Hazard, Severity
from domain.order import Line
from domain.quantities import FcId, Instant, Value
from domain.shipping import (
    Booking,
    BookParcel,
    ParcelScan,
    ParcelStatus,
    Piece,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReserveStock,
    StockNotice,
    StockReport,
    WarehouseEvent,
    WarehouseNotice,
    WarehouseOrder,
    WorkStatus,
)
from domain.wire import raw_of

M = TypeVar("M", bound=BaseModel)
E = TypeVar("E", bound=StrEnum)


class _Now(Value):
    now: Instant


def reserve_body(order: ReserveStock) -> dict[str, Any]:
    """Say what is to be set aside."""
    return {
        "reference": order.key,
        "order_id": order.order_id,
        "lines": _lines(order.lines),
    }


def release_body(order: ReleaseOrder) -> dict[str, Any]:
    """Say what is to be picked, how packed, and when it must be ready."""
    return {
        "reference": order.key,
        "order_id": order.order_id,
        "parcel_id": order.parcel_id,
        "reservation_reference": order.reservation_key,
        "lines": _lines(order.lines),
        "cartons": [
            {
                "carton": carton.carton,
                "method": carton.method,
                "lines": _lines(carton.lines),
            }
            for carton in order.cartons
        ],
        "service": order.service,
        "tracking_number": order.tracking_number,
        "hand_over_at": order.hand_over_at.isoformat(),
    }


def rates_body(request: RateRequest) -> dict[str, Any]:
    """Say what is to be priced, on which services."""
    return {
        "fc": request.fc,
        "ship_from": request.ship_from.model_dump(mode="json"),
        "ship_to": request.ship_to.model_dump(mode="json"),
        "pieces": _pieces(request.pieces),
        "services": list(request.services),
        "ready_at": request.ready_at.isoformat(),
        "residential": request.residential,
        "signature": request.signature,
        "hazmat": request.hazmat,
        "insured_cents": request.insured_cents,
    }


def booking_body(parcel: BookParcel) -> dict[str, Any]:
    """Say what carriage is to be bought."""
    return {
        "reference": parcel.reference,
        "order_id": parcel.order_id,
        "parcel_id": parcel.parcel_id,
        "fc": parcel.fc,
        "carrier": parcel.carrier,
        "service": parcel.service,
        "ship_from": parcel.ship_from.model_dump(mode="json"),
        "ship_to": parcel.ship_to.model_dump(mode="json"),
        "pieces": _pieces(parcel.pieces),
        "hand_over_at": parcel.hand_over_at.isoformat(),
        "residential": parcel.residential,
        "signature": parcel.signature,
        "hazmat": parcel.hazmat,
        "insured_cents": parcel.insured_cents,
        "quote_id": parcel.quote_id,
    }


def parse_stock(document: Any, fc: FcId) -> StockReport:
    """Read a physical count."""
    return _read(StockReport, {**_object(document), "fc": fc}, document)


def parse_reservation(document: Any, fc: FcId) -> Reservation:
    """Read one reservation."""
    fields = _object(document)
    return _read(
        Reservation, {**fields, "fc": fc, "key": fields.get("reference")}, document
    )


def parse_order(document: Any, fc: FcId) -> WarehouseOrder:
    """Read what a warehouse says of a released order."""
    fields = _object(document)
    return _read(
        WarehouseOrder,
        {
            **fields,
            "fc": fc,
            "key": fields.get("reference"),
            "status": _word(WorkStatus, fields.get("status")),
        },
        document,
    )


def parse_cancellation(document: Any) -> CancelOutcome:
    """Read what became of a cancellation."""
    return _outcome(CancelOutcome, document)


def parse_quotes(document: Any) -> tuple[Quote, ...]:
    """Read the prices offered."""
    return tuple(_read(Quote, item, document) for item in _list(document, "quotes"))


def parse_booking(document: Any) -> Booking:
    """Read one booking."""
    return _read(Booking, _object(document), document)


def parse_void(document: Any) -> VoidOutcome:
    """Read what became of a voiding."""
    return _outcome(VoidOutcome, document)


def parse_scans(document: Any) -> tuple[ParcelScan, ...]:
    """Read what is known of a parcel, in the order of its sequence."""
    scans = [_scan(item, document) for item in _list(document, "scans")]
    return tuple(sorted(scans, key=lambda scan: scan.sequence))


def parse_hazards(document: Any) -> tuple[Hazard, ...]:
    """Read the full set of alerts; a severity we do not know is unknown."""
    return tuple(
        _read(
            Hazard,
            {**item, "severity": _word(Severity, item.get("severity"))},
            document,
        )
        for item in _list(document, "hazards")
    )


def parse_now(document: Any) -> Instant:
    """Read the business clock."""
    return _read(_Now, _object(document), document).now


def parse_capabilities(document: Any, kind: str) -> Capabilities:
    """Read how the counterpart says it behaves."""
    return _read(Capabilities, _object(_object(document).get(kind)), document)


def items(document: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects of a named list in an answer."""
    return _list(document, name)


def parse_warehouse_events(body: bytes) -> tuple[WarehouseNotice | StockNotice, ...]:
    """Read the facts in a warehouse's webhook, in the order they were sent."""
    return tuple(_warehouse_event(item, body) for item in _events(body))


def parse_parcel_events(body: bytes) -> tuple[ParcelScan, ...]:
    """Read the facts in a carrier's webhook, in the order they were sent."""
    return tuple(_scan(item, body) for item in _events(body))


def _warehouse_event(
    item: dict[str, Any], source: Any
) -> WarehouseNotice | StockNotice:
    if item.get("type") == "stock-counted":
        return _read(StockNotice, item, source)
    event = _word(WarehouseEvent, item.get("event"))
    return _read(WarehouseNotice, {**item, "event": event}, source)


def _scan(item: dict[str, Any], source: Any) -> ParcelScan:
    status = _word(ParcelStatus, item.get("status"))
    return _read(ParcelScan, {**item, "status": status}, source)


def _lines(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    return [{"sku": line.sku, "units": line.units} for line in lines]


def _pieces(pieces: tuple[Piece, ...]) -> list[dict[str, Any]]:
    return [
        {
            **piece.size.model_dump(),
            "weight_g": piece.weight_g,
            "hazmat": piece.hazmat,
        }
        for piece in pieces
    ]


def _events(body: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"the webhook is not JSON: {error}"
        raise ContractViolation(msg, raw=raw_of(body)) from None
    return _list(document, "events")


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        msg = f"expected a JSON object, got {type(document).__name__}"
        raise ContractViolation(msg, raw=raw_of(document))
    return document


def _list(document: Any, name: str) -> list[dict[str, Any]]:
    found = _object(document).get(name)
    if not isinstance(found, list) or not all(isinstance(i, dict) for i in found):
        msg = f"{name!r}: expected a list of objects"
        raise ContractViolation(msg, raw=raw_of(document))
    return found


def _read(model: type[M], fields: dict[str, Any], source: Any) -> M:
    if "raw" in model.model_fields:
        fields = {**fields, "raw": raw_of(fields)}
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"{model.__name__}.{where}: {first['msg']}"
        raise ContractViolation(msg, raw=raw_of(source)) from None


def _word(words: type[StrEnum], word: Any) -> str:
    """Return the word if the vocabulary has it, else its word for unknown."""
    known = {str(member) for member in words}
    return word if isinstance(word, str) and word in known else "unknown"


def _outcome(words: type[E], document: Any) -> E:
    outcome = _object(document).get("outcome")
    try:
        return words(str(outcome))
    except ValueError:
        known = ", ".join(words)
        msg = f"outcome: {outcome!r} is none of {known}"
        raise ContractViolation(msg, raw=raw_of(document)) from None
