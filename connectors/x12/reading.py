"""One received transaction set to a typed document and a verdict."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from pydantic import ValidationError

from connectors.x12.acknowledgment import (
    Acknowledgment,
    SetVerdict,
    read_acknowledgment,
    verdict_of,
)
from connectors.x12.check import Node, check_set
from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.exchange import Group, TransactionSet
from connectors.x12.load_tender import LoadTender, read_tender
from connectors.x12.sets import base_version, set_rule
from connectors.x12.shipment_status import ShipmentStatus, read_status
from connectors.x12.shipping_advice import ShippingAdvice, read_advice
from connectors.x12.shipping_order import ShippingOrder, read_order
from connectors.x12.tender_response import TenderResponse, read_response
from connectors.x12.values import read_instant
from domain.wire import MAX_RAW_CHARACTERS

Typed = (
    ShippingOrder
    | ShippingAdvice
    | LoadTender
    | TenderResponse
    | ShipmentStatus
    | Acknowledgment
)
KNOWN_SETS = frozenset({"940", "945", "204", "990", "214", "997"})
# A clock that is wrong, or in another zone, is ahead of ours by no more.
SKEW = timedelta(days=2)


@dataclass(frozen=True)
class Terms:
    """What reading needs to know: zone, SKU qualifier, units, what is tolerated."""

    zone: tzinfo
    now: datetime
    expected: frozenset[str] = KNOWN_SETS
    tolerated: frozenset[str] = frozenset()
    sku_qualifier: str = "VN"
    units_of_measure: tuple[str, ...] = ()


@dataclass(frozen=True)
class Received:
    """A set as it was understood; no document when it was rejected.

    ``origin`` is its place among all that was ever received.
    """

    verdict: SetVerdict
    document: Typed | None
    told_at: datetime
    raw: str = ""
    origin: str = ""


def read_set(received: TransactionSet, terms: Terms) -> Received:
    """Judge a set and read it.

    A document comes only with a verdict A or E: what is rejected is answered
    so, and must not be acted on.
    """
    told_at = group_instant(received.group, terms)
    defects = list(received.defects)
    document: Typed | None = None
    version = base_version(received.group.version)
    rule = set_rule(received.id, version) if version else None
    if rule is None or received.id not in terms.expected:
        defects.append(_unsupported(received))
    else:
        separators = received.group.interchange.separators
        root, found = check_set(received.segments, rule, separators)
        defects += found
        document, unusable = _document(received.id, root, terms, told_at)
        defects += unusable
    verdict = verdict_of(received.id, received.control, tuple(defects), terms.tolerated)
    usable = document if verdict.code != "R" else None
    return Received(verdict, usable, told_at, _raw(received))


def _raw(received: TransactionSet) -> str:
    """Return the set as text, one segment a line, cut to what is kept of it."""
    lines = ("*".join((s.id, *s.elements)) for s in received.segments[:200])
    return "\n".join(lines)[:MAX_RAW_CHARACTERS]


def group_instant(group: Group, terms: Terms) -> datetime:
    """Return when a group says it was made; now, when it says nothing that can be."""
    header = group.header
    at = read_instant(header.element(4), header.element(5), "", terms.zone)
    return at if at is not None and at <= terms.now + SKEW else terms.now


def _document(
    name: str, root: Node, terms: Terms, told_at: datetime
) -> tuple[Typed | None, tuple[Defect, ...]]:
    document: Typed | None = None
    defects: tuple[Defect, ...] = ()
    try:
        match name:
            case "940":
                document = read_order(root, terms.zone)
            case "945":
                document, defects = read_advice(
                    root, terms.zone, told_at, terms.sku_qualifier
                )
                if document is not None:
                    defects += _units(root, terms)
            case "204":
                document = read_tender(root, terms.zone)
            case "990":
                document = read_response(root)
            case "214":
                document, defects = read_status(root, terms.zone, told_at)
            case "997":
                document = read_acknowledgment(root)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return None, (_unreadable(root, f"{where}: {first['msg']}"),)
    if document is None and not defects:
        defects = (_unreadable(root, "the number it is known by is missing"),)
    return document, defects


def _units(root: Node, terms: Terms) -> tuple[Defect, ...]:
    """Refuse quantities in units we did not order in: a case is not an each."""
    found = []
    for node in root.deep("W12"):
        unit = node.element(5).upper()
        if unit and terms.units_of_measure and unit not in terms.units_of_measure:
            right = ", ".join(terms.units_of_measure)
            found.append(
                Defect(
                    *("unit", Severity.REJECTED, Level.ELEMENT, "W12"),
                    node.segment.line,
                    f"{unit!r}: quantities are agreed in {right}",
                    position=node.position,
                    element=5,
                    value=unit,
                    code="7",
                )
            )
    return tuple(found)


def _unsupported(received: TransactionSet) -> Defect:
    first = received.segments[0]
    msg = f"{received.id!r} in version {received.group.version!r} is not expected"
    return Defect(
        *("unsupported-set", Severity.REJECTED, Level.SET, "ST", first.line, msg),
        position=1,
        element=1,
        value=received.id,
        code="1",
    )


def _unreadable(root: Node, message: str) -> Defect:
    return Defect(
        *("unusable", Severity.REJECTED, Level.SET, "ST", root.segment.line, message),
        position=1,
        code="5",
    )
