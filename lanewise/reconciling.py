"""Finds what a stopped workflow left behind, and gives it back.

A workflow that was terminated, reset away or failed cannot undo. What its
order still holds is read from the decisions: their parcels' keys name every
effect. Each step tolerates "never happened", so a second run changes nothing.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.loads import reference_of
from connectors.ports import Ability
from connectors.registry import Registry
from domain.errors import ConnectorError
from domain.network import ServiceMode
from domain.order import FINAL, OrderStatus
from domain.plan import Parcel
from domain.quantities import OrderId
from domain.transport import TenderCancel
from domain.warehousing import CancelOutcome
from lanewise.wiring import Rooms
from store import decisions, orders, stock
from workflows import names

_ALIVE = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
ALL = 1_000_000


@dataclass
class Leftover:
    """What one abandoned order had, and what became of it.

    ``failed`` is why a counterpart could not be asked; the rest waits for the
    next run.
    """

    order_id: OrderId
    failed: str = ""
    voided: list[str] = field(default_factory=list)
    too_late: list[str] = field(default_factory=list)


async def abandoned(rooms: Rooms, client: Client) -> AsyncIterator[OrderId]:
    """Go through the open orders that no workflow carries any more."""
    with rooms.store.reading() as session:
        listed = orders.listing(session, limit=ALL)
    for stored in listed:
        if stored.status not in FINAL and not await _carried(client, stored.order.id):
            yield stored.order.id


async def give_all_back(rooms: Rooms, found: list[OrderId]) -> list[Leftover]:
    """Undo abandoned orders one by one; one that cannot be undone stops no other."""
    given = []
    for order_id in found:
        try:
            given.append(await give_back(rooms, order_id))
        except ConnectorError as error:
            given.append(Leftover(order_id, failed=str(error)))
    return given


async def give_back(rooms: Rooms, order_id: OrderId) -> Leftover:
    """Undo every effect of an abandoned order, the newest first.

    A parcel that its warehouse no longer gives back goes on; its label and
    its goods stay as they are, and it is named in the answer.
    """
    leftover = Leftover(order_id)
    for key, revision, parcel in reversed(list(parcels_of(rooms, order_id))):
        outcome = await rooms.registry.warehouse(parcel.fc).cancel_order(parcel.fc, key)
        if outcome in (CancelOutcome.TOO_LATE, CancelOutcome.REQUESTED):
            leftover.too_late.append(key)
            continue
        if parcel.mode is not ServiceMode.PICKUP and not labels_itself(rooms, parcel):
            leftover.voided += await _void(rooms.registry, parcel, key)
        await rooms.registry.warehouse(parcel.fc).release_reservation(parcel.fc, key)
        with rooms.store.writing() as session:
            stock.release(session, order_id, revision, parcel.fc)
    status = OrderStatus.HANDED_OVER if leftover.too_late else OrderStatus.FAILED
    now = await rooms.clock.now()
    with rooms.store.writing() as session:
        stored = orders.get(session, order_id)
        # A workflow's own idea of business time may be a little ahead.
        at = max(now, stored.updated_at) if stored else now
        orders.set_status(session, order_id, status, at)
    return leftover


def labels_itself(rooms: Rooms, parcel: Parcel) -> bool:
    """Tell whether its warehouse makes the label, so that no carrier has one."""
    warehouse = rooms.registry.warehouse(parcel.fc)
    return warehouse.capabilities().can(Ability.OWN_LABELS)


async def _carried(client: Client, order_id: OrderId) -> bool:
    handle = client.get_workflow_handle(names.order_workflow(order_id))
    try:
        return (await handle.describe()).status in _ALIVE
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise


def parcels_of(rooms: Rooms, order_id: OrderId) -> Iterator[tuple[str, int, Parcel]]:
    """Name every parcel ever planned as its workflow did: numbered, by revision."""
    with rooms.store.reading() as session:
        made = decisions.of_order(session, order_id)
    number = 0
    for decision in made:
        for parcel in decision.plan.parcels if decision.plan else ():
            number += 1
            key = names.effect_key(names.parcel_id(order_id, number), decision.revision)
            yield key, decision.revision, parcel


async def _void(registry: Registry, parcel: Parcel, key: str) -> list[str]:
    transport = registry.transport(parcel.carrier, parcel.fc)
    if transport is not None:
        reference = reference_of(key)
        outcome = await transport.cancel(parcel.carrier, reference)
        taken_back = outcome in (TenderCancel.CANCELLED, TenderCancel.REQUESTED)
        return [reference] if taken_back else []
    carrier = registry.carrier(parcel.carrier, parcel.fc)
    voided = []
    for booking in await carrier.find_bookings(parcel.carrier, key):
        if not booking.voided:
            await carrier.void(parcel.carrier, booking.id)
            voided.append(booking.tracking_number)
    return voided
