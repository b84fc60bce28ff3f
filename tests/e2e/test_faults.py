"""A bad day: every kind of fault, often; webhooks doubled and out of order."""

import asyncio
from collections import Counter
from pathlib import Path

from domain.order import OrderStatus
from lanewise.world.days import pass_days
from lanewise.world.seed import build
from lanewise.world.spec import Fault, FaultSpec, WebhookSpec
from lanewise.world.stage import RESTING
from store import orders
from tests.e2e.audit import disagreements, standing_labels
from tests.e2e.crew import PATIENCE_S, running, until
from tests.e2e.operators import call_off, close_reviews

KINDS = [fault for fault in Fault if fault is not Fault.KILL]
BAD_DAY = FaultSpec(
    permille=dict.fromkeys(KINDS, 30), slow_ms=400, hang_ms=1_500, latency_max_ms=10
)
BAD_MAIL = WebhookSpec(duplicate_permille=100, reorder_permille=100)
MANY = 15


async def test_on_a_bad_day_every_order_ends_and_nothing_leaks(tmp_path: Path) -> None:
    seeded = build(seed=31, orders=MANY)

    async with (
        running(seeded, tmp_path, faults=BAD_DAY, webhooks=BAD_MAIL) as (stage, _),
        asyncio.timeout(2 * PATIENCE_S),
    ):
        await asyncio.gather(*map(stage.client.submit, seeded.orders))
        await until(lambda: stage.all_in(RESTING))
        for order in seeded.orders[::4]:
            await call_off(stage, order.id)
        await pass_days(stage)
        await close_reviews(stage)
        with stage.rooms.store.reading() as session:
            ended = orders.counts(session)
        books = stage.world.books()
        found = disagreements(stage.rooms.store, books)

    struck = sum((Counter(kinds) for kinds in books["faults"].values()), Counter())
    assert set(ended) == {OrderStatus.DELIVERED, OrderStatus.CANCELLED}
    assert ended[OrderStatus.DELIVERED] >= MANY // 3
    assert len(struck) >= len(KINDS) - 2
    assert found == []
    assert standing_labels(books)
