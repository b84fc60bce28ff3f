"""What tells a few facts at any instant, and when they will change."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from domain.segment import Fact
from segmentation.known import Facts, Look

ALWAYS = datetime.max.replace(tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC)
HOUR = timedelta(hours=1)


def known(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Leave out what is not known."""
    return {name: fact for name, fact in facts.items() if fact is not None}


def steady(facts: Mapping[str, Fact]) -> Look:
    """Tell facts that only news can change."""
    told = Facts(known(facts))
    return lambda now: told


class Phased:
    """Tells facts that change at known instants only; each phase is told once.

    A phase begins at its instant and lasts until the next one, excluded.
    ``tell`` may be asked at any instant of a phase and answers the same.
    """

    def __init__(
        self,
        names: Iterable[str],
        changes: Iterable[datetime],
        tell: Callable[[datetime], Mapping[str, Fact]],
    ) -> None:
        self._names = tuple(names)
        self._changes = sorted(set(changes))
        self._tell = tell
        self._told: dict[int, Facts] = {}

    def __call__(self, now: datetime) -> Facts:
        """Tell the facts of the phase an instant lies in."""
        phase = bisect_right(self._changes, now)
        if phase not in self._told:
            ends = self._changes[phase : phase + 1]
            steps = {name: at for at in ends for name in self._names}
            self._told[phase] = Facts(known(self._tell(now)), {}, steps)
        return self._told[phase]


class Lasting:
    """Asks anew only when a step of what was told has come, or in the past.

    In between, facts that run with the clock are told by the instant at which
    they were, or will be, zero: to the microsecond, so nothing is rounded twice.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._told = Facts()
        self._since = self._until = NEVER
        self._running: tuple[tuple[str, datetime, timedelta], ...] = ()

    def __call__(self, now: datetime) -> Facts:
        """Tell the facts, from memory where only the clock has gone on."""
        if not self._since <= now < self._until:
            self._ask(now)
        if not self._running or now == self._since:
            return self._told
        values = dict(self._told.values)
        for name, zero_at, unit in self._running:
            values[name] = (now - zero_at) / unit
        return Facts(values, self._told.drifts, self._told.steps)

    def _ask(self, now: datetime) -> None:
        told = self._look(now)
        self._told, self._since = told, now
        self._until = min(told.steps.values(), default=ALWAYS)
        units = {name: HOUR / drift for name, drift in told.drifts.items() if drift}
        self._running = tuple(
            (name, now - value * unit, unit)
            for name, unit in units.items()
            if isinstance(value := told.values.get(name), int | float)
        )


class Running:
    """Tells facts that are hours to or since an instant: they run with the clock."""

    def __init__(
        self, to: Mapping[str, datetime | None], since: Mapping[str, datetime | None]
    ) -> None:
        self._to = {name: at for name, at in to.items() if at is not None}
        self._since = {name: at for name, at in since.items() if at is not None}
        self._drifts = dict.fromkeys(self._to, -1.0) | dict.fromkeys(self._since, 1.0)

    def __call__(self, now: datetime) -> Facts:
        """Tell how far each instant is from this one, in hours."""
        values: dict[str, Fact] = {
            name: hours(now, at) for name, at in self._to.items()
        }
        values.update((name, hours(at, now)) for name, at in self._since.items())
        return Facts(values, self._drifts)


def hours(start: datetime, end: datetime) -> float:
    """Return the hours between two instants, below zero where the end is first."""
    return (end - start) / HOUR


def merged(told: Iterable[Facts]) -> Facts:
    """Put facts told apart together; a later one replaces an earlier one."""
    values: dict[str, Fact] = {}
    drifts: dict[str, float] = {}
    steps: dict[str, datetime] = {}
    for facts in told:
        values.update(facts.values)
        drifts.update(facts.drifts)
        steps.update(facts.steps)
    return Facts(values, drifts, steps)
