"""Fixtures of workflow tests: one Temporal server, and a scene per test."""

import shutil
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from lanewise.converter import data_converter
from store.engine import Store
from tests.workflow.scene import Scene, opened
from workflows import names

OPTION = "--workflow-environment"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no workflow test wait for long: what never comes is a failure."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(60))


@pytest_asyncio.fixture(scope="session")
async def env(request: pytest.FixtureRequest) -> AsyncIterator[WorkflowEnvironment]:
    """Start a server that can skip time, or the one people develop on."""
    async with await _started(request.config) as started:
        yield started


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
        await _started(request.config) as env,
        opened(env, sqlite_store) as scene,
    ):
        yield scene


async def _started(config: pytest.Config) -> WorkflowEnvironment:
    scripts = sysconfig.get_path("scripts")
    if config.getoption(OPTION) == "local":
        return await WorkflowEnvironment.start_local(
            dev_server_existing_path=shutil.which("temporal", path=scripts),
            data_converter=data_converter(),
            search_attributes=names.SEARCH_ATTRIBUTES,
        )
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=shutil.which("temporal-test-server", path=scripts),
        data_converter=data_converter(),
    )
    await _register(env)
    return env


async def _register(env: WorkflowEnvironment) -> None:
    """Make search attributes known; the server hangs on those that are not."""
    await env.client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=env.client.namespace,
            search_attributes={
                key.name: IndexedValueType.ValueType(int(key.indexed_value_type))
                for key in names.SEARCH_ATTRIBUTES
            },
        )
    )
