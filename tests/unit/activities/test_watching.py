"""Feeds of alerts and failing lanes: what is heard, and who is told."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from activities.watching import Watching
from connectors.alerts import Reading
from connectors.ports import HazardFeed
from domain.errors import Unavailable
from domain.event import BusinessEvent
from domain.hazard import Hazard, Severity
from domain.quantities import OrderId
from domain.subject import lane
from store import conditions, events, heard, orders, tellings
from store import hazards as hazard_store
from store.engine import Store
from tests.builders import MONDAY, an_order, two_centers
from tests.fakes import FakeClock

ORDER = an_order()
STORM = Hazard(
    id="storm",
    kind="storm",
    severity=Severity.SEVERE,
    valid_from=MONDAY,
    valid_until=MONDAY + timedelta(hours=9),
    country=ORDER.ship_to.country,
    postal_prefixes=(ORDER.ship_to.postal_code,),
)


class Feed:
    """A feed that lists what it is given, or does not answer."""

    def __init__(self, *hazards: Hazard, silent: bool = False) -> None:
        self.hazards, self.silent, self.polls = hazards, silent, 0

    async def poll(self) -> Reading:
        self.polls += 1
        if self.silent:
            raise Unavailable("no answer")
        return Reading(hazards=self.hazards)


class Ears:
    """Hears whom and what was told; may be out of reach."""

    def __init__(self) -> None:
        self.heard: list[tuple[tuple[OrderId, ...], str]] = []
        self.reached = True

    async def __call__(self, orders: Sequence[OrderId], why: str) -> None:
        if not self.reached:
            raise RuntimeError("nobody there")
        self.heard.append((tuple(orders), why))


@pytest.fixture
def open_order(ledgers: Store) -> Store:
    with ledgers.writing() as session:
        orders.admit(session, ORDER, MONDAY)
    return ledgers


def watching(
    store: Store, clock: FakeClock, ears: Ears, **feeds: HazardFeed
) -> Watching:
    return Watching(store, clock, feeds, ears)


async def test_the_orders_under_a_new_alert_are_told(
    open_order: Store, clock: FakeClock
) -> None:
    ears = Ears()

    found = await watching(open_order, clock, ears, nws=Feed(STORM)).watch_disruptions()

    assert (found.alerts, found.orders) == (1, 1)
    assert ears.heard == [((ORDER.id,), "the alerts on its way changed")]


async def test_the_same_list_again_tells_nobody(
    open_order: Store, clock: FakeClock
) -> None:
    ears, feed = Ears(), Feed(STORM)
    watch = watching(open_order, clock, ears, nws=feed)
    await watch.watch_disruptions()

    clock.pass_time(timedelta(minutes=6))
    await watch.watch_disruptions()

    assert feed.polls == 2
    assert len(ears.heard) == 1


async def test_nobody_looks_twice_within_minutes(
    open_order: Store, clock: FakeClock
) -> None:
    feed = Feed()
    watch = watching(open_order, clock, Ears(), nws=feed)

    await watch.watch_disruptions()
    await watch.refresh(clock.at + timedelta(minutes=4))

    assert feed.polls == 1


async def test_orders_that_could_not_be_told_are_told_next_time(
    open_order: Store, clock: FakeClock
) -> None:
    ears = Ears()
    ears.reached = False
    watch = watching(open_order, clock, ears, nws=Feed(STORM))
    with pytest.raises(RuntimeError, match="nobody there"):
        await watch.watch_disruptions()

    ears.reached = True
    clock.pass_time(timedelta(minutes=6))
    await watch.watch_disruptions()

    assert [told for told, _ in ears.heard] == [(ORDER.id,)]
    with open_order.reading() as session:
        assert tellings.waiting(session, 10) == {}


async def test_a_silent_feed_keeps_its_alerts_and_is_not_heard_of(
    open_order: Store, clock: FakeClock
) -> None:
    feed = Feed(STORM)
    watch = watching(open_order, clock, Ears(), nws=feed, other=Feed())
    await watch.watch_disruptions()

    feed.silent = True
    clock.pass_time(timedelta(hours=1))
    await watch.watch_disruptions()

    with open_order.reading() as session:
        assert [h.id for h in hazard_store.in_force(session, clock.at)] == ["storm"]
        assert heard.since(session)["hazard"] == MONDAY


async def test_a_carrier_that_fails_again_and_again_is_found_out(
    open_order: Store, clock: FakeClock
) -> None:
    network = two_centers()
    where = lane(network.centers[0].id, network.services[0].id)
    failures = [
        BusinessEvent(
            id=f"fail-{n}",
            kind="carrier_failed",
            occurred_at=MONDAY - timedelta(minutes=n),
            lane=where,
        )
        for n in range(12)
    ]
    with open_order.writing() as session:
        events.ingest(session, failures, MONDAY)
    ears = Ears()

    found = await watching(open_order, clock, ears).watch_disruptions()

    assert (found.conditions, found.orders) == (1, 1)
    assert ears.heard == [((ORDER.id,), "what is out of service changed")]
    with open_order.reading() as session:
        [condition] = conditions.in_force(session, MONDAY)
    assert condition.carrier == network.services[0].carrier


async def test_a_feed_that_did_not_answer_is_asked_again_soon(
    open_order: Store, clock: FakeClock
) -> None:
    feed = Feed(STORM, silent=True)
    watch = watching(open_order, clock, Ears(), nws=feed)
    await watch.watch_disruptions()

    feed.silent = False
    clock.pass_time(timedelta(seconds=31))

    assert (await watch.watch_disruptions()).alerts == 1


async def test_an_order_does_not_wait_for_somebody_elses_look(
    open_order: Store, clock: FakeClock
) -> None:
    feed = Slow()
    watch = watching(open_order, clock, Ears(), nws=feed)
    feed.go_on.set()
    await watch.watch_disruptions()
    feed.go_on.clear()
    clock.pass_time(timedelta(minutes=6))
    looking = asyncio.create_task(watch.watch_disruptions())
    await feed.asked.wait()

    assert (await watch.refresh(clock.at)).alerts == 0

    feed.go_on.set()
    await looking


class Slow(Feed):
    """A feed that answers when it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def poll(self) -> Reading:
        answered = await super().poll()
        if self.polls > 1:
            self.asked.set()
        await self.go_on.wait()
        return answered
