from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.connection import Connection, ConnectionKind
from connectors.ports import Ability
from connectors.registry import connect
from connectors.x12.mapping import order_number
from connectors.x12.shipping_advice import ShippedLine, advice_document
from connectors.x12.shipping_order import OrderPurpose, ShippingOrder
from connectors.x12.warehouse import X12Warehouse
from domain.contact import Contact
from domain.errors import (
    InvalidRequest,
    OutcomeUnknown,
    StateConflict,
    Unavailable,
    Unsupported,
)
from domain.network import PackingMethod
from domain.order import Line
from domain.quantities import CartonId, FcId, OrderId, ParcelId, Place, ServiceId, SkuId
from domain.warehousing import (
    CancelOutcome,
    PackInstruction,
    ReleaseOrder,
    WarehouseChanges,
    WarehouseEvent,
    WarehouseNotice,
    WorkStatus,
)
from tests.unit.connectors.x12.partner_side import PartnerSide
from tests.unit.connectors.x12.samples import NOON, US, WAREHOUSE, an_advice

FC = FcId("EAST")


def a_line(sku: str = "LAMP", units: int = 3) -> Line:
    return Line(sku=SkuId(sku), units=units)


def a_release(key: str = "release/ORDER-1/1", **overrides: Any) -> ReleaseOrder:
    values: dict[str, Any] = {
        "key": key,
        "fc": FC,
        "order_id": OrderId("ORDER-1"),
        "parcel_id": ParcelId("ORDER-1/1"),
        "reservation_key": "reserve/ORDER-1/1",
        "lines": (a_line(), a_line("MUG", 2)),
        "cartons": (
            PackInstruction(
                carton=CartonId("BOX-M"),
                method=PackingMethod.CARTON,
                lines=(a_line(), a_line("MUG", 2)),
            ),
        ),
        "service": ServiceId("swift-ground"),
        "tracking_number": "1Z999",
        "hand_over_at": NOON + timedelta(hours=5),
        "ship_to": Place(postal_code="60601", region="IL", city="Chicago"),
        "recipient": Contact(name="Ada Lovelace", street_1="12 Analytical Way"),
    }
    return ReleaseOrder(**(values | overrides))


@pytest.fixture
def side(tmp_path: Path) -> PartnerSide:
    return PartnerSide(tmp_path, scacs={"swift-ground": "SWFT"})


@pytest.fixture
def warehouse(side: PartnerSide) -> X12Warehouse:
    return X12Warehouse(side.partner)


def advice(number: str, *lines: tuple[str, int, int], **overrides: Any) -> Any:
    shipped = tuple(
        ShippedLine(sku=sku, ordered=ordered, shipped=units)
        for sku, ordered, units in lines
    )
    return advice_document(an_advice(number=number, lines=shipped, **overrides), UTC)


def notices(found: WarehouseChanges) -> list[tuple[WarehouseEvent, dict[str, int]]]:
    return [
        (notice.event, {line.sku: line.units for line in notice.lines})
        for notice in found.notices
        if isinstance(notice, WarehouseNotice)
    ]


async def test_a_release_is_sent_as_a_940(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())

    (sent,) = side.documents()
    assert isinstance(sent, ShippingOrder)
    assert (sent.number, sent.purpose) == (order.id, OrderPurpose.NEW)
    assert [(line.sku, line.units) for line in sent.lines] == [("LAMP", 3), ("MUG", 2)]
    assert sent.ship_by == NOON + timedelta(hours=5)
    assert sent.routing is not None
    assert (sent.routing.service, sent.routing.scac) == ("swift-ground", "SWFT")
    assert [party.role for party in sent.parties] == ["ST", "WH"]
    assert {r.qualifier: r.value for r in sent.references}["2I"] == "1Z999"
    assert sent.notes == ("Pack carton BOX-M: 3 LAMP, 2 MUG",)
    assert order.status is WorkStatus.ACCEPTED


async def test_a_release_repeated_is_sent_once(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    first = await warehouse.release_order(a_release())
    again = await X12Warehouse(side.reopened()).release_order(a_release())

    assert again == first
    assert len(side.taken()) == 1


async def test_the_same_key_for_other_goods_is_a_conflict(
    warehouse: X12Warehouse,
) -> None:
    await warehouse.release_order(a_release())

    with pytest.raises(StateConflict, match="other lines"):
        await warehouse.release_order(a_release(lines=(a_line("MUG", 9),)))


async def test_what_cannot_be_sent_leaves_nothing_behind(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    with pytest.raises(InvalidRequest, match="W0105"):
        await warehouse.release_order(a_release(lines=(a_line("LA*MP"),)))

    assert side.taken() == []
    assert await warehouse.find_order(FC, a_release().key) is None
    assert await warehouse.release_order(a_release())


def test_numbers_of_two_revisions_differ_and_say_which_parcel() -> None:
    one, two = (order_number(a_release(f"release/ORDER-1/{n}")) for n in (1, 2))

    assert one != two
    assert one.startswith("ORDER-1-1-")
    assert max(len(one), len(order_number(a_release("k" * 160)))) <= 22


async def test_a_945_in_full_ships_the_order(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.send(advice(order.id, ("LAMP", 3, 3), ("MUG", 2, 2), tracking=("1ZNEW",)))

    told = await warehouse.changes(None)
    found = await warehouse.find_order(FC, a_release().key)

    assert notices(told) == [(WarehouseEvent.SHIPPED, {"LAMP": 3, "MUG": 2})]
    assert found is not None
    assert (found.status, found.tracking_number) == (WorkStatus.SHIPPED, "1ZNEW")
    assert found.shipped_at == NOON + timedelta(hours=4)
    (notice,) = told.notices
    assert notice.raw.startswith("ST*945")
    assert told.problems == ()


async def test_a_short_pick_is_told_against_what_we_ordered(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.send(advice(order.id, ("LAMP", 2, 2)))

    told = await warehouse.changes(None)
    found = await warehouse.find_order(FC, a_release().key)

    assert notices(told) == [
        (WarehouseEvent.SHORT_PICKED, {"LAMP": 1, "MUG": 2}),
        (WarehouseEvent.SHIPPED, {"LAMP": 2}),
    ]
    assert {n.sequence for n in told.notices if isinstance(n, WarehouseNotice)} == {0}
    assert found is not None
    assert found.short == (a_line("LAMP", 1), a_line("MUG", 2))


async def test_a_945_that_ships_nothing_cancels(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.send(advice(order.id, ("LAMP", 3, 0), ("MUG", 2, 0)))

    told = await warehouse.changes(None)

    assert notices(told)[-1] == (WarehouseEvent.CANCELLED, {})
    assert await warehouse.cancel_order(FC, a_release().key) is CancelOutcome.CANCELLED


async def test_an_advice_sent_again_tells_nothing_new(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    document = advice(order.id, ("LAMP", 3, 3), ("MUG", 2, 2))
    side.send(document)
    first = await warehouse.changes(None)

    side.send(document)
    again = await warehouse.changes(first.cursor)

    assert again == WarehouseChanges(cursor=first.cursor)


async def test_another_advice_for_what_was_shipped_goes_to_people(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.send(advice(order.id, ("LAMP", 3, 3), ("MUG", 2, 2)))
    side.send(advice(order.id, ("LAMP", 3, 1)))

    told = await warehouse.changes(None)

    assert [event for event, _ in notices(told)] == [
        *(WarehouseEvent.SHIPPED, WarehouseEvent.UNKNOWN),
    ]
    assert ["other content" in problem for problem in told.problems] == [True]


async def test_an_advice_for_nobody_is_a_problem(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    side.send(advice("NOT-OURS", ("LAMP", 3, 3)))

    told = await warehouse.changes(None)

    assert told.notices == ()
    assert ["'NOT-OURS'" in problem for problem in told.problems] == [True]


async def test_a_refused_940_cancels_the_order_and_says_why(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    await warehouse.release_order(a_release())
    (content,) = side.taken()
    side.acknowledge(content, "R")

    told = await warehouse.changes(None)
    found = await warehouse.find_order(FC, a_release().key)

    assert notices(told) == [(WarehouseEvent.CANCELLED, {})]
    assert ["was refused (R)" in problem for problem in told.problems] == [True]
    assert found is not None
    assert found.status is WorkStatus.CANCELLED


async def test_an_accepted_940_tells_nothing(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    await warehouse.release_order(a_release())
    (content,) = side.taken()
    side.acknowledge(content)

    told = await warehouse.changes(None)

    assert (told.notices, told.problems) == ((), ())


async def test_a_cancellation_is_a_request(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.taken()

    outcomes = [await warehouse.cancel_order(FC, a_release().key) for _ in range(2)]

    assert outcomes == [CancelOutcome.REQUESTED] * 2
    (sent,) = side.documents()
    assert isinstance(sent, ShippingOrder)
    assert (sent.number, sent.purpose) == (order.id, OrderPurpose.CANCEL)


async def test_a_cancellation_acknowledged_cancels_where_that_was_agreed(
    tmp_path: Path,
) -> None:
    side = PartnerSide(tmp_path, canceled_once_acknowledged=True)
    warehouse = X12Warehouse(side.partner)
    await warehouse.release_order(a_release())
    await warehouse.cancel_order(FC, a_release().key)
    for content in side.taken():
        side.acknowledge(content)

    told = await warehouse.changes(None)

    assert notices(told) == [(WarehouseEvent.CANCELLED, {})]
    assert await warehouse.cancel_order(FC, a_release().key) is CancelOutcome.CANCELLED


async def test_what_has_left_cannot_be_canceled(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.taken()
    side.send(advice(order.id, ("LAMP", 3, 3), ("MUG", 2, 2)))

    outcome = await warehouse.cancel_order(FC, a_release().key)

    assert outcome is CancelOutcome.TOO_LATE
    assert b"W05*F" not in b"".join(side.taken())


async def test_what_was_never_released_is_not_canceled(
    warehouse: X12Warehouse,
) -> None:
    found = await warehouse.cancel_order(FC, "never")

    assert found is CancelOutcome.NEVER_RELEASED
    assert await warehouse.find_order(FC, "never") is None


async def test_an_order_nobody_acknowledges_is_a_problem_once(
    side: PartnerSide, warehouse: X12Warehouse
) -> None:
    order = await warehouse.release_order(a_release())
    side.later(hours=25)

    first = await warehouse.changes(None)
    second = await warehouse.changes(first.cursor)

    (problem,) = first.problems
    assert f"940 {order.id}" in problem
    assert "not acknowledged within 24 h" in problem
    assert second.problems == ()


async def test_what_a_940_partner_lacks_is_refused_and_not_announced(
    warehouse: X12Warehouse,
) -> None:
    with pytest.raises(Unsupported, match="846"):
        await warehouse.stock(FC, None)

    assert not warehouse.capabilities().can(Ability.RESERVE)
    assert warehouse.capabilities().can(Ability.CHANGES)


async def test_a_disk_that_fails_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")
    warehouse = X12Warehouse(PartnerSide(tmp_path).partner)

    with pytest.raises(Unavailable):
        await warehouse.find_order(FC, "any")
    with pytest.raises(OutcomeUnknown):
        await warehouse.release_order(a_release())


async def test_a_connection_makes_the_adapter(tmp_path: Path) -> None:
    connection = Connection(
        name="birch",
        kind=ConnectionKind.WAREHOUSE,
        provider="x12",
        fcs=(FC,),
        options={
            "drop": str(tmp_path / "drop"),
            "state": str(tmp_path / "state"),
            "our_id": US.id,
            "partner_id": WAREHOUSE.id,
        },
    )

    registry = connect((connection,), lambda: NOON)

    assert isinstance(registry.warehouse(FC), X12Warehouse)
    assert (await registry.warehouse(FC).changes(None)).notices == ()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("version", "003060"),
        ("element_separator", "~"),
        ("segment_terminator", "A"),
        ("time_zone", "Chicago"),
        ("our_id", "LONGER THAN FIFTEEN"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, option: str, value: str) -> None:
    options = {"drop": "d", "state": "s", "our_id": "US", "partner_id": "THEM"}
    connection = Connection(
        name="birch",
        kind=ConnectionKind.WAREHOUSE,
        provider="x12",
        options=options | {option: value},
    )

    with pytest.raises(InvalidRequest, match="'birch': option"):
        connect((connection,), lambda: NOON)
