"""The Python client: submit orders, ask, price, override, cancel, watch."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.evaluating import Evaluated, EvaluateOrders
from activities.keeping import IngestEvents
from domain.errors import LanewiseError, OrderConflict
from domain.event import BusinessEvent, Ingested
from domain.order import FINAL, Order, OrderStatus
from domain.outcome import Outcome
from domain.quantities import Edge, OrderId
from lanewise.people import Pseudonyms
from workflows import names
from workflows.desk import (
    Approve,
    Cancel,
    DecisionView,
    Hold,
    Override,
    PricedOverride,
    PriceOverride,
    Progress,
    Resume,
    summary,
)
from workflows.evaluation import OrderEvaluation
from workflows.ingestion import EventIngestion
from workflows.order import FulfillOrder, OrderFulfillment

T = TypeVar("T")

DIGEST = "digest"
# Far below what one payload may hold.
EVENTS_AT_ONCE = 500


class Refused(LanewiseError):
    """An operator's word was refused; the message is one sentence."""


class UnknownOrder(LanewiseError):
    """No workflow is known for this order."""


class Accepted(StrEnum):
    """What became of a submission."""

    NEW = "new"
    ALREADY = "already"


@dataclass(frozen=True)
class Submission:
    """An order that is now with Lanewise, and whether it was before."""

    order_id: OrderId
    accepted: Accepted


class Lanewise:
    """Talk to Lanewise through Temporal.

    Parameters
    ----------
    temporal
        A connected Temporal client that uses ``lanewise.converter``.
    task_queue
        The queue Lanewise's workers serve.
    people
        Puts pseudonyms in place of your ids of customers before anything is
        sent to Temporal. Without it the worker does so, and the id you gave
        stands in the order's history until that is deleted.
    """

    def __init__(
        self,
        temporal: Client,
        task_queue: str = names.TASK_QUEUE,
        people: Pseudonyms | None = None,
    ) -> None:
        self._temporal = temporal
        self._task_queue = task_queue
        self._people = people

    async def submit(self, order: Order) -> Submission:
        """Hand an order over; the same order again is the same order.

        Raises
        ------
        OrderConflict
            When a different order was accepted under this id: both versions
            are named.
        """
        given = order
        (order,) = await self._under_pseudonyms(given)
        try:
            await self._temporal.start_workflow(
                OrderFulfillment.run,
                FulfillOrder(order=order),
                id=names.order_workflow(order.id),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                static_summary=summary(order.id, order.ship_to.region, order.units),
                static_details=_details(order),
                search_attributes=_search_attributes(order),
                memo={DIGEST: order.digest()},
                priority=Priority(priority_key=3),
            )
        except WorkflowAlreadyStartedError:
            await self._check_same(order, given)
            return Submission(order.id, Accepted.ALREADY)
        return Submission(order.id, Accepted.NEW)

    async def evaluate(self, *orders: Order) -> Evaluated:
        """Ask how orders would go if they came in now; nothing is committed."""
        return await self._temporal.execute_workflow(
            OrderEvaluation.run,
            EvaluateOrders(orders=await self._under_pseudonyms(*orders)),
            id=f"evaluate/{uuid4()}",
            task_queue=self._task_queue,
            execution_timeout=timedelta(minutes=5),
        )

    async def ingest(self, events: Iterable[BusinessEvent]) -> Ingested:
        """Hand events over, to be counted; the same event again is one event.

        Each batch is kept whole or, with Temporal away, not yet: hand the same
        events over again then.
        """
        answer = Ingested()
        rest = iter(events)
        while batch := tuple(islice(rest, EVENTS_AT_ONCE)):
            if self._people is not None:
                batch = await asyncio.to_thread(self._people.events, batch)
            answer += await self._temporal.execute_workflow(
                EventIngestion.run,
                IngestEvents(events=batch),
                id=f"ingest/{uuid4()}",
                task_queue=self._task_queue,
                static_summary=f"{len(batch)} events",
            )
        return answer

    async def decision(self, order_id: OrderId) -> DecisionView:
        """Return the plan in force and its runner-ups."""
        return await self._query(order_id, OrderFulfillment.decision)

    async def explain(self, order_id: OrderId) -> str:
        """Return the decision in words (markdown)."""
        return await self._query(order_id, OrderFulfillment.explain)

    async def progress(self, order_id: OrderId) -> Progress:
        """Return where the order stands."""
        return await self._query(order_id, OrderFulfillment.progress)

    async def outcome(self, order_id: OrderId) -> Outcome:
        """Wait until the order has ended and return how it went."""
        return await self._handle(order_id).result()

    async def approve(self, order_id: OrderId, ask: Approve) -> str:
        """Let the plan under review go ahead."""
        said: str = await self._tell(order_id, OrderFulfillment.approve, ask)
        return said

    async def override(self, order_id: OrderId, ask: Override) -> str:
        """Send the order another way; Refused says what is feasible instead."""
        said: str = await self._tell(order_id, OrderFulfillment.override, ask)
        return said

    async def price_override(
        self, order_id: OrderId, ask: PriceOverride
    ) -> PricedOverride:
        """Ask what an override would cost against the plan in force; none is made.

        An infeasible one is an answer too: its ``refusal`` says why, and what is
        feasible instead. Refused says that the order takes no override any more.
        """
        told: PricedOverride = await self._tell(
            order_id, OrderFulfillment.price_override, ask
        )
        return told

    async def hold(self, order_id: OrderId, ask: Hold) -> str:
        """Stop the order before its next effect."""
        said: str = await self._tell(order_id, OrderFulfillment.hold, ask)
        return said

    async def resume(self, order_id: OrderId, ask: Resume) -> str:
        """Let a held order go on."""
        said: str = await self._tell(order_id, OrderFulfillment.resume, ask)
        return said

    async def cancel(self, order_id: OrderId, ask: Cancel) -> str:
        """End the order and undo what was done; Refused says why it is too late."""
        said: str = await self._tell(order_id, OrderFulfillment.cancel, ask)
        return said

    async def watch(
        self, order_id: OrderId, every: timedelta = timedelta(seconds=1)
    ) -> AsyncIterator[Progress]:
        """Yield the order's progress each time it changes, until it has ended."""
        last: Progress | None = None
        while last is None or last.status not in FINAL:
            now = await self.progress(order_id)
            if now != last:
                last = now
                yield now
            else:
                await asyncio.sleep(every.total_seconds())

    async def count(self, query: str) -> int:
        """Count workflows by a visibility query."""
        return (await self._temporal.count_workflows(query)).count

    def _handle(self, order_id: OrderId) -> WorkflowHandle[OrderFulfillment, Outcome]:
        return self._temporal.get_workflow_handle_for(
            OrderFulfillment.run, names.order_workflow(order_id)
        )

    async def _query(
        self, order_id: OrderId, query: Callable[[OrderFulfillment], T]
    ) -> T:
        try:
            return await self._handle(order_id).query(query)
        except RPCError as error:
            raise _unknown(order_id, error) from error

    async def _tell(self, order_id: OrderId, update: Any, ask: Edge) -> Any:
        try:
            return await self._handle(order_id).execute_update(update, ask)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            said = cause.message if isinstance(cause, ApplicationError) else str(cause)
            raise Refused(said) from error
        except RPCError as error:
            raise _unknown(order_id, error) from error

    async def _under_pseudonyms(self, *orders: Order) -> tuple[Order, ...]:
        if self._people is None:
            return orders
        return await asyncio.to_thread(self._people.orders, orders)

    async def _check_same(self, order: Order, given: Order) -> None:
        described = await self._handle(order.id).describe()
        kept = await described.memo_value(DIGEST, default=None)
        # A client without pseudonyms may have submitted it as it was given.
        if kept not in (order.digest(), given.digest()):
            msg = (
                f"order id {order.id!r} already belongs to another order: version "
                f"{kept} was accepted {described.start_time:%Y-%m-%d %H:%M} UTC, "
                f"version {order.digest()} is refused"
            )
            raise OrderConflict(msg)
        if described.status is not None and described.status in _STOPPED:
            msg = (
                f"order {order.id!r} was accepted before and its workflow was stopped "
                f"({described.status.name.lower()}); reset it in Temporal to go on"
            )
            raise OrderConflict(msg)


_STOPPED = (WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.TERMINATED)


def _unknown(order_id: OrderId, error: RPCError) -> LanewiseError:
    if error.status == RPCStatusCode.NOT_FOUND:
        return UnknownOrder(
            f"order {order_id!r} has no running workflow: it is unknown or has ended"
        )
    return LanewiseError(f"Temporal: {error}")


def _search_attributes(order: Order) -> TypedSearchAttributes:
    place = order.ship_to
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(names.STATUS, OrderStatus.RECEIVED.value),
        SearchAttributePair(names.REVIEW, "no"),
        # A region is not a person: postal codes stay out of search attributes.
        SearchAttributePair(names.DESTINATION, f"{place.country}-{place.region}"),
    ]
    if order.deliver_by is not None:
        pairs.append(SearchAttributePair(names.DELIVER_BY, order.deliver_by))
    return TypedSearchAttributes(pairs)


def _details(order: Order) -> str:
    """Return the fixed part of what the Temporal UI shows about an order."""
    goods = "\n".join(f"- {line.units} × {line.sku}" for line in order.lines[:50])
    more = len(order.lines) - 50
    by = f"{order.deliver_by:%a %d %b %H:%M}Z" if order.deliver_by else "no date"
    return (
        f"Order **{order.id}**, {order.requested_service.value}, deliver by {by}, "
        # A region is not a person: the city stays out of what the UI lists.
        f"to {order.ship_to.region} {order.ship_to.country}\n\n"
        f"{goods}" + (f"\n\n… and {more} more lines" if more > 0 else "")
    )
