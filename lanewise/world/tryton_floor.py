"""The floor of a center in Tryton: it picks, comes short, packs and hands over.

It does in Tryton, in business time, what the simulated floors do in their own
books: it reads what was released to it, picks as late as the handover allows,
finds less than Tryton believes where the count was wrong, counts that again,
and gives the parcel to the carrier's truck.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.tryton.mapping import Instructions, parse_note
from domain.calendars import handovers
from domain.network import FulfillmentCenter
from domain.quantities import CarrierId, ServiceId, SkuId
from lanewise.world.clock import after
from lanewise.world.guest import Turn
from lanewise.world.spec import StockChange, WarehouseTraits
from lanewise.world.tryton import TrytonServer, wind

_BY = re.compile(r"Hand over by (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
_CARRIED = re.compile(r"^Parcel .*: (\S+)", re.MULTILINE)


@dataclass
class Job:
    """One released shipment: what its note says, and when what happens to it."""

    told: Instructions
    service: ServiceId
    hand_over_at: datetime
    picks_at: datetime
    ships_at: datetime | None = None
    found: dict[SkuId, int] = field(default_factory=dict)

    @property
    def due(self) -> datetime:
        return self.ships_at or self.picks_at


@dataclass
class Shelves:
    """What truly is in the building, whatever Tryton believes."""

    true: dict[SkuId, int]
    picked: dict[SkuId, int] = field(default_factory=dict)

    def find(self, wanted: Mapping[str, int]) -> dict[SkuId, int]:
        """Take units from the shelf, as many as are there."""
        found = {}
        for name, units in wanted.items():
            sku = SkuId(name)
            found[sku] = min(units, self.left(sku))
            self.picked[sku] = self.picked.get(sku, 0) + found[sku]
        return found

    def left(self, sku: SkuId) -> int:
        """Return what is on the shelf and not picked."""
        return max(0, self.true.get(sku, 0) - self.picked.get(sku, 0))

    def ship(self, units: Mapping[SkuId, int]) -> None:
        """Let picked units leave."""
        for sku, n in units.items():
            self.picked[sku] -= n
            self.true[sku] -= n


@dataclass
class TrytonFloor:
    """The people and shelves of one center, and the clock Tryton goes by."""

    server: TrytonServer
    center: FulfillmentCenter
    traits: WarehouseTraits
    shelves: Shelves
    receipts: list[StockChange]
    carrier_of: Callable[[ServiceId], CarrierId | None]
    hand_over: Callable[[str], None]
    clock: Path
    jobs: dict[str, Job] = field(default_factory=dict)

    async def turn(self, now: datetime) -> Turn:
        """Do what is due at an instant, and say when something is due next."""
        wind(self.clock, now)
        moved = await self._receive(now)
        await self._look(now)
        for key, job in sorted(self.jobs.items(), key=lambda one: one[1].due):
            if job.due <= now:
                moved = True
                await (self._ship if job.ships_at else self._pick)(key, job, now)
        dates = [*(job.due for job in self.jobs.values()), *self._arrivals()]
        return Turn(moved, min(dates, default=None))

    async def _look(self, now: datetime) -> None:
        """Take up what was released, and forget what was stopped meanwhile."""
        waiting = await self.server.on_floor()
        for key in [k for k, j in self.jobs.items() if not j.ships_at]:
            if key not in waiting:
                del self.jobs[key]
        for key in waiting:
            job = None if key in self.jobs else self._read(await self.server.note(key))
            if job is not None:
                job.picks_at = self._pick_at(job, now)
                self.jobs[key] = job

    async def _pick(self, key: str, job: Job, now: datetime) -> None:
        wanted = job.told.lines
        job.found = self.shelves.find(wanted)
        short = {
            sku: wanted[sku] - n for sku, n in job.found.items() if n < wanted[sku]
        }
        if any(job.found.values()):
            await self.server.pick(key, short)
            job.ships_at = self._pickup(job, now)
        else:
            await self.server.drop(key)
            del self.jobs[key]
        if short:
            true = {sku: self.shelves.left(sku) for sku in short}
            await self.server.count(self.center.id, true)

    async def _ship(self, key: str, job: Job, now: datetime) -> None:
        await self.server.ship(key)
        self.shelves.ship(job.found)
        del self.jobs[key]
        await asyncio.to_thread(self.hand_over, job.told.tracking_number)

    async def _receive(self, now: datetime) -> bool:
        """Put what trucks brought on the shelves."""
        come = [change for change in self.receipts if change.at <= now]
        if not come:
            return False
        self.receipts = [change for change in self.receipts if change.at > now]
        skus = [change.sku for change in come]
        known = await self.server.on_shelves(self.center.id, skus)
        for change in come:
            true = self.shelves.true
            true[change.sku] = max(0, true.get(change.sku, 0) + change.units)
            known[change.sku] = max(0, known.get(change.sku, 0) + change.units)
        await self.server.count(self.center.id, known)
        return True

    def _arrivals(self) -> list[datetime]:
        return [change.at for change in self.receipts]

    def _read(self, note: str) -> Job | None:
        told, by, carried = parse_note(note), _BY.search(note), _CARRIED.search(note)
        if told is None or by is None or carried is None:
            return None
        ready = datetime.strptime(by[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        return Job(told, ServiceId(carried[1]), ready, ready)

    def _pick_at(self, job: Job, now: datetime) -> datetime:
        soonest = after(now, self.traits.pick_start_min)
        needed = timedelta(hours=self.center.processing_h)
        minutes = self.traits.pick_min_per_line * len(job.told.lines)
        return after(max(soonest, job.hand_over_at - needed), minutes)

    def _pickup(self, job: Job, now: datetime) -> datetime:
        if now <= job.hand_over_at:
            return job.hand_over_at
        carrier = self.carrier_of(job.service)
        if carrier is None:
            return now
        return next(handovers(self.center, carrier, now), now)
