"""Watches events in memory: who enters and leaves which segment, and when exactly.

- the log is a function of the events and the instant reached, never of the
  order in which they came: a late one makes its subject's past be walked again
- between events, the next instant at which a rule may turn is waited for
- what is known are the subject's own events; all other facts are unknown
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from domain.event import BusinessEvent
from domain.history import Scores
from domain.quantities import SegmentId
from domain.segment import MembershipChange
from domain.subject import Subject, SubjectKind, kind_of
from segmentation.classify import Rules
from segmentation.recollection import Questions, Recollection
from segmentation.timeline import next_change


class Watch:
    """Follows every subject of a kind through a stream of events.

    Segments on trial are followed like active ones. A membership that reaches
    the end of its time to live while its rule still holds goes on.

    Parameters
    ----------
    rules
        The compiled rule set.
    on
        The kind of subject to follow; events of others are passed over.
    scores
        Where the classes of the population begin, for rules that read them.
    """

    def __init__(
        self, rules: Rules, on: SubjectKind, scores: Scores | None = None
    ) -> None:
        self.reached: datetime | None = None
        self._rules = rules
        self._on = on
        self._scores = scores
        self._questions = Questions(rules, on)
        self._bits = {s.id: 1 << n for n, s in enumerate(rules.segments(on))}
        self._watched: dict[Subject, _Watched] = {}
        self._due: list[tuple[datetime, Subject]] = []

    def take(self, event: BusinessEvent) -> tuple[MembershipChange, ...]:
        """Take one event and return the changes that are news.

        Time goes on to the event, if it is the latest so far; changes of others
        on the way are among the news. A late event may also unmake changes told
        before: those are gone from ``log``. An event that was taken already
        changes nothing; of two with one id the earlier one counts.
        """
        news = self._advance(event.occurred_at, included=False)
        for subject in event.subjects:
            if kind_of(subject) is self._on:
                news += self._tell(subject, event)
        return tuple(news)

    def advance(self, to: datetime) -> tuple[MembershipChange, ...]:
        """Let time go on to an instant, and return the changes until then."""
        return tuple(self._advance(to, included=True))

    @property
    def log(self) -> tuple[MembershipChange, ...]:
        """Return all changes as they are known now, by instant and subject."""
        changes = (change for one in self._watched.values() for change in one.log)
        return tuple(sorted(changes, key=lambda c: (c.at, c.subject)))

    def members(self, subject: Subject) -> tuple[SegmentId, ...]:
        """Return the segments a subject is in at the instant reached."""
        watched = self._watched.get(subject)
        mask = watched.members if watched else 0
        return tuple(segment for segment, bit in self._bits.items() if mask & bit)

    def _advance(self, to: datetime, *, included: bool) -> list[MembershipChange]:
        news: list[MembershipChange] = []
        due = self._due
        while due and (due[0][0] < to or (included and due[0][0] == to)):
            at, subject = heappop(due)
            watched = self._watched[subject]
            if watched.due == at:
                self._walk(subject, watched, at, at)
                news += watched.log_from(at)
        if self.reached is None or to > self.reached:
            self.reached = to
        return news

    def _tell(self, subject: Subject, event: BusinessEvent) -> list[MembershipChange]:
        watched = self._watched.get(subject)
        if watched is None:
            recollection = Recollection(self._questions, self._scores)
            watched = self._watched[subject] = _Watched(recollection)
        if not watched.recollection.take(event):
            return []
        assert self.reached is not None
        told = watched.forget_from(event.occurred_at)
        for change in told:
            watched.members ^= self._bits[change.segment]
        self._walk(subject, watched, event.occurred_at, self.reached)
        return [c for c in watched.log_from(event.occurred_at) if c not in told]

    def _walk(
        self, subject: Subject, watched: "_Watched", at: datetime, until: datetime
    ) -> None:
        """Look at a subject at an instant, and at every one that matters after."""
        rules, on = self._rules, self._on
        fused = rules.of(on)
        while True:
            facts = watched.recollection.look(at)
            members = rules.members(on, *rules.evaluate(on, facts), at)
            if members != watched.members:
                watched.log += self._changes(subject, watched.members, members, at)
                watched.members = members
            steps = (
                next_change(fused, facts, at),
                rules.next_edge(on, at),
                watched.recollection.next_event(at),
            )
            due = min((step for step in steps if step is not None), default=None)
            if due is None or due > until:
                break
            at = due
        watched.due = due
        if due is not None:
            heappush(self._due, (due, subject))

    def _changes(
        self, subject: Subject, before: int, after: int, at: datetime
    ) -> Iterator[MembershipChange]:
        for segment, bit in self._bits.items():
            if (before ^ after) & bit:
                yield MembershipChange(
                    subject=subject,
                    segment=segment,
                    version=self._rules.rule_set.version,
                    entered=bool(after & bit),
                    at=at,
                )


class _Watched:
    """One subject: what happened to it, where it stands, when to look again."""

    def __init__(self, recollection: Recollection) -> None:
        self.recollection = recollection
        self.members = 0
        self.log: list[MembershipChange] = []
        self.due: datetime | None = None

    def log_from(self, at: datetime) -> list[MembershipChange]:
        return self.log[self._place(at) :]

    def forget_from(self, at: datetime) -> list[MembershipChange]:
        place = self._place(at)
        forgotten = self.log[place:]
        del self.log[place:]
        return forgotten

    def _place(self, at: datetime) -> int:
        """Return the place of the first change at or after an instant."""
        place = len(self.log)
        while place and self.log[place - 1].at >= at:
            place -= 1
        return place
