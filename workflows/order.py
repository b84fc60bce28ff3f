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
from collections import deque
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from activities.classifying import Classifying, ClassifyOrder
    from activities.deciding import Decided, DecideOrder, Deciding, OverridePlan
    from activities.gathering import GatherFacts, Gathering
    from activities.recording import NoteStatus, Recording
    from domain.order import FINAL, Event, Line, Order, OrderStatus, why_not
    from domain.outcome import Outcome
    from domain.plan import Block
    from domain.quantities import Value
    from domain.shipping import ParcelStatus
    from domain.warehousing import (
        StockLost,
        WarehouseEvent,
        WarehouseNotice,
        WorkStatus,
    )
    from workflows import names
    from workflows.desk import (
        Approve,
        Cancel,
        DecisionView,
        Hold,
        Override,
        Progress,
        Resume,
        decision_markdown,
    )
    from workflows.ending import outcome_of
    from workflows.options import SOLVER, STORE
    from workflows.parcel import ParcelJourney, ParcelReport
    from workflows.shipment import Refusal, Shipment, Stage
    from workflows.state import OrderState

# How long after the planned handover a silent warehouse is asked.
GRACE = timedelta(hours=6)


class FulfillOrder(Value):
    """Bring this order to the door."""

    order: Order


@workflow.defn
class OrderFulfillment:
    """An order, from acceptance to its last parcel's end."""

    @workflow.init
    def __init__(self, command: FulfillOrder) -> None:
        self._state = OrderState(command.order)
        self._notices: deque[WarehouseNotice] = deque()
        self._heard: set[str] = set()
        self._lost: deque[StockLost] = deque()
        self._cancel: Cancel | None = None
        self._cancel_answer: str | None = None
        self._plan_lock = asyncio.Lock()
        self._followers: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, command: FulfillOrder) -> Outcome:
        """Carry the order to its end, however it goes."""
        state = self._state
        if (again := await self._gather()) is not None:
            return again
        while state.status not in FINAL:
            try:
                await self._step()
            except asyncio.CancelledError:
                self._cancel = self._cancel or Cancel(
                    operator="temporal", reason="cancellation requested"
                )
        self._publish()
        outcome = outcome_of(state)
        await workflow.execute_activity_method(
            Recording.record_outcome,
            outcome,
            summary=f"Record that the order is {state.status.value}",
            **STORE,
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    async def _step(self) -> None:
        state = self._state
        if self._cancel is not None:
            await self._call_off()
        elif state.classified is None:
            await self._classify()
        elif state.status in (OrderStatus.REVIEW, OrderStatus.HELD):
            await self._wait()
        elif state.remainder:
            await self._decide()
        elif state.uncommitted():
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
            return await self._replace_plan(ask)

    @override.validator
    def _may_override(self, ask: Override) -> None:
        self._refuse_unless(Event.OVERRIDE)
        self._refuse_stale(ask.revision)
        if not (ask.fulfillment_center or ask.service or ask.packing):
            raise _no(
                "Say what to change: any of fulfillment_center, service, packing."
            )

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
            raise _no(answer)
        return answer

    @cancel.validator
    def _may_cancel(self, ask: Cancel) -> None:
        self._refuse_unless(Event.CANCEL)
        if self._cancel is not None:
            raise _no("The order is already being cancelled.")

    @workflow.signal
    def warehouse_reported(self, notice: WarehouseNotice) -> None:
        """Take a warehouse's word on a released parcel; repetitions are dropped."""
        mark = f"{notice.parcel_id}#{notice.sequence}"
        if mark not in self._heard:
            self._heard.add(mark)
            self._notices.append(notice)

    @workflow.signal
    def stock_lost(self, lost: StockLost) -> None:
        """Hear that a recount took stock away that was held for this order."""
        self._lost.append(lost)

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
        state.facts, state.order = gathered.facts, gathered.order
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
            ClassifyOrder(order=state.order, facts=state.facts, as_of=state.time.now()),
            summary="Find the order's segments and their policy",
            **STORE,
        )
        state.remainder = state.order.lines

    async def _decide(self) -> None:
        state = self._state
        lines = state.remainder
        async with self._plan_lock:
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
        state.move(Event.COMMIT)
        self._show()
        while state.status is OrderStatus.COMMITTING and self._cancel is None:
            todo = state.uncommitted()
            if not todo:
                state.move(Event.RELEASE)
                self._publish()
                return
            shipment = todo[0]
            refusal = await shipment.advance(
                state.time.now(), OrderStatus.RELEASED if len(todo) == 1 else None
            )
            if refusal is not None:
                await self._decide_around(shipment, refusal)
            elif shipment.stage is Stage.RELEASED:
                await self._follow(shipment)

    async def _decide_around(self, shipment: Shipment, refusal: Refusal) -> None:
        workflow.logger.info("decide again: %s", refusal.why)
        self._state.refused(refusal)
        if await shipment.undo():
            self._state.again(shipment.lines)

    async def _wait(self) -> None:
        """Sleep until something happens, or a warehouse has been silent too long."""
        state, status = self._state, self._state.status
        try:
            await workflow.wait_condition(
                lambda: (
                    self._cancel is not None
                    or bool(self._notices or self._lost)
                    or bool(state.undelivered())
                    or (state.status is not status and not self._plan_lock.locked())
                    or state.ended()
                ),
                timeout=self._patience(),
            )
        except TimeoutError:
            await self._ask_warehouses()
        async with self._plan_lock:
            while self._lost:
                await self._recounted(self._lost.popleft())
            while self._notices:
                await self._take(self._notices.popleft())
            for shipment in state.undelivered():
                self._never_arrived(shipment)
        if state.ended():
            state.move(Event.DELIVER)

    async def _take(self, notice: WarehouseNotice) -> None:
        state = self._state
        state.time.saw(notice.occurred_at)
        shipment = state.shipment_of(notice.parcel_id)
        if shipment is None or not shipment.open:
            return
        match notice.event:
            case WarehouseEvent.SHORT_PICKED:
                await self._short_picked(shipment, notice.lines)
            case WarehouseEvent.SHIPPED:
                await self._shipped(shipment, notice)
            case WarehouseEvent.CANCELLED:
                block = Block(fc=notice.fc, why="cancelled by the center")
                await self._decide_around(
                    shipment, Refusal(f"{notice.fc} cancelled it", blocks=(block,))
                )

    async def _short_picked(self, shipment: Shipment, short: tuple[Line, ...]) -> None:
        fc = shipment.parcel.fc
        self._state.refused(
            Refusal(
                f"{fc} was short of "
                + ", ".join(f"{line.units} {line.sku}" for line in short),
                blocks=tuple(
                    Block(fc=fc, sku=line.sku, why="short pick") for line in short
                ),
            )
        )
        if not shipment.lose(short):
            await shipment.undo()
        self._state.again(short)

    async def _shipped(self, shipment: Shipment, notice: WarehouseNotice) -> None:
        state = self._state
        last = state.opened() == [shipment] and not state.remainder
        await shipment.ship(
            notice.lines or shipment.lines,
            notice.occurred_at,
            OrderStatus.HANDED_OVER if last else None,
        )
        if shipment.collected:
            shipment.stage = Stage.ENDED
            state.reports[shipment.parcel_id] = ParcelReport(
                parcel_id=shipment.parcel_id,
                status=ParcelStatus.DELIVERED,
                handed_over_at=notice.occurred_at,
                delivered_at=notice.occurred_at,
            )
        if last and state.may(Event.HAND_OVER):
            state.move(Event.HAND_OVER)
            self._publish()

    async def _recounted(self, lost: StockLost) -> None:
        """Give up a plan whose goods a recount took away, before anyone commits it."""
        state = self._state
        for shipment in state.uncommitted():
            touched = (shipment.revision, shipment.parcel.fc) == (
                lost.revision,
                lost.fc,
            )
            if touched and shipment.stage is Stage.PLANNED:
                await shipment.undo()
                state.again(shipment.lines)
                if state.status is OrderStatus.REVIEW:
                    state.approved_cents = None
                    state.review = ()
                    state.move(Event.APPROVE)

    def _never_arrived(self, shipment: Shipment) -> None:
        """Have a person look at a parcel that the carrier lost or brought back."""
        state = self._state
        report = state.reports[shipment.parcel_id]
        shipment.stage = Stage.LOST
        state.approved_cents = None
        state.alarms.append(
            f"{shipment.parcel_id} is {report.status.value} with "
            f"{shipment.parcel.carrier}; approve to send the goods again"
        )
        state.again(shipment.lines)

    async def _ask_warehouses(self) -> None:
        """Look for oneself where no notice came: it may have been lost on its way."""
        self._state.time.rest(GRACE)
        for shipment in self._state.opened():
            work = await shipment.ask_warehouse() if shipment.out else None
            if work is not None and work.short:
                self._notices.append(
                    shipment.notice(work, WarehouseEvent.SHORT_PICKED, work.short)
                )
            if work is not None and work.status in _TOLD_BY:
                self._notices.append(
                    shipment.notice(work, _TOLD_BY[work.status], work.shipped)
                )

    async def _follow(self, shipment: Shipment) -> None:
        journey = await shipment.follow(self._state.time.now())
        if journey is not None:
            self._followers.append(
                asyncio.create_task(self._until_ended(shipment, journey))
            )

    async def _until_ended(
        self,
        shipment: Shipment,
        journey: "workflow.ChildWorkflowHandle[ParcelJourney, ParcelReport]",
    ) -> None:
        state = self._state
        try:
            report = await journey
        except ChildWorkflowError:
            report = ParcelReport(
                parcel_id=shipment.parcel_id, status=ParcelStatus.UNKNOWN
            )
        state.reports[shipment.parcel_id] = report
        if shipment.stage is Stage.UNDONE or report.status is ParcelStatus.VOIDED:
            return
        if report.delivered_at:
            state.time.saw(report.delivered_at)
        if shipment.open:
            # The carrier's word came before the warehouse's: the goods did leave.
            left_at = report.handed_over_at or state.time.now()
            await shipment.ship(shipment.lines, left_at, None)
        shipment.stage = Stage.ENDED

    async def _replace_plan(self, ask: Override) -> str:
        """Price the wish, stop the floor if it runs, then swap what is held."""
        state = self._state
        opened = state.opened()
        wish = self._wish(ask, opened)
        await self._price(wish)
        for shipment in opened:
            if shipment.out and not await shipment.undo():
                raise _no(
                    f"{shipment.parcel.fc} has already packed {shipment.parcel_id}; "
                    "it can no longer be changed."
                )
        decided = await self._price(wish.model_copy(update={"commit": True}))
        for shipment in opened:
            await shipment.undo()
        state.take_plan(decided)
        state.overrides += 1
        state.settle_doubts()
        state.approved_cents = state.total_cents
        state.move(Event.OVERRIDE)
        self._publish()
        delta = decided.delta_cents or 0
        ways = "; ".join(shipment.words() for shipment in state.opened())
        return f"Done: {ways} ({'-' if delta < 0 else '+'}${abs(delta) / 100:.2f})."

    def _wish(self, ask: Override, opened: list[Shipment]) -> OverridePlan:
        state = self._state
        units: dict[str, int] = {}
        for line in [*state.remainder, *(li for s in opened for li in s.lines)]:
            units[line.sku] = units.get(line.sku, 0) + line.units
        if not units:
            raise _no("Nothing of this order can be moved any more.")
        return OverridePlan(
            order=state.order,
            lines=tuple(
                Line(sku=line.sku, units=units[line.sku])
                for line in state.order.lines
                if line.sku in units
            ),
            revision=state.revision + 1,
            replaces=tuple(sorted({s.revision for s in opened})),
            replaced_cents=sum(sum(s.parcel.cost.values()) for s in opened) or None,
            policy=state.policy,
            classification=state.classification,
            blocks=tuple(state.blocks),
            pin=ask.pin,
            operator=ask.operator,
            reason=ask.reason,
            commit=False,
        )

    async def _price(self, wish: OverridePlan) -> Decided:
        answer = await workflow.execute_activity_method(
            Deciding.override,
            wish,
            summary=f"{'Do' if wish.commit else 'Price'} what {wish.operator} wants",
            priority=self._state.priority,
            **SOLVER,
        )
        if answer.refusal is not None:
            raise _no(answer.refusal)
        return answer

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
            # The parcels that go on say where the order stands now.
            gone = not any(shipment.open for shipment in stays)
            state.status = OrderStatus.HANDED_OVER if gone else OrderStatus.RELEASED
            self._cancel_answer = (
                f"Too late for {', '.join(s.parcel_id for s in stays)}: the warehouse "
                "or the carrier already has it; anything else was undone."
            )

    # What the steps lean on.

    def _patience(self) -> timedelta | None:
        out = [s.parcel.hand_over_at for s in self._state.shipments if s.out]
        return self._state.time.until(max(out) + GRACE) if out else None

    def _refuse_unless(self, event: Event) -> None:
        if not self._state.may(event):
            raise _no(why_not(self._state.status, event))

    def _refuse_stale(self, revision: int | None) -> None:
        if revision is not None and revision != self._state.revision:
            raise _no(
                f"Decision {revision} is no longer in force; "
                f"the order is at decision {self._state.revision}."
            )

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
                names.COST_CENTS.value_set(state.total_cents),
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


_TOLD_BY = {
    WorkStatus.SHIPPED: WarehouseEvent.SHIPPED,
    WorkStatus.CANCELLED: WarehouseEvent.CANCELLED,
}


def _no(sentence: str) -> ApplicationError:
    """Refuse an operator in one sentence."""
    return ApplicationError(sentence, type="Refused", non_retryable=True)
