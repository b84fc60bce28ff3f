"""One subject's events as they come in, and the facts rules read of them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from domain.event import BusinessEvent
from domain.history import Entry, History, Scores, history_of
from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation import behavior, velocity
from segmentation.classify import Rules
from segmentation.known import Facts
from segmentation.limits import limits_of
from segmentation.streams import Streams
from segmentation.window import Window
from segmentation.windows import DAY, DAYS_PER_HOUR, count_of, newest_of

_SECOND = timedelta(seconds=1)

# Nobody is silent for longer: later instants may not even have a date.
_FAR_DAYS = 1_000_000

_FACTS = {
    SubjectKind.CUSTOMER: behavior.FACTS,
    SubjectKind.SKU: velocity.FACTS,
}


class Questions:
    """What the rules on one kind of subject ask of its events; made once."""

    def __init__(self, rules: Rules, on: SubjectKind) -> None:
        fused = rules.of(on)
        limits = limits_of(rule.tree for rule in fused.rules)
        self.windows: tuple[tuple[Window, str, tuple[float, ...] | None], ...] = tuple(
            (window, window.key, limits.get(window.key))
            for window in rules.windows_of(on)
            if window.of is on
        )
        self.on = on
        self._by_kind: dict[str, set[str]] = defaultdict(set)
        for window, key, _ in self.windows:
            self._by_kind[window.kind].add(key)
        self.facts = frozenset(fused.depends) & frozenset(_FACTS.get(on, ()))

    def about(self, event: BusinessEvent) -> set[str]:
        """Return the keys of the windows that may count an event."""
        return self._by_kind.get(event.kind, set())


class Recollection:
    """What is remembered of a subject while events come in, in any order."""

    def __init__(self, questions: Questions, scores: Scores | None) -> None:
        self._questions = questions
        self._scores = scores
        self._events: dict[str, BusinessEvent] = {}
        self._ats: list[datetime] = []
        self._streams = Streams(History())
        self._history: History | None = None
        self._looked_at: datetime | None = None
        self._told: set[str] = set()
        self._values: dict[str, Fact] = {}
        self._steps: dict[str, datetime] = {}
        self._drifts: dict[str, float] = {}
        self._newest: dict[str, datetime] = {}

    def take(self, event: BusinessEvent) -> bool:
        """Keep an event; tell whether it is news.

        Of two contents under one id the smaller (instant, text) counts, so that
        it does not matter which came first.
        """
        known = self._events.get(event.id)
        if known is not None and _rank(known) <= _rank(event):
            return False
        self._events[event.id] = event
        if known is None:
            self._streams.add(_entry(event))
            self._ats.insert(
                bisect_right(self._ats, event.occurred_at), event.occurred_at
            )
        else:
            self._streams = Streams(self._remembered())
            self._ats = sorted(each.occurred_at for each in self._events.values())
        self._history = None
        newest = known is None and event.occurred_at == self._ats[-1]
        self._told -= self._questions.about(event) if newest else self._told
        return True

    def next_event(self, now: datetime) -> datetime | None:
        """Return when the first event after an instant happened."""
        place = bisect_right(self._ats, now)
        return self._ats[place] if place < len(self._ats) else None

    def look(self, now: datetime) -> Facts:
        """Tell the facts the rules read, good until the next look."""
        if self._looked_at is not None and now < self._looked_at:
            self._told.clear()
        self._looked_at = now
        for window, key, limits in self._questions.windows:
            step = self._steps.get(key)
            if key not in self._told or (step is not None and step <= now):
                self._tell(window, key, limits, now)
                self._told.add(key)
            if key in self._newest:
                self._values[key] = (now - self._newest[key]) / DAY
        if not self._questions.facts:
            return Facts(self._values, self._drifts, self._steps)
        return self._with_behavior(now)

    def _tell(
        self, window: Window, key: str, limits: tuple[float, ...] | None, now: datetime
    ) -> None:
        if window.function == "days_since":
            newest, step = newest_of(window, (self._streams,), now)
            self._forget(key)
            if newest is not None:
                self._newest[key] = newest
                if limits is None:
                    self._drifts[key] = DAYS_PER_HOUR
                else:
                    step = _first((step, *_turns(newest, limits)), now)
        else:
            count, step = count_of(window, (self._streams,), now, limits)
            self._values[key] = count
        if step is None:
            self._steps.pop(key, None)
        else:
            self._steps[key] = step

    def _forget(self, key: str) -> None:
        for told in (self._newest, self._values, self._drifts):
            told.pop(key, None)

    def _with_behavior(self, now: datetime) -> Facts:
        told = self._behavior(now)
        read = self._questions.facts
        return Facts(
            {**self._values, **{n: v for n, v in told.values.items() if n in read}},
            {**self._drifts, **{n: v for n, v in told.drifts.items() if n in read}},
            {**self._steps, **{n: v for n, v in told.steps.items() if n in read}},
        )

    def _behavior(self, now: datetime) -> Facts:
        if self._history is None:
            self._history = self._remembered()
        if self._questions.on is SubjectKind.CUSTOMER:
            return behavior.tell(self._history, self._scores, now)
        return velocity.tell(_daily(self._history), self._scores, None, now)

    def _remembered(self) -> History:
        return history_of(_entry(event) for event in self._events.values())


def _turns(newest: datetime, limits: tuple[float, ...]) -> Iterator[datetime]:
    """Yield when the days since an instant come to each limit, and are past it.

    Like all that runs with the clock, this shows at whole seconds.
    """
    for days in limits:
        if 0 <= days <= _FAR_DAYS:
            at = newest + timedelta(days=days)
            part = timedelta(microseconds=at.microsecond)
            if not part:
                yield at
            yield at - part + _SECOND


def _first(steps: Iterable[datetime | None], now: datetime) -> datetime | None:
    return min((one for one in steps if one is not None and one > now), default=None)


def _rank(event: BusinessEvent) -> tuple[datetime, str]:
    return event.occurred_at, event.digest()


def _entry(event: BusinessEvent) -> Entry:
    return Entry(
        at=event.occurred_at,
        event_id=event.id,
        kind=event.kind,
        units=event.units,
        value_cents=event.value_cents,
        labels=event.labels,
        order_id=event.order_id,
    )


def _daily(history: History) -> dict[date, int]:
    units: dict[date, int] = defaultdict(int)
    for entry in Streams.of(history).entries("order_placed"):
        units[entry.at.astimezone(UTC).date()] += entry.units or 0
    return units
