"""What we say to a warehouse and what it says back, in our words."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.network import PackingMethod
from domain.order import Line
from domain.quantities import (
    CartonId,
    Count,
    FcId,
    Instant,
    OrderId,
    ParcelId,
    Positive,
    ServiceId,
    SkuId,
    Value,
)

OperationKey = Annotated[str, Field(min_length=1, max_length=160)]


class StockReport(Value):
    """The physical count of some SKUs in a center at an instant."""

    fc: FcId
    as_of: Instant
    on_hand: dict[SkuId, int]


class ReserveStock(Value):
    """Set goods aside for an order, line by line; less than asked is an answer."""

    key: OperationKey
    fc: FcId
    order_id: OrderId
    lines: tuple[Line, ...]


class ReservedLine(Value):
    """How much of one line was set aside."""

    sku: SkuId
    asked: Positive
    reserved: Count


class Reservation(Value):
    """Goods set aside under a key."""

    id: str
    key: OperationKey
    fc: FcId
    lines: tuple[ReservedLine, ...]

    @property
    def complete(self) -> bool:
        return all(line.reserved >= line.asked for line in self.lines)

    @property
    def short(self) -> tuple[ReservedLine, ...]:
        return tuple(line for line in self.lines if line.reserved < line.asked)


class PackInstruction(Value):
    """One carton the warehouse is to pack."""

    carton: CartonId | None
    method: PackingMethod
    lines: tuple[Line, ...]


class ReleaseOrder(Value):
    """Start picking: goods reserved under a key, a label, a time to be ready."""

    key: OperationKey
    fc: FcId
    order_id: OrderId
    parcel_id: ParcelId
    reservation_key: OperationKey
    lines: tuple[Line, ...]
    cartons: tuple[PackInstruction, ...] = ()
    service: ServiceId
    tracking_number: str
    hand_over_at: Instant


class WorkStatus(StrEnum):
    """Where a released order stands on the warehouse floor."""

    ACCEPTED = "accepted"
    PICKING = "picking"
    PICKED = "picked"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class WarehouseOrder(Value):
    """The warehouse's own view of what we released.

    ``shipped`` holds the units really handed over, once shipped; ``short``
    those it could not pick.
    """

    id: str
    key: OperationKey
    fc: FcId
    parcel_id: ParcelId
    status: WorkStatus
    shipped: tuple[Line, ...] = ()
    short: tuple[Line, ...] = ()
    shipped_at: Instant | None = None


class CancelOutcome(StrEnum):
    """What became of asking a warehouse to stop."""

    CANCELLED = "cancelled"
    TOO_LATE = "too-late"
    NEVER_RELEASED = "never-released"


class WarehouseEvent(StrEnum):
    """What a warehouse tells us about a released order."""

    PICKED = "picked"
    SHORT_PICKED = "short-picked"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class WarehouseNotice(Value):
    """One fact from a warehouse. ``sequence`` orders the facts of one parcel."""

    event_id: str
    fc: FcId
    order_id: OrderId
    parcel_id: ParcelId
    event: WarehouseEvent
    sequence: Count
    occurred_at: Instant
    lines: tuple[Line, ...] = ()


class StockNotice(Value):
    """A warehouse counted again: the new physical figure of one SKU."""

    event_id: str
    fc: FcId
    sku: SkuId
    on_hand: Count
    occurred_at: Instant


class StockLost(Value):
    """A recount took goods away that were held or committed for an order."""

    order_id: OrderId
    revision: Positive
    fc: FcId
    sku: SkuId
    units: Positive
