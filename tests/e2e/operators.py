"""What people do when the machinery is done."""

import asyncio

from domain.order import FINAL, OrderStatus
from domain.quantities import OrderId
from lanewise.client import Refused
from lanewise.world.stage import Stage
from store import orders
from tests.e2e.crew import until
from workflows.desk import Cancel


async def call_off(stage: Stage, order_id: OrderId) -> None:
    """Cancel an order; that it is too late is an answer too."""
    try:
        await stage.client.cancel(order_id, Cancel(operator="Pat", reason="a test"))
    except Refused:
        return


async def close_reviews(stage: Stage) -> None:
    """Cancel whatever waits for a person, and wait until every order has ended."""
    with stage.rooms.store.reading() as session:
        waiting = orders.listing(session, OrderStatus.REVIEW)
    await asyncio.gather(*(call_off(stage, kept.order.id) for kept in waiting))
    await until(lambda: stage.all_in(FINAL))
