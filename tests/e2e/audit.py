"""Compares our ledger with the counterparts' books, unit by unit, label by label."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.order import FINAL, OrderStatus
from domain.shipping import ParcelStatus
from lanewise.world import agreement
from lanewise.world.books import audit
from store import orders, parcels, stock
from store.claims import Books, Stage
from store.engine import Store
from store.orders import StoredOrder
from store.parcels import ParcelRecord


@dataclass(frozen=True)
class Ours:
    """What our store says of everything."""

    ledger: Books
    orders: dict[str, StoredOrder]
    parcels: dict[str, ParcelRecord]

    def ended(self, order_id: str) -> bool:
        return self.orders[order_id].status in FINAL


def disagreements(store: Store, world: dict[str, Any]) -> list[str]:
    """Say in sentences what does not add up, in either books or between them."""
    ours = _read(store)
    return [
        *audit(world),
        *agreement.disagreements(ours.ledger, world),
        *_claims(ours),
        *_fulfilled(ours),
        *_floors(ours, world),
        *_labels(ours, world),
    ]


def standing_labels(world: dict[str, Any]) -> list[dict[str, Any]]:
    """List every label that was not voided."""
    return [
        label
        for carrier in world["carriers"].values()
        for label in carrier["bookings"]
        if not label["voided"]
    ]


def jobs(world: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every order that a warehouse was asked to pick, with its center."""
    for fc, warehouse in world["warehouses"].items():
        for job in warehouse["orders"]:
            yield fc, job


def _read(store: Store) -> Ours:
    with store.reading() as session:
        known = orders.listing(session, limit=1_000_000)
        return Ours(
            ledger=stock.books(session),
            orders={each.order.id: each for each in known},
            parcels={
                parcel.parcel_id: parcel
                for each in known
                for parcel in parcels.of_order(session, each.order.id)
            },
        )


def _claims(ours: Ours) -> Iterator[str]:
    """Find what is still claimed for orders that have ended."""
    for entry in ours.ledger.entries:
        claimed = entry.stage in (Stage.HELD, Stage.COMMITTED) and entry.amount
        if claimed and ours.ended(entry.order_id):
            yield (
                f"{entry.order_id} has ended, but revision {entry.revision} has "
                f"{entry.amount} {entry.resource} of {entry.sku} {entry.stage} "
                f"at {entry.fc}"
            )


def _fulfilled(ours: Ours) -> Iterator[str]:
    """Find delivered orders that are not whole, cancelled ones that left."""
    left: Counter[tuple[str, str]] = Counter()
    for shipment in ours.ledger.shipments:
        left[shipment.order_id, shipment.sku] += shipment.units
    for order_id, kept in ours.orders.items():
        if kept.status not in (OrderStatus.DELIVERED, OrderStatus.CANCELLED):
            continue
        whole = kept.status is OrderStatus.DELIVERED
        asked: Counter[str] = Counter()
        for line in kept.order.lines:
            asked[line.sku] += line.units
        for sku, units in asked.items():
            if left[order_id, sku] != units * whole:
                yield (
                    f"{order_id} is {kept.status}, with {left[order_id, sku]} "
                    f"of {units} {sku} shipped"
                )


def _floors(ours: Ours, world: dict[str, Any]) -> Iterator[str]:
    """Find what warehouses still do or set aside for orders that have ended."""
    for fc, job in jobs(world):
        if job["status"] not in ("shipped", "cancelled") and ours.ended(
            job["order_id"]
        ):
            yield f"{fc}: {job['reference']} is {job['status']} for an ended order"
    for fc, warehouse in world["warehouses"].items():
        for hold in warehouse["reservations"]:
            if any(hold["left"].values()) and ours.ended(hold["order_id"]):
                yield f"{fc}: {hold['reference']} still sets aside {hold['left']}"


def _labels(ours: Ours, world: dict[str, Any]) -> Iterator[str]:
    """Find parcels without exactly one label, and labels without a parcel."""
    standing = standing_labels(world)
    numbers = Counter(label["tracking_number"] for label in standing)
    gone = {
        job["tracking_number"]: job
        for _, job in jobs(world)
        if job["status"] == "shipped" and job["tracking_number"]
    }
    for number, job in gone.items():
        if numbers[number] != 1:
            yield f"{job['parcel_id']} left with {numbers[number]} standing labels"
    for label in standing:
        if label["tracking_number"] not in gone and ours.ended(label["order_id"]):
            yield f"{label['reference']}: a label stands, and no parcel left with it"
        yield from _kept(ours, label)
    for parcel_id, parcel in ours.parcels.items():
        live = parcel.status is not ParcelStatus.VOIDED
        if live and not numbers[parcel.tracking_number]:
            yield f"{parcel_id}: we know of {parcel.tracking_number}, no carrier does"


def _kept(ours: Ours, label: dict[str, Any]) -> Iterator[str]:
    """Compare a standing label with what we keep of its parcel."""
    mine = ours.parcels.get(label["parcel_id"])
    if mine is None:
        yield f"{label['reference']}: a label stands that we do not know"
        return
    for what, my, their in (
        ("tracking number", mine.tracking_number, label["tracking_number"]),
        ("booking", mine.booking_id, label["id"]),
        ("cost", mine.booked_cents, label["cost_cents"]),
    ):
        if my != their:
            yield f"{label['parcel_id']}: our {what} is {my}, the carrier's {their}"
