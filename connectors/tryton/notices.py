"""What a released shipment's state implies, fact by fact; pure."""

from datetime import datetime

from connectors.tryton.mapping import (
    LEFT,
    STATUSES,
    UNTOUCHED,
    Instructions,
    Work,
    lines_of,
)
from connectors.tryton.records import NEVER
from domain.order import Line
from domain.warehousing import WarehouseEvent, WarehouseNotice
from domain.wire import raw_of


def notices_of(work: Work, told: Instructions) -> tuple[WarehouseNotice, ...]:
    """Return the facts that a released shipment's state implies, in their order.

    A shipment that left was picked: that is told, too, so that whoever reads
    only now hears the same as who read in between. Each fact has an id of its
    own and is the same at every reading, however late.
    """
    state, short = work.shipment.state, lines_of(work.short)
    facts: list[tuple[WarehouseEvent, datetime | None, tuple[Line, ...]]] = []
    if state == "cancelled":
        facts = [(WarehouseEvent.CANCELLED, work.shipment.written_at, ())]
    elif state not in STATUSES:
        facts = [(WarehouseEvent.UNKNOWN, work.shipment.written_at, ())]
    elif state not in UNTOUCHED:
        if short:
            facts = [(WarehouseEvent.SHORT_PICKED, work.picked_at, short)]
        else:
            facts = [(WarehouseEvent.PICKED, work.picked_at, lines_of(work.asked))]
        if state in LEFT:
            left = lines_of(work.asked)
            facts.append((WarehouseEvent.SHIPPED, work.left_at, left))
    return tuple(
        WarehouseNotice(
            event_id=_event_id(work, event, lines),
            fc=work.site.fc,
            order_id=told.order_id,
            parcel_id=told.parcel_id,
            event=event,
            # Free: a parcel may be released twice, and each has its own facts.
            sequence=0,
            occurred_at=at or NEVER,
            lines=lines,
            tracking_number=told.tracking_number,
            raw=raw_of(work.shipment.model_dump(mode="json")),
        )
        for event, at, lines in facts
    )


def _event_id(work: Work, event: WarehouseEvent, lines: tuple[Line, ...]) -> str:
    name = f"{work.site.fc}/shipment/{work.shipment.id}/{event}"
    match event:
        case WarehouseEvent.SHORT_PICKED:
            # Until it is packed, more may turn out to be missing.
            return f"{name}/{sum(line.units for line in lines)}"
        case WarehouseEvent.UNKNOWN:
            return f"{name}/{work.shipment.state}"
    return name
