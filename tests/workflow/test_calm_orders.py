"""Orders that go as planned."""

from connectors.ports import Ability
from domain.order import OrderStatus
from domain.quantities import FcId, SkuId
from domain.shipping import ParcelStatus
from tests.workflow.scene import Scene


async def test_a_calm_order_is_reserved_booked_released_followed_and_delivered(
    scene: Scene,
) -> None:
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert outcome.on_time
    assert [parcel.status for parcel in outcome.parcels] == [ParcelStatus.DELIVERED]
    assert outcome.decisions == (f"{order.id}.1",)
    assert scene.outcome(order) == outcome
    assert scene.stored_status(order) is OrderStatus.DELIVERED


async def test_goods_that_left_are_off_the_ledger_once(scene: Scene) -> None:
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")
    await handle.result()

    books = scene.books()
    fc = scene.warehouse.releases[0].fc
    assert books.on_hand[FcId(fc), SkuId("LAMP")] == 9
    assert sum(books.on_hand.values()) == 59
    assert scene.held(order) == ()


async def test_the_policy_says_whose_turn_it_is_in_the_task_queue(
    scene: Scene,
) -> None:
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    history = await handle.fetch_history()

    (decision,) = scene.decisions(order)
    priorities = [
        (asked.priority.priority_key, asked.priority.fairness_key)
        for event in history.events
        if (asked := event.activity_task_scheduled_event_attributes)
        and asked.activity_type.name in ("decide", "reserve_stock", "book_parcel")
    ]
    wanted = (decision.policy.queue_priority, decision.policy.fairness_key)
    assert decision.policy.fairness_key
    assert priorities == [wanted] * 3


async def test_where_a_warehouse_sets_nothing_aside_our_ledger_alone_holds(
    scene: Scene,
) -> None:
    scene.warehouse.abilities -= {Ability.RESERVE, Ability.FIND_RESERVATION}
    order = scene.order()

    handle = await scene.submit(order)
    await scene.released(order)
    held = [entry.amount for entry in scene.held(order) if entry.sku == "LAMP"]
    await scene.delivers(f"{order.id}/1/r1")

    assert (await handle.result()).status is OrderStatus.DELIVERED
    assert "reserve" not in scene.warehouse.calls
    assert held == [1]
