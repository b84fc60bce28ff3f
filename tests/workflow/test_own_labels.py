"""Warehouses that ship with labels of their own: nobody buys a second one."""

from datetime import timedelta

from connectors.ports import Ability
from domain.errors import NotFound, Unavailable, Unsupported
from domain.order import Order, OrderStatus
from domain.quantities import CarrierId, FcId, ParcelId
from domain.shipping import ParcelScan, ParcelStatus
from domain.warehousing import WarehouseEvent, WarehouseLabel
from lanewise.reconciling import give_back
from store import parcels
from tests.builders import a_line
from tests.fakes import FakeWarehouse, Fault, pause
from tests.workflow.scene import Scene
from workflows.desk import Cancel
from workflows.floor import GRACE
from workflows.names import order_workflow
from workflows.parcel import SILENCE, ParcelJourney

ITS_OWN = WarehouseLabel(
    tracking_number="OWN-1", carrier=CarrierId("BROWN"), cost_cents=815
)


async def released(scene: Scene, **overrides: object) -> tuple[Order, str]:
    """Release an order to warehouses that make their own labels."""
    scene.warehouse.abilities |= {Ability.OWN_LABELS}
    order = scene.order(**overrides)
    await scene.submit(order)
    await scene.released(order)
    return order, f"{order.id}/1/r1"


async def labelled(scene: Scene) -> tuple[Order, str]:
    order, key = await released(scene)
    scene.warehouse.label(key, ITS_OWN)
    await scene.reports(scene.notice(key, WarehouseEvent.PICKED))
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: "OWN-1" in p.parcels[0]
    )
    return order, key


def known(scene: Scene, order: Order) -> parcels.ParcelRecord | None:
    with scene.store.reading() as session:
        return parcels.get(session, ParcelId(f"{order.id}/1"))


def delivered(scene: Scene, carrier: str = "BROWN") -> ParcelScan:
    return ParcelScan(
        event_id="there",
        carrier=CarrierId(carrier),
        tracking_number="OWN-1",
        status=ParcelStatus.DELIVERED,
        sequence=3,
        occurred_at=scene.clock.at + timedelta(hours=20),
    )


async def test_the_label_its_warehouse_made_is_the_only_one(scene: Scene) -> None:
    order, key = await labelled(scene)
    await scene.ships(key)
    await scene.journey(f"{order.id}/1").signal(ParcelJourney.scanned, delivered(scene))
    outcome = await scene.handle(order).result()

    record = known(scene, order)
    assert record is not None
    assert (record.carrier, record.tracking_number) == ("BROWN", "OWN-1")
    assert outcome.status is OrderStatus.DELIVERED
    assert [parcel.booked_cents for parcel in outcome.parcels] == [815]
    assert (scene.carrier.labels, scene.carrier.calls) == ([], [])


async def test_the_service_that_was_chosen_is_what_it_is_asked_to_ship_by(
    scene: Scene,
) -> None:
    order, _ = await released(scene)

    (release,) = scene.warehouse.releases
    (decision,) = scene.decisions(order)
    assert decision.plan is not None
    assert release.service == decision.plan.parcels[0].service
    assert release.tracking_number == ""


async def test_a_service_it_does_not_offer_is_left_out_at_that_center(
    scene: Scene,
) -> None:
    no = Unsupported("service: 'SWIFT-GROUND' is not mapped")
    scene.warehouse.on("release_order", Fault(error=no))
    order, _ = await released(scene)

    _, second = scene.decisions(order)
    assert [(b.fc, b.service) for b in second.blocks] == [("EAST", "SWIFT-GROUND")]


async def test_cancelling_stops_the_warehouse_and_voids_nothing(scene: Scene) -> None:
    order, _ = await labelled(scene)

    await scene.cancel(order, Cancel(operator="Ana", reason="changed her mind"))
    outcome = await scene.handle(order).result()

    record = known(scene, order)
    assert outcome.status is OrderStatus.CANCELLED
    assert outcome.reason == "cancelled by Ana: changed her mind"
    assert scene.warehouse.standing == []
    assert record is not None
    assert record.status is ParcelStatus.VOIDED
    assert scene.carrier.calls == []


async def test_a_delivery_told_by_the_warehouse_ends_the_order(scene: Scene) -> None:
    order, key = await labelled(scene)
    await scene.ships(key)

    await scene.reports(scene.notice(key, WarehouseEvent.DELIVERED, sequence=4))

    assert (await scene.handle(order).result()).status is OrderStatus.DELIVERED


async def test_a_delivery_is_believed_though_nobody_told_of_the_departure(
    scene: Scene,
) -> None:
    order, key = await released(scene)
    scene.warehouse.label(key, ITS_OWN)
    lines = scene.warehouse.releases[0].lines

    await scene.reports(scene.notice(key, WarehouseEvent.DELIVERED, lines, 4))

    assert (await scene.handle(order).result()).status is OrderStatus.DELIVERED
    assert [s.units for s in scene.books().shipments] == [1]


async def test_a_carrier_a_connection_reaches_is_asked_where_the_parcel_is(
    timely: Scene,
) -> None:
    order, key = await labelled(timely)
    await timely.ships(key)
    await timely.at(order, OrderStatus.HANDED_OVER)
    timely.carrier.scans["OWN-1"] = (delivered(timely),)

    await timely.pass_time(timedelta(hours=10) + SILENCE)

    outcome = await timely.handle(order).result()
    assert outcome.status is OrderStatus.DELIVERED
    assert "book" not in timely.carrier.calls


async def test_where_nobody_knows_its_carrier_the_warehouse_is_asked(
    timely: Scene,
) -> None:
    timely.carrier.down["track", "BROWN"] = NotFound("no such parcel")
    order, key = await labelled(timely)
    await timely.ships(key)
    await timely.at(order, OrderStatus.HANDED_OVER)
    timely.warehouse.hand_in(key, timely.clock.at + timedelta(hours=30))

    await timely.pass_time(timedelta(hours=10) + SILENCE)

    assert (await timely.handle(order).result()).status is OrderStatus.DELIVERED


async def test_a_label_nobody_told_of_is_found_by_asking(timely: Scene) -> None:
    order, key = await released(timely)
    timely.warehouse.label(key, ITS_OWN)
    timely.warehouse.ship(key, timely.clock.at + timedelta(hours=10))

    await timely.pass_time(timedelta(hours=11) + GRACE)
    progress = await timely.at(order, OrderStatus.HANDED_OVER)

    assert "OWN-1" in progress.parcels[0]


async def test_goods_that_left_without_a_word_on_the_label_are_followed(
    timely: Scene,
) -> None:
    order, key = await released(timely)
    fc = timely.warehouse.releases[0].fc
    timely.warehouse.down["find_order", fc] = Unavailable("connection refused")
    await timely.ships(key)
    await timely.pass_time(timedelta(hours=2))
    await timely.at(order, OrderStatus.HANDED_OVER)
    timely.warehouse.down.clear()
    timely.warehouse.label(key, ITS_OWN)
    timely.warehouse.hand_in(key, timely.clock.at + timedelta(hours=30))
    await timely.pass_time(timedelta(hours=10) + SILENCE)

    record = known(timely, order)
    assert (await timely.handle(order).result()).status is OrderStatus.DELIVERED
    assert record is not None
    assert record.tracking_number == "OWN-1"


async def test_nothing_is_released_to_it_before_the_rest_is_booked(
    scene: Scene,
) -> None:
    itself = FakeWarehouse(scene.warehouse.on_hand, scene.clock)
    itself.abilities |= {Ability.OWN_LABELS}
    registry = scene.rooms.registry
    registry.warehouses["itself"] = itself  # type: ignore[index]
    registry.routes.warehouses[FcId("EAST")] = "itself"  # type: ignore[index]
    booking = scene.carrier.on("book", pause())
    order = scene.order(lines=(a_line(units=12),))

    await scene.submit(order)
    await booking.reached.wait()
    early = list(itself.releases)
    booking.go_on.set()
    await scene.released(order, 2)

    assert early == []
    assert [release.fc for release in itself.releases] == ["EAST"]
    assert len(scene.carrier.labels) == 1


async def test_an_abandoned_order_has_no_label_to_void(scene: Scene) -> None:
    order, _ = await labelled(scene)
    await scene.terminate(order_workflow(order.id))
    await scene.terminate(f"parcel/{order.id}/1")

    leftover = await give_back(scene.rooms, order.id)

    assert (leftover.voided, leftover.too_late) == ([], [])
    assert scene.warehouse.standing == []
    assert scene.carrier.calls == []
