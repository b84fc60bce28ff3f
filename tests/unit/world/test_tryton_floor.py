"""A floor in Tryton picks when it must, what is truly there, and tells no lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.tryton.mapping import note_text
from domain.network import FulfillmentCenter
from domain.quantities import CarrierId, FcId, SkuId
from lanewise.world.agreement import disagreements
from lanewise.world.seed import build
from lanewise.world.server import WorldServer
from lanewise.world.spec import StockChange, WarehouseTraits
from lanewise.world.tryton import TrytonServer
from lanewise.world.tryton_center import busiest
from lanewise.world.tryton_floor import Shelves, TrytonFloor
from store.claims import Books
from tests.conformance.worlds import FC, HAND_OVER, LAMP, MUG, START, a_network, a_spec
from tests.unit.connectors.tryton.answers import release

PICKS_AT = HAND_OVER - timedelta(hours=4) + timedelta(minutes=3)


@dataclass
class Hands:
    """A Tryton that writes down what is done in it."""

    notes: dict[str, str]
    done: list[tuple[Any, ...]] = field(default_factory=list)
    on_hand: dict[SkuId, int] = field(default_factory=dict)

    async def on_floor(self) -> list[str]:
        return list(self.notes)

    async def note(self, key: str) -> str:
        return self.notes[key]

    async def pick(self, key: str, short: Mapping[SkuId, int]) -> None:
        self.done.append(("pick", key, dict(short)))
        del self.notes[key]

    async def drop(self, key: str) -> None:
        self.done.append(("drop", key))
        del self.notes[key]

    async def ship(self, key: str) -> None:
        self.done.append(("ship", key))

    async def count(self, fc: FcId, units: Mapping[SkuId, int]) -> None:
        self.done.append(("count", fc, dict(units)))

    async def on_shelves(self, fc: FcId, skus: list[SkuId]) -> dict[SkuId, int]:
        return {sku: self.on_hand.get(sku, 0) for sku in skus}


def a_floor(folder: Path, true: int, units: int = 8) -> tuple[TrytonFloor, Hands]:
    note = note_text(release(units, hand_over_at=HAND_OVER))
    hands = Hands({"o/1": note})
    center: FulfillmentCenter = a_network().centers[0]
    floor = TrytonFloor(
        server=cast(TrytonServer, hands),
        center=center.model_copy(update={"processing_h": 4}),
        traits=WarehouseTraits(),
        shelves=Shelves({MUG: true}),
        receipts=[],
        carrier_of=lambda service: CarrierId("heron"),
        hand_over=lambda number: hands.done.append(("truck", number)),
        clock=folder / "clock",
    )
    return floor, hands


async def test_it_picks_as_late_as_the_handover_allows_and_ships_then(
    tmp_path: Path,
) -> None:
    floor, hands = a_floor(tmp_path, true=8)

    seen = await floor.turn(START)
    early = list(hands.done)
    picked = await floor.turn(PICKS_AT)
    shipped = await floor.turn(HAND_OVER)

    assert (seen.moved, seen.next_at, early) == (False, PICKS_AT, [])
    assert (picked.moved, picked.next_at) == (True, HAND_OVER)
    assert (shipped.moved, shipped.next_at) == (True, None)
    assert hands.done == [("pick", "o/1", {}), ("ship", "o/1"), ("truck", "1Z9")]


async def test_what_is_not_there_is_short_and_counted_again(tmp_path: Path) -> None:
    floor, hands = a_floor(tmp_path, true=5)
    await floor.turn(START)
    await floor.turn(PICKS_AT)

    assert hands.done == [("pick", "o/1", {MUG: 3}), ("count", FC, {MUG: 0})]


async def test_where_nothing_is_found_the_order_is_stopped(tmp_path: Path) -> None:
    floor, hands = a_floor(tmp_path, true=0)
    await floor.turn(START)
    turn = await floor.turn(PICKS_AT)

    assert hands.done == [("drop", "o/1"), ("count", FC, {MUG: 0})]
    assert turn.next_at is None


async def test_what_was_stopped_meanwhile_is_not_picked(tmp_path: Path) -> None:
    floor, hands = a_floor(tmp_path, true=8)
    await floor.turn(START)
    hands.notes.clear()
    turn = await floor.turn(PICKS_AT)

    assert (turn.moved, turn.next_at, hands.done) == (False, None, [])


async def test_what_a_truck_brings_is_added_to_what_tryton_believes(
    tmp_path: Path,
) -> None:
    floor, hands = a_floor(tmp_path, true=4)
    hands.notes.clear()
    hands.on_hand[MUG] = 6
    at = START + timedelta(hours=2)
    floor.receipts = [StockChange(at=at, fc=FC, sku=MUG, units=12)]

    before, after = await floor.turn(START), await floor.turn(at)

    assert (before.moved, before.next_at) == (False, at)
    assert (after.moved, after.next_at) == (True, None)
    assert hands.done == [("count", FC, {MUG: 18})]
    assert floor.shelves.true == {MUG: 16}


async def test_the_clock_of_tryton_is_wound_to_business_time(tmp_path: Path) -> None:
    floor, _ = a_floor(tmp_path, true=8)
    await floor.turn(START)

    told = datetime.fromisoformat(floor.clock.read_text())
    assert told == START.replace(tzinfo=None)


@given(st.integers(0, 9), st.lists(st.integers(1, 5), max_size=6))
@settings(deadline=None, max_examples=50)
def test_no_unit_is_found_twice(true: int, wishes: list[int]) -> None:
    shelves = Shelves({MUG: true})
    found = [shelves.find({MUG: units})[MUG] for units in wishes]

    assert sum(found) == min(true, sum(wishes))
    assert shelves.left(MUG) == true - sum(found)


def test_a_center_that_was_given_up_is_in_nobodys_books() -> None:
    coming = StockChange(at=START + timedelta(hours=1), fc=FC, sku=MUG, units=3)
    with WorldServer(a_spec(stock_changes=(coming,))) as world:
        given = world.give_up(FC)
        world.advance()
        books = world.books()

    assert (given.center.id, given.shelves[LAMP].true) == (FC, 4)
    assert (given.shelves[MUG].true, books["warehouses"]) == (10, {})


def test_the_center_that_stocks_most_of_what_is_ordered_is_chosen() -> None:
    seeded = build(7, 12)
    ordered = [line.sku for order in seeded.orders for line in order.lines]
    stocked = {
        fc: sum(sku in shelf for sku in ordered) for fc, shelf in seeded.stock.items()
    }

    assert stocked[busiest(seeded)] == max(stocked.values())


def test_a_ledger_that_differs_from_the_books_is_told() -> None:
    order = {"order_id": "o", "shipped": [{"sku": MUG, "units": 2}]}
    books = {"warehouses": {FC: {"on_hand": {MUG: 3}, "orders": [order]}}}
    ledger = Books(on_hand={(FC, MUG): 4}, entries=(), shipments=())

    assert disagreements(ledger, books) == [
        "RENO MUG: we count 4 on hand, the warehouse 3",
        "('o', 'RENO', 'MUG'): we say 0 left, the warehouse 2",
    ]
