"""990, the response to a load tender: taken or declined."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from connectors.x12.check import Node
from connectors.x12.dictionary import V4010
from connectors.x12.elements import read_date
from connectors.x12.values import Row, fits, read_references
from connectors.x12.writer import Document, Free, chunks
from domain.quantities import Value


class TenderAction(StrEnum):
    """What a carrier does with a load (X12 element 558)."""

    ACCEPTED = "A"
    CONDITIONAL = "B"
    COUNTERED = "C"
    DECLINED = "D"
    UNKNOWN = "?"


class TenderResponse(Value):
    """A carrier's answer; ``code`` keeps the action as it was sent."""

    scac: str = ""
    shipment_id: str
    on: date | None = None
    action: TenderAction
    code: str = ""
    pro_number: str = ""
    reasons: tuple[str, ...] = ()


def response_document(response: TenderResponse, version: str = V4010) -> Document:
    """Write a response, as a carrier of ours would."""
    return Document("990", tuple(_rows(response, version)))


def _rows(response: TenderResponse, version: str) -> Iterator[Row]:
    shipment = fits("shipment id", response.shipment_id, 30)
    day = f"{response.on:%Y%m%d}" if response.on else ""
    yield "B1", response.scac, shipment, day, response.code or response.action.value
    modern = version[:6] > V4010
    if response.pro_number:
        pair = ("CN", fits("pro number", response.pro_number, 30))
        yield ("L11", *reversed(pair)) if modern else ("N9", *pair)
    for reason in () if modern else response.reasons[:10]:
        for piece in chunks(reason, 30, 1):
            yield "K1", Free(piece, 30)


def read_response(root: Node) -> TenderResponse | None:
    """Read a response; None when it names no load of ours.

    An action that is missing or not known is UNKNOWN, never an acceptance.
    """
    header = root.first("B1")
    if header is None or not header.element(2):
        return None
    code = header.element(4).upper()
    # D is "reservation canceled" by the book; E, "declined", came later.
    meaning = "D" if code == "E" else code
    known = {member.value for member in TenderAction}
    pro = [r.value for r in read_references(root) if r.qualifier == "CN"]
    reasons = [f"{n.element(1)} {n.element(2)}".strip() for n in root.deep("K1")]
    reasons += [n.element(8) or n.element(1) for n in root.deep("V9")]
    return TenderResponse(
        scac=header.element(1),
        shipment_id=header.element(2),
        on=read_date(header.element(3)),
        action=TenderAction(meaning if meaning in known else "?"),
        code=code,
        pro_number=pro[0] if pro else "",
        reasons=tuple(reasons),
    )
