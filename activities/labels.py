"""Labels of warehouses that make their own: whose they are, and what they tell."""

from collections.abc import Callable

from temporalio import activity

from activities.retrying import for_retries
from activities.shipping import Tracked
from connectors.ports import Ability, CarrierAdapter, WarehouseAdapter
from domain.errors import ConnectorError
from domain.quantities import (
    CarrierId,
    FcId,
    Instant,
    OrderId,
    ParcelId,
    Place,
    ServiceId,
    Value,
)
from domain.shipping import Booking, ParcelScan, ParcelStatus
from domain.warehousing import OperationKey, WarehouseOrder, WorkStatus
from store import parcels
from store.engine import Store


class OwnLabel(Value):
    """Ask for the label of what was released to a center under a key.

    ``carrier`` and ``service`` are the planned ones: the carrier stands where
    the warehouse names none, the service in all of our books.
    """

    fc: FcId
    key: OperationKey
    order_id: OrderId
    parcel_id: ParcelId
    carrier: CarrierId
    service: ServiceId
    ship_to: Place | None = None


class TakenLabel(Value):
    """The label the warehouse made; None while it made none."""

    booking: Booking | None = None


class OwnLabels:
    """What warehouses tell of parcels they label themselves."""

    def __init__(
        self,
        store: Store,
        warehouse_of: Callable[[FcId], WarehouseAdapter],
        carrier_of: Callable[[CarrierId, FcId | None, Place | None], CarrierAdapter],
    ) -> None:
        self._store = store
        self._warehouse_of = warehouse_of
        self._carrier_of = carrier_of

    @activity.defn
    async def take_label(self, command: OwnLabel) -> TakenLabel:
        """Take carrier and tracking number over, so that scans find the parcel."""
        with for_retries():
            work = await self._work(command)
        booking = None if work is None else _booking(work, command)
        if booking is not None:
            self._keep(command, booking)
        return TakenLabel(booking=booking)

    @activity.defn
    async def track_own(self, command: OwnLabel) -> Tracked:
        """Ask the warehouse where the parcel is, and its carrier where we know it."""
        with for_retries():
            work = await self._work(command)
        if work is None:
            return Tracked()
        booking = _booking(work, command)
        scans: tuple[ParcelScan, ...] = ()
        if booking is not None:
            self._keep(command, booking)
            scans = await self._scans(command, booking)
        return Tracked(scans=(*scans, *_words(work, command, heard=bool(scans))))

    @activity.defn
    async def drop_label(self, command: OwnLabel) -> None:
        """Note that the warehouse stopped, and nothing leaves under its label."""
        with self._store.writing() as session:
            parcels.set_status(session, command.parcel_id, ParcelStatus.VOIDED)

    async def _work(self, command: OwnLabel) -> WarehouseOrder | None:
        warehouse = self._warehouse_of(command.fc)
        return await warehouse.find_order(command.fc, command.key)

    async def _scans(
        self, command: OwnLabel, booking: Booking
    ) -> tuple[ParcelScan, ...]:
        """Ask the carrier; one that no connection reaches has nothing to tell."""
        try:
            carrier = self._carrier_of(booking.carrier, command.fc, command.ship_to)
            if not carrier.capabilities().can(Ability.TRACK):
                return ()
            return await carrier.track(booking.carrier, booking.tracking_number)
        except ConnectorError as error:
            activity.logger.info("%s: %s", booking.carrier, error)
            return ()

    def _keep(self, command: OwnLabel, booking: Booking) -> None:
        with self._store.writing() as session:
            known = parcels.get(session, command.parcel_id)
            parcels.save(
                session,
                parcels.ParcelRecord(
                    parcel_id=command.parcel_id,
                    order_id=command.order_id,
                    fc=command.fc,
                    carrier=booking.carrier,
                    service=command.service,
                    tracking_number=booking.tracking_number,
                    booking_id=booking.id,
                    booked_cents=booking.cost_cents,
                    status=known.status if known else ParcelStatus.BOOKED,
                ),
            )


def _booking(work: WarehouseOrder, command: OwnLabel) -> Booking | None:
    label = work.label
    if label is None:
        return None
    return Booking(
        id=work.id,
        reference=command.key,
        carrier=label.carrier or command.carrier,
        service=command.service,
        tracking_number=label.tracking_number,
        cost_cents=label.cost_cents or 0,
        currency=label.currency,
    )


def _words(
    work: WarehouseOrder, command: OwnLabel, *, heard: bool
) -> tuple[ParcelScan, ...]:
    """Put what the warehouse says in a carrier's words, where that one is silent."""
    told: list[tuple[ParcelStatus, Instant]] = []
    if work.status is WorkStatus.SHIPPED and work.shipped_at and not heard:
        told.append((ParcelStatus.HANDED_OVER, work.shipped_at))
    if work.delivered_at is not None:
        told.append((ParcelStatus.DELIVERED, work.delivered_at))
    label = work.label
    return tuple(
        ParcelScan(
            event_id=f"{work.key}/{status.value}",
            carrier=(label.carrier if label else None) or command.carrier,
            tracking_number=label.tracking_number if label else "",
            status=status,
            sequence=0,
            occurred_at=at,
            note=f"told by {work.fc}",
        )
        for status, at in told
    )
