"""Asks a parcel's carrier to take it: for a label, or by a load on offer."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.loads import OfferLoad
    from activities.shipping import Booked, BookShipment, Shipping
    from domain.quantities import Instant
    from workflows.options import CARRIER
    from workflows.planned import PlannedParcel
    from workflows.tendering import Offer


async def book(planned: PlannedParcel) -> Booked:
    """Ask for a label; a new price, a refusal or an offer to be made are answers."""
    parcel = planned.parcel
    return await workflow.execute_activity_method(
        Shipping.book_parcel,
        BookShipment(
            key=planned.key,
            order=planned.order,
            parcel_id=planned.id,
            parcel=parcel,
            insured=planned.limits.insured,
            signature=planned.limits.signature or planned.order.signature,
        ),
        summary=f"Book {parcel.service} from {parcel.fc}",
        priority=planned.priority,
        **CARRIER,
    )


def offer_of(planned: PlannedParcel, until: Instant) -> Offer:
    """Describe the load to be offered; without an answer it is void ``until`` then."""
    load = OfferLoad(
        key=planned.key,
        order=planned.order,
        parcel_id=planned.id,
        parcel=planned.parcel,
        until=until,
    )
    return Offer(load, planned.priority)
