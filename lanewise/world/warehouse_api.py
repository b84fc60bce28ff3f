"""The neutral contract's warehouse side, answered by simulated warehouses."""

from fastapi import APIRouter, Request, Response

from connectors.ports import Idempotency
from domain.quantities import FcId, SkuId, Value
from lanewise.world.gate import Once
from lanewise.world.problems import Refused
from lanewise.world.state import World
from lanewise.world.warehouse import ReleaseBody, ReserveBody, Warehouse


class CancelBody(Value):
    """Which released order is to stop."""

    reference: str


def warehouse_router(world: World) -> APIRouter:
    """Return the routes under ``/warehouses``; operations are the port's words."""
    router = APIRouter(prefix="/warehouses/{fc}")
    gate, mode = world.gate, world.spec.warehouse.idempotency

    def findable(fc: FcId) -> Warehouse:
        if mode is Idempotency.NONE:
            raise Refused(501, "not-supported", "references cannot be looked up")
        return world.warehouse(fc)

    @router.get("/stock")
    async def stock(fc: FcId, request: Request, skus: str | None = None) -> Response:
        asked = None if skus is None else tuple(SkuId(s) for s in skus.split(",") if s)
        return await gate.read(
            "stock", request, lambda: world.warehouse(fc).stock(asked)
        )

    @router.post("/reservations")
    async def reserve(fc: FcId, body: ReserveBody, request: Request) -> Response:
        return await gate.act(
            "reserve",
            request,
            lambda: world.warehouse(fc).reserve(body),
            status=201,
            once=Once(mode, fc, body.reference),
        )

    @router.get("/reservations")
    async def find_reservation(fc: FcId, reference: str, request: Request) -> Response:
        return await gate.read(
            "find_reservation", request, lambda: findable(fc).find_holds(reference)
        )

    @router.delete("/reservations")
    async def release_reservation(
        fc: FcId, reference: str, request: Request
    ) -> Response:
        return await gate.act(
            "release_reservation",
            request,
            lambda: world.warehouse(fc).release_holds(reference),
        )

    @router.post("/orders")
    async def release_order(fc: FcId, body: ReleaseBody, request: Request) -> Response:
        return await gate.act(
            "release_order",
            request,
            lambda: world.warehouse(fc).release(body),
            status=201,
            once=Once(mode, fc, body.reference),
        )

    @router.get("/orders")
    async def find_order(fc: FcId, reference: str, request: Request) -> Response:
        return await gate.read(
            "find_order", request, lambda: findable(fc).find_jobs(reference)
        )

    @router.post("/orders/cancel")
    async def cancel_order(fc: FcId, body: CancelBody, request: Request) -> Response:
        return await gate.act(
            "cancel_order",
            request,
            lambda: world.warehouse(fc).cancel(body.reference),
        )

    return router
