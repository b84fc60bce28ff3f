"""Orders of a shop that lists them as JSON over HTTP."""

import httpx

from connectors.auth import ApiKey, Bearer
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.optional import OptionalOrderSource
from connectors.orderfeed import mapping
from connectors.orderfeed.settings import OrderFeedSettings
from connectors.ports import Ability, Capabilities, Idempotency
from domain.ordering import Acknowledgment, OrderPage, ShipmentNotice


class OrderFeed(OptionalOrderSource):
    """A generic order source: whose fields are where its settings say."""

    def __init__(
        self,
        settings: OrderFeedSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        proof = None
        if settings.secret is not None:
            header = settings.api_key_header
            secret = settings.secret
            proof = ApiKey(header, secret) if header else Bearer(secret)
        self._http = HttpClient(
            settings.base_url,
            auth=proof,
            timeouts=settings.timeouts,
            max_body_bytes=50_000_000,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        told = {
            Ability.ACKNOWLEDGE: self._settings.acknowledge_path,
            Ability.NOTIFY_SHIPMENT: self._settings.shipment_path,
        }
        return Capabilities(
            idempotency=Idempotency.KEY_HEADER,
            abilities=frozenset(ability for ability, path in told.items() if path),
        )

    async def orders(self, cursor: str | None) -> OrderPage:
        """List orders after a cursor (None: from the start)."""
        asked = mapping.question(cursor, self._settings)
        answer = await self._http.ask(self._settings.path, asked)
        return mapping.page_of(answer.json(), cursor, self._settings)

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        """Tell that orders were taken or refused, one by one."""
        if not self._settings.acknowledge_path:
            await super().acknowledge(taken)
        for each in taken:
            path = self._settings.acknowledge_path.replace("{id}", each.source_id)
            body = mapping.acknowledgment(each)
            await self._http.act("POST", path, body, key=f"taken/{each.source_id}")

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        """Tell that goods left, under our key."""
        if not self._settings.shipment_path:
            await super().notify_shipment(notice)
        path = self._settings.shipment_path.replace("{id}", notice.source_id)
        await self._http.act("POST", path, mapping.shipment(notice), key=notice.key)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


def orders(connection: Connection, real_time: RealTime) -> OrderFeed:
    """Make an order source of a connection."""
    return OrderFeed(settings_of(OrderFeedSettings, connection))
