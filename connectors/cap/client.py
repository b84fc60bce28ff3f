"""A feed of CAP alerts: one document, a list of them, or a list of links."""

import asyncio

import httpx

from connectors.alerts import Reading
from connectors.cap import mapping
from connectors.cap.document import parse
from connectors.cap.links import Link, links, without_link
from connectors.cap.settings import CapSettings
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from domain.errors import ConnectorError, ContractViolation


class CapFeed:
    """A feed that lists every alert in force or announced.

    An alert that is only linked to is fetched once, and again when the list
    says that it changed. One that cannot be fetched makes the list incomplete:
    then nothing that was known is withdrawn.
    """

    def __init__(
        self,
        settings: CapSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            secret=settings.secret,
            headers={"Accept": "application/cap+xml, application/xml, text/xml, */*"},
            timeouts=settings.timeouts,
            max_body_bytes=20_000_000,
            transport=transport,
        )
        self._gate = asyncio.Semaphore(settings.links_at_once)
        self._known: dict[Link, bytes] = {}

    async def poll(self) -> Reading:
        """List every alert, those that are linked to as well."""
        listed = (await self._http.ask("")).body
        now, country = self._real_time(), self._settings.country
        root = parse(listed)
        linked = links(root)
        if not linked:
            return mapping.hazards(listed, now, country)
        wanted = linked[: self._settings.most_links]
        fetched = await asyncio.gather(*map(self._fetch, wanted))
        self._known = {
            link: got
            for link, got in zip(wanted, fetched, strict=True)
            if isinstance(got, bytes) and _readable(got)
        }
        documents = tuple(got for got in fetched if isinstance(got, bytes))
        problems = tuple(got for got in fetched if isinstance(got, str))
        if len(wanted) < len(linked):
            left = len(linked) - len(wanted)
            problems += (f"{left} links beyond {len(wanted)} are not followed",)
        if silent := without_link(root):
            problems += (f"{silent} entries hold no alert, and link to none",)
        return mapping.together(listed, documents, now, country, problems)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _fetch(self, link: Link) -> bytes | str:
        """Return an alert's document, or why there is none."""
        if link in self._known and link.changed:
            return self._known[link]
        async with self._gate:
            try:
                return (await self._http.fetch(link.url)).body
            except ConnectorError as error:
                return f"{link.url[:200]}: not fetched: {error}"


def _readable(document: bytes) -> bool:
    """Tell whether a document is worth keeping: a broken one is fetched again."""
    try:
        mapping.alerts_in(document)
    except ContractViolation:
        return False
    return True


def hazards(connection: Connection, real_time: RealTime) -> CapFeed:
    """Make a feed of a connection."""
    return CapFeed(settings_of(CapSettings, connection), real_time)
