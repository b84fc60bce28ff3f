"""What must hold of every carrier's adapter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from conformance import mischief, wire
from conformance.bench import CarrierBench, given
from conformance.running import checks_of, ensure, raising
from connectors.ports import Ability, CarrierAdapter, Idempotency
from domain.errors import (
    ConnectorError,
    OutcomeUnknown,
    QuoteExpired,
    Unavailable,
    Unsupported,
)
from domain.shipping import Booking, BookParcel, VoidOutcome

TAKEN_BACK = {VoidOutcome.VOIDED, VoidOutcome.REQUESTED}
PROTECTED = {Idempotency.KEY_HEADER, Idempotency.UNIQUE_REFERENCE}

# A purchase of more requests than these is not tried at each of them.
MOST_STEPS = 6


async def prices_are_told_for_the_services_asked(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        question = given(bench.question, "question")
        quotes = await carrier.rate_shop(question)
        ensure(quotes, "no service is offered for the bench's own question")
        for quote in quotes:
            ensure(quote.service in question.services, f"{quote.service} was not asked")
            ensure(quote.p50_at <= quote.p90_at, "p50 is after p90")
            ensure(quote.raw, "a quote keeps nothing of the raw answer")
        ensure(len({q.id for q in quotes}) == len(quotes), "two quotes share an id")


async def a_reference_never_used_finds_nothing(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        found = await carrier.find_bookings(bench.carrier, bench.key("never"))
        ensure(found == (), f"it finds {len(found)} bookings")


async def what_it_says_it_cannot_do_it_refuses(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        question = given(bench.question, "question")
        asked: dict[Ability, Callable[[], Awaitable[object]]] = {
            Ability.RATE_SHOP: lambda: carrier.rate_shop(question),
            Ability.FIND_BOOKINGS: lambda: carrier.find_bookings(
                bench.carrier, bench.key("never")
            ),
        }
        for ability, ask in asked.items():
            if carrier.capabilities().can(ability):
                try:
                    await ask()
                except Unsupported:
                    ensure(False, f"it says it can {ability}, and refuses")
            else:
                await raising(Unsupported, ask())


async def a_rate_limit_is_told_and_not_retried(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        await wire.rate_limit(_question(bench, carrier), spoilt)


async def a_read_without_an_answer_is_unavailable(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        await wire.bad_wires(_question(bench, carrier), spoilt)


async def half_an_answer_is_a_contract_violation(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        await wire.garbage(_question(bench, carrier), spoilt)


async def unheard_of_fields_change_nothing(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        await wire.more_fields(_steady(bench, carrier), spoilt)


async def nulls_and_unheard_of_words_do_no_harm(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        await wire.strange_fields(_question(bench, carrier), spoilt)


async def secrets_are_never_shown(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        await wire.secrets(bench, carrier, _question(bench, carrier), spoilt)


async def only_genuine_webhooks_are_believed(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        wire.webhooks_genuine(bench, carrier)


async def repeated_and_reordered_webhooks_are_known(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        wire.webhooks_repeated(bench, carrier)


async def strange_webhooks_do_no_harm(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        wire.webhooks_strange(bench, carrier)


async def what_was_booked_is_found(bench: CarrierBench) -> None:
    async with _booked(bench, "found") as (carrier, parcel, booking):
        (found,) = await carrier.find_bookings(bench.carrier, parcel.reference)
        ensure(found.id == booking.id, f"finds {found.id}, booked {booking.id}")
        ensure(booking.tracking_number, "a booking has no tracking number")
        ensure(booking.raw, "a booking keeps nothing of the raw answer")


async def a_label_is_a_document(bench: CarrierBench) -> None:
    async with _booked(bench, "label") as (carrier, _, booking):
        label = await carrier.document(bench.carrier, booking.id)
        ensure(label.content, "the label is empty")
        ensure("/" in label.media_type, f"{label.media_type!r} is no media type")


async def booking_again_under_a_key_is_one_label(bench: CarrierBench) -> None:
    async with _booked(bench, "twice") as (carrier, parcel, booking):
        if carrier.capabilities().idempotency not in PROTECTED:
            msg = "this counterpart does not know a repetition: it is looked up"
            raise Unsupported(msg)
        again = await carrier.book(parcel)
        standing = await _standing(bench, carrier, parcel)
        ensure(again.id == booking.id, "the repetition is another booking")
        ensure(len(standing) == 1, f"{len(standing)} labels stand under one key")


async def a_lost_reply_at_any_step_leaves_one_label(bench: CarrierBench) -> None:
    """Lose the nth answer of a purchase, look up, go on: one label stands."""
    for nth in range(1, MOST_STEPS + 1):
        if not await _lose(bench, nth, mischief.lost):
            return


async def half_a_reply_at_any_step_leaves_one_label(bench: CarrierBench) -> None:
    """Cut the nth answer of a purchase short, look up, go on: one label stands."""
    for nth in range(1, MOST_STEPS + 1):
        if not await _lose(bench, nth, mischief.truncated):
            return


async def what_was_never_sent_is_not_booked(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, spoilt):
        parcel = given(bench.parcel, "parcel")(bench.key("unsent"))
        spoilt.on(1, mischief.unsent)
        await raising(Unavailable, carrier.book(parcel))
        standing = await _standing(bench, carrier, parcel)
        ensure(not standing, "a label stands that was never asked for")


async def a_label_can_be_taken_back_twice(bench: CarrierBench) -> None:
    async with _booked(bench, "void") as (carrier, parcel, booking):
        for time in ("first", "second"):
            outcome = await carrier.void(bench.carrier, booking.id)
            ensure(outcome in TAKEN_BACK, f"the {time} void answers {outcome}")
        if outcome is VoidOutcome.VOIDED and _finds(carrier):
            standing = await _standing(bench, carrier, parcel)
            ensure(not standing, "the label still stands after it was voided")


async def a_label_never_made_is_taken_back_as_an_answer(bench: CarrierBench) -> None:
    async with bench.adapter() as (carrier, _):
        outcome = await carrier.void(bench.carrier, bench.key("never"))
        ensure(outcome is VoidOutcome.NEVER_BOOKED, f"it answers {outcome}")


async def after_handover_it_is_too_late_to_void(bench: CarrierBench) -> None:
    hand_over = given(bench.hand_over, "handover")
    async with _booked(bench, "late") as (carrier, _, booking):
        await hand_over(booking)
        outcome = await carrier.void(bench.carrier, booking.id)
        late = {VoidOutcome.TOO_LATE, VoidOutcome.EXPIRED, VoidOutcome.REFUSED}
        ensure(outcome in late, f"it answers {outcome}")


async def an_expired_quote_is_not_bought(bench: CarrierBench) -> None:
    expire = given(bench.expire_quotes, "way to let quotes expire")
    async with bench.adapter() as (carrier, _):
        quote = (await carrier.rate_shop(given(bench.question, "question")))[0]
        await expire()
        parcel = given(bench.parcel, "parcel")(bench.key("expired"))
        chosen = {"quote_id": quote.id, "service": quote.service}
        await raising(QuoteExpired, carrier.book(parcel.model_copy(update=chosen)))


CHECKS = checks_of(
    (
        prices_are_told_for_the_services_asked,
        a_reference_never_used_finds_nothing,
        what_it_says_it_cannot_do_it_refuses,
        a_rate_limit_is_told_and_not_retried,
        a_read_without_an_answer_is_unavailable,
        half_an_answer_is_a_contract_violation,
        unheard_of_fields_change_nothing,
        nulls_and_unheard_of_words_do_no_harm,
        secrets_are_never_shown,
        only_genuine_webhooks_are_believed,
        repeated_and_reordered_webhooks_are_known,
        strange_webhooks_do_no_harm,
    ),
    (
        what_was_booked_is_found,
        a_label_is_a_document,
        booking_again_under_a_key_is_one_label,
        a_lost_reply_at_any_step_leaves_one_label,
        half_a_reply_at_any_step_leaves_one_label,
        what_was_never_sent_is_not_booked,
        a_label_can_be_taken_back_twice,
        a_label_never_made_is_taken_back_as_an_answer,
        an_expired_quote_is_not_bought,
        after_handover_it_is_too_late_to_void,
    ),
)


def _question(
    bench: CarrierBench, carrier: CarrierAdapter
) -> Callable[[], Awaitable[object]]:
    """Return something harmless to ask: prices, else an unknown reference."""
    if carrier.capabilities().can(Ability.RATE_SHOP):
        question = given(bench.question, "question")
        return lambda: carrier.rate_shop(question)
    return lambda: carrier.find_bookings(bench.carrier, bench.key("never"))


def _steady(
    bench: CarrierBench, carrier: CarrierAdapter
) -> Callable[[], Awaitable[object]]:
    """Return a question whose answer is the same twice, but for its ids and times."""
    question = given(bench.question, "question")

    async def ask() -> object:
        quotes = await carrier.rate_shop(question)
        return sorted(f"{q.service} {q.total_cents} {q.currency}" for q in quotes)

    return ask


def _finds(carrier: CarrierAdapter) -> bool:
    return carrier.capabilities().can(Ability.FIND_BOOKINGS)


async def _standing(
    bench: CarrierBench, carrier: CarrierAdapter, parcel: BookParcel
) -> list[Booking]:
    found = await carrier.find_bookings(bench.carrier, parcel.reference)
    return [booking for booking in found if not booking.voided]


async def _lose(bench: CarrierBench, nth: int, trick: mischief.Trick) -> bool:
    """Spoil the nth request of a purchase; tell whether there was one."""
    async with bench.adapter() as (carrier, spoilt):
        name = f"lost-{nth}-{trick.__name__}"
        parcel = given(bench.parcel, "parcel")(bench.key(name))
        spoilt.on(nth, trick)
        try:
            await carrier.book(parcel)
            reached = len(spoilt.requests) >= nth
        except (OutcomeUnknown, Unavailable):
            reached = True
            spoilt.calm()
            # As the activity does: what is found is adopted, else it is booked.
            if not await _standing(bench, carrier, parcel):
                await carrier.book(parcel)
        spoilt.calm()
        standing = await _standing(bench, carrier, parcel)
        ensure(len(standing) == 1, f"{len(standing)} labels after {name}, not one")
        await _clear(bench, carrier, standing)
        return reached


@asynccontextmanager
async def _booked(
    bench: CarrierBench, name: str
) -> AsyncIterator[tuple[CarrierAdapter, BookParcel, Booking]]:
    """Book a parcel, and take its label back at the end where that is possible."""
    async with bench.adapter() as (carrier, _):
        parcel = given(bench.parcel, "parcel")(bench.key(name))
        booking = await carrier.book(parcel)
        try:
            yield carrier, parcel, booking
        finally:
            await _clear(bench, carrier, [booking])


async def _clear(
    bench: CarrierBench, carrier: CarrierAdapter, bookings: list[Booking]
) -> None:
    for booking in bookings:
        with suppress(ConnectorError):
            await carrier.void(bench.carrier, booking.id)
