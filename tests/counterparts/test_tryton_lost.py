"""Replies of a real Tryton that are lost after it acted: nothing stands twice."""

from collections.abc import AsyncIterator

import pytest

from connectors.tryton.client import TrytonWarehouse
from connectors.tryton.records import SHIPMENT
from domain.errors import OutcomeUnknown
from domain.warehousing import CancelOutcome, WorkStatus
from lanewise.world.tryton import TrytonServer
from tests.counterparts.erp import PLENTY, RNO, connected, release, wish
from tests.counterparts.lossy import LossyWire, lossy_wire

Far = tuple[TrytonWarehouse, LossyWire]


@pytest.fixture
async def far(tryton: TrytonServer) -> AsyncIterator[Far]:
    async with lossy_wire(tryton.base_url) as wire:
        made = connected(tryton, wire.url)
        yield made, wire
        await made.close()


async def standing(tryton: TrytonServer, key: str) -> list[str]:
    found = await tryton.shipments(key)
    return [one["state"] for one in found if one["state"] != "cancelled"]


async def notes(tryton: TrytonServer, key: str) -> int:
    names = [f"{SHIPMENT},{one['id']}" for one in await tryton.shipments(key)]
    clause = [["resource", "in", names]]
    return int(await tryton.rpc.ask("model.ir.note.search_count", clause))


@pytest.mark.parametrize("button", ["create", "wait", "assign_try"])
async def test_a_reservation_whose_reply_is_lost_stands_once(
    tryton: TrytonServer, far: Far, button: str
) -> None:
    warehouse, wire = far
    key = f"lost-reserve-{button[:2]}/1"
    free = (await warehouse.available(RNO, (PLENTY,)))[PLENTY]

    wire.lose_reply_to(f"stock.shipment.out.{button}".encode())
    with pytest.raises(OutcomeUnknown):
        await warehouse.reserve(wish(key, 3))
    found = await warehouse.find_reservation(RNO, key)
    made = found or await warehouse.reserve(wish(key, 3))

    assert (wire.lost, made.complete) == (1, True)
    assert await standing(tryton, key) == ["assigned"]
    assert (await warehouse.available(RNO, (PLENTY,)))[PLENTY] == free - 3


@pytest.mark.parametrize("step", ["ir.note.create", "stock.shipment.out.write"])
async def test_a_release_whose_reply_is_lost_is_one_order(
    tryton: TrytonServer, far: Far, step: str
) -> None:
    warehouse, wire = far
    key = f"lost-release-{step[:2]}/1"
    await warehouse.reserve(wish(key, 2))

    wire.lose_reply_to(step.encode())
    with pytest.raises(OutcomeUnknown):
        await warehouse.release_order(release(key, 2))
    work = await warehouse.find_order(RNO, key)
    again = await warehouse.release_order(release(key, 2))

    assert (wire.lost, again.status) == (1, WorkStatus.ACCEPTED)
    assert work is None or work.id == again.id
    assert await standing(tryton, key) == ["assigned"]
    assert await notes(tryton, key) == 1


async def test_a_cancellation_whose_reply_is_lost_is_done_once(
    tryton: TrytonServer, far: Far
) -> None:
    warehouse, wire = far
    free = await warehouse.available(RNO, (PLENTY,))
    await warehouse.reserve(wish("lost-stop/1", 2))
    await warehouse.release_order(release("lost-stop/1", 2))

    wire.lose_reply_to(b"stock.shipment.out.cancel")
    with pytest.raises(OutcomeUnknown):
        await warehouse.cancel_order(RNO, "lost-stop/1")
    work = await warehouse.find_order(RNO, "lost-stop/1")
    outcome = await warehouse.cancel_order(RNO, "lost-stop/1")

    assert (wire.lost, outcome) == (1, CancelOutcome.CANCELLED)
    assert work is not None
    assert work.status is WorkStatus.CANCELLED
    assert await warehouse.available(RNO, (PLENTY,)) == free
