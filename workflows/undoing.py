"""Takes back what was done for a parcel: floor, goods, label or load, journey.

Each undo tolerates "never happened". What a counterpart will not take back is
left behind, and told in the order's outcome.
"""

from collections.abc import Awaitable

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.deciding import Deciding, FreeHolds
    from activities.shipping import Shipping, VoidShipment
    from activities.warehousing import Warehousing, WorkAt
    from domain.shipping import VoidOutcome
    from domain.transport import TenderCancel
    from domain.warehousing import CancelOutcome
    from workflows.names import parcel_workflow
    from workflows.options import STORE, UNDO
    from workflows.parcel import ParcelJourney
    from workflows.planned import PlannedParcel
    from workflows.tendering import Offer

# Money stays owed for these labels: a person is told.
_NOT_VOIDED = {
    VoidOutcome.TOO_LATE: "too late",
    VoidOutcome.REFUSED: "the carrier refused",
    VoidOutcome.EXPIRED: "the carrier's time is over",
}


class Undoing:
    """The undos of one parcel, and what they could not take back."""

    def __init__(self, planned: PlannedParcel) -> None:
        self._planned = planned
        self.left_behind: list[str] = []

    async def stop_floor(self) -> bool:
        """Ask the warehouse to stop; a warehouse that cannot is too late."""
        fc = self._planned.parcel.fc
        try:
            outcome = await workflow.execute_activity_method(
                Warehousing.cancel_order,
                WorkAt(fc=fc, key=self._planned.key),
                summary=f"Ask {fc} to stop",
                **UNDO,
            )
        except ActivityError as error:
            self.left_behind.append(f"{error.activity_type}: {error.cause}")
            return False
        # What is only requested is not confirmed: the goods may still leave.
        return outcome not in (CancelOutcome.TOO_LATE, CancelOutcome.REQUESTED)

    async def free_holds(self) -> None:
        """Give back what our own books held for it."""
        planned = self._planned
        fc = planned.parcel.fc
        await workflow.execute_activity_method(
            Deciding.free_holds,
            FreeHolds(order_id=planned.order.id, revision=planned.revision, fc=fc),
            summary=f"Give back what was held at {fc}",
            **STORE,
        )

    async def release_reservation(self) -> None:
        """Let the center put the goods back."""
        fc = self._planned.parcel.fc
        await self._never_mind(
            workflow.execute_activity_method(
                Warehousing.release_reservation,
                WorkAt(fc=fc, key=self._planned.key),
                summary=f"Give the reservation at {fc} back",
                **UNDO,
            )
        )

    async def void(self, offer: Offer | None) -> None:
        """Void the label, or take the load back that was on offer."""
        await self._never_mind(
            self._take_label_back() if offer is None else self._take_load_back(offer)
        )

    async def end_journey(self) -> None:
        """Let the parcel's own workflow end: there is nothing to follow."""
        journey: workflow.ExternalWorkflowHandle[ParcelJourney] = (
            workflow.get_external_workflow_handle_for(
                ParcelJourney.run, parcel_workflow(self._planned.id)
            )
        )
        try:
            await journey.signal(ParcelJourney.voided)
        except FailureError:
            workflow.logger.info("%s had already ended", self._planned.id)

    async def _take_load_back(self, offer: Offer) -> None:
        if await offer.withdraw() is TenderCancel.TOO_LATE:
            self.left_behind.append(f"too late to take the load {offer.reference} back")

    async def _take_label_back(self) -> None:
        planned = self._planned
        carrier = planned.parcel.carrier
        outcome = await workflow.execute_activity_method(
            Shipping.void_parcel,
            VoidShipment(
                carrier=carrier,
                reference=planned.key,
                parcel_id=planned.id,
                fc=planned.parcel.fc,
                ship_to=planned.order.ship_to,
            ),
            summary=f"Void the label of {carrier}",
            **UNDO,
        )
        if outcome in _NOT_VOIDED:
            why = _NOT_VOIDED[outcome]
            self.left_behind.append(f"{why} to void the label of {planned.key}")

    async def _never_mind(self, undo: Awaitable[object]) -> None:
        """Go on undoing the rest if one undo is refused for good; say so later."""
        try:
            await undo
        except ActivityError as error:
            self.left_behind.append(f"{error.activity_type}: {error.cause}")
