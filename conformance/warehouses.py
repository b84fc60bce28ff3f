"""What must hold of every warehouse's adapter."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from conformance import releases, webhooks, wire
from conformance.bench import WarehouseBench, given
from conformance.losses import EITHER, Effect, Loss, at_every_step, protected
from conformance.releases import can_look_up, wish_of
from conformance.running import (
    Check,
    Section,
    effects,
    ensure,
    raising,
    reads,
)
from connectors.ports import Ability, WarehouseAdapter
from domain.errors import ConnectorError, StateConflict, Unsupported
from domain.quantities import SkuId
from domain.warehousing import Reservation

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
        again = await warehouse.reserve(wish_of(bench, "twice", 2))
        ensure(again.id == made.id, "the repetition is another reservation")


async def a_key_used_for_other_goods_is_refused(bench: WarehouseBench) -> None:
    """A key used before for other goods is a StateConflict."""
    async with _reserved(bench, "reused", 1) as (warehouse, _):
        protected(warehouse.capabilities())
        await raising(StateConflict, warehouse.reserve(wish_of(bench, "reused", 2)))


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
    ),
    *effects(
        Section.ONCE,
        reserving_again_under_a_key_sets_aside_once,
        a_key_used_for_other_goods_is_refused,
        a_lost_reply_at_any_step_reserves_once,
    ),
    *releases.CHECKS,
)


@asynccontextmanager
async def _reserved(
    bench: WarehouseBench, name: str, units: int, sku: SkuId | None = None
) -> AsyncIterator[tuple[WarehouseAdapter, Reservation]]:
    """Set goods aside, and give them back at the end."""
    async with bench.adapter() as (warehouse, _):
        wish = wish_of(bench, name, units, sku)
        made = await warehouse.reserve(wish)
        try:
            yield warehouse, made
        finally:
            with suppress(ConnectorError):
                await warehouse.release_reservation(bench.fc, wish.key)


async def _lose_reservation(bench: WarehouseBench, loss: Loss) -> bool:
    """Spoil an answer of a reservation; tell whether there was one."""
    async with bench.adapter() as (warehouse, spoilt):
        can_look_up(warehouse, Ability.FIND_RESERVATION)
        wish = wish_of(bench, loss.name, 1)

        def find() -> Awaitable[Reservation | None]:
            return warehouse.find_reservation(bench.fc, wish.key)

        reserve = Effect(lambda: warehouse.reserve(wish), find)
        made, reached = await reserve.despite(loss, spoilt)
        again = await find()
        await warehouse.release_reservation(bench.fc, wish.key)
        ensure(again is not None and again.id == made.id, f"another stands when {loss}")
        return reached
