"""The same orders through Karrio and ShipEngine: only the connections differ."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from connectors.registry import connect
from domain.network import Network
from domain.order import OrderStatus
from domain.outcome import Outcome
from domain.plan import Parcel
from domain.quantities import CarrierId
from domain.warehousing import ReleaseOrder
from lanewise.connections import read
from lanewise.world.serving import served
from store.engine import Store
from tests.builders import MONDAY, a_center, a_network, a_pickup, a_service
from tests.unit.connectors.karrio.counterpart import KarrioSide, karrio_app
from tests.unit.connectors.karrio.samples import SECRET, an_event
from tests.unit.connectors.shipengine.platform import Platform, platform_app
from tests.unit.connectors.shipengine.world import API_KEY
from tests.workflow.scene import Scene, opened
from workflows.desk import Cancel
from workflows.parcel import ParcelJourney

PAGE = Path(__file__).parents[2] / "docs" / "connectors" / "changing-carriers.md"
UPS = CarrierId("ups")
ANA = {
    "recipient.name": "Ana Ruiz",
    "recipient.street_1": "12 Juniper Street",
    "recipient.phone": "+1 312 555 0100",
}


def the_file(provider: str) -> str:
    """Return the connections file the documentation shows for a provider."""
    page = PAGE.read_text("utf-8")
    blocks = re.finditer(r"```yaml\n(.*?)```", page, re.DOTALL)
    (found,) = (b[1] for b in blocks if f"provider: {provider}\n" in b[1])
    return str(found)


def an_ups_network() -> Network:
    """Build a center from which only UPS collects, and one service of it."""
    east = a_center(pickups=(a_pickup(carrier="ups"),))
    return a_network(
        centers=(east,), services=(a_service(id="ups-ground", carrier="ups"),)
    )


@asynccontextmanager
async def karrio() -> AsyncIterator[tuple[Mapping[str, str], KarrioSide]]:
    own = {"carrier_id": "ups-main", "carrier_name": "ups", "service": "ups_ground"}
    side = KarrioSide(rate=own, events=[an_event("delivered", 20)])
    async with served(karrio_app(side)) as url:
        yield {"KARRIO_URL": url, "KARRIO_TOKEN": SECRET}, side


@asynccontextmanager
async def shipengine() -> AsyncIterator[tuple[Mapping[str, str], Platform]]:
    platform = Platform()
    there = {"occurred_at": "2026-03-03T20:30:00Z", "status_code": "DE"}
    platform.events.append({**there, "description": "Delivered"})
    async with served(platform_app(platform)) as url:
        key = API_KEY.get_secret_value()
        yield {"SHIPENGINE_URL": url, "SHIPENGINE_API_KEY": key}, platform


@dataclass
class Journey:
    """What is told of an order that was delivered, and of one that was not."""

    plan: Parcel
    release: ReleaseOrder
    outcome: Outcome
    called_off: Outcome


async def the_journey(scene: Scene, order: str) -> Journey:
    """Bring one order to the door, and call another off after it was released."""
    first = scene.order(id=f"{order}-A", attributes=ANA)
    handle = await scene.submit(first)
    await scene.released(first)
    (release,) = scene.warehouse.releases
    await scene.ships(release.key)
    carrier = scene.rooms.registry.carrier(UPS, release.fc, first.ship_to)
    for scan in await carrier.track(UPS, release.tracking_number):
        await scene.journey(release.parcel_id).signal(ParcelJourney.scanned, scan)
    outcome = await handle.result()
    second = scene.order(id=f"{order}-B", attributes=ANA)
    await scene.submit(second)
    await scene.released(second)
    await scene.cancel(second, Cancel(operator="Ana", reason="changed her mind"))
    called_off = await scene.handle(second).result()
    (decision,) = scene.decisions(first)
    assert decision.plan is not None
    return Journey(decision.plan.parcels[0], release, outcome, called_off)


async def run_by(
    provider: str, variables: Mapping[str, str], env: WorkflowEnvironment, folder: Path
) -> Journey:
    file = folder / f"{provider}.yaml"
    file.write_text(the_file(provider), "utf-8")
    store = Store(f"sqlite:///{folder / provider}.db")
    store.migrate()
    registry = connect(read(file, variables), lambda: MONDAY)
    async with opened(env, store, registry, an_ups_network()) as scene:
        journey = await the_journey(scene, f"BY-{provider}")
    await registry.close()
    store.close()
    return journey


def shared(journey: Journey, provider: str) -> list[Any]:
    """Return all that must not depend on who the carrier is reached through."""
    parcels = [
        parcel.model_dump(exclude={"parcel_id", "booked_cents"})
        for outcome in (journey.outcome, journey.called_off)
        for parcel in outcome.parcels
    ]
    release = journey.release.model_dump_json(exclude={"tracking_number"})
    ends = (journey.outcome.status, journey.called_off.status, journey.outcome.reason)
    return [journey.plan, release.replace(provider, "?"), parcels, ends]


async def test_karrio_and_shipengine_differ_in_the_connections_file_only(
    env: WorkflowEnvironment, tmp_path: Path
) -> None:
    async with karrio() as (variables, side):
        one = await run_by("karrio", variables, env, tmp_path)
    async with shipengine() as (variables, platform):
        other = await run_by("shipengine", variables, env, tmp_path)

    assert shared(one, "karrio") == shared(other, "shipengine")
    assert one.outcome.status is OrderStatus.DELIVERED
    assert one.called_off.status is OrderStatus.CANCELLED
    assert [s["status"] for s in side.shipments.values()] == ["created", "cancelled"]
    assert [la["voided"] for la in platform.labels.values()] == [False, True]
    assert one.release.tracking_number != other.release.tracking_number


@pytest.mark.parametrize("provider", ["karrio", "shipengine"])
def test_both_files_serve_the_same_names(provider: str, tmp_path: Path) -> None:
    file = tmp_path / "connections.yaml"
    file.write_text(the_file(provider), "utf-8")
    words = re.findall(r"\$\{(\w+)\}", the_file(provider))
    variables = {word: "http://127.0.0.1:1" for word in words}

    (connection,) = read(file, variables)

    assert (connection.name, connection.carriers) == ("parcels", (UPS,))
    assert list(connection.options["services"]) == ["ups-ground"]
