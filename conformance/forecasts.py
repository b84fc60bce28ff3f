"""What must hold of every source of forecasts."""

from collections.abc import Awaitable
from datetime import UTC, timedelta

from conformance import wire
from conformance.bench import ForecastBench
from conformance.running import Check, Section, ensure, reads
from domain.errors import ContractViolation, InvalidRequest, NotFound
from domain.forecast import AskForecast, Forecast
from domain.quantities import Place

HOUR = timedelta(hours=1)
FAR = timedelta(days=365)
NOWHERE = Place(postal_code="00000")


async def every_hour_asked_for_is_told_in_order(bench: ForecastBench) -> None:
    """Each hour that touches the window is told once, in order, the least first."""
    async with bench.adapter() as (source, _):
        told = await source.forecast(bench.question)
    ensure(told.complete, "the forecast for the bench's own question is incomplete")
    _whole(told, bench.question)
    ensure(told.raw, "the forecast keeps nothing of the raw answer")


async def a_place_nobody_can_find_is_not_made_up(bench: ForecastBench) -> None:
    """With a place that has no coordinates, a forecast is refused or incomplete."""
    alone = bench.question.model_copy(update={"places": (NOWHERE,)})
    beside = bench.question.model_copy(
        update={"places": (*bench.question.places, NOWHERE)}
    )
    async with bench.adapter() as (source, _):
        for ask in (alone, beside):
            told = await _told(source.forecast(ask))
            ensure(told is None or not told.complete, "it calls that complete")


async def a_window_beyond_the_horizon_is_not_made_up(bench: ForecastBench) -> None:
    """A year ahead, a forecast is refused or incomplete."""
    ask = bench.question.model_copy(
        update={
            "starts_at": bench.question.starts_at + FAR,
            "ends_at": bench.question.ends_at + FAR,
        }
    )
    async with bench.adapter() as (source, _):
        told = await _told(source.forecast(ask))
    ensure(told is None or not told.complete, "it tells the weather in a year")


async def gaps_are_never_filled_in(bench: ForecastBench) -> None:
    """With a value null, missing or odd, what is called complete tells the same.

    Anything else is incomplete, or a ConnectorError.
    """
    async with bench.adapter() as (source, spoilt):
        whole = await source.forecast(bench.question)

        async def ask() -> object:
            return await source.forecast(bench.question)

        async for what, outcome in wire.oddly_answered(ask, spoilt):
            if isinstance(outcome, Forecast) and outcome.complete:
                same = outcome.hours == whole.hours
                ensure(same, f"{what}: it is called complete, and tells otherwise")


CHECKS: tuple[Check[ForecastBench], ...] = (
    *reads(
        Section.FORECASTS,
        every_hour_asked_for_is_told_in_order,
        a_place_nobody_can_find_is_not_made_up,
        a_window_beyond_the_horizon_is_not_made_up,
    ),
    *wire.CHECKS,
    *reads(Section.FORECASTS, gaps_are_never_filled_in),
)


async def _told(telling: Awaitable[Forecast]) -> Forecast | None:
    """Return what was told, None where it was refused."""
    try:
        return await telling
    except (InvalidRequest, NotFound, ContractViolation):
        return None


def _whole(told: Forecast, ask: AskForecast) -> None:
    """Raise unless each hour that touches the window is there, once and in order."""
    at = ask.starts_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for hour in told.hours:
        ensure(hour.at == at, f"an hour begins at {hour.at}, not at {at}")
        ensure(hour.least_tenths_c <= hour.most_tenths_c, f"{at}: least above most")
        at += HOUR
    ensure(at >= ask.ends_at, f"it ends at {at}, before {ask.ends_at}")
