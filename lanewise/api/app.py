"""The HTTP API: webhooks in, orders in, where an order stands."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from connectors.registry import Registry
from domain.event import Ingested
from domain.quantities import OrderId
from lanewise.api.delivering import Delivering, Signals
from lanewise.api.happening import Happening
from lanewise.api.ordering import Submit, order_status, submit_order
from lanewise.api.problems import Refusal
from lanewise.api.receiving import Receiving, Sender, read_body
from store import inbox
from store.engine import Store


class Opened(Protocol):
    """What the API needs of the process: its store and its connections."""

    @property
    def store(self) -> Store: ...

    @property
    def registry(self) -> Registry: ...


def make_app(
    opened: Opened,
    signals: Signals,
    submit: Submit,
    real_time: Callable[[], datetime] = lambda: datetime.now(UTC),
    happening: Happening | None = None,
) -> FastAPI:
    """Return the API; facts are passed on while its lifespan lasts.

    Parameters
    ----------
    opened
        The store, and the connections whose webhooks are taken.
    signals
        How workflows are told what happened.
    submit
        Starts an order's workflow.
    real_time
        Tells the real instant, never the business one.
    happening
        Keeps events; without it none are taken.
    """
    news = happening.news if happening is not None else lambda: None
    delivering = Delivering(opened.store, signals, real_time, news)
    receiving = Receiving(opened.store, _senders(opened.registry), real_time)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(delivering.run(), name="inbox delivery")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    # The pages FastAPI offers load their scripts from elsewhere.
    app = FastAPI(title="Lanewise", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.delivering = delivering
    app.add_exception_handler(Refusal, _refuse)

    @app.post("/webhooks/{connection}", status_code=202)
    async def webhooks(connection: str, request: Request) -> dict[str, int]:
        """Take a counterpart's signed facts; they are kept when this answers."""
        body = await read_body(request.stream())
        facts, new = await receiving.receive(connection, request.headers, body)
        if new:
            delivering.wake()
        return {"facts": facts, "new": new}

    @app.post("/orders", status_code=202)
    async def submit_one(request: Request) -> JSONResponse:
        """Hand an order over; the same order again is the same order."""
        submitted = await submit_order(submit, await read_body(request.stream()))
        return JSONResponse(
            {"order_id": submitted.order_id, "accepted": submitted.accepted},
            202 if submitted.accepted == "new" else 200,
            headers={"location": f"/orders/{submitted.order_id}"},
        )

    if happening is not None:

        @app.post("/events")
        async def take_events(request: Request) -> Ingested:
            """Keep what happened, each event once; a wrong one refuses them all."""
            return await happening.take(await read_body(request.stream()))

    @app.get("/orders/{order_id}")
    async def one_order(order_id: str) -> JSONResponse:
        """Say where an order stands."""
        found = await order_status(opened.store, OrderId(order_id))
        return JSONResponse(jsonable_encoder(found))

    @app.get("/healthz")
    async def health() -> dict[str, Any]:
        """Say that the process answers and its store can be read."""
        waiting = await asyncio.to_thread(_waiting, opened.store)
        return {"status": "ok", "facts_waiting": waiting}

    return app


def _senders(registry: Registry) -> Mapping[str, Sender]:
    """Return every connection that may send webhooks, by name."""
    return {**registry.warehouses, **registry.carriers}


async def _refuse(_: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, Refusal)
    return refusal.answer()


def _waiting(store: Store) -> int:
    with store.reading() as session:
        return inbox.waiting(session)
