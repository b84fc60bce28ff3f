"""A real Tryton runs a center of the simulated world, in its business time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.ports import WarehouseAdapter
from connectors.registry import connect
from domain.order import Line
from domain.quantities import OrderId, ParcelId, ServiceId, SkuId
from domain.warehousing import ReleaseOrder, ReserveStock, StockNotice, WarehouseNotice
from lanewise.world.guest import Ground, Guest
from lanewise.world.seed import Seeded, build
from lanewise.world.server import WorldServer
from lanewise.world.tryton_center import busiest, tryton_center
from tests.conformance.worlds import real_now


@dataclass
class Played:
    """The guest, our adapter of its center, and the world around."""

    seeded: Seeded
    guest: Guest
    warehouse: WarehouseAdapter

    async def release(self, key: str, sku: SkuId, units: int, by: datetime) -> None:
        fc, order = busiest(self.seeded), OrderId(key.partition("/")[0])
        lines = (Line(sku=sku, units=units),)
        await self.warehouse.reserve(
            ReserveStock(key=key, fc=fc, order_id=order, lines=lines)
        )
        await self.warehouse.release_order(
            ReleaseOrder(
                **{"key": key, "fc": fc, "order_id": order, "reservation_key": key},
                parcel_id=ParcelId(key),
                lines=lines,
                service=ServiceId("atlas-ground"),
                tracking_number="",
                hand_over_at=by,
            )
        )


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    seeded = build(7, 4)
    with WorldServer(seeded.world()) as world:
        ground = Ground(seeded, world, tmp_path, "http://127.0.0.1:9")
        async with tryton_center(ground) as guest:
            registry = connect(guest.connections, real_now)
            yield Played(seeded, guest, registry.warehouse(busiest(seeded)))
            await registry.close()


async def test_the_floor_works_in_business_time_and_tells_by_being_asked(
    played: Played,
) -> None:
    fc, start = busiest(played.seeded), played.seeded.start
    stock = played.seeded.stock[fc]
    sku = max(stock, key=lambda each: (stock[each], each))
    by = start + timedelta(hours=30)
    before = await played.warehouse.stock(fc, None)
    begin = (await played.warehouse.changes(None)).cursor
    await played.release("o-7/1", sku, 2, by)

    turn, at = await played.guest.turn(start), start
    while turn.next_at is not None:
        at = turn.next_at
        turn = await played.guest.turn(at)
    told = (await played.warehouse.changes(begin)).notices
    books = (await played.guest.books())[fc]

    assert before.on_hand == dict(stock)
    assert abs(before.as_of - start) < timedelta(minutes=5)
    facts = [n for n in told if isinstance(n, WarehouseNotice)]
    assert [fact.event for fact in facts] == ["picked", "shipped"]
    assert abs(facts[-1].occurred_at - by) < timedelta(minutes=5)
    (order,) = books["orders"]
    assert (order["status"], order["shipped"]) == (
        "shipped",
        [{"sku": sku, "units": 2}],
    )
    # A truck came meanwhile: what it brought was counted, and told.
    came = {c.sku: c.units for c in played.seeded.receipts if c.fc == fc}
    assert {n.sku for n in told if isinstance(n, StockNotice)} == set(came)
    left = {each: n + came.get(each, 0) for each, n in stock.items()}
    assert books["on_hand"] == left | {sku: left[sku] - 2}
