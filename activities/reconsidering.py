"""Judges a plan that stands against the best one now, when facts have changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from temporalio import activity

from activities.claims import claim_of
from activities.decided import Decided, DecideOrder, brief, decision_of, task_of
from activities.forecasting import Forecasting
from activities.published import Published
from activities.rating import Rating
from activities.scarcity import Scarcity
from activities.snapshot import ends_of, problem_of
from activities.swapping import swap
from connectors.ports import BusinessClock
from domain.network import PackingMethod
from domain.order import Line
from domain.plan import Pin, Plan, Unplaced
from domain.quantities import FcId, Place, ServiceId, Value
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort, Problem, Task
from store import decisions, stock
from store.engine import Store


class Standing(Value):
    """A parcel as planned, whose goods have not left."""

    fc: FcId
    service: ServiceId
    method: PackingMethod
    lines: tuple[Line, ...]

    @property
    def pin(self) -> Pin:
        return Pin(fc=self.fc, service=self.service, method=self.method)


class ReconsiderPlan(DecideOrder):
    """Say whether these parcels should still go as planned.

    ``replaces`` are the revisions that claim stock for them. With ``commit``
    a better plan takes their place at once.
    """

    standing: tuple[Standing, ...]
    replaces: tuple[int, ...]
    why: str
    commit: bool = True


class Verdict(StrEnum):
    """What becomes of a plan that stands."""

    STAYS = "stays"
    MOVES = "moves"
    STUCK = "stuck"


class Reconsidered(Value):
    """The verdict, in a sentence; ``decided`` is the plan to move to.

    ``STUCK`` is a plan that is no longer allowed, with nothing else feasible.
    """

    verdict: Verdict
    why: str
    decided: Decided | None = None


class Reconsidering:
    """The optimizer, asked whether it would still decide the same."""

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        *,
        hold_for: timedelta = timedelta(minutes=30),
        effort: Effort | None = None,
        scarcity: Scarcity | None = None,
        weather: Forecasting | None = None,
        rating: Rating | None = None,
    ) -> None:
        self._store = store
        self._rating = rating
        self._clock = clock
        self._hold_for = hold_for
        self._effort = effort or Effort()
        self._scarcity = scarcity
        self._weather = weather
        self._published = Published()

    @activity.defn
    async def reconsider(self, command: ReconsiderPlan) -> Reconsidered:
        """Move only what is no longer allowed, or what saves enough by moving."""
        now = await self._clock.now()
        if self._weather is not None:
            places = await asyncio.to_thread(self._cold_ends, command)
            await self._weather.ask(places, now)
        if self._rating is not None:
            standing = command.standing if len(command.standing) == 1 else ()
            command = await self._rating.rated(
                command,
                now,
                standing=[parcel.pin for parcel in standing],
                replaces=command.replaces,
            )
        return await asyncio.to_thread(self._reconsider, command, now)

    def _cold_ends(self, command: ReconsiderPlan) -> tuple[Place, ...]:
        with self._store.reading() as session:
            network = self._published.network(session)
            return ends_of(session, network, command.order, command.lines)

    def _reconsider(self, command: ReconsiderPlan, now: datetime) -> Reconsidered:
        with self._store.reading() as session:
            known = decisions.by_revision(session, command.order.id, command.revision)
            if known is not None:
                return _moves(command, brief(known))
            own = [
                entry
                for entry in stock.held(session, command.order.id)
                if entry.revision in command.replaces and entry.live(now)
            ]
            network = self._published.network(session)
            problem = problem_of(session, network, (task_of(command),), now, own)
        if self._weather is not None:
            problem = self._weather.seen(problem)
        prices = self._scarcity.known(problem) if self._scarcity else ()
        effort = self._effort
        if self._scarcity is not None:
            effort = self._scarcity.effort(effort, prices, 1)
        best = plan_jointly(problem, effort).answers[0]
        standing_cents, objection = self._priced(command, problem)
        if objection is None and not _pays(command, best, standing_cents):
            return Reconsidered(verdict=Verdict.STAYS, why="the plan is still best")
        if isinstance(best, Unplaced):
            return Reconsidered(
                verdict=Verdict.STUCK,
                why=f"the plan is no longer allowed: {objection}; "
                "nothing else is feasible",
            )
        saved = None if standing_cents is None else standing_cents - best.total_cents
        decision = decision_of(command, best, problem).model_copy(
            update={
                "reason": _reason(command, objection),
                "delta_cents": None if saved is None else -saved,
                "prices": prices,
                "under_prices": effort.under_prices,
            }
        )
        if command.commit:
            claim = claim_of(best, command.revision, network, now + self._hold_for)
            if not swap(self._store, decision, claim, command.replaces, now):
                return Reconsidered(
                    verdict=Verdict.STAYS,
                    why="a better plan's stock was taken by another order just now",
                )
        return _moves(command, brief(decision), objection)

    def _priced(
        self, command: ReconsiderPlan, problem: Problem
    ) -> tuple[int | None, str | None]:
        """Price the standing parcels as things are, or say what forbids them."""
        tasks = tuple(_pinned(command, parcel) for parcel in command.standing)
        # Each is asked alone: they do not compete with each other for stock.
        answers = [
            plan_jointly(_alone(problem, task), self._effort).answers[0]
            for task in tasks
        ]
        refused = [answer for answer in answers if isinstance(answer, Unplaced)]
        if refused:
            return None, _first_reason(refused)
        splits = (len(answers) - 1) * command.policy.money.split_cents
        return sum(a.total_cents for a in answers if isinstance(a, Plan)) + splits, None


def _pinned(command: ReconsiderPlan, parcel: Standing) -> Task:
    alone = command.model_copy(update={"lines": parcel.lines})
    return task_of(alone, parcel.pin)


def _alone(problem: Problem, task: Task) -> Problem:
    return replace(problem, tasks=(task,))


def _first_reason(refused: Sequence[Unplaced]) -> str:
    reasons = [reason for answer in refused for reason in answer.reasons]
    return reasons[0] if reasons else "its way is closed"


def _pays(
    command: ReconsiderPlan, best: Plan | Unplaced, standing_cents: int | None
) -> bool:
    if isinstance(best, Unplaced) or standing_cents is None:
        return False
    gain = max(1, command.policy.move_gain_cents)
    return standing_cents - best.total_cents >= gain


def _reason(command: ReconsiderPlan, objection: str | None) -> str:
    return f"{command.why}: {objection}" if objection else command.why


def _moves(
    command: ReconsiderPlan, decided: Decided, objection: str | None = None
) -> Reconsidered:
    return Reconsidered(
        verdict=Verdict.MOVES,
        why=f"planned anew because {_reason(command, objection)}",
        decided=decided,
    )
