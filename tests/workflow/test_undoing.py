"""Whatever fails and whenever it is called off: nothing is left behind."""

import random

import pytest

from connectors.ports import Idempotency
from domain.errors import OutcomeUnknown, RateLimited, Unavailable
from domain.order import OrderStatus
from domain.shipping import VoidOutcome
from tests.builders import a_line
from tests.fakes import Fault, pause
from tests.workflow.scene import Scene
from tests.workflow.test_cancelling import STOP, assert_nothing_is_left

EFFECTS = ("reserve", "rate_shop", "book", "release_order")
UNDOS = ("cancel_order", "find_bookings", "void", "release_reservation")


def a_fault(dice: random.Random) -> Fault:
    errors = (
        Unavailable("away"),
        OutcomeUnknown("no answer"),
        RateLimited("slow down", retry_after_s=0.1),
    )
    error = dice.choice(errors)
    return Fault(error=error, after=isinstance(error, OutcomeUnknown))


@pytest.mark.parametrize("seed", range(10))
async def test_after_any_failures_and_a_cancellation_the_books_are_as_before(
    scene: Scene, seed: int
) -> None:
    dice = random.Random(seed)
    sides = {"rate_shop": scene.carrier, "book": scene.carrier, "void": scene.carrier}
    sides["find_bookings"] = scene.carrier
    for counterpart in (scene.carrier, scene.warehouse):
        counterpart.idempotency = dice.choice(
            (Idempotency.KEY_HEADER, Idempotency.NONE)
        )
    moment = dice.choice(EFFECTS)
    in_flight = sides.get(moment, scene.warehouse).on(moment, pause())
    for call in dice.sample(EFFECTS + UNDOS, 4):
        sides.get(call, scene.warehouse).on(call, a_fault(dice))
    order = scene.order(lines=(a_line(units=2), a_line("VASE")))

    handle = await scene.submit(order)
    await in_flight.reached.wait()
    await scene.cancel(order, STOP, native=dice.random() < 0.5)
    in_flight.go_on.set()
    outcome = await handle.result()

    assert outcome.status is OrderStatus.CANCELLED
    assert_nothing_is_left(scene, order)
    assert sum(scene.books().on_hand.values()) == 60


async def test_what_could_not_be_undone_is_said_in_the_outcome(scene: Scene) -> None:
    order = scene.order()
    handle = await scene.submit(order)
    await scene.released(order)
    scene.carrier.void_answer = VoidOutcome.TOO_LATE

    await scene.lanewise.cancel(order.id, STOP)
    outcome = await handle.result()

    assert f"too late to void the label of {order.id}/1/r1" in outcome.reason
    assert scene.held(order) == ()


async def test_one_of_two_parcels_fails_and_both_reach_the_door(scene: Scene) -> None:
    order = scene.order(lines=(a_line(units=12),))
    handle = await scene.submit(order)
    split = await scene.released(order, 2)

    lost, whole = (release.key for release in scene.warehouse.releases)
    await scene.delivers(whole)
    await scene.short_picks(lost, *scene.warehouse.releases[0].lines)
    again = await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: (
            p.status in (OrderStatus.RELEASED, OrderStatus.REVIEW) and p.revision == 2
        ),
    )
    await scene.delivers(scene.warehouse.releases[-1].key)
    outcome = await handle.result()

    assert split.revision == 1
    assert again.status is OrderStatus.RELEASED
    assert outcome.status is OrderStatus.DELIVERED
    assert sum(s.units for s in scene.books().shipments) == 12
