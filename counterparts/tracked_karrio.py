"""Karrio's server, as it is, but for two things: generic carriers track, in turn.

A generic carrier of Karrio's has no interface to ask where a parcel is, and so
its labels get no tracker. Here it has one that knows nothing: trackers are
made with the labels, and what our trucks scan is injected into them.

On SQLite, two requests that write end in "database is locked" for one of them;
production has PostgreSQL. Here requests wait for their turn; purchases come
first, and who has hung up meanwhile is passed over.
"""

import asyncio
import heapq
import itertools
from typing import Any

import karrio.lib as lib
from karrio.mappers.generic.mapper import Mapper
from karrio.mappers.generic.proxy import Proxy


def _ask_nobody(self: Any, request: Any) -> Any:
    return lib.Deserializable([])


def _as_it_is(self: Any, payload: Any) -> Any:
    return lib.Serializable(payload)


def _nothing(self: Any, response: Any) -> Any:
    return [], []


Proxy.get_tracking = _ask_nobody
Mapper.create_tracking_request = _as_it_is
Mapper.parse_tracking_response = _nothing

# Django reads the carriers when it starts: they must be as they are to be.
from karrio.server.asgi import application as karrio  # noqa: E402

LAST_STEPS = ("/purchase", "/cancel")


class _Turns:
    """Lets in one request after the other, those that end something first.

    Where twenty buy at once and Karrio is slow, each would else wait for the
    first steps of all the others before its last one, and nobody would finish.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._busy = False

    async def begin(self, path: str) -> None:
        if not self._busy:
            self._busy = True
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        first = not path.endswith(LAST_STEPS)
        heapq.heappush(self._waiting, (first, next(self._count), place))
        await place

    def end(self) -> None:
        while self._waiting:
            *_, place = heapq.heappop(self._waiting)
            if not place.done():
                place.set_result(None)
                return
        self._busy = False


_turns = _Turns()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer as Karrio does, one request after the other.

    Who has gone meanwhile is not answered: else a Karrio that is slow works
    for those who gave up, and the others give up, too.
    """
    if scope["type"] != "http":
        await karrio(scope, receive, send)
        return
    said = [await receive()]
    while said[-1].get("more_body"):
        said.append(await receive())
    await _turns.begin(scope["path"])
    try:
        if await _gone(receive):
            return

        async def again() -> Any:
            return said.pop(0) if said else await receive()

        await karrio(scope, again, send)
    finally:
        _turns.end()


async def _gone(receive: Any) -> bool:
    """Tell whether the one who asked has hung up."""
    try:
        async with asyncio.timeout(0.001):
            return (await receive())["type"] == "http.disconnect"
    except TimeoutError:
        return False
