"""Compares our ledger with what the warehouses' own books say, unit by unit."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from store.claims import Books


def disagreements(ledger: Books, books: dict[str, Any]) -> list[str]:
    """Return where our ledger and the warehouses differ, in sentences."""
    return [*counts(ledger, books), *departures(ledger, books)]


def agreed(ledger: Books, books: dict[str, Any]) -> str:
    """Say in a sentence what was compared."""
    warehouses = books["warehouses"]
    kinds = sum(len(warehouse["on_hand"]) for warehouse in warehouses.values())
    units = sum(shipment.units for shipment in ledger.shipments)
    return (
        f"Our ledger and the books of {len(warehouses)} warehouses agree: "
        f"{kinds:,} counts of goods, {units:,} units that left."
    )


def counts(ledger: Books, books: dict[str, Any]) -> Iterator[str]:
    """Compare on hand, center by center and SKU by SKU."""
    theirs = {
        (fc, sku): units
        for fc, warehouse in books["warehouses"].items()
        for sku, units in warehouse["on_hand"].items()
    }
    for cell in sorted(theirs.keys() | ledger.on_hand.keys()):
        fc, sku = cell
        mine, other = ledger.on_hand.get((fc, sku), 0), theirs.get(cell, 0)
        if mine != other:
            yield f"{fc} {sku}: we count {mine} on hand, the warehouse {other}"


def departures(ledger: Books, books: dict[str, Any]) -> Iterator[str]:
    """Compare the units that left, per order, center and SKU."""
    mine: Counter[tuple[str, str, str]] = Counter()
    for left in ledger.shipments:
        mine[left.order_id, left.fc, left.sku] += left.units
    theirs: Counter[tuple[str, str, str]] = Counter()
    for fc, warehouse in books["warehouses"].items():
        for job in warehouse["orders"]:
            for line in job["shipped"]:
                theirs[job["order_id"], fc, line["sku"]] += line["units"]
    for cell in sorted(mine.keys() | theirs.keys()):
        if mine[cell] != theirs[cell]:
            yield f"{cell}: we say {mine[cell]} left, the warehouse {theirs[cell]}"
