"""Counterparts by hand: they keep books, and fail exactly as they are told."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.capabilities import USUAL
from connectors.optional import OptionalCarrier, OptionalTransport, OptionalWarehouse
from connectors.ports import Ability, Capabilities, Idempotency
from domain.errors import InsufficientStock, StateConflict
from domain.order import Line
from domain.quantities import CarrierId, FcId, ServiceId, SkuId
from domain.shipping import (
    Booking,
    BookParcel,
    CloseOut,
    Document,
    Manifest,
    ParcelScan,
    Quote,
    RateRequest,
    VoidOutcome,
)
from domain.transport import (
    LoadUpdates,
    TenderCancel,
    Tendered,
    TenderLoad,
    TenderStatus,
)
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReservedLine,
    ReserveStock,
    StockNotice,
    StockReport,
    WarehouseLabel,
    WarehouseNotice,
    WarehouseOrder,
    WorkStatus,
)

T = TypeVar("T")


@dataclass
class Fault:
    """What one call meets: an error before or after its effect, or a wait."""

    error: Exception | None = None
    after: bool = False
    waits: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


def lost_reply(error: Exception) -> Fault:
    """Build a fault whose call takes effect and then never answers."""
    return Fault(error=error, after=True)


def pause() -> Fault:
    """Build a fault whose call waits until ``go_on`` is set."""
    return Fault(waits=True)


class Counterpart:
    """Calls are counted, and meet the faults planned for them in turn."""

    def __init__(self, idempotency: Idempotency = Idempotency.KEY_HEADER) -> None:
        self.idempotency = idempotency
        self.abilities = USUAL
        self.calls: list[str] = []
        self.down: dict[tuple[str, str], Exception] = {}
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)

    def on(self, call: str, *faults: Fault) -> Fault:
        """Plan faults for the next calls of that name; return the first."""
        self._faults[call].extend(faults)
        return faults[0]

    def capabilities(self) -> Capabilities:
        return Capabilities(idempotency=self.idempotency, abilities=self.abilities)

    async def _act(self, call: str, effect: Callable[[], T], where: str = "") -> T:
        self.calls.append(call)
        if (error := self.down.get((call, where))) is not None:
            raise error
        fault = self._faults[call].popleft() if self._faults[call] else Fault()
        fault.reached.set()
        if fault.waits:
            await fault.go_on.wait()
        if fault.error is not None and not fault.after:
            raise fault.error
        answer = effect()
        if fault.error is not None:
            raise fault.error
        return answer

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        return True


class FakeWarehouse(Counterpart, OptionalWarehouse):
    """Every center's warehouse: shelves, reservations, orders on the floor."""

    def __init__(
        self,
        on_hand: Mapping[tuple[FcId, SkuId], int],
        clock: "FakeClock",
        idempotency: Idempotency = Idempotency.KEY_HEADER,
    ) -> None:
        super().__init__(idempotency)
        self.on_hand = dict(on_hand)
        self.reservations: dict[str, Reservation] = {}
        self.work: dict[str, WarehouseOrder] = {}
        self.packed: set[FcId] = set()
        self.releases: list[ReleaseOrder] = []
        self._clock = clock

    @property
    def reserved(self) -> dict[str, Reservation]:
        """Return the reservations that hold goods and are not shipped."""
        shipped = {k for k, w in self.work.items() if w.status is WorkStatus.SHIPPED}
        return {
            key: reservation
            for key, reservation in self.reservations.items()
            if key not in shipped and any(li.reserved for li in reservation.lines)
        }

    @property
    def standing(self) -> list[WarehouseOrder]:
        """Return the orders that the floor has not been told to stop."""
        return [w for w in self.work.values() if w.status is not WorkStatus.CANCELLED]

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        now = await self._clock.now()
        counted = {s: n for (f, s), n in self.on_hand.items() if f == fc}
        wanted = counted if skus is None else {s: counted.get(s, 0) for s in skus}
        return await self._act(
            "stock", lambda: StockReport(fc=fc, as_of=now, on_hand=wanted)
        )

    async def reserve(self, order: ReserveStock) -> Reservation:
        return await self._act("reserve", lambda: self._reserve(order), order.fc)

    async def find_reservation(self, fc: FcId, key: str) -> Reservation | None:
        return await self._act("find_reservation", lambda: self.reservations.get(key))

    async def release_reservation(self, fc: FcId, key: str) -> None:
        await self._act("release_reservation", lambda: self.reservations.pop(key, None))

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        return await self._act("release_order", lambda: self._release(order), order.fc)

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        return await self._act("find_order", lambda: self.work.get(key), fc)

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        return await self._act("cancel_order", lambda: self._cancel(fc, key), fc)

    def parse_webhook(self, body: bytes) -> tuple[WarehouseNotice | StockNotice, ...]:
        return ()

    def ship(self, key: str, at: datetime, short: tuple[Line, ...] = ()) -> None:
        """Let the goods leave, without a word to anybody."""
        release = next(r for r in self.releases if r.key == key)
        missing = {line.sku: line.units for line in short}
        shipped = tuple(
            Line(sku=li.sku, units=li.units - missing.get(li.sku, 0))
            for li in release.lines
            if li.units > missing.get(li.sku, 0)
        )
        for line in shipped:
            self.on_hand[release.fc, line.sku] -= line.units
        self.work[key] = self.work[key].model_copy(
            update={
                "status": WorkStatus.SHIPPED,
                "shipped": shipped,
                "short": short,
                "shipped_at": at,
            }
        )

    def label(self, key: str, label: WarehouseLabel) -> None:
        """Make a label of its own, as some warehouses do, without a word."""
        self.work[key] = self.work[key].model_copy(
            update={"label": label, "tracking_number": label.tracking_number}
        )

    def hand_in(self, key: str, at: datetime) -> None:
        """Let the parcel arrive, as its warehouse hears from its carrier."""
        self.work[key] = self.work[key].model_copy(update={"delivered_at": at})

    def _reserve(self, order: ReserveStock) -> Reservation:
        if self.idempotency is not Idempotency.NONE and order.key in self.reservations:
            return self.reservations[order.key]
        lines = tuple(
            ReservedLine(
                sku=li.sku,
                asked=li.units,
                reserved=max(0, min(li.units, self._unreserved(order.fc, li.sku))),
            )
            for li in order.lines
        )
        reservation = Reservation(
            id=f"RES-{len(self.reservations) + 1}",
            key=order.key,
            fc=order.fc,
            lines=lines,
        )
        self.reservations[order.key] = reservation
        return reservation

    def _unreserved(self, fc: FcId, sku: SkuId) -> int:
        return self.on_hand.get((fc, sku), 0) - sum(
            line.reserved
            for reservation in self.reserved.values()
            if reservation.fc == fc
            for line in reservation.lines
            if line.sku == sku
        )

    def _release(self, order: ReleaseOrder) -> WarehouseOrder:
        if order.key in self.work and self.idempotency is not Idempotency.NONE:
            return self.work[order.key]
        if order.key in self.work:
            raise StateConflict(f"{order.key} was released before")
        asks_for_one = Ability.RESERVE in self.abilities
        if asks_for_one and order.reservation_key not in self.reservations:
            raise InsufficientStock("nothing is reserved for it")
        self.releases.append(order)
        work = WarehouseOrder(
            id=f"WORK-{len(self.work) + 1}",
            key=order.key,
            fc=order.fc,
            parcel_id=order.parcel_id,
            status=WorkStatus.ACCEPTED,
        )
        self.work[order.key] = work
        return work

    def _cancel(self, fc: FcId, key: str) -> CancelOutcome:
        work = self.work.get(key)
        if work is None:
            return CancelOutcome.NEVER_RELEASED
        if fc in self.packed or work.status is WorkStatus.SHIPPED:
            return CancelOutcome.TOO_LATE
        self.work[key] = work.model_copy(update={"status": WorkStatus.CANCELLED})
        return CancelOutcome.CANCELLED


class FakeCarrier(Counterpart, OptionalCarrier):
    """Every carrier: prices, labels, scans."""

    def __init__(
        self,
        clock: "FakeClock",
        idempotency: Idempotency = Idempotency.KEY_HEADER,
    ) -> None:
        super().__init__(idempotency)
        self.labels: list[Booking] = []
        self.scans: dict[str, tuple[ParcelScan, ...]] = {}
        self.refused: set[ServiceId] = set()
        self.quoted_cents: dict[ServiceId, int] = {}
        self.void_answer = VoidOutcome.VOIDED
        self.manifests: dict[str, Manifest] = {}
        self._clock = clock

    @property
    def standing(self) -> list[Booking]:
        """Return the labels that somebody pays for."""
        return [label for label in self.labels if not label.voided]

    async def rate_shop(self, request: RateRequest) -> tuple[Quote, ...]:
        now = await self._clock.now()
        return await self._act(
            "rate_shop",
            lambda: tuple(
                Quote(
                    id=f"QUOTE-{service}",
                    service=service,
                    total_cents=self.quoted_cents.get(service, 500),
                    p50_at=now + timedelta(days=1),
                    p90_at=now + timedelta(days=2),
                    expires_at=now + timedelta(minutes=10),
                )
                for service in request.services
            ),
        )

    async def book(self, parcel: BookParcel) -> Booking:
        return await self._act("book", lambda: self._book(parcel), parcel.service)

    async def find_bookings(
        self, carrier: CarrierId, reference: str
    ) -> tuple[Booking, ...]:
        return await self._act(
            "find_bookings",
            lambda: tuple(b for b in self.labels if b.reference == reference),
        )

    async def void(self, carrier: CarrierId, booking: str) -> VoidOutcome:
        return await self._act("void", lambda: self._void(booking), carrier)

    async def document(self, carrier: CarrierId, booking: str) -> Document:
        return Document(media_type="text/plain", content=booking.encode())

    async def track(
        self, carrier: CarrierId, tracking_number: str
    ) -> tuple[ParcelScan, ...]:
        return await self._act(
            "track", lambda: self.scans.get(tracking_number, ()), carrier
        )

    def parse_webhook(self, body: bytes) -> tuple[ParcelScan, ...]:
        return ()

    async def close_out(self, day: CloseOut) -> Manifest:
        return await self._act("close_out", lambda: self._close(day), day.carrier)

    async def find_manifest(self, carrier: CarrierId, key: str) -> Manifest | None:
        return await self._act("find_manifest", lambda: self.manifests.get(key))

    def _close(self, day: CloseOut) -> Manifest:
        form = Document(media_type="application/pdf", content=day.key.encode())
        made = Manifest(
            id=f"FORM-{len(self.manifests) + 1}",
            key=day.key,
            carrier=day.carrier,
            bookings=day.bookings,
            document=form,
        )
        return self.manifests.setdefault(day.key, made)

    def _book(self, parcel: BookParcel) -> Booking:
        if parcel.service in self.refused:
            raise StateConflict(f"{parcel.service} takes no more parcels today")
        known = [label for label in self.standing if label.reference == parcel.key]
        if known and self.idempotency is not Idempotency.NONE:
            return known[0]
        number = len(self.labels) + 1
        label = Booking(
            id=f"LABEL-{number}",
            reference=parcel.reference,
            carrier=parcel.carrier,
            service=parcel.service,
            tracking_number=f"TRACK-{number}",
            cost_cents=self.quoted_cents.get(parcel.service, 500),
        )
        self.labels.append(label)
        return label

    def _void(self, booking: str) -> VoidOutcome:
        for n, label in enumerate(self.labels):
            if label.id == booking and not label.voided:
                if self.void_answer is VoidOutcome.VOIDED:
                    self.labels[n] = label.model_copy(update={"voided": True})
                return self.void_answer
        return VoidOutcome.NEVER_BOOKED


class FakeTransport(Counterpart, OptionalTransport):
    """Every freight carrier: loads on offer, and where they stand."""

    def __init__(self, idempotency: Idempotency = Idempotency.UNIQUE_REFERENCE) -> None:
        super().__init__(idempotency)
        self.abilities = frozenset({Ability.FIND_TENDER, Ability.CANCEL_TENDER})
        self.loads: list[TenderLoad] = []
        self.first_answer: dict[CarrierId, TenderStatus] = {}
        self.standing: dict[str, Tendered] = {}
        self.cancel_answer = TenderCancel.CANCELLED

    @property
    def open(self) -> list[str]:
        """Return the loads that a carrier may still think are its own."""
        over = (TenderStatus.CANCELLED, TenderStatus.DECLINED)
        return [ref for ref, at in self.standing.items() if at.status not in over]

    async def tender(self, load: TenderLoad) -> Tendered:
        return await self._act("tender", lambda: self._tender(load), load.carrier)

    async def find(self, carrier: CarrierId, reference: str) -> Tendered | None:
        return await self._act("find", lambda: self.standing.get(reference), carrier)

    async def cancel(self, carrier: CarrierId, reference: str) -> TenderCancel:
        return await self._act("cancel", lambda: self._cancel(reference), carrier)

    async def updates(self, cursor: str | None) -> LoadUpdates:
        return LoadUpdates(cursor=cursor or "")

    def stands(self, reference: str, status: TenderStatus) -> None:
        """Let the carrier make up its mind, without a word to anybody."""
        now = self.standing[reference]
        self.standing[reference] = now.model_copy(
            update={"status": status, "carrier_reference": f"PRO-{reference}"}
        )

    def _tender(self, load: TenderLoad) -> Tendered:
        known = self.standing.get(load.reference)
        if known is not None and self.idempotency is not Idempotency.NONE:
            return known
        self.loads.append(load)
        status = self.first_answer.get(load.carrier, TenderStatus.SENT)
        tendered = Tendered(
            reference=load.reference, carrier=load.carrier, status=status
        )
        self.standing[load.reference] = tendered
        return tendered

    def _cancel(self, reference: str) -> TenderCancel:
        if reference not in self.standing:
            return TenderCancel.NEVER_TENDERED
        if self.cancel_answer is TenderCancel.CANCELLED:
            self.stands(reference, TenderStatus.CANCELLED)
        return self.cancel_answer


class FakeClock:
    """Business time: a fixed start, moved on by whoever knows how much passed."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    async def now(self) -> datetime:
        return self.at

    def pass_time(self, span: timedelta) -> None:
        """Let this much business time go by."""
        self.at += span
