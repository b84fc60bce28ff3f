"""Orders that are called off, at every moment."""

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.errors import OutcomeUnknown, Unavailable
from domain.order import Order, OrderStatus
from domain.shipping import ParcelStatus
from lanewise.client import Refused
from tests.builders import a_line
from tests.fakes import Fault, lost_reply, pause
from tests.workflow.scene import Scene
from workflows.desk import Cancel, Hold

STOP = Cancel(operator="ann", reason="customer asked")


def assert_nothing_is_left(scene: Scene, order: Order) -> None:
    assert scene.held(order) == ()
    assert scene.warehouse.reserved == {}
    assert scene.warehouse.standing == []
    assert scene.carrier.standing == []


async def test_an_order_under_review_is_cancelled_and_frees_its_holds(
    scene: Scene,
) -> None:
    order = scene.order(attributes={"review": "yes"})

    handle = await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)
    answer = await scene.lanewise.cancel(order.id, STOP)
    outcome = await handle.result()

    assert answer == "Cancelled by ann."
    assert outcome.status is OrderStatus.CANCELLED
    assert outcome.reason == "cancelled by ann: customer asked"
    assert scene.stored_status(order) is OrderStatus.CANCELLED
    assert_nothing_is_left(scene, order)


@pytest.mark.parametrize("call", ["reserve", "rate_shop", "book", "release_order"])
@pytest.mark.parametrize("native", [False, True], ids=["update", "native"])
async def test_a_cancellation_waits_for_the_effect_in_flight_and_undoes_it_once(
    scene: Scene, call: str, native: bool
) -> None:
    order = scene.order()
    counterpart = scene.carrier if call in ("rate_shop", "book") else scene.warehouse
    in_flight = counterpart.on(call, pause())

    handle = await scene.submit(order)
    await in_flight.reached.wait()
    await scene.cancel(order, STOP, native=native)
    undone_early = {"void", "release_reservation"} & {
        *scene.carrier.calls,
        *scene.warehouse.calls,
    }
    in_flight.go_on.set()
    outcome = await handle.result()

    assert not undone_early
    assert outcome.status is OrderStatus.CANCELLED
    assert scene.carrier.calls.count("void") == len(scene.carrier.labels)
    assert_nothing_is_left(scene, order)


async def test_a_native_cancellation_while_deciding_frees_what_was_held(
    scene: Scene,
) -> None:
    order = scene.order(attributes={"review": "yes"})

    handle = await scene.submit(order)
    await handle.cancel()
    outcome = await handle.result()

    assert outcome.status is OrderStatus.CANCELLED
    assert outcome.reason == "cancelled by temporal: cancellation requested"
    assert scene.stored_status(order) is OrderStatus.CANCELLED
    assert_nothing_is_left(scene, order)


async def test_a_released_order_is_cancelled_through_its_warehouse(
    scene: Scene,
) -> None:
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    await scene.lanewise.cancel(order.id, STOP)
    outcome = await handle.result()

    assert [p.status for p in outcome.parcels] == [ParcelStatus.VOIDED]
    assert scene.warehouse.calls.count("cancel_order") == 1
    assert_nothing_is_left(scene, order)


async def test_too_late_is_said_in_one_sentence_and_the_order_goes_on(
    scene: Scene,
) -> None:
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    scene.warehouse.packed.add(scene.warehouse.releases[0].fc)
    with pytest.raises(Refused) as refused:
        await scene.lanewise.cancel(order.id, STOP)
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await handle.result()

    assert str(refused.value).startswith(f"Too late for {order.id}/1")
    assert "\n" not in str(refused.value)
    assert outcome.status is OrderStatus.DELIVERED
    assert len(scene.carrier.standing) == 1


async def test_a_cancellation_after_the_handover_is_refused_at_the_door(
    scene: Scene,
) -> None:
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    await scene.ships(f"{order.id}/1/r1")
    await scene.at(order, OrderStatus.HANDED_OVER)

    with pytest.raises(Refused, match="the carrier already has it"):
        await scene.lanewise.cancel(order.id, STOP)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_half_an_order_is_called_off_where_the_other_half_has_left(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=3),))

    handle = await scene.submit(order)
    await scene.released(order)
    await scene.short_picks(f"{order.id}/1/r1", a_line(units=1))
    await scene.released(order, 2)
    await scene.ships(f"{order.id}/1/r1", short=(a_line(units=1),))
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: "shipped" in p.parcels[0]
    )
    with pytest.raises(Refused, match=f"Too late for {order.id}/1:"):
        await scene.lanewise.cancel(order.id, STOP)
    await scene.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    outcome = await handle.result()

    assert [p.status.value for p in outcome.parcels] == ["delivered", "voided"]
    assert scene.held(order) == ()


@pytest.mark.parametrize("call", ["reserve", "book", "release_order"])
async def test_what_a_lost_reply_left_behind_is_found_and_undone(
    scene: Scene, call: str
) -> None:
    order = scene.order()
    counterpart = scene.carrier if call == "book" else scene.warehouse
    lost = counterpart.on(call, lost_reply(OutcomeUnknown("no answer")))

    handle = await scene.submit(order)
    await lost.reached.wait()
    await scene.cancel(order, STOP)
    outcome = await handle.result()

    assert outcome.status is OrderStatus.CANCELLED
    assert_nothing_is_left(scene, order)


@pytest.mark.parametrize("call", ["cancel_order", "find_bookings", "void"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_an_undo_that_fails_is_tried_until_it_holds(
    scene: Scene, call: str, after: bool
) -> None:
    order = scene.order()
    error: Exception = OutcomeUnknown("?") if after else Unavailable("away")

    handle = await scene.submit(order)
    await scene.released(order)
    counterpart = scene.warehouse if call == "cancel_order" else scene.carrier
    counterpart.on(call, Fault(error=error, after=after))
    await scene.lanewise.cancel(order.id, STOP)
    await handle.result()

    assert_nothing_is_left(scene, order)


async def test_a_held_order_is_cancelled_with_everything_undone(scene: Scene) -> None:
    order = scene.order()
    in_flight = scene.carrier.on("book", pause())

    handle = await scene.submit(order)
    await in_flight.reached.wait()
    await scene.lanewise.hold(order.id, Hold(operator="ann", reason="fraud?"))
    in_flight.go_on.set()
    await scene.lanewise.cancel(order.id, STOP)
    outcome = await handle.result()

    assert outcome.status is OrderStatus.CANCELLED
    assert len(scene.carrier.labels) == 1
    assert_nothing_is_left(scene, order)
