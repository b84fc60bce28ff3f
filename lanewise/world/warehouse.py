"""One simulated warehouse: sets goods aside, picks, comes short, hands over."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from domain.calendars import handovers
from domain.network import FulfillmentCenter
from domain.order import Line
from domain.quantities import CarrierId, FcId, Instant, ServiceId, SkuId, Value
from domain.warehousing import PackInstruction, WarehouseEvent, WorkStatus
from lanewise.world.clock import WorldClock, after
from lanewise.world.outbox import Outbox
from lanewise.world.problems import Refused
from lanewise.world.shelves import Shelf
from lanewise.world.spec import WarehouseTraits

WAREHOUSES = "warehouses"

HandOver = Callable[[FcId, str, datetime], None]
CarrierOf = Callable[[ServiceId], CarrierId | None]


class ReserveBody(Value):
    """A wish to set goods aside."""

    reference: str
    order_id: str
    lines: tuple[Line, ...]


class ReleaseBody(Value):
    """A wish to have goods picked, packed and handed over."""

    reference: str
    order_id: str
    parcel_id: str
    reservation_reference: str
    lines: tuple[Line, ...]
    cartons: tuple[PackInstruction, ...] = ()
    service: ServiceId
    tracking_number: str
    hand_over_at: Instant


@dataclass
class Hold:
    """One reservation; ``left`` is what is not yet released for picking."""

    id: str
    reference: str
    order_id: str
    asked: dict[SkuId, int]
    reserved: dict[SkuId, int]
    left: dict[SkuId, int]
    released: bool = False

    def wire(self) -> dict[str, Any]:
        """Return it as the contract says it."""
        return {
            "id": self.id,
            "reference": self.reference,
            "lines": [
                {"sku": sku, "asked": asked, "reserved": self.reserved[sku]}
                for sku, asked in self.asked.items()
            ],
        }


@dataclass
class Job:
    """One released order on the floor."""

    id: str
    body: ReleaseBody
    hold: Hold
    status: WorkStatus = WorkStatus.ACCEPTED
    picked: dict[SkuId, int] = field(default_factory=dict)
    short: dict[SkuId, int] = field(default_factory=dict)
    shipped_at: datetime | None = None

    def wire(self) -> dict[str, Any]:
        """Return it as the contract says it."""
        gone = self.status is WorkStatus.SHIPPED
        return {
            "id": self.id,
            "reference": self.body.reference,
            "order_id": self.body.order_id,
            "parcel_id": self.body.parcel_id,
            "status": self.status,
            "shipped": lines(self.picked) if gone else [],
            "short": lines(self.short),
            "shipped_at": self.shipped_at.isoformat() if self.shipped_at else None,
        }


@dataclass
class Warehouse:
    """The state of one center, and everything that changes it.

    Cancelled goods go back to their reservation, or to the shelf where that
    was released meanwhile. What is picked after the handover asked for waits
    for the carrier's next pickup.
    """

    center: FulfillmentCenter
    shelves: dict[SkuId, Shelf]
    traits: WarehouseTraits
    clock: WorldClock
    outbox: Outbox
    hand_over: HandOver
    carrier_of: CarrierOf
    holds: list[Hold] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    _sequences: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._holds_by: dict[str, list[Hold]] = {}
        self._jobs_by: dict[str, list[Job]] = {}

    def stock(self, skus: tuple[SkuId, ...] | None) -> dict[str, Any]:
        """Report the system's count; of a SKU never stocked it is 0."""
        asked = sorted(self.shelves) if skus is None else skus
        shelves = {sku: self.shelves.get(sku) for sku in asked}
        return {
            "fc": self.center.id,
            "as_of": self.clock.now.isoformat(),
            "on_hand": {sku: s.system if s else 0 for sku, s in shelves.items()},
        }

    def reserve(self, body: ReserveBody) -> dict[str, Any]:
        """Set aside what is free, line by line."""
        self._check_open()
        asked = _by_sku(body.lines)
        reserved = {sku: self._shelf(sku).reserve(n) for sku, n in asked.items()}
        hold = Hold(
            f"R-{self.center.id}-{next(self._numbers)}",
            body.reference,
            body.order_id,
            asked,
            reserved,
            dict(reserved),
        )
        self.holds.append(hold)
        self._holds_by.setdefault(hold.reference, []).append(hold)
        return hold.wire()

    def find_holds(self, reference: str) -> dict[str, Any]:
        """List what is still set aside under a reference, oldest first."""
        found = self._holds_by.get(reference, [])
        return {"reservations": [hold.wire() for hold in found if not hold.released]}

    def release_holds(self, reference: str) -> dict[str, Any]:
        """Give back everything under a reference that is not on the floor."""
        found = self._holds_by.get(reference)
        if not found:
            raise Refused(404, "not-found", f"no reservation {reference!r}")
        for hold in found:
            hold.released = True
            for sku, units in hold.left.items():
                self._shelf(sku).unreserve(units)
                hold.left[sku] = 0
        return {"released": len(found)}

    def release(self, body: ReleaseBody) -> dict[str, Any]:
        """Take an order to the floor; its goods must have been set aside."""
        self._check_open()
        wanted = _by_sku(body.lines)
        hold = self._hold_with(body.reservation_reference, wanted)
        for sku, units in wanted.items():
            hold.left[sku] -= units
        job = Job(f"W-{self.center.id}-{next(self._numbers)}", body, hold)
        self.jobs.append(job)
        self._jobs_by.setdefault(body.reference, []).append(job)
        self.clock.plan(self._pick_start(job), lambda: self._start(job))
        return job.wire()

    def find_jobs(self, reference: str) -> dict[str, Any]:
        """List what was released under a reference, standing orders first."""
        found = sorted(
            self._jobs_by.get(reference, []),
            key=lambda job: job.status is WorkStatus.CANCELLED,
        )
        return {"orders": [job.wire() for job in found]}

    def cancel(self, reference: str) -> dict[str, Any]:
        """Stop every order under a reference, unless picking has begun."""
        found = self._jobs_by.get(reference)
        if not found:
            raise Refused(404, "not-found", f"no order {reference!r}")
        standing = [job for job in found if job.status is not WorkStatus.CANCELLED]
        if any(job.status is not WorkStatus.ACCEPTED for job in standing):
            return {"outcome": "too-late"}
        for job in standing:
            job.status = WorkStatus.CANCELLED
            for sku, units in _by_sku(job.body.lines).items():
                if job.hold.released:
                    self._shelf(sku).unreserve(units)
                else:
                    job.hold.left[sku] += units
            self._tell(job, WarehouseEvent.CANCELLED, {}, final=True)
        return {"outcome": "cancelled"}

    def change_stock(self, sku: SkuId, units: int) -> None:
        """Let goods come in or go missing, and say the new count."""
        self._shelf(sku).change(units)
        self._tell_count(sku)

    def _start(self, job: Job) -> None:
        if job.status is not WorkStatus.ACCEPTED:
            return
        job.status = WorkStatus.PICKING
        minutes = self.traits.pick_min_per_line * len(job.body.lines)
        self.clock.plan(after(self.clock.now, minutes), lambda: self._pick(job))

    def _pick(self, job: Job) -> None:
        for sku, units in _by_sku(job.body.lines).items():
            shelf = self._shelf(sku)
            job.picked[sku] = shelf.pick(units)
            if job.picked[sku] < units:
                job.short[sku] = units - job.picked[sku]
                self._tell_count(sku)
        nothing = not any(job.picked.values())
        if job.short:
            self._tell(job, WarehouseEvent.SHORT_PICKED, job.short)
        else:
            self._tell(job, WarehouseEvent.PICKED, job.picked)
        if nothing:
            job.status = WorkStatus.CANCELLED
            self._tell(job, WarehouseEvent.CANCELLED, {}, final=True)
            return
        job.status = WorkStatus.PICKED
        self.clock.plan(self._pickup(job), lambda: self._ship(job))

    def _ship(self, job: Job) -> None:
        job.status = WorkStatus.SHIPPED
        job.shipped_at = self.clock.now
        for sku, units in job.picked.items():
            self._shelf(sku).ship(units)
        self._tell(job, WarehouseEvent.SHIPPED, job.picked, final=True)
        self.hand_over(self.center.id, job.body.tracking_number, self.clock.now)

    def _pick_start(self, job: Job) -> datetime:
        soonest = after(self.clock.now, self.traits.pick_start_min)
        needed = timedelta(hours=self.center.processing_h)
        return max(soonest, job.body.hand_over_at - needed)

    def _pickup(self, job: Job) -> datetime:
        if self.clock.now <= job.body.hand_over_at:
            return job.body.hand_over_at
        carrier = self.carrier_of(job.body.service)
        if carrier is None:
            return self.clock.now
        return next(handovers(self.center, carrier, self.clock.now), self.clock.now)

    def _hold_with(self, reference: str, wanted: dict[SkuId, int]) -> Hold:
        for hold in self._holds_by.get(reference, []):
            if all(hold.left.get(sku, 0) >= n for sku, n in wanted.items()):
                return hold
        detail = f"not enough is set aside under {reference!r}"
        raise Refused(409, "not-reserved", detail)

    def _check_open(self) -> None:
        now = self.clock.now
        for closure in self.traits.closures:
            if (
                closure.fc == self.center.id
                and (closure.valid_from is None or closure.valid_from <= now)
                and (closure.valid_until is None or now < closure.valid_until)
            ):
                detail = f"{self.center.id} takes no orders now"
                raise Refused(409, "center-closed", detail)

    def _shelf(self, sku: SkuId) -> Shelf:
        return self.shelves.setdefault(sku, Shelf(0, 0, 0))

    def _tell(
        self,
        job: Job,
        event: WarehouseEvent,
        units: dict[SkuId, int],
        *,
        final: bool = False,
    ) -> None:
        parcel = job.body.parcel_id
        sequence = self._sequences[parcel] = self._sequences.get(parcel, 0) + 1
        notice = {
            "type": "order-progressed",
            "event_id": f"{self.center.id}:{parcel}:{sequence}",
            "fc": self.center.id,
            "order_id": job.body.order_id,
            "parcel_id": parcel,
            "event": event,
            "sequence": sequence,
            "occurred_at": self.clock.now.isoformat(),
            "lines": lines(units),
        }
        self.outbox.post(WAREHOUSES, f"{self.center.id}/{parcel}", notice, final=final)

    def _tell_count(self, sku: SkuId) -> None:
        notice = {
            "type": "stock-counted",
            "event_id": f"{self.center.id}:count:{next(self._numbers)}",
            "fc": self.center.id,
            "sku": sku,
            "on_hand": self._shelf(sku).system,
            "occurred_at": self.clock.now.isoformat(),
        }
        self.outbox.post(
            WAREHOUSES, f"{self.center.id}/stock/{sku}", notice, final=True
        )


def lines(units: dict[SkuId, int]) -> list[dict[str, Any]]:
    """Return units per SKU as lines, those of none left out."""
    return [{"sku": sku, "units": n} for sku, n in units.items() if n > 0]


def _by_sku(wanted: tuple[Line, ...]) -> dict[SkuId, int]:
    units: dict[SkuId, int] = {}
    for line in wanted:
        units[line.sku] = units.get(line.sku, 0) + line.units
    return units
