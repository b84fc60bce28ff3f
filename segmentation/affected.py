"""Which open orders the news of hazards and conditions may concern."""

from collections.abc import Iterable, Mapping

from domain.condition import Condition, ConditionKind
from domain.hazard import Hazard
from domain.order import Order
from domain.quantities import OrderId, Place

# The way a parcel of an order goes, or may go: from a center to the destination.
Way = tuple[Place, Place]


def affected(
    orders: Iterable[Order],
    hazards: Iterable[Hazard],
    ways: Mapping[OrderId, Iterable[Way]] | None = None,
) -> tuple[OrderId, ...]:
    """Return the orders whose facts some hazards may change, by id.

    An order is among them when its destination is touched, or may be for all its
    address says, or when one of its ways is.

    Parameters
    ----------
    orders
        Open orders, their destinations located as far as they can be.
    hazards
        What began, changed (before and after) or was withdrawn.
    ways
        The ways of each order's parcels, planned or possible; an order without
        is looked at by its destination alone.
    """
    news, known = tuple(hazards), ways or {}
    found = (
        order.id
        for order in orders
        if any(_touched(h, order.ship_to, known.get(order.id, ())) for h in news)
    )
    return tuple(sorted(found))


def concerned(
    orders: Iterable[Order], conditions: Iterable[Condition]
) -> tuple[OrderId, ...]:
    """Return the orders that some conditions may concern, by id.

    An outage or disruption concerns every order: it may have been planned over
    what is down, and what is up again may be the better way. Campaigns and
    peaks concern the orders of their regions and channels.
    """
    news = tuple(conditions)
    return tuple(sorted(o.id for o in orders if any(_meant(c, o) for c in news)))


def _touched(hazard: Hazard, destination: Place, ways: Iterable[Way]) -> bool:
    if hazard.touches(destination) or hazard.undecided(destination):
        return True
    return any(hazard.touches_lane(*way) for way in ways)


def _meant(condition: Condition, order: Order) -> bool:
    if condition.kind not in (ConditionKind.CAMPAIGN, ConditionKind.PEAK):
        return True
    region = order.ship_to.region
    by_region = not condition.regions or not region or region in condition.regions
    return by_region and (not condition.channels or order.channel in condition.channels)
