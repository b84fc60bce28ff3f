"""What is asked of Open-Meteo, and what its answers are read as."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from connectors.openmeteo import mapping
from connectors.openmeteo.client import OpenMeteoForecast
from connectors.openmeteo.settings import OpenMeteoSettings
from domain.errors import (
    ContractViolation,
    InvalidRequest,
    RateLimited,
    Unavailable,
)
from domain.forecast import AskForecast
from domain.quantities import Place

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RENO = Place(postal_code="89501", latitude=39.53, longitude=-119.81)
BOISE = Place(postal_code="83702", latitude=43.62, longitude=-116.2)
SPEC = Path(__file__).parents[5] / "shared" / "specs" / "open-meteo" / "forecast.yml"


def a_question(*places: Place, hours: int = 3) -> AskForecast:
    return AskForecast(
        places=places or (RENO,), starts_at=NOON, ends_at=NOON + hours * HOUR
    )


def an_answer(*celsius: float | None, begins: datetime = NOON) -> dict[str, Any]:
    times = [int((begins + n * HOUR).timestamp()) for n in range(len(celsius))]
    return {"hourly": {"time": times, "temperature_2m": list(celsius)}}


def a_source(answer: httpx.Response, **changes: Any) -> OpenMeteoForecast:
    given_settings = OpenMeteoSettings(base_url="http://weather.test", **changes)
    transport = httpx.MockTransport(lambda _: answer)
    return OpenMeteoForecast(given_settings, lambda: NOON, transport)


def test_whole_days_of_every_place_are_asked_for() -> None:
    over_midnight = a_question(RENO, BOISE, hours=13)

    query = mapping.query(over_midnight, "")

    assert (query["latitude"], query["longitude"]) == (
        "39.5300,43.6200",
        "-119.8100,-116.2000",
    )
    assert (query["start_date"], query["end_date"]) == ("2026-03-02", "2026-03-03")


def test_a_window_that_ends_at_midnight_asks_for_no_further_day() -> None:
    assert mapping.query(a_question(hours=12), "")["end_date"] == "2026-03-02"


def test_the_question_uses_only_parameters_the_contract_has() -> None:
    if not SPEC.exists():
        pytest.skip("the published contract is not here")
    parameters = yaml.safe_load(SPEC.read_text())["paths"]["/v1/forecast"]["get"]
    known = {each["name"] for each in parameters["parameters"]}

    assert set(mapping.query(a_question(), "gfs_seamless")) <= known


def test_nobody_is_asked_about_places_without_coordinates() -> None:
    with pytest.raises(InvalidRequest, match="give latitude and longitude"):
        mapping.query(a_question(Place(postal_code="89501")), "")


async def test_the_right_address_is_asked_with_the_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=an_answer(1.0, 2.0, 3.0))

    source = OpenMeteoForecast(
        OpenMeteoSettings(base_url="http://weather.test", secret=SecretStr("s3cret")),
        lambda: NOON,
        httpx.MockTransport(answer),
    )
    told = await source.forecast(a_question())

    [request] = seen
    assert request.url.path == "/v1/forecast"
    assert request.url.params["apikey"] == "s3cret"
    assert (told.as_of, told.complete) == (NOON, True)


def test_the_band_is_the_coldest_and_the_warmest_of_all_places() -> None:
    two = [an_answer(1.24, 5.0, 9.0), an_answer(-3.01, 6.0, 8.0)]

    told = mapping.forecast(two, a_question(RENO, BOISE))

    assert [(h.least_tenths_c, h.most_tenths_c) for h in told.hours] == [
        (-31, 13),
        (50, 60),
        (80, 90),
    ]
    assert told.complete


@given(
    celsius=st.lists(
        st.floats(min_value=-80, max_value=60).map(lambda c: round(c, 2)), min_size=3
    )
)
@settings(deadline=None, max_examples=50)
def test_no_hour_is_colder_or_warmer_than_its_band(celsius: list[float]) -> None:
    asked = a_question(hours=len(celsius))

    told = mapping.forecast(an_answer(*celsius), asked)

    for hour, degrees in zip(told.hours, celsius, strict=True):
        assert hour.least_tenths_c <= degrees * 10 <= hour.most_tenths_c
        assert hour.most_tenths_c - hour.least_tenths_c <= 1


@pytest.mark.parametrize(
    "celsius", [(1.0, 2.0), (1.0, None, 3.0)], ids=["too short", "with a gap"]
)
def test_a_forecast_that_lacks_hours_says_so(celsius: tuple[float | None, ...]) -> None:
    assert not mapping.forecast(an_answer(*celsius), a_question()).complete


def test_a_forecast_that_lacks_a_place_says_so() -> None:
    told = mapping.forecast(an_answer(1.0, 2.0, 3.0), a_question(RENO, BOISE))

    assert not told.complete


def test_hours_outside_the_window_are_left_out() -> None:
    early = an_answer(1.0, 2.0, 3.0, 4.0, 5.0, begins=NOON - HOUR)

    told = mapping.forecast(early, a_question())

    assert [hour.at for hour in told.hours] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


@pytest.mark.parametrize(
    "document",
    [
        {},
        None,
        {"hourly": {"time": [1]}},
        {"hourly": {"time": [1], "temperature_2m": [1, 2]}},
        {"hourly": {"time": ["soon"], "temperature_2m": [1]}},
        {"hourly": {"time": [0], "temperature_2m": ["warm"]}},
    ],
)
def test_what_is_no_forecast_is_refused(document: Any) -> None:
    with pytest.raises(ContractViolation, match="hourly"):
        mapping.forecast(document, a_question())


def test_an_answer_about_no_place_is_incomplete() -> None:
    assert not mapping.forecast([], a_question()).complete


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": True, "reason": "Latitude must be …"}, InvalidRequest),
        (429, {"error": True, "reason": "Hourly API limit exceeded"}, RateLimited),
        (502, {}, Unavailable),
    ],
)
async def test_refusals_are_read(
    status: int, body: dict[str, Any], error: type[Exception]
) -> None:
    source = a_source(httpx.Response(status, content=json.dumps(body)))

    with pytest.raises(error, match=body.get("reason", "502")[:8]):
        await source.forecast(a_question())
