"""Effects in warehouses, and what each of them leaves in our books."""

from collections.abc import Callable

from temporalio import activity

from activities.retrying import for_retries, must_look_first
from connectors.ports import Ability, BusinessClock, WarehouseAdapter
from domain.errors import FINAL_WHILE_UNDOING
from domain.order import OrderStatus
from domain.quantities import FcId, Instant, OrderId, Value
from domain.warehousing import (
    CancelOutcome,
    OperationKey,
    ReleaseOrder,
    Reservation,
    ReservedLine,
    ReserveStock,
    WarehouseOrder,
)
from store import orders, stock
from store.engine import Store


class ReserveShipment(Value):
    """Reserve a parcel's goods, then turn its hold into a commitment."""

    reserve: ReserveStock
    revision: int


class Reserved(Value):
    """What the warehouse set aside; ``lost`` if our own hold had ended.

    ``own_labels`` tells that no carriage is to be bought for what it ships.
    """

    reservation: Reservation
    lost: bool = False
    own_labels: bool = False


class WorkAt(Value):
    """Something asked of a center under a key."""

    fc: FcId
    key: OperationKey


class ReleaseShipment(Value):
    """Release a parcel to the floor; ``status`` is the order's after it, if new."""

    release: ReleaseOrder
    status: OrderStatus | None = None
    as_of: Instant


class Warehousing:
    """The centers' warehouse systems, found by center."""

    def __init__(
        self,
        store: Store,
        warehouse_of: Callable[[FcId], WarehouseAdapter],
        clock: BusinessClock,
    ) -> None:
        self._store = store
        self._warehouse_of = warehouse_of
        self._clock = clock

    @activity.defn
    async def reserve_stock(self, command: ReserveShipment) -> Reserved:
        """Reserve goods; where some are missing, count that center again."""
        ask = command.reserve
        warehouse = self._warehouse_of(ask.fc)
        with for_retries():
            reservation = await _reserved(warehouse, ask)
            if not reservation.complete:
                skus = tuple(line.sku for line in reservation.short)
                report = await warehouse.stock(ask.fc, skus)
                with self._store.writing() as session:
                    stock.load(session, report)
                return Reserved(reservation=reservation)
        now = await self._clock.now()
        with self._store.writing() as session:
            kept = stock.confirm(session, ask.order_id, command.revision, now, ask.fc)
        return Reserved(
            reservation=reservation,
            lost=not kept,
            own_labels=warehouse.capabilities().can(Ability.OWN_LABELS),
        )

    @activity.defn
    async def release_reservation(self, command: WorkAt) -> None:
        """Give reserved goods back; never reserved is fine."""
        with for_retries(FINAL_WHILE_UNDOING):
            await self._warehouse_of(command.fc).release_reservation(
                command.fc, command.key
            )

    @activity.defn
    async def release_order(self, command: ReleaseShipment) -> WarehouseOrder:
        """Let the warehouse start picking."""
        ask = command.release
        warehouse = self._warehouse_of(ask.fc)
        with for_retries():
            work = None
            if must_look_first(warehouse.capabilities().idempotency):
                work = await warehouse.find_order(ask.fc, ask.key)
            if work is None:
                work = await warehouse.release_order(ask)
        if command.status is not None:
            with self._store.writing() as session:
                orders.set_status(
                    session, OrderId(ask.order_id), command.status, command.as_of
                )
        return work

    @activity.defn
    async def cancel_order(self, command: WorkAt) -> CancelOutcome:
        """Ask the warehouse to stop; it answers whether it was too late."""
        with for_retries(FINAL_WHILE_UNDOING):
            return await self._warehouse_of(command.fc).cancel_order(
                command.fc, command.key
            )

    @activity.defn
    async def find_work(self, command: WorkAt) -> WarehouseOrder | None:
        """Ask how a released order stands, where no notice came in time."""
        with for_retries():
            return await self._warehouse_of(command.fc).find_order(
                command.fc, command.key
            )


async def _reserved(warehouse: WarehouseAdapter, ask: ReserveStock) -> Reservation:
    """Have goods set aside once; where nobody can, our ledger alone holds them."""
    able = warehouse.capabilities()
    if not able.can(Ability.RESERVE):
        return Reservation(
            id=f"ledger/{ask.key}",
            key=ask.key,
            fc=ask.fc,
            lines=tuple(
                ReservedLine(sku=line.sku, asked=line.units, reserved=line.units)
                for line in ask.lines
            ),
        )
    if must_look_first(able.idempotency) and able.can(Ability.FIND_RESERVATION):
        found = await warehouse.find_reservation(ask.fc, ask.key)
        if found is not None:
            return found
    return await warehouse.reserve(ask)
