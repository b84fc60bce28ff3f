"""What is out of service by the conditions in force, and when that changes."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from domain.condition import Condition, ConditionKind
from domain.network import Network
from domain.segment import Down
from domain.subject import LaneId, lane

Name = TypeVar("Name", bound=str)


def down(conditions: Iterable[Condition], network: Network, now: datetime) -> Down:
    """Return the centers, carriers, services and lanes that are down at an instant.

    A disruption at one center takes down the lanes from there only.
    """
    active = [condition for condition in conditions if condition.active(now)]
    disrupted = [c for c in active if c.kind is ConditionKind.CARRIER_DISRUPTION]
    everywhere = [c for c in disrupted if c.center is None]
    return Down(
        centers=_sorted(
            c.center for c in active if c.kind is ConditionKind.CENTER_OUTAGE
        ),
        carriers=_sorted(c.carrier for c in everywhere if c.service is None),
        services=_sorted(c.service for c in everywhere),
        lanes=_sorted(id for c in disrupted if c.center for id in _lanes(c, network)),
    )


def next_change(conditions: Iterable[Condition], now: datetime) -> datetime | None:
    """Return when, after now, the next outage or disruption begins or ends."""
    edges = (
        edge
        for c in conditions
        if c.kind in (ConditionKind.CENTER_OUTAGE, ConditionKind.CARRIER_DISRUPTION)
        for edge in (c.valid_from, c.valid_until)
        if edge is not None and edge > now
    )
    return min(edges, default=None)


def _lanes(condition: Condition, network: Network) -> Iterable[LaneId]:
    center = condition.center
    return (
        lane(center, service.id)
        for service in network.services
        if center is not None
        and (condition.service is None or service.id == condition.service)
        and (condition.carrier is None or service.carrier == condition.carrier)
    )


def _sorted(names: Iterable[Name | None]) -> tuple[Name, ...]:
    return tuple(sorted({name for name in names if name}))
