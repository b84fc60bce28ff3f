"""A simulated world as an HTTP application."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from lanewise.world.carrier_api import carrier_router
from lanewise.world.desk import desk_router
from lanewise.world.problems import Refused, problem
from lanewise.world.state import World
from lanewise.world.warehouse_api import warehouse_router


def world_app(world: World) -> FastAPI:
    """Build the application of a world; its ``state.world`` is the world itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await world.outbox.close()

    async def enter(request: Request) -> None:
        if not _may_enter(world, request):
            raise Refused(401, "unauthorized", "the bearer token is wrong")

    app = FastAPI(
        title="Lanewise simulated world",
        lifespan=lifespan,
        dependencies=[Depends(enter)],
    )
    app.state.world = world
    app.state.transports = {}
    for router in (warehouse_router(world), carrier_router(world), desk_router(world)):
        app.include_router(router)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return problem(422, "invalid-request", f"{where}: {first['msg']}")

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return problem(error.status, error.code, error.detail)

    return app


def _may_enter(world: World, request: Request) -> bool:
    if world.spec.api_key is None:
        return True
    given = request.headers.get("authorization", "")
    expected = f"Bearer {world.spec.api_key.get_secret_value()}"
    return hmac.compare_digest(given.encode(), expected.encode())
