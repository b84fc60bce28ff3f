"""214, the carrier's shipment status: where a load is, and when it was there."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from types import MappingProxyType

from connectors.x12.check import Node
from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.values import (
    Reference,
    Row,
    fits,
    instant_elements,
    latest_on,
    plausible,
    read_instant,
    read_references,
    reference_rows,
)
from connectors.x12.writer import Document, Free
from domain.quantities import Instant, Value
from domain.shipping import ParcelStatus

# What is expected, and not yet so.
ESTIMATES = frozenset({"AG", "X2"})
# X12 element 1650, read as what it means for a parcel. Estimates and
# appointments say nothing of where it is: they stay UNKNOWN, with their code.
STATUSES = MappingProxyType(
    {
        "XB": ParcelStatus.BOOKED,
        "X3": ParcelStatus.BOOKED,
        "X8": ParcelStatus.BOOKED,
        "L1": ParcelStatus.BOOKED,
        "AF": ParcelStatus.HANDED_OVER,
        "CP": ParcelStatus.HANDED_OVER,
        "AM": ParcelStatus.HANDED_OVER,
        "P1": ParcelStatus.IN_TRANSIT,
        "X4": ParcelStatus.IN_TRANSIT,
        "X6": ParcelStatus.IN_TRANSIT,
        "J1": ParcelStatus.IN_TRANSIT,
        "AR": ParcelStatus.IN_TRANSIT,
        "I1": ParcelStatus.IN_TRANSIT,
        "OA": ParcelStatus.OUT_FOR_DELIVERY,
        "X1": ParcelStatus.OUT_FOR_DELIVERY,
        "X5": ParcelStatus.OUT_FOR_DELIVERY,
        "D1": ParcelStatus.DELIVERED,
        "A7": ParcelStatus.EXCEPTION,
        "A9": ParcelStatus.EXCEPTION,
        "AH": ParcelStatus.EXCEPTION,
        "AP": ParcelStatus.EXCEPTION,
        "SD": ParcelStatus.EXCEPTION,
        "A3": ParcelStatus.RETURNED,
        "CA": ParcelStatus.VOIDED,
    }
)


class StatusEvent(Value):
    """One thing that happened; ``code`` and ``reason`` are the carrier's own."""

    status: ParcelStatus
    code: str
    reason: str = ""
    at: Instant
    at_known: bool = True
    appointment: bool = False
    city: str = ""
    region: str = ""
    country: str = ""
    stop: str = ""


class ShipmentStatus(Value):
    """A status message; ``shipment_id`` is that of our tender."""

    shipment_id: str
    carrier_reference: str = ""
    scac: str
    references: tuple[Reference, ...] = ()
    events: tuple[StatusEvent, ...] = ()


def status_document(status: ShipmentStatus, zone: tzinfo) -> Document:
    """Write a status message, as a carrier of ours would."""
    return Document("214", tuple(_rows(status, zone)))


def _rows(status: ShipmentStatus, zone: tzinfo) -> Iterator[Row]:
    shipment = fits("shipment id", status.shipment_id, 30)
    yield "B10", status.carrier_reference, shipment, fits("scac", status.scac, 4)
    yield from reference_rows("L11", status.references)
    for ordinal, event in enumerate(status.events, 1):
        day, clock, code = instant_elements(event.at, zone)
        yield "LX", str(ordinal)
        if event.appointment:
            yield "AT7", "", "", event.code, event.reason, day, clock, code
        else:
            yield "AT7", event.code, event.reason, "", "", day, clock, code
        if event.city:
            region = event.region if len(event.region) == 2 else ""
            yield "MS1", Free(event.city, 30, 2), region, event.country


def read_status(
    root: Node, zone: tzinfo, told_at: datetime
) -> tuple[ShipmentStatus | None, tuple[Defect, ...]]:
    """Read a status message, and say what of it cannot be used.

    Parameters
    ----------
    root
        The set's tree.
    zone
        The partner's zone, for times without a code.
    told_at
        When the document was made: the time of an event that has none, and
        the latest an event told by its day alone can have been.

    Returns
    -------
    tuple
        The message, None when it names no shipment; codes that are not known
        are kept as UNKNOWN.
    """
    header = root.first("B10")
    if header is None:
        return None, ()
    references = read_references(root)
    shipment = header.element(2) or next(
        (r.value for r in references if r.qualifier in ("SI", "BM")), ""
    )
    if not shipment:
        return None, (
            _defect(
                header, 2, "no shipment id; the 204's goes here", Severity.REJECTED
            ),
        )
    defects: list[Defect] = []
    events = [
        _event(node, stop, zone, told_at, defects) for node, stop in _details(root)
    ]
    status = ShipmentStatus(
        shipment_id=shipment,
        carrier_reference=header.element(1) or header.element(6),
        scac=header.element(3),
        references=references,
        events=tuple(events),
    )
    return status, tuple(defects)


def _details(root: Node) -> Iterator[tuple[Node, str]]:
    for loop in root.all("LX"):
        stop = next((r.value for r in read_references(loop) if r.qualifier == "QN"), "")
        yield from ((node, stop) for node in loop.deep("AT7"))
    # A partner that leaves LX out still tells what happened.
    yield from ((node, "") for node in root.all("AT7"))


def _event(
    node: Node, stop: str, zone: tzinfo, told_at: datetime, defects: list[Defect]
) -> StatusEvent:
    appointment = not node.element(1) and bool(node.element(3))
    code = (node.element(3) if appointment else node.element(1)).upper()
    day, clock, zone_code = node.element(5), node.element(6), node.element(7)
    at = read_instant(day, clock, zone_code, zone) or latest_on(day, zone, told_at)
    foretold = appointment or code in ESTIMATES
    if at is not None and not foretold and not plausible(at, told_at):
        at = None
    if at is None:
        msg = "no time the event can have had; the document's own is taken"
        defects.append(_defect(node, 5, msg, Severity.ACCEPTED_WITH_ERRORS))
    place = node.first("MS1")
    known = ParcelStatus.UNKNOWN if appointment else STATUSES.get(code)
    return StatusEvent(
        status=known or ParcelStatus.UNKNOWN,
        code=code,
        reason=node.element(4 if appointment else 2).upper(),
        at=at or told_at,
        at_known=at is not None,
        appointment=appointment,
        city=place.element(1) if place else "",
        region=place.element(2) if place else "",
        country=place.element(3) if place else "",
        stop=stop,
    )


def _defect(node: Node, element: int, message: str, severity: Severity) -> Defect:
    return Defect(
        "unusable",
        severity,
        Level.ELEMENT,
        node.segment.id,
        node.segment.line,
        message,
        position=node.position,
        element=element,
        value=node.element(element),
        code="1",
    )
