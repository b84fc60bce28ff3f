"""Takes orders in over HTTP, and says where they stand."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from pydantic import ValidationError
from temporalio.service import RPCError

from domain.errors import OrderConflict, OrderRefused
from domain.order import Order
from domain.quantities import OrderId
from lanewise.api.problems import Refusal, invalid, unknown_fields
from store import orders, parcels, segments
from store.engine import Store

REFUSED = "Order refused"


class Submitted(Protocol):
    """What became of a submission: ``accepted`` is ``new`` or ``already``."""

    @property
    def order_id(self) -> OrderId: ...

    @property
    def accepted(self) -> str: ...


Submit = Callable[[Order], Awaitable[Submitted]]


async def submit_order(submit: Submit, body: bytes) -> Submitted:
    """Read an order and hand it over.

    Raises
    ------
    Refusal
        Naming field, value and remedy; or the conflict with another order; or
        that Temporal does not answer.
    """
    order = _order(body)
    try:
        return await submit(order)
    except OrderConflict as error:
        raise Refusal(409, "Order conflict", str(error)) from error
    except OrderRefused as error:
        raise Refusal(422, REFUSED, str(error)) from error
    except RPCError as error:
        detail = "Temporal does not answer; submit the same order again later"
        raise Refusal(503, "Not now", detail) from error


async def order_status(store: Store, order_id: OrderId) -> dict[str, Any]:
    """Return where an order stands, by the store.

    Raises
    ------
    Refusal
        When no order is kept under that id.
    """
    found = await asyncio.to_thread(_status, store, order_id)
    if found is None:
        raise Refusal(404, "Unknown order", f"id: no order {order_id!r} is known")
    return found


def _order(body: bytes) -> Order:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise Refusal(400, REFUSED, f"body: not JSON: {error}") from None
    try:
        order = Order.model_validate_json(body)
    except ValidationError as error:
        raise invalid(REFUSED, error) from None
    if refusal := unknown_fields(REFUSED, document, order):
        raise refusal
    return order


def _status(store: Store, order_id: OrderId) -> dict[str, Any] | None:
    with store.reading() as session:
        kept = orders.get(session, order_id)
        if kept is None:
            return None
        classification = segments.of_order(session, order_id)
        booked = parcels.of_order(session, order_id)
    memberships = classification.memberships if classification else ()
    return {
        "id": order_id,
        "status": kept.status,
        "digest": kept.digest,
        "placed_at": kept.order.placed_at,
        "received_at": kept.received_at,
        "updated_at": kept.updated_at,
        "segments": [membership.segment for membership in memberships],
        "parcels": [parcel.model_dump(mode="json") for parcel in booked],
    }
