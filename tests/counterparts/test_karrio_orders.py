"""Whole orders on a real Temporal server, with a real Karrio as their carrier."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from connectors.karrio.client import KarrioCarrier
from connectors.karrio.settings import KarrioSettings
from domain.order import Order, OrderStatus
from domain.plan import CostTerm, Decision
from domain.quantities import CarrierId, ServiceId
from lanewise.world.karrio import KarrioServer, Price
from store.engine import Store
from tests.counterparts.conftest import SHEET
from tests.counterparts.lossy import LossyWire, lossy_wire
from tests.workflow import server
from tests.workflow.scene import Scene, opened, registered
from workflows.desk import Approve
from workflows.parcel import ParcelJourney

SWIFT = CarrierId("SWIFT")
GROUND = ServiceId("SWIFT-GROUND")


@pytest_asyncio.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """Start the server people develop on."""
    async with await server.local() as env:
        yield env


@asynccontextmanager
async def karrio_at(karrio: KarrioServer, url: str) -> AsyncIterator[KarrioCarrier]:
    carrier = KarrioCarrier(
        KarrioSettings.model_validate(
            {
                "base_url": url,
                "secret": karrio.token,
                "services": {GROUND: {"code": "swift_ground"}},
                "accounts": {SWIFT: "swift"},
            }
        )
    )
    yield carrier
    await carrier.close()


@pytest.fixture
async def wire(karrio: KarrioServer) -> AsyncIterator[LossyWire]:
    async with lossy_wire(karrio.url) as wire:
        yield wire


@pytest.fixture
async def carrier(
    karrio: KarrioServer, wire: LossyWire
) -> AsyncIterator[KarrioCarrier]:
    async with karrio_at(karrio, wire.url) as carrier:
        yield carrier


@pytest.fixture
async def scene(
    karrio: KarrioServer,
    temporal: WorkflowEnvironment,
    sqlite_store: Store,
    carrier: KarrioCarrier,
) -> AsyncIterator[Scene]:
    async with opened(temporal, sqlite_store, registered(carrier)) as scene:
        yield scene
    await karrio.change_prices("swift", SHEET)


@pytest.mark.parametrize("word", [b"POST /v1/shipments HTTP", b"/purchase HTTP"])
async def test_a_purchase_whose_reply_is_lost_is_one_label_and_the_orders_own(
    karrio: KarrioServer,
    wire: LossyWire,
    carrier: KarrioCarrier,
    scene: Scene,
    word: bytes,
) -> None:
    order = scene.order()
    key = f"{order.id}/1/r1"
    wire.lose_reply_to(word)

    handle = await scene.submit(order)
    progress = await scene.released(order)
    (label,) = await karrio.shipments(order.id)
    await scene.ships(key)
    await karrio.scan(label["tracking_number"], "delivered", scene.clock.at)
    for scan in await carrier.track(SWIFT, label["tracking_number"]):
        await scene.journey(f"{order.id}/1").signal(ParcelJourney.scanned, scan)
    outcome = await handle.result()

    assert wire.lost == 1
    assert (label["status"], label["tracking_number"]) == ("created", tracking(scene))
    assert progress.parcels[0].endswith(f"released {label['tracking_number']}")
    assert outcome.status is OrderStatus.DELIVERED
    assert [parcel.booked_cents for parcel in outcome.parcels] == [725]
    assert await karrio.shipments(order.id) == await karrio.shipments(key)


def tracking(scene: Scene) -> str:
    """Return the number the warehouse was told to put on the parcel."""
    (release,) = scene.warehouse.releases
    return release.tracking_number


async def decided(scene: Scene) -> Order:
    """Bring an order to where its plan is made and nothing is bought yet."""
    order = scene.order(attributes={"review": "yes"})
    await scene.submit(order)
    await scene.at(order, OrderStatus.REVIEW)
    return order


def freight(decision: Decision) -> int:
    """Return what carriage was planned to cost, in cents."""
    assert decision.plan is not None
    cost = decision.plan.parcels[0].cost
    return cost.get(CostTerm.FREIGHT, 0) + cost.get(CostTerm.SURCHARGES, 0)


def service(decision: Decision) -> ServiceId:
    """Return the service that was chosen."""
    assert decision.plan is not None
    return decision.plan.parcels[0].service


async def test_a_sheet_that_rose_a_little_since_the_decision_is_paid(
    karrio: KarrioServer, scene: Scene
) -> None:
    order = await decided(scene)
    (first,) = scene.decisions(order)
    raised = freight(first) + 60
    await karrio.change_prices("swift", SHEET | {"swift_ground": (Price(raised, 3),)})

    await scene.lanewise.approve(order.id, Approve(operator="Ana"))
    await scene.released(order)

    (label,) = await karrio.shipments(order.id)
    assert scene.decisions(order) == (first,)
    assert float(label["selected_rate"]["total_charge"]) * 100 == raised


async def test_a_sheet_that_rose_much_since_the_decision_is_decided_again(
    karrio: KarrioServer, scene: Scene
) -> None:
    order = await decided(scene)
    (first,) = scene.decisions(order)
    raised = freight(first) + 160
    await karrio.change_prices("swift", SHEET | {"swift_ground": (Price(raised, 3),)})

    await scene.lanewise.approve(order.id, Approve(operator="Ana"))
    progress = await scene.until(
        lambda: scene.lanewise.progress(order.id),
        lambda p: p.status is OrderStatus.REVIEW and p.revision > 1,
    )

    second = scene.decisions(order)[1]
    # Another carrier is cheaper now; it was not what a person approved.
    assert "it now costs" in progress.review[0]
    assert progress.refusals == 1
    assert service(first) == GROUND
    assert service(second) != GROUND
    assert await karrio.shipments(order.id) == []
