"""Tryton's records, both ways; pure.

A reservation is a customer shipment whose goods are assigned as far as they
go. What the floor is to know stands in a note on the shipment.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor
from typing import Any

from connectors.tryton.records import Move, Product, Shipment, Warehouse
from connectors.tryton.references import reference
from domain.order import Line
from domain.quantities import FcId, OrderId, ParcelId, SkuId
from domain.warehousing import (
    ReleaseOrder,
    Reservation,
    ReservedLine,
    ReserveStock,
    WarehouseOrder,
    WorkStatus,
)
from domain.wire import raw_of

# Until here the floor has not touched the goods, and we may take them back.
UNTOUCHED = frozenset({"draft", "waiting", "assigned"})
LEFT = frozenset({"shipped", "done"})
STATUSES: Mapping[str, WorkStatus] = {
    "draft": WorkStatus.ACCEPTED,
    "waiting": WorkStatus.ACCEPTED,
    "assigned": WorkStatus.ACCEPTED,
    "picked": WorkStatus.PICKED,
    "packed": WorkStatus.PICKED,
    "shipped": WorkStatus.SHIPPED,
    "done": WorkStatus.SHIPPED,
    "cancelled": WorkStatus.CANCELLED,
}
_PROGRESS: tuple[str, ...] = (
    *("cancelled", "draft", "waiting", "assigned"),
    *("picked", "packed", "shipped", "done"),
)
_FLOAT_NOISE = 1e-6


@dataclass(frozen=True)
class Site:
    """A center's warehouse and what every shipment from it has in common."""

    fc: FcId
    warehouse: Warehouse
    company: int
    currency: int
    customer: int
    address: int
    customer_location: int

    @property
    def storage(self) -> int:
        return self.warehouse.picking_location or self.warehouse.storage_location

    @property
    def output(self) -> int:
        return self.warehouse.output_location

    @property
    def context(self) -> dict[str, Any]:
        return {"company": self.company}


@dataclass(frozen=True)
class Instructions:
    """What a note of ours says: whose parcel, how it goes, what was asked."""

    order_id: OrderId
    parcel_id: ParcelId
    tracking_number: str
    lines: dict[str, int]


@dataclass(frozen=True)
class Work:
    """A shipment with its moves and what we wrote on it."""

    site: Site
    shipment: Shipment
    moves: tuple[Move, ...]
    told: Instructions | None = None

    @property
    def outgoing(self) -> tuple[Move, ...]:
        """Return the moves to the customer."""
        return tuple(m for m in self.moves if m.from_location == self._leaves_from)

    @property
    def assignable(self) -> tuple[Move, ...]:
        """Return the moves that take goods from the shelf."""
        if self.site.output == self.site.storage:
            return self.outgoing
        return tuple(
            m
            for m in self.moves
            if m.to_location == self.site.output and m.from_location != self.site.output
        )

    @property
    def asked(self) -> dict[str, int]:
        return _units(m for m in self.outgoing if m.state != "cancelled")

    @property
    def assigned(self) -> dict[str, int]:
        return _units(m for m in self.assignable if m.state in ("assigned", "done"))

    @property
    def picked_at(self) -> datetime | None:
        """Return when the last goods were taken from the shelf."""
        times = [m.written_at for m in self.assignable if m.state == "done"]
        return max((t for t in times if t), default=self.shipment.written_at)

    @property
    def left_at(self) -> datetime | None:
        """Return when the goods left the building."""
        times = [m.written_at for m in self.outgoing if m.state == "done"]
        return max((t for t in times if t), default=self.shipment.written_at)

    @property
    def short(self) -> dict[str, int]:
        """Return what was asked of the floor and not picked, once it was picked."""
        if self.told is None or self.shipment.state in UNTOUCHED | {"cancelled"}:
            return {}
        gone = self.asked
        missing = {sku: n - gone.get(sku, 0) for sku, n in self.told.lines.items()}
        return {sku: n for sku, n in missing.items() if n > 0}

    @property
    def _leaves_from(self) -> int:
        return self.site.output


def shipment_values(
    order: ReserveStock, site: Site, products: Mapping[str, Product]
) -> dict[str, Any]:
    """Say what is to be set aside."""
    moves = [
        {
            **{"product": products[sku].id, "unit": products[sku].default_uom},
            **{"quantity": units, "company": site.company, "currency": site.currency},
            **{"from_location": site.output, "to_location": site.customer_location},
            "unit_price": {"__class__": "Decimal", "decimal": "0"},
        }
        for sku, units in summed(order.lines).items()
    ]
    return {
        **{"reference": reference(order.key), "company": site.company},
        **{"customer": site.customer, "delivery_address": site.address},
        **{"warehouse": site.warehouse.id, "warehouse_storage": site.storage},
        **{"warehouse_output": site.output, "outgoing_moves": [["create", moves]]},
    }


def note_text(order: ReleaseOrder) -> str:
    """Write what the floor is to know; the last line is for us."""
    lines = summed(order.lines)
    kept = {
        **{"order_id": order.order_id, "parcel_id": order.parcel_id},
        **{"tracking_number": order.tracking_number, "lines": lines},
    }
    carried = f"{order.service} {order.tracking_number}".strip()
    return "\n".join(
        [
            f"Parcel {order.parcel_id} of order {order.order_id}: {carried}",
            f"Hand over by {order.hand_over_at:%Y-%m-%d %H:%M} UTC",
            *(f"{units} x {sku}" for sku, units in lines.items()),
            *(
                f"Pack in {carton.carton or 'its own box'} ({carton.method}): "
                + ", ".join(f"{line.units} x {line.sku}" for line in carton.lines)
                for carton in order.cartons
            ),
            json.dumps(kept, separators=(",", ":")),
        ]
    )


def parse_note(text: str) -> Instructions | None:
    """Read a note back; None where it is not ours or was written over."""
    try:
        kept = json.loads(text.strip().rpartition("\n")[2])
        return Instructions(
            order_id=OrderId(str(kept["order_id"])),
            parcel_id=ParcelId(str(kept["parcel_id"])),
            tracking_number=str(kept["tracking_number"]),
            lines={str(sku): int(n) for sku, n in kept["lines"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def reservation(work: Work, key: str) -> Reservation:
    """Return how much of what was asked is assigned."""
    assigned = work.assigned
    return Reservation(
        id=str(work.shipment.id),
        key=key,
        fc=work.site.fc,
        lines=tuple(
            ReservedLine(sku=SkuId(sku), asked=n, reserved=min(n, assigned.get(sku, 0)))
            for sku, n in work.asked.items()
            if n > 0
        ),
        raw=raw_of(work.shipment.model_dump(mode="json")),
    )


def warehouse_order(work: Work, key: str) -> WarehouseOrder:
    """Return where a released shipment stands."""
    left = work.shipment.state in LEFT
    told = work.told
    return WarehouseOrder(
        id=str(work.shipment.id),
        key=key,
        fc=work.site.fc,
        parcel_id=told.parcel_id if told else ParcelId(key),
        status=STATUSES.get(work.shipment.state, WorkStatus.UNKNOWN),
        shipped=lines_of(work.asked) if left else (),
        short=lines_of(work.short),
        shipped_at=work.left_at if left else None,
        tracking_number=told.tracking_number if told else "",
        raw=raw_of(work.shipment.model_dump(mode="json")),
    )


def overdrawn(work: Work, taken: Sequence[Move], missing: Mapping[str, float]) -> bool:
    """Tell whether a shipment has units that were already somebody else's.

    Parameters
    ----------
    taken
        Every assigned move of the goods in question, this shipment's too.
    missing
        How many units more are assigned than there are; who came last has them.
    """
    latest_first = sorted(taken, key=_assigned_at, reverse=True)
    for sku, units in missing.items():
        left = units
        for move in (m for m in latest_first if m.product.code == sku):
            if left < _FLOAT_NOISE:
                break
            if move.shipment == work.shipment.name:
                return True
            left -= move.units
    return False


def progress(shipment: Shipment) -> tuple[int, int]:
    """Order shipments of one key: the one furthest on, then the oldest, is last."""
    known = shipment.state in _PROGRESS
    return (_PROGRESS.index(shipment.state) if known else -1, -shipment.id)


def summed(lines: Iterable[Line]) -> dict[str, int]:
    """Add lines of the same SKU up."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.units
    return units


def lines_of(units: Mapping[str, int]) -> tuple[Line, ...]:
    """Return lines of the units there are."""
    return tuple(Line(sku=SkuId(sku), units=n) for sku, n in units.items() if n > 0)


def whole(quantity: float | None) -> int:
    """Return the whole units of a quantity; below nothing there is nothing."""
    return max(0, floor((quantity or 0.0) + _FLOAT_NOISE))


def _assigned_at(move: Move) -> tuple[datetime, int]:
    return (move.written_at or datetime.max.replace(tzinfo=UTC), move.id)


def _units(moves: Iterable[Move]) -> dict[str, int]:
    found: dict[str, float] = {}
    for move in moves:
        sku = move.product.code or f"product {move.product.id}"
        found[sku] = found.get(sku, 0.0) + move.units
    return {sku: whole(quantity) for sku, quantity in found.items()}
