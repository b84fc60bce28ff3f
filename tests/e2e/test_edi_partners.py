"""Whole orders with partners behind X12 files, on the server people develop on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment
from typer.testing import CliRunner

from connectors.registry import Registry, connect
from domain.order import Order, OrderStatus
from domain.outcome import Outcome
from lanewise.api.app import make_app
from lanewise.cli.main import app as cli
from lanewise.signals import TemporalSignals
from store.engine import Store
from tests.builders import MONDAY, a_line
from tests.e2e.edi_partners import Birchwood, Freighters, trade
from tests.fakes import FakeClock
from tests.workflow import server
from tests.workflow.scene import Scene, opened
from workflows.desk import Cancel


@dataclass
class Trading:
    """A scene whose warehouse and carriers are partners behind files."""

    scene: Scene
    warehouse: Birchwood
    carriers: Freighters

    async def ended(self, **order: object) -> tuple[Order, Outcome]:
        """Submit an order, drive what has left, and wait for its end."""
        made = self.scene.order(**order)
        handle = await self.scene.submit(made)
        outcome = asyncio.create_task(handle.result())
        async with asyncio.timeout(120):
            while not outcome.done():
                progress = await self.scene.lanewise.progress(made.id)
                left = [words for words in progress.parcels if ", shipped " in words]
                self.carriers.drives({words.split()[-1] for words in left})
                await asyncio.sleep(0.05)
        return made, await outcome


@pytest_asyncio.fixture(scope="module")
async def dev_server() -> AsyncIterator[WorkflowEnvironment]:
    async with await server.local() as env:
        yield env


@pytest_asyncio.fixture
async def trading(
    dev_server: WorkflowEnvironment, sqlite_store: Store, tmp_path: Path
) -> AsyncIterator[Trading]:
    warehouse = Birchwood(tmp_path / "birchwood", "BIRCHWOOD", MONDAY)
    carriers = Freighters(tmp_path / "broker", "BROKER", MONDAY)
    connections = (
        warehouse.connection("warehouse"),
        carriers.connection("transport", carriers=["SWIFT", "TRUSTY"]),
    )

    def reached(clock: FakeClock) -> Registry:
        return connect(connections, lambda: clock.at)

    async with opened(dev_server, sqlite_store, reached=reached) as scene:
        api = make_app(
            scene.rooms,
            TemporalSignals(scene.client),
            scene.lanewise.submit,
            poll_every_s=0.05,
        )
        async with api.router.lifespan_context(api):
            work = asyncio.create_task(trade(warehouse, carriers))
            yield Trading(scene, warehouse, carriers)
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work


async def test_a_short_ship_is_sent_after_and_both_loads_are_driven_to_the_door(
    trading: Trading,
) -> None:
    trading.warehouse.short["VASE"] = 1

    order, outcome = await trading.ended(
        lines=(a_line(units=3), a_line(sku="VASE", units=2))
    )

    assert outcome.status is OrderStatus.DELIVERED
    assert len(trading.warehouse.shipped) == len(trading.carriers.offered) == 2
    assert [p.service for p in outcome.parcels] == ["SWIFT-GROUND"] * 2
    assert outcome.parcels[0].fc != outcome.parcels[1].fc
    assert {p.exceptions for p in outcome.parcels} == {0}
    assert trading.scene.held(order) == ()
    assert trading.warehouse.refused == trading.carriers.refused == []


async def test_a_carrier_that_declines_leaves_the_load_to_the_next(
    trading: Trading,
) -> None:
    trading.carriers.declines.add("SWFT")

    order, outcome = await trading.ended()

    first, second = trading.carriers.offered
    assert outcome.status is OrderStatus.DELIVERED
    assert outcome.parcels[-1].service == "TRUSTY-GROUND"
    assert (first, second) == (f"{order.id}-1-r1", f"{order.id}-2-r2")
    assert trading.carriers.withdrawn == []


async def test_a_cancelled_order_withdraws_the_load_a_carrier_thinks_about(
    trading: Trading,
) -> None:
    trading.carriers.silent = True
    scene = trading.scene
    order = scene.order()

    handle = await scene.submit(order)
    await _comes_to(trading.carriers.offered)
    await scene.cancel(order, Cancel(operator="ann", reason="customer asked"))
    outcome = await handle.result()
    await _comes_to(trading.carriers.withdrawn)

    assert outcome.status is OrderStatus.CANCELLED
    assert trading.carriers.withdrawn == trading.carriers.offered
    assert trading.warehouse.shipped == []


async def test_dirty_and_doubled_advices_lose_nothing_and_are_reported(
    trading: Trading, caplog: pytest.LogCaptureFixture
) -> None:
    trading.warehouse.miscounts = 5
    trading.warehouse.twice = trading.warehouse.odd_codes = True

    with caplog.at_level(logging.WARNING):
        _, outcome = await trading.ended(lines=(a_line(units=3),))
    (refused,) = (trading.warehouse.root / "drop" / "failed").glob("*.edi")
    examined = CliRunner().invoke(cli, ["x12", "examine", str(refused)])

    assert outcome.status is OrderStatus.DELIVERED
    assert sum(book.units for book in trading.scene.books().shipments) == 3
    assert trading.warehouse.refused
    assert examined.exit_code == 3
    assert "SE01: SE counts" in examined.stdout
    assert "ZZZ" in examined.stdout
    assert "SE counts" in refused.with_name(f"{refused.name}.report.txt").read_text()
    assert "connection birchwood: " in caplog.text


async def _comes_to(pile: list[str]) -> None:
    """Wait until there is something on a partner's pile."""
    async with asyncio.timeout(30):
        while not pile:  # noqa: ASYNC110  it grows while its partner works
            await asyncio.sleep(0.02)
