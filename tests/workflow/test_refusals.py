"""Warehouses and carriers that refuse, stay away, or answer into the void."""

from datetime import timedelta

import pytest

from connectors.ports import Idempotency
from domain.errors import OutcomeUnknown, Unavailable
from domain.order import Order, OrderStatus
from domain.quantities import FcId, ServiceId, SkuId
from tests.builders import a_line
from tests.fakes import Counterpart, lost_reply, pause
from tests.workflow.scene import Scene

LOST = OutcomeUnknown("sent, never answered")


async def _delivered(scene: Scene, order: Order, *keys: str) -> None:
    handle = await scene.submit(order)
    await scene.released(order, len(keys))
    await scene.delivers(*keys)
    outcome = await handle.result()
    assert outcome.status is OrderStatus.DELIVERED


async def test_a_partial_reservation_is_decided_again_from_another_center(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=4),))
    scene.warehouse.on_hand[FcId("EAST"), SkuId("LAMP")] = 1

    await _delivered(scene, order, f"{order.id}/2/r2")

    first, second = scene.decisions(order)
    assert first.plan
    assert first.plan.parcels[0].fc == "EAST"
    assert second.plan
    assert second.plan.parcels[0].fc != "EAST"
    assert [(b.fc, b.sku) for b in second.blocks] == [("EAST", "LAMP")]
    assert scene.warehouse.reserved == {}


async def test_three_refusals_go_to_review(scene: Scene) -> None:
    order = scene.order()
    for fc in ("EAST", "SOUTH", "WEST"):
        scene.warehouse.on_hand[FcId(fc), SkuId("LAMP")] = 0

    await scene.submit(order)
    progress = await scene.at(order, OrderStatus.REVIEW)

    assert progress.refusals == 3
    assert sum("could reserve only" in reason for reason in progress.review) == 3
    assert scene.stored_status(order) is OrderStatus.REVIEW
    assert scene.warehouse.reserved == {}
    assert scene.held(order) == ()


async def test_a_refused_service_is_blocked_at_that_center(scene: Scene) -> None:
    order = scene.order()
    scene.carrier.refused.add(ServiceId("SWIFT-GROUND"))

    handle = await scene.submit(order)
    progress = await scene.released(order)

    blocked = {(b.fc, b.service) for b in scene.decisions(order)[-1].blocks}
    assert ("EAST", "SWIFT-GROUND") in blocked
    assert "TRUSTY-GROUND" in progress.parcels[-1]
    assert [b.service for b in scene.carrier.standing] == ["TRUSTY-GROUND"]
    assert len(scene.warehouse.reserved) == 1
    await handle.terminate()


async def test_a_much_dearer_quote_is_decided_again(scene: Scene) -> None:
    order = scene.order()
    scene.carrier.quoted_cents[ServiceId("SWIFT-GROUND")] = 9_000

    await scene.submit(order)
    progress = await scene.released(order)

    assert "TRUSTY-GROUND" in progress.parcels[-1]
    assert progress.refusals >= 1
    assert len(scene.carrier.labels) == 1


async def test_a_carrier_that_stays_away_is_given_up_and_decided_around(
    timely: Scene,
) -> None:
    order = timely.order()
    timely.carrier.down["book", "SWIFT-GROUND"] = Unavailable("connection refused")

    await timely.submit(order)
    await timely.until(lambda: _calls(timely.carrier, "book"), lambda times: times > 1)
    await timely.pass_time(timedelta(minutes=31))
    await timely.released(order)

    decision = timely.decisions(order)[-1]
    assert [b.service for b in decision.blocks] == ["SWIFT-GROUND"]
    assert len(timely.carrier.standing) == 1


async def test_undoing_at_a_dead_warehouse_keeps_no_order_waiting(
    timely: Scene,
) -> None:
    order = timely.order()
    away = Unavailable("connection refused")
    timely.warehouse.down["reserve", "EAST"] = away
    timely.warehouse.down["release_reservation", "EAST"] = away

    handle = await timely.submit(order)
    await timely.until(
        lambda: _calls(timely.warehouse, "reserve"), lambda times: times > 1
    )
    await timely.pass_time(timedelta(minutes=61))
    await timely.released(order)
    await timely.delivers(f"{order.id}/2/r2")
    timely.warehouse.down.clear()
    await timely.pass_time(timedelta(minutes=11))
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert timely.warehouse.reserved == {}
    assert timely.held(order) == ()


@pytest.mark.parametrize("idempotency", [Idempotency.KEY_HEADER, Idempotency.NONE])
async def test_a_lost_reply_to_a_booking_leaves_one_label_which_is_adopted(
    scene: Scene, idempotency: Idempotency
) -> None:
    order = scene.order()
    scene.carrier.idempotency = idempotency
    scene.carrier.on("book", lost_reply(LOST))

    await _delivered(scene, order, f"{order.id}/1/r1")

    assert [label.id for label in scene.carrier.labels] == ["LABEL-1"]
    assert scene.warehouse.releases[0].tracking_number == "TRACK-1"
    assert scene.carrier.calls.count("book") == 1


@pytest.mark.parametrize("idempotency", [Idempotency.KEY_HEADER, Idempotency.NONE])
async def test_lost_replies_in_the_warehouse_reserve_and_release_once(
    scene: Scene, idempotency: Idempotency
) -> None:
    order = scene.order()
    scene.warehouse.idempotency = idempotency
    scene.warehouse.on("reserve", lost_reply(LOST))
    scene.warehouse.on("release_order", lost_reply(LOST))

    await _delivered(scene, order, f"{order.id}/1/r1")

    assert len(scene.warehouse.reservations) == 1
    assert len(scene.warehouse.releases) == 1
    assert scene.warehouse.calls.count("release_order") == 1


async def test_a_hold_that_expired_before_it_was_committed_is_decided_again(
    scene: Scene,
) -> None:
    order = scene.order()
    waiting = scene.warehouse.on("reserve", pause())

    await scene.submit(order)
    await waiting.reached.wait()
    scene.clock.pass_time(timedelta(minutes=31))
    waiting.go_on.set()
    progress = await scene.released(order)

    assert progress.revision == 2
    assert list(scene.warehouse.reserved) == [f"{order.id}/2/r2"]


async def _calls(counterpart: Counterpart, name: str) -> int:
    return counterpart.calls.count(name)
