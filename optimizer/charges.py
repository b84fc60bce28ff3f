"""Who bears what orders share: work beyond capacity, and vehicles."""

from collections.abc import Iterator

from optimizer.ladder import Settled
from optimizer.resources import Kind, Resource, Supply


def charges(settled: Settled, supply: Supply) -> list[dict[Resource, int]]:
    """Return the cents each order bears of everything that is shared.

    They sum to what everything costs. Work beyond capacity is borne by those to
    whom the day was already full: orders that may not pay for it come first, then
    the rest as they came in. Vehicles sent for these orders are borne by all who
    ride on the run that day, by weight.
    """
    standings, options = settled.standings, settled.options
    turns = sorted(
        range(len(options)), key=lambda n: standings[n].limits.over_capacity_allowed
    )
    worked: dict[Resource, int] = {}
    riders: dict[Resource, dict[int, int]] = {}
    cents: list[dict[Resource, int]] = [{} for _ in options]
    for n in turns:
        option = options[n]
        for resource, amount in option.uses.items() if option is not None else ():
            if resource.kind is Kind.VEHICLE_G:
                riders.setdefault(resource, {})[n] = amount
            if resource.kind is not Kind.FC_LINES:
                continue
            free = max(0, supply.limit(resource) or 0)
            before = worked.get(resource, 0)
            worked[resource] = before + amount
            over = max(0, before + amount - max(free, before))
            if over:
                cents[n][resource] = over * supply.beyond(resource)[1]
    for resource, weights in riders.items():
        for n, share in _of_vehicles(resource, weights, supply):
            cents[n][resource] = share
    return cents


def _of_vehicles(
    resource: Resource, weights: dict[int, int], supply: Supply
) -> Iterator[tuple[int, int]]:
    """Share the vehicles out that some orders make a run send, where it sends any."""
    over = sum(weights.values()) - (supply.limit(resource) or 0)
    if over <= 0:
        return
    sent = -(-over // supply.step(resource))
    yield from shares(sent * supply.beyond(resource)[1], weights).items()


def shares(cents: int, weights: dict[int, int]) -> dict[int, int]:
    """Divide cents by weight, to the cent: the largest remainders get one more.

    Among equal remainders the lower key comes first. The shares sum to the cents.
    """
    whole = sum(weights.values())
    found = {key: cents * weight // whole for key, weight in weights.items()}
    left = cents - sum(found.values())
    by_rest = sorted(weights, key=lambda key: (-(cents * weights[key] % whole), key))
    for key in by_rest[:left]:
        found[key] += 1
    return {key: share for key, share in found.items() if share}
