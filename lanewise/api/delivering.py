"""Passes facts on to the workflows they concern, once each and in order.

- what is ready is read from the inbox, subject by subject
- each fact becomes a signal; a recount is loaded first, and who lost goods by
  it becomes a fact of its own, written in the same transaction
- a fact is marked done after it was passed on, so a crash may repeat a signal
  (workflows drop repetitions) but loses none
- a scan of a parcel nobody knows stays, and is tried again at each sweep
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Protocol

from sqlmodel import Session

from activities import telling
from domain.quantities import Value
from domain.shipping import PARCEL_FINAL, ParcelScan, ParcelStatus
from domain.transport import LoadEvent, LoadUpdate
from domain.warehousing import StockLost, StockNotice, StockReport, WarehouseNotice
from lanewise.api import facts, loads
from store import events, inbox, parcels, stock
from store.claims import LostHold
from store.engine import Store
from store.inbox import InboxItem

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=10)
SWEEP_S = 1.0
# A parcel's label may be scanned before its workflow has begun.
STARTING = timedelta(minutes=2)
# A scan that still matches no parcel of ours after this is somebody else's.
PATIENCE = timedelta(days=7)
AT_ONCE = 32
# Longer than any counterpart repeats a delivery, and than we wait for a parcel.
KEPT = timedelta(days=30)
TIDY_EVERY = timedelta(hours=6)


class Signals(Protocol):
    """A way to tell a workflow something."""

    async def send(self, workflow_id: str, name: str, arg: Value) -> bool:
        """Send a signal; False if no such workflow is running any more."""


class Delivering:
    """Drains the inbox whenever it is woken, and at every sweep."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        real_time: Callable[[], datetime],
        news: Callable[[], None] = lambda: None,
    ) -> None:
        self._news = news
        self._store = store
        self._signals = signals
        self._real_time = real_time
        self._woken = asyncio.Event()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tidied: datetime | None = None

    def wake(self) -> None:
        """Let the next drain begin now."""
        self._woken.set()

    async def run(self) -> None:
        """Drain until cancelled; what fails is tried again at the next sweep."""
        while True:
            self._woken.clear()
            try:
                while await self.drain():
                    pass
                await self.tidy()
            except Exception:
                log.exception("the inbox could not be drained")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), SWEEP_S)

    async def drain(self) -> int:
        """Pass on all that is ready and return how many facts that were."""
        items = await asyncio.to_thread(self._ready)
        subjects = [list(group) for _, group in groupby(items, lambda i: i.subject)]
        passed = await asyncio.gather(*map(self._pass_subject, subjects))
        return sum(passed)

    async def tidy(self) -> int:
        """Forget what was passed on long ago; return how many facts, mostly 0."""
        now = self._real_time()
        if self._tidied is not None and now - self._tidied < TIDY_EVERY:
            return 0
        self._tidied = now
        forget = partial(inbox.prune, before=now - KEPT)
        return await asyncio.to_thread(self._store.write, forget)

    async def _pass_subject(self, items: list[InboxItem]) -> int:
        """Pass on one subject's facts in order, up to the first that must wait."""
        passed: list[InboxItem] = []
        async with self._gate:
            for item in items:
                try:
                    if not await self._pass(item):
                        break
                except Exception:
                    # Temporal or the store is away; the fact is still kept.
                    log.exception("not passed on", extra={"event_id": item.event_id})
                    break
                passed.append(item)
            if passed:
                await asyncio.to_thread(self._done, passed)
        return len(passed)

    async def _pass(self, item: InboxItem) -> bool:
        fact = facts.read(item.body)
        match fact:
            case WarehouseNotice():
                return await self._signal(
                    f"order/{fact.order_id}", "warehouse_reported", fact
                )
            case StockLost():
                return await self._signal(f"order/{fact.order_id}", "stock_lost", fact)
            case StockNotice():
                await asyncio.to_thread(self._recount, item, fact)
                return True
            case ParcelScan():
                return await self._scanned(item, fact)
            case LoadUpdate():
                return await self._told_of_load(item, fact)

    async def _signal(self, workflow_id: str, name: str, fact: Value) -> bool:
        if not await self._signals.send(workflow_id, name, fact):
            log.info("%s has ended; %s concerns nobody", workflow_id, name)
        return True

    async def _told_of_load(self, item: InboxItem, update: LoadUpdate) -> bool:
        """Pass an answer on to the order, anything else to the parcel's journey."""
        scan = loads.scan_of(update)
        if update.event is LoadEvent.RECEIVED:
            return True
        parcel = await asyncio.to_thread(self._parcel, scan)
        if update.event not in loads.ANSWERS:
            on_offer = parcel is not None and parcel.status is ParcelStatus.UNKNOWN
            if on_offer and update.event is LoadEvent.UNKNOWN:
                log.warning("%s is answered by neither yes nor no", item.subject)
                return True
            return await self._scanned(item, scan)
        if parcel is None:
            log.warning("%s is no load of ours", item.subject)
            return True
        return await self._signal(f"order/{parcel.order_id}", "load_answered", update)

    async def _scanned(self, item: InboxItem, scan: ParcelScan) -> bool:
        waited = self._real_time() - item.received_at
        parcel = await asyncio.to_thread(self._parcel, scan)
        if parcel is None:
            if waited >= PATIENCE:
                log.warning("%s matched no parcel of ours", item.subject)
            return waited >= PATIENCE
        workflow_id = f"parcel/{parcel.parcel_id}"
        if await self._signals.send(workflow_id, "scanned", scan):
            return True
        return waited >= STARTING or parcel.status in PARCEL_FINAL

    def _parcel(self, scan: ParcelScan) -> parcels.ParcelRecord | None:
        with self._store.reading() as session:
            return parcels.by_tracking(session, scan.carrier, scan.tracking_number)

    def _ready(self) -> tuple[InboxItem, ...]:
        with self._store.reading() as session:
            return inbox.ready(session, self._real_time(), GRACE)

    def _done(self, items: list[InboxItem]) -> None:
        def done(session: Session) -> None:
            for item in items:
                inbox.done(session, item.id, self._real_time())
                self._count(session, facts.read(item.body))

        self._store.write(done)
        self._news()

    def _count(self, session: Session, fact: facts.Fact) -> None:
        """Let scans and counts be events that segments may count."""
        told: telling.Told = ()
        if isinstance(fact, LoadUpdate) and fact.event not in loads.ANSWERS:
            fact = loads.scan_of(fact)
        if isinstance(fact, ParcelScan):
            found = parcels.by_tracking(session, fact.carrier, fact.tracking_number)
            if found is not None:
                lane = (found.fc, found.service)
                told = telling.of_scan(fact, found.parcel_id, found.order_id, *lane)
        elif isinstance(fact, StockNotice):
            told = telling.of_count(fact, None)
        if told:
            # Our counterparts' word is taken as it is: theirs is the business time.
            events.ingest(session, told, max(event.occurred_at for event in told))

    def _recount(self, item: InboxItem, notice: StockNotice) -> None:
        """Load a count, and keep for delivery who lost goods by it."""
        report = StockReport(
            fc=notice.fc,
            as_of=notice.occurred_at,
            on_hand={notice.sku: notice.on_hand},
        )

        def load(session: Session) -> None:
            if not inbox.done(session, item.id, self._real_time()):
                return
            for lost in stock.load(session, report):
                self._tell_loser(session, item, lost)

        self._store.write(load)

    def _tell_loser(self, session: Session, item: InboxItem, lost: LostHold) -> None:
        fact = StockLost.model_validate(lost.model_dump())
        inbox.take(
            session,
            item.connection,
            facts.subject(fact),
            f"{item.event_id}/lost/{lost.order_id}/{lost.revision}",
            facts.sequence(fact),
            facts.keep(fact),
            self._real_time(),
        )
