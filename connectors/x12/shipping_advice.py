"""945, the warehouse shipping advice: what a warehouse really shipped."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from connectors.x12.check import Node
from connectors.x12.defects import Defect, Level, Severity
from connectors.x12.values import (
    Address,
    Reference,
    Row,
    address_rows,
    fits,
    instant_elements,
    latest_on,
    plausible,
    read_addresses,
    read_instant,
    read_references,
    reference_rows,
    whole,
)
from connectors.x12.writer import Document
from domain.quantities import Count, Instant, Value

# Where a W12 names a product: qualifier and number side by side.
_PAIRS = (7, 17, 21)
_QUALIFIERS = frozenset(
    {"BP", "CB", "EN", "IN", "IT", "MG", "MN", "PI", "PN", "SK", "SW", "UA"}
    | {"UC", "UD", "UI", "UK", "UP", "US", "VA", "VC", "VN", "VP", "ZZ"}
)
_TRACKING = frozenset({"2I", "CN"})
_PACKAGE = frozenset({"CP"})


class Lot(Value):
    """A lot, and how many units of it when that was told."""

    number: str
    units: Count | None = None


class ShippedLine(Value):
    """One line as it left; ``ordered`` is None when the warehouse did not say."""

    sku: str
    sku_qualifier: str = "VN"
    ordered: Count | None = None
    shipped: Count
    status: str = "CC"
    unit_of_measure: str = "EA"
    lots: tuple[Lot, ...] = ()

    @property
    def short(self) -> int:
        return max(0, (self.ordered or self.shipped) - self.shipped)


class ShippingAdvice(Value):
    """A warehouse shipping advice; ``number`` is that of our shipping order."""

    reporting: str = "F"
    number: str
    shipped_at: Instant | None = None
    shipment_id: str = ""
    purchase_order: str = ""
    parties: tuple[Address, ...] = ()
    references: tuple[Reference, ...] = ()
    scac: str = ""
    tracking: tuple[str, ...] = ()
    lines: tuple[ShippedLine, ...] = ()


def advice_document(advice: ShippingAdvice, zone: tzinfo) -> Document:
    """Write a shipping advice, as a warehouse of ours would.

    Raises
    ------
    InvalidRequest
        When a number is too long for its element.
    """
    return Document("945", tuple(_rows(advice, zone)))


def _rows(advice: ShippingAdvice, zone: tzinfo) -> Iterator[Row]:
    number = fits("depositor order number", advice.number, 22)
    shipped = advice.shipped_at
    day = instant_elements(shipped, zone)[0] if shipped else ""
    yield (
        *("W06", advice.reporting, number, day, advice.shipment_id, ""),
        advice.purchase_order,
    )
    for party in advice.parties or (Address(role="WH", name="WAREHOUSE"),):
        yield from address_rows(party)
    yield from reference_rows("N9", advice.references)
    for tracking in advice.tracking:
        yield "N9", "2I", fits("tracking number", tracking, 30)
    if shipped is not None:
        day, clock, code = instant_elements(shipped, zone)
        yield "G62", "11", day, "8", clock, code
    if advice.scac:
        yield "W27", "M", advice.scac
    for ordinal, line in enumerate(advice.lines, 1):
        yield "LX", str(ordinal)
        yield from _line_rows(line)
    yield "W03", str(sum(line.shipped for line in advice.lines))


def _line_rows(line: ShippedLine) -> Iterator[Row]:
    ordered = "" if line.ordered is None else str(line.ordered)
    short = str(line.short) if line.short else ""
    sku = fits("sku", line.sku, 48)
    yield (
        *("W12", line.status, ordered, str(line.shipped), short),
        *(line.unit_of_measure, "", line.sku_qualifier, sku),
    )
    for lot in line.lots:
        units = "" if lot.units is None else str(lot.units)
        yield "N9", "LT", fits("lot", lot.number, 30), units


def read_advice(
    root: Node, zone: tzinfo, told_at: datetime, preferred: str = "VN"
) -> tuple[ShippingAdvice | None, tuple[Defect, ...]]:
    """Read a shipping advice, and say what of it cannot be used.

    Parameters
    ----------
    root
        The set's tree.
    zone
        The partner's zone, for times without a code.
    told_at
        When the document was made; a shipping date without a time is no later.
    preferred
        The qualifier under which our SKUs are, where a line has several.

    Returns
    -------
    tuple
        The advice, None when it names no order of ours, and defects: lines
        without a usable product or quantity are rejected, never guessed.
    """
    header = root.first("W06")
    if header is None:
        return None, ()
    if not header.element(2):
        return None, (
            _defect(header, 2, "no depositor order number; the 940's goes here"),
        )
    defects: list[Defect] = []
    lines = [
        line
        for node in root.deep("W12")
        if (line := _line(node, preferred, defects)) is not None
    ]
    carrier = root.first("W27")
    advice = ShippingAdvice(
        reporting=header.element(1),
        number=header.element(2),
        shipped_at=_shipped_at(root, header, zone, told_at, defects),
        shipment_id=header.element(4),
        purchase_order=header.element(6),
        parties=read_addresses(root),
        references=tuple(
            r for r in read_references(root) if r.qualifier not in _TRACKING
        ),
        scac=carrier.element(2) if carrier else "",
        tracking=tuple(dict.fromkeys(_tracking(root))),
        lines=tuple(lines),
    )
    return advice, tuple(defects)


def _shipped_at(
    root: Node,
    header: Node,
    zone: tzinfo,
    told_at: datetime,
    defects: list[Defect],
) -> datetime | None:
    for node in root.all("G62"):
        if node.element(1) == "11":
            at = read_instant(node.element(2), node.element(4), node.element(5), zone)
            if at is not None:
                return _taken(at, node, 2, told_at, defects)
    days = [n.element(2) for n in root.all("G62") if n.element(1) == "11"]
    for day in (*days, header.element(3)):
        found = latest_on(day, zone, told_at)
        if found is not None:
            return _taken(found.astimezone(UTC), header, 3, told_at, defects)
    return None


def _taken(
    at: datetime, node: Node, element: int, told_at: datetime, defects: list[Defect]
) -> datetime | None:
    """Return an instant that can be; None, and say so, for one that cannot."""
    if plausible(at, told_at):
        return at
    msg = f"{at:%Y-%m-%d} is far from {told_at:%Y-%m-%d}; the document's own is taken"
    wrong = _defect(node, element, msg)
    defects.append(replace(wrong, severity=Severity.ACCEPTED_WITH_ERRORS))
    return None


def _tracking(root: Node) -> Iterator[str]:
    for node in root.deep("N9"):
        if node.element(1) in _TRACKING and node.element(2):
            yield node.element(2)
    for node in root.deep("MAN"):
        for kind, value in ((1, 2), (4, 5)):
            if node.element(kind) in _PACKAGE and node.element(value):
                yield node.element(value)


def _line(node: Node, preferred: str, defects: list[Defect]) -> ShippedLine | None:
    product = _product(node, preferred, defects)
    if product is None:
        msg = "no product; right is a qualifier like 'VN' and the SKU in 07 and 08"
        defects.append(_defect(node, 8, msg))
        return None
    ordered, shipped = whole(node.element(2)), whole(node.element(3))
    missing = whole(node.element(4))
    if shipped is None and ordered is not None and missing is not None:
        shipped = max(0, ordered - missing)
    if ordered is None and shipped is not None and missing is not None:
        ordered = shipped + missing
    if shipped is None:
        msg = "no whole number of units shipped"
        defects.append(_defect(node, 3, msg, node.element(3)))
        return None
    return ShippedLine(
        sku=product[1],
        sku_qualifier=product[0],
        ordered=ordered,
        shipped=shipped,
        status=node.element(1),
        unit_of_measure=node.element(5),
        lots=tuple(
            Lot(number=reference.value, units=whole(reference.note))
            for reference in read_references(node)
            if reference.qualifier == "LT" and reference.value
        ),
    )


def _product(
    node: Node, preferred: str, defects: list[Defect]
) -> tuple[str, str] | None:
    pairs = [(node.element(n).upper(), node.element(n + 1)) for n in _PAIRS]
    found = [(kind, value) for kind, value in pairs if kind in _QUALIFIERS and value]
    if not found:
        # Some partners write every element from the product on one place late.
        pairs = [(node.element(n + 1).upper(), node.element(n + 2)) for n in _PAIRS]
        found = [
            (kind, value) for kind, value in pairs if kind in _QUALIFIERS and value
        ]
        if found:
            msg = "the product is one element late; 07 is its qualifier, 08 its number"
            shifted = Severity.ACCEPTED_WITH_ERRORS
            defects.append(_defect(node, 7, msg, node.element(7), shifted))
    if node.element(6) and not found:
        found = [("UP", node.element(6))]
    found.sort(key=lambda pair: pair[0] != preferred)
    return found[0] if found else None


def _defect(
    node: Node,
    element: int,
    message: str,
    value: str = "",
    severity: Severity = Severity.REJECTED,
) -> Defect:
    return Defect(
        "unusable" if severity is Severity.REJECTED else "shifted",
        severity,
        Level.ELEMENT,
        node.segment.id,
        node.segment.line,
        message,
        position=node.position,
        element=element,
        value=value,
        code="7" if value else "1",
    )
