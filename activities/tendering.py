"""Effects at freight carriers: a load is offered, answered, and taken back."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import activity

from activities import telling
from activities.loads import OfferLoad, agreed_cents, load_of, reference_of
from activities.published import Published
from activities.retrying import KEYLESS, for_retries, must_look_first
from connectors.ports import Ability, BusinessClock, Capabilities, TransportAdapter
from domain.errors import (
    FINAL_WHILE_UNDOING,
    InvalidRequest,
    NotFound,
    StateConflict,
    Unsupported,
)
from domain.plan import Parcel
from domain.quantities import CarrierId, FcId, ParcelId, Place, Value
from domain.shipping import ParcelStatus
from domain.transport import TenderCancel, Tendered, TenderLoad, TenderStatus
from domain.warehousing import OperationKey
from store import events, parcels
from store import network as network_store
from store.engine import Store

# How long a carrier may think about an offer where its connection says nothing.
ANSWER_WITHIN = timedelta(hours=2)

# Words of refusal; everything else is a fault and retried or raised.
REFUSALS = (InvalidRequest, NotFound, StateConflict)

# Finds who offers loads to a carrier; None where it is booked instead.
TransportOf = Callable[[CarrierId, FcId | None, Place | None], TransportAdapter | None]


class HearOffer(Value):
    """Take what was ``told`` of an offer; where nothing was, ask.

    ``overdue`` says that the time for an answer is over.
    """

    offer: OfferLoad
    told: Tendered | None = None
    overdue: bool = False


class WithdrawLoad(Value):
    """Take back whatever was offered under a key."""

    key: OperationKey
    parcel_id: ParcelId
    carrier: CarrierId
    fc: FcId | None = None
    ship_to: Place | None = None


def nobody_tenders(
    carrier: CarrierId, fc: FcId | None, to: Place | None
) -> TransportAdapter | None:
    """Offer loads to nobody: every carrier is booked."""
    return None


def answer_due(able: Capabilities, parcel: Parcel, now: datetime) -> datetime:
    """Return until when a carrier may answer: in its time, and before the pickup."""
    within = able.answers_within_m
    due = now + (ANSWER_WITHIN if within is None else timedelta(minutes=within))
    return min(due, parcel.hand_over_at) if parcel.hand_over_at > now else due


class Tendering:
    """The freight carriers that loads are offered to, found like carriers."""

    def __init__(
        self, store: Store, transport_of: TransportOf, clock: BusinessClock
    ) -> None:
        self._store = store
        self._transport_of = transport_of
        self._clock = clock
        self._published = Published()

    @activity.defn
    async def offer_load(self, command: OfferLoad) -> Tendered:
        """Offer a load once; what was offered before is looked up, not repeated."""
        parcel = command.parcel
        # The answer may be quicker than our next step, and must find the parcel.
        self._keep(command, ParcelStatus.UNKNOWN)
        with for_retries():
            adapter = self._reach(parcel.carrier, parcel.fc, command.order.ship_to)
            try:
                tendered = await self._known(adapter, command)
                if tendered is None:
                    tendered = await adapter.tender(self._load(command))
            except REFUSALS as refusal:
                tendered = Tendered(
                    reference=reference_of(command.key),
                    carrier=parcel.carrier,
                    status=TenderStatus.DECLINED,
                    reason=str(refusal),
                )
        await self._heard(command, tendered)
        return tendered

    @activity.defn
    async def hear_offer(self, command: HearOffer) -> Tendered:
        """Keep what a carrier answered; where it told nothing, ask it."""
        offer, answer = command.offer, command.told
        if answer is None:
            with for_retries():
                answer = await self._asked(offer)
        await self._heard(offer, answer)
        if command.overdue and answer.status is not TenderStatus.ACCEPTED:
            await self._tell(offer, telling.of_failure)
        return answer

    @activity.defn
    async def withdraw_load(self, command: WithdrawLoad) -> TenderCancel:
        """Take an offer back; never offered is fine."""
        carrier = command.carrier
        with for_retries(FINAL_WHILE_UNDOING):
            adapter = self._reach(carrier, command.fc, command.ship_to)
            outcome = await adapter.cancel(carrier, reference_of(command.key))
        if outcome in (TenderCancel.CANCELLED, TenderCancel.REQUESTED):
            with self._store.writing() as session:
                parcels.set_status(session, command.parcel_id, ParcelStatus.VOIDED)
        return outcome

    def _reach(
        self, carrier: CarrierId, fc: FcId | None, to: Place | None
    ) -> TransportAdapter:
        adapter = self._transport_of(carrier, fc, to)
        if adapter is None:
            msg = f"carrier: no transport connection serves {carrier!r} any more"
            raise NotFound(msg)
        return adapter

    async def _known(
        self, adapter: TransportAdapter, command: OfferLoad
    ) -> Tendered | None:
        """Return an offer that was made already, None where none was."""
        able = adapter.capabilities()
        if not must_look_first(able.idempotency):
            return None
        if able.can(Ability.FIND_TENDER):
            return await adapter.find(command.parcel.carrier, reference_of(command.key))
        if able.idempotency in KEYLESS and activity.info().attempt > 1:
            # A second truck costs more than another carrier.
            msg = f"{reference_of(command.key)} may have been offered; nobody can say"
            raise Unsupported(msg)
        return None

    async def _asked(self, offer: OfferLoad) -> Tendered:
        """Ask where an offer stands; who cannot be asked has not answered."""
        parcel, reference = offer.parcel, reference_of(offer.key)
        adapter = self._reach(parcel.carrier, parcel.fc, offer.order.ship_to)
        found = None
        if adapter.capabilities().can(Ability.FIND_TENDER):
            found = await adapter.find(parcel.carrier, reference)
        return found or Tendered(
            reference=reference, carrier=parcel.carrier, status=TenderStatus.UNKNOWN
        )

    async def _heard(self, command: OfferLoad, answer: Tendered) -> None:
        """Keep a yes where updates of the journey find it, and count a no."""
        if answer.status is TenderStatus.ACCEPTED:
            self._keep(command, ParcelStatus.BOOKED, answer.carrier_reference)
        elif answer.status is TenderStatus.DECLINED:
            await self._tell(command, telling.of_refusal)

    def _load(self, command: OfferLoad) -> TenderLoad:
        with self._store.reading() as session:
            network = self._published.network(session)
            wanted = [line.sku for line in command.parcel.lines]
            skus = network_store.skus(session, wanted)
        return load_of(command, network, skus)

    def _keep(self, command: OfferLoad, status: ParcelStatus, theirs: str = "") -> None:
        """Keep whose load it is; updates come under our own reference."""
        parcel, reference = command.parcel, reference_of(command.key)
        with self._store.writing() as session:
            parcels.save(
                session,
                parcels.ParcelRecord(
                    parcel_id=command.parcel_id,
                    order_id=command.order.id,
                    fc=parcel.fc,
                    carrier=parcel.carrier,
                    service=parcel.service,
                    tracking_number=reference,
                    booking_id=theirs or reference,
                    booked_cents=agreed_cents(parcel),
                    status=status,
                ),
            )

    async def _tell(self, command: OfferLoad, how: telling.TellParcel) -> None:
        """Let it count how the carrier did; a lane that fails is found out."""
        parcel, now = command.parcel, await self._clock.now()
        said = how(command.parcel_id, command.order.id, parcel.fc, parcel.service, now)
        self._store.write(lambda session: events.ingest(session, said, now))
