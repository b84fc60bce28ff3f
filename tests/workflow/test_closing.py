"""Days are closed: one form per carrier and center, and no label on two."""

from datetime import timedelta

import pytest

from connectors.ports import Ability
from domain.errors import OutcomeUnknown, StateConflict
from domain.order import Order
from domain.quantities import CarrierId, FcId
from domain.shipping import Document, Manifest
from lanewise.closing import Closed, close, due_on, picture_name
from tests.builders import MONDAY
from tests.fakes import Fault, lost_reply
from tests.workflow.scene import Scene
from workflows.desk import Cancel

TODAY = MONDAY.date()


async def released(scene: Scene) -> Order:
    scene.carrier.abilities |= {Ability.CLOSE_OUT}
    order = scene.order()
    await scene.submit(order)
    await scene.released(order)
    return order


async def closed(scene: Scene) -> Closed:
    """Close the only day there is to close."""
    (due,) = await due_on(scene.rooms, TODAY)
    return await close(scene.rooms, due)


async def test_a_day_is_closed_once_for_all_that_is_collected(scene: Scene) -> None:
    await released(scene)
    await released(scene)

    first = await closed(scene)
    again = await closed(scene)

    (form,) = first.made
    assert set(form.bookings) == {label.id for label in scene.carrier.labels}
    assert (first.due.fc, first.due.carrier) == ("EAST", "SWIFT")
    assert [one.id for one in again.forms] == [form.id]
    assert again.made == []
    assert scene.carrier.calls.count("close_out") == 1


async def test_a_label_made_after_the_day_was_closed_gets_a_form_of_its_own(
    scene: Scene,
) -> None:
    await released(scene)
    first = await closed(scene)
    await released(scene)

    again = await closed(scene)

    (form,) = again.made
    assert form.bookings == (scene.carrier.labels[-1].id,)
    assert [one.id for one in again.forms] == [first.made[0].id, form.id]


async def test_a_form_whose_reply_was_lost_is_found_and_not_made_again(
    scene: Scene,
) -> None:
    await released(scene)
    lost = lost_reply(OutcomeUnknown("sent, never answered"))
    scene.carrier.on("close_out", lost)

    first = await closed(scene)
    again = await closed(scene)

    assert first.failed == "sent, never answered"
    assert len(first.waiting) == 1
    assert [one.id for one in again.made] == ["FORM-1"]
    assert scene.carrier.calls.count("close_out") == 1


async def test_a_form_that_was_still_being_made_is_asked_for_again(
    scene: Scene,
) -> None:
    await released(scene)
    (due,) = await due_on(scene.rooms, TODAY)
    key = f"close/{TODAY}/EAST/SWIFT/carrier/1"
    made = Manifest(
        id="FORM-1", key=key, carrier=due.carrier, bookings=due.bookings, pending=True
    )
    scene.carrier.manifests[key] = made

    first = await closed(scene)
    scene.carrier.manifests[key] = made.model_copy(update={"pending": False})
    again = await closed(scene)

    assert [form.pending for form in first.forms] == [True]
    assert [(form.id, form.pending) for form in again.forms] == [("FORM-1", False)]
    assert "close_out" not in scene.carrier.calls


async def test_a_refusal_is_told_and_keeps_nobody_else_open(scene: Scene) -> None:
    await released(scene)
    scene.carrier.on("close_out", Fault(error=StateConflict("account is locked")))

    told = await closed(scene)

    assert told.failed == "account is locked"
    assert told.waiting == (scene.carrier.labels[0].id,)


async def test_a_carrier_without_forms_needs_none(scene: Scene) -> None:
    order = await released(scene)
    scene.carrier.abilities -= {Ability.CLOSE_OUT}

    told = await closed(scene)

    assert order.id
    assert told.needs_none
    assert "close_out" not in scene.carrier.calls


async def test_taken_back_labels_and_other_days_are_on_no_form(scene: Scene) -> None:
    order = await released(scene)
    tomorrow = await due_on(scene.rooms, TODAY + timedelta(days=1))
    await scene.cancel(order, Cancel(operator="Ana", reason="changed her mind"))
    await scene.handle(order).result()

    assert tomorrow == ()
    assert await due_on(scene.rooms, TODAY) == ()


@pytest.mark.parametrize(
    ("fcs", "carriers", "found"),
    [
        ((), (), 1),
        ((FcId("EAST"),), (CarrierId("SWIFT"),), 1),
        ((FcId("WEST"),), (), 0),
        ((), (CarrierId("TRUSTY"),), 0),
    ],
)
async def test_only_what_is_asked_for_is_closed(
    scene: Scene, fcs: tuple[FcId, ...], carriers: tuple[CarrierId, ...], found: int
) -> None:
    await released(scene)

    assert len(await due_on(scene.rooms, None, fcs, carriers)) == found


async def test_labels_of_warehouses_that_make_their_own_are_theirs_to_close(
    scene: Scene,
) -> None:
    scene.warehouse.abilities |= {Ability.OWN_LABELS}
    await released(scene)

    assert await due_on(scene.rooms, TODAY) == ()


async def test_a_picture_has_a_name_that_is_one(scene: Scene) -> None:
    await released(scene)
    (due,) = await due_on(scene.rooms, TODAY)

    name = picture_name(due, 1, Document(media_type="application/pdf", content=b"x"))

    assert name == "2026-03-02-EAST-SWIFT-1.pdf"
