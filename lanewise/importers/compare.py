"""An assignment that was made elsewhere, held against the network's own rules.

It knows nothing of the optimizer: whoever sends what from where, the same few
questions are asked of it, and of Lanewise's own plans.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.network import CarrierService, FulfillmentCenter, Network, ServiceMode
from domain.order import Order
from domain.plan import Plan
from domain.quantities import FcId, OrderId, SkuId
from domain.sku import Sku


@dataclass(frozen=True, slots=True)
class Assigned:
    """One order sent whole from a center; ``by`` is a service, or its carrier."""

    order: Order
    fc: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule an assignment breaks, and how."""

    order_id: OrderId
    limit: str
    why: str


def assigned_by_source(orders: Iterable[Order]) -> list[Assigned]:
    """List what another system had chosen, for the orders that say so."""
    return [
        Assigned(order, order.source_fc, order.source_service)
        for order in orders
        if order.source_fc is not None
    ]


def assigned_by_plan(
    orders: Mapping[OrderId, Order], plans: Iterable[Plan]
) -> list[Assigned]:
    """List what plans chose; orders of several parcels have no one center."""
    return [
        Assigned(orders[plan.order_id], plan.parcels[0].fc, plan.parcels[0].service)
        for plan in plans
        if len(plan.parcels) == 1
    ]


def breaches(
    assigned: Iterable[Assigned],
    network: Network,
    skus: Mapping[SkuId, Sku],
    stock: Mapping[tuple[FcId, SkuId], int] | None = None,
) -> list[Breach]:
    """List every rule the assignment breaks.

    First what each order breaks by itself, in the order given; then, over all
    of them, capacity in orders a day and counted stock: of those that together
    exceed a limit, the ones that came last break it.
    """
    every = list(assigned)
    centers = {center.id: center for center in network.centers}
    found = [b for each in every for b in _of_one(each, centers, network, skus)]
    found += _beyond_orders(every, centers)
    if network.counts_stock:
        somewhere = [each for each in every if each.fc in centers]
        found += _beyond_stock(somewhere, stock or {})
    return found


def _of_one(
    each: Assigned,
    centers: Mapping[FcId, FulfillmentCenter],
    network: Network,
    skus: Mapping[SkuId, Sku],
) -> Iterator[Breach]:
    order, center = each.order, centers.get(FcId(each.fc))
    if center is None:
        yield Breach(order.id, "center", f"there is no center {each.fc}")
        return
    only = center.only_customers
    if only is not None and order.customer_id not in only:
        why = f"{center.id} does not serve customer {order.customer_id}"
        yield Breach(order.id, "only-customers", why)
    if not network.counts_stock:
        for line in order.lines:
            if center.id not in network.stocked_at.get(line.sku, ()):
                why = f"{center.id} does not carry {line.sku}"
                yield Breach(order.id, "stock", why)
    yield from _by_what(each, center, network, _weight_g(order, skus))


def _weight_g(order: Order, skus: Mapping[SkuId, Sku]) -> int:
    if order.weight_g is not None:
        return order.weight_g
    return sum(skus[x.sku].weight_g * x.units for x in order.lines if x.sku in skus)


def _by_what(
    each: Assigned, center: FulfillmentCenter, network: Network, weight_g: int
) -> Iterator[Breach]:
    order = each.order
    named = [s for s in network.services if each.by in (None, s.id, s.carrier)]
    fitting = [
        service
        for service in named
        if (service.mode is ServiceMode.PICKUP) == order.pickup
    ]
    if not named:
        yield Breach(order.id, "service", f"there is no service {each.by}")
    elif not fitting:
        wish = "is collected" if order.pickup else "is to be sent"
        yield Breach(order.id, "pickup", f"{each.by}, but the order {wish}")
    elif order.pickup:
        if not center.pickup_counter:
            yield Breach(order.id, "pickup", f"{center.id} has no pickup counter")
    else:
        yield from _by_lane(each, center, fitting, weight_g)


def _by_lane(
    each: Assigned,
    center: FulfillmentCenter,
    services: list[CarrierService],
    weight_g: int,
) -> Iterator[Breach]:
    """Judge services priced by port-to-port lanes; zones reach by distance."""
    if any(not service.lanes for service in services):
        return
    to = each.order.ship_to.postal_code
    lanes = [
        lane
        for service in services
        for lane in service.lanes
        if lane.origin in center.ports and lane.destination == to
    ]
    name = each.by or "any service"
    if not lanes:
        ports = ", ".join(center.ports) or "no port"
        why = f"{name} has no lane from {ports} to {to}"
        yield Breach(each.order.id, "no-lane", why)
    elif not any(
        lane.min_g <= weight_g and (lane.max_g is None or weight_g < lane.max_g)
        for lane in lanes
    ):
        why = f"{name} has no weight band for {weight_g} g"
        yield Breach(each.order.id, "weight-band", why)


def _beyond_orders(
    every: list[Assigned], centers: Mapping[FcId, FulfillmentCenter]
) -> Iterator[Breach]:
    taken: Counter[str] = Counter()
    for each in every:
        taken[each.fc] += 1
        center = centers.get(FcId(each.fc))
        most = center.capacity_orders if center else None
        if most is not None and taken[each.fc] > most:
            why = f"order {taken[each.fc]} of the {most} {each.fc} takes in a day"
            yield Breach(each.order.id, "capacity-orders", why)


def _beyond_stock(
    every: list[Assigned], stock: Mapping[tuple[FcId, SkuId], int]
) -> Iterator[Breach]:
    taken: Counter[tuple[FcId, SkuId]] = Counter()
    for each in every:
        for line in each.order.lines:
            key = (FcId(each.fc), line.sku)
            taken[key] += line.units
            if taken[key] > stock.get(key, 0):
                why = f"{line.units} units of {line.sku} beyond {stock.get(key, 0)}"
                yield Breach(each.order.id, "stock", why)
