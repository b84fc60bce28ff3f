"""Badger Sett as a warehouse of Lanewise."""

from typing import Any
from urllib.parse import quote

import httpx

from badger_sett import mapping
from badger_sett.settings import CAPABILITIES, SettSettings
from connectors.auth import Bearer
from connectors.connection import Connection, RealTime, settings_of
from connectors.http import HttpClient
from connectors.optional import OptionalWarehouse
from connectors.ports import Capabilities
from domain.errors import NotFound, StateConflict
from domain.quantities import FcId, SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReserveStock,
    StockReport,
    WarehouseChanges,
    WarehouseOrder,
    WorkStatus,
)


class RefTaken(StateConflict):
    """They know that reference already."""


CODES = {"ref-taken": RefTaken, "hold-differs": StateConflict}


class SettWarehouse(OptionalWarehouse):
    """Badger Sett; what it cannot do is refused by ``OptionalWarehouse``."""

    def __init__(
        self,
        settings: SettSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._http = HttpClient(
            settings.base_url,
            auth=Bearer(settings.secret),
            codes=CODES,
            timeouts=settings.timeouts,
            rate_limits=CAPABILITIES.rate_limits,
            transport=transport,
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return CAPABILITIES

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Count what is on the shelf (everything for None)."""
        site = quote(mapping.site_of(fc, self._settings), safe="")
        wanted = {"skus": ",".join(skus)} if skus is not None else None
        answer = await self._http.ask(f"/sites/{site}/stock", wanted)
        return mapping.parse_stock(answer.json(), fc, skus, self._real_time())

    async def reserve(self, order: ReserveStock) -> Reservation:
        """Set goods aside; what was set aside under the key is answered again."""
        body = mapping.hold_body(order, self._settings)
        answer = await self._http.act("PUT", _hold(order.key), body)
        return mapping.parse_hold(answer.json(), order.key, order.fc)

    async def find_reservation(self, fc: FcId, key: str) -> Reservation | None:
        """Look up what was set aside under a key."""
        try:
            answer = await self._http.ask(_hold(key))
        except NotFound:
            return None
        return mapping.parse_hold(answer.json(), key, fc)

    async def release_reservation(self, fc: FcId, key: str) -> None:
        """Give the goods back; never reserved is fine."""
        try:
            await self._http.act("DELETE", _hold(key))
        except NotFound:
            return

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        """Start picking; released before under the key, it answers with that."""
        body = mapping.pick_body(order, self._settings)
        try:
            answer = await self._http.act("POST", "/picks", body)
        except RefTaken:
            found = await self.find_order(order.fc, order.key)
            if found is None:
                raise
            return found
        return mapping.parse_pick(answer.json(), order.fc)

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Look up what was released under a key, and where it stands."""
        found = await self._there(key)
        return None if found is None else mapping.parse_pick(found, fc)

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Stop picking, if it is not too late; stopped before is stopped."""
        work = await self.find_order(fc, key)
        if work is None:
            return CancelOutcome.NEVER_RELEASED
        if work.status is WorkStatus.CANCELLED:
            return CancelOutcome.CANCELLED
        try:
            await self._http.act("POST", f"/picks/{quote(work.id, safe='')}/stop")
        except StateConflict:
            return CancelOutcome.TOO_LATE
        return CancelOutcome.CANCELLED

    async def changes(self, cursor: str | None) -> WarehouseChanges:
        """List what happened since a cursor: the number of the last event read."""
        answer = await self._http.ask("/events", {"after": cursor or "0"})
        return mapping.parse_events(answer.json(), self._settings)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _there(self, key: str) -> dict[str, Any] | None:
        answer = await self._http.ask("/picks", {"ref": key})
        return next(iter(mapping.listed(answer.json(), "picks")), None)


def warehouse(connection: Connection, real_time: RealTime) -> SettWarehouse:
    """Make the adapter of a connection: what the entry point names."""
    return SettWarehouse(settings_of(SettSettings, connection), real_time)


def _hold(key: str) -> str:
    return f"/holds/{quote(key, safe='')}"
