"""Hears of weather, outages and disruptions, and tells the orders they concern.

- every feed lists all its alerts; what it no longer lists is withdrawn
- alerts without geometry are located by the zones they name
- carriers and centers that fail again and again are disrupted, as found out
- orders whose way, or whose facts, may have changed are told at once
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session
from temporalio import activity

from activities.knowing import lanes_of
from connectors.ports import BusinessClock, HazardFeed, Reading
from domain.errors import ConnectorError
from domain.hazard import Hazard
from domain.order import FINAL, Order, OrderStatus
from domain.quantities import OrderId, Place, Value
from domain.subject import of_lane
from segmentation import health
from segmentation.affected import affected, concerned
from segmentation.locating import locate as locate_alert
from segmentation.schema import FactSource
from store import conditions, events, heard, tellings
from store import hazards as hazard_store
from store import network as network_store
from store import orders as order_store
from store.engine import Store

FRESH_FOR = timedelta(minutes=5)
# A feed that did not answer is asked again sooner.
AGAIN = timedelta(seconds=30)
AT_ONCE = 200
# After handover only the carrier can change anything.
_GONE = FINAL | {OrderStatus.HANDED_OVER}

# Tells open orders that their ways changed, and why.
TellWays = Callable[[Sequence[OrderId], str], Awaitable[object]]


class Watched(Value):
    """How many alerts and conditions changed, and how many orders were told."""

    alerts: int
    conditions: int
    orders: int


NOTHING = Watched(alerts=0, conditions=0, orders=0)


class Watching:
    """Feeds of alerts and the health of lanes, looked at when they are due.

    Parameters
    ----------
    feeds
        The feeds by name.
    tell
        Tells open orders; may be called again for the same.
    locate
        Finds the coordinates of a destination.
    """

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        feeds: Mapping[str, HazardFeed],
        tell: TellWays,
        locate: Callable[[Place], Place] = lambda place: place,
    ) -> None:
        self._store = store
        self._clock = clock
        self._feeds = feeds
        self._tell = tell
        self._locate = locate
        self._next_at: datetime | None = None
        self._turn = asyncio.Lock()

    @activity.defn
    async def watch_disruptions(self) -> Watched:
        """Look at every feed and lane, if nobody did within minutes."""
        return await self.refresh(await self._clock.now())

    async def refresh(self, now: datetime) -> Watched:
        """Look at every feed and lane, unless somebody just did."""
        if self._turn.locked() and self._next_at is not None:
            # Somebody is looking; an order does not wait, it is told if need be.
            return NOTHING
        async with self._turn:
            if self._next_at is not None and now < self._next_at:
                return NOTHING
            alerts, silent = await self._poll(now)
            changed = await asyncio.to_thread(
                self._store.write, lambda session: self._detect(session, now)
            )
            self._next_at = now + (AGAIN if silent else FRESH_FOR)
        return Watched(alerts=alerts, conditions=changed, orders=await self._tell_all())

    async def _poll(self, now: datetime) -> tuple[int, bool]:
        """Return how many alerts changed, and whether a feed did not answer."""
        changed, silent = 0, False
        for name, feed in self._feeds.items():
            try:
                reading = await feed.poll()
            except ConnectorError as error:
                # Yesterday's alerts beat none; an order does not wait for weather.
                activity.logger.warning("hazard feed %s not read: %s", name, error)
                silent = True
                continue
            for problem in reading.problems:
                activity.logger.warning("hazard feed %s: %s", name, problem)
            changed += await asyncio.to_thread(
                self._store.write, lambda s, n=name, r=reading: self._keep(s, n, r, now)
            )
        if self._feeds and not silent:
            # One feed that talks says nothing of the places of one that does not.
            await asyncio.to_thread(
                self._store.write, lambda s: heard.note(s, FactSource.HAZARD, now)
            )
        return changed, silent

    async def _tell_all(self) -> int:
        """Tell whoever waits to be told, at least once each."""
        told = 0
        while waiting := await asyncio.to_thread(self._waiting):
            for why, orders in waiting.items():
                await self._tell(orders, why)
                await asyncio.to_thread(
                    self._store.write, lambda s, o=orders, w=why: tellings.done(s, o, w)
                )
                told += len(orders)
        return told

    def _waiting(self) -> dict[str, tuple[OrderId, ...]]:
        with self._store.reading() as session:
            return tellings.waiting(session, AT_ONCE)

    def _keep(
        self, session: Session, feed: str, reading: Reading, now: datetime
    ) -> int:
        changed = hazard_store.reconcile(
            session,
            feed,
            tuple(locate_alert(hazard) for hazard in reading.hazards),
            now,
            complete=reading.complete,
            keeping=families(reading.unreadable, hazard_store.listing(session, now)),
        ).hazards()
        if changed:
            orders = touched(session, open_orders(session, self._locate), changed)
            tellings.add(session, orders, "the alerts on its way changed", now)
        return len(changed)

    def _detect(self, session: Session, now: datetime) -> int:
        """Keep the disruptions found out by what happened on lanes."""
        network = network_store.active(session)
        if network is None:
            return 0
        lanes = lanes_of(network)
        histories = events.histories(session, [of_lane(lane) for lane in lanes], now)
        carriers = {service.id: service.carrier for service in network.services}
        known = {lane: histories[of_lane(lane)] for lane in lanes}
        observed = health.observe(known, carriers, now)
        found = health.conditions(observed, now, conditions.in_force(session, now))
        changed = conditions.reconcile(session, found, now).conditions()
        if changed:
            orders = concerned(open_orders(session, self._locate), changed)
            tellings.add(session, orders, "what is out of service changed", now)
        return len(changed)


def open_orders(
    session: Session, locate: Callable[[Place], Place]
) -> tuple[Order, ...]:
    """Return the orders that may still go another way, located where possible."""
    return tuple(
        order.model_copy(update={"ship_to": locate(order.ship_to)})
        for order in order_store.in_status(
            session, [status for status in OrderStatus if status not in _GONE]
        )
    )


def families(
    unreadable: Iterable[str], listed: Iterable[hazard_store.Listed]
) -> tuple[str, ...]:
    """Return the ids kept of alerts that could not be read this time.

    One alert may be several hazards: its id, or its id and a number.
    """
    lost = set(unreadable)
    ids = (one.hazard.id for one in listed)
    return tuple(id for id in ids if id in lost or id.partition("#")[0] in lost)


def touched(
    session: Session, orders: Iterable[Order], alerts: tuple[Hazard, ...]
) -> tuple[OrderId, ...]:
    """Return the orders whose destination or possible ways some alerts touch."""
    if not alerts:
        return ()
    network = network_store.active(session)
    centers = [center.place for center in network.centers] if network else []
    known = tuple(orders)
    ways = {o.id: tuple((center, o.ship_to) for center in centers) for o in known}
    return affected(known, alerts, ways)
