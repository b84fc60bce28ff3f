"""What must hold of every warehouse's adapter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from conformance import mischief, wire
from conformance.bench import WarehouseBench, given
from conformance.running import NotTried, checks_of, ensure, raising
from connectors.ports import Ability, Idempotency, WarehouseAdapter
from domain.errors import (
    ConnectorError,
    OutcomeUnknown,
    StateConflict,
    Unavailable,
    Unsupported,
)
from domain.quantities import SkuId
from domain.warehousing import CancelOutcome, Reservation, ReserveStock

PROTECTED = {Idempotency.KEY_HEADER, Idempotency.UNIQUE_REFERENCE}
STOPPED = {CancelOutcome.CANCELLED, CancelOutcome.REQUESTED}
MOST_STEPS = 6
TOO_MANY = 6


async def goods_asked_for_are_counted(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, _):
        report = await warehouse.stock(bench.fc, (bench.sku,))
        ensure(report.on_hand.get(bench.sku, 0) > 0, f"{bench.sku} counts none")
        ensure(report.fc == bench.fc, f"it counts {report.fc}")


async def goods_never_heard_of_count_none(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, _):
        never = SkuId("NEVER-HEARD-OF")
        report = await warehouse.stock(bench.fc, (bench.sku, never))
        ensure(report.on_hand.get(never, 0) == 0, "it counts what is not there")


async def a_key_never_used_finds_nothing(bench: WarehouseBench) -> None:
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


async def a_rate_limit_is_told_and_not_retried(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, spoilt):
        await wire.rate_limit(_question(bench, warehouse), spoilt)


async def a_read_without_an_answer_is_unavailable(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, spoilt):
        await wire.bad_wires(_question(bench, warehouse), spoilt)


async def half_an_answer_is_a_contract_violation(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, spoilt):
        await wire.garbage(_question(bench, warehouse), spoilt)


async def unheard_of_fields_change_nothing(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, spoilt):

        async def ask() -> object:
            report = await warehouse.stock(bench.fc, (bench.sku,))
            return sorted(report.on_hand.items())

        await wire.more_fields(ask, spoilt)


async def nulls_and_unheard_of_words_do_no_harm(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, spoilt):
        await wire.strange_fields(_question(bench, warehouse), spoilt)


async def secrets_are_never_shown(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, spoilt):
        await wire.secrets(bench, warehouse, _question(bench, warehouse), spoilt)


async def only_genuine_webhooks_are_believed(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, _):
        wire.webhooks_genuine(bench, warehouse)


async def repeated_and_reordered_webhooks_are_known(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, _):
        wire.webhooks_repeated(bench, warehouse)


async def strange_webhooks_do_no_harm(bench: WarehouseBench) -> None:
    async with bench.adapter() as (warehouse, _):
        wire.webhooks_strange(bench, warehouse)


async def a_cursor_tells_the_same_again(bench: WarehouseBench) -> None:
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
    async with _reserved(bench, "found", 2) as (warehouse, made):
        found = await warehouse.find_reservation(bench.fc, made.key)
        ensure(found is not None, "it is not found")
        ensure(found is None or found.id == made.id, "another one is found")
        ensure(made.complete, "two units of plenty were not set aside")


async def less_than_asked_is_an_answer(bench: WarehouseBench) -> None:
    scarce = given(bench.scarce, "scarce goods")
    async with _reserved(bench, "part", TOO_MANY, scarce) as (warehouse, made):
        if not warehouse.capabilities().can(Ability.PARTIAL_RESERVATION):
            ensure(not made.lines[0].reserved, "it reserves a part, and says it cannot")
            return
        ensure(0 < made.lines[0].reserved < TOO_MANY, f"reserved {made.lines}")
        ensure(not made.complete, "it calls a part complete")


async def nothing_left_is_an_answer(bench: WarehouseBench) -> None:
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
    async with bench.adapter() as (warehouse, _):
        if not warehouse.capabilities().physical_stock:
            msg = "this warehouse tells only what is free"
            raise Unsupported(msg)
        before = await warehouse.stock(bench.fc, (bench.sku,))
    async with _reserved(bench, "count", 2) as (warehouse, _):
        after = await warehouse.stock(bench.fc, (bench.sku,))
        ensure(before.on_hand == after.on_hand, "reserving changes the count")


async def reserving_again_under_a_key_sets_aside_once(bench: WarehouseBench) -> None:
    async with _reserved(bench, "twice", 2) as (warehouse, made):
        _protected(warehouse)
        again = await warehouse.reserve(_wish(bench, "twice", 2))
        ensure(again.id == made.id, "the repetition is another reservation")


async def a_key_used_for_other_goods_is_refused(bench: WarehouseBench) -> None:
    async with _reserved(bench, "reused", 1) as (warehouse, _):
        _protected(warehouse)
        await raising(StateConflict, warehouse.reserve(_wish(bench, "reused", 2)))


async def a_lost_reply_at_any_step_reserves_once(bench: WarehouseBench) -> None:
    """Lose the nth answer of a reservation, look up, go on: one stands."""
    for trick in (mischief.lost, mischief.truncated):
        for nth in range(1, MOST_STEPS + 1):
            if not await _lose(bench, nth, trick):
                break


async def goods_given_back_twice_are_free_once(bench: WarehouseBench) -> None:
    async with _reserved(bench, "back", 2) as (warehouse, made):
        for _ in range(2):
            await warehouse.release_reservation(bench.fc, made.key)
        await warehouse.release_reservation(bench.fc, bench.key("never"))
        found = await warehouse.find_reservation(bench.fc, made.key)
        ensure(found is None or not any(li.reserved for li in found.lines), "it stands")


async def a_released_order_is_found_and_stopped(bench: WarehouseBench) -> None:
    async with _reserved(bench, "stop", 2) as (warehouse, made):
        key = bench.key("stop-order")
        work = await warehouse.release_order(
            given(bench.release, "release")(key, made.key)
        )
        found = await warehouse.find_order(bench.fc, key)
        ensure(found is not None and found.id == work.id, "it is not found")
        for time in ("first", "second"):
            outcome = await warehouse.cancel_order(bench.fc, key)
            ensure(outcome in STOPPED, f"the {time} cancellation answers {outcome}")


async def releasing_again_under_a_key_is_one_order(bench: WarehouseBench) -> None:
    async with _reserved(bench, "again", 2) as (warehouse, made):
        _protected(warehouse)
        wish = given(bench.release, "release")(bench.key("again-order"), made.key)
        first = await warehouse.release_order(wish)
        second = await warehouse.release_order(wish)
        with suppress(ConnectorError):
            await warehouse.cancel_order(bench.fc, wish.key)
        ensure(first.id == second.id, "the repetition is another order")


async def an_order_never_released_is_stopped_as_an_answer(
    bench: WarehouseBench,
) -> None:
    async with bench.adapter() as (warehouse, _):
        outcome = await warehouse.cancel_order(bench.fc, bench.key("never"))
        ensure(outcome is CancelOutcome.NEVER_RELEASED, f"it answers {outcome}")


async def once_picked_it_is_too_late_to_stop(bench: WarehouseBench) -> None:
    pick = given(bench.pick, "picking")
    async with _reserved(bench, "late", 1) as (warehouse, made):
        key = bench.key("late-order")
        await warehouse.release_order(given(bench.release, "release")(key, made.key))
        await pick(key)
        outcome = await warehouse.cancel_order(bench.fc, key)
        ensure(outcome is CancelOutcome.TOO_LATE, f"it answers {outcome}")


CHECKS = checks_of(
    (
        goods_asked_for_are_counted,
        goods_never_heard_of_count_none,
        a_key_never_used_finds_nothing,
        a_rate_limit_is_told_and_not_retried,
        a_read_without_an_answer_is_unavailable,
        half_an_answer_is_a_contract_violation,
        unheard_of_fields_change_nothing,
        nulls_and_unheard_of_words_do_no_harm,
        secrets_are_never_shown,
        only_genuine_webhooks_are_believed,
        repeated_and_reordered_webhooks_are_known,
        strange_webhooks_do_no_harm,
        a_cursor_tells_the_same_again,
    ),
    (
        what_was_reserved_is_found,
        less_than_asked_is_an_answer,
        nothing_left_is_an_answer,
        reserving_leaves_the_physical_count_alone,
        reserving_again_under_a_key_sets_aside_once,
        a_key_used_for_other_goods_is_refused,
        a_lost_reply_at_any_step_reserves_once,
        goods_given_back_twice_are_free_once,
        a_released_order_is_found_and_stopped,
        releasing_again_under_a_key_is_one_order,
        an_order_never_released_is_stopped_as_an_answer,
        once_picked_it_is_too_late_to_stop,
    ),
)


def _question(
    bench: WarehouseBench, warehouse: WarehouseAdapter
) -> Callable[[], Awaitable[object]]:
    return lambda: warehouse.stock(bench.fc, (bench.sku,))


def _wish(
    bench: WarehouseBench, name: str, units: int, sku: SkuId | None = None
) -> ReserveStock:
    make = given(bench.reservation, "reservation")
    return make(bench.key(name), sku or bench.sku, units)


def _protected(warehouse: WarehouseAdapter) -> None:
    if warehouse.capabilities().idempotency not in PROTECTED:
        msg = "this counterpart does not know a repetition: it is looked up"
        raise Unsupported(msg)


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


async def _lose(bench: WarehouseBench, nth: int, trick: mischief.Trick) -> bool:
    """Spoil the nth request of a reservation; tell whether there was one."""
    async with bench.adapter() as (warehouse, spoilt):
        if not warehouse.capabilities().can(Ability.FIND_RESERVATION):
            msg = "what was reserved cannot be looked up"
            raise NotTried(msg)
        wish = _wish(bench, f"lost-{nth}-{trick.__name__}", 1)
        spoilt.on(nth, trick)
        try:
            made = await warehouse.reserve(wish)
            reached = len(spoilt.requests) >= nth
        except (OutcomeUnknown, Unavailable):
            reached = True
            spoilt.calm()
            found = await warehouse.find_reservation(bench.fc, wish.key)
            made = found or await warehouse.reserve(wish)
        spoilt.calm()
        again = await warehouse.find_reservation(bench.fc, wish.key)
        await warehouse.release_reservation(bench.fc, wish.key)
        ensure(again is not None and again.id == made.id, f"lost at request {nth}")
        return reached
