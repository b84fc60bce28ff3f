"""One 945 in the shapes that partners' systems give it: read, or refused and told."""

import re
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from connectors.x12.carrier import X12Transport
from connectors.x12.shipping_advice import ShippedLine, advice_document
from connectors.x12.warehouse import X12Warehouse
from domain.warehousing import WarehouseChanges, WarehouseEvent, WarehouseNotice
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import NOON, an_advice, from_partner
from tests.unit.connectors.x12.test_carrier import CARRIER, a_load
from tests.unit.connectors.x12.test_warehouse import a_release

Shape = Callable[[str], str]
LINES = (
    ShippedLine(sku="LAMP", ordered=3, shipped=3),
    ShippedLine(sku="MUG", ordered=2, shipped=2),
)


def written(element: str, component: str, segment: str, between: str = "") -> Shape:
    """Write with other separators."""

    def shape(text: str) -> str:
        rows = [row for row in text.replace("\n", "").split("~") if row]
        rows = [row.replace("*", element).replace(">", component) for row in rows]
        return "".join(row + segment + between for row in rows)

    return shape


def without(*names: str) -> Shape:
    """Leave segments out."""
    return lambda text: "".join(
        row for row in text.splitlines(True) if row.split("*")[0] not in names
    )


def put(old: str, new: str) -> Shape:
    """Put something else in its place; what is not there cannot be replaced."""

    def shape(text: str) -> str:
        assert re.search(old, text)
        return re.sub(old, new, text)

    return shape


def second_group(text: str) -> str:
    """Send the same order's group after one that is somebody else's."""
    start, end = text.index("GS*"), text.index("IEA*")
    other = text[start:end].replace("*7*X", "*8*X").replace("GE*1*7", "GE*1*8")
    strange = re.sub(r"W06\*F\*[^*]+", "W06*F*NOT-OURS", other)
    return text[:start] + strange + text[start:end] + text[end:].replace("*1*", "*2*")


READ: dict[str, Shape] = {
    "pipes": written("|", ":", "~", "\n"),
    "line ends as terminators": written("*", ">", "\n"),
    "CRLF as terminators": written("*", ">", "\r\n"),
    "carriage returns as terminators": written("*", ">", "\r"),
    "as in EDIFACT": written("+", ":", "'"),
    "control characters": written("\x1d", "\x1f", "\x1c"),
    "on one line": put("\n", ""),
    "CRLF after terminators": put("\n", "\r\n"),
    "blanks around segments": put("\n", "  \n   "),
    "a byte order mark": lambda text: f"\ufeff{text}",
    "blank lines before": lambda text: f"\r\n \r\n{text}",
    "a mail around it": lambda text: f"Subject: 945\n\n{text}-- \nour VAN\n",
    "small letters": str.lower,
    "SKUs in small letters": put("LAMP", "lamp"),
    "padded elements": put("LAMP", "LAMP   "),
    "empty elements at the end": put(r"W03\*5", "W03*5****"),
    "an ISA that is not padded": put(" +", " "),
    "no GE": without("GE"),
    "no IEA": without("IEA"),
    "a wrong GE count": put(r"GE\*1", "GE*7"),
    "a wrong IEA count": put(r"IEA\*1", "IEA*9"),
    "several groups": second_group,
    "5010": lambda text: text.replace("*U*00401*", "*^*00501*").replace("0040", "0050"),
    "5010 in a 401 interchange": put("004010", "005010"),
    "4030 by an agreement": put("004010", "004030VICS"),
    "a release yet to come": put("004010", "008020"),
    "decimals": put(r"CC\*3\*3", "CC*3.0*3.00"),
    "zeros before": put(r"CC\*3\*3", "CC*0003*003"),
    "an unknown status": put(r"W12\*CC", "W12*Q?"),
    "an unknown segment": lambda text: put(r"SE\*12", "SE*13")(
        put(r"W03", "ZZZ*ours~\nW03")(text)
    ),
    "the wrong functional group": put(r"GS\*SW", "GS*OW"),
    "letters of other alphabets": put("WH[*]EAST", "WH*ÉÄST"),
    "a day that is none": put(r"G62\*11\*20260302", "G62*11*20261399"),
    "a year that cannot be": put(r"G62\*11\*2026", "G62*11*2099"),
}

REFUSED: dict[str, tuple[Shape, str]] = {
    "no SE": (without("SE"), "ends without SE"),
    "cut off": (lambda text: text[: text.index("LX*2")], "ends without SE"),
    "a wrong SE count": (put(r"SE\*12", "SE*99"), "SE counts '99' segments"),
    "another SE number": (put(r"\*0001~\nGE", "*0009~\nGE"), "SE closes '0009'"),
    "cases for eaches": (put(r"\*EA\*", "*CS*"), "quantities are agreed in EA"),
    "less than nothing": (put(r"CC\*3\*3", "CC*3*-3"), "no whole number of units"),
    "a release too old": (put("004010", "003060"), "is not expected"),
    "somebody else's": (put("BIRCHWOOD3PL", "SOMEBODYELSE"), "this drop is"),
    "a test": (put(r"\*0\*P\*", "*0*T*"), "this connection is for 'P'"),
    "no X12": (lambda _: "PK\x03\x04 no X12 at all", "there is no X12 in it"),
    "nothing": (lambda _: "", "there is no X12 in it"),
}


async def told(root: Path, shape: Shape) -> tuple[PartnerSide, WarehouseChanges]:
    """Send the advice for an order of ours in a shape, and hear what it means."""
    side = PartnerSide(root)
    warehouse = X12Warehouse(side.partner)
    order = await warehouse.release_order(a_release())
    advice = an_advice(number=order.id, lines=LINES)
    content = from_partner(advice_document(advice, UTC), at=side.now)
    side.taken()
    side.put(shape(content.decode()).encode(), "it.edi")
    side.later(minutes=30)
    changes = await warehouse.changes(None)
    # `taken` has the referee judge each of our answers.
    side.taken()
    return side, changes


@pytest.mark.parametrize("name", READ)
async def test_it_is_read_all_the_same(name: str, tmp_path: Path) -> None:
    _, changes = await told(tmp_path, READ[name])

    (notice,) = changes.notices
    assert isinstance(notice, WarehouseNotice)
    units = {line.sku: line.units for line in notice.lines}
    assert notice.event is WarehouseEvent.SHIPPED
    assert units == {"LAMP": 3, "MUG": 2}
    assert abs(notice.occurred_at - NOON) < timedelta(days=2)


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_and_an_operator_told(name: str, tmp_path: Path) -> None:
    shape, why = REFUSED[name]

    side, changes = await told(tmp_path, shape)

    assert changes.notices == ()
    assert any(why in problem for problem in changes.problems)
    assert side.names("failed") == ["it.edi", "it.edi.report.txt"]


async def test_an_order_number_that_cannot_be_written_is_left_out_of_the_940(
    tmp_path: Path,
) -> None:
    side = PartnerSide(tmp_path, component_separator=":")

    await X12Warehouse(side.partner).release_order(
        a_release(order_id="SHOP:1", tracking_number="Ä-1")
    )

    (content,) = side.taken()
    assert b"N9*SI*ORDER-1/1" in content
    assert b"SHOP" not in content


async def test_the_orders_of_a_stop_are_left_out_where_they_cannot_be_written(
    tmp_path: Path,
) -> None:
    side = PartnerSide(tmp_path, component_separator=":", scacs={CARRIER: "SWFT"})
    load = a_load()
    stops = tuple(stop.model_copy(update={"orders": ("A:1",)}) for stop in load.stops)

    await X12Transport(side.partner).tender(load.model_copy(update={"stops": stops}))

    (content,) = side.taken()
    assert b"A:1" not in content
