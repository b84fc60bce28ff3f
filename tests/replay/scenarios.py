"""Orders whose histories are kept, each a path through the workflows' code."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.hazard import Severity
from domain.order import Order, OrderStatus
from domain.quantities import FcId, ServiceId
from domain.shipping import ParcelStatus
from domain.transport import LoadEvent
from domain.warehousing import WarehouseEvent
from store import hazards as hazard_store
from tests.builders import a_line
from tests.fakes import pause
from tests.workflow import test_looking_again as looking
from tests.workflow.scene import Scene
from workflows.desk import Approve, Cancel, Hold, Override, PriceOverride, Resume
from workflows.names import order_workflow

Scenario = Callable[[Scene, Order], Awaitable[None]]


async def calm(scene: Scene, order: Order) -> None:
    await _released(scene, order)
    await scene.delivers(f"{order.id}/1/r1")


async def split(scene: Scene, order: Order) -> None:
    many = order.model_copy(update={"lines": (a_line(units=12),)})
    await _released(scene, many, 2)
    await scene.delivers(f"{order.id}/1/r1", f"{order.id}/2/r1")


async def short_pick(scene: Scene, order: Order) -> None:
    three = order.model_copy(update={"lines": (a_line(units=3),)})
    await _released(scene, three)
    await scene.short_picks(f"{order.id}/1/r1", a_line(units=1))
    await scene.released(order, 2)
    await scene.delivers(f"{order.id}/1/r1", f"{order.id}/2/r2")


async def carrier_is_faster(scene: Scene, order: Order) -> None:
    """A parcel at its door before its center told that a unit was missing.

    ``order.carrier-was-faster.json`` is of the days when nobody asked the center.
    """
    three = order.model_copy(update={"lines": (a_line(units=3),)})
    await _released(scene, three)
    key = f"{order.id}/1/r1"
    scene.warehouse.ship(key, scene.clock.at, (a_line(units=1),))
    await scene.scanned(f"{order.id}/1", ParcelStatus.DELIVERED, 3)
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )
    await scene.delivers(f"{order.id}/2/r2")


async def override(scene: Scene, order: Order) -> None:
    await scene.submit(order.model_copy(update={"attributes": {"review": "yes"}}))
    await scene.at(order, OrderStatus.REVIEW)
    wish = Override(
        operator="desk-1", reason="by phone", fulfillment_center=FcId("WEST")
    )
    await scene.lanewise.override(order.id, wish)
    await scene.released(order)
    await scene.delivers(f"{order.id}/2/r2")


async def priced_override(scene: Scene, order: Order) -> None:
    await scene.submit(order.model_copy(update={"attributes": {"review": "yes"}}))
    await scene.at(order, OrderStatus.REVIEW)
    for fc in ("NOWHERE", "WEST"):
        wish = PriceOverride(fulfillment_center=FcId(fc))
        await scene.lanewise.price_override(order.id, wish)
    await scene.lanewise.approve(order.id, Approve(operator="desk-1"))
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")


async def approved_after_hold(scene: Scene, order: Order) -> None:
    await scene.submit(order.model_copy(update={"attributes": {"review": "yes"}}))
    await scene.at(order, OrderStatus.REVIEW)
    await scene.lanewise.hold(order.id, Hold(operator="desk-1", reason="address"))
    await scene.lanewise.resume(order.id, Resume(operator="desk-1"))
    await scene.lanewise.approve(order.id, Approve(operator="desk-1"))
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")


async def cancel_while_booking(scene: Scene, order: Order) -> None:
    await _cancelled(scene, order, native=False)


async def native_cancel_while_booking(scene: Scene, order: Order) -> None:
    await _cancelled(scene, order, native=True)


async def carrier_refusal(scene: Scene, order: Order) -> None:
    scene.carrier.refused.add(ServiceId("SWIFT-GROUND"))
    await _released(scene, order)
    await scene.delivers(scene.warehouse.releases[-1].key)


async def warehouse_cancels(scene: Scene, order: Order) -> None:
    await _released(scene, order)
    key = f"{order.id}/1/r1"
    await scene.reports(scene.notice(key, WarehouseEvent.CANCELLED))
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )
    await scene.delivers(f"{order.id}/2/r2")


async def storm_over_the_floor(scene: Scene, order: Order) -> None:
    """A plan moves to another carrier after the warehouse let go of it."""
    looking.under(scene, looking.STORMY)
    await _released(scene, order)
    await looking.the_feed_lists(scene, order, [looking.a_storm(order, scene)])
    await looking.replanned(scene, order)
    await scene.released(order)
    await scene.delivers(f"{order.id}/2/r2")


async def flood_goes_away(scene: Scene, order: Order) -> None:
    """A review that a hazard asked for ends with it, by the order's own timer."""
    looking.under(scene, looking.WATCHED)
    flood = looking.a_storm(order, scene, Severity.MODERATE)
    with scene.store.writing() as session:
        hazard_store.reconcile(session, "hazards", [flood], scene.clock.at)
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)
    await scene.pass_time(timedelta(hours=5))
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")


async def freight_declined(scene: Scene, order: Order) -> None:
    """A load that one carrier declines and another takes."""
    scene.by_tender("SWIFT", "TRUSTY")
    await scene.submit(order)
    await offered(scene, order, 1)
    await scene.answers(order, f"{order.id}-1-r1", LoadEvent.DECLINED, "no truck")
    await offered(scene, order, 2)
    await scene.answers(order, f"{order.id}-2-r2", LoadEvent.ACCEPTED)
    await scene.released(order)
    await scene.delivers(f"{order.id}/2/r2")


async def freight_unanswered(scene: Scene, order: Order) -> None:
    """A load that a carrier lets lapse, sent as a parcel then."""
    scene.by_tender("SWIFT")
    await scene.submit(order)
    await offered(scene, order, 1)
    await scene.pass_time(timedelta(hours=2, minutes=1))
    await scene.released(order)
    await scene.delivers(f"{order.id}/2/r2")


async def offered(scene: Scene, order: Order, loads: int) -> None:
    """Wait until a carrier thinks about the order's n-th load."""
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: len(p.parcels) == loads and ", offered" in p.parcels[-1],
    )


SCENARIOS: dict[str, Scenario] = {
    "calm": calm,
    "split": split,
    "short-pick": short_pick,
    "carrier-is-faster": carrier_is_faster,
    "override": override,
    "priced-override": priced_override,
    "approved-after-hold": approved_after_hold,
    "cancel-while-booking": cancel_while_booking,
    "native-cancel-while-booking": native_cancel_while_booking,
    "carrier-refusal": carrier_refusal,
    "warehouse-cancels": warehouse_cancels,
    "storm-over-the-floor": storm_over_the_floor,
    "flood-goes-away": flood_goes_away,
    "freight-declined": freight_declined,
    "freight-unanswered": freight_unanswered,
}


async def play(scene: Scene, name: str) -> Order:
    """Play a scenario to the end of its order."""
    order = scene.order(id=f"REPLAY-{name}")
    await SCENARIOS[name](scene, order)
    await scene.client.get_workflow_handle(order_workflow(order.id)).result()
    return order


async def _released(scene: Scene, order: Order, parcels: int = 1) -> None:
    await scene.submit(order)
    await scene.released(order, parcels)


async def _cancelled(scene: Scene, order: Order, *, native: bool) -> None:
    in_flight = scene.carrier.on("book", pause())
    await scene.submit(order)
    await in_flight.reached.wait()
    ask = Cancel(operator="desk-1", reason="customer asked")
    await scene.cancel(order, ask, native=native)
    in_flight.go_on.set()
