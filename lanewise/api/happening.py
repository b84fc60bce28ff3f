"""Takes events in over HTTP: a JSON array, or one JSON document a line."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from domain.errors import OrderRefused
from domain.event import BusinessEvent, Ingested
from domain.quantities import Value
from lanewise.api.problems import Refusal, errors_of, first_of
from lanewise.people import events_in
from store import events
from store.engine import Store

REFUSED = "Events refused"
AT_ONCE = 5_000


class RefusedEvent(Value):
    """An event that was kept, but counts in no window, and why."""

    id: str
    why: str


class Taken(Value):
    """What became of events; ``conflicting`` ids were sent with two contents."""

    new: int
    repeated: int
    conflicting: tuple[str, ...]
    refused: tuple[RefusedEvent, ...]


class Happening:
    """Keeps what happened; it was kept once this answers.

    Parameters
    ----------
    now
        Tells the business instant.
    news
        Called after events were kept, so that somebody looks at them soon.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], Awaitable[datetime]],
        news: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._now = now
        self.news = news

    async def take(self, body: bytes) -> Taken:
        """Keep a batch of events, all or none of them.

        Raises
        ------
        Refusal
            Naming index, field, value and remedy of everything that is wrong.
        """
        batch = read(body)
        now = await self._now()
        answer = await asyncio.to_thread(self._keep, batch, now)
        self.news()
        return Taken(
            new=answer.new,
            repeated=answer.repeated,
            conflicting=answer.conflicting,
            refused=tuple(RefusedEvent(id=e, why=w) for e, w in answer.refused),
        )

    def _keep(self, batch: tuple[BusinessEvent, ...], now: datetime) -> Ingested:
        def keep(session: Session) -> Ingested:
            # In one transaction: nobody is erased between name and event.
            return events.ingest(session, events_in(session, batch, now), now)

        try:
            return self._store.write(keep)
        except OrderRefused as error:
            raise Refusal(422, REFUSED, str(error)) from error


def read(body: bytes) -> tuple[BusinessEvent, ...]:
    """Read events, or refuse the batch with all that is wrong in it."""
    found: list[BusinessEvent] = []
    wrong: list[dict[str, Any]] = []
    for index, document in enumerate(_documents(body)):
        if index == AT_ONCE:
            detail = f"body: more than {AT_ONCE} events; send them in parts"
            raise Refusal(422, REFUSED, detail)
        try:
            found.append(BusinessEvent.model_validate(document))
        except ValidationError as error:
            told = errors_of(error)
            wrong += [each | {"field": f"{index}.{each['field']}"} for each in told]
    if wrong:
        raise first_of(REFUSED, tuple(wrong))
    return tuple(found)


def _documents(body: bytes) -> Iterator[Any]:
    text = body.strip()
    if not text:
        raise Refusal(400, REFUSED, "body: it is empty; send events as JSON")
    if text.startswith(b"["):
        yield from _json(text, "body")
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _json(line, f"line {number}")


def _json(text: bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, REFUSED, f"{where}: not JSON: {error}") from None
