"""Loads offered to freight carriers: a yes, a no, no answer, and second thoughts."""

from datetime import timedelta

import pytest

from connectors.ports import Idempotency
from domain.errors import InvalidRequest, OutcomeUnknown
from domain.order import Order, OrderStatus
from domain.quantities import CarrierId, FcId
from domain.shipping import ParcelStatus
from domain.transport import LoadEvent, TenderCancel, TenderStatus
from store import parcels
from tests.builders import a_line
from tests.fakes import Fault, lost_reply
from tests.workflow.scene import Scene
from workflows.desk import Cancel, Hold, Progress, Resume

STOP = Cancel(operator="ann", reason="customer asked")
LOST = OutcomeUnknown("sent, never answered")
ANSWER_TIME = timedelta(hours=2, minutes=1)


async def _on_offer(scene: Scene, **overrides: object) -> tuple[Order, str]:
    """Submit an order whose parcel is offered to a freight carrier."""
    scene.by_tender("SWIFT")
    order = scene.order(**overrides)
    await scene.submit(order)
    await _offered(scene, order)
    return order, scene.freight.loads[-1].reference


async def _offered(scene: Scene, order: Order) -> Progress:
    return await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: any(", offered" in words for words in p.parcels),
    )


async def test_an_accepted_load_is_released_under_the_carriers_number(
    scene: Scene,
) -> None:
    order, reference = await _on_offer(scene)

    await scene.answers(order, reference, LoadEvent.ACCEPTED)
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await scene.handle(order).result()

    (load,) = scene.freight.loads
    assert outcome.status is OrderStatus.DELIVERED
    assert scene.warehouse.releases[0].tracking_number == "PRO-1"
    assert load.agreed_cents == outcome.parcels[0].booked_cents > 0
    assert scene.carrier.calls == []


async def test_nothing_is_picked_before_the_carrier_has_answered(scene: Scene) -> None:
    order, reference = await _on_offer(scene)

    progress = await scene.lanewise.progress(order.id)

    assert progress.status is OrderStatus.COMMITTING
    assert scene.warehouse.releases == []
    assert list(scene.warehouse.reserved) == [f"{order.id}/1/r1"]
    with scene.store.reading() as session:
        kept = parcels.by_tracking(session, CarrierId("SWIFT"), reference)
    assert kept
    assert kept.status is ParcelStatus.UNKNOWN


async def test_a_declined_load_is_decided_again_without_that_service(
    scene: Scene,
) -> None:
    order, reference = await _on_offer(scene)

    await scene.answers(order, reference, LoadEvent.DECLINED, "no equipment")
    progress = await scene.released(order)

    block = scene.decisions(order)[-1].blocks[0]
    assert (block.service, block.why) == ("SWIFT-GROUND", "no equipment")
    assert "TRUSTY-GROUND" in progress.parcels[-1]
    assert [b.service for b in scene.carrier.standing] == ["TRUSTY-GROUND"]
    assert list(scene.warehouse.reserved) == [f"{order.id}/2/r2"]


async def test_a_carrier_that_says_no_at_once_is_decided_around(scene: Scene) -> None:
    scene.freight.first_answer[CarrierId("SWIFT")] = TenderStatus.DECLINED
    scene.freight.on("tender", Fault(), Fault(error=InvalidRequest("no SCAC")))
    scene.by_tender("SWIFT", "TRUSTY")
    order = scene.order()

    await scene.submit(order)
    progress = await scene.at(order, OrderStatus.REVIEW)

    assert progress.refusals >= 3
    assert any("declined" in why for why in progress.review)
    assert any("no SCAC" in why for why in progress.review)
    assert scene.freight.open == [r for r in scene.freight.open if "TRUSTY" in r]


async def test_no_answer_in_time_is_a_no(timely: Scene) -> None:
    order, reference = await _on_offer(timely)

    await timely.pass_time(ANSWER_TIME)
    progress = await timely.released(order)

    assert "TRUSTY-GROUND" in progress.parcels[-1]
    assert timely.freight.calls == ["tender", "find", "cancel"]
    assert timely.decisions(order)[-1].blocks[0].why == "no answer in time"
    assert timely.freight.standing[reference].status is TenderStatus.CANCELLED


async def test_a_yes_whose_word_was_lost_is_found_when_time_is_up(
    timely: Scene,
) -> None:
    order, reference = await _on_offer(timely)
    timely.freight.stands(reference, TenderStatus.ACCEPTED)

    await timely.pass_time(ANSWER_TIME)
    progress = await timely.released(order)

    assert progress.revision == 1
    assert timely.warehouse.releases[0].tracking_number == f"PRO-{reference}"


@pytest.mark.parametrize("native", [False, True], ids=["update", "native"])
async def test_cancelling_takes_the_offer_back_and_then_the_goods(
    scene: Scene, native: bool
) -> None:
    order, reference = await _on_offer(scene)

    await scene.cancel(order, STOP, native=native)
    outcome = await scene.handle(order).result()

    assert outcome.status is OrderStatus.CANCELLED
    assert scene.freight.standing[reference].status is TenderStatus.CANCELLED
    assert scene.warehouse.reserved == {}
    assert scene.held(order) == ()


async def test_a_load_that_is_too_late_to_take_back_is_named_in_the_outcome(
    scene: Scene,
) -> None:
    scene.freight.cancel_answer = TenderCancel.TOO_LATE
    order, reference = await _on_offer(scene)

    await scene.cancel(order, STOP)
    outcome = await scene.handle(order).result()

    assert f"too late to take the load {reference} back" in outcome.reason


async def test_a_load_on_a_floor_that_cannot_stop_stays_with_its_carrier(
    scene: Scene,
) -> None:
    order, reference = await _on_offer(scene)
    await scene.answers(order, reference, LoadEvent.ACCEPTED)
    await scene.released(order)
    scene.warehouse.packed.add(scene.warehouse.releases[0].fc)

    await scene.cancel(order, STOP)
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await scene.handle(order).result()

    assert outcome.status is OrderStatus.DELIVERED
    assert "cancel" not in scene.freight.calls


@pytest.mark.parametrize(
    "idempotency", [Idempotency.UNIQUE_REFERENCE, Idempotency.NONE]
)
async def test_a_lost_reply_to_an_offer_leaves_one_load_on_offer(
    scene: Scene, idempotency: Idempotency
) -> None:
    scene.freight.idempotency = idempotency
    scene.freight.on("tender", lost_reply(LOST))

    order, reference = await _on_offer(scene)
    await scene.answers(order, reference, LoadEvent.ACCEPTED)
    await scene.released(order)

    assert scene.freight.calls.count("tender") == 1
    assert [load.reference for load in scene.freight.loads] == [reference]


async def test_who_cannot_be_asked_after_a_lost_reply_gets_no_second_offer(
    scene: Scene,
) -> None:
    scene.freight.idempotency = Idempotency.NONE
    scene.freight.abilities = frozenset()
    scene.freight.on("tender", lost_reply(LOST))
    scene.by_tender("SWIFT")
    order = scene.order()

    await scene.submit(order)
    progress = await scene.released(order)

    assert scene.freight.calls.count("tender") == 1
    assert "TRUSTY-GROUND" in progress.parcels[-1]
    assert "cancel" in scene.freight.calls


async def test_a_load_given_back_stops_the_floor_and_goes_another_way(
    scene: Scene,
) -> None:
    order, reference = await _on_offer(scene)
    await scene.answers(order, reference, LoadEvent.ACCEPTED)
    await scene.released(order)

    await scene.answers(order, reference, LoadEvent.DECLINED, "truck broke down")
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.revision == 2 and p.status is OrderStatus.RELEASED,
    )

    assert [work.key for work in scene.warehouse.standing] == [f"{order.id}/2/r2"]
    assert [b.service for b in scene.carrier.standing] == ["TRUSTY-GROUND"]


async def test_a_hold_lets_no_offer_expire_and_hears_the_answer(timely: Scene) -> None:
    order, reference = await _on_offer(timely)
    await timely.lanewise.hold(order.id, Hold(operator="ann", reason="wait"))

    await timely.pass_time(ANSWER_TIME)
    await timely.answers(order, reference, LoadEvent.ACCEPTED)
    await timely.until(
        lambda: timely.lanewise.progress(order.id),
        lambda p: any(", booked" in words for words in p.parcels),
    )
    await timely.lanewise.resume(order.id, Resume(operator="ann"))
    progress = await timely.released(order)

    assert progress.revision == 1
    assert timely.freight.calls == ["tender"]


async def test_a_yes_after_the_offer_was_taken_back_is_named_in_the_outcome(
    scene: Scene,
) -> None:
    order, reference = await _on_offer(scene)
    await scene.answers(order, reference, LoadEvent.DECLINED)
    await scene.released(order)

    await scene.answers(order, reference, LoadEvent.ACCEPTED)
    await scene.delivers(f"{order.id}/2/r2")
    outcome = await scene.handle(order).result()

    assert f"SWIFT accepted {reference} after it was taken back" in outcome.reason


async def test_what_another_floor_tells_is_heeded_while_a_carrier_thinks(
    scene: Scene,
) -> None:
    for fc in ("SOUTH", "WEST"):
        scene.freighters[CarrierId("SWIFT"), FcId(fc), None] = "freight"
        scene.freighters[CarrierId("TRUSTY"), FcId(fc), None] = "freight"
    order = scene.order(lines=(a_line(units=3),))
    await scene.submit(order)
    await scene.released(order)
    await scene.short_picks(f"{order.id}/1/r1", a_line(units=1))
    await _offered(scene, order)

    await scene.ships(f"{order.id}/1/r1", (a_line(units=1),))
    progress = await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: ", shipped" in p.parcels[0],
    )

    assert ", offered" in progress.parcels[1]
    assert [book.units for book in scene.books().shipments] == [2]
