"""One world per way of keeping repetitions harmless; it serves the whole session."""

from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.ports import Idempotency
from lanewise.world.server import WorldServer
from tests.conformance.worlds import FACTORIES, Bench, spec_in_mode

PLENTY = {"RENO": {"MUG": 10_000, "LAMP": 4}}


@pytest.fixture(scope="session", params=list(Idempotency), ids=str)
def world(request: pytest.FixtureRequest) -> Iterator[tuple[WorldServer, Idempotency]]:
    mode = Idempotency(request.param)
    with WorldServer(spec_in_mode(mode, stock=PLENTY)) as server:
        yield server, mode


@pytest.fixture(params=FACTORIES)
async def bench(
    world: tuple[WorldServer, Idempotency], request: pytest.FixtureRequest
) -> AsyncIterator[Bench]:
    """Fresh adapters; the world's books go on from test to test."""
    bench = FACTORIES[request.param](*world)
    yield bench
    world[0].world.gate.faults.clear()
    await bench.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Return a reference no other test uses."""
    return f"order/{request.node.name}/1"
