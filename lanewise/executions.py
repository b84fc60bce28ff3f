"""The Temporal executions that hold an order's data: found, deleted, gone."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution as Named
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import LanewiseError
from domain.quantities import OrderId
from workflows import names

PATIENCE_S = 30.0
POLL_S = 0.2
AT_ONCE = 8
# What may name customers beside accepted orders: refused ones, questions, events.
_STRAYS = (
    "WorkflowType = 'OrderEvaluation' OR WorkflowType = 'EventIngestion' OR "
    "(WorkflowType = 'OrderFulfillment' AND ExecutionStatus != 'Completed')"
)

UnknownOrders = Callable[[Iterable[OrderId]], set[OrderId]]


class NotGone(LanewiseError):
    """Temporal has not deleted what it was told to, in the time given."""


@dataclass(frozen=True)
class Execution:
    """One run of a workflow."""

    workflow_id: str
    run_id: str
    running: bool

    @property
    def passing(self) -> bool:
        """Tell whether it only asks or brings something in, and holds nothing."""
        return self.workflow_id.startswith(("evaluate/", "ingest/"))


class Executions:
    """What Temporal keeps of orders, in one namespace."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def of_orders(self, orders: Iterable[OrderId]) -> list[Execution]:
        """List every run of the orders' workflows and of their parcels'.

        Runs that were reset away are among them.
        """
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(order: OrderId) -> list[Execution]:
            async with gate:
                return await self._of_order(order)

        found = await asyncio.gather(*(one(order) for order in orders))
        return [execution for each in found for execution in each]

    async def strays(
        self, customer: Iterable[str], unknown: UnknownOrders
    ) -> list[Execution]:
        """List runs that name a customer, but whose orders the store never took.

        Orders that were refused, orders just submitted, evaluations, and events.

        Parameters
        ----------
        customer
            Every name the customer has.
        unknown
            Returns those order ids that the store does not know.
        """
        wanted = frozenset(customer)
        candidates = await self._candidates(unknown)
        gate = asyncio.Semaphore(AT_ONCE)

        async def names_them(execution: Execution) -> bool:
            async with gate:
                return bool(wanted & await self._customers(execution))

        named = await asyncio.gather(*map(names_them, candidates))
        return [each for each, yes in zip(candidates, named, strict=True) if yes]

    async def running(self, executions: Iterable[Execution]) -> list[str]:
        """Name the orders' workflows among them that have not ended.

        Lists are a little behind: each that is said to run is asked. A running
        evaluation or ingestion holds nothing and may be deleted as it is.
        """
        return sorted(
            {
                each.workflow_id
                for each in executions
                if each.running and not each.passing and await self._runs(each)
            }
        )

    async def delete(self, executions: Iterable[Execution]) -> None:
        """Delete runs, and return once Temporal neither knows nor lists them.

        Raises
        ------
        NotGone
            When it still does after half a minute; doing it again is safe.
        """
        listed = list(executions)
        gate = asyncio.Semaphore(AT_ONCE)

        async def gone(execution: Execution) -> None:
            async with gate:
                await self._delete(execution)
                # It becomes so in another process, which tells nobody.
                while await self._known(execution):  # noqa: ASYNC110
                    await asyncio.sleep(POLL_S)

        try:
            async with asyncio.timeout(PATIENCE_S + len(listed) / AT_ONCE):
                await asyncio.gather(*map(gone, listed))
        except TimeoutError:
            msg = (
                "Temporal has not yet deleted every execution of the customer's "
                "orders; erase again in a moment, it goes on where it was"
            )
            raise NotGone(msg) from None

    async def _of_order(self, order: OrderId) -> list[Execution]:
        own = names.order_workflow(order)
        parcels = names.parcel_workflow(names.parcel_id(order, 0)).removesuffix("0")
        query = f"WorkflowId = '{own}' OR WorkflowId STARTS_WITH '{parcels}'"
        return [_execution(e) async for e in self._client.list_workflows(query)]

    async def _candidates(self, unknown: UnknownOrders) -> list[Execution]:
        listed = [_execution(e) async for e in self._client.list_workflows(_STRAYS)]
        start = names.order_workflow(OrderId(""))
        ids = {
            OrderId(each.workflow_id.removeprefix(start))
            for each in listed
            if each.workflow_id.startswith(start)
        }
        new = {names.order_workflow(i) for i in await asyncio.to_thread(unknown, ids)}
        return [each for each in listed if each.passing or each.workflow_id in new]

    async def _customers(self, execution: Execution) -> set[str]:
        """Read whom the orders that a run began with are for."""
        handle = self._client.get_workflow_handle(
            execution.workflow_id, run_id=execution.run_id
        )
        try:
            async for event in handle.fetch_history_events(page_size=1):
                started = event.workflow_execution_started_event_attributes
                given = await self._client.data_converter.decode(
                    started.input.payloads, [Any] * len(started.input.payloads)
                )
                return set(_named(given))
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        return set()

    async def _delete(self, execution: Execution) -> None:
        request = DeleteWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=Named(
                workflow_id=execution.workflow_id, run_id=execution.run_id
            ),
        )
        try:
            await self._client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise

    async def _runs(self, execution: Execution) -> bool:
        described = await self._client.get_workflow_handle(
            execution.workflow_id, run_id=execution.run_id
        ).describe()
        return described.status is WorkflowExecutionStatus.RUNNING

    async def _known(self, execution: Execution) -> bool:
        handle = self._client.get_workflow_handle(
            execution.workflow_id, run_id=execution.run_id
        )
        try:
            await handle.describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            query = f"RunId = '{execution.run_id}'"
            return (await self._client.count_workflows(query)).count > 0
        return True


def _execution(found: WorkflowExecution) -> Execution:
    running = found.status is WorkflowExecutionStatus.RUNNING
    return Execution(found.id, found.run_id, running)


def _named(value: Any) -> list[str]:
    """Find every customer id in what a workflow was given, however deep."""
    if isinstance(value, dict):
        here = [v for k, v in value.items() if k == "customer_id"]
        return [str(v) for v in here] + [
            name for part in value.values() for name in _named(part)
        ]
    if isinstance(value, list):
        return [name for part in value for name in _named(part)]
    return []
