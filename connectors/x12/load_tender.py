"""204, the motor carrier load tender: a load offered to one carrier."""

from collections.abc import Iterator
from datetime import tzinfo
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import TypeVar

from connectors.x12.check import Node
from connectors.x12.values import (
    Address,
    Reference,
    Row,
    address_rows,
    decimal,
    fits,
    instant_elements,
    read_addresses,
    read_instant,
    read_references,
    reference_rows,
    whole,
)
from connectors.x12.writer import Document, Free, chunks
from domain.quantities import Count, Instant, Positive, Value

GRAMS_PER_POUND = Decimal("453.59237")
# "Endorsed as hazardous material" (X12 element 152).
_HAZMAT = "HM"
E = TypeVar("E", bound=StrEnum)


class TenderPurpose(StrEnum):
    """Why a tender is sent (X12 element 353)."""

    ORIGINAL = "00"
    CANCEL = "01"
    CHANGE = "04"
    REPLACE = "05"
    UNKNOWN = "??"


class StopKind(StrEnum):
    """What happens at a stop (X12 element 163)."""

    LOAD = "LD"
    LOAD_ALL = "CL"
    UNLOAD = "UL"
    UNLOAD_ALL = "CU"
    UNKNOWN = "??"


class TenderGoods(Value):
    """Some handling units loaded at a stop."""

    description: str
    weight_g: Count = 0
    pieces: Count = 0
    freight_class: str = ""


class TenderStop(Value):
    """One stop, with the window in which the vehicle is expected."""

    kind: StopKind
    place: Address
    not_before: Instant | None = None
    not_after: Instant | None = None
    weight_g: Count = 0
    pieces: Count = 0
    hazmat: bool = False
    references: tuple[Reference, ...] = ()
    notes: tuple[str, ...] = ()
    goods: tuple[TenderGoods, ...] = ()

    @property
    def loads(self) -> bool:
        return self.kind in (StopKind.LOAD, StopKind.LOAD_ALL)


class LoadTender(Value):
    """A load offered; ``shipment_id`` is ours and comes back in every answer."""

    purpose: TenderPurpose = TenderPurpose.ORIGINAL
    scac: str
    shipment_id: str
    payment: str = "PP"
    references: tuple[Reference, ...] = ()
    respond_by: Instant | None = None
    method: str = ""
    equipment: str = ""
    notes: tuple[str, ...] = ()
    stops: tuple[TenderStop, ...] = ()
    weight_g: Positive | None = None
    charge_cents: Count | None = None


def tender_document(tender: LoadTender, zone: tzinfo) -> Document:
    """Write a load tender; weights are said in pounds, rounded up.

    Raises
    ------
    InvalidRequest
        When the shipment id is longer than 30 characters, or the carrier
        code is not 2 to 4.
    """
    return Document("204", tuple(_rows(tender, zone)))


def _rows(tender: LoadTender, zone: tzinfo) -> Iterator[Row]:
    shipment = fits("shipment id", tender.shipment_id, 30)
    scac = fits("scac", tender.scac, 4)
    yield "B2", "", scac, "", shipment, "", tender.payment
    yield "B2A", tender.purpose.value, "LT"
    yield from reference_rows("L11", tender.references[:50])
    if tender.respond_by is not None:
        day, clock, code = instant_elements(tender.respond_by, zone)
        yield "G62", "64", day, "1", clock, code
    if tender.method:
        yield "MS3", scac, "B", "", tender.method
    yield from _note_rows(tender.notes, 10)
    if tender.equipment:
        yield "N7", "", "UNKNOWN", *[""] * 8, tender.equipment
    for ordinal, stop in enumerate(tender.stops, 1):
        yield from _stop_rows(ordinal, stop, zone)
    if tender.weight_g is not None:
        charge = "" if tender.charge_cents is None else str(tender.charge_cents)
        pounds = str(pounds_of(tender.weight_g))
        yield "L3", pounds, "G", "", "", charge


def _stop_rows(ordinal: int, stop: TenderStop, zone: tzinfo) -> Iterator[Row]:
    yield "S5", str(ordinal), stop.kind.value
    yield from reference_rows("L11", stop.references[:50])
    first, last = (
        (("37", "I"), ("38", "K")) if stop.loads else (("53", "G"), ("54", "L"))
    )
    for (day_code, time_code), at in ((first, stop.not_before), (last, stop.not_after)):
        if at is not None:
            day, clock, code = instant_elements(at, zone)
            yield "G62", day_code, day, time_code, clock, code
    if stop.weight_g:
        pieces = str(stop.pieces) if stop.pieces else ""
        yield "AT8", "G", "L", str(pounds_of(stop.weight_g)), pieces
    if stop.hazmat:
        yield "AT5", _HAZMAT
    yield from _note_rows(stop.notes, 20)
    yield from address_rows(stop.place, contact="G61")
    for number, goods in enumerate(stop.goods[:99], 1):
        yield from _goods_rows(number, goods)


def _goods_rows(number: int, goods: TenderGoods) -> Iterator[Row]:
    grade = f" CLASS {goods.freight_class}" if goods.freight_class else ""
    text = goods.description[: 50 - len(grade)].rstrip() or "FREIGHT"
    yield "L5", str(number), Free(f"{text}{grade}", 50, otherwise="FREIGHT")
    if goods.weight_g:
        pieces = str(goods.pieces) if goods.pieces else ""
        yield "AT8", "G", "L", str(pounds_of(goods.weight_g)), pieces


def _note_rows(notes: tuple[str, ...], most: int) -> Iterator[Row]:
    pieces = [piece for note in notes for piece in chunks(note, 80, most)]
    for piece in pieces[:most]:
        yield "NTE", "", Free(piece, 80)


def pounds_of(weight_g: int) -> int:
    """Return whole pounds, rounded up: a carrier bills no less."""
    pounds = Decimal(weight_g) / GRAMS_PER_POUND
    return int(pounds.to_integral_value(ROUND_CEILING))


def read_tender(root: Node, zone: tzinfo) -> LoadTender | None:
    """Read a load tender; None when it has no shipment id or no carrier."""
    header, purpose = root.first("B2"), root.first("B2A")
    if header is None or not header.element(4) or not header.element(2):
        return None
    total = root.first("L3")
    equipment = root.first("N7")
    respond = root.first("G62")
    return LoadTender(
        purpose=_word(TenderPurpose, purpose.element(1) if purpose else ""),
        scac=header.element(2),
        shipment_id=header.element(4),
        payment=header.element(6),
        references=read_references(root),
        respond_by=_at(respond, zone) if respond else None,
        method=method.element(4) if (method := root.first("MS3")) else "",
        equipment=equipment.element(11) if equipment else "",
        notes=tuple(node.element(2) for node in root.all("NTE")),
        stops=tuple(_stop(node, zone) for node in root.all("S5")),
        weight_g=_grams(total.element(1), "L") or None if total else None,
        charge_cents=whole(total.element(5)) if total else None,
    )


def _stop(node: Node, zone: tzinfo) -> TenderStop:
    windows = {n.element(1): _at(n, zone) for n in node.all("G62")}
    goods = node.first("AT8")
    places = read_addresses(node)
    return TenderStop(
        kind=_word(StopKind, node.element(2)),
        place=places[0] if places else Address(role="??"),
        not_before=windows.get("37") or windows.get("53"),
        not_after=windows.get("38") or windows.get("54"),
        weight_g=_grams(goods.element(3), goods.element(2)) if goods else 0,
        pieces=(whole(goods.element(4)) or 0) if goods else 0,
        hazmat=any(n.element(1) == _HAZMAT for n in node.all("AT5")),
        references=read_references(node),
        notes=tuple(n.element(2) for n in node.all("NTE")),
        goods=tuple(_goods(n) for n in node.all("L5")),
    )


def _goods(node: Node) -> TenderGoods:
    description, _, grade = node.element(2).rpartition(" CLASS ")
    weight = node.first("AT8")
    return TenderGoods(
        description=description or grade,
        weight_g=_grams(weight.element(3), weight.element(2)) if weight else 0,
        pieces=(whole(weight.element(4)) or 0) if weight else 0,
        freight_class=grade if description else "",
    )


def _at(node: Node, zone: tzinfo) -> Instant | None:
    return read_instant(node.element(2), node.element(4), node.element(5), zone)


def _grams(text: str, unit: str) -> int:
    weight = decimal(text)
    if weight is None or weight < 0:
        return 0
    return round(weight * (1000 if unit == "K" else GRAMS_PER_POUND))


def _word(words: type[E], code: str) -> E:
    known = {member.value: member for member in words}
    return known.get(code.upper(), known["??"])
