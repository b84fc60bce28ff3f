"""Asks counterparts that send no webhooks what happened, again and again.

Each warehouse and freight carrier is asked from where it was left off; its
facts go the way of webhooks' facts, through the inbox, in one transaction with
the cursor. One that does not answer is asked again at the next turn and holds
up no other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from connectors.ports import Ability, TransportAdapter, WarehouseAdapter
from domain.errors import ConnectorError
from lanewise.api import facts
from store import sources
from store.engine import Store

log = logging.getLogger(__name__)

# More pages than this in one turn: the others come first.
PAGES_AT_ONCE = 20


@dataclass(frozen=True)
class Page:
    """Some facts after a cursor, and what could not be read among them."""

    told: tuple[facts.Told, ...]
    cursor: str
    more: bool
    problems: tuple[str, ...]


# Lists what happened at one counterpart since a cursor.
Ask = Callable[[str | None], Awaitable[Page]]


def asked(
    warehouses: Mapping[str, WarehouseAdapter],
    transports: Mapping[str, TransportAdapter],
) -> dict[str, Ask]:
    """Return how to ask each counterpart that keeps a list, by connection."""
    return {
        **{
            name: partial(_changes, warehouse)
            for name, warehouse in warehouses.items()
            if warehouse.capabilities().can(Ability.CHANGES)
        },
        **{name: partial(_updates, transports[name]) for name in transports},
    }


async def _changes(warehouse: WarehouseAdapter, cursor: str | None) -> Page:
    page = await warehouse.changes(cursor)
    return Page(page.notices, page.cursor, page.more, page.problems)


async def _updates(transport: TransportAdapter, cursor: str | None) -> Page:
    page = await transport.updates(cursor)
    return Page(page.updates, page.cursor, page.more, page.problems)


class Polling:
    """Polls every counterpart that keeps a list of what happened.

    Parameters
    ----------
    asked
        How to ask each, by its connection's name.
    real_time
        Tells the real instant.
    news
        Called after facts were kept.
    every_s
        Seconds between two turns.
    """

    def __init__(
        self,
        store: Store,
        asked: Mapping[str, Ask],
        real_time: Callable[[], datetime],
        news: Callable[[], None],
        every_s: float,
    ) -> None:
        self._store = store
        self._real_time = real_time
        self._news = news
        self._every_s = every_s
        self._asked = asked

    async def run(self) -> None:
        """Poll until cancelled; whatever fails is tried again at the next turn."""
        while self._asked:
            await self.turn()
            await asyncio.sleep(self._every_s)

    async def turn(self) -> None:
        """Ask every one once; whatever fails is logged."""
        await asyncio.gather(*map(self._polled, self._asked))

    async def poll(self, name: str) -> int:
        """Take what is new at one of them; return how many facts were new."""
        new = 0
        for _ in range(PAGES_AT_ONCE):
            cursor = await asyncio.to_thread(self._cursor, name)
            page = await self._asked[name](cursor)
            for problem in page.problems:
                log.warning("connection %s: %s", name, problem)
            keep = partial(self._keep, name=name, page=page)
            new += await asyncio.to_thread(self._store.write, keep)
            if not page.more:
                break
        if new:
            self._news()
        return new

    async def _polled(self, name: str) -> None:
        try:
            await self.poll(name)
        except ConnectorError as error:
            log.warning("connection %s was not polled: %s", name, error)
        except Exception:
            log.exception("connection %s was not polled", name)

    def _cursor(self, name: str) -> str | None:
        with self._store.reading() as session:
            return sources.cursor(session, name)

    def _keep(self, session: Session, name: str, page: Page) -> int:
        now = self._real_time()
        new = facts.take(session, name, page.told, now)
        sources.read_on(session, name, page.cursor, (), now)
        return new
