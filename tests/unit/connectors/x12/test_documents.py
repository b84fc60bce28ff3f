"""Every document we can write: accepted by the referee, and read back as it was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from connectors.x12.load_tender import (
    StopKind,
    TenderGoods,
    TenderPurpose,
    pounds_of,
    tender_document,
)
from connectors.x12.reading import Received, Terms, read_set
from connectors.x12.separators import Separators
from connectors.x12.shipment_status import (
    STATUSES,
    ShipmentStatus,
    StatusEvent,
    status_document,
)
from connectors.x12.shipping_advice import (
    Lot,
    ShippedLine,
    ShippingAdvice,
    advice_document,
)
from connectors.x12.shipping_order import (
    OrderedLine,
    OrderPurpose,
    order_document,
)
from connectors.x12.tender_response import (
    TenderAction,
    TenderResponse,
    response_document,
)
from connectors.x12.values import Address, Reference
from connectors.x12.writer import Document
from domain.shipping import ParcelStatus
from tests.unit.connectors.x12.referee import complaints
from tests.unit.connectors.x12.samples import (
    NOON,
    a_response,
    a_status,
    a_tender,
    an_advice,
    an_order,
    defects_of,
    from_partner,
    only_set,
)

TERMS = Terms(zone=UTC, now=NOON + timedelta(days=1))
WRITE: dict[str, tuple[Any, Callable[[Any, str], Document]]] = {
    "940": (an_order(), lambda value, _: order_document(value, UTC)),
    "945": (an_advice(), lambda value, _: advice_document(value, UTC)),
    "204": (a_tender(), lambda value, _: tender_document(value, UTC)),
    "990": (a_response(), response_document),
    "214": (a_status(), lambda value, _: status_document(value, UTC)),
}


def separators_of(version: str) -> Separators:
    return Separators(repetition="^" if version == "005010" else None)


def read(content: bytes, terms: Terms = TERMS) -> Received:
    return read_set(only_set(content), terms)


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize("name", WRITE)
def test_a_document_passes_the_referee_and_comes_back(name: str, version: str) -> None:
    value, write = WRITE[name]

    content = from_partner(
        write(value, version), version=version, separators=separators_of(version)
    )

    assert complaints(content) == []
    assert defects_of(content) == []
    assert read(content).document == value


def test_the_referee_sees_what_is_wrong() -> None:
    content = from_partner(order_document(an_order(), UTC))

    assert complaints(content.replace(b"SE*19*", b"SE*18*"))
    assert complaints(content.replace(b"W05*N*", b"W05**"))
    assert complaints(content.replace(b"IEA*1*000000007", b"IEA*1*000000008"))


IDS = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-_/.", min_size=2, max_size=22)
TEXTS = st.text(max_size=120)
INSTANTS = st.integers(0, 30_000_000).map(lambda m: NOON + timedelta(minutes=m))
# What a partner says of its day lies near the day on which it says so.
SOON = st.integers(0, 9_000).map(lambda m: NOON + timedelta(minutes=m))
COUNTS = st.integers(1, 99_999)
ADDRESSES = st.builds(
    Address,
    role=st.sampled_from(["ST", "SF", "WH", "BT"]),
    name=TEXTS,
    id_qualifier=st.sampled_from(["", "ZZ", "9", "91"]),
    id=IDS,
    streets=st.lists(TEXTS, max_size=3).map(tuple),
    city=TEXTS,
    region=st.sampled_from(["", "IL", "Illinois", "x"]),
    postal_code=st.text("0123456789- ", max_size=12),
    country=st.sampled_from(["", "US", "CAN"]),
    phone=st.sampled_from(["", "+1 555 0100", "~~"]),
)
REFERENCES = st.builds(
    Reference, qualifier=st.sampled_from(["CO", "BM", "PO"]), value=IDS, note=TEXTS
)
ORDERS = st.builds(
    an_order,
    purpose=st.sampled_from([OrderPurpose.NEW, OrderPurpose.CANCEL]),
    number=IDS,
    parties=st.lists(ADDRESSES, max_size=4).map(tuple),
    references=st.lists(REFERENCES, max_size=5).map(tuple),
    ship_by=st.none() | INSTANTS,
    notes=st.lists(TEXTS, max_size=4).map(tuple),
    lines=st.lists(
        st.builds(
            OrderedLine,
            sku=IDS,
            units=COUNTS,
            description=TEXTS,
            lots=st.lists(IDS, max_size=2).map(tuple),
        ),
        max_size=6,
    ).map(tuple),
)
ADVICES = st.builds(
    an_advice,
    number=IDS,
    shipped_at=SOON,
    tracking=st.lists(IDS, max_size=3, unique=True).map(tuple),
    lines=st.lists(
        st.builds(
            ShippedLine,
            sku=IDS,
            ordered=st.none() | COUNTS,
            shipped=st.integers(0, 99_999),
            lots=st.lists(st.builds(Lot, number=IDS, units=COUNTS), max_size=3).map(
                tuple
            ),
        ),
        max_size=6,
    ).map(tuple),
)
GOODS = st.builds(
    TenderGoods,
    description=TEXTS,
    weight_g=st.integers(0, 10**8),
    pieces=st.integers(0, 500),
    freight_class=st.sampled_from(["", "70", "77.5"]),
)
STOPS = st.builds(
    lambda place, kind, goods, notes, hazmat, at: (
        a_tender()
        .stops[0]
        .model_copy(
            update={
                **{"place": place, "kind": kind, "goods": tuple(goods)},
                **{"notes": tuple(notes), "hazmat": hazmat, "not_after": at},
            }
        )
    ),
    ADDRESSES,
    st.sampled_from([kind for kind in StopKind if kind is not StopKind.UNKNOWN]),
    st.lists(GOODS, max_size=3),
    st.lists(TEXTS, max_size=2),
    st.booleans(),
    INSTANTS,
)
TENDERS = st.builds(
    a_tender,
    purpose=st.sampled_from([TenderPurpose.ORIGINAL, TenderPurpose.CANCEL]),
    shipment_id=IDS,
    notes=st.lists(TEXTS, max_size=3).map(tuple),
    method=st.sampled_from(["", "M", "LT", "X"]),
    stops=st.lists(STOPS, min_size=1, max_size=4).map(tuple),
)
RANDOM: dict[str, st.SearchStrategy[Document]] = {
    "940": ORDERS.map(lambda value: order_document(value, UTC)),
    "945": ADVICES.map(lambda value: advice_document(value, UTC)),
    "204": TENDERS.map(lambda value: tender_document(value, UTC)),
}


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize("name", RANDOM)
@limits(deadline=None, max_examples=30)
@given(data=st.data())
def test_the_referee_accepts_whatever_we_write(
    name: str, version: str, data: st.DataObject
) -> None:
    document = data.draw(RANDOM[name])

    content = from_partner(document, version=version, separators=separators_of(version))

    assert complaints(content) == []
    assert read(content).verdict.code == "A"


@limits(deadline=None, max_examples=60)
@given(ADVICES)
def test_quantities_lots_and_times_survive_the_way(advice: ShippingAdvice) -> None:
    found = read(from_partner(advice_document(advice, UTC))).document

    assert isinstance(found, ShippingAdvice)
    assert found.lines == advice.lines
    assert found.shipped_at == advice.shipped_at
    assert found.tracking == advice.tracking


def an_advice_text(*lines: str) -> bytes:
    """Write a 945 by hand, as partners do, with the counts right."""
    body = ["W06*F*ORDER-1*20260302*SHP1", "N1*WH*EAST", *lines]
    rows = ["ST*945*0001", *body, f"SE*{len(body) + 2}*0001"]
    plain = from_partner(advice_document(an_advice(), UTC))
    head, tail = plain[: plain.index(b"ST*")], plain[plain.index(b"GE*") :]
    return head + "~\n".join([*rows, ""]).encode("latin-1") + tail


def the_advice(*lines: str, terms: Terms = TERMS) -> ShippingAdvice:
    found = read(an_advice_text(*lines), terms).document
    assert isinstance(found, ShippingAdvice)
    return found


@pytest.mark.parametrize(
    ("line", "ordered", "shipped", "short"),
    [
        ("W12*CC*5*5**EA**VN*LAMP", 5, 5, 0),
        ("W12*CP*5*3*2*EA**VN*LAMP", 5, 3, 2),
        ("W12*CP*5*3**EA**VN*LAMP", 5, 3, 2),
        ("W12*CP*5**2*EA**VN*LAMP", 5, 3, 2),
        ("W12*CP**3*2*EA**VN*LAMP", 5, 3, 2),
        ("W12*CN*5*0*5*EA**VN*LAMP", 5, 0, 5),
        ("W12*CC*5*5.0**EA**VN*LAMP", 5, 5, 0),
    ],
)
def test_what_is_short_is_found_however_it_is_told(
    line: str, ordered: int, shipped: int, short: int
) -> None:
    (found,) = the_advice("LX*1", line).lines

    assert (found.ordered, found.shipped, found.short) == (ordered, shipped, short)


@pytest.mark.parametrize(
    ("line", "sku"),
    [
        ("W12*CC*1*1**EA**VN*LAMP", "LAMP"),
        ("W12*CC*1*1**EA**UP*0012*********VN*LAMP", "LAMP"),
        ("W12*CC*1*1**EA*000100011110*VN*LAMP", "LAMP"),
        ("W12*CC*1*1**EA*000100011110", "000100011110"),
        ("W12*CC*1*1**EA**000100011110*VN*LAMP", "LAMP"),
    ],
)
def test_the_product_is_found_where_partners_put_it(line: str, sku: str) -> None:
    assert [found.sku for found in the_advice("LX*1", line).lines] == [sku]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("W12*CC*1*1**EA", "unusable"),
        ("W12*CC*1*1.5**EA**VN*LAMP", "unusable"),
        ("W12*CC*1*-1**EA**VN*LAMP", "unusable"),
        ("W12*CC**1,000**EA**VN*LAMP", "unusable"),
    ],
)
def test_a_line_that_cannot_be_used_rejects_the_advice(line: str, kind: str) -> None:
    received = read(an_advice_text("LX*1", line))

    assert received.document is None
    assert received.verdict.code == "R"
    assert kind in {defect.kind for defect in received.verdict.defects}


def test_cases_are_not_taken_for_eaches() -> None:
    content = an_advice_text("LX*1", "W12*CC*1*1**CA**VN*LAMP")
    terms = Terms(zone=UTC, now=NOON, units_of_measure=("EA",))

    refused = read(content, terms)
    tolerated = read(
        content,
        Terms(
            zone=UTC,
            now=NOON,
            units_of_measure=("EA",),
            tolerated=frozenset({"unit"}),
        ),
    )

    assert refused.verdict.code == "R"
    assert tolerated.verdict.code == "E"
    assert tolerated.document is not None


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("G62*11*20260302*8*1530*ET", datetime(2026, 3, 2, 20, 30, tzinfo=UTC)),
        ("G62*11*20250702*8*1530*ET", datetime(2025, 7, 2, 19, 30, tzinfo=UTC)),
        ("G62*11*20250702*8*1530*ES", datetime(2025, 7, 2, 20, 30, tzinfo=UTC)),
        ("G62*11*20260302*8*1530*UT", datetime(2026, 3, 2, 15, 30, tzinfo=UTC)),
        ("G62*11*20260302*8*1530*19", datetime(2026, 3, 2, 21, 30, tzinfo=UTC)),
        ("G62*11*20260302*8*1530", datetime(2026, 3, 2, 21, 30, tzinfo=UTC)),
        ("G62*11*20260301", datetime(2026, 3, 2, 5, 59, tzinfo=UTC)),
        ("NTE**no date but in W06", datetime(2026, 3, 2, 18, 0, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_the_zone_they_are_said_in(
    date: str, expected: datetime
) -> None:
    terms = Terms(zone=ZoneInfo("America/Chicago"), now=NOON)

    found = the_advice(date, "LX*1", "W12*CC*1*1**EA**VN*LAMP", terms=terms)

    assert found.shipped_at == expected


def test_weights_are_said_in_pounds_rounded_up() -> None:
    assert [pounds_of(g) for g in (1, 453, 454, 453_592, 453_593)] == [
        *(1, 1, 2, 1000, 1001),
    ]


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("A", TenderAction.ACCEPTED),
        ("D", TenderAction.DECLINED),
        ("E", TenderAction.DECLINED),
        ("B", TenderAction.CONDITIONAL),
        ("C", TenderAction.COUNTERED),
        ("Q", TenderAction.UNKNOWN),
        ("", TenderAction.UNKNOWN),
    ],
)
def test_only_an_acceptance_counts_as_one(code: str, action: TenderAction) -> None:
    content = from_partner(response_document(a_response()))
    content = content.replace(b"*20260302*A~", f"*20260302*{code}~".encode())

    found = read(content).document

    assert isinstance(found, TenderResponse)
    assert (found.action, found.code) == (action, code)


def test_an_unknown_status_is_kept_with_its_code() -> None:
    content = from_partner(status_document(a_status(), UTC))

    found = read(content.replace(b"AT7*AF*", b"AT7*Q9*")).document

    assert isinstance(found, ShipmentStatus)
    assert [(e.status, e.code) for e in found.events] == [(ParcelStatus.UNKNOWN, "Q9")]


@pytest.mark.parametrize("code", sorted(STATUSES))
def test_a_known_status_is_told_in_our_words(code: str) -> None:
    event = StatusEvent(status=STATUSES[code], code=code, at=NOON)

    content = from_partner(status_document(a_status(events=(event,)), UTC))

    assert complaints(content) == []
    found = read(content).document
    assert isinstance(found, ShipmentStatus)
    assert found.events == (event,)


def test_an_appointment_says_nothing_of_where_a_load_is() -> None:
    event = StatusEvent(
        status=ParcelStatus.UNKNOWN, code="AB", reason="NA", at=NOON, appointment=True
    )

    content = from_partner(status_document(a_status(events=(event,)), UTC))

    assert complaints(content) == []
    assert read(content).document == a_status(events=(event,))
