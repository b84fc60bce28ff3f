"""The HTTP API: webhooks in, orders in, where an order stands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Protocol

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from activities.evaluating import Evaluated
from connectors.registry import Registry
from domain.event import BusinessEvent
from domain.order import Order
from domain.quantities import OrderId, Value
from domain.scarcity import Scarce
from lanewise.api.delivering import Delivering, Signals
from lanewise.api.described import (
    describing,
    many,
    one,
    one_or_many,
    refusals,
    signed,
)
from lanewise.api.gate import Gate, Scope
from lanewise.api.happening import AT_ONCE, Happening, Taken
from lanewise.api.labels import Doubles, doubles_owed
from lanewise.api.ordering import (
    EVALUATED_AT_ONCE,
    Evaluate,
    OrderStanding,
    Submit,
    evaluate_orders,
    order_status,
    submit_order,
)
from lanewise.api.polling import Polling, asked
from lanewise.api.problems import Refusal
from lanewise.api.receiving import Receiving, Sender, read_body
from lanewise.scarcity import ScarceNow, priced
from store import inbox
from store.engine import Store

AskScarce = Callable[[], Awaitable[tuple[Scarce, ...]]]


class Received(Value):
    """How many facts a webhook held, and how many were not known before."""

    facts: int
    new: int


class Handed(Value):
    """What became of a submission: ``new``, or ``already`` there."""

    order_id: OrderId
    accepted: str


class Health(Value):
    """The process answers; so many facts wait to be passed on."""

    status: str = "ok"
    facts_waiting: int


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
    *,
    evaluate: Evaluate | None = None,
    gate: Gate | None = None,
    scarce: AskScarce | None = None,
    poll_every_s: float = 30.0,
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
    evaluate
        Says how orders would go; without it nobody may ask.
    gate
        Asks for keys; without it whoever reaches the API may use it.
    scarce
        Tells what is scarce now; without it nobody can ask.
    poll_every_s
        How often counterparts without webhooks are asked what happened.
    """
    keys = gate or Gate(None)
    news = happening.news if happening is not None else lambda: None
    delivering = Delivering(opened.store, signals, real_time, news)
    receiving = Receiving(opened.store, _senders(opened.registry), real_time)

    polling = Polling(
        opened.store,
        asked(opened.registry.warehouses, opened.registry.transports),
        real_time,
        delivering.wake,
        poll_every_s,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = (
            asyncio.create_task(delivering.run(), name="inbox delivery"),
            asyncio.create_task(polling.run(), name="polling"),
        )
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = FastAPI(
        title="Lanewise",
        version=version("lanewise"),
        description=__doc__,
        lifespan=lifespan,
        # The pages FastAPI offers load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.delivering = delivering
    app.state.polling = polling
    app.add_exception_handler(Refusal, _refuse)
    app.add_exception_handler(HTTPException, _refuse_route)

    @app.post(
        "/webhooks/{connection}",
        status_code=202,
        responses=refusals(400, 401, 404, 413),
        openapi_extra=signed(),
    )
    async def webhooks(connection: str, request: Request) -> Received:
        """Take a counterpart's signed facts; they are kept when this answers."""
        body = await read_body(request.stream())
        facts, new = await receiving.receive(connection, request.headers, body)
        if new:
            delivering.wake()
        return Received(facts=facts, new=new)

    @app.post(
        "/orders",
        status_code=202,
        dependencies=[Depends(keys.needs(Scope.ORDERS_WRITE))],
        response_model=Handed,
        responses={
            200: {"model": Handed, "description": "It was there already."},
            **refusals(400, 401, 403, 409, 413, 422, 503),
        },
        openapi_extra=one(Order),
    )
    async def submit_one(request: Request, response: Response) -> Handed:
        """Hand an order over; the same order again is the same order."""
        submitted = await submit_order(submit, await read_body(request.stream()))
        if submitted.accepted != "new":
            response.status_code = 200
        response.headers["location"] = f"/orders/{submitted.order_id}"
        return Handed(order_id=submitted.order_id, accepted=submitted.accepted)

    if evaluate is not None:

        @app.post(
            "/evaluate",
            dependencies=[Depends(keys.needs(Scope.ORDERS_READ))],
            responses=refusals(400, 401, 403, 413, 422, 503),
            openapi_extra=one_or_many(Order, EVALUATED_AT_ONCE),
        )
        async def evaluate_some(request: Request) -> Evaluated:
            """Say how orders, decided together, would go now; commit nothing."""
            return await evaluate_orders(evaluate, await read_body(request.stream()))

    if happening is not None:

        @app.post(
            "/events",
            dependencies=[Depends(keys.needs(Scope.EVENTS_WRITE))],
            responses=refusals(400, 401, 403, 413, 422),
            openapi_extra=many(BusinessEvent, AT_ONCE),
        )
        async def take_events(request: Request) -> Taken:
            """Keep what happened, each event once; a wrong one refuses them all."""
            return await happening.take(await read_body(request.stream()))

    if scarce is not None:

        @app.get(
            "/prices",
            dependencies=[Depends(keys.needs(Scope.ORDERS_READ))],
            responses=refusals(401, 403),
        )
        async def prices() -> list[ScarceNow]:
            """Say what is scarce now, and what one more of it is worth, in cents."""
            return [priced(each) for each in await scarce()]

    @app.get(
        "/orders/{order_id}",
        dependencies=[Depends(keys.needs(Scope.ORDERS_READ))],
        responses=refusals(401, 403, 404),
    )
    async def one_order(order_id: str) -> OrderStanding:
        """Say where an order stands."""
        return await order_status(opened.store, OrderId(order_id))

    @app.get(
        "/doubles",
        dependencies=[Depends(keys.needs(Scope.ORDERS_READ))],
        responses=refusals(401, 403),
    )
    async def doubles() -> Doubles:
        """Say which labels were bought twice, and which of them may cost money."""
        return await doubles_owed(opened.store)

    @app.get("/healthz")
    async def health() -> Health:
        """Say that the process answers and its store can be read."""
        waiting = await asyncio.to_thread(_waiting, opened.store)
        return Health(facts_waiting=waiting)

    app.openapi = describing(app)  # type: ignore[method-assign]
    return app


def _senders(registry: Registry) -> Mapping[str, Sender]:
    """Return every connection that may send webhooks, by name."""
    return {**registry.warehouses, **registry.carriers}


async def _refuse_route(_: Request, error: Exception) -> JSONResponse:
    """Answer in problem documents, too, where no operation was reached."""
    assert isinstance(error, HTTPException)
    refusal = Refusal(error.status_code, str(error.detail), str(error.detail))
    refusal.headers = error.headers or {}
    return refusal.answer()


async def _refuse(_: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, Refusal)
    return refusal.answer()


def _waiting(store: Store) -> int:
    with store.reading() as session:
        return inbox.waiting(session)
