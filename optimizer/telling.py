"""Writes an option down: parcels with their cartons, and the cents of each."""

from collections.abc import Iterator, Mapping

from domain.forecast import Outside
from domain.network import FulfillmentMode, ServiceMode
from domain.plan import CostTerm, PackedCarton, Parcel
from optimizer.options import Option, parcel_terms
from optimizer.pricing import Cents, as_cost, billable_g, with_term
from optimizer.problem import Task
from optimizer.resources import Kind, Resource
from optimizer.ways import Way

# The term under which an order bears its part of each kind of what is shared.
BORNE_AS = {
    Kind.FC_LINES: CostTerm.OVER_CAPACITY,
    Kind.VEHICLE_G: CostTerm.VEHICLE,
}
NOTHING: Mapping[Resource, int] = {}


def parcels(
    task: Task, option: Option, beyond: Mapping[Resource, int] = NOTHING
) -> tuple[Parcel, ...]:
    """Write an option's parcels down, with their cents of what is shared.

    Those without any are kept with the option.
    """
    if beyond:
        return tuple(_parcels(task, option, beyond))
    if option.parcels is None:
        option.parcels = tuple(_parcels(task, option, beyond))
    return option.parcels


def _parcels(
    task: Task, option: Option, beyond: Mapping[Resource, int]
) -> Iterator[Parcel]:
    priced = parcel_terms(option, task.policy.money.split_cents)
    for way, cents in zip(option.ways, priced, strict=True):
        fc = way.lane.center.id
        for resource, value in beyond.items():
            if resource.fc == fc:
                cents = with_term(cents, BORNE_AS[resource.kind], value)
        yield _parcel(way, cents)


def _parcel(way: Way, cents: Cents) -> Parcel:
    lane = way.lane
    return Parcel.model_construct(
        fc=lane.center.id,
        carrier=lane.service.carrier,
        service=lane.service.id,
        mode=lane.service.mode,
        fulfillment=fulfillment_of(lane.service.mode),
        method=way.packing.method,
        lines=way.load.lines,
        cartons=tuple(_cartons(way)),
        hand_over_at=lane.hand_over_at,
        p50_at=lane.p50_at,
        p90_at=lane.p90_at,
        cost=as_cost(cents),
        run=lane.run,
        outside=_outside(way),
    )


def _outside(way: Way) -> Outside | None:
    """Return the weather of the way, where the packing is rated for some."""
    heat = way.lane.heat
    if heat is None or all(piece.rated is None for piece in way.packing.pieces):
        return None
    return heat.outside


def fulfillment_of(mode: ServiceMode) -> FulfillmentMode:
    """Return how goods on a service of that mode reach the customer."""
    if mode is ServiceMode.PICKUP:
        return FulfillmentMode.PICKUP
    if mode is ServiceMode.COURIER:
        return FulfillmentMode.LOCAL_COURIER
    return FulfillmentMode.SHIP


def _cartons(way: Way) -> Iterator[PackedCarton]:
    for piece in way.packing.pieces:
        yield PackedCarton.model_construct(
            carton=piece.carton,
            method=piece.method,
            outer=piece.outer,
            weight_g=piece.weight_g,
            billable_g=billable_g(piece, way.lane.service),
            lines=piece.lines,
            placements=piece.placements,
        )
