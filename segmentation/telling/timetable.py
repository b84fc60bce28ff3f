"""When goods released at an instant are collected, remembered for a whole network."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.calendars import INSTANT, handovers, last_start, ready_at
from domain.network import FulfillmentCenter, Network
from domain.quantities import CarrierId, FcId
from segmentation.telling.parts import ALWAYS

# What goods released from an instant on, until another, are collected at.
Spell = tuple[datetime, datetime, datetime | None]


class Timetable:
    """The pickups of a network's centers, each worked out once while it is next."""

    def __init__(self) -> None:
        self._spells: dict[tuple[FcId, CarrierId], Spell] = {}

    def next_pickup(
        self, center: FulfillmentCenter, carrier: CarrierId, now: datetime
    ) -> tuple[datetime | None, datetime]:
        """Return when goods released now are collected, and until when that is so.

        None where the center never works or the carrier never comes.
        """
        spell = self._spells.get((center.id, carrier))
        if spell is None or not spell[0] <= now < spell[1]:
            spell = self._spells[center.id, carrier] = _spell(center, carrier, now)
        return spell[2], spell[1]


def timetable_of(network: Network) -> Timetable:
    """Return the timetable of a network; the same one for the same value."""
    return _remembered(_Same(network))


class _Same:
    """A network that equals only itself: comparing all of it would take longer."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.network is self.network


@lru_cache(maxsize=4)
def _remembered(same: _Same) -> Timetable:
    return Timetable()


def _spell(center: FulfillmentCenter, carrier: CarrierId, now: datetime) -> Spell:
    ready = ready_at(center, now)
    at = None if ready is None else next(handovers(center, carrier, ready), None)
    if at is None:
        return now, ALWAYS, None
    zone = ZoneInfo(center.time_zone)
    last = last_start(at, center.processing_h, zone, center.weekdays, center.holidays)
    return now, now + INSTANT if last is None else last + INSTANT, at
