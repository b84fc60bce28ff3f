"""What warehouses report of an order's parcels, and what follows from it."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.order import Event, Line, OrderStatus
    from domain.plan import Block
    from domain.shipping import ParcelStatus
    from domain.warehousing import (
        StockLost,
        WarehouseEvent,
        WarehouseNotice,
        WorkStatus,
    )
    from workflows.labels import arrived, take_label
    from workflows.parcel import ParcelReport
    from workflows.rerouting import decide_around
    from workflows.shipment import Shipment
    from workflows.stage import Refusal, Stage
    from workflows.state import OrderState

# How long after the planned handover a silent warehouse is asked.
GRACE = timedelta(hours=6)

# A label that the warehouse made itself is made by then.
_LABELLED = (
    WarehouseEvent.PICKED,
    WarehouseEvent.SHIPPED,
    WarehouseEvent.DELIVERED,
)

_TOLD_BY = {
    WorkStatus.SHIPPED: WarehouseEvent.SHIPPED,
    WorkStatus.CANCELLED: WarehouseEvent.CANCELLED,
}


class Floor:
    """Warehouses' words about one order: kept as they come, heeded in turn."""

    def __init__(
        self, state: OrderState, follow: Callable[[Shipment], Awaitable[None]]
    ) -> None:
        self._state = state
        self._follow = follow
        self._notices: deque[WarehouseNotice] = deque()
        self._heard: set[str] = set()
        self._lost: deque[StockLost] = deque()

    @property
    def news(self) -> bool:
        """Tell whether something was said that nobody has heeded yet."""
        return bool(self._notices or self._lost)

    def reported(self, notice: WarehouseNotice) -> None:
        """Keep a warehouse's word; repetitions are dropped."""
        # Who numbers nothing is known by the id of the fact.
        mark = f"{notice.parcel_id}#{notice.sequence or notice.event_id}"
        if mark not in self._heard:
            self._heard.add(mark)
            self._notices.append(notice)

    def recounted(self, lost: StockLost) -> None:
        """Keep the word that a recount took goods away."""
        self._lost.append(lost)

    async def catch_up(self) -> None:
        """Heed everything said so far, oldest first."""
        while self._lost:
            await self._give_up(self._lost.popleft())
        while self._notices:
            await self._take(self._notices.popleft())

    def patience(self) -> timedelta | None:
        """Return how long silence is fine; None where nothing is awaited."""
        due = [s.parcel.hand_over_at for s in self._state.shipments if s.out]
        return self._state.time.until(min(due) + GRACE) if due else None

    async def ask(self) -> None:
        """Look for oneself where no notice came: it may have been lost on its way."""
        time = self._state.time
        overdue = [
            s
            for s in self._state.shipments
            if s.out and s.parcel.hand_over_at + GRACE <= time.now()
        ]
        for shipment in overdue:
            try:
                await self._ask_about(shipment)
            except ActivityError as error:
                # It is asked again next time; until then the floor has it.
                workflow.logger.warning("%s: %s", shipment.parcel.fc, error.cause)
        if overdue:
            time.rest(GRACE)

    async def hear_out(self, shipment: Shipment) -> None:
        """Let the center say what left, where the carrier was faster to tell.

        It is asked at once; what it does not know by then may come for a while.
        """
        try:
            await self._ask_about(shipment)
        except ActivityError as error:
            workflow.logger.warning("%s: %s", shipment.parcel.fc, error.cause)
        try:
            await workflow.wait_condition(lambda: not shipment.out, timeout=GRACE)
        except TimeoutError:
            fc, parcel = shipment.parcel.fc, shipment.parcel_id
            workflow.logger.warning("%s never told what left in %s", fc, parcel)

    async def _ask_about(self, shipment: Shipment) -> None:
        work = await shipment.ask_warehouse()
        if work is None:
            return
        if work.short:
            self._notices.append(
                shipment.notice(work, WarehouseEvent.SHORT_PICKED, work.short)
            )
        if work.status in _TOLD_BY:
            self._notices.append(
                shipment.notice(work, _TOLD_BY[work.status], work.shipped)
            )

    async def _take(self, notice: WarehouseNotice) -> None:
        self._state.time.saw(notice.occurred_at)
        shipment = self._state.shipment_of(notice.parcel_id)
        if shipment is None or not shipment.alive:
            return
        if shipment.own_labels and notice.event in _LABELLED:
            await self._labelled(shipment, notice)
        elif shipment.open:
            await self._heed(shipment, notice)

    async def _labelled(self, shipment: Shipment, notice: WarehouseNotice) -> None:
        """Follow a parcel under the warehouse's own label from when it is made."""
        await take_label(shipment)
        if shipment.open and notice.event is not WarehouseEvent.PICKED:
            await self._shipped(shipment, notice)
        if not shipment.followed:
            await self._follow(shipment)
        if notice.event is WarehouseEvent.DELIVERED and shipment.followed:
            await arrived(shipment, notice.occurred_at)

    async def _heed(self, shipment: Shipment, notice: WarehouseNotice) -> None:
        match notice.event:
            case WarehouseEvent.SHORT_PICKED:
                await self._short_picked(shipment, shipment.newly_short(notice.lines))
            case WarehouseEvent.SHIPPED:
                await self._shipped(shipment, notice)
            case WarehouseEvent.CANCELLED:
                block = Block(fc=notice.fc, why="cancelled by the center")
                await decide_around(
                    self._state,
                    shipment,
                    Refusal(f"{notice.fc} cancelled it", blocks=(block,)),
                )

    async def _short_picked(self, shipment: Shipment, short: tuple[Line, ...]) -> None:
        if not short:
            return
        fc = shipment.parcel.fc
        self._state.refused(
            Refusal(
                f"{fc} was short of "
                + ", ".join(f"{line.units} {line.sku}" for line in short),
                blocks=tuple(
                    Block(fc=fc, sku=line.sku, why="short pick") for line in short
                ),
            )
        )
        if not shipment.lose(short):
            await shipment.undo()
        self._state.again(short)

    async def _shipped(self, shipment: Shipment, notice: WarehouseNotice) -> None:
        state = self._state
        # A short pick may be told late or never; what left is what counts.
        await self._short_picked(shipment, shipment.missing_from(notice.lines))
        last = state.opened() == [shipment] and not state.remainder
        await shipment.ship(
            notice.lines or shipment.lines,
            notice.occurred_at,
            OrderStatus.HANDED_OVER if last else None,
        )
        if shipment.collected:
            shipment.stage = Stage.ENDED
            state.reports[shipment.parcel_id] = ParcelReport(
                parcel_id=shipment.parcel_id,
                status=ParcelStatus.DELIVERED,
                handed_over_at=notice.occurred_at,
                delivered_at=notice.occurred_at,
            )
        if last and state.may(Event.HAND_OVER):
            state.move(Event.HAND_OVER)

    async def _give_up(self, lost: StockLost) -> None:
        """Give up a plan whose goods a recount took away, before anyone commits it."""
        state = self._state
        for shipment in state.uncommitted():
            touched = (shipment.revision, shipment.parcel.fc) == (
                lost.revision,
                lost.fc,
            )
            if touched and shipment.stage is Stage.PLANNED:
                await shipment.undo()
                state.again(shipment.lines)
                if state.status is OrderStatus.REVIEW:
                    state.approved_cents = None
                    state.review = ()
                    state.move(Event.APPROVE)
