"""A client of ShipBob, a 3PL that stores, packs and ships with labels of its own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.auth import Bearer
from connectors.connection import Connection, RealTime, settings_of
from connectors.fields import table, word
from connectors.http import HttpClient
from connectors.optional import OptionalWarehouse
from connectors.ports import Capabilities
from connectors.shipbob import mapping, requests
from connectors.shipbob.mapping import Unprocessable
from connectors.shipbob.settings import ShipBobSettings
from connectors.shipbob.webhooks import parse_notices, verify
from domain.errors import ContractViolation, NotFound, StateConflict
from domain.network import FulfillmentCenter
from domain.quantities import FcId, SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    StockNotice,
    StockReport,
    WarehouseNotice,
    WarehouseOrder,
    WorkStatus,
)

PAGE = 250
MOST_PAGES = 200


class ShipBobWarehouse(OptionalWarehouse):
    """The centers of a ShipBob account that goods of ours are in."""

    def __init__(
        self,
        settings: ShipBobSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            auth=Bearer(settings.secret),
            headers={"shipbob_channel_id": str(settings.channel_id)},
            problem_of=mapping.problem_of,
            timeouts=settings.timeouts,
            rate_limits=settings.rate_limits,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return self._settings.capabilities

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Count what is on hand at a location, page by page."""
        location = requests.location_of(fc, self._settings)
        asked = {"LocationId": str(location), "PageSize": str(PAGE)}
        pages = await self._pages("inventory-level/locations", asked)
        return StockReport(
            fc=fc,
            as_of=self._real_time(),
            on_hand=mapping.parse_stock(pages, location, skus, self._settings),
        )

    async def centers(self) -> tuple[tuple[FulfillmentCenter, str], ...]:
        """List our centers as it has them, each with its time zone."""
        answer = await self._http.ask(self._path("fulfillment-center"))
        return mapping.parse_centers(answer.json(), self._settings)

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        """Send an order; sent before under this key, it answers where it stands.

        ShipBob refuses a reference it has with the same status as any other
        mistake of ours, in words that are not promised: what is there decides.
        """
        body = requests.order_body(order, self._settings)
        try:
            answer = await self._http.act("POST", self._path("order"), body)
        except Unprocessable:
            there = await self._there(order.key)
            if there is None:
                raise
            if not mapping.ordered_as(there, order, self._settings):
                msg = f"key: {order.key!r} was sent before with other goods"
                raise StateConflict(msg) from None
            return self._read(there, order.key, order.fc)
        return self._read(answer.json(), order.key, order.fc)

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Look up what was sent under a key, and where it stands."""
        there = await self._there(key)
        return None if there is None else self._read(there, key, fc)

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Cancel every shipment of an order, if none of them is under way."""
        there = await self._there(key)
        if there is None:
            return CancelOutcome.NEVER_RELEASED
        status = self._read(there, key, fc).status
        if status is WorkStatus.CANCELLED:
            return CancelOutcome.CANCELLED
        if status is WorkStatus.SHIPPED:
            return CancelOutcome.TOO_LATE
        outcome = await self._stop(mapping.order_id(there))
        if outcome is CancelOutcome.TOO_LATE and await self._stopped(fc, key):
            # Refused, since another cancellation was faster.
            return CancelOutcome.CANCELLED
        return outcome

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether ShipBob really sent these bytes, just now."""
        if self._settings.webhook_secret is None:
            return False
        return verify(
            self._settings.webhook_secret,
            headers,
            body,
            now=self._real_time(),
            tolerance_s=self._settings.webhook_tolerance_s,
        )

    def parse_webhook(self, body: bytes) -> tuple[WarehouseNotice | StockNotice, ...]:
        """Read what a webhook tells of our orders; unknown words become UNKNOWN."""
        return parse_notices(body, self._settings)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    def _read(self, document: Any, key: str, fc: FcId) -> WarehouseOrder:
        return mapping.parse_order(document, key, fc, self._settings)

    async def _there(self, key: str) -> dict[str, Any] | None:
        """Return the order under a key, the first one if there were several."""
        reference = requests.reference_of(key)
        answer = await self._http.ask(
            self._path("order"), {"ReferenceIds": reference, "Limit": str(PAGE)}
        )
        found = mapping.parse_orders(answer.json(), reference)
        return found[0] if found else None

    async def _stop(self, number: int) -> CancelOutcome:
        """Ask for a cancellation; a refusal is an answer."""
        try:
            answer = await self._http.act("POST", self._path(f"order/{number}:cancel"))
        except NotFound:
            return CancelOutcome.NEVER_RELEASED
        except (Unprocessable, StateConflict):
            return CancelOutcome.TOO_LATE
        return mapping.parse_cancellation(answer.json())

    async def _stopped(self, fc: FcId, key: str) -> bool:
        there = await self._there(key)
        if there is None:
            return False
        return self._read(there, key, fc).status is WorkStatus.CANCELLED

    async def _pages(self, name: str, asked: dict[str, str]) -> list[Any]:
        pages: list[Any] = []
        seen = set()
        query = asked
        for _ in range(MOST_PAGES):
            page = table((await self._http.ask(self._path(name), query)).json())
            pages.append(page)
            following = word(page, "next")
            if not following or following in seen:
                return pages
            seen.add(following)
            # It names the next page by a link, whose host is the one we know,
            # or by a cursor alone.
            linked = dict(parse_qsl(urlsplit(following).query))
            query = {**asked, **(linked or {"Cursor": following})}
        msg = f"{name}: more than {MOST_PAGES} pages"
        raise ContractViolation(msg)

    def _path(self, name: str) -> str:
        return f"/{self._settings.version}/{name}"


def warehouse(connection: Connection, real_time: RealTime) -> ShipBobWarehouse:
    """Make the adapter of a connection."""
    return ShipBobWarehouse(settings_of(ShipBobSettings, connection), real_time)
