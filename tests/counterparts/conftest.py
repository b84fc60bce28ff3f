"""Tests against software we did not write: only when asked for.

``make test-connectors`` installs the counterparts and passes ``--counterparts``.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.tryton.client import TrytonWarehouse
from lanewise.world.karrio import KarrioServer, Price, karrio_server
from lanewise.world.tryton import TrytonServer, tryton_server
from tests.counterparts.erp import COUNTED, RNO, connected

HERE = Path(__file__).parent
SHEET = {
    "swift_ground": (Price(725, transit_days=3),),
    "swift_air": (Price(1_910, transit_days=1),),
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect nothing here unless counterparts are asked for."""
    if config.getoption("--counterparts"):
        return None
    return True if collection_path.is_relative_to(HERE) else None


@pytest.fixture(scope="session")
async def karrio(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[KarrioServer]:
    """A running Karrio with one account, ``swift``, of two services."""
    async with karrio_server(tmp_path_factory.mktemp("karrio")) as server:
        await server.add_account("swift", SHEET)
        yield server


@pytest.fixture(scope="session")
async def tryton() -> AsyncIterator[TrytonServer]:
    """A running Tryton with one center, counted."""
    async with tryton_server() as server:
        await server.open({RNO: COUNTED})
        yield server


@pytest.fixture
async def center(tryton: TrytonServer) -> AsyncIterator[TrytonWarehouse]:
    """Our adapter of that center."""
    made = connected(tryton)
    yield made
    await made.close()
