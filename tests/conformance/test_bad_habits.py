"""Adapters with bad habits, each of them found out by the check that is for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance import forecasts, hazards, orders, transports
from conformance.bench import (
    Bench,
    ForecastBench,
    HazardsBench,
    OrdersBench,
    TransportBench,
)
from conformance.running import Check, Verdict, judge
from connectors.alerts import Reading
from connectors.nws.client import NwsFeed
from connectors.nws.settings import NwsSettings
from connectors.openmeteo.client import OpenMeteoForecast
from connectors.openmeteo.settings import OpenMeteoSettings
from connectors.orderfiles.client import OrderFiles
from connectors.orderfiles.settings import OrderFilesSettings
from connectors.x12.carrier import X12Transport
from domain.errors import ConnectorError
from domain.forecast import AskForecast, Forecast
from domain.ordering import OrderPage
from domain.transport import LoadUpdates, Tendered, TenderLoad
from tests.builders import an_order
from tests.conformance.serving import served
from tests.conformance.test_alerts import Office
from tests.conformance.test_alerts import bench as alerts_bench
from tests.conformance.test_forecast import HOUR, MORNING, weather
from tests.conformance.test_orders import put
from tests.conformance.test_x12 import Exchange, offered
from tests.conformance.worlds import BOISE, RENO

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def verdict_of(checks: tuple[Check[Any], ...], name: str, bench: Any) -> Verdict:
    (check,) = (check for check in checks if check.name == name)
    return (await judge(check, bench)).verdict


class ForgivingFeed(NwsFeed):
    """Answers that there is no alert when it could not ask, or not read them."""

    async def poll(self) -> Reading:
        try:
            return replace(await super().poll(), problems=(), complete=True)
        except ConnectorError:
            return Reading()


@pytest.fixture
def forgiving() -> Iterator[HazardsBench]:
    office = Office()
    with served(office.pages) as url:
        settings = NwsSettings(
            base_url=url, user_agent="ops@example.com", requests_per_s=10_000
        )
        yield alerts_bench(office, lambda: ForgivingFeed(settings, lambda: NOW))


@pytest.mark.parametrize(
    "name",
    [
        "a poll that fails withdraws nothing",
        "no alert vanishes without a word",
        "a read without an answer is unavailable",
        "half an answer is a contract violation",
    ],
)
async def test_a_feed_that_empties_itself_is_found_out(
    forgiving: HazardsBench, name: str
) -> None:
    assert await verdict_of(hazards.CHECKS, name, forgiving) is Verdict.FAILED


class HopefulForecast(OpenMeteoForecast):
    """Calls everything complete, and leaves gaps where they are."""

    async def forecast(self, ask: AskForecast) -> Forecast:
        located = tuple(place for place in ask.places if place.located) or (RENO,)
        told = await super().forecast(ask.model_copy(update={"places": located}))
        return told.model_copy(update={"complete": True})


@pytest.mark.parametrize(
    "name", ["gaps are never filled in", "a place nobody can find is not made up"]
)
async def test_a_forecast_that_hides_its_gaps_is_found_out(name: str) -> None:
    ask = AskForecast(
        places=(RENO, BOISE), starts_at=MORNING, ends_at=MORNING + 20 * HOUR
    )
    with served(weather) as url:
        settings = OpenMeteoSettings.model_validate(
            {"base_url": url, "secret": "OPEN-SESAME", "requests_per_s": 10_000}
        )
        bench = ForecastBench(
            connect=lambda: HopefulForecast(settings, lambda: MORNING),
            run="kit",
            question=ask,
        )

        assert await verdict_of(forecasts.CHECKS, name, bench) is Verdict.FAILED


class ForgetfulOrders(OrderFiles):
    """Drops what it cannot read, and begins anew whatever cursor it is given."""

    async def orders(self, cursor: str | None) -> OrderPage:
        page = await super().orders(None)
        good = tuple(one for one in page.orders if one.order is not None)
        return page.model_copy(update={"orders": good})


@pytest.mark.parametrize(
    "name",
    [
        "the end of the list is reached",
        "a new order comes after the cursor",
        "a broken order keeps no other back",
    ],
)
async def test_a_source_that_loses_its_place_is_found_out(
    tmp_path: Path, name: str
) -> None:
    async def order(name: str) -> None:
        put(tmp_path, name, an_order(id=name).model_dump_json())

    await order("S-1")
    await order("S-2")
    settings = OrderFilesSettings(folder=tmp_path)
    bench = OrdersBench(
        connect=lambda: ForgetfulOrders(settings), run="kit", order=order, broken=order
    )

    assert await verdict_of(orders.CHECKS, name, bench) is Verdict.FAILED


class EagerTransport(X12Transport):
    """Offers under a new reference each time, and keeps its problems to itself."""

    offers = 0

    async def tender(self, load: TenderLoad) -> Tendered:
        type(self).offers += 1
        name = f"{load.reference}-{self.offers}"
        return await super().tender(load.model_copy(update={"reference": name}))

    async def updates(self, cursor: str | None) -> LoadUpdates:
        told = await super().updates(cursor)
        return told.model_copy(update={"problems": ()})


@pytest.mark.parametrize(
    "name",
    [
        "what was offered is found",
        "offering again under a reference is one offer",
        "another load under a reference is refused",
        "a lost reply at any step leaves one offer",
        "an offer can be taken back twice",
        "half of what a carrier says keeps nothing back",
    ],
)
async def test_a_carrier_offered_twice_is_found_out(tmp_path: Path, name: str) -> None:
    exchange = Exchange(tmp_path)
    bench: Bench[Any] = TransportBench(
        connect=lambda: EagerTransport(exchange.partner()),
        run=exchange.run,
        losing=exchange.drop.losing,
        carrier=offered("L").carrier,
        load=offered,
        offers=exchange.offers,
        answer=exchange.answer,
        half=exchange.half,
    )

    assert await verdict_of(transports.CHECKS, name, bench) is Verdict.FAILED
