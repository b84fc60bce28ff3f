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
    from activities.recording import Recording
    from domain.order import FINAL, Event, Order, OrderStatus
    from domain.outcome import Outcome
    from domain.quantities import Value
    from domain.transport import LoadUpdate
    from domain.warehousing import StockLost, WarehouseNotice
    from workflows.calling_off import CallingOff
    from workflows.compensation import undisturbed
    from workflows.deciding import classify, decide, gather
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
        decision_markdown,
    )
    from workflows.ending import outcome_of
    from workflows.floor import Floor
    from workflows.following import Following
    from workflows.offers import Offers
    from workflows.operators import Operators
    from workflows.options import STORE
    from workflows.relooking import FactsChanged, Watching
    from workflows.rerouting import decide_around
    from workflows.showing import note, publish, show
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
        self._following = Following(
            self._state, self._plan_lock, lambda s: self._floor.hear_out(s)
        )
        self._floor = Floor(self._state, self._following.follow)
        self._watching = Watching(self._state, active=workflow.patched("look-again"))
        self._operators = Operators(self._state, self._plan_lock)
        self._calling_off = CallingOff(self._state)

    @workflow.run
    async def run(self, command: FulfillOrder) -> Outcome:
        """Carry the order to its end, however it goes."""
        if (again := await self._undisturbed(gather(self._state))) is not None:
            return again
        while self._state.status not in FINAL:
            await self._undisturbed(self._step())
        return await self._undisturbed(self._record())

    async def _step(self) -> None:
        state = self._state
        if self._calling_off.asked:
            await self._call_off()
        elif state.classified is None:
            await classify(state)
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
        return await self._operators.approve(ask)

    @approve.validator
    def _may_approve(self, ask: Approve) -> None:
        self._operators.may_approve(ask)

    @workflow.update(description="Send the order another way, if it is feasible.")
    async def override(self, ask: Override) -> str:
        """Send the order another way, if stock, capacity and limits allow it."""
        return await self._operators.override(ask)

    @override.validator
    def _may_override(self, ask: Override) -> None:
        self._operators.may_wish(ask)

    @workflow.update(description="Say what an override would cost; nothing is done.")
    async def price_override(self, ask: PriceOverride) -> PricedOverride:
        """Price an override against the plan in force, and commit nothing."""
        return await self._operators.price(ask)

    @price_override.validator
    def _may_price(self, ask: PriceOverride) -> None:
        self._operators.may_wish(ask)

    @workflow.update(description="Stop before the next effect, until resumed.")
    async def hold(self, ask: Hold) -> str:
        """Stop before the next effect, until resumed."""
        return await self._operators.hold(ask)

    @hold.validator
    def _may_hold(self, ask: Hold) -> None:
        self._operators.may(Event.HOLD)

    @workflow.update(description="Go on after a hold.")
    async def resume(self, ask: Resume) -> str:
        """Go on after a hold."""
        return await self._operators.resume(ask)

    @resume.validator
    def _may_resume(self, ask: Resume) -> None:
        self._operators.may(Event.RESUME)

    @workflow.update(description="End the order and undo what was done for it.")
    async def cancel(self, ask: Cancel) -> str:
        """End the order; what is in flight is awaited, then undone."""
        return await self._calling_off.cancel(ask)

    @cancel.validator
    def _may_cancel(self, ask: Cancel) -> None:
        self._operators.may(Event.CANCEL)
        self._calling_off.may()

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

    async def _look_again(self) -> None:
        status = self._state.status
        async with self._plan_lock:
            await self._watching.look()
        if self._state.status in (status, OrderStatus.PLANNED):
            publish(self._state)
        else:
            await note(self._state)

    async def _decide(self) -> None:
        async with self._plan_lock:
            await decide(self._state)
        if self._state.status is OrderStatus.PLANNED:
            publish(self._state)
        else:
            await note(self._state)

    async def _commit(self) -> None:
        """Take the planned parcels step by step: reserve all, book all, release all."""
        state = self._state
        nothing_to_do = not state.uncommitted()
        if state.status is OrderStatus.PLANNED:
            state.move(Event.COMMIT)
        show(self._state)
        while state.status is OrderStatus.COMMITTING and not self._calling_off.asked:
            if self._watching.stale:
                return
            if self._offers.awaited:
                await self._until_answered()
                continue
            async with self._plan_lock:
                await self._advance()
        if nothing_to_do:
            await note(self._state)

    async def _advance(self) -> None:
        """Take the next effect, unless the order was stopped meanwhile."""
        state = self._state
        if state.status is not OrderStatus.COMMITTING or self._calling_off.asked:
            return
        todo = state.uncommitted()
        if not todo:
            state.all_released()
            publish(self._state)
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
            publish(self._state)

    async def _call_off(self) -> None:
        async with self._plan_lock:
            await self._calling_off.undo()

    async def _record(self) -> Outcome:
        """Join how the order ended to how it was decided."""
        state = self._state
        self._calling_off.over()
        publish(self._state)
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
        return await undisturbed(step, self._calling_off.by_temporal)

    def _stirred(self) -> bool:
        """Tell whether something happened that is not about loads on offer."""
        return (
            self._calling_off.asked
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
