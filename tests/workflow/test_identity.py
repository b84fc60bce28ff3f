"""One order is one workflow, whatever is submitted how often."""

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ApplicationError

from domain.errors import OrderConflict
from domain.order import Order, OrderStatus
from domain.outcome import Outcome
from domain.quantities import ParcelId
from lanewise.client import Accepted
from lanewise.people import Pseudonyms
from tests.builders import a_line
from tests.workflow.scene import Scene
from workflows.names import order_workflow, parcel_workflow
from workflows.order import FulfillOrder, OrderFulfillment


async def delivered(scene: Scene) -> tuple[Order, Outcome]:
    order = scene.order()
    handle = await scene.submit(order)
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")
    return order, await handle.result()


async def after_retention(scene: Scene, order: Order) -> Outcome:
    """Start the workflow as if Temporal had forgotten the first one."""
    scene.submitted.append(order.id)
    return await scene.client.execute_workflow(
        OrderFulfillment.run,
        FulfillOrder(order=order),
        id=order_workflow(order.id),
        task_queue=scene.task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


def refusal(failed: WorkflowFailureError) -> ApplicationError:
    assert isinstance(failed.cause, ActivityError)
    assert isinstance(failed.cause.cause, ApplicationError)
    return failed.cause.cause


async def test_the_same_order_twice_is_one_order(scene: Scene) -> None:
    order = scene.order()

    first = await scene.lanewise.submit(order)
    again = await scene.lanewise.submit(order.model_copy())
    await scene.submit(order)
    await scene.released(order)

    assert (first.accepted, again.accepted) == (Accepted.NEW, Accepted.ALREADY)
    assert len(scene.warehouse.releases) == 1


async def test_a_different_order_under_the_same_id_names_both_versions(
    scene: Scene,
) -> None:
    order = scene.order()
    other = order.model_copy(update={"lines": (a_line(units=2),)})
    await scene.submit(order)

    with pytest.raises(OrderConflict) as refused:
        await scene.lanewise.submit(other)

    assert order.digest() in str(refused.value)
    assert other.digest() in str(refused.value)


async def test_the_same_order_after_retention_is_answered_and_does_nothing(
    scene: Scene,
) -> None:
    order, _ = await delivered(scene)
    effects = list(scene.warehouse.calls)

    outcome = await after_retention(scene, order)

    assert outcome.status is OrderStatus.DELIVERED
    assert outcome.reason == "the same order already ended under this id"
    assert scene.warehouse.calls == effects


async def test_a_different_order_after_retention_is_refused_naming_both_versions(
    scene: Scene,
) -> None:
    order, _ = await delivered(scene)
    other = order.model_copy(update={"lines": (a_line(units=2),)})

    with pytest.raises(WorkflowFailureError) as failed:
        await after_retention(scene, other)

    error = refusal(failed.value)
    assert error.type == "OrderConflict"
    kept, refused = Pseudonyms(scene.store).orders([order, other])
    assert kept.digest() in error.message
    assert refused.digest() in error.message


async def test_an_unknown_sku_fails_with_one_sentence_and_holds_nothing(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line("GHOST"),))

    handle = await scene.submit(order)
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()

    assert refusal(failed.value).message == (
        "lines[0].sku: 'GHOST' is not in the catalog; add it or correct the order"
    )
    assert scene.books().entries == ()
    assert scene.stored_status(order) is None


async def test_an_order_whose_workflow_was_terminated_is_taken_up_again(
    scene: Scene,
) -> None:
    order = scene.order()
    handle = await scene.submit(order)
    await scene.released(order)
    await handle.terminate()
    # The test server does not end the children of what it terminates.
    await scene.terminate(parcel_workflow(ParcelId(f"{order.id}/1")))

    scene.submitted.append(order.id)
    again = await scene.client.start_workflow(
        OrderFulfillment.run,
        FulfillOrder(order=order),
        id=order_workflow(order.id),
        task_queue=scene.task_queue,
    )
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")

    assert (await again.result()).status is OrderStatus.DELIVERED
    assert len(scene.carrier.labels) == 1
    assert len(scene.warehouse.releases) == 1
