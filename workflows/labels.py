"""Takes over the labels that warehouses make themselves, and their word on them."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.labels import OwnLabel, OwnLabels
    from domain.quantities import Instant
    from domain.shipping import ParcelScan, ParcelStatus
    from workflows.names import parcel_workflow
    from workflows.options import STORE, WAREHOUSE
    from workflows.parcel import ParcelJourney
    from workflows.shipment import Shipment


async def take_label(shipment: Shipment) -> None:
    """Take over the label a parcel's warehouse made, if it is made by now.

    A warehouse that stays away is asked again by the parcel's journey.
    """
    wanted = shipment.own_label
    if wanted is None or shipment.booking is not None:
        return
    try:
        taken = await workflow.execute_activity_method(
            OwnLabels.take_label,
            wanted,
            summary=f"Take over the label {wanted.fc} made",
            **WAREHOUSE,
        )
    except ActivityError as error:
        workflow.logger.warning("%s: %s", wanted.fc, error.cause)
        return
    if taken.booking is not None:
        shipment.labelled(taken.booking, lambda: _drop(wanted))


async def arrived(shipment: Shipment, at: Instant) -> None:
    """Let a parcel's journey hear from the warehouse that it was delivered."""
    booking, parcel = shipment.booking, shipment.parcel
    journey: workflow.ExternalWorkflowHandle[ParcelJourney] = (
        workflow.get_external_workflow_handle_for(
            ParcelJourney.run, parcel_workflow(shipment.parcel_id)
        )
    )
    scan = ParcelScan(
        event_id=f"{shipment.key}/delivered",
        carrier=booking.carrier if booking else parcel.carrier,
        tracking_number=booking.tracking_number if booking else "",
        status=ParcelStatus.DELIVERED,
        sequence=0,
        occurred_at=at,
        note=f"told by {parcel.fc}",
    )
    try:
        await journey.signal(ParcelJourney.scanned, scan)
    except FailureError:
        workflow.logger.info("%s had already ended", shipment.parcel_id)


async def _drop(label: OwnLabel) -> None:
    await workflow.execute_activity_method(
        OwnLabels.drop_label,
        label,
        summary=f"Note that nothing leaves under the label of {label.fc}",
        **STORE,
    )
