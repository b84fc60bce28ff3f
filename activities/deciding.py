"""Decides orders jointly and holds what their plans need.

- a decision is asked for by one activity per order; the batcher gathers them
- carriers are asked their own prices of the ways it would go, where that is wanted
- the snapshot is read, the solver runs outside any transaction
- every plan's stock and capacity are held in one transaction
- a hold that lost a race re-decides that order alone, not the batch
- a decision already made for (order, revision) is answered again, not remade
- once the deadline is over, the ladder's lower rungs answer; whom even they had no
  time for asks again
- what was scarce is kept for the next batch, and a sample is verified afterwards
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session
from temporalio import activity

from activities.batching import Batcher
from activities.claims import claim_of
from activities.decided import (
    Decided,
    DecideOrder,
    OverridePlan,
    brief,
    decision_of,
    task_of,
)
from activities.forecasting import Forecasting
from activities.published import Published
from activities.rating import Rating
from activities.refusing import refusal_of
from activities.scarcity import Scarcity, concerning
from activities.snapshot import ends_of, problem_of
from activities.swapping import swap
from activities.verifying import Verifying
from connectors.ports import BusinessClock
from domain.errors import HoldLost, NoPlan
from domain.network import Network
from domain.order import OrderStatus
from domain.plan import Decision, Plan, Unplaced
from domain.quantities import FcId, OrderId, Place, Value
from domain.scarcity import Scarce
from optimizer.ladder import NO_TIME, TABLE_FAILED
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort, Problem, Result
from optimizer.whatif import what_if
from store import decisions, orders, stock
from store.claims import Claim, Held
from store.engine import Store

# How often one order may lose its stock to others before the activity is retried.
RACES = 3
_HURRIED = frozenset({NO_TIME, TABLE_FAILED})


class FreeHolds(Value):
    """Give back what a revision claims, at one center or everywhere."""

    order_id: OrderId
    revision: int
    fc: FcId | None = None


class Deciding:
    """The optimizer, with the ledgers before and after it.

    Parameters
    ----------
    store, clock
        What is known, and what time it is for the business.
    hold_for
        How long a plan keeps what it needs before it is committed.
    effort
        How hard to look, and who solves programs.
    window_s, most
        How long a decision waits for company, and for how much of it.
    deadline_s
        After how many seconds a batch is answered with the best there is by then;
        None for no deadline. A race that was lost begins anew.
    scarcity
        Keeps prices between batches; None where nobody does.
    verifying
        Judges a sample of what was decided; None where nobody does.
    timer
        Tells seconds that pass, from any beginning.
    weather
        Knows forecasts for cold goods; None where nobody does.
    rating
        Asks carriers their own prices; None where tables decide.
    """

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        *,
        hold_for: timedelta = timedelta(minutes=30),
        effort: Effort | None = None,
        window_s: float = 0.005,
        most: int = 64,
        deadline_s: float | None = None,
        scarcity: Scarcity | None = None,
        verifying: Verifying | None = None,
        timer: Callable[[], float] = time.monotonic,
        weather: Forecasting | None = None,
        rating: Rating | None = None,
    ) -> None:
        self._store = store
        self._weather = weather
        self._rating = rating
        self._clock = clock
        self._hold_for = hold_for
        self._effort = effort or Effort()
        self._deadline_s = deadline_s
        self._scarcity = scarcity
        self._verifying = verifying
        self._timer = timer
        self._published = Published()
        self._done: list[tuple[Problem, Result, Effort]] = []
        self._batcher: Batcher[tuple[DecideOrder, datetime], Decided] = Batcher(
            self._decide_batch, window_s=window_s, most=most, after=self._look_back
        )

    @activity.defn
    async def decide(self, command: DecideOrder) -> Decided:
        """Choose center, service and packing for the order, and hold them."""
        now = await self._clock.now()
        if command.revision > 1:
            await asyncio.to_thread(self._note_reopened, command.order.id, now)
        await self._look_out(command, now)
        if self._rating is not None:
            command = await self._rating.rated(command, now)
        return await self._batcher.ask((command, now))

    @activity.defn
    async def override(self, command: OverridePlan) -> Decided:
        """Do what the operator wants, if stock, capacity and limits allow it."""
        now = await self._clock.now()
        await self._look_out(command, now)
        if self._rating is not None:
            command = await self._rating.rated(
                command, now, pin=command.pin, replaces=command.replaces
            )
        return await asyncio.to_thread(self._override, command, now)

    @activity.defn
    def free_holds(self, command: FreeHolds) -> None:
        """Give stock and capacity back; never held is fine."""
        with self._store.writing() as session:
            stock.release(session, command.order_id, command.revision, command.fc)

    async def settled(self) -> None:
        """Wait until every batch is answered and looked back on."""
        await self._batcher.settled()

    async def _look_out(self, command: DecideOrder, now: datetime) -> None:
        """Ask for the weather before company is waited for: of cold goods alone."""
        if self._weather is not None:
            places = await asyncio.to_thread(self._cold_ends, command)
            await self._weather.ask(places, now)

    def _cold_ends(self, command: DecideOrder) -> tuple[Place, ...]:
        with self._store.reading() as session:
            network = self._published.network(session)
            return ends_of(session, network, command.order, command.lines)

    def _note_reopened(self, order_id: OrderId, now: datetime) -> None:
        """Let lists show that the order is being decided again."""
        with self._store.writing() as session:
            orders.set_status(session, order_id, OrderStatus.RECEIVED, now)

    def _decide_batch(
        self, asks: Sequence[tuple[DecideOrder, datetime]]
    ) -> list[Decided | Exception]:
        try:
            return self._decide_together(asks)
        except Exception:
            if len(asks) == 1:
                raise
            # An order that cannot be decided must not stop its neighbors.
            activity.logger.exception("a batch failed; deciding its orders singly")
            return [self._decide_alone(ask) for ask in asks]

    def _decide_alone(self, ask: tuple[DecideOrder, datetime]) -> Decided | Exception:
        try:
            return self._decide_together([ask])[0]
        except Exception as error:  # this order's own caller must hear of it
            return error

    def _decide_together(
        self, asks: Sequence[tuple[DecideOrder, datetime]]
    ) -> list[Decided | Exception]:
        now = max(at for _, at in asks)
        answers: dict[int, Decided | Exception] = {}
        # An activity tried again may meet its first attempt: one answer for both.
        first: dict[tuple[OrderId, int], int] = {}
        same = [
            first.setdefault((c.order.id, c.revision), n)
            for n, (c, _) in enumerate(asks)
        ]
        todo = {n: asks[n][0] for n in first.values()}
        for _ in range(RACES):
            todo = self._unanswered(todo, answers)
            if not todo:
                break
            problem = self._problem(tuple(todo.values()), now)
            known = self._scarcity.known(problem) if self._scarcity else ()
            effort = self._effort_under(known, len(todo))
            result = plan_jointly(problem, effort)
            made = self._made(todo, problem, result, known, effort)
            answers |= {n: NoPlan(NO_TIME) for n in todo.keys() - made.keys()}
            todo = self._keep(todo, made, problem, answers)
            self._done.append((problem, result, effort))
        for n in todo:
            answers[n] = HoldLost("stock went to other orders again and again")
        return [answers[n] for n in same]

    def _unanswered(
        self, asks: dict[int, DecideOrder], answers: dict[int, Decided | Exception]
    ) -> dict[int, DecideOrder]:
        """Answer what was decided before; return the rest."""
        rest = {}
        with self._store.reading() as session:
            for n, ask in asks.items():
                known = decisions.by_revision(session, ask.order.id, ask.revision)
                if known is None:
                    rest[n] = ask
                else:
                    answers[n] = brief(known)
        return rest

    def _effort_under(self, known: Sequence[Scarce], orders: int) -> Effort:
        """Return how hard to look at so many orders, from now on."""
        effort = self._effort
        if self._scarcity is not None:
            effort = self._scarcity.effort(effort, known, orders)
        if self._deadline_s is None:
            return effort
        timer, until = self._timer, self._timer() + self._deadline_s
        return replace(effort, should_stop=lambda: timer() >= until)

    def _look_back(self) -> None:
        """Learn from decided batches what is scarce, and have them verified."""
        batches, self._done = self._done, []
        for problem, result, effort in batches:
            try:
                # Prices found on top of others would be too low.
                if self._scarcity is not None and not effort.under_prices:
                    self._scarcity.learn(problem, result)
            except Exception:  # prices are worth less than the next decision
                activity.logger.exception("what is scarce could not be kept")
            if self._verifying is not None:
                self._verifying.offer(problem, result)

    def _problem(self, asks: tuple[DecideOrder, ...], now: datetime) -> Problem:
        with self._store.reading() as session:
            network = self._published.network(session)
            tasks = tuple(task_of(ask) for ask in asks)
            problem = problem_of(session, network, tasks, now)
        return self._weather.seen(problem) if self._weather else problem

    def _made(
        self,
        asks: dict[int, DecideOrder],
        problem: Problem,
        result: Result,
        known: Sequence[Scarce],
        effort: Effort,
    ) -> dict[int, Decision]:
        """Return the decisions to keep: not those nobody had time for."""
        made = {}
        for (n, ask), answer in zip(asks.items(), result.answers, strict=True):
            # Alone again there is more time, unless it was alone already.
            if len(asks) > 1 and hurried(answer):
                continue
            made[n] = decision_of(ask, answer, problem).model_copy(
                update={
                    "prices": concerning(ask.lines, known),
                    "under_prices": effort.under_prices,
                }
            )
        return made

    def _keep(
        self,
        asks: dict[int, DecideOrder],
        made: dict[int, Decision],
        problem: Problem,
        answers: dict[int, Decided | Exception],
    ) -> dict[int, DecideOrder]:
        """Hold and record in one transaction; return those who lost a race."""
        now = problem.as_of
        claims = {
            n: self._claim(asks[n], decision.plan, problem.network, now)
            for n, decision in made.items()
            if decision.plan is not None
        }

        def keep(session: Session) -> dict[int, DecideOrder]:
            lost = {}
            taken = stock.hold_all(session, tuple(claims.values()), now)
            held = dict(zip(claims, taken, strict=True))
            for n, decision in made.items():
                if n in held and not isinstance(held[n], Held):
                    lost[n] = asks[n]
                    continue
                if n in held:
                    orders.set_status(
                        session, decision.order_id, OrderStatus.PLANNED, now
                    )
                decisions.record(session, decision)
                answers[n] = brief(decision)
            return lost

        return self._store.write(keep)

    def _override(self, command: OverridePlan, now: datetime) -> Decided:
        with self._store.reading() as session:
            known = decisions.by_revision(session, command.order.id, command.revision)
            if known is not None and command.commit:
                return brief(known)
            own = [
                entry
                for entry in stock.held(session, command.order.id)
                if entry.revision in command.replaces and entry.live(now)
            ]
            wish = task_of(command, command.pin)
            network = self._published.network(session)
            problem = problem_of(session, network, (wish,), now, own)
        if self._weather is not None:
            problem = self._weather.seen(problem)
        priced = what_if(problem, command.replaced or None, self._effort)
        answer = priced.answer
        if isinstance(answer, Unplaced):
            refusal = refusal_of(command.pin, answer, problem, self._effort)
            return Decided(as_of=now, refusal=refusal)
        decision = decision_of(command, answer, problem).model_copy(
            update={"delta": priced.delta or {}}
        )
        if not command.commit:
            return brief(decision)
        claim = self._claim(command, answer, problem.network, now)
        if swap(self._store, decision, claim, command.replaces, now):
            return brief(decision)
        return Decided(
            as_of=now,
            refusal="Its stock or capacity was taken by another order just now.",
        )

    def _claim(
        self, ask: DecideOrder, plan: Plan, network: Network, now: datetime
    ) -> Claim:
        return claim_of(plan, ask.revision, network, now + self._hold_for)


def hurried(answer: Plan | Unplaced) -> bool:
    """Tell whether an order has no plan for want of time alone."""
    return isinstance(answer, Unplaced) and not _HURRIED.isdisjoint(answer.reasons)
