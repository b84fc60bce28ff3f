"""The neutral contract's carrier side, answered by simulated carriers."""

from typing import Any

from fastapi import APIRouter, Request, Response

from connectors.ports import Idempotency
from domain.quantities import CarrierId
from lanewise.world.carriage import BookingBody, RatesBody
from lanewise.world.gate import Once
from lanewise.world.problems import Refused
from lanewise.world.state import World


def carrier_router(world: World) -> APIRouter:
    """Return the routes of the carriers' platform and of the hazard feed."""
    router = APIRouter()
    gate, carriers = world.gate, world.carriers
    mode = world.spec.carrier.idempotency

    def find(carrier: CarrierId, reference: str) -> dict[str, Any]:
        if mode is Idempotency.NONE:
            raise Refused(501, "not-supported", "references cannot be looked up")
        return carriers.find(carrier, reference)

    @router.post("/rates")
    async def rate_shop(body: RatesBody, request: Request) -> Response:
        return await gate.read("rate_shop", request, lambda: carriers.rates(body))

    @router.post("/bookings")
    async def book(body: BookingBody, request: Request) -> Response:
        return await gate.act(
            "book",
            request,
            lambda: carriers.book(body),
            status=201,
            once=Once(mode, body.carrier, body.reference),
        )

    @router.get("/bookings")
    async def find_bookings(
        carrier: CarrierId, reference: str, request: Request
    ) -> Response:
        return await gate.read(
            "find_bookings", request, lambda: find(carrier, reference)
        )

    @router.post("/carriers/{carrier}/bookings/{booking}/void")
    async def void(carrier: CarrierId, booking: str, request: Request) -> Response:
        return await gate.act("void", request, lambda: carriers.void(carrier, booking))

    @router.get("/carriers/{carrier}/bookings/{booking}/document")
    async def document(carrier: CarrierId, booking: str, request: Request) -> Response:
        def label() -> Response:
            media_type, content = carriers.document(carrier, booking)
            return Response(content, media_type=media_type)

        return await gate.read("document", request, label)

    @router.get("/carriers/{carrier}/tracking/{number}")
    async def track(carrier: CarrierId, number: str, request: Request) -> Response:
        return await gate.read(
            "track", request, lambda: carriers.track(carrier, number)
        )

    @router.get("/hazards")
    async def poll(request: Request) -> Response:
        return await gate.read(
            "poll",
            request,
            lambda: {"hazards": [h.model_dump(mode="json") for h in world.hazards()]},
        )

    return router
