"""One planned parcel on its way through warehouse and carrier, with its undo.

reserve → book → release, each with its undo registered before it is tried;
every step answers None, or a refusal that says what must be decided again.
Where the warehouse ships with labels of its own, nothing is booked: its label
is taken over once it is made.
"""

from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.deciding import Deciding, FreeHolds
    from activities.labels import OwnLabel
    from activities.loads import OfferLoad
    from activities.recording import Recording, ShipConfirmed
    from activities.shipping import BookShipment, Shipping, VoidShipment
    from activities.warehousing import (
        ReleaseShipment,
        ReserveShipment,
        Warehousing,
        WorkAt,
    )
    from domain.contact import recipient_in
    from domain.errors import Unsupported
    from domain.network import ServiceMode
    from domain.order import Line, Order, OrderStatus
    from domain.plan import Block, CostTerm, LiveRate, Parcel
    from domain.policy import Limits
    from domain.quantities import Instant, ParcelId
    from domain.shipping import Booking, VoidOutcome
    from domain.transport import TenderCancel, Tendered, TenderStatus
    from domain.warehousing import (
        CancelOutcome,
        PackInstruction,
        ReleaseOrder,
        ReserveStock,
        WarehouseEvent,
        WarehouseNotice,
        WarehouseOrder,
    )
    from workflows.compensation import Compensations, Undo
    from workflows.names import effect_key, parcel_id, parcel_workflow
    from workflows.options import CARRIER, STORE, UNDO, WAREHOUSE
    from workflows.parcel import FollowParcel, ParcelJourney, ParcelReport
    from workflows.tendering import NO, Offer


# Money stays owed for these labels: a person is told.
_NOT_VOIDED = {
    VoidOutcome.TOO_LATE: "too late",
    VoidOutcome.REFUSED: "the carrier refused",
    VoidOutcome.EXPIRED: "the carrier's time is over",
}


_AT_CARRIERS = ("book_parcel", "offer_load", "hear_offer")


class Stage(StrEnum):
    """How far a parcel has come."""

    PLANNED = "planned"
    RESERVED = "reserved"
    OFFERED = "offered"
    BOOKED = "booked"
    RELEASED = "released"
    SHIPPED = "shipped"
    ENDED = "ended"
    LOST = "lost"
    UNDONE = "undone"


@dataclass(frozen=True)
class Refusal:
    """Why a step did not go, and what the next decision must heed.

    ``gave_up`` says that the counterpart stayed away rather than refused.
    """

    why: str
    blocks: tuple[Block, ...] = ()
    rates: tuple[LiveRate, ...] = ()
    gave_up: bool = False


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
        self.order = order
        self.parcel_id: ParcelId = parcel_id(order.id, number)
        self.revision = revision
        self.parcel = parcel
        self.lines: tuple[Line, ...] = parcel.lines
        self.short: tuple[Line, ...] = ()
        self.stage = Stage.PLANNED
        self.booking: Booking | None = None
        self.offer: Offer | None = None
        self.left_behind: list[str] = []
        # Told when the goods were reserved: the warehouse makes the label.
        self.own_labels = False
        self._limits = limits
        self._priority = priority
        self._released = False
        self._followed = False
        self._undo = Compensations()
        self._undo.add(self._free_holds)

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

    @property
    def key(self) -> str:
        """Name this parcel's effects; a new revision has new keys."""
        return effect_key(self.parcel_id, self.revision)

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
        self._undo.add(self._release_reservation)
        answer = await workflow.execute_activity_method(
            Warehousing.reserve_stock,
            ReserveShipment(
                reserve=ReserveStock(
                    key=self.key,
                    fc=self.parcel.fc,
                    order_id=self.order.id,
                    lines=self.lines,
                ),
                revision=self.revision,
            ),
            summary=f"Reserve {sum(li.units for li in self.lines)} units "
            f"at {self.parcel.fc}",
            priority=self._priority,
            **WAREHOUSE,
        )
        short = answer.reservation.short
        if short:
            return Refusal(
                f"{self.parcel.fc} could reserve only "
                + ", ".join(f"{s.reserved} of {s.asked} {s.sku}" for s in short),
                blocks=tuple(
                    Block(fc=self.parcel.fc, sku=s.sku, why="not fully reserved")
                    for s in short
                ),
            )
        if answer.lost:
            return Refusal("the stock held for it expired or was lost")
        self.own_labels = answer.own_labels and not self.collected
        self.stage = Stage.RESERVED
        return None

    async def _book(self) -> Refusal | None:
        self._undo.add(self._void)
        parcel = self.parcel
        answer = await workflow.execute_activity_method(
            Shipping.book_parcel,
            BookShipment(
                key=self.key,
                order=self.order,
                parcel_id=self.parcel_id,
                parcel=parcel,
                insured=self._limits.insured,
                signature=self._limits.signature or self.order.signature,
            ),
            summary=f"Book {parcel.service} from {parcel.fc}",
            priority=self._priority,
            **CARRIER,
        )
        if answer.booking is not None:
            self.booking = answer.booking
            self.stage = Stage.BOOKED
            return None
        if answer.offer_until is not None:
            return await self._offer(answer.offer_until)
        if answer.requoted_cents is not None:
            cents = answer.requoted_cents
            return Refusal(
                f"{parcel.service} now asks {cents} cents",
                rates=(_told(parcel, cents),),
            )
        return self._refused(answer.refusal or "")

    async def _offer(self, until: Instant) -> Refusal | None:
        load = OfferLoad(
            key=self.key,
            order=self.order,
            parcel_id=self.parcel_id,
            parcel=self.parcel,
            until=until,
        )
        self.offer = Offer(load, self._priority)
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
            return self._refused(answer.reason or answer.status.value)
        if overdue:
            return self._refused("no answer in time")
        if self.stage is Stage.RESERVED:
            self.stage = Stage.OFFERED
        return None

    def _refused(self, why: str) -> Refusal:
        parcel = self.parcel
        return Refusal(
            f"{parcel.carrier} refused {parcel.service}: {why}",
            blocks=(Block(fc=parcel.fc, service=parcel.service, why=why),),
        )

    async def _release(
        self, as_of: Instant, status: OrderStatus | None
    ) -> Refusal | None:
        self._released = True
        parcel = self.parcel
        await workflow.execute_activity_method(
            Warehousing.release_order,
            ReleaseShipment(
                release=ReleaseOrder(
                    key=self.key,
                    fc=parcel.fc,
                    order_id=self.order.id,
                    parcel_id=self.parcel_id,
                    reservation_key=self.key,
                    lines=self.lines,
                    cartons=tuple(
                        PackInstruction(carton=c.carton, method=c.method, lines=c.lines)
                        for c in parcel.cartons
                    ),
                    service=parcel.service,
                    tracking_number=(
                        self.booking.tracking_number if self.booking else ""
                    ),
                    hand_over_at=parcel.hand_over_at,
                    ship_to=self.order.ship_to,
                    recipient=recipient_in(self.order.attributes),
                ),
                status=status,
                as_of=as_of,
            ),
            summary=f"Release to {parcel.fc}, to leave "
            f"{parcel.hand_over_at:%a %d %b %H:%M}Z",
            priority=self._priority,
            **WAREHOUSE,
        )
        self.stage = Stage.RELEASED
        return None

    def gave_up(self, error: ActivityError) -> Refusal:
        """Decide around a counterpart that stayed away or broke the contract."""
        cause = error.cause
        what = cause.message if isinstance(cause, ApplicationError) else str(cause)
        # A warehouse that labels itself may lack the method, and not the goods.
        service = error.activity_type in _AT_CARRIERS or (
            self.own_labels
            and isinstance(cause, ApplicationError)
            and cause.type == Unsupported.__name__
        )
        return Refusal(
            f"{error.activity_type.replace('_', ' ')} gave up: {what}",
            blocks=(
                Block(
                    fc=self.parcel.fc,
                    service=self.parcel.service if service else None,
                    why=what,
                ),
            ),
            gave_up=True,
        )

    def newly_short(self, reported: tuple[Line, ...]) -> tuple[Line, ...]:
        """Return what of a short pick was not known yet, at most what is left."""
        known: dict[str, int] = {}
        for line in self.short:
            known[line.sku] = known.get(line.sku, 0) + line.units
        left = {line.sku: line.units for line in self.lines}
        new = {
            line.sku: min(line.units - known.get(line.sku, 0), left.get(line.sku, 0))
            for line in reported
        }
        return tuple(Line(sku=sku, units=n) for sku, n in new.items() if n > 0)

    def missing_from(self, shipped: tuple[Line, ...]) -> tuple[Line, ...]:
        """Return what should have left and did not; none where nothing was listed."""
        left = {line.sku: line.units for line in shipped or self.lines}
        return tuple(
            Line(sku=line.sku, units=line.units - left.get(line.sku, 0))
            for line in self.lines
            if line.units > left.get(line.sku, 0)
        )

    def lose(self, short: tuple[Line, ...]) -> bool:
        """Take units out that were not found; False if nothing is left to ship."""
        missing = {line.sku: line.units for line in short}
        self.short += short
        self.lines = tuple(
            Line(sku=line.sku, units=line.units - missing.get(line.sku, 0))
            for line in self.lines
            if line.units > missing.get(line.sku, 0)
        )
        return bool(self.lines)

    def notice(
        self, work: WarehouseOrder, event: WarehouseEvent, lines: tuple[Line, ...]
    ) -> WarehouseNotice:
        """Put what the warehouse answered in the words it would have sent."""
        return WarehouseNotice(
            event_id=f"{work.key}/{event}",
            fc=work.fc,
            order_id=self.order.id,
            parcel_id=self.parcel_id,
            event=event,
            sequence=0,
            occurred_at=work.shipped_at or self.parcel.hand_over_at,
            lines=lines,
        )

    async def ask_warehouse(self) -> WarehouseOrder | None:
        """Ask how the released order stands."""
        return await workflow.execute_activity_method(
            Warehousing.find_work,
            WorkAt(fc=self.parcel.fc, key=self.key),
            summary=f"Ask {self.parcel.fc} how the order stands",
            **WAREHOUSE,
        )

    async def ship(
        self, shipped: tuple[Line, ...], as_of: Instant, status: OrderStatus | None
    ) -> None:
        """Note that the goods left: from now on only the carrier can act."""
        await workflow.execute_activity_method(
            Recording.confirm_shipped,
            ShipConfirmed(
                order_id=self.order.id,
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
            order_id=self.order.id,
            parcel_id=self.parcel_id,
            carrier=self.parcel.carrier,
            service=self.parcel.service,
            ship_to=self.order.ship_to,
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
                order_id=self.order.id,
                tracking_number=(self.booking.tracking_number if self.booking else ""),
                parcel=self.parcel,
                as_of=as_of,
                own_label=self.own_label,
            ),
            id=parcel_workflow(self.parcel_id),
            static_summary=f"Parcel {self.parcel_id} by {self.parcel.service}",
        )

    async def undo(self) -> bool:
        """Undo everything done so far; False if the warehouse says it is too late."""
        if self._released and not await self._stopped():
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
        journey: workflow.ExternalWorkflowHandle[ParcelJourney] = (
            workflow.get_external_workflow_handle_for(
                ParcelJourney.run, parcel_workflow(self.parcel_id)
            )
        )
        try:
            await journey.signal(ParcelJourney.voided)
        except FailureError:
            workflow.logger.info("%s had already ended", self.parcel_id)

    async def _stopped(self) -> bool:
        """Ask the warehouse to stop; a warehouse that cannot is too late."""
        try:
            outcome = await workflow.execute_activity_method(
                Warehousing.cancel_order,
                WorkAt(fc=self.parcel.fc, key=self.key),
                summary=f"Ask {self.parcel.fc} to stop",
                **UNDO,
            )
        except ActivityError as error:
            self.left_behind.append(f"{error.activity_type}: {error.cause}")
            return False
        # What is only requested is not confirmed: the goods may still leave.
        return outcome not in (CancelOutcome.TOO_LATE, CancelOutcome.REQUESTED)

    async def _free_holds(self) -> None:
        await workflow.execute_activity_method(
            Deciding.free_holds,
            FreeHolds(
                order_id=self.order.id, revision=self.revision, fc=self.parcel.fc
            ),
            summary=f"Give back what was held at {self.parcel.fc}",
            **STORE,
        )

    async def _release_reservation(self) -> None:
        await self._never_mind(
            workflow.execute_activity_method(
                Warehousing.release_reservation,
                WorkAt(fc=self.parcel.fc, key=self.key),
                summary=f"Give the reservation at {self.parcel.fc} back",
                **UNDO,
            )
        )

    async def _void(self) -> None:
        booked = self.offer is None
        await self._never_mind(
            self._take_label_back() if booked else self._take_load_back()
        )

    async def _take_load_back(self) -> None:
        assert self.offer is not None
        if await self.offer.withdraw() is TenderCancel.TOO_LATE:
            self.left_behind.append(
                f"too late to take the load {self.offer.reference} back"
            )

    async def _take_label_back(self) -> None:
        outcome = await workflow.execute_activity_method(
            Shipping.void_parcel,
            VoidShipment(
                carrier=self.parcel.carrier,
                reference=self.key,
                parcel_id=self.parcel_id,
                fc=self.parcel.fc,
                ship_to=self.order.ship_to,
            ),
            summary=f"Void the label of {self.parcel.carrier}",
            **UNDO,
        )
        if outcome in _NOT_VOIDED:
            why = _NOT_VOIDED[outcome]
            self.left_behind.append(f"{why} to void the label of {self.key}")

    async def _never_mind(self, undo: Awaitable[object]) -> None:
        """Go on undoing the rest if one undo is refused for good; say so later."""
        try:
            await undo
        except ActivityError as error:
            self.left_behind.append(f"{error.activity_type}: {error.cause}")


def _told(parcel: Parcel, cents: int) -> LiveRate:
    """Note what a carrier asks for a parcel, and what it was planned to."""
    terms = (CostTerm.FREIGHT, CostTerm.SURCHARGES)
    planned = sum(parcel.cost.get(term, 0) for term in terms)
    return LiveRate(
        fc=parcel.fc,
        service=parcel.service,
        cents=cents,
        table_cents=planned or None,
    )
