"""Giving back what a stopped workflow could not undo."""

from connectors.ports import Idempotency
from domain.order import OrderStatus
from lanewise.reconciling import abandoned, give_back, void_doubles
from tests.workflow.scene import Scene
from workflows.names import order_workflow, parcel_id, parcel_workflow


async def test_a_terminated_orders_labels_and_stock_are_given_back(
    scene: Scene,
) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)
    await scene.terminate(order_workflow(order.id))
    await scene.terminate(parcel_workflow(parcel_id(order.id, 1)))

    found = [one async for one in abandoned(scene.rooms, scene.client)]
    leftover = await give_back(scene.rooms, order.id)

    assert order.id in found
    assert leftover.voided == [b.tracking_number for b in scene.carrier.labels]
    assert scene.carrier.standing == []
    assert scene.warehouse.reserved == {}
    assert scene.held(order) == ()
    assert scene.stored_status(order) is OrderStatus.FAILED


async def test_giving_back_twice_changes_nothing(scene: Scene) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)
    await scene.terminate(order_workflow(order.id))
    await scene.terminate(parcel_workflow(parcel_id(order.id, 1)))
    await give_back(scene.rooms, order.id)

    again = await give_back(scene.rooms, order.id)

    assert again.voided == []
    assert again.too_late == []


async def test_an_order_whose_workflow_runs_is_not_abandoned(scene: Scene) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)

    found = [one async for one in abandoned(scene.rooms, scene.client)]

    assert order.id not in found


async def test_what_the_warehouse_has_packed_goes_on_and_is_named(
    scene: Scene,
) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)
    await scene.terminate(order_workflow(order.id))
    scene.warehouse.packed.add(scene.warehouse.releases[0].fc)

    leftover = await give_back(scene.rooms, order.id)

    assert leftover.too_late == [f"{order.id}/1/r1"]
    assert len(scene.carrier.standing) == 1
    assert scene.stored_status(order) is OrderStatus.HANDED_OVER
    await scene.terminate(parcel_workflow(parcel_id(order.id, 1)))


async def test_a_second_label_of_a_running_order_is_voided_and_counted(
    scene: Scene,
) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)
    first = scene.carrier.labels[-1]
    scene.carrier.labels.insert(0, first.model_copy(update={"id": "LABEL-TWICE"}))
    scene.carrier.idempotency = Idempotency.LOOK_UP

    found = await void_doubles(scene.rooms)

    assert [double.booking_id for double in found] == ["LABEL-TWICE"]
    assert scene.carrier.standing == [first]
    assert await void_doubles(scene.rooms) == ()
