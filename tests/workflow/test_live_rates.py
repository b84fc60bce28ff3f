"""Carriers' own prices decide; who tells none in time is named, and tables do."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from domain.errors import RateLimited
from domain.order import Order, OrderStatus
from domain.plan import CostTerm, Decision
from domain.quantities import ServiceId
from domain.shopping import Missing
from store.engine import Store
from tests.fakes import Fault, pause
from tests.workflow.scene import Scene, opened
from workflows.desk import Override, PriceOverride

GROUND, TRUSTY = ServiceId("SWIFT-GROUND"), ServiceId("TRUSTY-GROUND")


@pytest_asyncio.fixture
async def shopping(
    env: WorkflowEnvironment, sqlite_store: Store
) -> AsyncIterator[Scene]:
    """Open a scene whose carriers are asked before orders are decided."""
    async with opened(env, sqlite_store, rate_shop_ms=1_000) as scene:
        scene.carrier.quoted_cents |= {ServiceId("SWIFT-AIR"): 3_000, TRUSTY: 700}
        yield scene


def chosen(decision: Decision) -> tuple[ServiceId, int]:
    """Return the service of the only parcel and what it costs to carry it."""
    assert decision.plan
    (parcel,) = decision.plan.parcels
    return parcel.service, parcel.cost[CostTerm.FREIGHT]


async def _at_review(scene: Scene) -> Order:
    order = scene.order(attributes={"review": "yes"})
    await scene.submit(order)
    await scene.noted(order, OrderStatus.REVIEW)
    return order


async def test_a_live_price_takes_the_place_of_the_table_at_once(
    shopping: Scene,
) -> None:
    order = shopping.order()
    shopping.carrier.quoted_cents |= {GROUND: 9_000, TRUSTY: 640}

    await shopping.submit(order)
    progress = await shopping.released(order)

    (decision,) = shopping.decisions(order)
    assert chosen(decision) == (TRUSTY, 640)
    assert {GROUND, TRUSTY} <= {rate.service for rate in decision.rates}
    assert progress.refusals == 0
    assert [label.cost_cents for label in shopping.carrier.labels] == [640]


async def test_the_decision_says_whose_prices_it_rests_on(shopping: Scene) -> None:
    order = shopping.order()

    await shopping.submit(order)
    await shopping.released(order)
    told = await shopping.lanewise.explain(order.id)

    assert "- EAST by SWIFT-GROUND: \\$5.00 asked by carrier, until " in told
    assert "- compared with EAST by TRUSTY-GROUND: \\$7.00" in told
    assert "all other ways are priced by the tables" in told


async def test_a_booking_buys_by_the_quote_that_was_decided_with(
    shopping: Scene,
) -> None:
    first, second = shopping.order(), shopping.order()
    await shopping.submit(first)
    await shopping.released(first)
    shopped = shopping.carrier.calls.count("rate_shop")

    await shopping.submit(second)
    await shopping.released(second)

    assert shopping.carrier.calls[:shopped] == ["rate_shop"] * shopped
    # The second order knows the prices; its parcel needs a quote of its own.
    assert shopping.carrier.calls[shopped:] == ["book", "rate_shop", "book"]


async def test_a_late_connection_is_named_and_tables_decide(shopping: Scene) -> None:
    order = shopping.order()
    late = [pause() for _ in range(9)]
    shopping.carrier.on("rate_shop", *late)

    await shopping.submit(order)
    await shopping.until(lambda: _decided(shopping, order), bool)
    for fault in late:
        fault.go_on.set()
    await shopping.released(order)

    (decision,) = shopping.decisions(order)
    assert decision.rates == ()
    assert {s.why for s in decision.silent} == {Missing.LATE}
    assert GROUND in decision.silent[0].services
    assert "no live price from carrier for" in await shopping.lanewise.explain(order.id)


async def test_a_carrier_that_counts_our_questions_stops_no_order(
    shopping: Scene,
) -> None:
    order = shopping.order()
    busy = RateLimited("slow down", retry_after_s=30)
    shopping.carrier.on("rate_shop", *(Fault(error=busy) for _ in range(3)))

    await shopping.submit(order)
    await shopping.until(lambda: _decided(shopping, order), lambda made: bool(made))

    assert Missing.RATE_LIMITED in {s.why for s in shopping.decisions(order)[0].silent}


async def test_a_quote_that_expires_before_the_booking_goes_back_to_decide(
    shopping: Scene,
) -> None:
    order = shopping.order()
    reserving = shopping.warehouse.on("reserve", pause())
    await shopping.submit(order)
    await reserving.reached.wait()
    shopping.clock.pass_time(timedelta(minutes=11))
    shopping.carrier.quoted_cents[GROUND] = 9_000
    reserving.go_on.set()

    progress = await shopping.released(order)

    first, second = shopping.decisions(order)
    assert chosen(first) == (GROUND, 500)
    assert chosen(second) == (TRUSTY, 700)
    assert progress.refusals == 1
    assert [label.service for label in shopping.carrier.labels] == [TRUSTY]


async def test_a_quote_that_expires_and_stays_about_the_same_is_just_bought(
    shopping: Scene,
) -> None:
    order = shopping.order()
    reserving = shopping.warehouse.on("reserve", pause())
    await shopping.submit(order)
    await reserving.reached.wait()
    shopping.clock.pass_time(timedelta(minutes=11))
    shopping.carrier.quoted_cents[GROUND] = 560
    reserving.go_on.set()

    await shopping.released(order)

    assert len(shopping.decisions(order)) == 1
    assert [label.cost_cents for label in shopping.carrier.labels] == [560]


async def test_an_override_is_priced_and_made_at_the_carriers_own_price(
    shopping: Scene,
) -> None:
    shopping.carrier.quoted_cents[TRUSTY] = 1_900
    order = await _at_review(shopping)
    wish = {"service": TRUSTY, "revision": 1}

    told = await shopping.lanewise.price_override(order.id, PriceOverride(**wish))
    await shopping.lanewise.override(
        order.id, Override(operator="ann", reason="they know the house", **wish)
    )

    made = shopping.decisions(order)[-1]
    assert told.delta[CostTerm.FREIGHT] == 1_400
    assert chosen(made) == (TRUSTY, 1_900)
    assert told.delta == made.delta


async def _decided(scene: Scene, order: Order) -> tuple[Decision, ...]:
    return scene.decisions(order)
