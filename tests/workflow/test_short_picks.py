"""Goods that are not where the books say they are."""

import pytest

from domain.order import OrderStatus
from domain.plan import Parcel
from domain.shipping import ParcelStatus
from domain.warehousing import StockLost, WarehouseEvent
from lanewise.client import Refused
from tests.builders import a_line
from tests.workflow.scene import Scene
from workflows.desk import Cancel


async def test_what_was_short_is_sent_from_elsewhere_and_both_are_delivered(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=3),))

    handle = await scene.submit(order)
    await scene.released(order)
    await scene.short_picks(f"{order.id}/1/r1", a_line(units=1))
    await scene.released(order, 2)
    await scene.ships(f"{order.id}/1/r1", short=(a_line(units=1),))
    await scene.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    await scene.delivers(f"{order.id}/2/r2")
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert [p.status for p in outcome.parcels] == [ParcelStatus.DELIVERED] * 2
    assert outcome.parcels[0].fc != outcome.parcels[1].fc
    shipped = [(s.fc, s.units) for s in scene.books().shipments]
    assert sorted(units for _, units in shipped) == [1, 2]
    assert scene.held(order) == ()


async def test_a_parcel_short_of_everything_is_stopped_and_its_label_voided(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=2),))

    await scene.submit(order)
    await scene.released(order)
    await scene.short_picks(f"{order.id}/1/r1", a_line(units=2))
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )

    assert [label.voided for label in scene.carrier.labels] == [True, False]
    assert [work.key for work in scene.warehouse.standing] == [f"{order.id}/2/r2"]
    assert {entry.revision for entry in scene.held(order)} == {2}


async def test_a_center_that_cancels_is_decided_around(scene: Scene) -> None:
    order = scene.order()

    await scene.submit(order)
    await scene.released(order)
    key = f"{order.id}/1/r1"
    await scene.reports(scene.notice(key, WarehouseEvent.CANCELLED))
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )

    assert _fcs(scene.decisions(order)[1].plan.parcels) != ["EAST"]  # type: ignore[union-attr]
    assert len(scene.carrier.standing) == 1
    assert list(scene.warehouse.reserved) == [f"{order.id}/2/r2"]


async def test_repeated_notices_of_one_short_pick_count_once(scene: Scene) -> None:
    order = scene.order(lines=(a_line(units=3),))

    await scene.submit(order)
    await scene.released(order)
    key = f"{order.id}/1/r1"
    for sequence in (1, 1, 4):
        notice = scene.notice(
            key, WarehouseEvent.SHORT_PICKED, (a_line(units=1),), sequence
        )
        await scene.reports(notice)
    await scene.released(order, 2)

    assert [r.lines[0].units for r in scene.warehouse.releases] == [3, 1]


async def test_a_short_pick_told_after_the_goods_left_is_still_sent(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=3),))

    handle = await scene.submit(order)
    await scene.released(order)
    key = f"{order.id}/1/r1"
    await scene.ships(key, short=(a_line(units=1),))
    await scene.short_picks(key, a_line(units=1))
    await scene.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )
    await scene.delivers(f"{order.id}/2/r2")
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert sorted(s.units for s in scene.books().shipments) == [1, 2]


@pytest.mark.parametrize("told", [False, True])
async def test_units_missed_before_a_faster_carriers_word_are_still_sent(
    scene: Scene, told: bool
) -> None:
    order = scene.order(lines=(a_line(units=3),))

    handle = await scene.submit(order)
    await scene.released(order)
    key = f"{order.id}/1/r1"
    if not told:
        scene.warehouse.ship(key, scene.clock.at, (a_line(units=1),))
    await scene.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    if told:
        await scene.warehouse_asked()
        await scene.ships(key, short=(a_line(units=1),))
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )
    await scene.delivers(f"{order.id}/2/r2")
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert [p.lines[0].units for p in outcome.parcels] == [2, 1]
    assert sorted(s.units for s in scene.books().shipments) == [1, 2]


async def test_a_parcel_at_its_door_is_not_called_back(scene: Scene) -> None:
    order = scene.order(lines=(a_line(units=3),))

    await scene.submit(order)
    await scene.released(order)
    key = f"{order.id}/1/r1"
    await scene.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    await scene.warehouse_asked()
    with pytest.raises(Refused, match=f"Too late for {order.id}/1:"):
        await scene.lanewise.cancel(order.id, Cancel(operator="ann", reason="late"))
    await scene.ships(key)
    outcome = await scene.handle(order).result()

    assert outcome.status is OrderStatus.DELIVERED
    assert "cancel_order" not in scene.warehouse.calls


async def test_a_recount_that_took_the_goods_of_a_reviewed_plan_decides_again(
    scene: Scene,
) -> None:
    order = scene.order(attributes={"review": "yes"})

    handle = await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)
    lost = StockLost(order_id=order.id, revision=1, fc="EAST", sku="LAMP", units=1)
    await handle.signal("stock_lost", lost)
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: p.revision == 2
    )
    progress = await scene.at(order, OrderStatus.REVIEW)

    assert progress.review == ("checked: a person wants to see it",)
    assert {entry.revision for entry in scene.held(order)} == {2}


def _fcs(parcels: tuple[Parcel, ...]) -> list[str]:
    return [parcel.fc for parcel in parcels]
