"""What operators say, and what becomes of it."""

import json
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.network import PackingMethod
from domain.order import Order, OrderStatus
from domain.plan import DecidedBy
from domain.quantities import FcId, ServiceId, SkuId
from domain.shipping import ParcelStatus
from lanewise.client import Refused
from optimizer.whatif import difference
from tests.builders import a_line
from tests.fakes import pause
from tests.workflow.scene import Scene
from workflows.desk import Approve, Cancel, Hold, Override, PriceOverride, Resume

ANN = {"operator": "ann", "reason": "promised by phone"}
WAIT = Hold(operator="ann", reason="address unclear")
GO = Resume(operator="ann")


def reviewed(scene: Scene, **overrides: Any) -> Order:
    return scene.order(**({"attributes": {"review": "yes"}} | overrides))


async def test_an_order_under_review_goes_once_it_is_approved(scene: Scene) -> None:
    order = reviewed(scene)

    handle = await scene.submit(order)
    review = await scene.at(order, OrderStatus.REVIEW)
    answer = await scene.lanewise.approve(
        order.id, Approve(operator="ann", revision=review.revision)
    )
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await handle.result()

    assert answer == "Approved by ann."
    assert outcome.status is OrderStatus.DELIVERED


async def test_an_infeasible_override_is_one_sentence_and_changes_nothing(
    scene: Scene,
) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.noted(order, OrderStatus.REVIEW)
    before = scene.books()

    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await scene.handle(order).execute_update(
            "override", Override(**ANN, fulfillment_center=FcId("NOWHERE"))
        )

    said = str(failed.value.cause)
    assert "NOWHERE" in said
    assert "feasible instead: EAST by SWIFT-GROUND" in said
    assert "\n" not in said
    assert "Traceback" not in said
    assert failed.value.cause.__cause__ is None
    assert scene.books() == before
    assert len(scene.decisions(order)) == 1


async def test_a_feasible_override_goes_that_way_and_is_recorded(scene: Scene) -> None:
    order = reviewed(scene)
    handle = await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    answer = await scene.lanewise.override(
        order.id, Override(**ANN, fulfillment_center=FcId("WEST"))
    )
    await scene.released(order)
    await scene.delivers(f"{order.id}/2/r2")
    outcome = await handle.result()

    decision = scene.decisions(order)[-1]
    assert (decision.made_by, decision.operator) == (DecidedBy.OPERATOR, "ann")
    assert decision.reason == "promised by phone"
    assert decision.delta_cents == 620
    assert answer.endswith("(+$6.20).")
    assert [r.fc for r in scene.warehouse.releases] == ["WEST"]
    assert outcome.overrides == 1
    assert scene.held(order) == ()


async def test_a_priced_override_does_nothing_and_comes_true_once_made(
    scene: Scene,
) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.noted(order, OrderStatus.REVIEW)
    before, plan = scene.books(), scene.decisions(order)[0].plan
    west = {"fulfillment_center": FcId("WEST"), "revision": 1}

    told = await scene.lanewise.price_override(order.id, PriceOverride(**west))
    untouched = (scene.books(), len(scene.decisions(order)))
    answer = await scene.lanewise.override(order.id, Override(**ANN, **west))

    made = scene.decisions(order)[-1]
    assert plan
    assert made.plan
    assert untouched == (before, 1)
    assert told.delta_cents == made.plan.total_cents - plan.total_cents == 620
    assert told.delta == made.delta == difference(made.plan.cost, plan.cost)
    assert told.p90_at == made.plan.p90_at
    assert "+$6.20 against decision 1: freight" in told.words
    assert answer.endswith("(+$6.20).")


async def test_pricing_an_infeasible_override_answers_why_and_changes_nothing(
    scene: Scene,
) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.noted(order, OrderStatus.REVIEW)
    before = scene.books()
    nowhere = {"fulfillment_center": FcId("NOWHERE")}

    told = await scene.lanewise.price_override(order.id, PriceOverride(**nowhere))
    with pytest.raises(Refused) as refused:
        await scene.lanewise.override(order.id, Override(**ANN, **nowhere))

    assert told.delta_cents is None
    assert told.refusal == str(refused.value)
    assert scene.books() == before


async def test_what_is_on_a_floor_is_priced_there_and_stays_there(scene: Scene) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)

    told = await scene.lanewise.price_override(
        order.id, PriceOverride(service=ServiceId("SWIFT-AIR"))
    )
    with pytest.raises(Refused, match="Say what to change"):
        await scene.lanewise.price_override(order.id, PriceOverride())

    assert told.delta_cents
    assert told.recalls == (f"{order.id}/1",)
    assert [work.key for work in scene.warehouse.standing] == [f"{order.id}/1/r1"]
    assert [label.service for label in scene.carrier.standing] == ["SWIFT-GROUND"]


async def test_a_stale_revision_is_refused(scene: Scene) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    with pytest.raises(Refused, match="Decision 7 is no longer in force"):
        await scene.lanewise.approve(order.id, Approve(operator="ann", revision=7))
    with pytest.raises(Refused, match="the order is at decision 1"):
        await scene.lanewise.override(
            order.id, Override(**ANN, service=ServiceId("SWIFT-AIR"), revision=2)
        )


async def test_an_override_after_release_recalls_the_order_and_voids_its_label(
    scene: Scene,
) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)

    await scene.lanewise.override(
        order.id, Override(**ANN, service=ServiceId("SWIFT-AIR"))
    )
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision == 2,
    )

    assert [work.key for work in scene.warehouse.standing] == [f"{order.id}/2/r2"]
    assert [label.service for label in scene.carrier.standing] == ["SWIFT-AIR"]
    assert list(scene.warehouse.reserved) == [f"{order.id}/2/r2"]
    assert {entry.revision for entry in scene.held(order)} == {2}


async def test_an_override_of_a_packed_parcel_is_refused_and_it_goes_on(
    scene: Scene,
) -> None:
    order = scene.order()
    handle = await scene.submit(order)
    await scene.released(order)
    scene.warehouse.packed.add(FcId("EAST"))

    with pytest.raises(Refused, match="EAST has already packed"):
        await scene.lanewise.override(
            order.id, Override(**ANN, service=ServiceId("SWIFT-AIR"))
        )
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await handle.result()

    assert outcome.status is OrderStatus.DELIVERED
    assert len(scene.carrier.labels) == 1


async def test_what_the_floor_let_go_before_an_override_failed_is_still_sent(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=3),))
    handle = await scene.submit(order)
    await scene.released(order)
    await scene.short_picks(f"{order.id}/1/r1", a_line(units=1))
    progress = await scene.released(order, 2)
    scene.warehouse.packed.add(scene.warehouse.releases[1].fc)

    with pytest.raises(Refused, match="has already packed"):
        await scene.lanewise.override(
            order.id, Override(**ANN, fulfillment_center=FcId("WEST"))
        )
    await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.RELEASED and p.revision > progress.revision,
    )

    alive = {work.key for work in scene.warehouse.standing}
    units = [r.lines[0].units for r in scene.warehouse.releases if r.key in alive]
    assert sum(units) == 3
    await handle.terminate()


async def test_an_override_that_names_nothing_is_refused(scene: Scene) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    with pytest.raises(Refused, match="Say what to change"):
        await scene.lanewise.override(order.id, Override(**ANN))


async def test_a_malformed_payload_is_refused_by_field_and_the_order_lives_on(
    scene: Scene,
) -> None:
    order = reviewed(scene)
    handle = await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update("override", {**ANN, "fulfilment_center": "WEST"})
    answer = await scene.lanewise.approve(order.id, Approve(operator="ann"))

    assert str(failed.value.cause) == (
        "InvalidPayload: fulfilment_center: is not a field here"
    )
    assert answer == "Approved by ann."


async def test_the_payloads_shown_for_pasting_are_accepted(scene: Scene) -> None:
    order = reviewed(scene)
    handle = await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)
    shown = (await scene.lanewise.explain(order.id)).splitlines()
    payload = next(line for line in shown if '"fulfillment_center"' in line)

    answer = await handle.execute_update("override", json.loads(payload))

    assert answer.startswith("Done: ")


@pytest.mark.parametrize(
    ("call", "stage", "then"),
    [
        ("reserve", "reserved", "rate_shop"),
        ("rate_shop", "booked", "release_order"),
        ("release_order", "released", "cancel_order"),
    ],
)
async def test_a_hold_stops_before_the_next_effect_until_resumed(
    scene: Scene, call: str, stage: str, then: str
) -> None:
    order = scene.order()
    counterpart = scene.carrier if call == "rate_shop" else scene.warehouse
    in_flight = counterpart.on(call, pause())
    handle = await scene.submit(order)
    await in_flight.reached.wait()

    await scene.lanewise.hold(order.id, WAIT)
    in_flight.go_on.set()
    held = await scene.until(
        lambda: scene.lanewise.progress(order.id), lambda p: stage in p.parcels[0]
    )
    early = [*scene.warehouse.calls, *scene.carrier.calls].count(then)
    await scene.lanewise.resume(order.id, GO)
    await scene.released(order)
    await scene.delivers(f"{order.id}/1/r1")
    outcome = await handle.result()

    assert held.status is OrderStatus.HELD
    assert early == 0
    assert outcome.status is OrderStatus.DELIVERED
    assert scene.stored_status(order) is OrderStatus.DELIVERED


async def test_an_order_under_review_returns_to_review_after_a_hold(
    scene: Scene,
) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    await scene.lanewise.hold(order.id, WAIT)
    explained = await scene.lanewise.explain(order.id)
    await scene.lanewise.resume(order.id, GO)

    assert "On hold by ann: address unclear." in explained
    assert (await scene.lanewise.progress(order.id)).status is OrderStatus.REVIEW


async def test_a_held_order_is_overridden_only_after_the_effect_in_flight(
    scene: Scene,
) -> None:
    order = scene.order()
    in_flight = scene.carrier.on("book", pause())
    await scene.submit(order)
    await in_flight.reached.wait()
    await scene.lanewise.hold(order.id, WAIT)

    update = await scene.overriding(
        order, Override(**ANN, service=ServiceId("SWIFT-AIR"))
    )
    early = scene.carrier.calls.count("void")
    in_flight.go_on.set()
    await update.result()
    await scene.lanewise.resume(order.id, GO)
    await scene.released(order)

    assert early == 0
    assert [label.voided for label in scene.carrier.labels] == [True, False]
    assert list(scene.warehouse.reserved) == [f"{order.id}/2/r2"]


async def test_a_released_order_cannot_be_held(scene: Scene) -> None:
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)

    with pytest.raises(Refused, match="the warehouse is already working on it"):
        await scene.lanewise.hold(order.id, WAIT)


async def test_an_order_nobody_can_serve_waits_and_goes_once_it_can(
    scene: Scene,
) -> None:
    order = scene.order(lines=(a_line(units=99),))
    handle = await scene.submit(order)
    review = await scene.at(order, OrderStatus.REVIEW)

    scene.restock(FcId("EAST"), SkuId("LAMP"), 200)
    await scene.lanewise.approve(order.id, Approve(operator="ann"))
    await scene.released(order)
    await handle.terminate()

    assert any("no feasible plan" in reason for reason in review.review)
    assert scene.warehouse.releases[0].lines == (a_line(units=99),)


async def test_an_override_may_change_the_packing(scene: Scene) -> None:
    order = reviewed(scene)
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)

    with pytest.raises(Refused, match="in secured"):
        await scene.lanewise.override(
            order.id, Override(**ANN, packing=PackingMethod.SECURED)
        )


async def test_a_second_cancellation_is_refused_while_the_first_is_at_work(
    scene: Scene,
) -> None:
    order = scene.order()
    in_flight = scene.carrier.on("book", pause())
    handle = await scene.submit(order)
    await in_flight.reached.wait()
    await scene.cancel(order, Cancel(operator="ann", reason="a"))

    with pytest.raises(Refused, match="already being cancelled"):
        await scene.lanewise.cancel(order.id, Cancel(operator="bob", reason="b"))
    in_flight.go_on.set()

    assert (await handle.result()).status is OrderStatus.CANCELLED


async def test_a_lost_parcel_is_sent_again_once_a_person_approves(
    scene: Scene,
) -> None:
    order = scene.order()
    handle = await scene.submit(order)
    await scene.released(order)
    await scene.ships(f"{order.id}/1/r1")
    await scene.scanned(f"{order.id}/1", ParcelStatus.LOST, 3)
    review = await scene.at(order, OrderStatus.REVIEW)

    await scene.lanewise.approve(order.id, Approve(operator="ann"))
    await scene.released(order)
    await scene.delivers(f"{order.id}/2/r2")
    outcome = await handle.result()

    assert review.review == (
        f"{order.id}/1 is lost with SWIFT; approve to send the goods again",
    )
    assert [p.status.value for p in outcome.parcels] == ["lost", "delivered"]
    assert outcome.status is OrderStatus.DELIVERED
