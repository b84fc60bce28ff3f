"""Karrio's server, as it is, but for two things: generic carriers track, in turn.

A generic carrier of Karrio's has no interface to ask where a parcel is, and so
its labels get no tracker. Here it has one that knows nothing: trackers are
made with the labels, and what our trucks scan is injected into them.

On SQLite, two requests that write end in "database is locked" for one of them;
production has PostgreSQL. Here requests wait for their turn.
"""

import asyncio
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

_turn = asyncio.Lock()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer as Karrio does, one request after the other."""
    if scope["type"] != "http":
        await karrio(scope, receive, send)
        return
    async with _turn:
        await karrio(scope, receive, send)
