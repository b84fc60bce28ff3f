"""What operators ask of an order: to approve, override, price, hold or resume it.

What is refused is refused in one sentence, before anything changes.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.order import Event, why_not
    from workflows.desk import (
        Approve,
        Hold,
        Override,
        PricedOverride,
        PriceOverride,
        Resume,
        Wish,
        no,
    )
    from workflows.rerouting import override, price
    from workflows.showing import note, publish
    from workflows.state import OrderState


class Operators:
    """Operators' words to one order; plan changes wait for their turn."""

    def __init__(self, state: OrderState, plan_lock: asyncio.Lock) -> None:
        self._state = state
        self._plan_lock = plan_lock

    async def approve(self, ask: Approve) -> str:
        """Let the plan under review go ahead."""
        async with self._plan_lock:
            self.may_approve(ask)
            self._state.approve()
            publish(self._state)
        return f"Approved by {ask.operator}."

    async def override(self, ask: Override) -> str:
        """Send the order another way, if stock, capacity and limits allow it."""
        async with self._plan_lock:
            self.may(Event.OVERRIDE)
            self._refuse_stale(ask.revision)
            try:
                return await override(self._state, ask)
            finally:
                publish(self._state)

    async def price(self, ask: PriceOverride) -> PricedOverride:
        """Price an override against the plan in force, and commit nothing."""
        async with self._plan_lock:
            self.may_wish(ask)
            return await price(self._state, ask)

    async def hold(self, ask: Hold) -> str:
        """Stop before the next effect, until resumed."""
        self._state.move(Event.HOLD)
        self._state.reason = f"on hold by {ask.operator}: {ask.reason}"
        await note(self._state)
        return f"On hold for {ask.operator}."

    async def resume(self, ask: Resume) -> str:
        """Go on after a hold."""
        self._state.move(Event.RESUME)
        self._state.reason = ""
        if self._state.review:
            self._state.move(Event.REVIEW_ASKED)
        await note(self._state)
        return f"Resumed by {ask.operator}."

    def may(self, event: Event) -> None:
        """Refuse what the order's status does not allow."""
        if not self._state.may(event):
            raise no(why_not(self._state.status, event))

    def may_approve(self, ask: Approve) -> None:
        """Refuse where nothing is under review, or not what the operator saw."""
        self.may(Event.APPROVE)
        self._refuse_stale(ask.revision)

    def may_wish(self, ask: Wish) -> None:
        """Refuse a wish that comes too late, or names nothing to change."""
        self.may(Event.OVERRIDE)
        self._refuse_stale(ask.revision)
        if not (ask.fulfillment_center or ask.service or ask.packing):
            raise no("Say what to change: any of fulfillment_center, service, packing.")

    def _refuse_stale(self, revision: int | None) -> None:
        if revision is not None and revision != self._state.revision:
            raise no(
                f"Decision {revision} is no longer in force; "
                f"the order is at decision {self._state.revision}."
            )
