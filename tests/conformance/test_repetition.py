import pytest

from connectors.ports import Idempotency
from domain.errors import OutcomeUnknown, StateConflict, Unsupported
from domain.shipping import VoidOutcome
from domain.warehousing import CancelOutcome
from lanewise.world.spec import Fault, ScriptedFault
from tests.conformance.worlds import (
    CARRIER,
    FC,
    MUG,
    Bench,
    a_parcel,
    a_question,
    a_release,
    a_reservation,
)

PROTECTED = {Idempotency.KEY_HEADER, Idempotency.UNIQUE_REFERENCE}


def bookings_of(bench: Bench, reference: str) -> list[str]:
    booked = bench.server.books()["carriers"].get(CARRIER, {"bookings": []})
    return [b["id"] for b in booked["bookings"] if b["reference"] == reference]


def reservations_of(bench: Bench, reference: str) -> list[str]:
    held = bench.server.books()["warehouses"][FC]["reservations"]
    return [r["id"] for r in held if r["reference"] == reference]


async def test_booking_twice_under_one_key_makes_one_label(
    bench: Bench, key: str
) -> None:
    first = await bench.carrier.book(a_parcel(key))
    second = await bench.carrier.book(a_parcel(key))

    protected = bench.mode in PROTECTED
    assert (first == second) is protected
    assert len(bookings_of(bench, key)) == (1 if protected else 2)


async def test_reserving_twice_under_one_key_sets_goods_aside_once(
    bench: Bench, key: str
) -> None:
    first = await bench.warehouse.reserve(a_reservation(key))
    second = await bench.warehouse.reserve(a_reservation(key))

    protected = bench.mode in PROTECTED
    assert (first == second) is protected
    assert len(reservations_of(bench, key)) == (1 if protected else 2)


async def test_releasing_twice_under_one_key_is_one_order(
    bench: Bench, key: str
) -> None:
    if bench.mode not in PROTECTED:
        pytest.skip("this counterpart does not protect from repetition")
    await bench.warehouse.reserve(a_reservation(f"{key}/r", units=4))

    first = await bench.warehouse.release_order(a_release(key, f"{key}/r"))
    second = await bench.warehouse.release_order(a_release(key, f"{key}/r"))

    assert first == second


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.HANG, Fault.ERROR_AFTER])
async def test_a_booking_whose_reply_was_lost_is_found(
    bench: Bench, key: str, fault: Fault
) -> None:
    bench.server.script(ScriptedFault(operation="book", fault=fault))

    with pytest.raises(OutcomeUnknown):
        await bench.carrier.book(a_parcel(key))

    if bench.mode is Idempotency.NONE:
        with pytest.raises(Unsupported):
            await bench.carrier.find_bookings(CARRIER, key)
        return
    found = await bench.carrier.find_bookings(CARRIER, key)
    assert [booking.id for booking in found] == bookings_of(bench, key)
    assert len(found) == 1


async def test_a_reservation_whose_reply_was_lost_is_found(
    bench: Bench, key: str
) -> None:
    if bench.mode is Idempotency.NONE:
        pytest.skip("this counterpart cannot look up")
    bench.server.script(ScriptedFault(operation="reserve", fault=Fault.DROP))

    with pytest.raises(OutcomeUnknown):
        await bench.warehouse.reserve(a_reservation(key))

    found = await bench.warehouse.find_reservation(FC, key)
    assert found is not None
    assert [found.id] == reservations_of(bench, key)


async def test_a_release_whose_reply_was_lost_is_found(bench: Bench, key: str) -> None:
    if bench.mode is Idempotency.NONE:
        pytest.skip("this counterpart cannot look up")
    await bench.warehouse.reserve(a_reservation(f"{key}/r"))
    bench.server.script(ScriptedFault(operation="release_order", fault=Fault.DROP))

    with pytest.raises(OutcomeUnknown):
        await bench.warehouse.release_order(a_release(key, f"{key}/r"))

    found = await bench.warehouse.find_order(FC, key)
    assert found is not None
    assert found.parcel_id == f"P-{key}"


async def test_an_effect_that_failed_before_it_was_done_is_not_found(
    bench: Bench, key: str
) -> None:
    bench.server.script(ScriptedFault(operation="book", fault=Fault.ERROR_BEFORE))

    with pytest.raises(OutcomeUnknown):
        await bench.carrier.book(a_parcel(key))

    assert bookings_of(bench, key) == []


async def test_every_double_is_found_and_can_be_voided(bench: Bench, key: str) -> None:
    if bench.mode is not Idempotency.LOOK_UP:
        pytest.skip("only a counterpart without keys, but with look-up, shows doubles")
    await bench.carrier.book(a_parcel(key))
    await bench.carrier.book(a_parcel(key))

    _, double = await bench.carrier.find_bookings(CARRIER, key)
    await bench.carrier.void(CARRIER, double.id)

    kept, voided = await bench.carrier.find_bookings(CARRIER, key)
    assert (kept.voided, voided.voided) == (False, True)


async def test_a_key_used_again_for_something_else_is_refused(
    bench: Bench, key: str
) -> None:
    if bench.mode not in PROTECTED:
        pytest.skip("this counterpart does not protect from repetition")
    await bench.warehouse.reserve(a_reservation(key, units=1))

    with pytest.raises(StateConflict):
        await bench.warehouse.reserve(a_reservation(key, units=2))


async def test_a_retry_with_a_fresh_quote_is_still_the_same_booking(
    bench: Bench, key: str
) -> None:
    if bench.mode not in PROTECTED:
        pytest.skip("this counterpart does not protect from repetition")
    bench.server.script(ScriptedFault(operation="book", fault=Fault.DROP))
    (quote,) = await bench.carrier.rate_shop(a_question())
    with pytest.raises(OutcomeUnknown):
        await bench.carrier.book(a_parcel(key, quote_id=quote.id))

    (fresh,) = await bench.carrier.rate_shop(a_question())
    booking = await bench.carrier.book(a_parcel(key, quote_id=fresh.id))

    assert bookings_of(bench, key) == [booking.id]


async def test_taking_back_what_never_was_is_an_answer(bench: Bench, key: str) -> None:
    await bench.warehouse.release_reservation(FC, key)

    assert await bench.warehouse.cancel_order(FC, key) is CancelOutcome.NEVER_RELEASED
    assert await bench.carrier.void(CARRIER, key) is VoidOutcome.NEVER_BOOKED


async def test_taking_back_twice_is_as_good_as_once(bench: Bench, key: str) -> None:
    booking = await bench.carrier.book(a_parcel(key))
    await bench.warehouse.reserve(a_reservation(key))
    before = bench.server.books()["warehouses"][FC]["shelves"][MUG]["reserved"]

    for _ in range(2):
        assert await bench.carrier.void(CARRIER, booking.id) is VoidOutcome.VOIDED
        await bench.warehouse.release_reservation(FC, key)

    after = bench.server.books()["warehouses"][FC]["shelves"][MUG]["reserved"]
    assert before - after == 2
