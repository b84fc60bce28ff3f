"""Fixtures of workflow tests: one Temporal server, and a scene per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from store.engine import Store
from tests.workflow import server
from tests.workflow.scene import Scene, opened

OPTION = "--workflow-environment"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no workflow test wait for long: what never comes is a failure."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(120))


@pytest_asyncio.fixture(scope="session")
async def env(request: pytest.FixtureRequest) -> AsyncIterator[WorkflowEnvironment]:
    """Start a server that can skip time, or the one people develop on."""
    local = request.config.getoption(OPTION) == "local"
    async with await (server.local() if local else server.time_skipping()) as env:
        yield env


@pytest_asyncio.fixture
async def scene(env: WorkflowEnvironment, sqlite_store: Store) -> AsyncIterator[Scene]:
    """Open three centers and three services with stock of two SKUs everywhere."""
    async with opened(env, sqlite_store) as scene:
        yield scene


@pytest_asyncio.fixture
async def timely(
    request: pytest.FixtureRequest, sqlite_store: Store
) -> AsyncIterator[Scene]:
    """Open a scene on a server of its own: others' unfinished tasks stop time."""
    if request.config.getoption(OPTION) == "local":
        pytest.skip("only the time-skipping server can skip time")
    async with (
        await server.time_skipping() as env,
        opened(env, sqlite_store) as scene,
    ):
        yield scene
