"""Asks counterparts that send no webhooks what happened, again and again.

Each warehouse is asked from where it was left off; its facts go the way of
webhooks' facts, through the inbox, in one transaction with the cursor. One
that does not answer is asked again at the next turn and holds up no other.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from sqlmodel import Session

from connectors.ports import Ability, WarehouseAdapter
from domain.errors import ConnectorError
from domain.warehousing import WarehouseChanges
from lanewise.api import facts
from store import sources
from store.engine import Store

log = logging.getLogger(__name__)

# More pages than this in one turn: the others come first.
PAGES_AT_ONCE = 20


class Polling:
    """Polls every warehouse that keeps a list of what happened.

    Parameters
    ----------
    warehouses
        The adapters by their connections' names.
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
        warehouses: Mapping[str, WarehouseAdapter],
        real_time: Callable[[], datetime],
        news: Callable[[], None],
        every_s: float,
    ) -> None:
        self._store = store
        self._real_time = real_time
        self._news = news
        self._every_s = every_s
        self._asked = {
            name: warehouse
            for name, warehouse in warehouses.items()
            if warehouse.capabilities().can(Ability.CHANGES)
        }

    async def run(self) -> None:
        """Poll until cancelled; whatever fails is tried again at the next turn."""
        while self._asked:
            await asyncio.gather(*map(self._polled, self._asked))
            await asyncio.sleep(self._every_s)

    async def poll(self, name: str) -> int:
        """Take what is new at one warehouse; return how many facts were new."""
        new = 0
        for _ in range(PAGES_AT_ONCE):
            cursor = await asyncio.to_thread(self._cursor, name)
            changes = await self._asked[name].changes(cursor)
            for problem in changes.problems:
                log.warning("warehouse %s: %s", name, problem)
            keep = partial(self._keep, name=name, changes=changes)
            new += await asyncio.to_thread(self._store.write, keep)
            if not changes.more:
                break
        if new:
            self._news()
        return new

    async def _polled(self, name: str) -> None:
        try:
            await self.poll(name)
        except ConnectorError as error:
            log.warning("warehouse %s was not polled: %s", name, error)
        except Exception:
            log.exception("warehouse %s was not polled", name)

    def _cursor(self, name: str) -> str | None:
        with self._store.reading() as session:
            return sources.cursor(session, name)

    def _keep(self, session: Session, name: str, changes: WarehouseChanges) -> int:
        now = self._real_time()
        new = facts.take(session, name, changes.notices, now)
        sources.read_on(session, name, changes.cursor, (), now)
        return new
