"""The demo as a user runs it: one command, then its summary, store and server."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecution

from lanewise.world.seed import build
from lanewise.world.stage import SECRET
from lanewise.world.temporal_server import temporal_server
from store.engine import Store
from tests.e2e.audit import disagreements
from workflows import names

MANY = 20
KEYS = {
    "orders",
    "delivered",
    "cancelled",
    "in_review",
    "failed",
    "segments",
    "fulfillment_centers",
    "carriers",
    "packing_methods",
    "splits",
    "cost_cents_total",
    "on_time_pct",
    "workflows_in_temporal",
    "wall_s",
}


@dataclass(frozen=True)
class Demo:
    """A demo that ran to its end, and where it kept its books."""

    folder: Path
    code: int
    said: str
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Run the command that the README tells people to run."""
    folder = tmp_path_factory.mktemp("demo")
    file = folder / "summary.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "lanewise", "demo", "--orders", str(MANY)),
            *("--exit", "--json", str(file), "--folder", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    summary = json.loads(file.read_text()) if file.exists() else {}
    return Demo(folder, done.returncode, said, summary)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listed(demo: Demo) -> AsyncIterator[list[WorkflowExecution]]:
    """List the orders' workflows from the database the demo's server left."""
    async with temporal_server(demo.folder / "temporal.db", ui=False) as server:
        yield [
            found
            async for found in server.client.list_workflows(
                "WorkflowType = 'OrderFulfillment'"
            )
        ]


@pytest.fixture
def store(demo: Demo) -> Iterator[Store]:
    """Open the store the demo left."""
    store = Store(f"sqlite:///{demo.folder}/lanewise.db")
    yield store
    store.close()


def test_the_demo_ends_by_itself_and_well(demo: Demo) -> None:
    assert demo.code == 0, demo.said[-2_000:]
    assert "Temporal UI: http://127.0.0.1:" in demo.said
    assert "Traceback" not in demo.said


def test_the_summary_has_every_figure_and_they_add_up(demo: Demo) -> None:
    summary = demo.summary
    ends = ("delivered", "cancelled", "in_review", "failed")
    parcels = sum(summary["fulfillment_centers"].values())

    assert summary.keys() >= KEYS
    assert summary["orders"] == sum(summary[end] for end in ends) == MANY
    assert summary["workflows_in_temporal"] == MANY
    assert (summary["failed"], summary["delivered"] > MANY * 3 // 4) == (0, True)
    assert parcels == sum(summary["carriers"].values())
    assert parcels == sum(summary["packing_methods"].values())
    assert parcels == summary["delivered"] + summary["splits"]
    assert 0 <= summary["on_time_pct"] <= 100
    assert min(summary["cost_cents_total"], summary["wall_s"]) > 0


def test_segments_count_orders_not_parcels(demo: Demo) -> None:
    assert len(demo.summary["segments"]) >= 5
    assert all(0 < n <= MANY for n in demo.summary["segments"].values())


def test_ledger_and_books_agree_unit_by_unit_and_label_by_label(
    demo: Demo, store: Store
) -> None:
    books = json.loads((demo.folder / "books.json").read_text())

    assert disagreements(store, books) == []


def test_temporal_knows_every_order_and_where_it_stands(
    demo: Demo, listed: list[WorkflowExecution]
) -> None:
    statuses = [found.typed_search_attributes[names.STATUS] for found in listed]

    assert len(listed) == MANY
    assert statuses.count("delivered") == demo.summary["delivered"]
    assert statuses.count("review") == demo.summary["in_review"]


def test_no_personal_data_is_searchable(listed: list[WorkflowExecution]) -> None:
    people = {order.customer_id for order in build(orders=MANY).orders}
    places = [order.ship_to for order in build(orders=MANY).orders]
    personal = people | {p.postal_code for p in places} | {p.city for p in places}

    for found in listed:
        shown = str(found.typed_search_attributes)
        assert not [word for word in personal if word and word in shown]


def test_no_secret_and_no_fault_of_ours_is_in_the_log(demo: Demo) -> None:
    log = (demo.folder / "worker.log").read_text()

    assert SECRET.get_secret_value() not in log + demo.said
    assert "ERROR" not in log
