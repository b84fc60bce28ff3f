"""What an order source (a shop, a marketplace) tells us, and what we tell it."""

from enum import StrEnum

from domain.order import Line, Order
from domain.quantities import CarrierId, Count, Instant, OrderId, Text, Value
from domain.wire import Raw


class SourceStatus(StrEnum):
    """What the source says of an order of its own."""

    OPEN = "open"
    ON_HOLD = "on-hold"
    CANCELLED = "cancelled"
    FULFILLED = "fulfilled"
    UNKNOWN = "unknown"


class SourceOrder(Value):
    """One order as its source has it.

    ``order`` is None where it cannot be read; ``problem`` then says why, in
    one sentence that names field, value and remedy. One unreadable order never
    keeps the others back.
    """

    source_id: Text
    changed_at: Instant
    status: SourceStatus = SourceStatus.OPEN
    order: Order | None = None
    problem: str = ""
    raw: Raw = ""


class OrderPage(Value):
    """Orders after a cursor, in the source's order, and the cursor after them."""

    orders: tuple[SourceOrder, ...] = ()
    cursor: str = ""
    more: bool = False


class Acknowledgment(Value):
    """Tell the source that an order was taken, or why it was not."""

    source_id: Text
    order_id: OrderId | None = None
    accepted: bool = True
    reason: str = ""


class ShipmentNotice(Value):
    """Tell the source that (a part of) an order was shipped; told twice is once."""

    key: Text
    source_id: Text
    order_id: OrderId
    carrier: CarrierId
    service: str
    tracking_number: str
    lines: tuple[Line, ...]
    shipped_at: Instant
    cost_cents: Count | None = None
    currency: str = "USD"
