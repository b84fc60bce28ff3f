"""What a plan takes from the ledgers: stock, capacity of its day, and vehicles."""

from datetime import date, datetime

from domain.network import Network
from domain.plan import Parcel, Plan
from domain.quantities import CarrierId, OrderId
from store.claims import CapacityClaim, Claim, Resource, StockClaim


def claim_of(
    plan: Plan, revision: int, network: Network, expires_at: datetime | None
) -> Claim:
    """Return everything the plan needs held, against the network's limits.

    Lines and orders count on the center's local day of the handover, parcels
    on the same day per carrier, grams per run of shared vehicles: whoever is
    decided later that day finds them paid.
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
        if parcel.run:
            capacity.append(_riding(parcel, network, day))
    return Claim(
        order_id=OrderId(plan.order_id),
        revision=revision,
        expires_at=expires_at,
        stock=tuple(stock),
        capacity=tuple(capacity),
        counts_stock=network.counts_stock,
    )


def _riding(parcel: Parcel, network: Network, day: date) -> CapacityClaim:
    """Return a parcel's claim of the vehicles that it shares."""
    vehicle = network.runs[parcel.fc, parcel.run]
    most = None if vehicle.most is None else vehicle.most * vehicle.capacity_g
    return CapacityClaim(
        kind=Resource.VEHICLES,
        fc=parcel.fc,
        carrier=CarrierId(parcel.run),
        day=day,
        amount=parcel.billable_g,
        limit=most,
    )
