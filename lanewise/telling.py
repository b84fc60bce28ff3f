"""Tells open orders that something they depend on is no longer as it was."""

import asyncio
from collections.abc import Iterable

from temporalio.client import Client

from domain.quantities import OrderId
from lanewise.signals import TemporalSignals
from workflows.names import order_workflow
from workflows.relooking import FactsChanged

AT_A_TIME = 50


async def tell_orders(
    client: Client, orders: Iterable[OrderId], news: FactsChanged
) -> int:
    """Signal every order; return how many still run to hear it."""
    signals = TemporalSignals(client)
    turn = asyncio.Semaphore(AT_A_TIME)

    async def tell(order: OrderId) -> bool:
        async with turn:
            return await signals.send(order_workflow(order), "facts_changed", news)

    heard = await asyncio.gather(*(tell(order) for order in dict.fromkeys(orders)))
    return sum(heard)
