"""What a real Tryton tells when it is asked what changed."""

from connectors.tryton.client import TrytonWarehouse
from domain.order import Line
from domain.quantities import SkuId
from domain.warehousing import (
    StockNotice,
    WarehouseChanges,
    WarehouseEvent,
    WarehouseNotice,
)
from lanewise.world.tryton import TrytonServer
from tests.counterparts.erp import PLENTY, RNO, connected, release, wish

COUNTED_AGAIN = SkuId("PART-3")


async def latest(center: TrytonWarehouse, cursor: str | None = None) -> str:
    """Return the cursor behind everything that happened so far."""
    changes = await center.changes(cursor)
    while changes.more:
        changes = await center.changes(changes.cursor)
    return changes.cursor


def told(changes: WarehouseChanges, parcel: str) -> list[WarehouseEvent]:
    return [
        notice.event
        for notice in changes.notices
        if isinstance(notice, WarehouseNotice) and notice.parcel_id == parcel
    ]


async def released(center: TrytonWarehouse, key: str, units: int) -> None:
    await center.reserve(wish(key, units))
    await center.release_order(release(key, units))


async def test_each_step_of_the_floor_is_told_once(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    begin = await latest(center)
    await released(center, "told/1", 3)
    waiting = await center.changes(begin)
    await tryton.pick("told/1")
    picked = await center.changes(waiting.cursor)
    await tryton.ship("told/1")
    gone = await center.changes(picked.cursor)
    after = await center.changes(gone.cursor)

    assert told(waiting, "told/1") == []
    assert told(picked, "told/1") == [WarehouseEvent.PICKED]
    assert told(gone, "told/1") == [WarehouseEvent.PICKED, WarehouseEvent.SHIPPED]
    assert after.notices == ()
    assert after.cursor == gone.cursor


async def test_who_reads_late_hears_the_same_facts(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    begin = await latest(center)
    await released(center, "tardy/1", 5)
    await tryton.pick("tardy/1", short={PLENTY: 2})
    early = await center.changes(begin)
    await tryton.ship("tardy/1")
    late = await center.changes(begin)

    (short,) = early.notices
    same, left = late.notices
    assert isinstance(short, WarehouseNotice)
    assert isinstance(left, WarehouseNotice)
    assert same.event_id == short.event_id
    assert same.occurred_at == short.occurred_at < left.occurred_at
    assert (short.event, short.lines) == (
        WarehouseEvent.SHORT_PICKED,
        (Line(sku=PLENTY, units=2),),
    )
    assert left.lines == (Line(sku=PLENTY, units=3),)


async def test_a_cancelled_order_is_told(center: TrytonWarehouse) -> None:
    begin = await latest(center)
    await released(center, "dropped/1", 1)
    await center.cancel_order(RNO, "dropped/1")

    changes = await center.changes(begin)

    assert told(changes, "dropped/1") == [WarehouseEvent.CANCELLED]


async def test_goods_counted_again_are_told_and_shipments_are_no_count(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    begin = await latest(center)
    await tryton.count(RNO, {COUNTED_AGAIN: 9})
    await released(center, "uncounted/1", 1)
    await tryton.pick("uncounted/1")
    await tryton.ship("uncounted/1")

    changes = await center.changes(begin)
    report = await center.stock(RNO, (COUNTED_AGAIN,))

    (count,) = (n for n in changes.notices if isinstance(n, StockNotice))
    assert (count.fc, count.sku, count.on_hand) == (RNO, COUNTED_AGAIN, 9)
    assert report.on_hand == {COUNTED_AGAIN: 9}
    gone = [n for n in changes.notices if isinstance(n, WarehouseNotice)][-1]
    # What left before the count is not taken off it again.
    assert gone.occurred_at < count.occurred_at <= report.as_of


async def test_small_pages_lose_nothing(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    begin = await latest(center)
    keys = [f"paged-{n}/1" for n in range(5)]
    for key in keys:
        await released(center, key, 1)
        await tryton.pick(key)
    small = connected(tryton, page=2)

    heard, cursor, more = list[str](), begin, True
    while more:
        changes = await small.changes(cursor)
        facts = (n for n in changes.notices if isinstance(n, WarehouseNotice))
        heard += [n.parcel_id for n in facts if n.event is WarehouseEvent.PICKED]
        cursor, more = changes.cursor, changes.more
    await small.close()

    assert heard == keys
