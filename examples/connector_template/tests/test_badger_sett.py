"""Lanewise's conformance kit over Badger Sett, and the four tests."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from badger_sett import mapping
from badger_sett.client import SettWarehouse
from badger_sett.settings import SettSettings
from pydantic import SecretStr
from serving import served
from sett import KEY, Sett

from conformance.bench import WarehouseBench
from conformance.running import Check, Verdict, judge
from conformance.sample import Sample, warehouse_bench
from conformance.warehouses import CHECKS
from connectors.connection import Connection
from domain.errors import StateConflict
from domain.quantities import FcId, SkuId
from domain.warehousing import WorkStatus

RENO, MUG, LAMP = FcId("RENO"), SkuId("MUG"), SkuId("LAMP")
SITES = {RENO: "reno-1"}
PICK = {"pick": "P-1", "ref": "r/1", "parcel": "p/1", "state": "digging"}
# It sends no webhooks: it is asked.
NOT_TRIED = {check.name for check in CHECKS if "webhooks" in check.name}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def bench() -> Iterator[WarehouseBench]:
    """Connect through the entry point, as an operator's settings would."""
    sett = Sett()

    async def pick(key: str) -> None:
        await asyncio.to_thread(sett.dig, key)

    with served(sett.answer, "Authorization", f"Bearer {KEY}") as url:
        connection = Connection(
            name="sett",
            kind="warehouse",
            provider="badger-sett",
            base_url=url,
            secret=KEY,
            options={"sites": SITES},
        )
        sample = Sample(fc=RENO, sku=MUG, scarce=LAMP)
        yield replace(warehouse_bench(connection, now, sample, "kit"), pick=pick)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
async def test_it_behaves(bench: WarehouseBench, check: Check[WarehouseBench]) -> None:
    result = await judge(check, bench)

    wanted = Verdict.NOT_TRIED if check.name in NOT_TRIED else Verdict.PASSED
    assert result.verdict is wanted, str(result)


def a_warehouse(status: int, said: object, seen: list[str]) -> SettWarehouse:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path}")
        return httpx.Response(status, json=said)

    settings = SettSettings(base_url="http://sett", secret=SecretStr(KEY), sites=SITES)
    return SettWarehouse(settings, now, httpx.MockTransport(answer))


def test_a_pick_is_asked_for(bench: WarehouseBench) -> None:
    settings = SettSettings(base_url="http://sett", secret=SecretStr(KEY), sites=SITES)

    body = mapping.pick_body(bench.release("r/1", "h/1"), settings)

    assert (body["ref"], body["hold"], body["site"]) == ("r/1", "h/1", "reno-1")


async def test_releasing_calls_the_right_address(bench: WarehouseBench) -> None:
    seen: list[str] = []

    await a_warehouse(201, PICK, seen).release_order(bench.release("r/1", "h/1"))

    assert seen == ["POST /picks"]


def test_a_pick_is_read() -> None:
    assert mapping.parse_pick(PICK, RENO).status is WorkStatus.PICKING
    assert mapping.parse_pick({**PICK, "state": "?"}, RENO).status is WorkStatus.UNKNOWN


async def test_a_refusal_is_read(bench: WarehouseBench) -> None:
    refused = a_warehouse(409, {"code": "hold-differs", "title": "other goods"}, [])

    with pytest.raises(StateConflict, match="other goods"):
        await refused.reserve(bench.reservation("h/1", MUG, 1))
