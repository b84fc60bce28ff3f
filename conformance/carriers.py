"""What must hold of every carrier's adapter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from conformance import mischief, webhooks, wire
from conformance.bench import CarrierBench, given
from conformance.losses import (
    HALVED,
    LOST,
    Effect,
    Loss,
    at_every_step,
    protected,
    went_over_http,
)
from conformance.running import Check, Section, effects, ensure, raising, reads
from connectors.ports import Ability, CarrierAdapter
from domain.errors import ConnectorError, QuoteExpired, Unavailable, Unsupported
from domain.shipping import Booking, BookParcel, VoidOutcome

TAKEN_BACK = {VoidOutcome.VOIDED, VoidOutcome.REQUESTED}


async def prices_are_told_for_the_services_asked(bench: CarrierBench) -> None:
    """Quotes come for services that were asked, each with its own id, p50 and raw."""
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
    """Looking up a reference that was never used answers with nothing."""
    async with bench.adapter() as (carrier, _):
        found = await carrier.find_bookings(bench.carrier, bench.key("never"))
        ensure(found == (), f"it finds {len(found)} bookings")


async def what_it_says_it_cannot_do_it_refuses(bench: CarrierBench) -> None:
    """An ability it has not is refused as Unsupported; one it has is not refused."""
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


async def what_was_booked_is_found(bench: CarrierBench) -> None:
    """A booking is found by our reference, with a tracking number and raw."""
    async with _booked(bench, "found") as (carrier, parcel, booking):
        if not _finds(carrier):
            msg = "bookings cannot be looked up"
            raise Unsupported(msg)
        listed = await carrier.find_bookings(bench.carrier, parcel.reference)
        ensure(len(listed) == 1, f"{len(listed)} bookings are found, not one")
        (found,) = listed
        ensure(found.id == booking.id, f"finds {found.id}, booked {booking.id}")
        ensure(booking.tracking_number, "a booking has no tracking number")
        ensure(booking.raw, "a booking keeps nothing of the raw answer")


async def a_label_is_a_document(bench: CarrierBench) -> None:
    """A booking's label has content and a media type."""
    async with _booked(bench, "label") as (carrier, _, booking):
        label = await carrier.document(bench.carrier, booking.id)
        ensure(label.content, "the label is empty")
        ensure("/" in label.media_type, f"{label.media_type!r} is no media type")


async def booking_again_under_a_key_is_one_label(bench: CarrierBench) -> None:
    """The same parcel booked twice is the same booking, and one label stands."""
    async with _booked(bench, "twice") as (carrier, parcel, booking):
        protected(carrier.capabilities())
        again = await carrier.book(parcel)
        ensure(again.id == booking.id, "the repetition is another booking")
        if _finds(carrier):
            standing = await _standing(bench, carrier, parcel)
            ensure(len(standing) == 1, f"{len(standing)} labels stand under one key")


async def a_lost_reply_at_any_step_leaves_one_label(bench: CarrierBench) -> None:
    """One label stands, whichever answer of a purchase is lost.

    The kit loses the first, the second … answer, looks our reference up, and
    books again only if nothing is found.
    """
    await at_every_step(LOST, lambda loss: _lose(bench, loss))


async def half_a_reply_at_any_step_leaves_one_label(bench: CarrierBench) -> None:
    """One label stands, whichever answer of a purchase is cut short."""
    await at_every_step(HALVED, lambda loss: _lose(bench, loss))


async def what_was_never_sent_is_not_booked(bench: CarrierBench) -> None:
    """A purchase that never left is Unavailable, and no label stands."""
    async with bench.adapter() as (carrier, spoilt):
        parcel = given(bench.parcel, "parcel")(bench.key("unsent"))
        spoilt.on(1, mischief.unsent)
        outcome = await wire.outcome_of(lambda: carrier.book(parcel))
        went_over_http(spoilt)
        ensure(isinstance(outcome, Unavailable), f"it ends in {outcome!r}")
        standing = await _standing(bench, carrier, parcel)
        ensure(not standing, "a label stands that was never asked for")


async def a_label_can_be_taken_back_twice(bench: CarrierBench) -> None:
    """Voiding twice answers voided or requested both times, and no label stands."""
    async with _booked(bench, "void") as (carrier, parcel, booking):
        for time in ("first", "second"):
            outcome = await carrier.void(bench.carrier, booking.id)
            ensure(outcome in TAKEN_BACK, f"the {time} void answers {outcome}")
        if outcome is VoidOutcome.VOIDED and _finds(carrier):
            standing = await _standing(bench, carrier, parcel)
            ensure(not standing, "the label still stands after it was voided")


async def a_label_never_made_is_taken_back_as_an_answer(bench: CarrierBench) -> None:
    """Voiding what was never booked answers NEVER_BOOKED."""
    async with bench.adapter() as (carrier, _):
        outcome = await carrier.void(bench.carrier, bench.key("never"))
        ensure(outcome is VoidOutcome.NEVER_BOOKED, f"it answers {outcome}")


async def after_handover_it_is_too_late_to_void(bench: CarrierBench) -> None:
    """Voiding what was handed over answers too late, expired or refused."""
    hand_over = given(bench.hand_over, "handover")
    async with _booked(bench, "late") as (carrier, _, booking):
        await hand_over(booking)
        outcome = await carrier.void(bench.carrier, booking.id)
        late = {VoidOutcome.TOO_LATE, VoidOutcome.EXPIRED, VoidOutcome.REFUSED}
        ensure(outcome in late, f"it answers {outcome}")


async def an_expired_quote_is_not_bought(bench: CarrierBench) -> None:
    """Buying by a quote that has expired is QuoteExpired."""
    expire = given(bench.expire_quotes, "way to let quotes expire")
    async with bench.adapter() as (carrier, _):
        quote = (await carrier.rate_shop(given(bench.question, "question")))[0]
        await expire()
        parcel = given(bench.parcel, "parcel")(bench.key("expired"))
        chosen = {"quote_id": quote.id, "service": quote.service}
        await raising(QuoteExpired, carrier.book(parcel.model_copy(update=chosen)))


CHECKS: tuple[Check[CarrierBench], ...] = (
    *reads(
        Section.CARRIERS,
        prices_are_told_for_the_services_asked,
        a_reference_never_used_finds_nothing,
        what_it_says_it_cannot_do_it_refuses,
    ),
    *wire.CHECKS,
    *webhooks.CHECKS,
    *effects(
        Section.ONCE,
        what_was_booked_is_found,
        booking_again_under_a_key_is_one_label,
        a_lost_reply_at_any_step_leaves_one_label,
        half_a_reply_at_any_step_leaves_one_label,
        what_was_never_sent_is_not_booked,
    ),
    *effects(
        Section.CARRIERS,
        a_label_is_a_document,
        a_label_can_be_taken_back_twice,
        a_label_never_made_is_taken_back_as_an_answer,
        an_expired_quote_is_not_bought,
        after_handover_it_is_too_late_to_void,
    ),
)


def _finds(carrier: CarrierAdapter) -> bool:
    return carrier.capabilities().can(Ability.FIND_BOOKINGS)


async def _standing(
    bench: CarrierBench, carrier: CarrierAdapter, parcel: BookParcel
) -> list[Booking]:
    found = await carrier.find_bookings(bench.carrier, parcel.reference)
    return [booking for booking in found if not booking.voided]


async def _lose(bench: CarrierBench, loss: Loss) -> bool:
    """Spoil an answer of a purchase; tell whether there was one."""
    async with bench.adapter() as (carrier, spoilt):
        parcel = given(bench.parcel, "parcel")(bench.key(loss.name))

        async def find() -> Booking | None:
            return next(iter(await _standing(bench, carrier, parcel)), None)

        purchase = Effect(lambda: carrier.book(parcel), find)
        _, reached = await purchase.despite(loss, spoilt)
        went_over_http(spoilt)
        standing = await _standing(bench, carrier, parcel)
        ensure(len(standing) == 1, f"{len(standing)} labels stand after {loss}")
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
