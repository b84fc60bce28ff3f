"""Active alerts of the US National Weather Service, all pages of them."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.alerts import Reading
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.nws import mapping
from connectors.nws.settings import NwsSettings
from domain.errors import ContractViolation

ACTIVE = "/alerts/active"


class NwsFeed:
    """A feed that lists every alert in force or announced."""

    def __init__(
        self,
        settings: NwsSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            headers={
                "User-Agent": settings.user_agent,
                "Accept": "application/geo+json",
            },
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            max_body_bytes=50_000_000,
            transport=transport,
        )

    async def poll(self) -> Reading:
        """List every alert; a list with more pages than we turn is incomplete."""
        asked = {"area": ",".join(self._settings.areas)} if self._settings.areas else {}
        features: list[Any] = []
        document: Any = None
        for _ in range(self._settings.most_pages):
            document = (await self._http.ask(ACTIVE, asked)).json()
            found = document.get("features") if isinstance(document, dict) else None
            if not isinstance(found, list):
                # Says in its own words what it is instead.
                return mapping.hazards(document, self._real_time())
            features += found
            following = _next_page(document)
            if not following:
                break
            asked = following
        more = {"pagination": {"next": "…"}} if _next_page(document) else {}
        whole = {"type": "FeatureCollection", "features": features, **more}
        return mapping.hazards(whole, self._real_time())

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


def _next_page(document: dict[str, Any]) -> dict[str, str]:
    """Return the query of the next page; its host is the one we know."""
    pages = document.get("pagination")
    link = pages.get("next") if isinstance(pages, dict) else None
    if not link:
        return {}
    if not isinstance(link, str):
        msg = "pagination.next: it is no link"
        raise ContractViolation(msg)
    return dict(parse_qsl(urlsplit(link).query))


def hazards(connection: Connection, real_time: RealTime) -> NwsFeed:
    """Make a feed of a connection."""
    return NwsFeed(settings_of(NwsSettings, connection), real_time)
