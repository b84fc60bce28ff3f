"""Follows an order's parcels: one child workflow each, to its end."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from domain.plan import Block
    from domain.shipping import ParcelStatus
    from workflows.parcel import ParcelJourney, ParcelReport
    from workflows.rerouting import decide_around
    from workflows.shipment import Shipment
    from workflows.stage import Refusal, Stage
    from workflows.state import OrderState

Journey = workflow.ChildWorkflowHandle[ParcelJourney, ParcelReport]

# Reports that do not tell that goods have left.
_SAYS_NOTHING = (ParcelStatus.VOIDED, ParcelStatus.UNKNOWN)


class Following:
    """The journeys of one order's parcels.

    A carrier tells that a parcel left, not what was in it: where it is faster
    than the center, ``hear_out`` lets the center say so first.
    """

    def __init__(
        self,
        state: OrderState,
        plan_lock: asyncio.Lock,
        hear_out: Callable[[Shipment], Awaitable[None]],
    ) -> None:
        self._state = state
        self._plan_lock = plan_lock
        self._hear_out = hear_out
        self._tasks: list[asyncio.Task[None]] = []

    async def follow(self, shipment: Shipment) -> None:
        """Start a parcel's journey and take its end to heart when it comes."""
        journey = await shipment.follow(self._state.time.now())
        if journey is not None:
            self._tasks.append(
                asyncio.create_task(self._until_ended(shipment, journey))
            )

    async def _until_ended(self, shipment: Shipment, journey: Journey) -> None:
        try:
            report = await journey
        except ChildWorkflowError:
            report = ParcelReport(
                parcel_id=shipment.parcel_id, status=ParcelStatus.UNKNOWN
            )
        async with self._plan_lock:
            if not self._overtook(shipment, report):
                await self._take(shipment, report)
                return
            shipment.gone = True
        await self._hear_out(shipment)
        async with self._plan_lock:
            await self._take(shipment, report)

    def _overtook(self, shipment: Shipment, report: ParcelReport) -> bool:
        """Tell whether a parcel ended before its center said what was in it."""
        return (
            shipment.out
            and report.status not in _SAYS_NOTHING
            and workflow.patched("hear-floor-out")
        )

    async def _take(self, shipment: Shipment, report: ParcelReport) -> None:
        self._state.reports[shipment.parcel_id] = report
        if shipment.stage is not Stage.UNDONE:
            await self._ended(shipment, report)

    async def _ended(self, shipment: Shipment, report: ParcelReport) -> None:
        state, parcel = self._state, shipment.parcel
        if report.delivered_at:
            state.time.saw(report.delivered_at)
        if shipment.open and report.status is ParcelStatus.VOIDED:
            block = Block(fc=parcel.fc, service=parcel.service, why="label voided")
            refusal = Refusal(f"{parcel.carrier} voided its label", blocks=(block,))
            await decide_around(state, shipment, refusal)
        elif shipment.open:
            # The center had nothing to say: the goods did leave.
            left_at = report.handed_over_at or state.time.now()
            await shipment.ship(shipment.lines, left_at, None)
        if shipment.stage is not Stage.UNDONE:
            shipment.stage = Stage.ENDED
