"""A Tryton server as a warehouse system (``docs/connectors/tryton.md``)."""

from datetime import timedelta
from typing import Any

import httpx

from connectors.connection import Connection, RealTime, settings_of
from connectors.optional import OptionalWarehouse
from connectors.ports import Ability, Capabilities, Idempotency
from connectors.tryton import mapping
from connectors.tryton.changes import Changes
from connectors.tryton.reader import Reader
from connectors.tryton.records import SHIPMENT, Shipment
from connectors.tryton.references import reference, released_under, reserved_under
from connectors.tryton.rpc import Changed, Rpc
from connectors.tryton.settings import TrytonSettings
from connectors.tryton.sites import Sites
from domain.errors import ContractViolation, NotFound, StateConflict, Unavailable
from domain.quantities import FcId, SkuId
from domain.warehousing import (
    CancelOutcome,
    ReleaseOrder,
    Reservation,
    ReservedLine,
    ReserveStock,
    StockReport,
    WarehouseChanges,
    WarehouseOrder,
)

# How often somebody else may come between reading a shipment and changing it.
TRIES = 4


class TrytonWarehouse(OptionalWarehouse):
    """Reservations as customer shipments of a Tryton database.

    Tryton knows no unique references: this adapter looks before it creates,
    looks again after it, and cancels what turns out to be a double before any
    goods are assigned to it.
    """

    def __init__(
        self,
        settings: TrytonSettings,
        real_time: RealTime,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._real_time = real_time
        self._rpc = Rpc(settings, transport)
        self._sites = Sites(settings, self._rpc)
        self._reader = Reader(self._rpc, settings.page)
        self._changes = Changes(
            self._reader, settings.page, timedelta(seconds=settings.overlap_s)
        )

    def capabilities(self) -> Capabilities:
        """Say how this counterpart behaves."""
        return Capabilities(
            idempotency=Idempotency.UNIQUE_REFERENCE,
            abilities=frozenset(
                {
                    *(Ability.RESERVE, Ability.PARTIAL_RESERVATION),
                    *(Ability.FIND_RESERVATION, Ability.FIND_ORDER),
                    *(Ability.CANCEL_ORDER, Ability.CHANGES),
                }
            ),
            rate_limits=self._settings.rate_limits,
        )

    async def stock(self, fc: FcId, skus: tuple[SkuId, ...] | None) -> StockReport:
        """Count what is on the shelves and what is picked but has not left."""
        site = await self._sites.of(fc)
        counted, as_of = await self._reader.counted(site, skus)
        return StockReport(
            fc=fc,
            as_of=as_of or self._real_time(),
            on_hand={sku: 0 for sku in skus or ()} | counted,
        )

    async def available(
        self, fc: FcId, skus: tuple[SkuId, ...] | None
    ) -> dict[SkuId, int]:
        """Count what is on the shelves and promised to nobody."""
        site = await self._sites.of(fc)
        found = await self._reader.products(
            site, skus, [site.storage], stock_assign=True
        )
        counted = {SkuId(p.code): mapping.whole(p.quantity) for p in found}
        return {sku: 0 for sku in skus or ()} | counted

    async def reserve(self, order: ReserveStock) -> Reservation:
        """Assign goods as far as they go; asked again, it goes on where it stood.

        A SKU that is not known there leaves the whole order unreserved.
        """
        site = await self._sites.of(order.fc)
        work = await self._reserved(site, order.key)
        if work is None:
            wanted = tuple(SkuId(sku) for sku in mapping.summed(order.lines))
            products = {
                p.code: p for p in await self._reader.products(site, wanted, [])
            }
            if any(sku not in products for sku in wanted):
                return _nothing(order)
            values = mapping.shipment_values(order, site, products)
            await self._rpc.act(f"model.{SHIPMENT}.create", [values], **_in(site))
            work = await self._reserved(site, order.key)
        if work is None:
            msg = f"key {order.key!r}: the shipment was created and is not there"
            raise ContractViolation(msg)
        if work.asked != mapping.summed(order.lines):
            msg = f"key {order.key!r}: other goods are reserved under it: {work.asked}"
            raise StateConflict(msg)
        if work.shipment.keys[1] is None:
            work = await self._assigned(site, work)
        return mapping.reservation(work, order.key)

    async def find_reservation(self, fc: FcId, key: str) -> Reservation | None:
        """Look up what was set aside under a key; nothing set aside is none."""
        site = await self._sites.of(fc)
        work = await self._reserved(site, key)
        if work is None or not any(work.assigned.values()):
            return None
        if work.shipment.keys[1] is None and await self._reader.overdrawn(site, work):
            return None
        return mapping.reservation(work, key)

    async def release_reservation(self, fc: FcId, key: str) -> None:
        """Give the goods back; never reserved, or given back before, is fine."""
        site = await self._sites.of(fc)
        for _ in range(TRIES):
            found = await self._reader.shipments(site, reserved_under(key))
            standing = [s for s in found if s.state != "cancelled"]
            picked = [s for s in standing if s.state not in mapping.UNTOUCHED]
            if picked:
                msg = f"key {key!r}: too late to give back, it is {picked[0].state}"
                raise StateConflict(msg)
            try:
                for shipment in standing:
                    await self._cancel(site, shipment)
            except Changed:
                continue
            return
        raise _busy(key)

    async def release_order(self, order: ReleaseOrder) -> WarehouseOrder:
        """Let the floor begin; released before, it answers where that stands."""
        site = await self._sites.of(order.fc)
        for _ in range(TRIES):
            before = await self._released(site, order.key)
            if before is not None:
                _ensure_same(before, order)
                return mapping.warehouse_order(before, order.key)
            work = await self._reserved(site, order.reservation_key)
            if work is None:
                msg = f"nothing is reserved under {order.reservation_key!r}"
                raise NotFound(msg)
            try:
                await self._let_go(site, work, order)
            except Changed:
                continue
        raise _busy(order.key)

    async def find_order(self, fc: FcId, key: str) -> WarehouseOrder | None:
        """Look up what was released under a key, and where it stands."""
        site = await self._sites.of(fc)
        work = await self._released(site, key)
        return mapping.warehouse_order(work, key) if work else None

    async def cancel_order(self, fc: FcId, key: str) -> CancelOutcome:
        """Stop picking, if it is not too late.

        Tryton would cancel even what has left the building. From the first
        unit picked on we do not ask it to.
        """
        site = await self._sites.of(fc)
        for _ in range(TRIES):
            found = await self._reader.shipments(site, released_under(key))
            if not found:
                return CancelOutcome.NEVER_RELEASED
            shipment = max(found, key=mapping.progress)
            if shipment.state == "cancelled":
                return CancelOutcome.CANCELLED
            if shipment.state not in mapping.UNTOUCHED:
                return CancelOutcome.TOO_LATE
            try:
                await self._cancel(site, shipment)
            except Changed:
                continue
            return CancelOutcome.CANCELLED
        raise _busy(key)

    async def changes(self, cursor: str | None) -> WarehouseChanges:
        """List what the floors did and what was counted, a page at once."""
        sites = [await self._sites.of(fc) for fc in self._settings.warehouses]
        return await self._changes.since(sites, cursor)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._rpc.close()

    async def _reserved(self, site: mapping.Site, key: str) -> mapping.Work | None:
        """Return the one shipment that stands under a key, and cancel its doubles."""
        found = await self._reader.shipments(site, reserved_under(key))
        standing = [s for s in found if s.state != "cancelled" and s.keys[0] == key]
        if not standing:
            return None
        one = max(standing, key=mapping.progress)
        for double in standing:
            if double.id != one.id and double.state in mapping.UNTOUCHED:
                await self._cancel(site, double)
        return (await self._reader.works(site, (one,)))[0]

    async def _released(self, site: mapping.Site, key: str) -> mapping.Work | None:
        found = await self._reader.shipments(site, released_under(key))
        if not found:
            return None
        return (await self._reader.works(site, (max(found, key=mapping.progress),)))[0]

    async def _assigned(self, site: mapping.Site, work: mapping.Work) -> mapping.Work:
        """Have goods assigned to a shipment as far as they go, and no unit twice."""
        for _ in range(TRIES):
            shipment = work.shipment
            if shipment.state == "draft":
                await self._press(site, shipment, "wait", shipment.unchanged)
            if shipment.state in ("draft", "waiting"):
                await self._press(site, shipment, "assign_try")
            work = await self._reader.work(site, shipment.id)
            if not await self._reader.overdrawn(site, work):
                return work
            await self._press(site, work.shipment, "wait", work.shipment.unchanged)
            work = await self._reader.work(site, shipment.id)
        msg = f"shipment {work.shipment.id}: others take the same goods; none are kept"
        raise Unavailable(msg)

    async def _let_go(
        self, site: mapping.Site, work: mapping.Work, order: ReleaseOrder
    ) -> None:
        """Mark a reservation as released, last of all; each step may be repeated."""
        if {sku: n for sku, n in work.assigned.items() if n} != mapping.summed(
            order.lines
        ):
            msg = f"key {order.key!r}: reserved are {work.assigned}, not its lines"
            raise StateConflict(msg)
        shipment = work.shipment
        if shipment.keys[1] is not None:
            msg = f"key {order.reservation_key!r}: released as {shipment.keys[1]!r}"
            raise StateConflict(msg)
        if work.told is None:
            note = {"resource": shipment.name, "message": mapping.note_text(order)}
            await self._rpc.act("model.ir.note.create", [note], **_in(site))
        if shipment.state == "waiting":
            await self._drop_the_rest(site, work)
            shipment = (await self._reader.work(site, shipment.id)).shipment
        written = {"reference": reference(order.reservation_key, order.key)}
        await self._rpc.act(
            f"model.{SHIPMENT}.write",
            [shipment.id],
            written,
            context={**site.context, **shipment.unchanged},
        )

    async def _drop_the_rest(self, site: mapping.Site, work: mapping.Work) -> None:
        """Ask no longer for what could not be assigned."""
        rest = [move.id for move in work.assignable if move.state == "draft"]
        if rest:
            await self._rpc.act(
                "model.stock.move.write", rest, {"quantity": 0}, **_in(site)
            )
        await self._press(site, work.shipment, "assign_try")

    async def _cancel(self, site: mapping.Site, shipment: Shipment) -> None:
        await self._press(site, shipment, "cancel", shipment.unchanged)

    async def _press(
        self,
        site: mapping.Site,
        shipment: Shipment,
        button: str,
        context: dict[str, Any] | None = None,
    ) -> None:
        await self._rpc.act(
            f"model.{SHIPMENT}.{button}",
            [shipment.id],
            context={**site.context, **(context or {})},
        )


def warehouse(connection: Connection, real_time: RealTime) -> TrytonWarehouse:
    """Make the adapter of a Tryton connection."""
    return TrytonWarehouse(settings_of(TrytonSettings, connection), real_time)


def _in(site: mapping.Site) -> dict[str, Any]:
    return {"context": site.context}


def _nothing(order: ReserveStock) -> Reservation:
    lines = mapping.summed(order.lines)
    return Reservation(
        id="none",
        key=order.key,
        fc=order.fc,
        lines=tuple(
            ReservedLine(sku=SkuId(sku), asked=units, reserved=0)
            for sku, units in lines.items()
        ),
    )


def _ensure_same(before: mapping.Work, order: ReleaseOrder) -> None:
    told = before.told
    if told is None:
        return
    if told.parcel_id != order.parcel_id or told.lines != mapping.summed(order.lines):
        msg = f"key {order.key!r}: released before as another parcel or other lines"
        raise StateConflict(msg)


def _busy(key: str) -> StateConflict:
    msg = f"key {key!r}: others keep changing the shipment; nothing was done"
    return StateConflict(msg)
