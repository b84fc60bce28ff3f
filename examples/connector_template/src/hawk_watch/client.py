"""Hawk Watch as a feed of alerts."""

import httpx

from connectors.alerts import Reading
from connectors.auth import ApiKey
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from hawk_watch import mapping
from hawk_watch.settings import RATE_LIMITS, WatchSettings


class HawkFeed:
    """Where hawks are seen; a feed has no more than ``poll``."""

    def __init__(
        self,
        settings: WatchSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._http = HttpClient(
            settings.base_url,
            auth=ApiKey("X-Watch-Key", settings.secret),
            timeouts=settings.timeouts,
            rate_limits=RATE_LIMITS,
            transport=transport,
        )

    async def poll(self) -> Reading:
        """List every alert; what is not reached raises, and withdraws nothing."""
        answer = await self._http.ask("/alerts")
        return mapping.reading(answer.json(), self._settings.delay_h)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


def hazards(connection: Connection, real_time: RealTime) -> HawkFeed:
    """Make the adapter of a connection: what the entry point names."""
    return HawkFeed(settings_of(WatchSettings, connection))
