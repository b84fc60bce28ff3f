"""An operator at work in the Temporal UI, in a real browser.

One shift: find an order that waits for review, read its decision, ask for what
cannot be, read why, ask for one of the ways offered, see the parcel go that way.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from domain.order import Order, OrderStatus
from domain.outcome import Outcome
from domain.plan import DecidedBy, Decision
from lanewise.world.days import pass_days
from lanewise.world.seed import Seeded, build
from lanewise.world.stage import Stage
from segmentation import ruleset
from store import decisions, orders, outcomes, segments
from tests.e2e.audit import disagreements, jobs, standing_labels
from tests.e2e.browser import BROWSERS, Desk, a_page, browser_path
from tests.e2e.crew import PATIENCE_S, POLL_S, running

REVIEW_ABOVE = "review_above_cents: 50_00"

pytestmark = pytest.mark.skipif(
    browser_path() is None,
    reason=f"no browser: install one of {', '.join(BROWSERS)} to run this test",
)


@dataclass(frozen=True)
class Shift:
    """What the operator saw and did, and what came of it."""

    order: Order
    opened: str
    details: str
    refusal: str
    wish: dict[str, Any]
    decisions: tuple[Decision, ...]
    outcome: Outcome
    books: dict[str, Any]
    found: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shift(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shift]:
    """Work one shift at the desk, and let the order be delivered."""
    seeded = with_one_precious_order()
    (order,) = seeded.orders
    async with (
        running(seeded, tmp_path_factory.mktemp("desk")) as (stage, _),
        asyncio.timeout(PATIENCE_S),
    ):
        ask_people_sooner(stage, seeded.start)
        await stage.client.submit(order)
        await waiting_for_review(stage)
        async with a_page() as page:
            desk = Desk(page)
            opened = await desk.open_waiting_order(
                stage.temporal.query_url('LwReview = "waiting"')
            )
            details, wish = await read_decision(desk)
            refusal = await be_refused(desk, out_of_stock(seeded))
            await be_heard(desk, wish)
        await pass_days(stage)
        books = stage.world.books()
        made, outcome = kept_of(stage, order)
        found = disagreements(stage.rooms.store, books)
    yield Shift(
        *(order, opened, details, refusal, wish, made, outcome, books, found),
    )


async def read_decision(desk: Desk) -> tuple[str, dict[str, Any]]:
    """Read the current details; pick the offered way from another center."""
    shown = (await desk.current_details()).locator("main")
    await expect(shown).to_contain_text("Ready to paste")
    await desk.picture("decision")
    offered = await shown.locator("code").all_inner_texts()
    ways = [json.loads(text) for text in offered if "fulfillment_center" in text]
    (first, *_), table = ways, await shown.inner_text()
    leaves = re.search(r"FC-[A-Z]{3}", table)
    assert leaves is not None
    other = [way for way in ways if way["fulfillment_center"] != leaves.group()]
    return table, {**(other or [first])[0], "operator": "Pat", "reason": "closer"}


async def be_refused(desk: Desk, fc: str) -> str:
    """Ask for what cannot be; return everything the dialog answers."""
    wish = {"operator": "Pat", "reason": "a friend asked", "fulfillment_center": fc}
    dialog = await desk.send_update("override", wish)
    alert = dialog.locator("[role=alert]").filter(has_text="Cannot")
    await expect(alert).to_be_visible()
    await desk.picture("refusal")
    said = await alert.inner_text()
    await dialog.get_by_role("button", name="Cancel").last.click()
    await expect(dialog).to_be_hidden()
    return said


async def be_heard(desk: Desk, wish: dict[str, Any]) -> None:
    """Ask for a way that was offered: the dialog closes and the order moves on."""
    dialog = await desk.send_update("override", wish)
    await expect(dialog).to_be_hidden()
    shown = (await desk.current_details()).locator("main")
    await expect(shown).to_contain_text("Decision 2")
    await desk.picture("overridden")


def with_one_precious_order() -> Seeded:
    """Build a small world, and keep one order whose goods are worth stealing."""
    seeded = build(seed=5, orders=12)
    order = next(o for o in seeded.orders if seeded.kinds[o.id] == "high-value")
    return replace(seeded, orders=(order,))


def out_of_stock(seeded: Seeded) -> str:
    """Name a center that has none of the goods."""
    sku = seeded.orders[0].lines[0].sku
    return next(fc for fc, shelf in seeded.stock.items() if not shelf.get(sku))


def ask_people_sooner(stage: Stage, now: datetime) -> None:
    """Publish rules under which every precious order is looked at."""
    text = files("segmentation").joinpath("starter.yaml").read_text("utf-8")
    text, changed = re.subn(r"review_above_cents: [\d_]+", REVIEW_ABOVE, text)
    text = re.sub(r"version: \S+", "version: desk-test", text, count=1)
    assert changed
    with stage.rooms.store.writing() as session:
        segments.publish(session, ruleset.load(text), now)


async def waiting_for_review(stage: Stage) -> None:
    """Wait until the order is on the list that operators look at."""
    while not await stage.client.count('LwReview = "waiting"'):  # noqa: ASYNC110
        await asyncio.sleep(POLL_S)


def kept_of(stage: Stage, order: Order) -> tuple[tuple[Decision, ...], Outcome]:
    """Read the order's decisions and its end from the store."""
    with stage.rooms.store.reading() as session:
        outcome = outcomes.get(session, order.id)
        kept = orders.get(session, order.id)
        assert outcome is not None, kept
        return decisions.of_order(session, order.id), outcome


def test_the_list_leads_to_the_order(shift: Shift) -> None:
    assert shift.opened == f"order/{shift.order.id}"


def test_the_decision_is_shown_with_its_runner_ups_in_dollars(shift: Shift) -> None:
    plan = shift.decisions[0].plan
    assert plan is not None

    assert "Waiting for a person" in shift.details
    assert f"${plan.total_cents // 100:,}.{plan.total_cents % 100:02d}" in shift.details
    assert plan.parcels[0].service in shift.details
    for runner_up in plan.alternatives[:3]:
        cents = runner_up.total_cents - plan.total_cents
        assert f"+${cents // 100:,}.{cents % 100:02d}" in shift.details


def test_an_infeasible_wish_is_refused_in_one_sentence(shift: Shift) -> None:
    (sentence,) = shift.refusal.strip().splitlines()

    assert sentence.startswith("Cannot go from FC-")
    assert f"0 units of {shift.order.lines[0].sku}" in sentence
    assert "feasible instead: FC-" in sentence
    assert "Traceback" not in sentence
    assert 'File "' not in sentence


def test_the_override_is_kept_with_who_why_and_what_it_costs(shift: Shift) -> None:
    first, second = shift.decisions
    assert first.plan is not None
    assert second.plan is not None

    assert (second.made_by, second.operator) == (DecidedBy.OPERATOR, "Pat")
    assert second.reason == "closer"
    assert second.delta_cents == second.plan.total_cents - first.plan.total_cents


def test_the_parcel_goes_the_way_the_operator_said(shift: Shift) -> None:
    (label,) = standing_labels(shift.books)
    ((fc, job),) = jobs(shift.books)

    assert fc == label["fc"] == shift.wish["fulfillment_center"]
    assert label["service"] == shift.wish["service"]
    assert job["status"] == "shipped"
    assert shift.outcome.status is OrderStatus.DELIVERED
    assert (shift.outcome.overrides, shift.found) == (1, [])
