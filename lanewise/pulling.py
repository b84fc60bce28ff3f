"""Takes orders from a source, page by page, and tells it what became of them.

- an order is submitted first and acknowledged then; the cursor is kept last,
  so that a pull that breaks off is repeated and nothing is lost (the same
  order submitted again is the same order)
- what cannot be read or is refused is told to the source where it listens,
  and to whoever pulls; it keeps nothing else back
- an order that its source cancels is cancelled, if that is not too late
- departures are told once each, under the release's key
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from connectors.ports import Ability, OrderSource
from domain.errors import LanewiseError, OrderRefused
from domain.order import Order
from domain.ordering import (
    Acknowledgment,
    OrderPage,
    ShipmentNotice,
    SourceOrder,
    SourceStatus,
)
from domain.quantities import OrderId
from store import sources
from store.engine import Store
from store.sources import Sourced
from workflows.desk import Cancel

AT_ONCE = 16
TOLD_AT_ONCE = 100
MOST_PAGES = 1_000
SHOP = "the shop"


class Submitted(Protocol):
    """What became of a submission: ``accepted`` is ``new`` or ``already``."""

    @property
    def accepted(self) -> str: ...


class Orders(Protocol):
    """What a pull needs of the client."""

    async def submit(self, order: Order) -> Submitted: ...

    async def cancel(self, order_id: OrderId, ask: Cancel) -> str: ...


@dataclass
class Pulled:
    """What became of what a source told: counts, and sentences on what is wrong."""

    new: int = 0
    already: int = 0
    cancelled: int = 0
    waiting: int = 0
    told: int = 0
    problems: list[str] = field(default_factory=list)


class Pulling:
    """One order source, read from where it was left off."""

    def __init__(
        self,
        name: str,
        source: OrderSource,
        orders: Orders,
        store: Store,
        real_time: Callable[[], datetime],
    ) -> None:
        self._name = name
        self._source = source
        self._orders = orders
        self._store = store
        self._real_time = real_time

    async def pull(self) -> Pulled:
        """Take what is new, and tell what left; raises what the source raises."""
        pulled = Pulled()
        for _ in range(MOST_PAGES):
            cursor = await asyncio.to_thread(self._cursor)
            page = await self._source.orders(cursor)
            await self._take(page, pulled)
            if not page.more:
                break
        await self._tell(pulled)
        return pulled

    async def _take(self, page: OrderPage, pulled: Pulled) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(found: SourceOrder) -> Acknowledgment | None:
            async with gate:
                return await self._one(found, pulled)

        answers = await asyncio.gather(*map(one, page.orders))
        answered = tuple(answer for answer in answers if answer is not None)
        if answered and self._can(Ability.ACKNOWLEDGE):
            await self._source.acknowledge(answered)
        taken = tuple(
            Sourced(source_id=answer.source_id, order_id=answer.order_id)
            for answer in answered
            if answer.accepted and answer.order_id is not None
        )
        read_on = partial(
            sources.read_on,
            connection=self._name,
            to=page.cursor,
            taken=taken,
            now=self._real_time(),
        )
        await asyncio.to_thread(self._store.write, read_on)

    async def _one(self, found: SourceOrder, pulled: Pulled) -> Acknowledgment | None:
        if found.status is SourceStatus.CANCELLED:
            await self._cancel(found, pulled)
            return None
        if found.order is None:
            pulled.problems.append(f"{found.source_id}: {found.problem}")
            return _refused(found, found.problem)
        if found.status is not SourceStatus.OPEN:
            # What is on hold comes again once the shop lets it go.
            pulled.waiting += found.status is not SourceStatus.FULFILLED
            return None
        try:
            submitted = await self._orders.submit(found.order)
        except OrderRefused as error:
            pulled.problems.append(f"{found.source_id}: {error}")
            return _refused(found, str(error))
        if submitted.accepted == "new":
            pulled.new += 1
        else:
            pulled.already += 1
        return Acknowledgment(source_id=found.source_id, order_id=found.order.id)

    async def _cancel(self, found: SourceOrder, pulled: Pulled) -> None:
        order_id = await asyncio.to_thread(self._order_of, found.source_id)
        if order_id is None:
            return
        try:
            ask = Cancel(operator=SHOP, reason="its shop cancelled it")
            await self._orders.cancel(order_id, ask)
            pulled.cancelled += 1
        except LanewiseError as error:
            pulled.problems.append(f"{found.source_id}: not cancelled: {error}")

    async def _tell(self, pulled: Pulled) -> None:
        if not self._can(Ability.NOTIFY_SHIPMENT):
            return
        while notices := await asyncio.to_thread(self._untold):
            for notice in notices:
                await self._source.notify_shipment(notice)
                now = self._real_time()
                note = partial(
                    sources.told, connection=self._name, key=notice.key, now=now
                )
                await asyncio.to_thread(self._store.write, note)
                pulled.told += 1

    def _can(self, ability: Ability) -> bool:
        return self._source.capabilities().can(ability)

    def _cursor(self) -> str | None:
        with self._store.reading() as session:
            return sources.cursor(session, self._name)

    def _order_of(self, source_id: str) -> OrderId | None:
        with self._store.reading() as session:
            return sources.order_of(session, self._name, source_id)

    def _untold(self) -> tuple[ShipmentNotice, ...]:
        with self._store.reading() as session:
            return sources.untold(session, self._name, TOLD_AT_ONCE)


def _refused(found: SourceOrder, why: str) -> Acknowledgment:
    return Acknowledgment(source_id=found.source_id, accepted=False, reason=why)
