"""940, the warehouse shipping order: what we ask a warehouse to ship."""

from collections.abc import Iterator
from datetime import tzinfo
from enum import StrEnum

from connectors.x12.check import Node
from connectors.x12.values import (
    Address,
    Reference,
    Row,
    address_rows,
    fits,
    instant_elements,
    read_addresses,
    read_instant,
    read_references,
    reference_rows,
    whole,
)
from connectors.x12.writer import Document, Free, chunks
from domain.quantities import Instant, Positive, Value

MAX_NOTES = 20


class OrderPurpose(StrEnum):
    """Why an order is sent (X12 element 473)."""

    NEW = "N"
    CANCEL = "F"
    CHANGE = "R"
    UNKNOWN = "?"


class OrderedLine(Value):
    """One line to ship."""

    sku: str
    sku_qualifier: str = "VN"
    units: Positive
    unit_of_measure: str = "EA"
    description: str = ""
    lots: tuple[str, ...] = ()


class Routing(Value):
    """How the goods leave: who pays, by what, with whom, on which service."""

    payment: str = "PP"
    method: str = "M"
    service: str = ""
    scac: str = ""


class ShippingOrder(Value):
    """A warehouse shipping order; ``number`` is ours and comes back in the 945."""

    purpose: OrderPurpose = OrderPurpose.NEW
    number: str
    purchase_order: str = ""
    parties: tuple[Address, ...] = ()
    references: tuple[Reference, ...] = ()
    ship_by: Instant | None = None
    notes: tuple[str, ...] = ()
    routing: Routing | None = None
    lines: tuple[OrderedLine, ...] = ()


def order_document(order: ShippingOrder, zone: tzinfo) -> Document:
    """Write a shipping order.

    Parameters
    ----------
    order
        At most 999,999 lines; notes are cut to 80 characters each, 20 in all.
    zone
        The partner's zone; times are said in it.

    Raises
    ------
    InvalidRequest
        When a number or a SKU is too long for its element.
    """
    return Document("940", tuple(_rows(order, zone)))


def _rows(order: ShippingOrder, zone: tzinfo) -> Iterator[Row]:
    number = fits("depositor order number", order.number, 22)
    yield "W05", order.purpose.value, number, order.purchase_order[:22].rstrip()
    for party in order.parties:
        yield from address_rows(party)
    yield from reference_rows("N9", order.references)
    if order.ship_by is not None:
        day, clock, code = instant_elements(order.ship_by, zone)
        yield "G62", "10", day
        yield "G62", "38", day, "K", clock, code
    notes = [piece for note in order.notes for piece in chunks(note, 80, MAX_NOTES)]
    for note in notes[:MAX_NOTES]:
        yield "NTE", "WHI", Free(note, 80)
    routing = order.routing
    if routing is not None:
        service = Free(routing.service, 35)
        yield (
            *("W66", routing.payment, routing.method, "", "", service),
            *("", "", "", "", routing.scac),
        )
    for ordinal, line in enumerate(order.lines, 1):
        yield from _line_rows(ordinal, line)
    if order.lines:
        yield "W76", str(sum(line.units for line in order.lines))


def _line_rows(ordinal: int, line: OrderedLine) -> Iterator[Row]:
    sku = fits("sku", line.sku, 48)
    yield "LX", str(ordinal)
    yield "W01", str(line.units), line.unit_of_measure, "", line.sku_qualifier, sku
    if line.description.strip():
        yield "G69", Free(line.description, 45)
    for lot in line.lots:
        yield "N9", "LT", fits("lot", lot, 30)


def read_order(root: Node, zone: tzinfo) -> ShippingOrder | None:
    """Read a shipping order; None when it has no number."""
    header = root.first("W05")
    if header is None or not header.element(2):
        return None
    return ShippingOrder(
        purpose=_purpose(header.element(1)),
        number=header.element(2),
        purchase_order=header.element(3),
        parties=read_addresses(root),
        references=read_references(root),
        ship_by=next(
            (
                at
                for code in ("38", "10")
                for node in root.all("G62")
                if node.element(1) == code
                and (
                    at := read_instant(
                        node.element(2), node.element(4), node.element(5), zone
                    )
                )
            ),
            None,
        ),
        notes=tuple(node.element(2) for node in root.all("NTE")),
        routing=_routing(root.first("W66")),
        lines=tuple(_lines(root)),
    )


def _purpose(code: str) -> OrderPurpose:
    known = {member.value for member in OrderPurpose}
    return OrderPurpose(code.upper() if code.upper() in known else "?")


def _routing(node: Node | None) -> Routing | None:
    if node is None:
        return None
    return Routing(
        payment=node.element(1),
        method=node.element(2),
        service=node.element(5),
        scac=node.element(10),
    )


def _lines(root: Node) -> Iterator[OrderedLine]:
    for node in root.deep("W01"):
        units = whole(node.element(1))
        pairs = [(node.element(n), node.element(n + 1)) for n in (4, 6, 15)]
        pairs.append(("UP", node.element(3)))
        sku = next(((kind, value) for kind, value in pairs if value), None)
        if not units or sku is None:
            continue
        text = node.first("G69")
        yield OrderedLine(
            sku=sku[1],
            sku_qualifier=sku[0],
            units=units,
            unit_of_measure=node.element(2),
            description=text.element(1) if text else "",
            lots=tuple(r.value for r in read_references(node) if r.qualifier == "LT"),
        )
