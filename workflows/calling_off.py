"""Ends an order: what is in flight is awaited, then undone, newest first."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.order import Event, OrderStatus, why_not
    from workflows.desk import Cancel, no
    from workflows.shipment import Shipment
    from workflows.state import OrderState


class CallingOff:
    """A wish to cancel one order, and the answer to it."""

    def __init__(self, state: OrderState) -> None:
        self._state = state
        self._ask: Cancel | None = None
        self._answer: str | None = None

    @property
    def asked(self) -> bool:
        """Tell whether a wish to cancel waits to be heeded."""
        return self._ask is not None

    async def cancel(self, ask: Cancel) -> str:
        """Have the order ended, and answer once it is or cannot be."""
        self._ask, self._answer = ask, None
        await workflow.wait_condition(lambda: self._answer is not None)
        answer = self._answer or ""
        if self._state.status is not OrderStatus.CANCELLED:
            raise no(answer)
        return answer

    def may(self) -> None:
        """Refuse a second wish while the first is heeded."""
        if self._ask is not None:
            raise no("The order is already being cancelled.")

    def by_temporal(self) -> None:
        """Take Temporal's own cancellation as a wish like any other."""
        self._ask = self._ask or Cancel(
            operator="temporal", reason="cancellation requested"
        )

    async def undo(self) -> None:
        """Undo, newest first, what can be undone; the rest goes on."""
        assert self._ask is not None
        state = self._state
        stays = state.departed()
        for shipment in reversed(state.opened()):
            stays += [] if await shipment.undo() else [shipment]
        cancel, self._ask = self._ask, None
        state.remainder, state.review = (), ()
        if not stays:
            state.reason = f"cancelled by {cancel.operator}: {cancel.reason}"
            state.move(Event.CANCEL)
            self._answer = f"Cancelled by {cancel.operator}."
            return
        state.status = _where(stays)
        self._answer = (
            f"Too late for {', '.join(s.parcel_id for s in stays)}: the warehouse "
            "or the carrier already has it; anything else was undone."
        )

    def over(self) -> None:
        """Answer who still waits, now that the order has ended."""
        self._answer = self._answer or why_not(self._state.status, Event.CANCEL)


def _where(shipments: list[Shipment]) -> OrderStatus:
    """Say where an order stands of which only these parcels go on."""
    waiting = [shipment for shipment in shipments if shipment.open]
    if not waiting:
        return OrderStatus.HANDED_OVER
    out = all(shipment.out for shipment in waiting)
    return OrderStatus.RELEASED if out else OrderStatus.PLANNED
