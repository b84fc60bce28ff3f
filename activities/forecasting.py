"""Knows the weather of the ways that cold goods could take, if a source tells it.

- only orders with cold goods ask, and only where some carton is rated for weather
- what is asked is each end of a way alone, rounded to about eleven kilometers, so
  that neighbors share the answer and no address leaves the house
- whoever asks waits for a short while; what comes later serves the next order
- a source that is away is left in peace for a while; nothing known counts as rated
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from connectors.ports import ForecastSource
from domain.forecast import AskForecast, Forecast
from domain.network import Carton, FulfillmentCenter, Network
from domain.order import Line
from domain.plan import WeatherKnown
from domain.quantities import Place, SkuId
from domain.sku import Sku, TemperatureBand
from optimizer.problem import Problem

# Insulated cartons keep for days, not weeks: so far ahead is asked.
AHEAD = timedelta(hours=168)
# Models run every few hours: an answer is renewed after one and dropped after six.
FRESH, STALE = timedelta(hours=1), timedelta(hours=6)
MOST_KNOWN, MOST_ASKED, AT_ONCE = 1_000, 256, 8
# Seconds: one answer may take so long; then nobody asks for a while.
ANSWER_S, AWAY_S = 10.0, 30.0

_HOUR = timedelta(hours=1)
_log = logging.getLogger(__name__)


class Spot(NamedTuple):
    """Somewhere, in tenths of a degree of latitude and longitude."""

    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True)
class _Told:
    forecast: Forecast
    at: datetime


@dataclass(frozen=True, slots=True)
class _Asked:
    task: "asyncio.Task[None]"
    since_s: float


class Forecasting:
    """Keeps forecasts by place, and asks for those that are wanted.

    Parameters
    ----------
    sources
        By name; the next is asked where one fails.
    deadline_s
        How many seconds an order waits for an answer.
    timer
        Tells seconds that pass, from any beginning.
    """

    def __init__(
        self,
        sources: Mapping[str, ForecastSource],
        *,
        deadline_s: float = 0.3,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources = sources
        self._deadline_s = deadline_s
        self._timer = timer
        self._told: dict[Spot, _Told] = {}
        self._asked: dict[Spot, _Asked] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._away_until_s = float("-inf")

    async def ask(self, places: Iterable[Place], now: datetime) -> None:
        """Have the weather of some places known, if it is told soon enough."""
        waits = []
        for spot in dict.fromkeys(spot_of(place) for place in places):
            if spot is None or self._is(spot, now, FRESH):
                continue
            asked = self._asked.get(spot) or self._begin(spot, now)
            # Who has been waited for once is not waited for again.
            late = asked and self._timer() - asked.since_s >= self._deadline_s
            if asked and not late and not self._is(spot, now, STALE):
                waits.append(asked.task)
        if waits:
            await asyncio.wait(waits, timeout=self._deadline_s)

    def seen(self, problem: Problem) -> Problem:
        """Return the problem with what is known of its cold goods' weather."""
        weather = {}
        for place in cold_ends_of(problem):
            spot = spot_of(place)
            if spot is not None and self._is(spot, problem.as_of, STALE):
                weather[place] = self._told[spot].forecast
        return replace(problem, weather=weather) if weather else problem

    async def settled(self) -> None:
        """Wait until everything asked for was told, or failed."""
        while self._asked:
            await asyncio.wait([asked.task for asked in self._asked.values()])

    def _is(self, spot: Spot, now: datetime, age: timedelta) -> bool:
        told = self._told.get(spot)
        return told is not None and abs(now - told.at) < age

    def _begin(self, spot: Spot, now: datetime) -> _Asked | None:
        since_s = self._timer()
        if since_s < self._away_until_s or len(self._asked) >= MOST_ASKED:
            return None
        task = asyncio.create_task(self._fetch(spot, now))
        self._asked[spot] = _Asked(task, since_s)
        return self._asked[spot]

    async def _fetch(self, spot: Spot, now: datetime) -> None:
        try:
            async with self._at_once:
                forecast = await self._first_answer(spot, now)
            if forecast is None:
                self._away_until_s = self._timer() + AWAY_S
                return
            if len(self._told) >= MOST_KNOWN:
                del self._told[next(iter(self._told))]
            self._told.pop(spot, None)
            self._told[spot] = _Told(forecast, now)
        finally:
            del self._asked[spot]

    async def _first_answer(self, spot: Spot, now: datetime) -> Forecast | None:
        begun = now.replace(minute=0, second=0, microsecond=0)
        place = Place(
            postal_code="-",
            latitude=spot.latitude / 10,
            longitude=spot.longitude / 10,
        )
        ask = AskForecast(places=(place,), starts_at=begun, ends_at=begun + AHEAD)
        for name, source in self._sources.items():
            try:
                async with asyncio.timeout(ANSWER_S):
                    told = await source.forecast(ask)
            except Exception as error:  # no order waits for weather
                _log.warning("%s tells no weather: %s", name, type(error).__name__)
                continue
            as_of = now if told.as_of is None else told.as_of
            return told.model_copy(update={"raw": "", "as_of": as_of})
        return None


def spot_of(place: Place) -> Spot | None:
    """Return about where a place is, None where nobody knows."""
    if place.latitude is None or place.longitude is None:
        return None
    return Spot(round(place.latitude * 10), round(place.longitude * 10))


def cold_ends(
    network: Network, skus: Mapping[SkuId, Sku], lines: Iterable[Line], to: Place
) -> tuple[Place, ...]:
    """Return where weather matters to some goods: the destination, then centers.

    Nowhere for goods that are not cold, or whose cartons are rated for no weather.
    """
    centers = _able(network, _cold(network, skus, lines))
    return (to, *(center.place for center in centers)) if centers else ()


def cold_ends_of(problem: Problem) -> tuple[Place, ...]:
    """Return where weather matters to some order of a problem, each place once."""
    network, skus = problem.network, problem.skus
    ends = (
        cold_ends(network, skus, task.lines, task.order.ship_to)
        for task in problem.tasks
    )
    return tuple(dict.fromkeys(chain.from_iterable(ends)))


def weather_known(
    problem: Problem, lines: Iterable[Line], to: Place
) -> WeatherKnown | None:
    """Say what was known of the weather that matters, None where none does."""
    centers = _able(problem.network, _cold(problem.network, problem.skus, lines))
    if not centers:
        return None
    ends = [("destination", to), *((center.id, center.place) for center in centers)]
    told = [problem.weather[place] for _, place in ends if place in problem.weather]
    return WeatherKnown(
        lacking=tuple(name for name, place in ends if place not in problem.weather),
        as_of=min((f.as_of for f in told if f.as_of is not None), default=None),
    )


def _cold(
    network: Network, skus: Mapping[SkuId, Sku], lines: Iterable[Line]
) -> frozenset[TemperatureBand]:
    bands = {skus[line.sku].temperature for line in lines if line.sku in skus}
    bands.discard(TemperatureBand.AMBIENT)
    if not bands:
        return frozenset()
    rated = {carton.temperature for carton in network.cartons if _rated(carton)}
    return frozenset(bands & rated)


def _rated(carton: Carton) -> bool:
    return carton.rated_at_tenths_c is not None


def _able(
    network: Network, bands: Collection[TemperatureBand]
) -> list[FulfillmentCenter]:
    """Return the centers that keep some of the bands."""
    return [c for c in network.centers if not set(bands).isdisjoint(c.temperatures)]
