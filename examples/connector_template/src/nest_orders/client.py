"""A shop that orders come from."""

from urllib.parse import quote

import httpx

from connectors.auth import Bearer
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.optional import OptionalOrderSource
from connectors.ports import Capabilities
from domain.ordering import Acknowledgment, OrderPage, ShipmentNotice
from nest_orders import mapping
from nest_orders.settings import CAPABILITIES, NestSettings


class NestOrders(OptionalOrderSource):
    """The shop; what it cannot be told is refused by ``OptionalOrderSource``."""

    def __init__(
        self,
        settings: NestSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._http = HttpClient(
            settings.base_url,
            auth=Bearer(settings.secret),
            timeouts=settings.timeouts,
            rate_limits=CAPABILITIES.rate_limits,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return CAPABILITIES

    async def orders(self, cursor: str | None) -> OrderPage:
        """List orders after a cursor: the number of the last one read."""
        answer = await self._http.ask("/eggs", {"after": cursor or "0"})
        return mapping.page_of(answer.json(), cursor, self._settings.prefix)

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        """Tell what became of orders, one by one, each under a key of its own."""
        for each in taken:
            body, key = mapping.taken_body(each), f"taken/{each.source_id}"
            await self._http.act("POST", _egg(each.source_id, "taken"), body, key=key)

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        """Tell that goods left, under our key: told twice is once."""
        body, path = mapping.sent_body(notice), _egg(notice.source_id, "sent")
        await self._http.act("POST", path, body, key=notice.key)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


def orders(connection: Connection, real_time: RealTime) -> NestOrders:
    """Make the adapter of a connection: what the entry point names."""
    return NestOrders(settings_of(NestSettings, connection))


def _egg(source_id: str, what: str) -> str:
    return f"/eggs/{quote(source_id, safe='')}/{what}"
