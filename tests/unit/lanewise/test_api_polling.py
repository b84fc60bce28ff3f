"""What counterparts without webhooks tell is taken once, from where it was left."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from connectors.optional import OptionalWarehouse
from connectors.ports import Ability, Capabilities, Idempotency
from domain.errors import Unavailable
from domain.quantities import FcId, OrderId, ParcelId
from domain.warehousing import (
    ReleaseOrder,
    StockReport,
    WarehouseChanges,
    WarehouseEvent,
    WarehouseNotice,
    WarehouseOrder,
)
from lanewise.api.polling import Polling, asked
from store import inbox
from store.engine import Store
from tests.builders import MONDAY


def picked(parcel: str) -> WarehouseNotice:
    return WarehouseNotice(
        event_id=f"{parcel}:picked",
        fc=FcId("reno"),
        order_id=OrderId("o-1"),
        parcel_id=ParcelId(parcel),
        event=WarehouseEvent.PICKED,
        sequence=0,
        occurred_at=MONDAY,
    )


@dataclass
class Floor(OptionalWarehouse):
    """Keeps pages of what happened; ``away`` ones do not answer."""

    pages: Sequence[Sequence[WarehouseNotice]] = ()
    tells: bool = True
    away: bool = False
    asked: list[str | None] = field(default_factory=list)
    turn: asyncio.Event = field(default_factory=asyncio.Event)

    def capabilities(self) -> Capabilities:
        abilities = frozenset({Ability.CHANGES} if self.tells else ())
        return Capabilities(idempotency=Idempotency.LOOK_UP, abilities=abilities)

    async def stock(self, fc: FcId, skus: object) -> StockReport:
        return StockReport(fc=fc, as_of=MONDAY, on_hand={})

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        raise AssertionError(order)

    async def changes(self, cursor: str | None) -> WarehouseChanges:
        self.asked.append(cursor)
        if len(self.asked) > 1:
            self.turn.set()
        if self.away:
            raise Unavailable("nobody there")
        at = int(cursor or 0)
        if at >= len(self.pages):
            return WarehouseChanges(cursor=str(at))
        return WarehouseChanges(
            notices=tuple(self.pages[at]),
            cursor=str(at + 1),
            more=at + 1 < len(self.pages),
            problems=("a line could not be read",) if at else (),
        )


@dataclass
class Bell:
    rung: int = 0

    def __call__(self) -> None:
        self.rung += 1


def polling(store: Store, bell: Bell, **floors: Floor) -> Polling:
    return Polling(store, asked(floors, {}), lambda: MONDAY, bell, every_s=0.001)


def waiting(store: Store) -> int:
    with store.reading() as session:
        return inbox.waiting(session)


async def test_all_pages_are_taken_and_the_bell_is_rung_once(store: Store) -> None:
    floor, bell = Floor([[picked("o-1/1")], [picked("o-1/2")]]), Bell()

    new = await polling(store, bell, erp=floor).poll("erp")

    assert (new, waiting(store), bell.rung) == (2, 2, 1)


async def test_the_next_poll_goes_on_where_the_last_one_ended(
    sqlite_store: Store,
) -> None:
    floor, bell = Floor([[picked("o-1/1")]]), Bell()
    await polling(sqlite_store, bell, erp=floor).poll("erp")

    again = await polling(sqlite_store, bell, erp=floor).poll("erp")

    assert (again, bell.rung) == (0, 1)
    assert floor.asked == [None, "1"]


async def test_a_fact_told_twice_is_one_fact(sqlite_store: Store) -> None:
    floor = Floor([[picked("o-1/1")], [picked("o-1/1")]])

    new = await polling(sqlite_store, Bell(), erp=floor).poll("erp")

    assert (new, waiting(sqlite_store)) == (1, 1)


async def test_what_could_not_be_read_is_logged(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    floor = Floor([[picked("o-1/1")], []])

    await polling(sqlite_store, Bell(), erp=floor).poll("erp")

    assert "connection erp: a line could not be read" in caplog.text


async def test_a_warehouse_that_is_away_holds_up_no_other_and_is_asked_again(
    sqlite_store: Store,
) -> None:
    away, here = Floor(away=True), Floor([[picked("o-1/1")]])
    running = asyncio.create_task(
        polling(sqlite_store, Bell(), erp=away, other=here).run()
    )

    await asyncio.wait_for(away.turn.wait(), 60)
    running.cancel()

    assert waiting(sqlite_store) == 1


async def test_without_anybody_to_ask_nothing_runs(sqlite_store: Store) -> None:
    floor = Floor(tells=False)

    await polling(sqlite_store, Bell(), erp=floor).run()

    assert floor.asked == []
