"""Whether an option fits beside what other orders take, and what that adds to it."""

from collections.abc import Mapping

from optimizer.options import Option
from optimizer.resources import Kind, Resource, Supply


def room_of(
    resource: Resource, supply: Supply, *, allowed: bool, extra: Resource | None = None
) -> tuple[int, int, int]:
    """Return what there is, what may be had beyond it, and the cents of each step.

    ``extra`` is a resource to count one more of than there is.
    """
    free = supply.limit(resource) or 0
    paid = allowed or resource.kind is Kind.VEHICLE_G
    more, cents = supply.beyond(resource) if paid else (0, 0)
    if resource == extra:
        more += free < 0
        free += 1
    return max(0, free), more, cents


def missing(
    option: Option, supply: Supply, others: Mapping[Resource, int], *, allowed: bool
) -> dict[Resource, int]:
    """Return how much the option lacks of each resource; empty where it fits."""
    lacks: dict[Resource, int] = {}
    for resource, amount in option.uses.items():
        free, more, _ = room_of(resource, supply, allowed=allowed)
        over = others.get(resource, 0) + amount - free - more
        if over > 0:
            lacks[resource] = over
    return lacks


def beyond_cents(
    option: Option,
    supply: Supply,
    others: Mapping[Resource, int],
    *,
    allowed: bool,
) -> int | None:
    """Return what beyond-capacity work and vehicles the option would add.

    None if it cannot be.
    """
    cents = 0
    for resource, amount in option.uses.items():
        free, more, each = room_of(resource, supply, allowed=allowed)
        before = others.get(resource, 0)
        if before + amount > free + more:
            return None
        cents += added(before - free, amount, supply.step(resource)) * each
    return cents


def added(over: int, amount: int, step: int) -> int:
    """Return how many steps more an amount takes on top of what is over already.

    ``over`` is negative where there is still room.
    """
    return -(-max(0, over + amount) // step) - -(-max(0, over) // step)
