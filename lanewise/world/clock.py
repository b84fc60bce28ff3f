"""The world's business clock: it stands still, and jumps from event to event."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

Action = Callable[[], None]


class WorldClock:
    """Business time, and what will happen in it.

    Events are put on a grid of whole ticks, so that many share an instant.
    Events of one instant happen in the order in which they were planned.
    """

    def __init__(self, start_at: datetime, tick_min: int = 15) -> None:
        self._now = start_at.astimezone(UTC)
        self._tick_s = tick_min * 60
        self._events: list[tuple[datetime, int, Action]] = []
        self._order = count()

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def next_at(self) -> datetime | None:
        return self._events[0][0] if self._events else None

    @property
    def planned(self) -> int:
        return len(self._events)

    def plan(self, at: datetime, action: Action) -> datetime:
        """Let something happen at the first tick not before ``at`` (nor now)."""
        ticks = -(-int(max(at, self._now).timestamp()) // self._tick_s)
        due = max(self._now, datetime.fromtimestamp(ticks * self._tick_s, UTC))
        heapq.heappush(self._events, (due, next(self._order), action))
        return due

    def jump(self, until: datetime | None = None) -> int | None:
        """Move to the next instant at which something happens, and let it.

        Returns how many events happened: 0 where ``until`` came before any,
        None where nothing is planned and no ``until`` is given. Events that
        they cause at the same instant happen too.
        """
        due = self.next_at
        if due is None or (until is not None and due > until):
            if until is None:
                return None
            self._now = max(self._now, until)
            return 0
        self._now = max(self._now, due)
        return self._fire()

    def _fire(self) -> int:
        fired = 0
        while self._events and self._events[0][0] <= self._now:
            _, _, action = heapq.heappop(self._events)
            action()
            fired += 1
        return fired


def after(start: datetime, minutes: float) -> datetime:
    """Return the instant some minutes later."""
    return start + timedelta(minutes=minutes)
