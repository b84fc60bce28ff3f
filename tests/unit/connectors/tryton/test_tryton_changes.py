"""What Tryton is asked about changes, and what is made of its answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.tryton import mapping
from connectors.tryton.cursor import SHIPMENTS, Cursor, Mark, cursor_of
from connectors.tryton.records import instant
from domain.errors import InvalidRequest, StateConflict, Unavailable
from domain.order import Line
from domain.warehousing import (
    StockNotice,
    WarehouseChanges,
    WarehouseNotice,
)
from tests.unit.connectors.tryton.answers import (
    MUG,
    RNO,
    SHIPMENT,
    WRITTEN,
    Erp,
    Error,
    eight,
    move,
    product,
    release,
    shipment,
)

FOUND, MOVES = f"{SHIPMENT}.search_read", "model.stock.move.search_read"
NOTES, GOODS = "model.ir.note.search_read", "model.product.product.search_read"
AT = datetime(2026, 3, 2, 8, 30, 15, 250_000, tzinfo=UTC)
MINUTE = timedelta(seconds=60)
versions = st.tuples(
    st.integers(1, 10**9),
    st.integers(-(10**15), 10**15).map(lambda n: AT + timedelta(microseconds=n)),
)


def working(state: str, moves: list[dict[str, Any]] | None = None) -> Erp:
    """A Tryton where eight units were released and nothing else ever moved."""
    text = mapping.note_text(release(8))
    note = {"id": 1, "resource": "stock.shipment.out,9", "message": text}
    return (
        Erp()
        .says(FOUND, [shipment(state, "o/1 released")])
        .says(MOVES, moves or eight(8), [])
        .says(NOTES, [note])
    )


def gone(units: float) -> list[dict[str, Any]]:
    return [move(11, "done", units, out=True), move(12, "done", units)]


def events(changes: WarehouseChanges) -> list[tuple[str, int]]:
    return [
        (notice.event.value, sum(line.units for line in notice.lines))
        for notice in changes.notices
        if isinstance(notice, WarehouseNotice)
    ]


@pytest.mark.parametrize(
    ("state", "moves", "told"),
    [
        ("assigned", eight(8), []),
        ("picked", gone(8), [("picked", 8)]),
        ("packed", gone(6), [("short-picked", 2)]),
        ("done", gone(8), [("picked", 8), ("shipped", 8)]),
        ("shipped", gone(6), [("short-picked", 2), ("shipped", 6)]),
        ("cancelled", eight(8, "cancelled"), [("cancelled", 0)]),
        ("teleported", gone(8), [("unknown", 0)]),
    ],
)
async def test_a_state_tells_all_that_it_implies(
    state: str, moves: list[dict[str, Any]], told: list[tuple[str, int]]
) -> None:
    changes = await working(state, moves).warehouse().changes(None)

    assert events(changes) == told
    assert len({n.event_id for n in changes.notices}) == len(told)
    assert not changes.more


async def test_a_fact_names_the_parcel_and_tells_the_servers_time() -> None:
    (fact,) = (await working("picked", gone(8)).warehouse().changes(None)).notices

    assert isinstance(fact, WarehouseNotice)
    assert (fact.fc, fact.order_id, fact.parcel_id) == (RNO, "o", "o/1")
    assert fact.occurred_at == AT
    assert fact.lines == (Line(sku=MUG, units=8),)


async def test_what_was_told_is_not_told_again_and_what_changed_is() -> None:
    first = await working("picked", gone(8)).warehouse().changes(None)
    same = await working("picked").says(MOVES, []).warehouse().changes(first.cursor)
    later = working("done", gone(8)).says(
        FOUND,
        [shipment("done", "o/1 released", write_date=WRITTEN | {"second": 16})],
    )
    after = await later.warehouse().changes(first.cursor)

    assert (same.notices, same.cursor) == ((), first.cursor)
    assert events(after) == [("picked", 8), ("shipped", 8)]
    assert after.notices[0].event_id == first.notices[0].event_id


async def test_it_asks_from_a_while_before_what_it_knows_in_the_order_of_writing() -> (
    None
):
    first = await working("picked", gone(8)).warehouse().changes(None)
    erp = working("picked", gone(8))
    await erp.warehouse(overlap_s=60).changes(first.cursor)

    domain, offset, _, order, *_ = erp.params(FOUND)[0]
    assert ["warehouse", "in", [5]] in domain
    assert ["write_date", ">=", instant(AT - MINUTE)] in domain
    assert (offset, order) == (0, [["write_date", "ASC"], ["id", "ASC"]])


async def test_many_written_at_once_are_told_over_pages() -> None:
    rows = [shipment("assigned", f"o/{n} released", id=n) for n in range(1, 6)]
    pages = (rows[:2], rows[2:4], rows[4:])
    erp = working("assigned").says(FOUND, *pages)
    first = await erp.warehouse(page=2).changes(None)
    second = working("assigned").says(FOUND, *pages)
    after = await second.warehouse(page=2).changes(first.cursor)

    assert (first.more, after.more) == (True, True)
    assert {n for n, _ in cursor_of(after.cursor).marks[SHIPMENTS].told} == {1, 2, 3, 4}
    behind = second.params(FOUND)[1][0][-1]
    assert ["write_date", ">", instant(AT)] in behind


async def test_an_order_whose_note_is_gone_is_a_problem() -> None:
    changes = await working("picked").says(NOTES, []).warehouse().changes(None)

    assert changes.notices == ()
    assert changes.problems == ("shipment 9: our note is gone",)


async def test_goods_that_moved_without_us_are_counted_just_after() -> None:
    start = Cursor({"moves/RNO": Mark(AT - MINUTE)}).text()
    erp = Erp().says(FOUND, []).says(MOVES, [move(77, "done", 5, shipment=None)])
    changes = await erp.says(GOODS, [product(25.0)]).warehouse().changes(start)

    (count,) = changes.notices
    assert isinstance(count, StockNotice)
    assert (count.fc, count.sku, count.on_hand) == (RNO, MUG, 25)
    assert count.occurred_at == AT + timedelta(microseconds=1)
    assert count.event_id == "RNO/move/77/MUG"


async def test_what_was_counted_before_the_first_question_is_no_news() -> None:
    erp = Erp().says(FOUND, []).says(MOVES, [move(77, "done", 5, shipment=None)])
    first = await erp.warehouse().changes(None)
    again = await erp.warehouse().changes(first.cursor)

    assert (first.notices, again.notices) == ((), ())


async def test_a_count_that_goods_keep_moving_under_is_not_told() -> None:
    moments = [move(n, "done", 1, write_date=WRITTEN | {"second": n}) for n in range(8)]
    erp = Erp().says(MOVES, *([m] for m in moments))

    with pytest.raises(Unavailable, match="counted"):
        await erp.warehouse().stock(RNO, (MUG,))


async def test_a_refused_question_is_an_error_of_ours() -> None:
    erp = Erp().says(FOUND, Error("UserError", ["no", "you may not read"]))

    with pytest.raises(StateConflict, match="may not read"):
        await erp.warehouse().changes(None)


@given(st.dictionaries(st.text(max_size=9), st.sets(versions, min_size=1, max_size=5)))
@settings(deadline=None, max_examples=50)
def test_a_cursor_reads_as_it_was_written(
    lists: dict[str, set[tuple[int, datetime]]],
) -> None:
    marks = {
        name: Mark(max(at for _, at in told), frozenset(told))
        for name, told in lists.items()
    }

    assert cursor_of(Cursor(marks).text()) == Cursor(marks)


@given(st.sets(versions, min_size=1, max_size=9), st.integers(0, 10**9))
@settings(deadline=None, max_examples=50)
def test_a_mark_never_goes_back_and_keeps_what_will_be_read_again(
    told: set[tuple[int, datetime]], overlap_s: int
) -> None:
    overlap = timedelta(seconds=overlap_s)
    begun = Mark(datetime(2050, 1, 1, tzinfo=UTC))
    mark = begun.beyond(told, overlap)

    assert mark.at == max(begun.at, *(at for _, at in told))
    assert mark.told == {v for v in told if v[1] >= mark.since(overlap)}


@pytest.mark.parametrize("text", ["x", "[]", '{"a": 1}', '{"a": [1, [[1]]]}', "7"])
async def test_a_cursor_of_somebody_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        await working("picked").warehouse().changes(text)
