"""What segments compile to: hard limits, money terms, and who asked for them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.network import PackingMethod, ServiceMode
from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    Positive,
    SegmentId,
    ServiceId,
    Value,
)
from domain.subject import LaneId


class SoftLimit(StrEnum):
    """Hard limits that may be relaxed, in an order the policy declares."""

    MAX_TRANSIT = "max-transit"
    PACKING = "packing"
    KEEP_TOGETHER = "keep-together"
    MAX_PARCELS = "max-parcels"
    BLOCKED_MODES = "blocked-modes"
    BLOCKED_LANES = "blocked-lanes"
    LATEST_HANDOVER = "latest-handover"
    OVER_CAPACITY = "over-capacity"


class Limits(Value):
    """What a plan may never do, unless the limit is relaxed on purpose.

    None means no limit. Tuples that allow (``allowed_…``) name the only ones
    possible; tuples that block name the impossible ones. ``max_transit_h`` is
    measured at the 90th percentile. ``max_centers`` counts the centers one
    order may be split over. Goods' own needs (temperature, hazmat, size) hold
    always and need no policy.
    """

    max_transit_h: Positive | None = None
    max_centers: Positive | None = 3
    keep_together: bool = False
    signature: bool = False
    insured: bool = False
    allowed_centers: tuple[FcId, ...] | None = None
    blocked_centers: tuple[FcId, ...] = ()
    allowed_carriers: tuple[CarrierId, ...] | None = None
    blocked_carriers: tuple[CarrierId, ...] = ()
    blocked_services: tuple[ServiceId, ...] = ()
    blocked_lanes: tuple[LaneId, ...] = ()
    allowed_modes: tuple[ServiceMode, ...] | None = None
    blocked_modes: tuple[ServiceMode, ...] = ()
    allowed_packing: tuple[PackingMethod, ...] | None = None
    pickup_allowed: bool = True
    over_capacity_allowed: bool = True
    latest_handover: Instant | None = None


class Money(Value):
    """What each thing we would rather avoid is worth, in cents.

    ``late_cents_per_h`` is paid per expected hour after deliver-by (with
    ``late_event_cents`` once, times the chance of being late: the customer's
    value at risk); ``early_cents_per_h`` per hour before ``deliver_by`` minus
    the transit window (for appointments). ``spoilage_cents_per_h`` is paid per
    hour in transit; ``damage_event_cents`` times the chance of damage, on top
    of the goods' value; ``split_cents`` per parcel after the first.
    """

    late_cents_per_h: Count = 0
    late_event_cents: Count = 0
    early_cents_per_h: Count = 0
    split_cents: Count = 0
    spoilage_cents_per_h: Count = 0
    damage_event_cents: Count = 0
    carbon_cents_per_kg: Count = 0


class Effects(Value):
    """What one segment does to the policy; None says nothing about it.

    ``avoid_down`` blocks the centers, carriers and services that are down by a
    condition in force. ``block_lane`` is the one effect a lane's segment may
    have: no parcel takes that lane.
    """

    max_transit_h: Positive | None = None
    max_centers: Positive | None = None
    keep_together: bool | None = None
    signature: bool | None = None
    insured: bool | None = None
    allowed_centers: tuple[FcId, ...] | None = None
    blocked_centers: tuple[FcId, ...] | None = None
    allowed_carriers: tuple[CarrierId, ...] | None = None
    blocked_carriers: tuple[CarrierId, ...] | None = None
    blocked_services: tuple[ServiceId, ...] | None = None
    allowed_modes: tuple[ServiceMode, ...] | None = None
    blocked_modes: tuple[ServiceMode, ...] | None = None
    allowed_packing: tuple[PackingMethod, ...] | None = None
    pickup_allowed: bool | None = None
    over_capacity_allowed: bool | None = None
    avoid_down: bool | None = None
    block_lane: bool | None = None
    handover_within_h: Positive | None = None
    late_cents_per_h: Count | None = None
    late_event_cents: Count | None = None
    early_cents_per_h: Count | None = None
    split_cents: Count | None = None
    spoilage_cents_per_h: Count | None = None
    damage_event_cents: Count | None = None
    carbon_cents_per_kg: Count | None = None
    relax: tuple[SoftLimit, ...] | None = None
    review: str | None = None
    review_above_cents: Count | None = None
    queue_priority: Annotated[int, Field(ge=1, le=5)] | None = None
    move_gain_cents: Count | None = None


class Conflict(Value):
    """Two segments that cannot both be obeyed."""

    term: str
    segments: tuple[SegmentId, SegmentId]
    why: str


class Policy(Value):
    """The composed will of an order's segments.

    ``sources`` says, for each term by name, which segments asked for it.
    ``relax`` lists the limits that may be given up, first one first.
    ``queue_priority`` 1 is the most urgent of 5. ``move_gain_cents`` is what a
    move of an already held plan must save at least.
    """

    limits: Limits = Limits()
    money: Money = Money()
    relax: tuple[SoftLimit, ...] = ()
    review: tuple[str, ...] = ()
    review_above_cents: Count | None = None
    queue_priority: Annotated[int, Field(ge=1, le=5)] = 3
    fairness_key: Annotated[str, Field(max_length=64)] = ""
    move_gain_cents: Count = 0
    sources: dict[str, tuple[SegmentId, ...]] = Field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

    def binding(self) -> tuple[object, ...]:
        """Return what a plan obeys: equal policies choose and allow the same."""
        return (
            self.limits,
            self.money,
            self.relax,
            self.review,
            self.review_above_cents,
            self.conflicts,
        )
