"""A real Tryton: its stock, its reservations, and its floor."""

import asyncio

import pytest

from connectors.tryton.client import TrytonWarehouse
from domain.errors import StateConflict
from domain.order import Line
from domain.quantities import SkuId
from domain.warehousing import CancelOutcome, WorkStatus
from lanewise.world.tryton import TrytonServer
from tests.counterparts.erp import PLENTY, RACED, RNO, SCARCE, connected, release, wish


async def released(center: TrytonWarehouse, key: str, units: int) -> None:
    await center.reserve(wish(key, units))
    await center.release_order(release(key, units))


async def test_the_physical_count_and_what_is_free_are_told_apart(
    center: TrytonWarehouse,
) -> None:
    before = await center.stock(RNO, (PLENTY, SkuId("NEVER")))
    free = await center.available(RNO, (PLENTY,))
    await center.reserve(wish("apart/1", 5))
    after = await center.stock(RNO, (PLENTY, SkuId("NEVER")))
    assert after.on_hand == before.on_hand
    assert before.on_hand[SkuId("NEVER")] == 0
    assert (await center.available(RNO, (PLENTY,)))[PLENTY] == free[PLENTY] - 5


async def test_six_of_eight_are_reserved_found_and_given_back(
    center: TrytonWarehouse,
) -> None:
    made = await center.reserve(wish("six/1", 8, SCARCE))
    assert [(line.asked, line.reserved) for line in made.lines] == [(8, 6)]
    found = await center.find_reservation(RNO, "six/1")
    assert found is not None
    assert found.id == made.id
    assert found.lines == made.lines
    for _ in range(2):
        await center.release_reservation(RNO, "six/1")
    assert await center.find_reservation(RNO, "six/1") is None
    assert (await center.available(RNO, (SCARCE,)))[SCARCE] == 6


async def test_twelve_orders_racing_for_ten_units_reserve_exactly_ten(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    others = [connected(tryton) for _ in range(3)]
    made = await asyncio.gather(
        *(others[n % 3].reserve(wish(f"race-{n}/1", 1, RACED)) for n in range(12))
    )
    for other in others:
        await other.close()
    assert sum(reservation.lines[0].reserved for reservation in made) == 10
    assert (await center.available(RNO, (RACED,)))[RACED] == 0
    found = [await center.find_reservation(RNO, f"race-{n}/1") for n in range(12)]
    assert sum(r.lines[0].reserved for r in found if r) == 10


async def test_a_repeated_reservation_is_the_same_shipment(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    first = await center.reserve(wish("twice/1", 2))
    second = await center.reserve(wish("twice/1", 2))
    assert first.id == second.id
    with pytest.raises(StateConflict, match="other goods"):
        await center.reserve(wish("twice/1", 3))
    assert len(await tryton.shipments("twice/1")) == 1


async def test_the_same_reservation_made_by_many_at_once_stands_once(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    asked = (center.reserve(wish("many/1", 2)) for _ in range(4))
    await asyncio.gather(*asked, return_exceptions=True)
    again = await center.reserve(wish("many/1", 2))
    standing = [
        s for s in await tryton.shipments("many/1") if s["state"] != "cancelled"
    ]
    assert [str(s["id"]) for s in standing] == [again.id]
    assert again.complete


async def test_what_was_released_is_picked_and_shipped(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    before = (await center.stock(RNO, (PLENTY,))).on_hand[PLENTY]
    await released(center, "sent/1", 4)
    assert "sent/1" in await tryton.on_floor()
    await tryton.pick("sent/1")
    picked = await center.find_order(RNO, "sent/1")
    await tryton.ship("sent/1")
    sent = await center.find_order(RNO, "sent/1")
    assert picked is not None
    assert picked.status is WorkStatus.PICKED
    assert sent is not None
    assert sent.status is WorkStatus.SHIPPED
    assert sent.shipped == (Line(sku=PLENTY, units=4),)
    assert not sent.short
    assert (await center.stock(RNO, (PLENTY,))).on_hand[PLENTY] == before - 4


async def test_a_short_pick_tells_what_is_missing(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    await released(center, "short/1", 5)
    await tryton.pick("short/1", short={PLENTY: 2})
    await tryton.ship("short/1")
    work = await center.find_order(RNO, "short/1")
    assert work is not None
    assert work.short == (Line(sku=PLENTY, units=2),)
    assert work.shipped == (Line(sku=PLENTY, units=3),)


async def test_a_part_that_was_reserved_can_be_released_and_shipped(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    sku = SkuId("PART-0")
    await center.reserve(wish("part/1", 8, sku))
    await center.release_order(release("part/1", 6, sku))
    await tryton.pick("part/1")
    await tryton.ship("part/1")
    work = await center.find_order(RNO, "part/1")
    assert work is not None
    assert work.shipped == (Line(sku=sku, units=6),)
    assert not work.short


async def test_an_order_is_stopped_in_time_and_then_free(
    center: TrytonWarehouse,
) -> None:
    free = await center.available(RNO, (PLENTY,))
    await released(center, "stop/1", 3)
    outcomes = [await center.cancel_order(RNO, "stop/1") for _ in range(2)]
    assert outcomes == [CancelOutcome.CANCELLED] * 2
    assert await center.available(RNO, (PLENTY,)) == free
    assert await center.cancel_order(RNO, "never/1") is CancelOutcome.NEVER_RELEASED


async def test_what_is_picked_or_gone_is_too_late_to_stop(
    tryton: TrytonServer, center: TrytonWarehouse
) -> None:
    await released(center, "late/1", 3)
    await tryton.pick("late/1")
    assert await center.cancel_order(RNO, "late/1") is CancelOutcome.TOO_LATE
    await tryton.ship("late/1")
    assert await center.cancel_order(RNO, "late/1") is CancelOutcome.TOO_LATE
    work = await center.find_order(RNO, "late/1")
    assert work is not None
    assert work.status is WorkStatus.SHIPPED
    with pytest.raises(StateConflict, match="too late"):
        await center.release_reservation(RNO, "late/1")
