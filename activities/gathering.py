"""Takes an order in and gathers the facts that decisions about it rest on."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import telling
from activities.knowing import subjects_of
from activities.watching import Watching
from connectors.ports import BusinessClock
from domain.errors import OrderRefused
from domain.order import FINAL, Order, OrderStatus
from domain.quantities import Instant, Place, SkuId, Value
from domain.segment import Fact
from domain.sku import Sku
from store import events, interests
from store import network as network_store
from store import orders as order_store
from store.engine import Store


class GatherFacts(Value):
    """Accept this order and say what is known about it."""

    order: Order


class Gathered(Value):
    """What is known of an order at an instant.

    ``again`` is the status of the very same order accepted before, None for a
    new one. ``order`` is the order with its destination located, if possible.
    ``digest`` is the order's as it is kept, under its customer's pseudonym.
    ``facts`` are told when it is classified; older workflows had them here.
    """

    as_of: Instant
    order: Order
    facts: dict[str, Fact] = {}  # noqa: RUF012  pydantic copies defaults
    digest: str = ""
    again: OrderStatus | None = None


# Gives an order's customer a pseudonym, within the transaction that accepts it.
Naming = Callable[[Session, Order, datetime], Order]


def as_named(session: Session, order: Order, now: datetime) -> Order:
    """Take the customer's id as it is given."""
    return order


class Gathering:
    """The store's book of orders, and the map."""

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        watching: Watching | None = None,
        locate: Callable[[Place], Place] = lambda place: place,
        name: Naming = as_named,
        news: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._watching = watching
        self._locate = locate
        self._name = name
        self._news = news

    @activity.defn
    async def gather(self, command: GatherFacts) -> Gathered:
        """Accept the order, unless it is another one under a known id."""
        now = await self._clock.now()
        if self._watching is not None:
            await self._watching.refresh(now)
        gathered = await asyncio.to_thread(
            self._store.write, lambda s: self._accept(s, command.order, now)
        )
        if gathered.again is None:
            self._news()
        return gathered

    def _accept(self, session: Session, given: Order, now: datetime) -> Gathered:
        order = self._named(session, given, now)
        skus = network_store.skus(session, [line.sku for line in order.lines])
        _check_skus(order, skus)
        admission = order_store.admit(session, order, now)
        if admission.verdict == "conflict":
            raise _refused(
                f"order id {order.id!r} already belongs to another order: "
                f"version {admission.digest} placed "
                f"{admission.placed_at:%Y-%m-%d %H:%M} UTC was accepted, "
                f"version {order.digest()} placed "
                f"{order.placed_at:%Y-%m-%d %H:%M} UTC is refused",
                kind="OrderConflict",
            )
        if admission.status not in FINAL:
            interests.care(session, order.id, subjects_of(order))
        if admission.verdict == "new":
            events.ingest(session, telling.of_order(order, skus), now)
        return Gathered(
            as_of=now,
            order=order.model_copy(update={"ship_to": self._locate(order.ship_to)}),
            digest=admission.digest,
            again=admission.status if admission.verdict == "same" else None,
        )

    def _named(self, session: Session, order: Order, now: datetime) -> Order:
        try:
            return self._name(session, order, now)
        except OrderRefused as error:
            raise _refused(str(error)) from error


def _check_skus(order: Order, skus: dict[SkuId, Sku]) -> None:
    for number, line in enumerate(order.lines):
        if line.sku not in skus:
            raise _refused(
                f"lines[{number}].sku: {line.sku!r} is not in the catalog; "
                "add it or correct the order"
            )


def _refused(message: str, kind: str = "OrderRefused") -> ApplicationError:
    return ApplicationError(message, type=kind, non_retryable=True)
