"""One load on offer to a freight carrier, and the answers to it.

A parcel whose carrier is offered loads is not booked at once: it waits until
the carrier accepts, declines, or lets the time for an answer go by.
"""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.common import Priority

with workflow.unsafe.imports_passed_through():
    from activities.loads import OfferLoad, agreed_cents, reference_of
    from activities.tendering import HearOffer, Tendering, WithdrawLoad
    from domain.quantities import Instant
    from domain.shipping import Booking
    from domain.transport import (
        LoadEvent,
        LoadUpdate,
        TenderCancel,
        Tendered,
        TenderStatus,
    )
    from workflows.options import CARRIER, UNDO

NO = frozenset({TenderStatus.DECLINED, TenderStatus.CANCELLED})

_STANDING = {
    LoadEvent.ACCEPTED: TenderStatus.ACCEPTED,
    LoadEvent.DECLINED: TenderStatus.DECLINED,
    LoadEvent.REJECTED_UNREAD: TenderStatus.DECLINED,
    LoadEvent.CANCELLED: TenderStatus.CANCELLED,
}


@dataclass(frozen=True)
class Offer:
    """A load as it was offered, and the effects that concern it."""

    load: OfferLoad
    priority: Priority

    @property
    def reference(self) -> str:
        """Return the name the carrier knows the load by."""
        return reference_of(self.load.key)

    @property
    def until(self) -> Instant:
        """Return when an offer without an answer is void."""
        return self.load.until

    async def make(self) -> Tendered:
        """Offer the load; most carriers answer later."""
        parcel = self.load.parcel
        return await workflow.execute_activity_method(
            Tendering.offer_load,
            self.load,
            summary=f"Offer a load from {parcel.fc} to {parcel.carrier}, "
            f"until {self.until:%a %d %b %H:%M}Z",
            priority=self.priority,
            **CARRIER,
        )

    async def hear(self, update: LoadUpdate) -> Tendered:
        """Keep what the carrier told."""
        told = Tendered(
            reference=update.reference,
            carrier=update.carrier,
            status=_STANDING.get(update.event, TenderStatus.UNKNOWN),
            carrier_reference=update.carrier_reference,
            reason=update.note,
            at=update.occurred_at,
        )
        return await self._hear(HearOffer(offer=self.load, told=told), "Keep")

    async def ask(self) -> Tendered:
        """Ask where the offer stands, now that the time for an answer is over."""
        return await self._hear(HearOffer(offer=self.load, overdue=True), "Ask for")

    async def withdraw(self) -> TenderCancel:
        """Take the offer back; never offered is fine."""
        parcel = self.load.parcel
        return await workflow.execute_activity_method(
            Tendering.withdraw_load,
            WithdrawLoad(
                key=self.load.key,
                parcel_id=self.load.parcel_id,
                carrier=parcel.carrier,
                fc=parcel.fc,
                ship_to=self.load.order.ship_to,
            ),
            summary=f"Take the load back from {parcel.carrier}",
            **UNDO,
        )

    def booking(self, accepted: Tendered) -> Booking:
        """Read a yes as carriage bought, at the price that was offered."""
        parcel = self.load.parcel
        return Booking(
            id=self.reference,
            reference=self.load.key,
            carrier=parcel.carrier,
            service=parcel.service,
            tracking_number=accepted.carrier_reference or self.reference,
            cost_cents=agreed_cents(parcel),
        )

    async def _hear(self, command: HearOffer, verb: str) -> Tendered:
        return await workflow.execute_activity_method(
            Tendering.hear_offer,
            command,
            summary=f"{verb} the answer of {self.load.parcel.carrier}",
            priority=self.priority,
            **CARRIER,
        )
