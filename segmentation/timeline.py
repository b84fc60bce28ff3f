"""Walks through time: when rules turn if nothing happens, to the second."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from domain.subject import SubjectKind
from segmentation.known import Facts, Look
from segmentation.language.compile import Fused
from segmentation.language.crossing import crossings

if TYPE_CHECKING:
    from segmentation.classify import Rules

HOPS = 1000

_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A turn this near to a whole second may show at it or one second later,
# for facts are rounded and comparisons may be strict.
_NEAR_S = 0.05


@dataclass(frozen=True, slots=True)
class Flip:
    """An instant at which a verdict changes, with the masks around it.

    ``true`` and ``unknown`` are rules' verdicts; ``members`` the segments that
    are in force and hold, or are unknown and count in to be on the safe side.
    """

    at: datetime
    true_before: int
    unknown_before: int
    members_before: int
    true: int
    unknown: int
    members: int


class Flips:
    """The flips after an instant, found while they are asked for.

    ``true``, ``unknown`` and ``members`` are the masks where the walk stands,
    at first those at its start. Once it is over, ``reached`` is the instant up
    to which all flips are told, and ``complete`` whether that is as far as was
    asked (else the hops ran out: walk on from ``reached``).
    """

    def __init__(
        self,
        rules: "Rules",
        on: SubjectKind,
        look: Look,
        start: datetime,
        until: datetime | None = None,
        most: int = HOPS,
    ) -> None:
        self._rules = rules
        self._on = on
        self._look = look
        self._until = until
        self._hops = most
        self._facts = look(start)
        self.among = -1
        self.reached = start
        self.complete = False
        self.true, self.unknown = rules.evaluate(on, self._facts)
        self.members = rules.members(on, self.true, self.unknown, start)

    def __iter__(self) -> Iterator[Flip]:
        while self._hops > 0:
            at = self._next()
            if at is None or (self._until is not None and at > self._until):
                self.complete = True
                self.reached = self._until or self.reached
                return
            self._hops -= 1
            flip = self._hop(at)
            self.reached = at
            if flip is not None:
                yield flip

    def _next(self) -> datetime | None:
        fused = self._rules.of(self._on)
        instants = (
            next_change(fused, self._facts, self.reached, self.among),
            self._rules.next_edge(self._on, self.reached, self.among),
        )
        return min((one for one in instants if one is not None), default=None)

    def _hop(self, at: datetime) -> Flip | None:
        self._facts = self._look(at)
        true, unknown = self._rules.evaluate(self._on, self._facts)
        members = self._rules.members(self._on, true, unknown, at)
        before = (self.true, self.unknown, self.members)
        self.true, self.unknown, self.members = true, unknown, members
        if before == (true, unknown, members):
            return None
        return Flip(at, *before, true, unknown, members)


def flips(
    rules: "Rules",
    on: SubjectKind,
    look: Look,
    start: datetime,
    until: datetime | None = None,
    *,
    most: int = HOPS,
) -> Flips:
    """Return the instants at which verdicts change, walked one after the other.

    Parameters
    ----------
    look
        Tells the facts at any instant, from what is known now.
    start
        The walk begins here; a change at this very instant is not told.
    until
        The last instant to look at; None goes on as long as anything changes.
    most
        How many instants are looked at before the walk stops short.
    """
    return Flips(rules, on, look, start, until, most)


def next_change(
    fused: Fused, facts: Facts, now: datetime, among: int = -1
) -> datetime | None:
    """Return the first instant after now at which a rule may change by itself.

    At every instant before, all verdicts are as they are now. None means that
    they stay so until there is news.

    Parameters
    ----------
    among
        A mask of the rules that matter; all of them by default.
    """
    depends = fused.depends
    first: datetime | None = None
    for name, step in facts.steps.items():
        if depends.get(name, 0) & among and step > now:
            first = step if first is None else min(first, step)
    drifts = {n: d for n, d in facts.drifts.items() if d and depends.get(n, 0) & among}
    turns: list[float] = []
    for name in drifts:
        for comparison, rules in fused.comparisons(name):
            if rules & among:
                turns += crossings(comparison, facts.values, drifts)
    turn = _first_shown(turns, now) if turns else None
    if first is None or turn is None:
        return first or turn
    return min(first, turn)


def _first_shown(turns: list[float], now: datetime) -> datetime | None:
    """Return the first whole second after now at which one of the turns may show."""
    since = now - _EPOCH
    whole = since // _SECOND
    part = (since - whole * _SECOND) / _SECOND
    least = 1
    shown = [n for turn in turns for n in _seconds(turn + part) if n >= least]
    try:
        return _EPOCH + (whole + min(shown)) * _SECOND if shown else None
    except OverflowError:
        return None


def _seconds(turn: float) -> tuple[int, ...]:
    nearest = round(turn)
    if abs(turn - nearest) <= _NEAR_S:
        return nearest, nearest + 1
    return (ceil(turn),)
