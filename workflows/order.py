"""One order's whole life.

- gather: accept it and collect the facts
- classify: segments, composed into a policy
- decide: center, service and packing, with stock and capacity held
- review: only where the policy, a refusal or an operator asks for a person
- commit: reserve, book, release, each with its undo
- wait: short picks, refusals and the operator's words decide the rest again
- follow: one child workflow per parcel, to the door
- record: how it ended, joined to how it was decided
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.classifying import Classifying, ClassifyOrder
    from activities.decided import DecideOrder
    from activities.deciding import Deciding
    from activities.gathering import GatherFacts, Gathering
    from activities.recording import NoteStatus, Recording
    from domain.order import FINAL, Event, Order, OrderStatus, why_not
    from domain.outcome import Outcome
    from domain.plan import total
    from domain.quantities import Value
    from domain.transport import LoadUpdate
    from domain.warehousing import StockLost, WarehouseNotice
    from workflows import names
    from workflows.compensation import undisturbed
    from workflows.desk import (
        Approve,
        Cancel,
        DecisionView,
        Hold,
        Override,
        PricedOverride,
        PriceOverride,
        Progress,
        Resume,
        Wish,
        decision_markdown,
        no,
    )
    from workflows.ending import outcome_of
    from workflows.floor import Floor
    from workflows.following import Following
    from workflows.offers import Offers
    from workflows.options import SOLVER, STORE
    from workflows.relooking import FactsChanged, Watching
    from workflows.rerouting import decide_around, override, price
    from workflows.shipment import Shipment
    from workflows.stage import Stage
    from workflows.state import OrderState
    from workflows.timing import soonest

T = TypeVar("T")

_UNDER_WAY = (OrderStatus.PLANNED, OrderStatus.COMMITTING)


class FulfillOrder(Value):
    """Bring this order to the door."""

    order: Order


@workflow.defn
class OrderFulfillment:
    """An order, from acceptance to its last parcel's end."""

    @workflow.init
    def __init__(self, command: FulfillOrder) -> None:
        self._state = OrderState(command.order)
        # Plan changes and effects go one at a time.
        self._plan_lock = asyncio.Lock()
        self._offers = Offers(self._state)
        self._following = Following(self._state, self._plan_lock)
        self._floor = Floor(self._state, self._following.follow)
        self._watching = Watching(self._state, active=workflow.patched("look-again"))
        self._cancel: Cancel | None = None
        self._cancel_answer: str | None = None

    @workflow.run
    async def run(self, command: FulfillOrder) -> Outcome:
        """Carry the order to its end, however it goes."""
        if (again := await self._undisturbed(self._gather())) is not None:
            return again
        while self._state.status not in FINAL:
            await self._undisturbed(self._step())
        return await self._undisturbed(self._record())

    async def _step(self) -> None:
        state = self._state
        if self._cancel is not None:
            await self._call_off()
        elif state.classified is None:
            await self._classify()
        elif self._watching.stale:
            await self._look_again()
        elif state.status in (OrderStatus.REVIEW, OrderStatus.HELD):
            await self._wait()
        elif state.remainder:
            await self._decide()
        elif state.uncommitted() or state.status in _UNDER_WAY:
            await self._commit()
        else:
            await self._wait()

    # What operators may say. Validators judge the form and the moment; what
    # needs the store is answered by the handler, in one sentence.

    @workflow.update(description="Let the plan under review go ahead.")
    async def approve(self, ask: Approve) -> str:
        """Let the plan under review go ahead."""
        async with self._plan_lock:
            self._refuse_unless(Event.APPROVE)
            self._refuse_stale(ask.revision)
            self._state.approve()
            self._publish()
        return f"Approved by {ask.operator}."

    @approve.validator
    def _may_approve(self, ask: Approve) -> None:
        self._refuse_unless(Event.APPROVE)
        self._refuse_stale(ask.revision)

    @workflow.update(description="Send the order another way, if it is feasible.")
    async def override(self, ask: Override) -> str:
        """Send the order another way, if stock, capacity and limits allow it."""
        async with self._plan_lock:
            self._refuse_unless(Event.OVERRIDE)
            self._refuse_stale(ask.revision)
            try:
                return await override(self._state, ask)
            finally:
                self._publish()

    @override.validator
    def _may_override(self, ask: Override) -> None:
        self._refuse_wish(ask)

    @workflow.update(description="Say what an override would cost; nothing is done.")
    async def price_override(self, ask: PriceOverride) -> PricedOverride:
        """Price an override against the plan in force, and commit nothing."""
        async with self._plan_lock:
            self._refuse_wish(ask)
            return await price(self._state, ask)

    @price_override.validator
    def _may_price(self, ask: PriceOverride) -> None:
        self._refuse_wish(ask)

    @workflow.update(description="Stop before the next effect, until resumed.")
    async def hold(self, ask: Hold) -> str:
        """Stop before the next effect, until resumed."""
        self._state.move(Event.HOLD)
        self._state.reason = f"on hold by {ask.operator}: {ask.reason}"
        await self._note()
        return f"On hold for {ask.operator}."

    @hold.validator
    def _may_hold(self, ask: Hold) -> None:
        self._refuse_unless(Event.HOLD)

    @workflow.update(description="Go on after a hold.")
    async def resume(self, ask: Resume) -> str:
        """Go on after a hold."""
        self._state.move(Event.RESUME)
        self._state.reason = ""
        if self._state.review:
            self._state.move(Event.REVIEW_ASKED)
        await self._note()
        return f"Resumed by {ask.operator}."

    @resume.validator
    def _may_resume(self, ask: Resume) -> None:
        self._refuse_unless(Event.RESUME)

    @workflow.update(description="End the order and undo what was done for it.")
    async def cancel(self, ask: Cancel) -> str:
        """End the order; what is in flight is awaited, then undone."""
        self._cancel, self._cancel_answer = ask, None
        await workflow.wait_condition(lambda: self._cancel_answer is not None)
        answer = self._cancel_answer or ""
        if self._state.status is not OrderStatus.CANCELLED:
            raise no(answer)
        return answer

    @cancel.validator
    def _may_cancel(self, ask: Cancel) -> None:
        self._refuse_unless(Event.CANCEL)
        if self._cancel is not None:
            raise no("The order is already being cancelled.")

    @workflow.signal
    def warehouse_reported(self, notice: WarehouseNotice) -> None:
        """Take a warehouse's word on a released parcel; repetitions are dropped."""
        self._floor.reported(notice)

    @workflow.signal
    def load_answered(self, update: LoadUpdate) -> None:
        """Take a freight carrier's word on a load; repetitions are dropped."""
        self._offers.told(update)

    @workflow.signal
    def stock_lost(self, lost: StockLost) -> None:
        """Hear that a recount took stock away that was held for this order."""
        self._floor.recounted(lost)

    @workflow.signal
    def facts_changed(self, news: FactsChanged) -> None:
        """Hear that something the order depends on is no longer as it was."""
        self._watching.told(news)

    @workflow.query
    def decision(self) -> DecisionView:
        """Answer the plan in force, its cost by term and its runner-ups."""
        return self._state.view()

    @workflow.query
    def explain(self) -> str:
        """Answer the decision in words, as the UI shows it."""
        return decision_markdown(self._state.view())

    @workflow.query
    def progress(self) -> Progress:
        """Answer where the order stands."""
        return self._state.progress()

    # The story, step by step.

    async def _gather(self) -> Outcome | None:
        """Accept the order; answer at once for one that ended before."""
        state = self._state
        gathered = await workflow.execute_activity_method(
            Gathering.gather,
            GatherFacts(order=state.order),
            summary="Accept the order and gather its facts",
            **STORE,
        )
        state.time.saw(gathered.as_of)
        state.order = gathered.order
        state.digest = gathered.digest or state.digest
        if gathered.again not in FINAL:
            return None
        return Outcome(
            order_id=state.order.id,
            status=gathered.again,
            reason="the same order already ended under this id",
            ended_at=gathered.as_of,
        )

    async def _classify(self) -> None:
        state = self._state
        state.classified = await workflow.execute_activity_method(
            Classifying.classify,
            ClassifyOrder(order=state.order, as_of=state.time.now()),
            summary="Find the order's segments and their policy",
            **STORE,
        )
        state.remainder = state.order.lines

    async def _look_again(self) -> None:
        status = self._state.status
        async with self._plan_lock:
            await self._watching.look()
        if self._state.status in (status, OrderStatus.PLANNED):
            self._publish()
        else:
            await self._note()

    async def _decide(self) -> None:
        state = self._state
        async with self._plan_lock:
            lines = state.remainder
            decided = await workflow.execute_activity_method(
                Deciding.decide,
                DecideOrder(
                    order=state.order,
                    lines=lines,
                    revision=state.revision + 1,
                    policy=state.policy,
                    classification=state.classification,
                    blocks=tuple(state.blocks),
                    rates=tuple(state.rates),
                ),
                summary=f"Decide {len(lines)} line{'s' * (len(lines) != 1)}, "
                f"revision {state.revision + 1}",
                priority=state.priority,
                **SOLVER,
            )
            state.take_plan(decided)
            state.judge()
        if state.status is OrderStatus.PLANNED:
            self._publish()
        else:
            await self._note()

    async def _commit(self) -> None:
        """Take the planned parcels step by step: reserve all, book all, release all."""
        state = self._state
        nothing_to_do = not state.uncommitted()
        if state.status is OrderStatus.PLANNED:
            state.move(Event.COMMIT)
        self._show()
        while state.status is OrderStatus.COMMITTING and self._cancel is None:
            if self._watching.stale:
                return
            if self._offers.awaited:
                await self._until_answered()
                continue
            async with self._plan_lock:
                await self._advance()
        if nothing_to_do:
            await self._note()

    async def _advance(self) -> None:
        """Take the next effect, unless the order was stopped meanwhile."""
        state = self._state
        if state.status is not OrderStatus.COMMITTING or self._cancel is not None:
            return
        todo = state.uncommitted()
        if not todo:
            state.all_released()
            self._publish()
            return
        shipment = todo[0]
        refusal = await shipment.advance(
            state.time.now(), OrderStatus.RELEASED if len(todo) == 1 else None
        )
        if refusal is not None:
            await decide_around(state, shipment, refusal)
        elif shipment.out:
            await self._following.follow(shipment)

    async def _until_answered(self) -> None:
        """Give carriers their time to answer; nothing on other floors waits for it."""
        status = self._state.status
        overdue = False
        try:
            await workflow.wait_condition(
                lambda: (
                    self._offers.news
                    or self._stirred()
                    or self._state.status is not status
                ),
                timeout=self._offers.patience(),
            )
        except TimeoutError:
            overdue = True
        async with self._plan_lock:
            await self._heed()
            if overdue and self._state.status is status:
                await self._offers.expire()

    async def _wait(self) -> None:
        """Sleep until something happens, or a warehouse has been silent too long."""
        state, status = self._state, self._state.status
        try:
            await workflow.wait_condition(
                lambda: (
                    self._stirred()
                    or self._offers.news
                    or (state.status is not status and not self._plan_lock.locked())
                    or self._arrived()
                ),
                timeout=soonest(self._floor.patience(), self._watching.rests_for),
            )
        except TimeoutError:
            await self._floor.ask()
        async with self._plan_lock:
            await self._heed()
        if self._arrived():
            state.move(Event.DELIVER)
        if state.status is not status:
            self._publish()

    async def _call_off(self) -> None:
        """Undo, newest first, what can be undone; the rest goes on."""
        assert self._cancel is not None
        state = self._state
        async with self._plan_lock:
            stays = state.departed()
            for shipment in reversed(state.opened()):
                stays += [] if await shipment.undo() else [shipment]
            cancel, self._cancel = self._cancel, None
            state.remainder, state.review = (), ()
            if not stays:
                state.reason = f"cancelled by {cancel.operator}: {cancel.reason}"
                state.move(Event.CANCEL)
                self._cancel_answer = f"Cancelled by {cancel.operator}."
                return
            state.status = _where(stays)
            self._cancel_answer = (
                f"Too late for {', '.join(s.parcel_id for s in stays)}: the warehouse "
                "or the carrier already has it; anything else was undone."
            )

    async def _record(self) -> Outcome:
        """Join how the order ended to how it was decided."""
        state = self._state
        self._cancel_answer = self._cancel_answer or why_not(state.status, Event.CANCEL)
        self._publish()
        if state.loose_ends:
            await workflow.wait(state.loose_ends)
        outcome = outcome_of(state)
        await workflow.execute_activity_method(
            Recording.record_outcome,
            outcome,
            summary=f"Record that the order is {state.status.value}",
            **STORE,
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    # What the steps lean on.

    async def _undisturbed(self, step: Coroutine[Any, Any, T]) -> T:
        """Await a step to its end; a cancellation is a word it heeds."""
        return await undisturbed(step, self._cancelled_by_temporal)

    def _cancelled_by_temporal(self) -> None:
        self._cancel = self._cancel or Cancel(
            operator="temporal", reason="cancellation requested"
        )

    def _stirred(self) -> bool:
        """Tell whether something happened that is not about loads on offer."""
        return (
            self._cancel is not None
            or self._floor.news
            or bool(self._state.undelivered())
            or self._watching.stale
        )

    async def _heed(self) -> None:
        """Take to heart what floors and carriers told."""
        await self._floor.catch_up()
        await self._offers.catch_up()
        for shipment in self._state.undelivered():
            self._state.never_arrived(shipment)

    def _arrived(self) -> bool:
        """Tell whether everything came to its end, and the order may too."""
        return self._state.ended() and self._state.may(Event.DELIVER)

    def _refuse_unless(self, event: Event) -> None:
        if not self._state.may(event):
            raise no(why_not(self._state.status, event))

    def _refuse_stale(self, revision: int | None) -> None:
        if revision is not None and revision != self._state.revision:
            raise no(
                f"Decision {revision} is no longer in force; "
                f"the order is at decision {self._state.revision}."
            )

    def _refuse_wish(self, ask: Wish) -> None:
        self._refuse_unless(Event.OVERRIDE)
        self._refuse_stale(ask.revision)
        if not (ask.fulfillment_center or ask.service or ask.packing):
            raise no("Say what to change: any of fulfillment_center, service, packing.")

    def _show(self) -> None:
        workflow.set_current_details(decision_markdown(self._state.view()))

    def _publish(self) -> None:
        """Let lists, searches and the desk see where the order stands."""
        state = self._state
        alive = [s.parcel for s in state.shipments if s.stage is not Stage.UNDONE]
        workflow.upsert_search_attributes(
            [
                names.SEGMENTS.value_set(names.keywords(state.segments)),
                names.STATUS.value_set(state.status.value),
                names.REVIEW.value_set("waiting" if state.review else "no"),
                names.COST_CENTS.value_set(sum(total(p.cost) for p in alive)),
                names.CENTERS.value_set(names.keywords(p.fc for p in alive)),
                names.CARRIERS.value_set(names.keywords(p.carrier for p in alive)),
            ]
        )
        self._show()

    async def _note(self) -> None:
        """Keep a status in which the order may rest for long."""
        state = self._state
        self._publish()
        await workflow.execute_activity_method(
            Recording.note_status,
            NoteStatus(
                order_id=state.order.id,
                status=state.status,
                revisions=tuple(sorted({s.revision for s in state.opened()})),
                as_of=state.time.now(),
            ),
            summary=f"Note that the order is {state.status.value}",
            **STORE,
        )


def _where(shipments: list[Shipment]) -> OrderStatus:
    """Say where an order stands of which only these parcels go on."""
    waiting = [shipment for shipment in shipments if shipment.open]
    if not waiting:
        return OrderStatus.HANDED_OVER
    out = all(shipment.out for shipment in waiting)
    return OrderStatus.RELEASED if out else OrderStatus.PLANNED
