"""Decides orders jointly and holds what their plans need.

- a decision is asked for by one activity per order; the batcher gathers them
- the snapshot is read, the solver runs outside any transaction
- every plan's stock and capacity are held in one transaction
- a hold that lost a race re-decides that order alone, not the batch
- a decision already made for (order, revision) is answered again, not remade
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import Field
from sqlmodel import Session
from temporalio import activity

from activities.batching import Batcher
from activities.claims import claim_of
from activities.published import Published
from activities.refusing import refusal_of
from activities.snapshot import problem_of
from activities.swapping import swap
from connectors.ports import BusinessClock
from domain.errors import HoldLost
from domain.network import Network
from domain.order import Line, Order, OrderStatus
from domain.plan import (
    Block,
    Cost,
    DecidedBy,
    Decision,
    LiveRate,
    Pin,
    Plan,
    Unplaced,
)
from domain.policy import Policy
from domain.quantities import DecisionId, FcId, Instant, OrderId, Value
from domain.segment import Classification
from optimizer.plan import plan as plan_jointly
from optimizer.problem import Effort, Problem, Task
from optimizer.whatif import what_if
from store import decisions, orders, stock
from store.claims import Claim, Held
from store.engine import Store

# How often one order may lose its stock to others before the activity is retried.
RACES = 3
# The reasons a workflow keeps of an order without a plan.
EXCLUDED_KEPT = 5


class DecideOrder(Value):
    """Decide these lines of the order, as its n-th revision.

    ``lines`` are what is not yet on its way.
    """

    order: Order
    lines: tuple[Line, ...]
    revision: int
    policy: Policy = Policy()
    classification: Classification = Classification()
    blocks: tuple[Block, ...] = ()
    rates: tuple[LiveRate, ...] = ()


class OverridePlan(DecideOrder):
    """Replace the plan of some lines by what an operator wants.

    ``replaces`` are the revisions whose claims are given up, if the wish is
    feasible; ``replaced`` is the cost by term of what it replaces. With
    ``commit`` False the wish is only priced.
    """

    replaces: tuple[int, ...] = ()
    replaced_cents: int | None = None
    replaced: Cost = Field(default_factory=dict)
    pin: Pin
    operator: str
    reason: str
    commit: bool = True


class Decided(Value):
    """A decision in the size a workflow keeps; the store has all of it.

    Exactly one of ``plan``, ``unplaced`` and ``refusal`` is set; a refusal is
    one sentence and changes nothing. ``delta`` is what an override costs more
    or less than what it replaces, term by term.
    """

    decision_id: DecisionId = DecisionId("")
    revision: int = 0
    as_of: Instant
    plan: Plan | None = None
    unplaced: Unplaced | None = None
    refusal: str | None = None
    delta_cents: int | None = None
    delta: Cost = Field(default_factory=dict)


class FreeHolds(Value):
    """Give back what a revision claims, at one center or everywhere."""

    order_id: OrderId
    revision: int
    fc: FcId | None = None


class Deciding:
    """The optimizer, with the ledgers before and after it."""

    def __init__(
        self,
        store: Store,
        clock: BusinessClock,
        *,
        hold_for: timedelta = timedelta(minutes=30),
        effort: Effort | None = None,
        window_s: float = 0.005,
        most: int = 64,
    ) -> None:
        self._store = store
        self._clock = clock
        self._hold_for = hold_for
        self._effort = effort or Effort()
        self._published = Published()
        self._batcher: Batcher[tuple[DecideOrder, datetime], Decided] = Batcher(
            self._decide_batch, window_s=window_s, most=most
        )

    @activity.defn
    async def decide(self, command: DecideOrder) -> Decided:
        """Choose center, service and packing for the order, and hold them."""
        now = await self._clock.now()
        if command.revision > 1:
            await asyncio.to_thread(self._note_reopened, command.order.id, now)
        return await self._batcher.ask((command, now))

    @activity.defn
    async def override(self, command: OverridePlan) -> Decided:
        """Do what the operator wants, if stock, capacity and limits allow it."""
        now = await self._clock.now()
        return await asyncio.to_thread(self._override, command, now)

    @activity.defn
    def free_holds(self, command: FreeHolds) -> None:
        """Give stock and capacity back; never held is fine."""
        with self._store.writing() as session:
            stock.release(session, command.order_id, command.revision, command.fc)

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
            result = plan_jointly(problem, self._effort)
            todo = self._keep(todo, result.answers, problem, now, answers)
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

    def _problem(self, asks: tuple[DecideOrder, ...], now: datetime) -> Problem:
        with self._store.reading() as session:
            network = self._published.network(session)
            tasks = tuple(task_of(ask) for ask in asks)
            return problem_of(session, network, tasks, now)

    def _keep(
        self,
        asks: dict[int, DecideOrder],
        planned: Sequence[Plan | Unplaced],
        problem: Problem,
        now: datetime,
        answers: dict[int, Decided | Exception],
    ) -> dict[int, DecideOrder]:
        """Hold and record in one transaction; return those who lost a race."""
        made = {
            n: decision_of(ask, answer, problem)
            for (n, ask), answer in zip(asks.items(), planned, strict=True)
        }
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


def task_of(ask: DecideOrder, pin: Pin | None = None) -> Task:
    """Return what the optimizer is asked."""
    return Task(
        order=ask.order,
        lines=ask.lines,
        policy=ask.policy,
        blocks=ask.blocks,
        pin=pin,
        rates=ask.rates,
    )


def decision_of(
    ask: DecideOrder, answer: Plan | Unplaced, problem: Problem
) -> Decision:
    """Return the decision as it is kept, with all it rests on."""
    decision = Decision(
        id=DecisionId(f"{ask.order.id}.{ask.revision}"),
        order_id=ask.order.id,
        revision=ask.revision,
        as_of=problem.as_of,
        plan=answer if isinstance(answer, Plan) else None,
        unplaced=answer if isinstance(answer, Unplaced) else None,
        policy=ask.policy,
        classification=ask.classification,
        network_version=problem.network.version,
        blocks=ask.blocks,
    )
    if not isinstance(ask, OverridePlan):
        return decision
    before = ask.replaced_cents
    return decision.model_copy(
        update={
            "made_by": DecidedBy.OPERATOR,
            "pin": ask.pin,
            "operator": ask.operator,
            "reason": ask.reason,
            "delta_cents": answer.total_cents - before
            if isinstance(answer, Plan) and before is not None
            else None,
        }
    )


def brief(decision: Decision) -> Decided:
    """Return a decision in the size a workflow keeps."""
    unplaced = decision.unplaced
    return Decided(
        decision_id=decision.id,
        revision=decision.revision,
        as_of=decision.as_of,
        plan=decision.plan.brief() if decision.plan else None,
        unplaced=unplaced.model_copy(
            update={"excluded": unplaced.excluded[:EXCLUDED_KEPT]}
        )
        if unplaced
        else None,
        delta_cents=decision.delta_cents,
        delta=decision.delta,
    )
