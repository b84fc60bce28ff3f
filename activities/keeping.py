"""Keeps customers, SKUs and lanes in their segments, and tells open orders.

- events come in and mark whom they concern
- whoever has news, or is due, is looked at by one version of the rules
- each change is stamped with its very second, however late it is found
- open orders that do not know yet are told, at least once
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.looking import Looking
from activities.replaying import Before, Entered, begin, replay
from activities.rules import CompiledRules
from activities.uninformed import reads, uninformed
from connectors.ports import BusinessClock
from domain.errors import OrderRefused
from domain.event import BusinessEvent, Ingested
from domain.quantities import Instant, OrderId, Value
from domain.segment import MembershipChange
from domain.subject import Subject, SubjectKind, kind_of
from segmentation import ranking
from segmentation.classify import Rules
from segmentation.ranking import CustomerSummary
from segmentation.schema import FactError
from store import changes, events, scores, segments, subjects
from store.engine import Store
from store.subjects import SubjectState

# Tells open orders that facts changed, and why.
TellOrders = Callable[[Sequence[OrderId], str], Awaitable[object]]

# As many at a time as the database can spare its write lock for.
AT_ONCE = 25
# A subject whose facts make no sense is looked at again after this.
PATIENCE = timedelta(hours=1)
RANKED_EVERY = timedelta(days=1)
TOLD_AT_ONCE = 200
# Facts that say where a customer or SKU stands among all of them.
RANKED = frozenset({"rfm_recency", "rfm_frequency", "rfm_money", "sku_velocity"})


# Gives the customers events name a pseudonym, within the transaction that keeps them.
NameEvents = Callable[
    [Session, Iterable[BusinessEvent], datetime], tuple[BusinessEvent, ...]
]


def as_named(
    session: Session, said: Iterable[BusinessEvent], now: datetime
) -> tuple[BusinessEvent, ...]:
    """Take customers' ids as they are given."""
    return tuple(said)


class IngestEvents(Value):
    """Keep these events."""

    events: tuple[BusinessEvent, ...]


class KeepSegments(Value):
    """Look at so many subjects at most."""

    limit: int = 500


class Kept(Value):
    """How many were looked at, and whether others wait.

    ``next_due`` is when the next one is, as far as known at ``as_of``.
    """

    done: int
    more: bool
    next_due: Instant | None
    as_of: Instant


class Told(Value):
    """How many changes were published, to how many orders; ``more`` wait."""

    changes: int
    orders: int
    more: bool


class Keeping:
    """The one who keeps segments up to date.

    Parameters
    ----------
    tell
        Tells open orders that facts changed; may be called again for the same.
    news
        Called after events were kept, so that somebody looks at them soon.
    name
        Puts customers under their pseudonyms.
    """

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        tell: TellOrders,
        news: Callable[[], None] = lambda: None,
        name: NameEvents = as_named,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._news = news
        self._name = name
        self._rules = CompiledRules()
        self._looking = Looking()

    @activity.defn
    async def ingest_events(self, command: IngestEvents) -> Ingested:
        """Keep events, each once, and have those they concern looked at."""
        now = await self._clock.now()

        def keep(session: Session) -> Ingested:
            named = self._name(session, command.events, now)
            return events.ingest(session, named, now)

        try:
            answer = await asyncio.to_thread(self._store.write, keep)
        except OrderRefused as error:
            raise ApplicationError(
                str(error), type="EventsRefused", non_retryable=True
            ) from error
        self._news()
        return answer

    @activity.defn
    async def keep_segments(self, command: KeepSegments) -> Kept:
        """Look at subjects that have news or are due, a few in each transaction."""
        now = await self._clock.now()
        return await asyncio.to_thread(self._keep, now, command.limit)

    @activity.defn
    async def publish_changes(self) -> Told:
        """Tell open orders of the oldest changes they do not know of yet."""
        now = await self._clock.now()
        untold, concerned = await asyncio.to_thread(self._untold)
        for why, orders in concerned.items():
            await self._tell(sorted(orders), why)
        await asyncio.to_thread(
            self._store.write,
            lambda session: changes.mark_published(session, untold, now),
        )
        return Told(
            changes=len(untold),
            orders=len(set().union(*concerned.values())),
            more=len(untold) == TOLD_AT_ONCE,
        )

    @activity.defn
    async def rank_population(self) -> Instant:
        """Find once a day where classes begin, and forget what counts no longer.

        Returns
        -------
        When it is to be done again.
        """
        now = await self._clock.now()
        return await asyncio.to_thread(
            self._store.write, lambda session: self._rank(session, now)
        )

    def _keep(self, now: datetime, limit: int) -> Kept:
        done = 0
        while done < limit:
            some = self._store.write(lambda session: self._keep_some(session, now))
            if not some:
                break
            done += some
        with self._store.reading() as session:
            return Kept(
                done=done,
                more=bool(subjects.todo(session, now, 1)),
                next_due=subjects.next_due(session),
                as_of=now,
            )

    def _untold(
        self,
    ) -> tuple[tuple[MembershipChange, ...], Mapping[str, set[OrderId]]]:
        with self._store.reading() as session:
            untold = changes.unpublished(session, TOLD_AT_ONCE)
            return untold, _concerned(session, untold)

    def _keep_some(self, session: Session, now: datetime) -> int:
        states = subjects.take(session, now, AT_ONCE)
        rules = self._rules.active(session)
        by_kind: dict[SubjectKind, list[SubjectState]] = defaultdict(list)
        for state in states:
            by_kind[kind_of(state.subject)].append(state)
        for kind, some in sorted(by_kind.items()):
            self._keep_kind(session, rules, kind, some, now)
            if reads(rules, kind):
                heard = [state.subject for state in some if state.dirty_from]
                changes.note(session, heard, now)
        return len(states)

    def _keep_kind(
        self,
        session: Session,
        rules: Rules,
        kind: SubjectKind,
        states: Sequence[SubjectState],
        now: datetime,
    ) -> None:
        since = segments.active_since(session)
        starts = {s.subject: begin(s, rules, since, now) for s in states}
        stood = changes.standing(session, starts)
        if not rules.segments(kind):
            idle = [state for state in states if not stood.get(state.subject)]
            subjects.rest(session, idle, rules.rule_set.version, now)
            states = [state for state in states if stood.get(state.subject)]
        if not states:
            return
        names = [state.subject for state in states]
        looks = self._looking(session, rules, names, now)
        trial = subjects.memberships(session, names, shadow=True)
        for state in states:
            name, start = state.subject, starts[state.subject]
            before = Before(
                active={
                    c.segment: Entered(c.at, c.evidence)
                    for c in stood.get(name, {}).values()
                },
                shadow={
                    m.segment: Entered(m.since, m.evidence)
                    for m in trial[name]
                    if m.since < start
                },
            )
            try:
                found = replay(rules, name, looks[name], before, start, now)
            except FactError:
                # One whose facts make no sense must not keep the others waiting.
                activity.logger.exception("a %s cannot be told", kind.value)
                subjects.postpone(session, state, now + PATIENCE)
            else:
                subjects.keep(session, found)

    def _rank(self, session: Session, now: datetime) -> datetime:
        before = scores.get(session)
        if before is not None and now < before.found_at + RANKED_EVERY:
            return before.found_at + RANKED_EVERY
        found = ranking.scores(
            (CustomerSummary(*totals) for totals in scores.customers(session, now)),
            scores.skus(session, now),
            now,
        )
        scores.save(session, found)
        same = before is not None and found == before.model_copy(
            update={"found_at": now}
        )
        if not same and _ranks(self._rules.active(session)):
            subjects.mark_everyone(session, now)
        events.prune(session, now)
        changes.prune(session, now)
        return now + RANKED_EVERY


def _ranks(rules: Rules) -> bool:
    """Tell whether any rule reads where somebody stands among all."""
    return any(RANKED & rules.of(kind).depends.keys() for kind in SubjectKind)


def _concerned(
    session: Session, untold: Iterable[MembershipChange]
) -> Mapping[str, set[OrderId]]:
    """Find for each reason the orders that are to be told."""
    reasons: dict[Subject, list[str]] = defaultdict(list)
    for change in untold:
        reasons[change.subject].append(_why(change))
    concerned: dict[str, set[OrderId]] = defaultdict(set)
    for subject, said in reasons.items():
        why = "; ".join(dict.fromkeys(said))
        concerned[why].update(uninformed(session, subject))
    return concerned


def _why(change: MembershipChange) -> str:
    kind = kind_of(change.subject).value
    if change.segment == changes.NEWS:
        return f"there is news of its {kind}"
    if change.version == changes.RETRACTED:
        return f"its {kind} was not in {change.segment} after all"
    return f"its {kind} {'entered' if change.entered else 'left'} {change.segment}"
