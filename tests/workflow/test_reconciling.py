"""Giving back what a stopped workflow could not undo."""

from connectors.ports import Idempotency
from domain.errors import Unavailable
from domain.order import OrderStatus
from domain.quantities import CarrierId, ServiceId
from domain.shipping import Booking, VoidOutcome
from lanewise.doubling import Sweep, void_doubles
from lanewise.reconciling import abandoned, give_all_back, give_back
from store import doubles
from store.doubles import Double
from tests.fakes import Fault, pause
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

    assert [double.booking_id for double in found.doubles] == ["LABEL-TWICE"]
    assert scene.carrier.standing == [first]
    assert await void_doubles(scene.rooms) == Sweep()


async def test_a_carrier_that_is_away_keeps_no_other_double_standing(
    scene: Scene,
) -> None:
    parcels = []
    for n in range(2):
        order = scene.order()
        await scene.submit(order)
        await scene.released(order)
        parcels.append(scene.carrier.labels[-1])
        twice = parcels[-1].model_copy(update={"id": f"TWICE-{n}"})
        scene.carrier.labels.insert(0, twice)
    scene.carrier.idempotency = Idempotency.LOOK_UP
    scene.carrier.on("void", Fault(error=Unavailable("connection refused")))

    first = await void_doubles(scene.rooms)
    standing = len(scene.carrier.standing)
    again = await void_doubles(scene.rooms)

    assert sorted(double.outcome for double in first.doubles) == [
        VoidOutcome.UNANSWERED,
        VoidOutcome.VOIDED,
    ]
    assert list(first.unanswered.values()) == ["connection refused"]
    assert standing == 3
    assert [double.outcome for double in again.doubles] == [VoidOutcome.VOIDED]
    assert scene.carrier.standing == parcels


async def test_a_double_is_asked_for_again_though_its_order_has_ended(
    scene: Scene,
) -> None:
    owed = Double(
        carrier=CarrierId("SWIFT"),
        booking_id="LABEL-LONG-AGO",
        reference="ORDER-LONG-AGO/1/r1",
        outcome=VoidOutcome.REQUESTED,
        found_at=scene.clock.at,
    )
    with scene.store.writing() as session:
        doubles.note(session, owed)
    scene.carrier.labels.append(
        Booking(
            id=owed.booking_id,
            reference=owed.reference,
            carrier=owed.carrier,
            service=ServiceId("SWIFT-GROUND"),
            tracking_number="TRACK-LONG-AGO",
            cost_cents=500,
            voided=True,
        )
    )

    sweep = await void_doubles(scene.rooms)

    with scene.store.reading() as session:
        counts = doubles.counts(session)
    assert [double.outcome for double in sweep.doubles] == [VoidOutcome.VOIDED]
    assert (counts.found, counts.owed) == (1, 0)


async def test_an_order_that_cannot_be_undone_stops_no_other(scene: Scene) -> None:
    stopped = []
    for _ in range(2):
        order = scene.order()
        await scene.submit(order)
        await scene.released(order)
        await scene.terminate(order_workflow(order.id))
        await scene.terminate(parcel_workflow(parcel_id(order.id, 1)))
        stopped.append(order.id)
    scene.warehouse.on("cancel_order", Fault(error=Unavailable("not reached")))

    given = await give_all_back(scene.rooms, stopped)

    assert [leftover.failed for leftover in given] == ["not reached", ""]
    assert len(scene.carrier.standing) == 1


async def test_nothing_is_released_while_a_second_label_may_stand(
    scene: Scene,
) -> None:
    scene.carrier.idempotency = Idempotency.LOOK_UP
    order = scene.order()
    key = f"{order.id}/1/r1"
    twice = [a_label(n, key) for n in (1, 2, 3)]
    scene.carrier.labels += twice
    away, then = Fault(error=Unavailable("connection refused")), pause()
    scene.carrier.on("void", away, Fault(), then)

    await scene.submit(order)
    await then.reached.wait()
    released = list(scene.warehouse.releases)
    standing = [label.id for label in scene.carrier.standing]
    then.go_on.set()
    await scene.released(order)

    assert released == []
    # The one that failed kept nobody from voiding the other.
    assert standing == ["LABEL-1", "LABEL-2"]
    assert [label.id for label in scene.carrier.standing] == ["LABEL-1"]


def a_label(number: int, reference: str) -> Booking:
    return Booking(
        id=f"LABEL-{number}",
        reference=reference,
        carrier=CarrierId("SWIFT"),
        service=ServiceId("SWIFT-GROUND"),
        tracking_number=f"TRACK-{number}",
        cost_cents=500,
    )
