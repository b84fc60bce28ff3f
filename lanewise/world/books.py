"""What every counterpart thinks happened, for whoever wants to audit it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.warehousing import WorkStatus
from lanewise.world.carriage import Label
from lanewise.world.state import World
from lanewise.world.warehouse import Job, Warehouse


def books(world: World) -> dict[str, Any]:
    """Return the books of the whole world as one JSON document."""
    return {
        "now": world.clock.now.isoformat(),
        "warehouses": {fc: _warehouse(w) for fc, w in world.warehouses.items()},
        "carriers": _carriers(world),
        "strays": [
            {"fc": fc, "tracking_number": number}
            for fc, number in world.carriers.strays
        ],
        "webhooks": {
            name: asdict(tally) for name, tally in world.outbox.tallies.items()
        },
        "calls": dict(world.gate.faults.calls),
        "faults": {op: dict(n) for op, n in world.gate.faults.injected.items()},
    }


def audit(document: dict[str, Any]) -> list[str]:
    """Return what does not add up in the books, in sentences; empty when all does.

    Units: what was loaded, plus changes, less what counting lost and what was
    shipped, is on hand; shipped units are those of shipped orders; set aside
    is what open reservations and waiting orders hold. Labels: one standing
    label per reference, and no parcel handed over without one.
    """
    wrong = [
        sentence
        for fc, warehouse in document["warehouses"].items()
        for sentence in _audit_warehouse(fc, warehouse)
    ]
    for carrier, book in document["carriers"].items():
        standing = [b["reference"] for b in book["bookings"] if not b["voided"]]
        wrong += [
            f"{carrier}: {standing.count(reference)} standing labels for {reference}"
            for reference in sorted(set(standing))
            if standing.count(reference) > 1
        ]
    wrong += [
        f"{stray['fc']}: handed over {stray['tracking_number']} without a label"
        for stray in document["strays"]
    ]
    return wrong


def _audit_warehouse(fc: str, book: dict[str, Any]) -> list[str]:
    wrong = []
    shipped: dict[str, int] = {}
    reserved: dict[str, int] = {}
    for order in book["orders"]:
        for line in order["shipped"]:
            shipped[line["sku"]] = shipped.get(line["sku"], 0) + line["units"]
        if order["status"] in (WorkStatus.ACCEPTED, WorkStatus.PICKING):
            for line in order["lines"]:
                reserved[line["sku"]] = reserved.get(line["sku"], 0) + line["units"]
    for hold in book["reservations"]:
        for sku, units in hold["left"].items():
            reserved[sku] = reserved.get(sku, 0) + units
    for sku, shelf in book["shelves"].items():
        expected = shelf["loaded"] + shelf["changed"] - shelf["lost"] - shelf["shipped"]
        if shelf["system"] != expected:
            wrong.append(f"{fc} {sku}: {shelf['system']} on hand, not {expected}")
        for what, units in (("shipped", shipped), ("reserved", reserved)):
            if shelf[what] != units.get(sku, 0):
                wrong.append(
                    f"{fc} {sku}: {shelf[what]} {what}, "
                    f"but orders and reservations say {units.get(sku, 0)}"
                )
    return wrong


def _warehouse(warehouse: Warehouse) -> dict[str, Any]:
    return {
        "on_hand": {sku: s.system for sku, s in warehouse.shelves.items()},
        "shelves": {sku: asdict(s) for sku, s in warehouse.shelves.items()},
        "reservations": [
            {**hold.wire(), "order_id": hold.order_id, "left": dict(hold.left)}
            for hold in warehouse.holds
        ],
        "orders": [_job(job) for job in warehouse.jobs],
    }


def _job(job: Job) -> dict[str, Any]:
    return {
        **job.wire(),
        "reservation_reference": job.body.reservation_reference,
        "tracking_number": job.body.tracking_number,
        "lines": [line.model_dump() for line in job.body.lines],
    }


def _carriers(world: World) -> dict[str, Any]:
    accounts: dict[str, Any] = {}
    for label in world.carriers.labels:
        account = accounts.setdefault(
            str(label.body.carrier), {"bookings": [], "charged_cents": 0}
        )
        account["bookings"].append(_label(label))
        if label.voided_at is None:
            account["charged_cents"] += label.cost_cents
    return accounts


def _label(label: Label) -> dict[str, Any]:
    ended = label.scans[-1] if label.scans else {}
    delivered = ended.get("status") == "delivered"
    return {
        **label.wire(),
        "order_id": label.body.order_id,
        "parcel_id": label.body.parcel_id,
        "fc": label.body.fc,
        "status": label.status,
        "booked_at": label.booked_at.isoformat(),
        "voided_at": _iso(label.voided_at),
        "handed_over_at": _iso(label.handed_over_at),
        "delivered_at": ended["occurred_at"] if delivered else None,
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
