"""Orders whose facts change while they are under way."""

from collections.abc import Iterable
from datetime import timedelta

from temporalio.client import WorkflowHistory

from domain.hazard import Hazard, Severity
from domain.network import ServiceMode
from domain.order import Order, OrderStatus
from domain.policy import Effects
from domain.quantities import CarrierId, FcId
from domain.segment import AttributeFact, Segment
from lanewise.loading import publish
from lanewise.telling import tell_orders
from store import hazards as hazard_store
from tests.builders import MONDAY, a_line, a_rule_set, a_segment
from tests.fakes import pause
from tests.workflow.scene import LAMP, VASE, Scene, a_small_network
from workflows.desk import Approve
from workflows.relooking import FactsChanged

STORMY = a_segment(
    id="stormy",
    title="A storm at the door",
    when="hazard_severity >= 'severe'",
    effects=Effects(blocked_carriers=(CarrierId("SWIFT"),)),
)
WATCHED = a_segment(
    id="watched",
    title="A flood is announced",
    when="hazard_severity == 'moderate'",
    effects=Effects(review="a flood is near"),
)
CHECKED = a_segment(
    id="checked",
    title="Looked at by a person",
    when="attr_review == 'yes'",
    effects=Effects(review="a person wants to see it"),
)
NOWHERE = a_segment(
    id="nowhere",
    title="Nothing may fly or drive",
    when="hazard_severity == 'extreme'",
    effects=Effects(blocked_modes=(ServiceMode.GROUND, ServiceMode.AIR)),
)


def a_storm(order: Order, scene: Scene, severity: Severity = Severity.SEVERE) -> Hazard:
    return Hazard(
        id="storm",
        kind="storm",
        severity=severity,
        valid_from=scene.clock.at - timedelta(minutes=1),
        valid_until=scene.clock.at + timedelta(hours=5),
        postal_prefixes=(order.ship_to.postal_code,),
        country=order.ship_to.country,
    )


async def the_feed_lists(scene: Scene, order: Order, hazards: Iterable[Hazard]) -> None:
    with scene.store.writing() as session:
        hazard_store.reconcile(session, "hazards", hazards, scene.clock.at)
    news = FactsChanged(why="a storm over the destination", way=True)
    await tell_orders(scene.client, [order.id], news)


def under(scene: Scene, *segments: Segment) -> None:
    rules = a_rule_set(
        *segments,
        CHECKED,
        version=f"again-{'-'.join(s.id for s in segments)}",
        attributes={"attr_review": AttributeFact()},
    )
    publish(scene.store, a_small_network(), (LAMP, VASE), MONDAY, rules=rules)


def services(scene: Scene, order: Order) -> list[str]:
    return [
        parcel.service
        for decision in scene.decisions(order)
        if decision.plan is not None
        for parcel in decision.plan.parcels
    ]


async def replanned(scene: Scene, order: Order) -> None:
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: p.revision > 1
    )


async def at_rest(scene: Scene, order: Order, after: str) -> None:
    """Wait until an activity has answered and the workflow waits for news."""

    def rests(history: WorkflowHistory) -> bool:
        done = any(
            e.activity_task_scheduled_event_attributes.activity_type.name == after
            for e in history.events
        )
        last = history.events[-1]
        return done and (
            last.HasField("timer_started_event_attributes")
            or last.HasField("upsert_workflow_search_attributes_event_attributes")
        )

    await scene.until(scene.handle(order).fetch_history, rests)


async def test_a_storm_moves_a_plan_under_review_off_a_carrier_that_stops(
    scene: Scene,
) -> None:
    under(scene, STORMY)
    order = scene.order(attributes={"review": "yes"})
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    await the_feed_lists(scene, order, [a_storm(order, scene)])
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: p.revision > 1
    )

    assert services(scene, order) == ["SWIFT-GROUND", "TRUSTY-GROUND"]
    assert {entry.revision for entry in scene.held(order) if entry.amount} == {2}
    second = scene.decisions(order)[1]
    assert "the policy blocks SWIFT" in second.reason


async def test_a_storm_moves_what_is_on_the_floor_after_the_warehouse_let_go(
    scene: Scene,
) -> None:
    under(scene, STORMY)
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)

    await the_feed_lists(scene, order, [a_storm(order, scene)])
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: p.revision > 1
    )
    await scene.released(order)

    assert services(scene, order)[-1] == "TRUSTY-GROUND"
    assert len(scene.warehouse.standing) == 1
    assert len(scene.warehouse.work) == 2


async def test_what_the_warehouse_has_packed_goes_as_planned(scene: Scene) -> None:
    under(scene, STORMY)
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)
    scene.warehouse.packed.add(FcId("EAST"))

    await the_feed_lists(scene, order, [a_storm(order, scene)])
    await at_rest(scene, order, "cancel_order")

    progress = await scene.lanewise.progress(order.id)
    assert progress.segments == ("stormy",)
    assert progress.status is OrderStatus.RELEASED
    assert progress.revision == 1


async def test_what_one_floor_let_go_of_is_decided_again_if_another_is_too_late(
    scene: Scene,
) -> None:
    under(scene, STORMY)
    for fc in ("EAST", "WEST", "SOUTH"):
        scene.restock(FcId(fc), LAMP.id, 10 if fc == "EAST" else 0)
        scene.restock(FcId(fc), VASE.id, 0 if fc == "EAST" else 10)
    order = scene.order(lines=(a_line(LAMP.id, 1), a_line(VASE.id, 1)))
    handle = await scene.submit(order)
    await scene.released(order, parcels=2)
    first, second = (release.fc for release in scene.warehouse.releases)
    scene.warehouse.packed.add(second)

    await the_feed_lists(scene, order, [a_storm(order, scene)])
    await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: p.revision > 1
    )
    await scene.released(order, parcels=2)
    await scene.delivers(*(w.key for w in scene.warehouse.standing))

    assert (await handle.result()).status is OrderStatus.DELIVERED
    shipped = {s.sku: s.units for s in scene.books().shipments}
    assert shipped == {LAMP.id: 1, VASE.id: 1}
    assert first != second


async def test_a_plan_that_is_no_longer_allowed_goes_to_a_person_if_nothing_else_is(
    scene: Scene,
) -> None:
    under(scene, NOWHERE)
    order = scene.order(attributes={"review": "yes"})
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    await the_feed_lists(scene, order, [a_storm(order, scene, Severity.EXTREME)])
    progress = await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: len(p.review) > 1
    )

    assert any("no longer allowed" in why for why in progress.review)
    assert progress.revision == 1


async def test_a_review_asked_for_by_a_hazard_ends_with_it_on_the_second(
    timely: Scene,
) -> None:
    under(timely, WATCHED)
    order = timely.order()
    flood = a_storm(order, timely, Severity.MODERATE)
    with timely.store.writing() as session:
        hazard_store.reconcile(session, "hazards", [flood], timely.clock.at)
    await timely.submit(order)
    await timely.at(order, OrderStatus.REVIEW)

    await timely.pass_time(timedelta(hours=5))

    await timely.released(order)


async def test_an_approved_order_is_shown_again_for_a_reason_nobody_has_seen(
    scene: Scene,
) -> None:
    under(scene, WATCHED)
    reserving = scene.warehouse.on("reserve", pause())
    order = scene.order(attributes={"review": "yes"})
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)
    await scene.lanewise.approve(order.id, Approve(operator="ann"))
    await reserving.reached.wait()

    flood = a_storm(order, scene, Severity.MODERATE)
    await the_feed_lists(scene, order, [flood])
    reserving.go_on.set()

    progress = await scene.at(order, OrderStatus.REVIEW)
    assert progress.review == ("watched: a flood is near",)


async def test_news_that_change_nothing_leave_the_plan_alone(scene: Scene) -> None:
    under(scene, STORMY)
    order = scene.order(attributes={"review": "yes"})
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    await the_feed_lists(scene, order, [])
    await at_rest(scene, order, "reconsider")

    assert services(scene, order) == ["SWIFT-GROUND"]
