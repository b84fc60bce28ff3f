"""A cancellation that arrives while the carrier has not yet answered a booking."""

import asyncio
from dataclasses import replace
from pathlib import Path

from domain.order import OrderStatus
from lanewise.world.seed import build
from lanewise.world.spec import Fault, FaultSpec, ScriptedFault
from store import orders, stock
from tests.e2e.audit import disagreements, standing_labels
from tests.e2e.crew import PATIENCE_S, running, until
from workflows.desk import Cancel

SLOW = FaultSpec(
    slow_ms=3_000, scripted=(ScriptedFault(operation="book", fault=Fault.SLOW),)
)


async def test_a_cancel_sent_during_a_booking_leaves_no_label_and_no_hold(
    tmp_path: Path,
) -> None:
    seeded = build(seed=5, orders=12)
    order = next(o for o in seeded.orders if seeded.kinds[o.id] == "fragile")
    seeded = replace(seeded, orders=(order,))

    async with (
        running(seeded, tmp_path, faults=SLOW) as (stage, _),
        asyncio.timeout(PATIENCE_S),
    ):
        await stage.client.submit(order)
        await until(lambda: stage.world.books()["calls"].get("book", 0) == 1)
        while_booking = stage.world.books()
        answer = await stage.client.cancel(
            order.id, Cancel(operator="Pat", reason="changed their mind")
        )
        outcome = await stage.client.outcome(order.id)
        books = stage.world.books()
        found = disagreements(stage.rooms.store, books)
        with stage.rooms.store.reading() as session:
            kept, held = orders.get(session, order.id), stock.held(session, order.id)

    assert while_booking["carriers"] == {}
    assert answer == "Cancelled by Pat."
    assert books["calls"]["void"] == 1
    assert standing_labels(books) == []
    assert outcome.status is OrderStatus.CANCELLED
    assert kept is not None
    assert kept.status is OrderStatus.CANCELLED
    assert (held, found) == ((), [])
