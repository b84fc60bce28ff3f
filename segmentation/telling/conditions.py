"""Facts of temporary states: what is down, what is on."""

from collections.abc import Iterable
from datetime import datetime

from domain.condition import Condition, ConditionKind
from domain.network import Network
from domain.order import Order
from domain.quantities import FcId, ServiceId
from domain.segment import Down, Fact
from domain.subject import lane
from segmentation.downtime import down
from segmentation.known import Look
from segmentation.telling.parts import Phased

_DOWN = ("centers_down", "carriers_down", "services_down", "lanes_down")


def of_order(
    order: Order,
    nearest: FcId | None,
    conditions: tuple[Condition, ...],
    network: Network,
) -> Look:
    """Tell what is down, and what is on for the order's region and channel."""
    meant = [(one, _is_for(one, order)) for one in conditions]

    def tell(now: datetime) -> dict[str, Fact]:
        out = down(conditions, network, now)
        active = [(one, surely) for one, surely in meant if one.active(now)]
        return {
            **_words(out),
            "nearest_center_down": None if nearest is None else nearest in out.centers,
            "campaigns": _campaigns(active),
            "peak": _peak(active),
        }

    names = (*_DOWN, "nearest_center_down", "campaigns", "peak")
    return Phased(names, _changes(conditions), tell)


def of_lane(
    fc: FcId, service: ServiceId, conditions: tuple[Condition, ...], network: Network
) -> Look:
    """Tell what is down, and whether the lane is."""
    carriers = {each.id: each.carrier for each in network.services}

    def tell(now: datetime) -> dict[str, Fact]:
        out = down(conditions, network, now)
        stopped = (
            fc in out.centers
            or service in out.services
            or carriers.get(service) in out.carriers
            or lane(fc, service) in out.lanes
        )
        return {**_words(out), "lane_down": stopped}

    return Phased((*_DOWN, "lane_down"), _changes(conditions), tell)


def _words(out: Down) -> dict[str, Fact]:
    return {
        "centers_down": tuple(out.centers),
        "carriers_down": tuple(out.carriers),
        "services_down": tuple(out.services),
        "lanes_down": tuple(out.lanes),
    }


def _changes(conditions: Iterable[Condition]) -> list[datetime]:
    edges = (at for one in conditions for at in (one.valid_from, one.valid_until))
    return [at for at in edges if at is not None]


def _is_for(one: Condition, order: Order) -> bool | None:
    """Tell whether it is for this order, None where its region is not known."""
    if one.channels and order.channel not in one.channels:
        return False
    if not one.regions:
        return True
    return order.ship_to.region in one.regions if order.ship_to.region else None


def _campaigns(active: Iterable[tuple[Condition, bool | None]]) -> Fact:
    found = [
        (one.id, surely)
        for one, surely in active
        if one.kind is ConditionKind.CAMPAIGN and surely is not False
    ]
    if any(surely is None for _, surely in found):
        return None
    return tuple(sorted(id for id, _ in found))


def _peak(active: Iterable[tuple[Condition, bool | None]]) -> Fact:
    found = [surely for one, surely in active if one.kind is ConditionKind.PEAK]
    return True if True in found else None if None in found else False
