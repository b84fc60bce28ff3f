"""Effects at carriers: book and void, never two labels for one parcel."""

from collections.abc import Callable

from temporalio import activity

from activities import telling
from activities.doubles import only_one, void_all
from activities.published import Published
from activities.questions import question_of
from activities.retrying import KEYLESS, for_retries, must_look_first
from activities.tendering import TransportOf, answer_due, nobody_tenders
from connectors.ports import BusinessClock, CarrierAdapter, RateShop
from domain.contact import recipient_in
from domain.errors import (
    FINAL_WHILE_UNDOING,
    ConnectorError,
    InsufficientStock,
    InvalidRequest,
    NotFound,
    QuoteExpired,
    StateConflict,
)
from domain.order import Order
from domain.plan import CostTerm, Parcel
from domain.quantities import (
    CarrierId,
    FcId,
    Instant,
    ParcelId,
    Place,
    Value,
)
from domain.shipping import (
    Booking,
    BookParcel,
    ParcelScan,
    ParcelStatus,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.warehousing import OperationKey
from store import events, parcels
from store import network as network_store
from store.engine import Store

RERATES = 2

# Words of refusal; everything else is a fault and retried or raised.
REFUSALS = (StateConflict, InvalidRequest, NotFound, InsufficientStock)


class BookShipment(Value):
    """Book carriage for a planned parcel.

    A live price more than ``tolerance_cents`` above the plan's freight is not
    bought but reported, so that the order can be decided again.
    """

    key: OperationKey
    order: Order
    parcel_id: ParcelId
    parcel: Parcel
    insured: bool = False
    signature: bool = False
    tolerance_cents: int = 100


class Booked(Value):
    """Exactly one of: a booking, the price that was too different, a refusal.

    Or ``offer_until``, where nothing was booked: this carrier is offered loads,
    and an offer without an answer by then is void.
    """

    booking: Booking | None = None
    requoted_cents: int | None = None
    refusal: str | None = None
    offer_until: Instant | None = None


class VoidShipment(Value):
    """Take back whatever was booked under a reference, from a center to a place."""

    carrier: CarrierId
    reference: str
    parcel_id: ParcelId
    fc: FcId | None = None
    ship_to: Place | None = None


class TrackParcel(Value):
    """Ask what the carrier knows of a parcel."""

    carrier: CarrierId
    tracking_number: str
    fc: FcId | None = None
    ship_to: Place | None = None


class Tracked(Value):
    """A carrier's scans, oldest first."""

    scans: tuple[ParcelScan, ...] = ()
    as_of: Instant | None = None


# Finds who reaches a carrier, from a center to a place where they are known.
CarrierOf = Callable[[CarrierId, FcId | None, Place | None], CarrierAdapter]


class Shipping:
    """The carriers, found by carrier, center and destination."""

    def __init__(
        self,
        store: Store,
        carrier_of: CarrierOf,
        clock: BusinessClock,
        transport_of: TransportOf = nobody_tenders,
        *,
        shop: RateShop | None = None,
    ) -> None:
        self._store = store
        self._shop = shop
        self._carrier_of = carrier_of
        self._transport_of = transport_of
        self._clock = clock
        self._published = Published()

    @activity.defn
    async def book_parcel(self, command: BookShipment) -> Booked:
        """Buy carriage once, at about the planned price."""
        parcel, ship_to = command.parcel, command.order.ship_to
        transport = self._transport_of(parcel.carrier, parcel.fc, ship_to)
        if transport is not None:
            return Booked(
                offer_until=answer_due(
                    transport.capabilities(), parcel, await self._clock.now()
                )
            )
        adapter = self._carrier_of(parcel.carrier, parcel.fc, ship_to)
        with for_retries():
            booking = None
            if must_look_first(adapter.capabilities().idempotency):
                booking = await self._adopt(adapter, command)
            try:
                answer = (
                    Booked(booking=booking)
                    if booking is not None
                    else await self._buy(adapter, command)
                )
            except REFUSALS as refusal:
                await self._tell(command, telling.of_refusal)
                return Booked(refusal=str(refusal))
            except ConnectorError:
                await self._tell(command, telling.of_failure)
                raise
            if booking is None and answer.booking is not None:
                await self._look_back(adapter, command, answer.booking)
        if answer.booking is not None:
            self._keep(command, answer.booking)
        return answer

    @activity.defn
    async def void_parcel(self, command: VoidShipment) -> VoidOutcome:
        """Void every booking under the reference; none is fine."""
        if self._transport_of(command.carrier, command.fc, command.ship_to):
            return VoidOutcome.NEVER_BOOKED
        adapter = self._carrier_of(command.carrier, command.fc, command.ship_to)
        with for_retries(FINAL_WHILE_UNDOING):
            outcome = await void_all(
                self._store, adapter, command.carrier, command.reference
            )
        if outcome in (VoidOutcome.VOIDED, VoidOutcome.REQUESTED):
            with self._store.writing() as session:
                parcels.set_status(session, command.parcel_id, ParcelStatus.VOIDED)
        return outcome

    @activity.defn
    async def track_parcel(self, command: TrackParcel) -> Tracked:
        """Ask for scans, where none came in time; of loads only updates tell."""
        if self._transport_of(command.carrier, command.fc, command.ship_to):
            return Tracked()
        with for_retries():
            adapter = self._carrier_of(command.carrier, command.fc, command.ship_to)
            scans = await adapter.track(command.carrier, command.tracking_number)
        return Tracked(scans=scans)

    async def _buy(self, adapter: CarrierAdapter, command: BookShipment) -> Booked:
        with self._store.reading() as session:
            network = self._published.network(session)
            skus = network_store.skus(session, [li.sku for li in command.parcel.lines])
        question = question_of(
            command.order,
            command.parcel,
            network,
            skus,
            insured=command.insured,
            signature=command.signature,
        )
        request = _booking_request(command, question)
        # The quote that the decision rested on is no re-rating.
        for turn in range(RERATES + (self._shop is not None)):
            quote = await self._quote(adapter, command, question, anew=turn > 0)
            if quote is None:
                return Booked(refusal=f"{request.service} is not offered on this lane")
            planned = sum(
                command.parcel.cost.get(term, 0)
                for term in (CostTerm.FREIGHT, CostTerm.SURCHARGES)
            )
            most = max(0, planned + command.tolerance_cents)
            if quote.total_cents > most:
                return Booked(requoted_cents=quote.total_cents)
            priced = {"quote_id": quote.id, "most_cents": most}
            try:
                order = request.model_copy(update=priced)
                return Booked(booking=await adapter.book(order))
            except QuoteExpired as expired:
                if expired.now_cents is not None and expired.now_cents > most:
                    return Booked(requoted_cents=expired.now_cents)
        return Booked(refusal="its quotes expire before they can be bought")

    async def _quote(
        self,
        adapter: CarrierAdapter,
        command: BookShipment,
        question: RateRequest,
        *,
        anew: bool,
    ) -> Quote | None:
        """Return the quote the decision rested on, if it still holds, or a new one."""
        carrier, now = command.parcel.carrier, await self._clock.now()
        if self._shop is not None and not anew:
            told = self._shop.hand_out(question, carrier, now)
            if told is not None:
                return told
        quotes = await adapter.rate_shop(question)
        service = command.parcel.service
        quote = next((q for q in quotes if q.service == service), None)
        if self._shop is not None and quote is not None:
            self._shop.told(question, carrier, quote, now)
        return quote

    async def _adopt(
        self, adapter: CarrierAdapter, command: BookShipment
    ) -> Booking | None:
        """Return the live booking under the key, voiding any double of it."""
        with self._store.reading() as session:
            known = parcels.get(session, command.parcel_id)
        ours = known.booking_id if known else None
        return await self._only_one(adapter, command, ours)

    async def _look_back(
        self, adapter: CarrierAdapter, command: BookShipment, bought: Booking
    ) -> None:
        """Void what an earlier attempt bought, if the carrier shows it only now.

        Only where it cannot tell a repetition, and before anything is released.
        """
        keyless = adapter.capabilities().idempotency in KEYLESS
        if keyless and activity.info().attempt > 1:
            await self._only_one(adapter, command, bought.id)

    async def _only_one(
        self, adapter: CarrierAdapter, command: BookShipment, ours: str | None
    ) -> Booking | None:
        now = await self._clock.now()
        carrier, key = command.parcel.carrier, command.key
        only = await only_one(self._store, adapter, carrier, key, ours, now)
        if only.failure is not None:
            # Nothing is released while a second label may stand.
            raise only.failure
        return only.kept

    async def _tell(self, command: BookShipment, how: telling.TellParcel) -> None:
        """Let it count how the carrier did; a lane that fails is found out."""
        parcel, now = command.parcel, await self._clock.now()
        said = how(command.parcel_id, command.order.id, parcel.fc, parcel.service, now)
        self._store.write(lambda session: events.ingest(session, said, now))

    def _keep(self, command: BookShipment, booking: Booking) -> None:
        with self._store.writing() as session:
            parcels.save(
                session,
                parcels.ParcelRecord(
                    parcel_id=command.parcel_id,
                    order_id=command.order.id,
                    fc=command.parcel.fc,
                    carrier=booking.carrier,
                    service=booking.service,
                    tracking_number=booking.tracking_number,
                    booking_id=booking.id,
                    booked_cents=booking.cost_cents,
                    status=ParcelStatus.BOOKED,
                ),
            )


def _booking_request(command: BookShipment, question: RateRequest) -> BookParcel:
    order, parcel = command.order, command.parcel
    return BookParcel(
        key=command.key,
        reference=command.key,
        order_id=order.id,
        parcel_id=command.parcel_id,
        fc=question.fc,
        carrier=parcel.carrier,
        service=parcel.service,
        ship_from=question.ship_from,
        ship_to=question.ship_to,
        pieces=question.pieces,
        hand_over_at=question.ready_at,
        residential=question.residential,
        signature=question.signature,
        hazmat=question.hazmat,
        insured_cents=question.insured_cents,
        recipient=recipient_in(order.attributes),
    )
