"""One planned parcel on its way through warehouse and carrier, with its undo.

reserve → book → release, each with its undo registered before it is tried;
every step answers None, or a refusal that says what must be decided again.
Where the warehouse ships with labels of its own, nothing is booked: its label
is taken over once it is made.
"""

from collections.abc import Coroutine
from typing import Any

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.labels import OwnLabel
    from activities.recording import Recording, ShipConfirmed
    from domain.network import ServiceMode
    from domain.order import Line, Order, OrderStatus
    from domain.plan import Parcel
    from domain.policy import Limits
    from domain.quantities import Instant, ParcelId
    from domain.shipping import Booking
    from domain.transport import Tendered, TenderStatus
    from domain.warehousing import WarehouseEvent, WarehouseNotice, WarehouseOrder
    from workflows import units, warehousing
    from workflows.booking import book, offer_of
    from workflows.compensation import Compensations, Undo
    from workflows.names import parcel_id, parcel_workflow
    from workflows.options import STORE
    from workflows.parcel import FollowParcel, ParcelJourney, ParcelReport
    from workflows.planned import PlannedParcel
    from workflows.stage import (
        Refusal,
        Stage,
        dearer,
        not_carried,
        not_reserved,
        stayed_away,
    )
    from workflows.tendering import NO, Offer
    from workflows.undoing import Undoing


class Shipment:
    """What one center sends, from plan to handover."""

    def __init__(
        self,
        order: Order,
        number: int,
        revision: int,
        parcel: Parcel,
        limits: Limits,
        priority: Priority,
    ) -> None:
        self._planned = PlannedParcel(
            order, parcel_id(order.id, number), revision, parcel, limits, priority
        )
        self.lines: tuple[Line, ...] = parcel.lines
        self.short: tuple[Line, ...] = ()
        self.stage = Stage.PLANNED
        self.booking: Booking | None = None
        self.offer: Offer | None = None
        # Told when the goods were reserved: the warehouse makes the label.
        self.own_labels = False
        # Told by its carrier, before its center said what was in it.
        self.gone = False
        self._released = False
        self._followed = False
        self._undoing = Undoing(self._planned)
        self._undo = Compensations()
        self._undo.add(self._undoing.free_holds)

    @property
    def parcel_id(self) -> ParcelId:
        """Return the id by which all counterparts know it."""
        return self._planned.id

    @property
    def parcel(self) -> Parcel:
        """Return it as it was planned."""
        return self._planned.parcel

    @property
    def revision(self) -> int:
        """Return the revision of the decision it was planned in."""
        return self._planned.revision

    @property
    def key(self) -> str:
        """Name this parcel's effects; a new revision has new keys."""
        return self._planned.key

    @property
    def left_behind(self) -> list[str]:
        """List what could not be taken back."""
        return self._undoing.left_behind

    @property
    def open(self) -> bool:
        """Tell whether goods have neither left nor been given back."""
        return self.stage in (
            Stage.PLANNED,
            Stage.RESERVED,
            Stage.OFFERED,
            Stage.BOOKED,
            Stage.RELEASED,
        )

    @property
    def alive(self) -> bool:
        """Tell whether the parcel still has a way to go."""
        return self.open or self.stage is Stage.SHIPPED

    @property
    def out(self) -> bool:
        """Tell whether the warehouse floor has it."""
        return self.stage is Stage.RELEASED

    @property
    def on_floor(self) -> bool:
        """Tell whether the warehouse was told to pick it, answered or not."""
        return self._released

    @property
    def collected(self) -> bool:
        """Tell whether the customer fetches it: nobody is booked."""
        return self.parcel.mode is ServiceMode.PICKUP

    @property
    def as_good_as(self) -> Stage:
        """Return its stage, counted as booked where nobody is to be booked."""
        unbooked = self.own_labels and self.stage is Stage.RESERVED
        return Stage.BOOKED if unbooked else self.stage

    @property
    def followed(self) -> bool:
        """Tell whether its journey was started."""
        return self._followed

    def words(self) -> str:
        """Say in a line what this parcel is and how far it has come."""
        tracking = f" {self.booking.tracking_number}" if self.booking else ""
        return (
            f"{self.parcel_id}: {self.parcel.fc} by {self.parcel.service}, "
            f"{self.parcel.method.value}, {self.stage.value}{tracking}"
        )

    async def advance(
        self, as_of: Instant, status: OrderStatus | None
    ) -> Refusal | None:
        """Take the next step; ``status`` is the order's once this one is released."""
        try:
            match self.stage:
                case Stage.PLANNED:
                    return await self._reserve()
                case Stage.RESERVED if not (self.collected or self.own_labels):
                    return await self._book()
                case Stage.RESERVED | Stage.BOOKED:
                    return await self._release(as_of, status)
        except ActivityError as error:
            return self.gave_up(error)
        return None

    async def _reserve(self) -> Refusal | None:
        self._undo.add(self._undoing.release_reservation)
        answer = await warehousing.reserve(self._planned, self.lines)
        if short := answer.reservation.short:
            return not_reserved(self.parcel, short)
        if answer.lost:
            return Refusal("the stock held for it expired or was lost")
        self.own_labels = answer.own_labels and not self.collected
        self.stage = Stage.RESERVED
        return None

    async def _book(self) -> Refusal | None:
        self._undo.add(lambda: self._undoing.void(self.offer))
        answer = await book(self._planned)
        if answer.booking is not None:
            self.booking = answer.booking
            self.stage = Stage.BOOKED
            return None
        if answer.offer_until is not None:
            return await self._offer(answer.offer_until)
        if answer.requoted_cents is not None:
            return dearer(self.parcel, answer.requoted_cents)
        return not_carried(self.parcel, answer.refusal or "")

    async def _offer(self, until: Instant) -> Refusal | None:
        self.offer = offer_of(self._planned, until)
        return self.answered(await self.offer.make())

    def answered(self, answer: Tendered, *, overdue: bool = False) -> Refusal | None:
        """Take a carrier's answer to an offer to heart; no answer waits on."""
        if answer.status is TenderStatus.ACCEPTED:
            if self.offer is not None and self.stage in (
                Stage.RESERVED,
                Stage.OFFERED,
            ):
                self.booking = self.offer.booking(answer)
                self.stage = Stage.BOOKED
            return None
        if answer.status in NO:
            return not_carried(self.parcel, answer.reason or answer.status.value)
        if overdue:
            return not_carried(self.parcel, "no answer in time")
        if self.stage is Stage.RESERVED:
            self.stage = Stage.OFFERED
        return None

    async def _release(
        self, as_of: Instant, status: OrderStatus | None
    ) -> Refusal | None:
        self._released = True
        tracking_number = self.booking.tracking_number if self.booking else ""
        order = warehousing.release_order(self._planned, self.lines, tracking_number)
        await warehousing.release(self._planned, order, as_of, status)
        self.stage = Stage.RELEASED
        return None

    def gave_up(self, error: ActivityError) -> Refusal:
        """Decide around a counterpart that stayed away or broke the contract."""
        return stayed_away(self.parcel, error, own_labels=self.own_labels)

    def newly_short(self, reported: tuple[Line, ...]) -> tuple[Line, ...]:
        """Return what of a short pick was not known yet, at most what is left."""
        return units.newly_short(self.lines, self.short, reported)

    def missing_from(self, shipped: tuple[Line, ...]) -> tuple[Line, ...]:
        """Return what should have left and did not; none where nothing was listed."""
        return units.missing_from(self.lines, shipped)

    def lose(self, short: tuple[Line, ...]) -> bool:
        """Take units out that were not found; False if nothing is left to ship."""
        self.short += short
        self.lines = units.without(self.lines, short)
        return bool(self.lines)

    def notice(
        self, work: WarehouseOrder, event: WarehouseEvent, lines: tuple[Line, ...]
    ) -> WarehouseNotice:
        """Put what the warehouse answered in the words it would have sent."""
        return warehousing.notice_of(self._planned, work, event, lines)

    async def ask_warehouse(self) -> WarehouseOrder | None:
        """Ask how the released order stands."""
        return await warehousing.find_work(self._planned)

    async def ship(
        self, shipped: tuple[Line, ...], as_of: Instant, status: OrderStatus | None
    ) -> None:
        """Note that the goods left: from now on only the carrier can act."""
        await workflow.execute_activity_method(
            Recording.confirm_shipped,
            ShipConfirmed(
                order_id=self._planned.order.id,
                revision=self.revision,
                fc=self.parcel.fc,
                key=self.key,
                shipped=shipped,
                short=self.short,
                status=status,
                as_of=as_of,
            ),
            summary="Take shipped goods off the books",
            **STORE,
        )
        self.stage = Stage.SHIPPED
        self._undo.forget()

    @property
    def own_label(self) -> OwnLabel | None:
        """Name the label its warehouse makes; None where a carrier's is bought."""
        if not self.own_labels:
            return None
        return OwnLabel(
            fc=self.parcel.fc,
            key=self.key,
            order_id=self._planned.order.id,
            parcel_id=self.parcel_id,
            carrier=self.parcel.carrier,
            service=self.parcel.service,
            ship_to=self._planned.order.ship_to,
        )

    def labelled(self, booking: Booking, undo: Undo) -> None:
        """Adopt the label its warehouse made; ``undo`` if the floor lets go of it."""
        self.booking = booking
        self._undo.add(undo)

    async def follow(
        self, as_of: Instant
    ) -> "workflow.ChildWorkflowHandle[ParcelJourney, ParcelReport] | None":
        """Start the parcel's own workflow, before its first scan can arrive.

        None where no carrier has it: the customer collects, or the warehouse
        has not made its label yet.
        """
        left_unlabelled = self.own_labels and self.stage is Stage.SHIPPED
        if self.booking is None and not left_unlabelled:
            return None
        self._followed = True
        return await workflow.start_child_workflow(
            ParcelJourney.run,
            FollowParcel(
                parcel_id=self.parcel_id,
                order_id=self._planned.order.id,
                tracking_number=(self.booking.tracking_number if self.booking else ""),
                parcel=self.parcel,
                as_of=as_of,
                own_label=self.own_label,
            ),
            id=parcel_workflow(self.parcel_id),
            static_summary=f"Parcel {self.parcel_id} by {self.parcel.service}",
        )

    async def undo(self) -> bool:
        """Undo everything done so far; False if it is too late."""
        if self.gone:
            return False
        if self._released and not await self._undoing.stop_floor():
            return False
        self._released = False
        await self.abandon()
        return True

    def abandon(self) -> Coroutine[Any, Any, None]:
        """Count as undone from now on; awaiting the answer does the undoing."""
        self.stage = Stage.UNDONE
        return self._undo_all()

    async def _undo_all(self) -> None:
        await self._undo.undo()
        if not self._followed:
            return
        self._followed = False
        await self._undoing.end_journey()
