"""Brings news of the weather and of the business into the store, and tells orders."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from activities.watching import families, open_orders, touched
from connectors.alerts import Reading
from domain.condition import Condition
from domain.hazard import Hazard
from domain.quantities import OrderId
from lanewise import wiring
from lanewise.settings import Settings
from lanewise.telling import tell_orders
from lanewise.world.geography import locate as locate_place
from segmentation.affected import concerned
from segmentation.locating import locate
from segmentation.schema import FactSource
from store import conditions as condition_store
from store import hazards as hazard_store
from store import heard, tellings
from store.engine import Store
from workflows.relooking import FactsChanged

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

    why = f"alerts of {feed} changed"

    def work(session: Session) -> Loaded:
        changes = hazard_store.reconcile(
            session,
            feed,
            located,
            now,
            complete=reading.complete,
            keeping=families(reading.unreadable, hazard_store.listing(session, now)),
        )
        heard.note(session, FactSource.HAZARD, now)
        orders = open_orders(session, locate_place)
        news = News(why, touched(session, orders, changes.hazards()))
        tellings.add(session, news.orders, why, now)
        loaded = Loaded(located, changes, news)
        if not keep:
            raise _NotKept(loaded)
        return loaded

    try:
        return store.write(work)
    except _NotKept as only:
        return only.loaded


def declare(store: Store, condition: Condition, now: datetime) -> News:
    """Keep a condition, and find whom it may concern."""

    def work(session: Session) -> News:
        before = condition_store.declare(session, condition, now)
        both = (condition,) if before is None else (before, condition)
        why = f"{condition.kind.value} {condition.id} is declared"
        return _news(session, both, why, now)

    return store.write(work)


def withdraw(store: Store, id: str, now: datetime) -> News | None:
    """End a condition; None where there is none of that id."""

    def work(session: Session) -> News | None:
        gone = condition_store.withdraw(session, id, now)
        if gone is None:
            return None
        return _news(session, (gone,), f"{gone.kind.value} {id} is over", now)

    return store.write(work)


async def tell_open_orders(orders: tuple[OrderId, ...], changed: FactsChanged) -> int:
    """Tell orders through Temporal, as the settings say where it is."""
    return await tell_orders(await wiring.temporal(Settings()), orders, changed)


async def pass_on(
    store: Store, news: News, tell: Tell = tell_open_orders
) -> int | None:
    """Tell the orders; None where Temporal cannot be reached.

    Then they stay noted, and the next worker that looks tells them.
    """
    if not news.orders:
        return 0
    try:
        told = await tell(news.orders, FactsChanged(why=news.why, way=True))
    except (RuntimeError, OSError):
        return None
    store.write(lambda session: tellings.done(session, news.orders, news.why))
    return told


class _NotKept(Exception):
    """Undoes a transaction that was only to be tried."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded


def _news(
    session: Session, changed: tuple[Condition, ...], why: str, now: datetime
) -> News:
    orders = concerned(open_orders(session, locate_place), changed)
    tellings.add(session, orders, why, now)
    return News(why, orders)
