"""A small shop runs for a few days, then erases a customer, as an operator would."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from domain.order import FINAL, Line, Order, OrderStatus
from domain.quantities import OrderId, SkuId
from lanewise.cli.console import Exit
from lanewise.client import Accepted, Lanewise, Refused
from lanewise.executions import Executions
from lanewise.privacy import Privacy
from lanewise.world.days import pass_days
from lanewise.world.seed import Seeded, build
from lanewise.world.stage import Stage, environment
from store import decisions, people, traces
from tests.e2e.crew import PATIENCE_S, running, until
from tests.e2e.operators import close_reviews
from workflows.names import order_workflow

MANY = 4
# Searched by another process: this one has the database open.
COUNT = """
import sys, pathlib
words = [w.encode() for w in sys.argv[2:]]
files = [pathlib.Path(sys.argv[1] + end) for end in ("", "-wal", "-shm")]
held = b"".join(f.read_bytes() for f in files if f.exists())
print(*(held.count(w) for w in words))
"""


@dataclass(frozen=True)
class Days:
    """Days that are over: what came in, and who is asked about it."""

    stage: Stage
    folder: Path
    too_early: str

    @property
    def temporal(self) -> Client:
        return self.stage.temporal.client

    @property
    def orders(self) -> tuple[Order, ...]:
        return self.stage.seeded.orders

    def personal(self) -> set[str]:
        """Return what must be seen nowhere: ids, streets, places."""
        places = [order.ship_to for order in self.orders]
        words = {str(customer) for customer in self.stage.seeded.customers}
        words |= {order.attributes["street"] for order in self.orders}
        words |= {place.postal_code for place in places}
        words |= {place.city for place in places if place.city}
        located = [place for place in places if place.located]
        words |= {str(place.latitude) for place in located}
        return words | {str(place.longitude) for place in located}

    async def executions(self) -> list[WorkflowExecution]:
        return [found async for found in self.temporal.list_workflows()]


def says(stage: Stage, *words: str) -> tuple[int, str]:
    """Run a command in a process of its own; return its code and words."""
    done = subprocess.run(
        [sys.executable, "-m", "lanewise", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment(stage.settings),
    )
    return done.returncode, done.stdout + done.stderr


def times_in_files(days: Days, *words: str) -> list[int]:
    file = str(days.folder / "lanewise.db")
    done = subprocess.run(
        [sys.executable, "-c", COUNT, file, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(count) for count in done.stdout.split()]


def a_shop() -> Seeded:
    """Build a small world whose orders say which street they go to."""
    seeded = build(seed=5, orders=MANY)
    orders = tuple(
        order.model_copy(update={"attributes": {"street": f"Evergreen Terrace {n}742"}})
        for n, order in enumerate(seeded.orders, 1)
    )
    return replace(seeded, orders=orders, regretted=frozenset())


def a_mistake(order: Order) -> Order:
    """Build an order of the same customer for goods that nobody has."""
    line = Line(sku=SkuId("NO-SUCH-SKU"), units=1)
    return order.model_copy(update={"id": OrderId("MISTAKE"), "lines": (line,)})


async def refusal(stage: Stage, customer: str) -> str:
    """Try to erase, and say why that was refused."""
    history = Executions(stage.temporal.client)
    with pytest.raises(Refused) as refused:
        await Privacy(stage.rooms.store, history).erase(customer)
    return str(refused.value)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def days(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Days]:
    folder = tmp_path_factory.mktemp("privacy")
    async with running(a_shop(), folder) as (stage, _):
        first, second, *rest = stage.seeded.orders
        # A program that knows nothing of pseudonyms.
        await Lanewise(stage.temporal.client).submit(second)
        await asyncio.gather(*map(stage.client.submit, (first, *rest)))
        await stage.client.submit(a_mistake(first))
        await stage.client.evaluate(first)
        async with asyncio.timeout(PATIENCE_S):
            await until(lambda: stage.in_any(frozenset(OrderStatus)) == MANY)
            too_early = await refusal(stage, first.customer_id)
            await pass_days(stage)
            await close_reviews(stage)
            await until(lambda: stage.all_in(FINAL))
        yield Days(stage, folder, too_early)


def test_a_customer_with_an_open_order_is_not_erased(days: Days) -> None:
    assert "open orders" in days.too_early
    assert days.orders[0].id in days.too_early


async def test_nothing_personal_is_searchable_or_listed(days: Days) -> None:
    personal, found = days.personal(), await days.executions()

    assert len(found) >= MANY
    for each in found:
        handle = days.temporal.get_workflow_handle(each.id, run_id=each.run_id)
        described = await handle.describe()
        shown = (
            *(each.id, str(each.typed_search_attributes), str(await each.memo())),
            *(await described.static_summary(), await described.static_details()),
        )
        assert not [w for w in personal if any(w in str(text) for text in shown)]


def test_nothing_personal_is_logged(days: Days) -> None:
    log = (days.folder / "worker.log").read_text()

    assert "The worker is working" in log
    assert not [word for word in days.personal() if word in log]


async def test_nothing_personal_is_counted_in_metrics(days: Days) -> None:
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(days.stage.temporal.metrics_url)).text

    assert "start_workflow" in metrics.lower() or "StartWorkflow" in metrics
    # Postal codes are numbers, and so are counts: names and ids are looked for.
    words = {word for word in days.personal() if not word.lstrip("-")[:1].isdigit()}
    assert not [word for word in words if word in metrics]


async def test_an_order_that_came_as_it_was_is_the_same_order(days: Days) -> None:
    again = await days.stage.client.submit(days.orders[1])

    assert again.accepted is Accepted.ALREADY


def test_the_merchants_ids_are_kept_in_one_place_only(days: Days) -> None:
    with days.stage.rooms.store.reading() as session:
        # The first one's customer may be erased already.
        for order in days.orders[1:]:
            found = {where for where, _ in traces.live(session, order.customer_id)}

            assert found == {"pseudonyms.known_as"}


def test_decisions_name_nobody_and_no_place(days: Days) -> None:
    with days.stage.rooms.store.reading() as session:
        made = [
            decision.model_dump_json()
            for order in days.orders
            for decision in decisions.of_order(session, order.id)
        ]

    assert len(made) >= MANY
    codes = {f'"{order.ship_to.postal_code}"' for order in days.orders}
    words = {word for word in days.personal() if not word.isdigit()} | codes
    assert not [word for word in words if any(word in text for text in made)]


async def test_an_erased_customer_is_nowhere_we_can_look(days: Days) -> None:
    order = days.orders[0]
    with days.stage.rooms.store.reading() as session:
        alias = people.find(session, order.customer_id)
    assert alias is not None
    words = (order.customer_id, order.attributes["street"])
    assert all(times_in_files(days, *words))

    code, said = says(days.stage, "privacy", "erase", alias.known_as, "--json")
    again = says(days.stage, "privacy", "erase", alias.known_as)

    report = json.loads(said)
    assert (code, report["proven"], again[0]) == (Exit.DONE, True, Exit.REFUSED)
    assert f"nobody is known as '{order.customer_id}'" in again[1]
    assert times_in_files(days, *words) == [0, 0]
    ids = {each.id for each in await days.executions()}
    assert not [each for each in ids if order.id in each]
    assert not [each for each in ids if each.startswith("evaluate/")]
    assert order_workflow(OrderId("MISTAKE")) not in ids
    assert order_workflow(days.orders[1].id) in ids
    with pytest.raises(RPCError):
        await days.temporal.get_workflow_handle(order_workflow(order.id)).describe()
