"""Looks at an order again when facts changed, and moves its plan if that pays.

- the facts are gathered anew and the order is classified as of now
- where its policy changed, or the way itself did, the plan is reconsidered
- it moves if it is no longer allowed, or if moving saves what a move must save
- what is on a warehouse's floor moves only after the warehouse let go of it
"""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.classifying import Classifying, ClassifyOrder
    from activities.reconsidering import (
        Reconsidered,
        Reconsidering,
        ReconsiderPlan,
        Standing,
        Verdict,
    )
    from domain.order import FINAL
    from domain.quantities import Value
    from workflows.options import SOLVER, STORE
    from workflows.rerouting import lines_of
    from workflows.shipment import Shipment
    from workflows.state import OrderState

# A membership ends on the second; a timer that fires early is armed again.
AT_ONCE = timedelta(seconds=1)


class FactsChanged(Value):
    """Something an order depends on is no longer as it was.

    ``way`` says that the ways themselves changed (weather, an outage), not
    only what the order's segments may say of them.
    """

    why: str
    way: bool = False


class Watching:
    """What an order has heard of its facts, and when they change by themselves."""

    def __init__(self, state: OrderState, *, active: bool) -> None:
        self._state = state
        self._active = active
        self._news: list[FactsChanged] = []

    def told(self, news: FactsChanged) -> None:
        """Keep the news until somebody looks."""
        if news not in self._news:
            self._news.append(news)

    @property
    def stale(self) -> bool:
        """Tell whether the order's segments may no longer be what they were."""
        until = self._state.classification.valid_until
        over = until is not None and until <= self._state.time.now()
        return self._watches and (over or bool(self._news))

    @property
    def rests_for(self) -> timedelta | None:
        """Return how long the segments hold if nothing happens; None: for good."""
        until = self._state.classification.valid_until
        if not self._watches or until is None:
            return None
        return self._state.time.until(until, AT_ONCE)

    @property
    def _watches(self) -> bool:
        state = self._state
        undone = bool(state.remainder or state.opened())
        known = state.classified is not None
        return self._active and known and undone and state.status not in FINAL

    async def look(self) -> None:
        """Classify as of now, and reconsider the plan where it may matter."""
        state = self._state
        news, self._news = self._news, []
        why = "; ".join(dict.fromkeys(n.why for n in news)) or "segments changed"
        before = state.policy
        state.classified = await workflow.execute_activity_method(
            Classifying.classify,
            ClassifyOrder(order=state.order, as_of=state.time.now()),
            summary=f"Look again: {why}"[:200],
            **STORE,
        )
        changed = state.policy.binding() != before.binding()
        if not changed and not any(n.way for n in news):
            return
        if state.remainder:
            state.try_again()
        elif state.opened():
            await _reconsider(state, why)


async def _reconsider(state: OrderState, why: str) -> None:
    opened = state.opened()
    on_floor = [shipment for shipment in opened if shipment.on_floor]
    ask = _ask(state, opened, why)
    # A floor is stopped only for a plan that is surely better.
    answer = await _answer(ask.model_copy(update={"commit": not on_floor}))
    if answer.verdict is Verdict.STUCK:
        state.doubt(answer.why)
        return
    if answer.verdict is Verdict.STAYS:
        state.ask_anew()
        return
    if on_floor:
        stopped: list[Shipment] = []
        for shipment in on_floor:
            if not await shipment.undo():
                # The warehouse had packed it already: it goes as planned, and
                # what others had let go of by then is decided again.
                if stopped and workflow.patched("stopped-again"):
                    state.again(line for other in stopped for line in other.lines)
                return
            stopped.append(shipment)
        answer = await _answer(ask)
    if answer.decided is None or answer.verdict is not Verdict.MOVES:
        for shipment in on_floor:
            state.again(shipment.lines)
        return
    for shipment in opened:
        if shipment.open:
            await shipment.undo()
    state.replan(answer.decided, answer.why)


async def _answer(ask: ReconsiderPlan) -> Reconsidered:
    return await workflow.execute_activity_method(
        Reconsidering.reconsider,
        ask,
        summary=f"Reconsider the plan: {ask.why}"[:200],
        **SOLVER,
    )


def _ask(state: OrderState, opened: list[Shipment], why: str) -> ReconsiderPlan:
    lines = lines_of(state, opened)
    return ReconsiderPlan(
        order=state.order,
        lines=lines,
        revision=state.revision + 1,
        policy=state.policy,
        classification=state.classification,
        blocks=tuple(state.blocks),
        rates=state.rates_of(lines),
        replaces=tuple(sorted({s.revision for s in opened})),
        standing=tuple(
            Standing(
                fc=s.parcel.fc,
                service=s.parcel.service,
                method=s.parcel.method,
                lines=s.lines,
            )
            for s in opened
        ),
        why=why,
    )
