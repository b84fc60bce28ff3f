"""The verifier's own count of what orders share: stock, days, trucks, vehicles."""

from collections import Counter
from datetime import date
from typing import Any

from domain.network import FulfillmentCenter, ServiceMode
from domain.plan import CostTerm, Plan
from verification.packing import Wrongs
from verification.times import local_day
from verification.vehicles import vehicle_wrongs


def shared_wrongs(problem: Any, plans: list[tuple[Any, Plan]]) -> Wrongs:
    """Count what all plans take together, and yield what there is not enough of."""
    stock: Counter[tuple[str, str]] = Counter()
    lines: Counter[tuple[str, date]] = Counter()
    orders: Counter[tuple[str, date]] = Counter()
    parcels: Counter[tuple[str, str, date]] = Counter()
    centers = {center.id: center for center in problem.network.centers}
    for _, plan in plans:
        for parcel in plan.parcels:
            if parcel.fc not in centers:
                continue
            day = local_day(parcel.hand_over_at, centers[parcel.fc].time_zone)
            lines[parcel.fc, day] += len(parcel.lines)
            orders[parcel.fc, day] += 1
            if parcel.mode is not ServiceMode.PICKUP:
                parcels[parcel.fc, parcel.carrier, day] += 1
            for line in parcel.lines:
                stock[parcel.fc, line.sku] += line.units
    if problem.network.counts_stock:
        for key, units in stock.items():
            if units > problem.stock.get(key, 0):
                yield "stock", f"{units} of {key}, free {problem.stock.get(key, 0)}"
    yield from _orders_a_day(problem, centers, orders)
    yield from _lines_a_day(problem, centers, lines, plans)
    yield from _trucks(problem, centers, parcels)
    yield from vehicle_wrongs(problem, plans)


def _orders_a_day(
    problem: Any,
    centers: dict[str, FulfillmentCenter],
    orders: Counter[tuple[str, date]],
) -> Wrongs:
    for (fc, day), count in orders.items():
        most = problem.fc_orders.get((fc, day), centers[fc].capacity_orders)
        if most is not None and count > most:
            yield "capacity-orders", f"{count} at {fc} on {day}, at most {most}"


def _lines_a_day(
    problem: Any,
    centers: dict[str, FulfillmentCenter],
    lines: Counter[tuple[str, date]],
    plans: list[tuple[Any, Plan]],
) -> Wrongs:
    charged = sum(plan.cost.get(CostTerm.OVER_CAPACITY, 0) for _, plan in plans)
    owed = 0
    for (fc, day), count in lines.items():
        center = centers[fc]
        at_ease = problem.fc_lines.get((fc, day), center.capacity_lines)
        if at_ease is None:
            continue
        over = max(0, count - max(0, at_ease))
        if over > max(0, center.over_capacity_lines + min(0, at_ease)):
            yield "capacity-lines", f"{count} lines at {fc} on {day}, {at_ease} free"
        owed += over * center.over_capacity_cents_per_line
    if charged != owed:
        yield "cost over-capacity", f"{charged} cents in all, should be {owed}"


def _trucks(
    problem: Any,
    centers: dict[str, FulfillmentCenter],
    parcels: Counter[tuple[str, str, date]],
) -> Wrongs:
    for (fc, carrier, day), count in parcels.items():
        trucks = [
            pickup.capacity_parcels
            for pickup in centers[fc].pickups
            if pickup.carrier == carrier and day.weekday() in pickup.weekdays
        ]
        limited = bool(trucks) and None not in trucks
        declared = sum(t or 0 for t in trucks) if limited else None
        most = problem.carrier_parcels.get((fc, carrier, day), declared)
        if most is not None and count > most:
            yield "carrier-parcels", f"{count} by {carrier} at {fc} on {day}: {most}"
