"""Asks a parcel's center: to set goods aside, to pick and pack, how it stands."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.warehousing import (
        ReleaseShipment,
        Reserved,
        ReserveShipment,
        Warehousing,
        WorkAt,
    )
    from domain.contact import recipient_in
    from domain.order import Line, OrderStatus
    from domain.quantities import Instant
    from domain.warehousing import (
        PackInstruction,
        ReleaseOrder,
        ReserveStock,
        WarehouseEvent,
        WarehouseNotice,
        WarehouseOrder,
    )
    from workflows.options import WAREHOUSE
    from workflows.planned import PlannedParcel


async def reserve(planned: PlannedParcel, lines: tuple[Line, ...]) -> Reserved:
    """Have the center set the goods aside."""
    fc = planned.parcel.fc
    return await workflow.execute_activity_method(
        Warehousing.reserve_stock,
        ReserveShipment(
            reserve=ReserveStock(
                key=planned.key, fc=fc, order_id=planned.order.id, lines=lines
            ),
            revision=planned.revision,
        ),
        summary=f"Reserve {sum(li.units for li in lines)} units at {fc}",
        priority=planned.priority,
        **WAREHOUSE,
    )


async def release(
    planned: PlannedParcel,
    order: ReleaseOrder,
    as_of: Instant,
    status: OrderStatus | None,
) -> None:
    """Send the parcel to the floor; ``status`` is the order's after it, if new."""
    parcel = planned.parcel
    await workflow.execute_activity_method(
        Warehousing.release_order,
        ReleaseShipment(release=order, status=status, as_of=as_of),
        summary=f"Release to {parcel.fc}, to leave "
        f"{parcel.hand_over_at:%a %d %b %H:%M}Z",
        priority=planned.priority,
        **WAREHOUSE,
    )


def release_order(
    planned: PlannedParcel, lines: tuple[Line, ...], tracking_number: str
) -> ReleaseOrder:
    """Say what the floor is to pick, how to pack it, and when it leaves."""
    order, parcel = planned.order, planned.parcel
    return ReleaseOrder(
        key=planned.key,
        fc=parcel.fc,
        order_id=order.id,
        parcel_id=planned.id,
        reservation_key=planned.key,
        lines=lines,
        cartons=tuple(
            PackInstruction(carton=c.carton, method=c.method, lines=c.lines)
            for c in parcel.cartons
        ),
        service=parcel.service,
        tracking_number=tracking_number,
        hand_over_at=parcel.hand_over_at,
        ship_to=order.ship_to,
        recipient=recipient_in(order.attributes),
    )


async def find_work(planned: PlannedParcel) -> WarehouseOrder | None:
    """Ask how the released order stands."""
    fc = planned.parcel.fc
    return await workflow.execute_activity_method(
        Warehousing.find_work,
        WorkAt(fc=fc, key=planned.key),
        summary=f"Ask {fc} how the order stands",
        **WAREHOUSE,
    )


def notice_of(
    planned: PlannedParcel,
    work: WarehouseOrder,
    event: WarehouseEvent,
    lines: tuple[Line, ...],
) -> WarehouseNotice:
    """Put what the warehouse answered in the words it would have sent."""
    return WarehouseNotice(
        event_id=f"{work.key}/{event}",
        fc=work.fc,
        order_id=planned.order.id,
        parcel_id=planned.id,
        event=event,
        sequence=0,
        occurred_at=work.shipped_at or planned.parcel.hand_over_at,
        lines=lines,
    )
