"""What must hold of every freight carrier's adapter."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from conformance import wire
from conformance.bench import TransportBench, given
from conformance.losses import (
    EITHER,
    Effect,
    Loss,
    at_every_step,
    protected,
    went_over_http,
)
from conformance.running import (
    Check,
    NotTried,
    Section,
    effects,
    ensure,
    raising,
    reads,
)
from connectors.ports import Ability, TransportAdapter
from domain.errors import (
    ConnectorError,
    OutcomeUnknown,
    StateConflict,
    Unavailable,
)
from domain.transport import (
    LoadEvent,
    LoadUpdate,
    TenderCancel,
    Tendered,
    TenderLoad,
    TenderStatus,
)

STANDS = {TenderStatus.SENT, TenderStatus.RECEIVED, TenderStatus.ACCEPTED}
UNDONE = {TenderCancel.CANCELLED, TenderCancel.REQUESTED}
MOST_PAGES = 1_000


async def a_reference_never_used_finds_no_offer(bench: TransportBench) -> None:
    """Looking up a reference that was never used answers None."""
    async with bench.adapter() as (transport, _):
        found = await transport.find(bench.carrier, bench.key("never"))
        ensure(found is None, f"it finds {found}")


async def a_load_never_offered_is_taken_back_as_an_answer(
    bench: TransportBench,
) -> None:
    """Cancelling what was never offered answers NEVER_TENDERED."""
    async with bench.adapter() as (transport, _):
        outcome = await transport.cancel(bench.carrier, bench.key("never"))
        ensure(outcome is TenderCancel.NEVER_TENDERED, f"it answers {outcome}")


async def a_cursor_tells_the_same_updates_again(bench: TransportBench) -> None:
    """One cursor tells the same updates again, oldest first, and the next none."""
    async with bench.adapter() as (transport, _):
        first = await transport.updates(None)
        again = await transport.updates(None)
        ids = _ids(first.updates)
        ensure(_ids(again.updates)[: len(ids)] == ids, "it tells other updates")
        ensure(len(set(ids)) == len(ids), "two updates share an id")
        after = await transport.updates(first.cursor)
        told = set(_ids(after.updates)) & set(ids)
        ensure(not told, f"after the cursor it tells {len(told)} updates again")


async def what_was_offered_is_found(bench: TransportBench) -> None:
    """An offer is found by our reference, also by an adapter made anew."""
    async with _offered(bench, "found") as (_, load, made):
        ensure(made.reference == load.reference, f"it offers {made.reference!r}")
        ensure(made.status in STANDS, f"it stands as {made.status}")
        async with bench.adapter() as (anew, _):
            found = await anew.find(bench.carrier, load.reference)
            ensure(found is not None, "it is not found")


async def offering_again_under_a_reference_is_one_offer(bench: TransportBench) -> None:
    """The same load offered twice, by two adapters, reaches the carrier once."""
    offers = given(bench.offers, "count of offers")
    async with _offered(bench, "twice") as (transport, load, _):
        protected(transport.capabilities())
        async with bench.adapter() as (anew, _):
            await anew.tender(load)
        reached = await offers(load.reference)
        ensure(reached == 1, f"{reached} offers reached the carrier")


async def another_load_under_a_reference_is_refused(bench: TransportBench) -> None:
    """A reference used before for another load is a StateConflict."""
    async with _offered(bench, "reused") as (transport, load, _):
        protected(transport.capabilities())
        other = load.model_copy(update={"items": (*load.items, load.items[0])})
        await raising(StateConflict, transport.tender(other))


async def a_lost_reply_at_any_step_leaves_one_offer(bench: TransportBench) -> None:
    """One offer stands, whichever answer to it is lost or cut short.

    Where nothing goes over HTTP, what the bench loses (``losing``).
    """
    async with bench.adapter() as (transport, _):
        if not transport.capabilities().can(Ability.FIND_TENDER):
            msg = "what was offered cannot be looked up"
            raise NotTried(msg)
        if bench.losing is None:
            await at_every_step(EITHER, lambda loss: _lose(bench, loss))
            return
        load = given(bench.load, "load")(bench.key("disk"))
        with bench.losing():
            await raising((OutcomeUnknown, Unavailable), transport.tender(load))
        if await transport.find(bench.carrier, load.reference) is None:
            await transport.tender(load)
        reached = await given(bench.offers, "count of offers")(load.reference)
        ensure(reached == 1, f"{reached} offers reached the carrier")


async def an_answer_to_an_offer_is_told_and_kept(bench: TransportBench) -> None:
    """An offer accepted, and one declined, is told once and found as that."""
    answer = given(bench.answer, "answer")
    for status, event in (
        (TenderStatus.ACCEPTED, LoadEvent.ACCEPTED),
        (TenderStatus.DECLINED, LoadEvent.DECLINED),
    ):
        async with _offered(bench, status.value) as (transport, load, _):
            await answer(load.reference, status)
            events = await _events(transport, load)
            ensure(events.count(event) == 1, f"it tells {events}")
            found = await transport.find(bench.carrier, load.reference)
            ensure(found is not None and found.status is status, f"it finds {found}")


async def an_answer_that_comes_twice_changes_nothing(bench: TransportBench) -> None:
    """An answer repeated is told under the id of the first, or not at all.

    It leaves no doubt of what stands.
    """
    answer = given(bench.answer, "answer")
    async with _offered(bench, "copied") as (transport, load, _):
        for _ in range(2):
            await answer(load.reference, TenderStatus.ACCEPTED)
        told = await _told(transport, load)
        accepted = {u.event_id for u in told if u.event is LoadEvent.ACCEPTED}
        ensure(len(accepted) == 1, f"a copy is told under {len(accepted)} ids")
        found = await transport.find(bench.carrier, load.reference)
        stands = found is not None and found.status is TenderStatus.ACCEPTED
        ensure(stands, f"it finds {found}")


async def an_offer_can_be_taken_back_twice(bench: TransportBench) -> None:
    """Cancelling an offer answers cancelled or requested, both times."""
    async with _offered(bench, "back") as (transport, load, _):
        for time in ("first", "second"):
            outcome = await transport.cancel(bench.carrier, load.reference)
            ensure(outcome in UNDONE, f"the {time} cancellation answers {outcome}")


async def once_picked_up_it_is_too_late_to_cancel(bench: TransportBench) -> None:
    """Cancelling a load that was picked up answers TOO_LATE."""
    move = given(bench.move, "picking up")
    async with _offered(bench, "late") as (transport, load, _):
        await move(load.reference)
        outcome = await transport.cancel(bench.carrier, load.reference)
        ensure(outcome is TenderCancel.TOO_LATE, f"it answers {outcome}")


async def unheard_of_words_of_a_carrier_are_unknown(bench: TransportBench) -> None:
    """A status nobody has heard of is told as UNKNOWN or as a problem."""
    odd = given(bench.odd, "odd word")
    async with _offered(bench, "odd") as (transport, load, _):
        before = await _problems(transport)
        await odd(load.reference)
        events = await _events(transport, load)
        said = len(await _problems(transport)) > len(before)
        ensure(LoadEvent.UNKNOWN in events or said, f"it tells {events}")


async def half_of_what_a_carrier_says_keeps_nothing_back(bench: TransportBench) -> None:
    """Half a message is a problem of its own; what comes after it is told."""
    half, answer = given(bench.half, "half a message"), given(bench.answer, "answer")
    async with _offered(bench, "half") as (transport, load, _):
        before = await _problems(transport)
        await half(load.reference)
        await answer(load.reference, TenderStatus.ACCEPTED)
        events = await _events(transport, load)
        ensure(LoadEvent.ACCEPTED in events, f"after the half it tells {events}")
        said = len(await _problems(transport)) > len(before)
        ensure(said, "half a message is passed over in silence")


CHECKS: tuple[Check[TransportBench], ...] = (
    *reads(
        Section.TRANSPORTS,
        a_reference_never_used_finds_no_offer,
        a_load_never_offered_is_taken_back_as_an_answer,
    ),
    *reads(Section.CURSORS, a_cursor_tells_the_same_updates_again),
    *wire.CHECKS,
    *effects(
        Section.ONCE,
        what_was_offered_is_found,
        offering_again_under_a_reference_is_one_offer,
        another_load_under_a_reference_is_refused,
        a_lost_reply_at_any_step_leaves_one_offer,
    ),
    *effects(
        Section.TRANSPORTS,
        an_answer_to_an_offer_is_told_and_kept,
        an_answer_that_comes_twice_changes_nothing,
        an_offer_can_be_taken_back_twice,
        once_picked_up_it_is_too_late_to_cancel,
        unheard_of_words_of_a_carrier_are_unknown,
        half_of_what_a_carrier_says_keeps_nothing_back,
    ),
)


@asynccontextmanager
async def _offered(
    bench: TransportBench, name: str
) -> AsyncIterator[tuple[TransportAdapter, TenderLoad, Tendered]]:
    """Offer a load, and take it back at the end where that is possible."""
    load = given(bench.load, "load")(bench.key(name))
    async with bench.adapter() as (transport, _):
        made = await transport.tender(load)
        try:
            yield transport, load, made
        finally:
            await _take_back(bench, transport, load)


async def _take_back(
    bench: TransportBench, transport: TransportAdapter, load: TenderLoad
) -> None:
    with suppress(ConnectorError):
        await transport.cancel(bench.carrier, load.reference)


async def _lose(bench: TransportBench, loss: Loss) -> bool:
    async with bench.adapter() as (transport, spoilt):
        load = given(bench.load, "load")(bench.key(loss.name))

        def find() -> Awaitable[Tendered | None]:
            return transport.find(bench.carrier, load.reference)

        offer = Effect(lambda: transport.tender(load), find)
        _, reached = await offer.despite(loss, spoilt)
        went_over_http(spoilt)
        if bench.offers is not None:
            count = await bench.offers(load.reference)
            ensure(count == 1, f"{count} offers reached the carrier when {loss}")
        ensure(await find() is not None, f"no offer stands when {loss}")
        await _take_back(bench, transport, load)
        return reached


async def _events(transport: TransportAdapter, load: TenderLoad) -> list[LoadEvent]:
    return [update.event for update in await _told(transport, load)]


async def _told(transport: TransportAdapter, load: TenderLoad) -> list[LoadUpdate]:
    """Return all that was ever told of a load."""
    updates, _ = await _all(transport)
    return [update for update in updates if update.reference == load.reference]


async def _problems(transport: TransportAdapter) -> list[str]:
    return (await _all(transport))[1]


async def _all(transport: TransportAdapter) -> tuple[list[LoadUpdate], list[str]]:
    updates: list[LoadUpdate] = []
    problems: list[str] = []
    cursor = None
    for _ in range(MOST_PAGES):
        page = await transport.updates(cursor)
        updates += page.updates
        problems += page.problems
        cursor = page.cursor
        if not page.more:
            break
    return updates, problems


def _ids(updates: tuple[LoadUpdate, ...]) -> list[str]:
    return [update.event_id for update in updates]
