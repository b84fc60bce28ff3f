"""Planned versus actual, once an order has ended."""

from pydantic import Field

from domain.order import Line, OrderStatus
from domain.plan import Cost
from domain.quantities import (
    Count,
    DecisionId,
    Instant,
    OrderId,
    ParcelId,
    ServiceId,
    Value,
)
from domain.shipping import ParcelStatus


class ParcelOutcome(Value):
    """How one parcel really went.

    ``spoiled_units`` arrived after their shelf life; ``damaged_units`` are as
    reported later, and 0 until somebody reports.
    """

    parcel_id: ParcelId
    fc: str
    service: ServiceId
    method: str
    lines: tuple[Line, ...] = ()
    status: ParcelStatus
    planned_hand_over_at: Instant
    handed_over_at: Instant | None = None
    p90_at: Instant
    delivered_at: Instant | None = None
    planned_cents: Count = 0
    booked_cents: Count = 0
    exceptions: Count = 0
    spoiled_units: Count = 0
    damaged_units: Count = 0

    @property
    def transit_h(self) -> float | None:
        """Return the hours from handover to the door, None while on the way."""
        if self.handed_over_at is None or self.delivered_at is None:
            return None
        return (self.delivered_at - self.handed_over_at).total_seconds() / 3600


class Outcome(Value):
    """How one order really went; joined to its decisions by id.

    ``on_time`` is None where there was no deliver-by and no delivery; without
    a deliver-by the promise is the plan's p90.
    """

    order_id: OrderId
    status: OrderStatus
    decisions: tuple[DecisionId, ...] = ()
    segments: tuple[str, ...] = ()
    parcels: tuple[ParcelOutcome, ...] = ()
    planned_cost: Cost = Field(default_factory=dict)
    promised_at: Instant | None = None
    delivered_at: Instant | None = None
    on_time: bool | None = None
    splits: Count = 0
    overrides: Count = 0
    reason: str = ""
    ended_at: Instant
