"""Sends what has not left yet another way: after a refusal, or for an operator."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.decided import Decided, OverridePlan
    from activities.deciding import Deciding
    from domain.order import Event, Line
    from domain.plan import sum_of
    from workflows.desk import (
        Override,
        PricedOverride,
        PriceOverride,
        dollars,
        no,
        priced,
    )
    from workflows.options import SOLVER
    from workflows.shipment import Shipment
    from workflows.stage import Refusal
    from workflows.state import OrderState


async def decide_around(
    state: OrderState, shipment: Shipment, refusal: Refusal
) -> None:
    """Undo a parcel that cannot go as planned, and put its lines back."""
    workflow.logger.info("decide again: %s", refusal.why)
    state.refused(refusal)
    if refusal.gave_up and not shipment.on_floor:
        # Who stays away keeps no order waiting; undoing goes on beside it.
        state.loose_ends.append(asyncio.create_task(shipment.abandon()))
    elif not await shipment.undo():
        return
    state.again(shipment.lines)


async def price(state: OrderState, ask: PriceOverride) -> PricedOverride:
    """Say what an override would cost against the plan in force; nothing is done."""
    opened = state.opened()
    answer = await _ask(state, _wish(state, ask, opened))
    if answer.plan is None:
        why = answer.refusal or "It is not feasible."
        return PricedOverride(revision=state.revision, refusal=why, words=why)
    return priced(
        answer.plan,
        state.revision,
        answer.delta_cents,
        answer.delta,
        tuple(s.parcel_id for s in opened if s.on_floor),
    )


async def override(state: OrderState, ask: Override) -> str:
    """Price the wish, stop the floor if it runs, then swap what is held.

    Raises
    ------
    ApplicationError
        One sentence, when the wish is not feasible or comes too late. What the
        floor had let go of by then is decided again.
    """
    opened = state.opened()
    wish = _wish(state, ask, opened)
    await _price(state, wish)
    stopped: list[Shipment] = []
    try:
        for shipment in opened:
            if shipment.on_floor:
                await _stop(shipment)
                stopped.append(shipment)
        decided = await _price(state, wish.model_copy(update={"commit": True}))
    except ApplicationError:
        for shipment in stopped:
            state.again(shipment.lines)
        raise
    for shipment in opened:
        if shipment.open:
            await shipment.undo()
    state.take_plan(decided)
    state.overrides += 1
    state.settle_doubts()
    state.approved_cents = state.total_cents
    state.move(Event.OVERRIDE)
    delta = decided.delta_cents or 0
    ways = "; ".join(shipment.words() for shipment in state.opened())
    return f"Done: {ways} ({'+' if delta >= 0 else ''}{dollars(delta)})."


async def _stop(shipment: Shipment) -> None:
    if not await shipment.undo():
        raise no(
            f"{shipment.parcel.fc} has already packed {shipment.parcel_id}; "
            "it can no longer be changed."
        )


def lines_of(state: OrderState, opened: list[Shipment]) -> tuple[Line, ...]:
    """Return what is not yet on its way: unplaced lines and those of open parcels."""
    units: dict[str, int] = {}
    for line in [*state.remainder, *(li for s in opened for li in s.lines)]:
        units[line.sku] = units.get(line.sku, 0) + line.units
    return tuple(
        Line(sku=line.sku, units=units[line.sku])
        for line in state.order.lines
        if line.sku in units
    )


def _wish(
    state: OrderState, ask: Override | PriceOverride, opened: list[Shipment]
) -> OverridePlan:
    lines = lines_of(state, opened)
    if not lines:
        raise no("Nothing of this order can be moved any more.")
    return OverridePlan(
        order=state.order,
        lines=lines,
        revision=state.revision + 1,
        replaces=tuple(sorted({s.revision for s in opened})),
        replaced_cents=sum(sum(s.parcel.cost.values()) for s in opened) or None,
        replaced=sum_of(s.parcel.cost for s in opened),
        policy=state.policy,
        classification=state.classification,
        blocks=tuple(state.blocks),
        rates=state.rates_of(lines),
        pin=ask.pin,
        operator=ask.operator,
        reason=ask.reason,
        commit=False,
    )


async def _price(state: OrderState, wish: OverridePlan) -> Decided:
    answer = await _ask(state, wish)
    if answer.refusal is not None:
        raise no(answer.refusal)
    return answer


async def _ask(state: OrderState, wish: OverridePlan) -> Decided:
    who = wish.operator or "somebody"
    return await workflow.execute_activity_method(
        Deciding.override,
        wish,
        summary=f"{'Do' if wish.commit else 'Price'} what {who} wants",
        priority=state.priority,
        **SOLVER,
    )
