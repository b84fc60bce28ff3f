"""What must hold of the orders that a warehouse is to pick."""

from asyncio import gather
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from conformance.bench import WarehouseBench, given
from conformance.losses import (
    EITHER,
    Effect,
    Loss,
    at_every_step,
    protected,
    went_over_http,
)
from conformance.running import Check, NotTried, Section, effects, ensure, raising
from connectors.ports import Ability, WarehouseAdapter
from domain.errors import ConnectorError, OutcomeUnknown, Unavailable
from domain.quantities import SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    ReserveStock,
    WarehouseOrder,
    WorkStatus,
)

STOPPED = {CancelOutcome.CANCELLED, CancelOutcome.REQUESTED}


async def a_released_order_is_found_and_stopped(bench: WarehouseBench) -> None:
    """A released order is found by its key, and can be cancelled twice."""
    async with _ready(bench, "stop") as (warehouse, wish):
        work = await warehouse.release_order(wish)
        found = await warehouse.find_order(bench.fc, wish.key)
        ensure(found is not None and found.id == work.id, "it is not found")
        for time in ("first", "second"):
            outcome = await warehouse.cancel_order(bench.fc, wish.key)
            ensure(outcome in STOPPED, f"the {time} cancellation answers {outcome}")


async def releasing_again_under_a_key_is_one_order(bench: WarehouseBench) -> None:
    """The same order released twice is one order."""
    async with _ready(bench, "again") as (warehouse, wish):
        protected(warehouse.capabilities())
        first = await warehouse.release_order(wish)
        second = await warehouse.release_order(wish)
        ensure(first.id == second.id, "the repetition is another order")


async def a_lost_reply_at_any_step_releases_once(bench: WarehouseBench) -> None:
    """One order stands, whichever answer to its release is lost or cut short.

    Where nothing goes over HTTP, what the bench loses (``losing``).
    """
    if bench.losing is None:
        await at_every_step(EITHER, lambda loss: _lose_release(bench, loss))
        return
    async with _ready(bench, "disk") as (warehouse, wish):
        with bench.losing():
            await raising((OutcomeUnknown, Unavailable), warehouse.release_order(wish))
        found = await warehouse.find_order(bench.fc, wish.key)
        made = found or await warehouse.release_order(wish)
        again = await warehouse.release_order(wish)
        ensure(again.id == made.id, "the repetition is another order")


async def stopping_twice_at_once_is_stopping(bench: WarehouseBench) -> None:
    """Two cancellations at the same time both answer cancelled or requested."""
    async with _ready(bench, "race") as (warehouse, wish):
        await warehouse.release_order(wish)
        stop = [warehouse.cancel_order(bench.fc, wish.key) for _ in range(2)]
        outcomes = await gather(*stop)
        ensure(set(outcomes) <= STOPPED, f"they answer {outcomes}")


async def stopping_while_it_is_picked_ends_in_one_of_them(
    bench: WarehouseBench,
) -> None:
    """A cancellation that races the floor is cancelled and stays so, or too late."""
    pick = given(bench.pick, "picking")
    async with _ready(bench, "pick-race") as (warehouse, wish):
        await warehouse.release_order(wish)
        stop = warehouse.cancel_order(bench.fc, wish.key)
        outcome, _ = await gather(stop, pick(wish.key), return_exceptions=True)
        work = await warehouse.find_order(bench.fc, wish.key)
        standing = None if work is None else work.status
        stopped = standing in (None, WorkStatus.CANCELLED)
        if outcome is CancelOutcome.CANCELLED:
            ensure(stopped, f"it answers {outcome}, and the order is {standing}")
        elif outcome is not CancelOutcome.REQUESTED:
            ensure(outcome is CancelOutcome.TOO_LATE, f"it answers {outcome!r}")
            ensure(not stopped, f"it answers {outcome}, and the order is {standing}")


async def an_order_never_released_is_stopped_as_an_answer(
    bench: WarehouseBench,
) -> None:
    """Cancelling what was never released answers NEVER_RELEASED."""
    async with bench.adapter() as (warehouse, _):
        outcome = await warehouse.cancel_order(bench.fc, bench.key("never"))
        ensure(outcome is CancelOutcome.NEVER_RELEASED, f"it answers {outcome}")


async def once_picked_it_is_too_late_to_stop(bench: WarehouseBench) -> None:
    """Cancelling what is being picked answers TOO_LATE."""
    pick = given(bench.pick, "picking")
    async with _ready(bench, "late") as (warehouse, wish):
        await warehouse.release_order(wish)
        await pick(wish.key)
        outcome = await warehouse.cancel_order(bench.fc, wish.key)
        ensure(outcome is CancelOutcome.TOO_LATE, f"it answers {outcome}")


CHECKS: tuple[Check[WarehouseBench], ...] = (
    *effects(
        Section.WAREHOUSES,
        a_released_order_is_found_and_stopped,
        an_order_never_released_is_stopped_as_an_answer,
        once_picked_it_is_too_late_to_stop,
        stopping_twice_at_once_is_stopping,
        stopping_while_it_is_picked_ends_in_one_of_them,
    ),
    *effects(
        Section.ONCE,
        releasing_again_under_a_key_is_one_order,
        a_lost_reply_at_any_step_releases_once,
    ),
)


def wish_of(
    bench: WarehouseBench, name: str, units: int, sku: SkuId | None = None
) -> ReserveStock:
    """Wish some units to be set aside, plenty of them unless told otherwise."""
    make = given(bench.reservation, "reservation")
    return make(bench.key(name), sku or bench.sku, units)


def can_look_up(warehouse: WarehouseAdapter, ability: Ability) -> None:
    """Raise ``NotTried`` where a loss could not be found out."""
    if not warehouse.capabilities().can(ability):
        msg = f"{ability}: what is lost cannot be looked up"
        raise NotTried(msg)


@asynccontextmanager
async def _ready(
    bench: WarehouseBench, name: str
) -> AsyncIterator[tuple[WarehouseAdapter, ReleaseOrder]]:
    """Have an order that can be released, and stop it at the end.

    Its goods are set aside first, where the warehouse sets any aside.
    """
    make = given(bench.release, "release")
    async with bench.adapter() as (warehouse, _):
        if warehouse.capabilities().can(Ability.RESERVE):
            await warehouse.reserve(wish_of(bench, name, 2))
        wish = make(bench.key(f"{name}-order"), bench.key(name))
        try:
            yield warehouse, wish
        finally:
            with suppress(ConnectorError):
                await warehouse.cancel_order(bench.fc, wish.key)
            with suppress(ConnectorError):
                await warehouse.release_reservation(bench.fc, bench.key(name))


async def _lose_release(bench: WarehouseBench, loss: Loss) -> bool:
    """Spoil an answer of a release; tell whether there was one."""
    async with _ready(bench, loss.name) as (ready, wish):
        can_look_up(ready, Ability.FIND_ORDER)
        async with bench.adapter() as (warehouse, spoilt):

            def find() -> Awaitable[WarehouseOrder | None]:
                return warehouse.find_order(bench.fc, wish.key)

            release = Effect(lambda: warehouse.release_order(wish), find)
            made, reached = await release.despite(loss, spoilt)
            went_over_http(spoilt)
            again = await find()
            same = again is not None and again.id == made.id
            ensure(same, f"another order stands when {loss}")
            return reached
