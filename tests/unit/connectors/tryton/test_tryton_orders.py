"""Releasing, finding and stopping: what is asked of Tryton, what it answers."""

from typing import Any

import pytest

from connectors.tryton import mapping
from domain.errors import NotFound, StateConflict
from domain.order import Line
from domain.warehousing import CancelOutcome, WorkStatus
from tests.unit.connectors.tryton.answers import (
    MUG,
    RNO,
    SHIPMENT,
    Erp,
    Error,
    eight,
    move,
    release,
    shipment,
)

FOUND, MOVES = f"{SHIPMENT}.search_read", "model.stock.move.search_read"
NOTES = "model.ir.note.search_read"


def noted(units: int = 8) -> list[dict[str, Any]]:
    text = mapping.note_text(release(units))
    return [{"id": 1, "resource": "stock.shipment.out,9", "message": text}]


def reserved(state: str = "assigned", assigned: float = 8) -> Erp:
    """A Tryton where goods are reserved under o/1, and then released."""
    known, marked = shipment(state), shipment("assigned", "o/1 released")
    return (
        Erp()
        .says(FOUND, [], [known], [marked])
        .says(f"{SHIPMENT}.read", [shipment("assigned", _timestamp="2.5")])
        .says(MOVES, eight(assigned))
        .says(NOTES, [], noted(int(assigned)))
    )


def working(state: str, moves: list[dict[str, Any]] | None = None) -> Erp:
    """A Tryton where eight units were released and the floor is at work."""
    return (
        Erp()
        .says(FOUND, [shipment(state, "o/1 released")])
        .says(MOVES, moves or eight(8))
        .says(NOTES, noted())
    )


async def test_a_note_tells_the_floor_and_us() -> None:
    erp = reserved()
    await erp.warehouse().release_order(release())
    note = erp.params("model.ir.note.create")[0][0][0]
    assert note["resource"] == "stock.shipment.out,9"
    assert "Parcel o/1 of order o: ground 1Z9" in note["message"]
    assert mapping.parse_note(note["message"]) == mapping.Instructions(
        order_id=release().order_id,
        parcel_id=release().parcel_id,
        tracking_number="1Z9",
        lines={"MUG": 8},
    )


async def test_releasing_marks_the_shipment_last_and_only_as_it_was_read() -> None:
    erp = reserved()
    await erp.warehouse().release_order(release())
    ids, values, context = erp.params(f"{SHIPMENT}.write")[0]
    assert (ids, values) == ([9], {"reference": "o/1 released"})
    assert context["_timestamp"] == {"stock.shipment.out,9": "1772440215.25"}


async def test_a_released_order_is_read() -> None:
    work = await reserved().warehouse().release_order(release())
    assert (work.id, work.status, work.parcel_id) == ("9", WorkStatus.ACCEPTED, "o/1")
    assert work.tracking_number == "1Z9"


async def test_the_rest_of_a_partial_reservation_is_asked_no_longer() -> None:
    erp = reserved("waiting", assigned=6)
    await erp.warehouse().release_order(release(6))
    assert erp.params("model.stock.move.write")[0][:2] == [[13], {"quantity": 0}]
    assert erp.params(f"{SHIPMENT}.write")[0][2]["_timestamp"] == {
        "stock.shipment.out,9": "2.5"
    }


async def test_nothing_reserved_cannot_be_released() -> None:
    with pytest.raises(NotFound, match="o/1"):
        await Erp().says(FOUND, []).warehouse().release_order(release())


async def test_other_lines_than_reserved_are_refused() -> None:
    with pytest.raises(StateConflict, match="not its lines"):
        await reserved().warehouse().release_order(release(5))


async def test_released_before_it_answers_where_that_stands() -> None:
    erp = working("picked")
    work = await erp.warehouse().release_order(release())
    assert work.status is WorkStatus.PICKED
    assert not erp.params(f"{SHIPMENT}.write")
    with pytest.raises(StateConflict, match="other lines"):
        await erp.warehouse().release_order(release(7))


async def test_a_shipment_changed_meanwhile_is_read_again() -> None:
    before, after = shipment("assigned"), shipment("assigned", "o/1 released")
    erp = reserved().says(FOUND, [], [before], [], [before], [after])
    changed = Error("ConcurrencyException", "Records were modified in the meanwhile")
    erp.says(f"{SHIPMENT}.write", changed, None)
    work = await erp.warehouse().release_order(release())
    assert len(erp.params(f"{SHIPMENT}.write")) == 2
    assert work.id == "9"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        *[(s, WorkStatus.ACCEPTED) for s in ("draft", "waiting", "assigned")],
        *[(s, WorkStatus.PICKED) for s in ("picked", "packed")],
        *[(s, WorkStatus.SHIPPED) for s in ("shipped", "done")],
        ("cancelled", WorkStatus.CANCELLED),
        ("teleported", WorkStatus.UNKNOWN),
    ],
)
async def test_every_state_is_one_of_our_words(state: str, status: WorkStatus) -> None:
    work = await working(state).warehouse().find_order(RNO, "o/1")
    assert work is not None
    assert work.status is status


async def test_a_short_pick_and_what_left_are_read() -> None:
    moves = [move(11, "done", 5, out=True), move(12, "done", 5)]
    work = await working("done", moves).warehouse().find_order(RNO, "o/1")
    assert work is not None
    assert work.shipped == (Line(sku=MUG, units=5),)
    assert work.short == (Line(sku=MUG, units=3),)
    assert work.shipped_at is not None
    assert work.shipped_at.isoformat() == "2026-03-02T08:30:15.250000+00:00"


async def test_an_order_whose_note_is_gone_is_still_found() -> None:
    erp = working("picked").says(NOTES, [])
    work = await erp.warehouse().find_order(RNO, "o/1")
    assert work is not None
    assert (work.parcel_id, work.short) == ("o/1", ())


async def test_an_order_never_released_is_not_found() -> None:
    erp = Erp().says(FOUND, [])
    assert await erp.warehouse().find_order(RNO, "o/1") is None
    assert (
        await erp.warehouse().cancel_order(RNO, "o/1") is CancelOutcome.NEVER_RELEASED
    )


@pytest.mark.parametrize("state", ["draft", "waiting", "assigned"])
async def test_an_untouched_order_is_stopped(state: str) -> None:
    erp = working(state)
    assert await erp.warehouse().cancel_order(RNO, "o/1") is CancelOutcome.CANCELLED
    assert erp.params(f"{SHIPMENT}.cancel")[0][1]["_timestamp"]


@pytest.mark.parametrize("state", ["picked", "packed", "shipped", "done", "teleported"])
async def test_too_late_is_ours_to_say(state: str) -> None:
    erp = working(state)
    assert await erp.warehouse().cancel_order(RNO, "o/1") is CancelOutcome.TOO_LATE
    assert not erp.params(f"{SHIPMENT}.cancel")


async def test_a_pick_between_reading_and_stopping_is_too_late() -> None:
    changed = Error("ConcurrencyException", "Records were modified in the meanwhile")
    erp = working("assigned").says(f"{SHIPMENT}.cancel", changed)
    marked = [shipment(state, "o/1 released") for state in ("assigned", "picked")]
    erp.says(FOUND, *[[one] for one in marked])
    assert await erp.warehouse().cancel_order(RNO, "o/1") is CancelOutcome.TOO_LATE


@pytest.mark.parametrize("text", ["", "call Bob", "{}", '{"lines": []}', "[1]", "null"])
def test_notes_of_others_are_none_of_ours(text: str) -> None:
    assert mapping.parse_note(text) is None
