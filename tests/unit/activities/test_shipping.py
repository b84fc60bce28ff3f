"""Labels: one per parcel, at about the planned price."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.shipping import BookShipment, Shipping, VoidShipment
from connectors.ports import Idempotency
from domain.errors import InvalidRequest, QuoteExpired, StateConflict, Unavailable
from domain.quantities import CarrierId, ParcelId, ServiceId
from domain.shipping import Booking, ParcelStatus, VoidOutcome
from domain.subject import lane, of_lane
from store import doubles, events, parcels
from store.doubles import Double, DoubleCounts
from store.engine import Store
from tests.builders import MONDAY, a_parcel, an_order
from tests.fakes import FakeCarrier, FakeClock, Fault, pause

KEY = "ORDER-1/1/r1"


@pytest.fixture
def carrier(clock: FakeClock) -> FakeCarrier:
    return FakeCarrier(clock)


@pytest.fixture
def shipping(ledgers: Store, carrier: FakeCarrier, clock: FakeClock) -> Shipping:
    return Shipping(ledgers, lambda *_: carrier, clock)


def book(**overrides: Any) -> BookShipment:
    values: dict[str, Any] = {
        "key": KEY,
        "order": an_order(),
        "parcel_id": "ORDER-1/1",
        "parcel": a_parcel(),
    }
    return BookShipment(**(values | overrides))


def a_label(number: int) -> Booking:
    return Booking(
        id=f"LABEL-{number}",
        reference=KEY,
        carrier=CarrierId("SWIFT"),
        service=ServiceId("SWIFT-GROUND"),
        tracking_number=f"TRACK-{number}",
        cost_cents=500,
    )


def environment(attempt: int = 1) -> ActivityEnvironment:
    made = ActivityEnvironment()
    made.info = replace(made.default_info(), attempt=attempt)
    return made


async def test_a_booking_is_kept_where_scans_find_it(
    shipping: Shipping, ledgers: Store
) -> None:
    booked = await environment().run(shipping.book_parcel, book())

    with ledgers.reading() as session:
        kept = parcels.by_tracking(session, CarrierId("SWIFT"), "TRACK-1")
    assert booked.booking
    assert kept
    assert kept.parcel_id == "ORDER-1/1"


async def test_of_two_labels_found_the_first_is_adopted_and_the_double_voided(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.labels += [a_label(1), a_label(2)]

    booked = await environment(attempt=2).run(shipping.book_parcel, book())

    assert booked.booking == a_label(1)
    assert [label.id for label in carrier.standing] == ["LABEL-1"]
    assert "book" not in carrier.calls


async def test_a_double_is_counted_where_people_see_it(
    shipping: Shipping, carrier: FakeCarrier, ledgers: Store
) -> None:
    carrier.labels += [a_label(1), a_label(2), a_label(3)]

    await environment(attempt=2).run(shipping.book_parcel, book())

    with ledgers.reading() as session:
        assert doubles.counts(session) == DoubleCounts(found=2, voided=2, owed=0)


async def test_a_double_the_carrier_keeps_does_not_stop_the_parcel(
    shipping: Shipping, carrier: FakeCarrier, ledgers: Store
) -> None:
    carrier.labels += [a_label(1), a_label(2)]
    carrier.on("void", Fault(error=StateConflict("too late")))

    booked = await environment(attempt=2).run(shipping.book_parcel, book())

    with ledgers.reading() as session:
        owed = doubles.owed(session, 10)
    assert booked.booking == a_label(1)
    assert [(d.booking_id, d.outcome) for d in owed] == [
        ("LABEL-2", VoidOutcome.REFUSED)
    ]


async def test_a_label_that_shows_up_late_is_voided_before_anything_is_released(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.idempotency = Idempotency.NONE
    buying = pause()
    carrier.on("book", buying)
    task = asyncio.create_task(environment(attempt=2).run(shipping.book_parcel, book()))
    await buying.reached.wait()
    carrier.labels.append(a_label(9))
    buying.go_on.set()

    booked = await task

    assert [label.id for label in carrier.standing] == ["LABEL-2"]
    assert booked.booking
    assert booked.booking.id == "LABEL-2"


async def test_the_label_that_is_known_stays_and_not_the_oldest(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    await environment().run(shipping.book_parcel, book())
    carrier.labels.insert(0, a_label(9))

    booked = await environment(attempt=2).run(shipping.book_parcel, book())

    assert booked.booking
    assert booked.booking.id == "LABEL-1"
    assert [label.id for label in carrier.standing] == ["LABEL-1"]


async def test_a_voided_label_is_not_adopted(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.idempotency = Idempotency.NONE
    carrier.labels.append(a_label(1).model_copy(update={"voided": True}))

    booked = await environment().run(shipping.book_parcel, book())

    assert booked.booking
    assert booked.booking.id == "LABEL-2"


@pytest.mark.parametrize(("cents", "bought"), [(1_640, True), (1_641, False)])
async def test_a_price_beyond_the_tolerance_is_reported_not_paid(
    shipping: Shipping, carrier: FakeCarrier, cents: int, bought: bool
) -> None:
    carrier.quoted_cents[ServiceId("SWIFT-GROUND")] = cents

    booked = await environment().run(shipping.book_parcel, book())

    assert (booked.booking is not None) is bought
    assert booked.requoted_cents == (None if bought else cents)
    assert len(carrier.labels) == bought


async def test_an_expired_quote_is_asked_for_once_more(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.on("book", Fault(error=QuoteExpired("too old")))

    booked = await environment().run(shipping.book_parcel, book())

    assert booked.booking
    assert carrier.calls == ["rate_shop", "book", "rate_shop", "book"]


@pytest.mark.parametrize(("now_cents", "requoted"), [(2_000, 2_000), (650, None)])
async def test_a_price_told_with_an_expired_quote_is_decided_again_when_material(
    shipping: Shipping, carrier: FakeCarrier, now_cents: int, requoted: int | None
) -> None:
    carrier.on("book", Fault(error=QuoteExpired("it rose", now_cents=now_cents)))

    booked = await environment().run(shipping.book_parcel, book())

    assert booked.requoted_cents == requoted
    assert carrier.calls.count("book") == (1 if requoted else 2)
    assert len(carrier.labels) == (0 if requoted else 1)


async def test_quotes_that_always_expire_are_a_refusal(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.down["book", "SWIFT-GROUND"] = QuoteExpired("too old")

    booked = await environment().run(shipping.book_parcel, book())

    assert booked.refusal == "its quotes expire before they can be bought"


async def test_a_carrier_that_is_away_is_an_error_to_retry(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.on("book", Fault(error=Unavailable("away")))

    with pytest.raises(ApplicationError) as raised:
        await environment().run(shipping.book_parcel, book())

    assert not raised.value.non_retryable


async def test_voiding_takes_every_label_back_and_says_so_in_the_store(
    shipping: Shipping, carrier: FakeCarrier, ledgers: Store
) -> None:
    await environment().run(shipping.book_parcel, book())
    carrier.labels.append(a_label(2))

    outcome = await environment().run(shipping.void_parcel, void())

    with ledgers.reading() as session:
        kept = parcels.get(session, ParcelId("ORDER-1/1"))
    assert outcome is VoidOutcome.VOIDED
    assert carrier.standing == []
    assert kept
    assert kept.status is ParcelStatus.VOIDED


async def test_voiding_what_was_never_booked_is_fine(shipping: Shipping) -> None:
    outcome = await environment().run(shipping.void_parcel, void())

    assert outcome is VoidOutcome.NEVER_BOOKED


async def test_a_double_nobody_answers_for_stops_no_other_and_is_tried_again(
    shipping: Shipping, carrier: FakeCarrier, ledgers: Store
) -> None:
    carrier.labels += [a_label(1), a_label(2), a_label(3)]
    carrier.on("void", Fault(error=Unavailable("connection refused")))

    with pytest.raises(ApplicationError, match="connection refused") as raised:
        await environment(attempt=2).run(shipping.book_parcel, book())
    with ledgers.reading() as session:
        owed = doubles.owed(session, 10)
    booked = await environment(attempt=3).run(shipping.book_parcel, book())

    assert not raised.value.non_retryable
    assert [(d.booking_id, d.outcome) for d in owed] == [
        ("LABEL-2", VoidOutcome.UNANSWERED)
    ]
    assert booked.booking == a_label(1)
    with ledgers.reading() as session:
        assert doubles.counts(session) == DoubleCounts(found=2, voided=2, owed=0)


async def test_voiding_goes_on_past_a_label_that_fails_and_settles_doubles(
    shipping: Shipping, carrier: FakeCarrier, ledgers: Store
) -> None:
    carrier.labels += [a_label(1), a_label(2)]
    carrier.on("void", Fault(error=Unavailable("connection refused")))
    with ledgers.writing() as session:
        doubles.note(session, an_owed_double("LABEL-2"))

    with pytest.raises(ApplicationError, match="connection refused"):
        await environment().run(shipping.void_parcel, void())

    assert [label.id for label in carrier.standing] == ["LABEL-1"]
    with ledgers.reading() as session:
        assert doubles.owed(session, 10) == ()


async def test_what_became_of_several_labels_is_the_worst_of_it(
    shipping: Shipping, carrier: FakeCarrier
) -> None:
    carrier.labels += [a_label(1), a_label(2).model_copy(update={"voided": True})]
    carrier.void_answer = VoidOutcome.TOO_LATE

    outcome = await environment().run(shipping.void_parcel, void())

    assert outcome is VoidOutcome.TOO_LATE


def an_owed_double(booking_id: str) -> Double:
    return Double(
        carrier=CarrierId("SWIFT"),
        booking_id=booking_id,
        reference="ORDER-1/1/r1",
        outcome=VoidOutcome.UNANSWERED,
        found_at=MONDAY,
    )


def void() -> VoidShipment:
    return VoidShipment(
        carrier=CarrierId("SWIFT"), reference=KEY, parcel_id=ParcelId("ORDER-1/1")
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidRequest("no such service"), "booking_refused"),
        (Unavailable("down"), "carrier_failed"),
    ],
    ids=["refused", "failed"],
)
async def test_how_a_carrier_did_counts_for_its_lane(
    shipping: Shipping,
    carrier: FakeCarrier,
    ledgers: Store,
    error: Exception,
    kind: str,
) -> None:
    carrier.on("rate_shop", Fault(error=error))

    with suppress(ApplicationError):
        await environment().run(shipping.book_parcel, book())

    parcel = a_parcel()
    subject = of_lane(lane(parcel.fc, parcel.service))
    with ledgers.reading() as session:
        assert [entry.kind for entry, _ in events.listing(session, subject)] == [kind]
