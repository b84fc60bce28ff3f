"""Two workers serve the same orders from the same store."""

import asyncio
from collections import Counter
from pathlib import Path

from domain.order import FINAL, OrderStatus
from lanewise.world.days import pass_days
from lanewise.world.seed import build
from lanewise.world.stage import Stage
from store import decisions, orders
from tests.e2e.audit import disagreements
from tests.e2e.crew import PATIENCE_S, running
from tests.e2e.operators import close_reviews


async def test_two_workers_share_orders_and_promise_nothing_twice(
    tmp_path: Path,
) -> None:
    seeded = build(seed=11, orders=14)

    async with running(seeded, tmp_path, workers=2) as (stage, _):
        await asyncio.gather(*map(stage.client.submit, seeded.orders))
        async with asyncio.timeout(PATIENCE_S):
            await pass_days(stage)
            await close_reviews(stage)
        statuses = statuses_of(stage)
        found = disagreements(stage.rooms.store, stage.world.books())
        revisions = revisions_of(stage)
        served = await workers_that_served(stage)

    assert set(statuses.values()) <= FINAL
    assert Counter(statuses.values())[OrderStatus.DELIVERED] >= 10
    assert found == []
    assert all(list(made) == list(range(1, len(made) + 1)) for made in revisions)
    assert len(served) == 2


def statuses_of(stage: Stage) -> dict[str, OrderStatus]:
    with stage.rooms.store.reading() as session:
        known = orders.listing(session, limit=1_000)
    return {each.order.id: each.status for each in known}


def revisions_of(stage: Stage) -> list[list[int]]:
    with stage.rooms.store.reading() as session:
        return [
            [made.revision for made in decisions.of_order(session, order.id)]
            for order in stage.seeded.orders
        ]


async def workers_that_served(stage: Stage) -> set[str]:
    """Name every worker that did some activity of some order."""
    names: set[str] = set()
    async for found in stage.temporal.client.list_workflows(
        "WorkflowType = 'OrderFulfillment'"
    ):
        handle = stage.temporal.client.get_workflow_handle(found.id)
        async for event in handle.fetch_history_events():
            if event.HasField("activity_task_started_event_attributes"):
                names.add(event.activity_task_started_event_attributes.identity)
    return names
