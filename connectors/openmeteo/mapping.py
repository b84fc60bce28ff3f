"""Open-Meteo's hourly temperatures, asked for and read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any

from connectors.answers import Answer, Problem
from domain.errors import ContractViolation, InvalidRequest
from domain.forecast import AskForecast, Forecast, HourlyBand
from domain.wire import raw_of

HOUR = timedelta(hours=1)


def query(ask: AskForecast, model: str) -> dict[str, str]:
    """Write the question: whole days in UTC, the places in their order."""
    places = [place for place in ask.places if place.located]
    if not places:
        msg = "places: none has coordinates; give latitude and longitude"
        raise InvalidRequest(msg)
    return {
        "latitude": ",".join(_degrees(place.latitude) for place in places),
        "longitude": ",".join(_degrees(place.longitude) for place in places),
        "hourly": "temperature_2m",
        "timeformat": "unixtime",
        "timezone": "UTC",
        "temperature_unit": "celsius",
        "start_date": f"{_begun(ask.starts_at):%Y-%m-%d}",
        "end_date": f"{_last(ask):%Y-%m-%d}",
    } | ({"models": model} if model else {})


def forecast(document: Any, ask: AskForecast) -> Forecast:
    """Read an answer: the coldest and the warmest of all places, hour by hour.

    A place or an hour without a number makes the forecast incomplete. An
    hour's band rounds outwards to tenths of a degree.

    Raises
    ------
    ContractViolation
        Naming the field that cannot be read.
    """
    answers = document if isinstance(document, list) else [document]
    bands: dict[datetime, list[Decimal]] = {}
    gaps = False
    for each in answers:
        for at, degrees in _hours(each, document):
            if degrees is None:
                gaps = True
            else:
                bands.setdefault(at, []).append(degrees)
    first, last = _begun(ask.starts_at), _last(ask)
    wanted = int((last - first) / HOUR) + 1
    inside = {at: found for at, found in bands.items() if first <= at <= last}
    asked = sum(1 for place in ask.places if place.located)
    whole = (
        len(answers) == asked == len(ask.places)
        and len(inside) == wanted
        and all(len(found) == len(answers) for found in inside.values())
    )
    return Forecast(
        hours=tuple(
            HourlyBand(
                at=at,
                least_tenths_c=floor(min(found) * 10),
                most_tenths_c=ceil(max(found) * 10),
            )
            for at, found in sorted(inside.items())
        ),
        complete=whole and not gaps,
        raw=raw_of(document),
    )


def problem_of(answer: Answer) -> Problem | None:
    """Read a refusal: ``{"error": true, "reason": "…"}``, with whatever status."""
    if 200 <= answer.status < 300 and b'"error"' not in answer.body[:200]:
        return None
    try:
        document = answer.json()
    except ContractViolation:
        return None
    if not isinstance(document, dict) or document.get("error") is not True:
        return None
    return Problem(detail=str(document.get("reason") or ""))


def _hours(answer: Any, document: Any) -> list[tuple[datetime, Decimal | None]]:
    hourly = answer.get("hourly") if isinstance(answer, dict) else None
    times = hourly.get("time") if isinstance(hourly, dict) else None
    values = _temperatures(hourly) if isinstance(hourly, dict) else None
    if not isinstance(times, list) or not isinstance(values, list):
        msg = "hourly: it lacks `time` or `temperature_2m`"
        raise ContractViolation(msg, raw=raw_of(document))
    if len(times) != len(values):
        msg = f"hourly: {len(times)} times but {len(values)} temperatures"
        raise ContractViolation(msg, raw=raw_of(document))
    try:
        return [
            (
                datetime.fromtimestamp(int(at), UTC),
                None if value is None else Decimal(str(value)),
            )
            for at, value in zip(times, values, strict=True)
        ]
    except (TypeError, ValueError, ArithmeticError, OSError) as error:
        msg = f"hourly: a time or a temperature is no number: {error}"
        raise ContractViolation(msg, raw=raw_of(document)) from None


def _temperatures(hourly: Mapping[str, Any]) -> Any:
    """Find the temperatures: with a model named, the field carries its name."""
    if "temperature_2m" in hourly:
        return hourly["temperature_2m"]
    return next((v for k, v in hourly.items() if k.startswith("temperature_2m_")), None)


def _begun(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _last(ask: AskForecast) -> datetime:
    """Return the beginning of the last hour that is asked about."""
    return _begun(ask.ends_at - timedelta(microseconds=1))


def _degrees(value: float | None) -> str:
    return f"{value or 0.0:.4f}"
