"""Compares how an order went with how it was planned."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.order import OrderStatus
    from domain.outcome import Outcome, ParcelOutcome
    from domain.plan import Cost
    from domain.shipping import ParcelStatus
    from workflows.shipment import Shipment
    from workflows.stage import Stage
    from workflows.state import OrderState


def outcome_of(state: OrderState) -> Outcome:
    """Return planned versus actual; the promise is deliver-by, else the p90."""
    parcels = tuple(_parcel(state, shipment) for shipment in state.shipments)
    delivered = state.status is OrderStatus.DELIVERED
    delivered_at = max(
        (p.delivered_at for p in parcels if p.delivered_at), default=None
    )
    promised_at = state.order.deliver_by or max(
        (p.p90_at for p in parcels if p.status is ParcelStatus.DELIVERED), default=None
    )
    left_behind = [what for s in state.shipments for what in s.left_behind]
    return Outcome(
        order_id=state.order.id,
        status=state.status,
        decisions=tuple(state.decisions),
        segments=state.segments,
        parcels=parcels,
        planned_cost=_planned_cost(state),
        promised_at=promised_at,
        delivered_at=delivered_at if delivered else None,
        on_time=delivered_at <= promised_at
        if delivered and delivered_at and promised_at
        else None,
        splits=max(0, sum(p.status is not ParcelStatus.VOIDED for p in parcels) - 1),
        overrides=state.overrides,
        reason="; ".join(filter(None, [state.reason, *left_behind])),
        ended_at=state.time.now(),
    )


def _planned_cost(state: OrderState) -> Cost:
    """Add up what the parcels that really went were planned to cost."""
    cost: Cost = {}
    for shipment in state.shipments:
        if shipment.stage is not Stage.UNDONE:
            for term, cents in shipment.parcel.cost.items():
                cost[term] = cost.get(term, 0) + cents
    return cost


def _parcel(state: OrderState, shipment: Shipment) -> ParcelOutcome:
    report = state.reports.get(shipment.parcel_id)
    status = report.status if report else ParcelStatus.BOOKED
    return ParcelOutcome(
        parcel_id=shipment.parcel_id,
        fc=shipment.parcel.fc,
        service=shipment.parcel.service,
        method=shipment.parcel.method.value,
        lines=shipment.lines,
        status=ParcelStatus.VOIDED if shipment.stage is Stage.UNDONE else status,
        planned_hand_over_at=shipment.parcel.hand_over_at,
        handed_over_at=report.handed_over_at if report else None,
        p90_at=shipment.parcel.p90_at,
        delivered_at=report.delivered_at if report else None,
        planned_cents=max(0, sum(shipment.parcel.cost.values())),
        booked_cents=shipment.booking.cost_cents if shipment.booking else 0,
        exceptions=report.exceptions if report else 0,
    )
