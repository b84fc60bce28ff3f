"""What a plan takes from the ledgers: stock, and capacity on the day it leaves."""

from datetime import datetime

from domain.network import Network
from domain.plan import Plan
from domain.quantities import OrderId
from store.claims import CapacityClaim, Claim, Resource, StockClaim


def claim_of(
    plan: Plan, revision: int, network: Network, expires_at: datetime | None
) -> Claim:
    """Return everything the plan needs held, against the network's limits.

    Lines and orders count on the center's local day of the handover, parcels
    on the same day per carrier.
    """
    stock: list[StockClaim] = []
    capacity: list[CapacityClaim] = []
    for parcel in plan.parcels:
        center = network.center(parcel.fc)
        day = center.local_day(parcel.hand_over_at)
        stock += [
            StockClaim(fc=parcel.fc, sku=line.sku, units=line.units)
            for line in parcel.lines
        ]
        lines = center.capacity_lines
        pickup = center.pickup_of(parcel.carrier)
        for kind, carrier, amount, limit in (
            (
                Resource.LINES,
                None,
                len(parcel.lines),
                None if lines is None else lines + center.over_capacity_lines,
            ),
            (Resource.ORDERS, None, 1, center.capacity_orders),
            (Resource.PARCELS, parcel.carrier, 1, pickup and pickup.capacity_parcels),
        ):
            if limit is not None:
                capacity.append(
                    CapacityClaim(
                        kind=kind,
                        fc=parcel.fc,
                        carrier=carrier,
                        day=day,
                        amount=amount,
                        limit=limit,
                    )
                )
    return Claim(
        order_id=OrderId(plan.order_id),
        revision=revision,
        expires_at=expires_at,
        stock=tuple(stock),
        capacity=tuple(capacity),
        counts_stock=network.counts_stock,
    )
