"""What a customer asked for, and the states an order goes through."""

import hashlib
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.quantities import (
    CustomerId,
    FcId,
    Instant,
    OrderId,
    Place,
    Positive,
    ServiceId,
    SkuId,
    Value,
)


class ServiceLevel(StrEnum):
    """What the customer chose at checkout."""

    ECONOMY = "economy"
    STANDARD = "standard"
    EXPEDITED = "expedited"
    OVERNIGHT = "overnight"


class Line(Value):
    """Some units of one SKU."""

    sku: SkuId
    units: Positive


class Order(Value):
    """One order as accepted; it never changes after that.

    A SKU appears on one line only. ``pickup`` means the customer collects the
    goods (or sends a carrier of its own): no freight is ours to pay.
    ``source_fc`` and ``source_service`` repeat what another system had chosen,
    for comparison; they bind nothing. ``weight_g`` is the gross weight of the
    whole order where that, and not the weight of its goods, is what is known.
    """

    id: Annotated[OrderId, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
    customer_id: Annotated[CustomerId, Field(min_length=1, max_length=80)]
    channel: Annotated[str, Field(min_length=1, max_length=40)] = "web"
    placed_at: Instant
    ship_to: Place
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=500)]
    requested_service: ServiceLevel = ServiceLevel.STANDARD
    deliver_by: Instant | None = None
    signature: bool = False
    gift: bool = False
    pickup: bool = False
    residential: bool = True
    weight_g: Positive | None = None
    source_fc: FcId | None = None
    source_service: ServiceId | None = None
    attributes: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        skus = [line.sku for line in self.lines]
        if len(set(skus)) < len(skus):
            twice = sorted({sku for sku in skus if skus.count(sku) > 1})
            msg = f"lines: SKU {twice[0]!r} is on two lines; add their units together"
            raise ValueError(msg)
        if self.deliver_by is not None and self.deliver_by <= self.placed_at:
            msg = (
                f"deliver_by: {self.deliver_by.isoformat()} is not after "
                f"placed_at {self.placed_at.isoformat()}"
            )
            raise ValueError(msg)
        return self

    @property
    def units(self) -> int:
        return sum(line.units for line in self.lines)

    def digest(self) -> str:
        """Return a fingerprint of the content: equal orders, equal digests."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class OrderStatus(StrEnum):
    """Where an order stands."""

    RECEIVED = "received"
    REVIEW = "review"
    HELD = "held"
    PLANNED = "planned"
    COMMITTING = "committing"
    RELEASED = "released"
    HANDED_OVER = "handed-over"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Event(StrEnum):
    """What can happen to an order."""

    DECIDED = "decided"
    REVIEW_ASKED = "review-asked"
    APPROVE = "approve"
    OVERRIDE = "override"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    COMMIT = "commit"
    RELEASE = "release"
    REPLAN = "replan"
    HAND_OVER = "hand-over"
    DELIVER = "deliver"
    FAIL = "fail"


_S, _E = OrderStatus, Event

# Status × event → the status after it. What is not here is not allowed.
# Before release deciding is free; between release and handover the warehouse
# must first confirm a cancellation; after handover only the carrier acts.
MOVES: dict[tuple[OrderStatus, Event], OrderStatus] = {
    (_S.RECEIVED, _E.DECIDED): _S.PLANNED,
    (_S.RECEIVED, _E.REVIEW_ASKED): _S.REVIEW,
    (_S.RECEIVED, _E.HOLD): _S.HELD,
    (_S.RECEIVED, _E.CANCEL): _S.CANCELLED,
    (_S.RECEIVED, _E.FAIL): _S.FAILED,
    (_S.REVIEW, _E.APPROVE): _S.PLANNED,
    (_S.REVIEW, _E.OVERRIDE): _S.PLANNED,
    (_S.REVIEW, _E.REVIEW_ASKED): _S.REVIEW,
    (_S.REVIEW, _E.HOLD): _S.HELD,
    (_S.REVIEW, _E.CANCEL): _S.CANCELLED,
    (_S.REVIEW, _E.FAIL): _S.FAILED,
    (_S.HELD, _E.RESUME): _S.PLANNED,
    (_S.HELD, _E.OVERRIDE): _S.HELD,
    (_S.HELD, _E.REVIEW_ASKED): _S.HELD,
    (_S.HELD, _E.DECIDED): _S.HELD,
    (_S.HELD, _E.CANCEL): _S.CANCELLED,
    (_S.HELD, _E.FAIL): _S.FAILED,
    (_S.PLANNED, _E.DECIDED): _S.PLANNED,
    (_S.PLANNED, _E.REVIEW_ASKED): _S.REVIEW,
    (_S.PLANNED, _E.OVERRIDE): _S.PLANNED,
    (_S.PLANNED, _E.HOLD): _S.HELD,
    (_S.PLANNED, _E.CANCEL): _S.CANCELLED,
    (_S.PLANNED, _E.COMMIT): _S.COMMITTING,
    (_S.PLANNED, _E.FAIL): _S.FAILED,
    (_S.COMMITTING, _E.REVIEW_ASKED): _S.REVIEW,
    (_S.COMMITTING, _E.HOLD): _S.HELD,
    (_S.COMMITTING, _E.CANCEL): _S.CANCELLED,
    (_S.COMMITTING, _E.REPLAN): _S.RECEIVED,
    (_S.COMMITTING, _E.RELEASE): _S.RELEASED,
    (_S.COMMITTING, _E.FAIL): _S.FAILED,
    (_S.RELEASED, _E.REPLAN): _S.RECEIVED,
    (_S.RELEASED, _E.OVERRIDE): _S.PLANNED,
    (_S.RELEASED, _E.CANCEL): _S.CANCELLED,
    (_S.RELEASED, _E.HAND_OVER): _S.HANDED_OVER,
    (_S.RELEASED, _E.DELIVER): _S.DELIVERED,
    (_S.RELEASED, _E.FAIL): _S.FAILED,
    (_S.HANDED_OVER, _E.REPLAN): _S.RECEIVED,
    (_S.HANDED_OVER, _E.DELIVER): _S.DELIVERED,
    (_S.HANDED_OVER, _E.FAIL): _S.FAILED,
}

FINAL = frozenset({_S.DELIVERED, _S.CANCELLED, _S.FAILED})

_REFUSALS: dict[OrderStatus, str] = {
    _S.RECEIVED: "it is still being decided",
    _S.REVIEW: "it waits for review",
    _S.HELD: "it is on hold",
    _S.PLANNED: "its plan is not yet committed",
    _S.COMMITTING: "its plan is being committed right now",
    _S.RELEASED: "the warehouse is already working on it",
    _S.HANDED_OVER: "the carrier already has it",
    _S.DELIVERED: "it was delivered",
    _S.CANCELLED: "it was cancelled",
    _S.FAILED: "it failed",
}


_VERBS: dict[Event, str] = {
    _E.DECIDED: "decide",
    _E.REVIEW_ASKED: "ask for a review of",
    _E.HAND_OVER: "hand over",
}


def after(status: OrderStatus, event: Event) -> OrderStatus | None:
    """Return the status after the event, or None where it is not allowed."""
    return MOVES.get((status, event))


def why_not(status: OrderStatus, event: Event) -> str:
    """Say in one sentence why this event is not allowed now."""
    reason = _REFUSALS[status]
    if status not in FINAL and event is _E.APPROVE:
        reason += ", it does not wait for review"
    if status not in FINAL and event is _E.RESUME:
        reason += ", it is not on hold"
    return f"cannot {_VERBS.get(event, event.value)} this order: {reason}."
