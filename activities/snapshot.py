"""What a joint decision sees of the store at one instant."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from activities.forecasting import cold_ends
from domain.network import Network
from domain.order import Line, Order
from domain.quantities import FcId, Place, SkuId
from optimizer.problem import Problem, Task
from store import hazards as hazard_store
from store import network as network_store
from store import stock
from store.claims import LedgerEntry, Resource, Taken


def problem_of(
    session: Session,
    network: Network,
    tasks: tuple[Task, ...],
    now: datetime,
    own: Iterable[LedgerEntry] = (),
) -> Problem:
    """Return the tasks with everything that bounds them, as of now.

    ``own`` are claims that count as free, because the decision replaces them.
    """
    skus = tuple(sorted({line.sku for task in tasks for line in task.lines}))
    free = stock.free(session, now, skus)
    taken = stock.taken(session, now)
    for entry in own:
        _give_back(entry, free, taken)
    return Problem(
        as_of=now,
        network=network,
        skus=network_store.skus(session, skus),
        tasks=tasks,
        stock=free,
        hazards=hazard_store.in_force(session, now),
        fc_lines={
            (center.id, day): center.capacity_lines - n
            for (fc, day), n in taken.lines.items()
            if (center := network.center(fc)).capacity_lines is not None
        },
        fc_orders={
            (center.id, day): max(0, center.capacity_orders - n)
            for (fc, day), n in taken.orders.items()
            if (center := network.center(fc)).capacity_orders is not None
        },
        carrier_parcels={
            (fc, carrier, day): max(0, pickup.capacity_parcels - n)
            for (fc, carrier, day), n in taken.parcels.items()
            if (pickup := network.center(fc).pickup_of(carrier)) is not None
            and pickup.capacity_parcels is not None
        },
        vehicle_g={key: grams for key, grams in taken.vehicle_g.items() if grams},
    )


def ends_of(
    session: Session, network: Network, order: Order, lines: Iterable[Line]
) -> tuple[Place, ...]:
    """Return where weather matters to lines of an order; nowhere, if none is cold."""
    wanted = tuple(lines)
    skus = network_store.skus(session, sorted({line.sku for line in wanted}))
    return cold_ends(network, skus, wanted, order.ship_to)


def _give_back(
    entry: LedgerEntry, free: dict[tuple[FcId, SkuId], int], taken: Taken
) -> None:
    if entry.resource is Resource.STOCK and entry.sku is not None:
        free[entry.fc, entry.sku] = free.get((entry.fc, entry.sku), 0) + entry.amount
    elif entry.day is None:
        return
    elif entry.resource is Resource.PARCELS and entry.carrier is not None:
        taken.parcels[entry.fc, entry.carrier, entry.day] -= entry.amount
    elif entry.resource is Resource.VEHICLES and entry.carrier is not None:
        taken.vehicle_g[entry.fc, entry.carrier, entry.day] -= entry.amount
    elif entry.resource is Resource.LINES:
        taken.lines[entry.fc, entry.day] -= entry.amount
    elif entry.resource is Resource.ORDERS:
        taken.orders[entry.fc, entry.day] -= entry.amount
