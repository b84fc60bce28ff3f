"""Forecasts of Open-Meteo: how cold and how warm it gets along a lane."""

import httpx

from connectors.auth import QueryKey
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.openmeteo import mapping
from connectors.openmeteo.settings import OpenMeteoSettings
from domain.forecast import AskForecast, Forecast

FORECAST = "/v1/forecast"


class OpenMeteoForecast:
    """A source of hourly temperatures, anywhere, up to sixteen days ahead."""

    def __init__(
        self,
        settings: OpenMeteoSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            auth=QueryKey("apikey", settings.secret) if settings.secret else None,
            problem_of=mapping.problem_of,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            transport=transport,
        )

    async def forecast(self, ask: AskForecast) -> Forecast:
        """Tell the temperature band over some places, hour by hour."""
        asked = mapping.query(ask, self._settings.model)
        answer = await self._http.ask(FORECAST, asked)
        found = mapping.forecast(answer.json(), ask)
        return found.model_copy(update={"as_of": self._real_time()})

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


def forecast(connection: Connection, real_time: RealTime) -> OpenMeteoForecast:
    """Make a source of forecasts of a connection."""
    return OpenMeteoForecast(settings_of(OpenMeteoSettings, connection), real_time)
