"""Takes orders in over HTTP, says where they stand and how they would go."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from pydantic import ValidationError
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from activities.evaluating import Evaluated
from domain.errors import OrderConflict, OrderRefused
from domain.order import Order, OrderStatus
from domain.quantities import Instant, OrderId, SegmentId, Value
from lanewise.api.problems import Refusal, first_of, invalid, unknown_fields
from store import orders, parcels, segments
from store.engine import Store
from store.parcels import ParcelRecord

REFUSED = "Order refused"
NOT_NOW = "Not now"
EVALUATED_AT_ONCE = 100


class Submitted(Protocol):
    """What became of a submission: ``accepted`` is ``new`` or ``already``."""

    @property
    def order_id(self) -> OrderId: ...

    @property
    def accepted(self) -> str: ...


Submit = Callable[[Order], Awaitable[Submitted]]
Evaluate = Callable[..., Awaitable[Evaluated]]


class OrderStanding(Value):
    """Where an order stands, by the store."""

    id: OrderId
    status: OrderStatus
    digest: str
    placed_at: Instant
    received_at: Instant
    updated_at: Instant
    segments: tuple[SegmentId, ...]
    parcels: tuple[ParcelRecord, ...]


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
        raise Refusal(503, NOT_NOW, detail) from error


async def evaluate_orders(evaluate: Evaluate, body: bytes) -> Evaluated:
    """Say how one order, or several decided together, would go now.

    Raises
    ------
    Refusal
        Naming index, field, value and remedy; or that nobody answers.
    """
    orders_given = _orders(body)
    try:
        return await evaluate(*orders_given)
    except OrderRefused as error:
        raise Refusal(422, REFUSED, str(error)) from error
    except (RPCError, WorkflowFailureError) as error:
        detail = "no worker could decide; ask again later"
        raise Refusal(503, NOT_NOW, detail) from error


async def order_status(store: Store, order_id: OrderId) -> OrderStanding:
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
    return _read(_json(body), body)


def _orders(body: bytes) -> tuple[Order, ...]:
    document = _json(body)
    if not isinstance(document, list):
        return (_read(document, body),)
    if not 0 < len(document) <= EVALUATED_AT_ONCE:
        detail = f"body: {len(document)} orders; give 1 to {EVALUATED_AT_ONCE}"
        raise Refusal(422, REFUSED, detail)
    found, wrong = list[Order](), list[dict[str, Any]]()
    for index, each in enumerate(document):
        try:
            found.append(_read(each, json.dumps(each).encode()))
        except Refusal as refusal:
            wrong += [e | {"field": f"{index}.{e['field']}"} for e in refusal.errors]
    if wrong:
        raise first_of(REFUSED, tuple(wrong))
    return tuple(found)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, REFUSED, f"body: not JSON: {error}") from None


def _read(document: Any, text: bytes) -> Order:
    try:
        order = Order.model_validate_json(text)
    except ValidationError as error:
        raise invalid(REFUSED, error) from None
    if refusal := unknown_fields(REFUSED, document, order):
        raise refusal
    return order


def _status(store: Store, order_id: OrderId) -> OrderStanding | None:
    with store.reading() as session:
        kept = orders.get(session, order_id)
        if kept is None:
            return None
        classification = segments.of_order(session, order_id)
        booked = parcels.of_order(session, order_id)
    memberships = classification.memberships if classification else ()
    return OrderStanding(
        id=order_id,
        status=kept.status,
        digest=kept.digest,
        placed_at=kept.order.placed_at,
        received_at=kept.received_at,
        updated_at=kept.updated_at,
        segments=tuple(membership.segment for membership in memberships),
        parcels=tuple(booked),
    )
