"""Brings news of the weather and of the business into the store, and tells orders."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from connectors.alerts import Reading
from domain.condition import Condition
from domain.hazard import Hazard
from domain.order import FINAL, Order, OrderStatus
from domain.quantities import OrderId
from lanewise import wiring
from lanewise.settings import Settings
from lanewise.telling import tell_orders
from lanewise.world.geography import locate as locate_place
from segmentation.affected import affected, concerned
from segmentation.locating import locate
from segmentation.schema import FactSource
from store import conditions as condition_store
from store import hazards as hazard_store
from store import heard
from store import network as network_store
from store import orders as order_store
from store.engine import Store
from workflows.relooking import FactsChanged

# After handover only the carrier can change anything.
_DONE = FINAL | {OrderStatus.HANDED_OVER}
_ALL = 1_000_000

# Tells orders and answers how many heard it.
Tell = Callable[[tuple[OrderId, ...], FactsChanged], Awaitable[int]]


@dataclass(frozen=True)
class News:
    """What changed, in words, and the open orders it may concern."""

    why: str
    orders: tuple[OrderId, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """A feed's alerts as they were kept, and what they changed."""

    hazards: tuple[Hazard, ...]
    changes: hazard_store.Changes
    news: News


def load(
    store: Store, feed: str, reading: Reading, now: datetime, *, keep: bool = True
) -> Loaded:
    """Locate a feed's alerts and keep them in place of those it listed before.

    Parameters
    ----------
    keep
        False to find out only what would change.
    """
    located = tuple(locate(hazard) for hazard in reading.hazards)

    def work(session: Session) -> hazard_store.Changes:
        changes = hazard_store.reconcile(
            session,
            feed,
            located,
            now,
            complete=reading.complete,
            keeping=_families(reading.unreadable, hazard_store.listing(session, now)),
        )
        heard.note(session, FactSource.HAZARD, now)
        if not keep:
            raise _NotKept(changes)
        return changes

    try:
        changes = store.write(work)
    except _NotKept as only:
        changes = only.changes
    with store.reading() as session:
        told = _touched(session, changes.hazards())
    return Loaded(located, changes, News(f"alerts of {feed} changed", told))


def declare(store: Store, condition: Condition, now: datetime) -> News:
    """Keep a condition, and find whom it may concern."""
    before = store.write(
        lambda session: condition_store.declare(session, condition, now)
    )
    news = (condition,) if before is None else (before, condition)
    return _news(store, news, f"{condition.kind.value} {condition.id} is declared")


def withdraw(store: Store, id: str, now: datetime) -> News | None:
    """End a condition; None where there is none of that id."""
    gone = store.write(lambda session: condition_store.withdraw(session, id, now))
    if gone is None:
        return None
    return _news(store, (gone,), f"{gone.kind.value} {id} is over")


async def tell_open_orders(orders: tuple[OrderId, ...], changed: FactsChanged) -> int:
    """Tell orders through Temporal, as the settings say where it is."""
    return await tell_orders(await wiring.temporal(Settings()), orders, changed)


async def pass_on(news: News, tell: Tell = tell_open_orders) -> int | None:
    """Tell the orders; None where Temporal cannot be reached.

    What was kept stays kept: orders look again by themselves when what they
    last heard is to end.
    """
    if not news.orders:
        return 0
    try:
        return await tell(news.orders, FactsChanged(why=news.why, way=True))
    except (RuntimeError, OSError):
        return None


class _NotKept(Exception):
    """Undoes a transaction that was only to be tried."""

    def __init__(self, changes: hazard_store.Changes) -> None:
        self.changes = changes


def _families(
    unreadable: Iterable[str], listed: Iterable[hazard_store.Listed]
) -> tuple[str, ...]:
    """Return the ids kept of alerts that could not be read this time.

    One alert may be several hazards: its id, or its id and a number.
    """
    lost = set(unreadable)
    ids = (one.hazard.id for one in listed)
    return tuple(id for id in ids if id in lost or id.partition("#")[0] in lost)


def _news(store: Store, changed: tuple[Condition, ...], why: str) -> News:
    with store.reading() as session:
        return News(why, concerned(_open(session), changed))


def _touched(session: Session, changed: tuple[Hazard, ...]) -> tuple[OrderId, ...]:
    if not changed:
        return ()
    network = network_store.active(session)
    centers = [center.place for center in network.centers] if network else []
    orders = _open(session)
    ways = {
        order.id: tuple((center, order.ship_to) for center in centers)
        for order in orders
    }
    return affected(orders, changed, ways)


def _open(session: Session) -> tuple[Order, ...]:
    return tuple(
        stored.order.model_copy(update={"ship_to": locate_place(stored.order.ship_to)})
        for status in OrderStatus
        if status not in _DONE
        for stored in order_store.listing(session, status, _ALL)
    )
