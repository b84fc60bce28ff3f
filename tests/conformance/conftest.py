"""One world per way of keeping repetitions harmless; it serves the whole session."""

from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.ports import Idempotency
from lanewise.world.server import WorldServer
from lanewise.world.spec import Fault
from tests.conformance.worlds import FACTORIES, Bench, spec_in_mode

# Only who is kept waiting on purpose gives up soon: this machine may be busy.
IMPATIENT_S, PATIENT_S = 1.0, 15.0
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
    hangs = Fault.HANG in request.node.callspec.params.values()
    bench = FACTORIES[request.param](*world, IMPATIENT_S if hangs else PATIENT_S)
    yield bench
    world[0].world.gate.faults.clear()
    await bench.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Return a reference no other test uses."""
    return f"order/{request.node.name}/1"
