"""What may be claimed of stock and capacity, and what the ledgers answer."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.quantities import (
    CarrierId,
    Count,
    FcId,
    Instant,
    OrderId,
    Positive,
    SkuId,
    Value,
)


class Resource(StrEnum):
    """What can run short."""

    STOCK = "stock"
    LINES = "lines"
    ORDERS = "orders"
    PARCELS = "parcels"
    VEHICLES = "vehicles"


class Stage(StrEnum):
    """Where a claim stands; only held and committed ones count as taken.

    Used capacity counts too: the work of a shipped order was really done.
    """

    HELD = "held"
    COMMITTED = "committed"
    SHIPPED = "shipped"
    RELEASED = "released"
    EXPIRED = "expired"
    LOST = "lost"


class StockClaim(Value):
    """Units of one SKU in one center."""

    fc: FcId
    sku: SkuId
    units: Positive


class CapacityClaim(Value):
    """A share of one center's day, of a carrier's pickup there, or of vehicles.

    ``kind`` is lines, orders, parcels, or grams on vehicles, of which ``carrier``
    then is the run. ``limit`` is what that day can take in all; None only keeps
    count.
    """

    kind: Resource
    fc: FcId
    carrier: CarrierId | None = None
    day: date
    amount: Positive
    limit: Count | None = None


class Claim(Value):
    """Everything one revision of an order needs, all or nothing.

    ``expires_at`` None means never. Without ``counts_stock`` the units are not
    looked at: the network keeps no count.
    """

    order_id: OrderId
    revision: Positive
    expires_at: Instant | None = None
    stock: tuple[StockClaim, ...] = ()
    capacity: tuple[CapacityClaim, ...] = ()
    counts_stock: bool = True

    def digest(self) -> str:
        """Return a fingerprint of what is claimed, whatever its order or expiry."""
        parts = [
            *(f"{cell}={units}" for cell, units in sorted(self.units().items())),
            *(f"{cell}={amount}" for cell, (amount, _) in sorted(self.work().items())),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def units(self) -> dict[tuple[str, str], int]:
        """Return the units asked per center and SKU; none where none are counted."""
        asked: dict[tuple[str, str], int] = {}
        for claim in self.stock if self.counts_stock else ():
            cell = (claim.fc, claim.sku)
            asked[cell] = asked.get(cell, 0) + claim.units
        return asked

    def work(self) -> dict[tuple[str, str, str, date], tuple[int, int | None]]:
        """Return amount and smallest limit per kind, center, carrier and day."""
        asked: dict[tuple[str, str, str, date], tuple[int, int | None]] = {}
        for claim in self.capacity:
            cell = (claim.kind.value, claim.fc, claim.carrier or "", claim.day)
            amount, limit = asked.get(cell, (0, None))
            limits = [each for each in (limit, claim.limit) if each is not None]
            asked[cell] = (amount + claim.amount, min(limits, default=None))
        return asked


class Held(Value):
    """The claim is held, now or already before."""

    order_id: OrderId
    revision: Positive


class Lack(Value):
    """One thing there was not enough of."""

    resource: Resource
    fc: FcId
    sku: SkuId | None = None
    carrier: CarrierId | None = None
    day: date | None = None
    asked: Positive
    free: Count

    def __str__(self) -> str:
        """Say it in one clause, with figures."""
        where = " ".join(
            word
            for word in (
                self.sku,
                self.carrier and f"by {self.carrier}",
                f"at {self.fc}",
                self.day and f"on {self.day.isoformat()}",
            )
            if word
        )
        return f"{self.resource.value} {where}: asked {self.asked}, free {self.free}"


class Refused(Value):
    """Nothing was held, and what there was not enough of."""

    order_id: OrderId
    revision: Positive
    lacks: tuple[Lack, ...]

    def __str__(self) -> str:
        """Say all that lacked, in one line."""
        return "; ".join(str(lack) for lack in self.lacks)


class LostHold(Value):
    """A claim that a recount took the goods from."""

    order_id: OrderId
    revision: Positive
    fc: FcId
    sku: SkuId
    units: Positive
    committed: bool = False


class LedgerEntry(Value):
    """One claim as the books have it; ``amount`` is what is outstanding."""

    order_id: OrderId
    revision: Positive
    resource: Resource
    fc: FcId
    sku: SkuId | None = None
    carrier: CarrierId | None = None
    day: date | None = None
    claimed: Positive
    amount: Count
    stage: Stage
    expires_at: Instant | None = None

    def live(self, now: Instant) -> bool:
        """Tell whether it still keeps the goods from others."""
        if self.stage is Stage.HELD:
            return self.expires_at is None or self.expires_at > now
        return self.stage is Stage.COMMITTED


class Shipment(Value):
    """Units of one SKU that left a center."""

    order_id: OrderId
    revision: Positive
    fc: FcId
    key: str
    sku: SkuId
    units: Positive
    shipped_at: Instant


@dataclass(frozen=True, slots=True)
class Taken:
    """Capacity already given out, to be subtracted from the limits."""

    lines: dict[tuple[FcId, date], int]
    orders: dict[tuple[FcId, date], int]
    parcels: dict[tuple[FcId, CarrierId, date], int]
    vehicle_g: dict[tuple[FcId, str, date], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Books:
    """The whole ledger at one instant, for audits."""

    on_hand: dict[tuple[FcId, SkuId], int]
    entries: tuple[LedgerEntry, ...]
    shipments: tuple[Shipment, ...]
