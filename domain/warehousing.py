"""What we say to a warehouse and what it says back, in our words."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.contact import Contact
from domain.network import PackingMethod, Pickup
from domain.order import Line
from domain.quantities import (
    CarrierId,
    CartonId,
    Count,
    FcId,
    Instant,
    OrderId,
    ParcelId,
    Place,
    Positive,
    ServiceId,
    SkuId,
    Value,
)
from domain.wire import Raw

OperationKey = Annotated[str, Field(min_length=1, max_length=160)]


class StockReport(Value):
    """The physical count of some SKUs in a center at an instant.

    Where a warehouse tells only what is free, its adapter adds what is
    reserved; where it cannot, it says so (``Capabilities.physical_stock``).
    """

    fc: FcId
    as_of: Instant
    on_hand: dict[SkuId, int]
    raw: Raw = ""


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
    raw: Raw = ""

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
    """Start picking: goods reserved under a key, a label, a time to be ready.

    ``ship_to`` and ``recipient`` are for a warehouse that makes its own labels.
    """

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
    ship_to: Place | None = None
    recipient: Contact | None = None


class AmendOrder(Value):
    """Change what was released under a key; None leaves a field as it is."""

    key: OperationKey
    fc: FcId
    hand_over_at: Instant | None = None
    service: ServiceId | None = None
    tracking_number: str | None = None
    ship_to: Place | None = None
    recipient: Contact | None = None


class AmendOutcome(StrEnum):
    """What became of asking a warehouse to change an order."""

    AMENDED = "amended"
    TOO_LATE = "too-late"
    NEVER_RELEASED = "never-released"


class WorkStatus(StrEnum):
    """Where a released order stands on the warehouse floor."""

    ACCEPTED = "accepted"
    PICKING = "picking"
    PICKED = "picked"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class WarehouseLabel(Value):
    """The label of a warehouse that ships with its own.

    ``carrier`` is one of ours where its name there is mapped, else as it is
    called there; None where it is not told. ``cost_cents`` is what the
    warehouse charges for carriage, None until it says so.
    """

    tracking_number: Annotated[str, Field(min_length=1)]
    carrier: CarrierId | None = None
    service: str = ""
    tracking_url: str = ""
    cost_cents: Count | None = None
    currency: str = "USD"


class WarehouseOrder(Value):
    """The warehouse's own view of what we released.

    ``shipped`` holds the units really handed over, once shipped; ``short``
    those it could not pick. ``label`` and ``delivered_at`` are told by those
    that ship with labels of their own.
    """

    id: str
    key: OperationKey
    fc: FcId
    parcel_id: ParcelId
    status: WorkStatus
    shipped: tuple[Line, ...] = ()
    short: tuple[Line, ...] = ()
    shipped_at: Instant | None = None
    tracking_number: str = ""
    label: WarehouseLabel | None = None
    delivered_at: Instant | None = None
    raw: Raw = ""


class CancelOutcome(StrEnum):
    """What became of asking a warehouse to stop.

    ``requested`` is not ``cancelled``: until the warehouse confirms, the goods
    may still leave.
    """

    CANCELLED = "cancelled"
    REQUESTED = "requested"
    TOO_LATE = "too-late"
    NEVER_RELEASED = "never-released"


class WarehouseEvent(StrEnum):
    """What a warehouse tells us about a released order."""

    PICKED = "picked"
    SHORT_PICKED = "short-picked"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
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
    tracking_number: str = ""
    raw: Raw = ""


class StockNotice(Value):
    """A warehouse counted again: the new physical figure of one SKU."""

    event_id: str
    fc: FcId
    sku: SkuId
    on_hand: Count
    occurred_at: Instant
    raw: Raw = ""


class WarehouseChanges(Value):
    """The facts after a cursor, oldest first, and the cursor after them.

    ``problems`` are sentences on what came and could not be read; ``more``
    tells that another poll at once would find something.
    """

    notices: tuple[WarehouseNotice | StockNotice, ...] = ()
    cursor: str = ""
    more: bool = False
    problems: tuple[str, ...] = ()


class WarehouseCalendar(Value):
    """When a center works and when carriers collect, as its system has it."""

    fc: FcId
    time_zone: str
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    closed: tuple[date, ...] = ()
    pickups: tuple[Pickup, ...] = ()
    raw: Raw = ""


class StockLost(Value):
    """A recount took goods away that were held or committed for an order."""

    order_id: OrderId
    revision: Positive
    fc: FcId
    sku: SkuId
    units: Positive
