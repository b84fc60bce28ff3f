"""Orders of whatever implements ShipStation Connect's order source contract."""

from uuid import uuid4

import httpx

from connectors.auth import Bearer, InBody
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.ports import Ability, Capabilities, Idempotency
from connectors.shipstation import mapping
from connectors.shipstation.settings import ShipStationSettings
from domain.errors import StateConflict
from domain.ordering import Acknowledgment, OrderPage, ShipmentNotice


class ShipStationOrders:
    """An order source, asked as the platform asks its modules."""

    def __init__(
        self,
        settings: ShipStationSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            auth=InBody(
                settings.written, Bearer(settings.secret) if settings.secret else None
            ),
            problem_of=mapping.problem_of,
            timeouts=settings.timeouts,
            max_body_bytes=50_000_000,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        return Capabilities(
            idempotency=Idempotency.UNIQUE_REFERENCE,
            abilities=frozenset({Ability.ACKNOWLEDGE, Ability.NOTIFY_SHIPMENT}),
        )

    async def orders(self, cursor: str | None) -> OrderPage:
        """List orders new or changed since a cursor (None: from the start)."""
        since = mapping.Cursor(cursor, self._settings.begin_at)
        answer = await self._http.ask(
            "/sales_orders_export",
            method="POST",
            body=self._envelope() | since.question(),
        )
        return mapping.page_of(answer.json(), since, self._settings)

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        """Tell which orders were taken; the contract has no word for refusals."""
        told = mapping.acknowledgments(taken, self._real_time())
        if not told:
            return
        answer = await self._http.act(
            "POST", "/acknowledge_orders", self._envelope() | {"orders": told}
        )
        if why := mapping.failure(answer.json(), "responses", "succeeded"):
            msg = f"an order could not be acknowledged: {why}"
            raise StateConflict(msg)

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        """Tell that goods left, under our key."""
        told = mapping.notification(notice, self._settings)
        answer = await self._http.act(
            "POST",
            "/shipment_notification",
            self._envelope() | {"notifications": [told]},
        )
        if why := mapping.failure(answer.json(), "notification_results", "succeeded"):
            msg = f"the shipment was not taken note of: {why}"
            raise StateConflict(msg)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    def _envelope(self) -> dict[str, object]:
        return mapping.envelope(self._settings, str(uuid4()))


def orders(connection: Connection, real_time: RealTime) -> ShipStationOrders:
    """Make an order source of a connection."""
    return ShipStationOrders(settings_of(ShipStationSettings, connection), real_time)
