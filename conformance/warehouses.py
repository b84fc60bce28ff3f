"""What must hold of every warehouse's adapter."""

from asyncio import gather
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from conformance import webhooks, wire
from conformance.bench import WarehouseBench, given
from conformance.losses import EITHER, Effect, Loss, at_every_step, protected
from conformance.running import (
    Check,
    NotTried,
    Section,
    effects,
    ensure,
    raising,
    reads,
)
from connectors.ports import Ability, WarehouseAdapter
from domain.errors import ConnectorError, StateConflict, Unsupported
from domain.quantities import SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReserveStock,
    WarehouseOrder,
    WorkStatus,
)

STOPPED = {CancelOutcome.CANCELLED, CancelOutcome.REQUESTED}
TOO_MANY = 6


async def goods_asked_for_are_counted(bench: WarehouseBench) -> None:
    """Goods that are there are counted, for the center that was asked."""
    async with bench.adapter() as (warehouse, _):
        report = await warehouse.stock(bench.fc, (bench.sku,))
        ensure(report.on_hand.get(bench.sku, 0) > 0, f"{bench.sku} counts none")
        ensure(report.fc == bench.fc, f"it counts {report.fc}")


async def goods_never_heard_of_count_none(bench: WarehouseBench) -> None:
    """Goods the warehouse never heard of count 0."""
    async with bench.adapter() as (warehouse, _):
        never = SkuId("NEVER-HEARD-OF")
        report = await warehouse.stock(bench.fc, (bench.sku, never))
        ensure(report.on_hand.get(never, 0) == 0, "it counts what is not there")


async def a_key_never_used_finds_nothing(bench: WarehouseBench) -> None:
    """Looking up a key that was never used answers None."""
    async with bench.adapter() as (warehouse, _):
        never = bench.key("never")
        looked = 0
        for ability, find in (
            (Ability.FIND_ORDER, warehouse.find_order),
            (Ability.FIND_RESERVATION, warehouse.find_reservation),
        ):
            if warehouse.capabilities().can(ability):
                looked += 1
                ensure(
                    await find(bench.fc, never) is None, f"{ability} finds something"
                )
            else:
                await raising(Unsupported, find(bench.fc, never))
        if not looked:
            msg = "it cannot look anything up"
            raise Unsupported(msg)


async def a_cursor_tells_the_same_again(bench: WarehouseBench) -> None:
    """One cursor tells the same facts again, and the next one none of them."""
    async with bench.adapter() as (warehouse, _):
        first = await warehouse.changes(None)
        again = await warehouse.changes(None)
        ids = [notice.event_id for notice in first.notices]
        told = [notice.event_id for notice in again.notices]
        ensure(told[: len(ids)] == ids, "the same cursor tells other facts")
        ensure(len(set(ids)) == len(ids), "two facts share an id")
        after = await warehouse.changes(first.cursor)
        later = {notice.event_id for notice in after.notices}
        ensure(not later & set(ids), "after the cursor it tells a fact again")


async def what_was_reserved_is_found(bench: WarehouseBench) -> None:
    """A reservation is found by its key, with the goods that were set aside."""
    async with _reserved(bench, "found", 2) as (warehouse, made):
        found = await warehouse.find_reservation(bench.fc, made.key)
        ensure(found is not None, "it is not found")
        ensure(found is None or found.id == made.id, "another one is found")
        ensure(made.complete, "two units of plenty were not set aside")


async def less_than_asked_is_an_answer(bench: WarehouseBench) -> None:
    """Asked for more than is free, it sets aside what there is, and says so."""
    scarce = given(bench.scarce, "scarce goods")
    async with _reserved(bench, "part", TOO_MANY, scarce) as (warehouse, made):
        if not warehouse.capabilities().can(Ability.PARTIAL_RESERVATION):
            ensure(not made.lines[0].reserved, "it reserves a part, and says it cannot")
            return
        ensure(0 < made.lines[0].reserved < TOO_MANY, f"reserved {made.lines}")
        ensure(not made.complete, "it calls a part complete")


async def nothing_left_is_an_answer(bench: WarehouseBench) -> None:
    """With nothing free, it sets aside 0, and raises nothing."""
    scarce = given(bench.scarce, "scarce goods")
    async with _reserved(bench, "all", TOO_MANY, scarce) as (warehouse, first):
        if not first.lines[0].reserved:
            msg = "this warehouse sets nothing aside unless all is there"
            raise Unsupported(msg)
        late = given(bench.reservation, "reservation")(bench.key("none"), scarce, 1)
        second = await warehouse.reserve(late)
        await warehouse.release_reservation(bench.fc, late.key)
        ensure(second.lines[0].reserved == 0, "the same unit is set aside twice")


async def reserving_leaves_the_physical_count_alone(bench: WarehouseBench) -> None:
    """Setting goods aside changes nothing about how many are on the shelf."""
    async with bench.adapter() as (warehouse, _):
        if not warehouse.capabilities().physical_stock:
            msg = "this warehouse tells only what is free"
            raise Unsupported(msg)
        before = await warehouse.stock(bench.fc, (bench.sku,))
    async with _reserved(bench, "count", 2) as (warehouse, _):
        after = await warehouse.stock(bench.fc, (bench.sku,))
        ensure(before.on_hand == after.on_hand, "reserving changes the count")


async def reserving_again_under_a_key_sets_aside_once(bench: WarehouseBench) -> None:
    """The same reservation made twice is one reservation."""
    async with _reserved(bench, "twice", 2) as (warehouse, made):
        protected(warehouse.capabilities())
        again = await warehouse.reserve(_wish(bench, "twice", 2))
        ensure(again.id == made.id, "the repetition is another reservation")


async def a_key_used_for_other_goods_is_refused(bench: WarehouseBench) -> None:
    """A key used before for other goods is a StateConflict."""
    async with _reserved(bench, "reused", 1) as (warehouse, _):
        protected(warehouse.capabilities())
        await raising(StateConflict, warehouse.reserve(_wish(bench, "reused", 2)))


async def a_lost_reply_at_any_step_reserves_once(bench: WarehouseBench) -> None:
    """One reservation stands, whichever answer is lost or cut short.

    The kit loses the first, the second … answer, looks our key up, and
    reserves again only if nothing is found.
    """
    await at_every_step(EITHER, lambda loss: _lose_reservation(bench, loss))


async def goods_given_back_twice_are_free_once(bench: WarehouseBench) -> None:
    """Giving goods back twice, or ones never reserved, is fine and happens once."""
    async with _reserved(bench, "back", 2) as (warehouse, made):
        for _ in range(2):
            await warehouse.release_reservation(bench.fc, made.key)
        await warehouse.release_reservation(bench.fc, bench.key("never"))
        found = await warehouse.find_reservation(bench.fc, made.key)
        ensure(found is None or not any(li.reserved for li in found.lines), "it stands")


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
    """One order stands, whichever answer to its release is lost or cut short."""
    await at_every_step(EITHER, lambda loss: _lose_release(bench, loss))


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
    *reads(
        Section.WAREHOUSES,
        goods_asked_for_are_counted,
        goods_never_heard_of_count_none,
        a_key_never_used_finds_nothing,
    ),
    *wire.CHECKS,
    *webhooks.CHECKS,
    *reads(Section.CURSORS, a_cursor_tells_the_same_again),
    *effects(
        Section.WAREHOUSES,
        what_was_reserved_is_found,
        less_than_asked_is_an_answer,
        nothing_left_is_an_answer,
        reserving_leaves_the_physical_count_alone,
        goods_given_back_twice_are_free_once,
        a_released_order_is_found_and_stopped,
        an_order_never_released_is_stopped_as_an_answer,
        once_picked_it_is_too_late_to_stop,
        stopping_twice_at_once_is_stopping,
        stopping_while_it_is_picked_ends_in_one_of_them,
    ),
    *effects(
        Section.ONCE,
        reserving_again_under_a_key_sets_aside_once,
        a_key_used_for_other_goods_is_refused,
        a_lost_reply_at_any_step_reserves_once,
        releasing_again_under_a_key_is_one_order,
        a_lost_reply_at_any_step_releases_once,
    ),
)


def _wish(
    bench: WarehouseBench, name: str, units: int, sku: SkuId | None = None
) -> ReserveStock:
    make = given(bench.reservation, "reservation")
    return make(bench.key(name), sku or bench.sku, units)


@asynccontextmanager
async def _reserved(
    bench: WarehouseBench, name: str, units: int, sku: SkuId | None = None
) -> AsyncIterator[tuple[WarehouseAdapter, Reservation]]:
    """Set goods aside, and give them back at the end."""
    async with bench.adapter() as (warehouse, _):
        wish = _wish(bench, name, units, sku)
        made = await warehouse.reserve(wish)
        try:
            yield warehouse, made
        finally:
            with suppress(ConnectorError):
                await warehouse.release_reservation(bench.fc, wish.key)


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
            await warehouse.reserve(_wish(bench, name, 2))
        wish = make(bench.key(f"{name}-order"), bench.key(name))
        try:
            yield warehouse, wish
        finally:
            with suppress(ConnectorError):
                await warehouse.cancel_order(bench.fc, wish.key)
            with suppress(ConnectorError):
                await warehouse.release_reservation(bench.fc, bench.key(name))


async def _lose_reservation(bench: WarehouseBench, loss: Loss) -> bool:
    """Spoil an answer of a reservation; tell whether there was one."""
    async with bench.adapter() as (warehouse, spoilt):
        _can_look_up(warehouse, Ability.FIND_RESERVATION)
        wish = _wish(bench, loss.name, 1)

        def find() -> Awaitable[Reservation | None]:
            return warehouse.find_reservation(bench.fc, wish.key)

        reserve = Effect(lambda: warehouse.reserve(wish), find)
        made, reached = await reserve.despite(loss, spoilt)
        again = await find()
        await warehouse.release_reservation(bench.fc, wish.key)
        ensure(again is not None and again.id == made.id, f"another stands when {loss}")
        return reached


async def _lose_release(bench: WarehouseBench, loss: Loss) -> bool:
    """Spoil an answer of a release; tell whether there was one."""
    async with _ready(bench, loss.name) as (ready, wish):
        _can_look_up(ready, Ability.FIND_ORDER)
        async with bench.adapter() as (warehouse, spoilt):

            def find() -> Awaitable[WarehouseOrder | None]:
                return warehouse.find_order(bench.fc, wish.key)

            release = Effect(lambda: warehouse.release_order(wish), find)
            made, reached = await release.despite(loss, spoilt)
            again = await find()
            same = again is not None and again.id == made.id
            ensure(same, f"another order stands when {loss}")
            return reached


def _can_look_up(warehouse: WarehouseAdapter, ability: Ability) -> None:
    if not warehouse.capabilities().can(ability):
        msg = f"{ability}: what is lost cannot be looked up"
        raise NotTried(msg)
