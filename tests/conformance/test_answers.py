import pytest
from pydantic import SecretStr

from connectors.alerts import Reading
from connectors.neutral.client import NeutralCarrier
from connectors.neutral.settings import NeutralSettings
from domain.errors import (
    AuthFailed,
    ContractViolation,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    StateConflict,
    Unavailable,
)
from domain.quantities import FcId, ServiceId, SkuId
from domain.warehousing import CancelOutcome, WorkStatus
from lanewise.world.spec import Fault, ScriptedFault
from tests.conformance.worlds import (
    CARRIER,
    FC,
    GROUND,
    LAMP,
    START,
    Bench,
    a_parcel,
    a_question,
    a_release,
    a_reservation,
    real_now,
)


async def test_stock_is_counted_for_the_skus_asked(bench: Bench) -> None:
    report = await bench.warehouse.stock(FC, (LAMP, SkuId("NEVER-STOCKED")))

    assert report.on_hand == {"LAMP": 4, "NEVER-STOCKED": 0}


async def test_less_than_asked_and_nothing_at_all_are_answers(
    bench: Bench, key: str
) -> None:
    partial = await bench.warehouse.reserve(a_reservation(f"{key}/a", 6, LAMP))
    nothing = await bench.warehouse.reserve(a_reservation(f"{key}/b", 1, LAMP))
    await bench.warehouse.release_reservation(FC, f"{key}/a")

    assert [line.reserved for line in partial.lines] == [4]
    assert [line.asked for line in partial.short] == [6]
    assert [line.reserved for line in nothing.lines] == [0]


async def test_reserving_does_not_change_the_physical_count(
    bench: Bench, key: str
) -> None:
    await bench.warehouse.reserve(a_reservation(key, 1, LAMP))

    report = await bench.warehouse.stock(FC, (LAMP,))
    await bench.warehouse.release_reservation(FC, key)

    assert report.on_hand[LAMP] == 4


async def test_goods_that_were_not_set_aside_are_not_released(
    bench: Bench, key: str
) -> None:
    with pytest.raises(StateConflict, match="not-reserved"):
        await bench.warehouse.release_order(a_release(key, f"{key}/never"))


async def test_an_order_not_yet_picked_can_be_cancelled_and_its_goods_freed(
    bench: Bench, key: str
) -> None:
    await bench.warehouse.reserve(a_reservation(f"{key}/r"))
    order = await bench.warehouse.release_order(a_release(key, f"{key}/r"))

    outcome = await bench.warehouse.cancel_order(FC, key)

    assert order.status is WorkStatus.ACCEPTED
    assert outcome is CancelOutcome.CANCELLED


async def test_quotes_come_for_the_services_it_offers_only(bench: Bench) -> None:
    quotes = await bench.carrier.rate_shop(a_question())

    assert [quote.service for quote in quotes] == [GROUND]
    # Zone 2, three started half kilograms: 800 + 3 × 90.
    assert quotes[0].total_cents == 1_070
    assert START < quotes[0].p50_at < quotes[0].p90_at


async def test_a_label_is_a_document(bench: Bench, key: str) -> None:
    booking = await bench.carrier.book(a_parcel(key))

    label = await bench.carrier.document(CARRIER, booking.id)

    assert label.media_type == "application/pdf"
    assert label.content.startswith(b"%PDF-1.4")
    assert label.content.rstrip().endswith(b"%%EOF")


async def test_an_unknown_service_is_an_invalid_request(bench: Bench, key: str) -> None:
    with pytest.raises(InvalidRequest, match="unknown-service"):
        await bench.carrier.book(a_parcel(key, service=ServiceId("unheard-of")))


async def test_an_unknown_center_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound, match="ATLANTIS"):
        await bench.warehouse.stock(FcId("ATLANTIS"), None)


async def test_a_rate_limit_says_how_long_to_wait(bench: Bench) -> None:
    bench.server.script(ScriptedFault(operation="rate_shop", fault=Fault.RATE_LIMIT))

    with pytest.raises(RateLimited) as limited:
        await bench.carrier.rate_shop(a_question())

    assert limited.value.retry_after_s == 7


async def test_busy_promises_that_nothing_was_done(bench: Bench, key: str) -> None:
    bench.server.script(ScriptedFault(operation="book", fault=Fault.BUSY))

    with pytest.raises(Unavailable):
        await bench.carrier.book(a_parcel(key))


@pytest.mark.parametrize(
    "fault", [Fault.DROP, Fault.HANG, Fault.TRUNCATE, Fault.ERROR_AFTER]
)
async def test_a_read_without_an_answer_is_unavailable(
    bench: Bench, fault: Fault
) -> None:
    bench.server.script(ScriptedFault(operation="stock", fault=fault))

    with pytest.raises(Unavailable):
        await bench.warehouse.stock(FC, None)


async def test_half_an_answer_to_an_effect_leaves_the_outcome_unknown(
    bench: Bench, key: str
) -> None:
    bench.server.script(ScriptedFault(operation="reserve", fault=Fault.TRUNCATE))

    with pytest.raises(OutcomeUnknown):
        await bench.warehouse.reserve(a_reservation(key))


async def test_an_answer_that_is_no_json_is_a_contract_violation(bench: Bench) -> None:
    bench.server.script(ScriptedFault(operation="stock", fault=Fault.GARBLE))

    with pytest.raises(ContractViolation) as violation:
        await bench.warehouse.stock(FC, None)

    assert violation.value.raw.startswith('{"fc":"RENO"')


async def test_the_clock_and_the_feed_answer(bench: Bench) -> None:
    assert await bench.clock.now() >= START
    assert await bench.hazards.poll() == Reading()


async def test_wrong_credentials_are_refused_without_showing_them(bench: Bench) -> None:
    settings = NeutralSettings(
        base_url=bench.server.base_url, secret=SecretStr("GUESSED")
    )
    stranger = NeutralCarrier(settings, real_now)

    with pytest.raises(AuthFailed) as refusal:
        await stranger.rate_shop(a_question())
    await stranger.close()

    assert "GUESSED" not in str(refusal.value) + refusal.value.raw
