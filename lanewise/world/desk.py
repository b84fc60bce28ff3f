"""The world's own desk: clock, faults, receivers and books. No fault strikes here."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, SecretStr

from domain.quantities import Edge, Instant
from lanewise.world.books import books
from lanewise.world.spec import Receiver, ScriptedFault
from lanewise.world.state import World


class Advance(Edge):
    """A wish to move the clock, no further than ``until``.

    ``wait_s`` is how long, in real seconds, to wait for webhooks that are
    still on their way; the clock never moves before they are acknowledged.
    Instants of which nobody is told anything (picking begins, a grid point
    without news) are passed over unless ``every_event`` is set.
    """

    until: Instant | None = None
    every_event: bool = False
    wait_s: Annotated[float, Field(ge=0, le=60)] = 0.0


class ReceiverBody(Edge):
    """Where the webhooks of a connection are to go."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    secret: SecretStr


def desk_router(world: World) -> APIRouter:
    """Return the routes that only demo, tests and chaos runs use."""
    router = APIRouter()

    @router.get("/clock")
    async def clock() -> dict[str, Any]:
        return clock_state(world)

    @router.post("/clock/advance")
    async def advance(body: Advance) -> dict[str, Any]:
        return await advance_clock(world, body)

    @router.get("/books")
    async def read_books() -> dict[str, Any]:
        return books(world)

    @router.get("/capabilities")
    async def capabilities() -> dict[str, Any]:
        return announced(world)

    @router.post("/faults", status_code=201)
    async def script(fault: ScriptedFault) -> dict[str, int]:
        world.gate.faults.script(fault)
        return {"scripted": world.gate.faults.scripted}

    @router.delete("/faults")
    async def clear() -> dict[str, int]:
        world.gate.faults.clear()
        return {"scripted": 0}

    @router.put("/receivers/{connection}")
    async def receive(connection: str, body: ReceiverBody) -> dict[str, str]:
        world.outbox.receivers[connection] = Receiver(url=body.url, secret=body.secret)
        return {"connection": connection, "url": body.url}

    return router


async def advance_clock(world: World, wish: Advance) -> dict[str, Any]:
    """Jump to the next event once everything so far has been delivered.

    The answer's ``state`` is ``delivering`` (webhooks are not acknowledged:
    nothing moved), ``advanced``, or ``idle`` (nothing will ever happen by
    itself, and no ``until`` was given).
    """
    if not await world.outbox.drained(wish.wait_s):
        return {**clock_state(world), "state": "delivering", "fired": 0}
    if world.clock.next_at is None and world.outbox.let_go():
        return {**clock_state(world), "state": "delivering", "fired": 0}
    fired = _jump(world, wish)
    state = "idle" if fired is None else "advanced"
    return {**clock_state(world), "state": state, "fired": fired or 0}


def _jump(world: World, wish: Advance) -> int | None:
    """Jump to the next news; None if nothing was left to happen."""
    told, known = len(world.outbox.messages), world.hazards()
    fired = world.clock.jump(wish.until)
    while (
        fired
        and not wish.every_event
        and len(world.outbox.messages) == told
        and world.hazards() == known
        and (more := world.clock.jump(wish.until))
    ):
        fired += more
    return fired


def clock_state(world: World) -> dict[str, Any]:
    """Say what time it is, when something happens next, what is on its way."""
    next_at = world.clock.next_at
    return {
        "now": world.clock.now.isoformat(),
        "next_event_at": next_at.isoformat() if next_at else None,
        "planned_events": world.clock.planned,
        "pending_webhooks": world.outbox.pending,
    }


def announced(world: World) -> dict[str, Any]:
    """Say how the counterparts behave, as the contract asks."""
    receivers = world.outbox.receivers
    return {
        "warehouse": {
            "idempotency": world.spec.warehouse.idempotency,
            "webhooks": "warehouses" in receivers,
        },
        "carrier": {
            "idempotency": world.spec.carrier.idempotency,
            "quote_lifetime_s": world.spec.carrier.quote_lifetime_s,
            "void_window_h": world.spec.carrier.void_window_h,
            "webhooks": "carriers" in receivers,
        },
    }
