"""Notices that never come, come twice, or come in the wrong order."""

from datetime import timedelta

from domain.errors import Unavailable
from domain.order import Order, OrderStatus
from domain.shipping import ParcelStatus
from tests.builders import a_line
from tests.workflow.scene import Scene
from workflows.floor import GRACE
from workflows.parcel import SILENCE

# The small network's first handover is ten hours after the orders came in.
UNTIL_HANDOVER = timedelta(hours=10)
SOON = timedelta(minutes=1)


async def released(scene: Scene, **overrides: object) -> Order:
    order = scene.order(**overrides)
    await scene.submit(order)
    await scene.released(order)
    return order


async def test_a_silent_warehouse_is_asked_and_its_answer_counts(timely: Scene) -> None:
    order = await released(timely)
    timely.warehouse.ship(f"{order.id}/1/r1", timely.clock.at + UNTIL_HANDOVER)

    await timely.pass_time(UNTIL_HANDOVER + GRACE - timedelta(minutes=5))
    asked_early = timely.warehouse.calls.count("find_order")
    await timely.pass_time(timedelta(minutes=10))
    await timely.at(order, OrderStatus.HANDED_OVER)

    assert asked_early == 0
    assert timely.held(order) == ()
    assert [s.units for s in timely.books().shipments] == [1]


async def test_a_warehouse_that_cannot_be_asked_is_asked_again(timely: Scene) -> None:
    order = await released(timely)
    fc = timely.warehouse.releases[0].fc
    timely.warehouse.down["find_order", fc] = Unavailable("connection refused")
    timely.warehouse.ship(f"{order.id}/1/r1", timely.clock.at + UNTIL_HANDOVER)

    await timely.pass_time(UNTIL_HANDOVER + GRACE + timedelta(hours=1) + SOON)
    still = await timely.lanewise.progress(order.id)
    timely.warehouse.down.clear()
    await timely.pass_time(GRACE + SOON)
    await timely.at(order, OrderStatus.HANDED_OVER)

    assert still.status is OrderStatus.RELEASED


async def test_a_short_pick_found_by_asking_and_told_later_counts_once(
    timely: Scene,
) -> None:
    order = await released(timely, lines=(a_line(units=3),))
    key = f"{order.id}/1/r1"
    work = timely.warehouse.work[key]
    timely.warehouse.work[key] = work.model_copy(update={"short": (a_line(units=1),)})

    await timely.pass_time(UNTIL_HANDOVER + GRACE + SOON)
    await timely.released(order, 2)
    await timely.short_picks(key, a_line(units=1))
    await timely.ships(key, short=(a_line(units=1),))
    await timely.until(
        lambda: timely.lanewise.progress(order.id), lambda p: "shipped" in p.parcels[0]
    )

    assert [r.lines[0].units for r in timely.warehouse.releases] == [3, 1]


async def test_a_silent_carrier_is_asked_where_the_parcel_is(timely: Scene) -> None:
    order = await released(timely)
    parcel = f"{order.id}/1"
    handle = timely.handle(order)
    scan = timely.scan(parcel, ParcelStatus.DELIVERED, 4)
    timely.carrier.scans["TRACK-1"] = (scan,)
    await timely.ships(f"{order.id}/1/r1")

    await timely.pass_time(UNTIL_HANDOVER + SILENCE + SOON)
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert outcome.delivered_at == scan.occurred_at
    assert timely.carrier.calls.count("track") == 1


async def test_a_carrier_that_cannot_be_asked_is_asked_again(timely: Scene) -> None:
    order = await released(timely)
    handle = timely.handle(order)
    scan = timely.scan(f"{order.id}/1", ParcelStatus.DELIVERED, 4)
    timely.carrier.scans["TRACK-1"] = (scan,)
    timely.carrier.down["track", "SWIFT"] = Unavailable("connection refused")
    await timely.ships(f"{order.id}/1/r1")

    await timely.pass_time(UNTIL_HANDOVER + SILENCE + timedelta(hours=1))
    timely.carrier.down.clear()
    await timely.pass_time(SILENCE)

    assert (await handle.result()).status is OrderStatus.DELIVERED


async def test_scans_in_any_order_and_number_give_one_journey(scene: Scene) -> None:
    order = await released(scene)
    parcel = f"{order.id}/1"
    await scene.ships(f"{order.id}/1/r1")

    for status, sequence in (
        (ParcelStatus.EXCEPTION, 3),
        (ParcelStatus.HANDED_OVER, 1),
        (ParcelStatus.EXCEPTION, 3),
        (ParcelStatus.IN_TRANSIT, 2),
        (ParcelStatus.UNKNOWN, 5),
        (ParcelStatus.DELIVERED, 6),
    ):
        await scene.scanned(parcel, status, sequence)
    report = await scene.journey(parcel).result()

    assert report.status is ParcelStatus.DELIVERED
    assert (report.scans, report.exceptions) == (5, 1)
    assert report.handed_over_at == scene.scan(parcel, ParcelStatus.LOST, 1).occurred_at


async def test_a_scan_of_what_the_warehouse_never_tells_means_the_goods_left(
    timely: Scene,
) -> None:
    order = await released(timely)

    await timely.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    await timely.warehouse_asked()
    await timely.pass_time(GRACE + SOON)
    outcome = await timely.handle(order).result()

    assert outcome.status is OrderStatus.DELIVERED
    assert [s.units for s in timely.books().shipments] == [1]
    assert timely.held(order) == ()


async def test_a_label_the_carrier_voided_is_replaced(scene: Scene) -> None:
    order = await released(scene)

    await scene.scanned(f"{order.id}/1", ParcelStatus.VOIDED, 1)
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )

    assert [work.key for work in scene.warehouse.standing] == [f"{order.id}/2/r2"]
    assert list(scene.warehouse.reserved) == [f"{order.id}/2/r2"]


async def test_a_collected_order_needs_no_label_and_ends_at_the_counter(
    scene: Scene,
) -> None:
    order = await released(scene, pickup=True)
    handle = scene.handle(order)

    await scene.ships(f"{order.id}/1/r1")
    outcome = await handle.result()

    assert scene.carrier.calls == []
    assert outcome.status is OrderStatus.DELIVERED
    assert outcome.delivered_at == scene.clock.at
    assert outcome.parcels[0].service == "COLLECT"
