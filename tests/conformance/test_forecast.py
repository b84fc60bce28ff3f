"""The source of forecasts under the kit, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from conformance import forecasts
from conformance.bench import ForecastBench
from conformance.running import Check
from connectors.openmeteo.client import OpenMeteoForecast
from connectors.openmeteo.settings import OpenMeteoSettings
from domain.forecast import AskForecast
from tests.conformance.serving import served
from tests.conformance.verdicts import passes
from tests.conformance.worlds import BOISE, RENO

MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HORIZON = MORNING + timedelta(days=16)
HOUR = timedelta(hours=1)
SECRET = "OPEN-SESAME"


def weather(request: httpx.Request) -> httpx.Response:
    """Answer for whole days and each place, as far as sixteen days ahead."""
    asked = request.url.params
    if asked.get("apikey") != SECRET:
        return httpx.Response(401, json={"error": True, "reason": "who are you"})
    first = datetime.fromisoformat(asked["start_date"]).replace(tzinfo=UTC)
    last = datetime.fromisoformat(asked["end_date"]).replace(tzinfo=UTC)
    if last > HORIZON:
        reason = "Parameter 'end_date' is out of allowed range"
        return httpx.Response(400, json={"error": True, "reason": reason})
    hours = int((last - first) / HOUR) + 24
    places = asked["latitude"].split(",")
    found = [a_place(first, hours, number) for number, _ in enumerate(places)]
    return httpx.Response(200, json=found if len(found) > 1 else found[0])


def a_place(first: datetime, hours: int, colder: int) -> dict[str, Any]:
    times = [int((first + n * HOUR).timestamp()) for n in range(hours)]
    values = [round(n % 24 / 2 - colder, 1) for n in range(hours)]
    return {"hourly": {"time": times, "temperature_2m": values}}


@pytest.fixture
def bench() -> Iterator[ForecastBench]:
    with served(weather) as url:
        settings = OpenMeteoSettings(
            base_url=url, secret=SecretStr(SECRET), requests_per_s=10_000
        )
        yield ForecastBench(
            connect=lambda: OpenMeteoForecast(settings, lambda: MORNING),
            run="kit",
            secrets=(SECRET,),
            question=AskForecast(
                places=(RENO, BOISE), starts_at=MORNING, ends_at=MORNING + 20 * HOUR
            ),
        )


@pytest.mark.parametrize("check", forecasts.CHECKS, ids=lambda check: check.name)
async def test_the_open_meteo_source_passes(
    bench: ForecastBench, check: Check[ForecastBench]
) -> None:
    await passes(check, bench)
