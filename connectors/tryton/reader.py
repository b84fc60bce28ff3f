"""Reads what a Tryton database holds of a center's shipments and goods."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.tryton.mapping import Site, Work, overdrawn, parse_note, whole
from connectors.tryton.records import (
    MOVE,
    MOVE_FIELDS,
    MOVED_FIELDS,
    NOTE_FIELDS,
    PRODUCT_FIELDS,
    SHIPMENT,
    SHIPMENT_FIELDS,
    Move,
    Moved,
    Note,
    Product,
    Shipment,
    listed,
    records,
)
from connectors.tryton.rpc import Rpc
from domain.errors import ContractViolation, Unavailable
from domain.quantities import SkuId

# A busy floor may move goods while they are counted: then it is counted again.
COUNTS = 4
JUST_AFTER = timedelta(microseconds=1)


class Reader:
    """Searches, page by page, and what is found in our words."""

    def __init__(self, rpc: Rpc, page: int) -> None:
        self._rpc = rpc
        self._page = page

    async def work(self, site: Site, shipment: int) -> Work:
        """Read one shipment with its moves."""
        found = await self._rpc.ask(
            f"model.{SHIPMENT}.read", [shipment], SHIPMENT_FIELDS, context=site.context
        )
        read = records(Shipment, found, SHIPMENT)
        if not read:
            msg = f"shipment {shipment} is gone"
            raise ContractViolation(msg)
        return (await self.works(site, read[:1]))[0]

    async def shipments(self, site: Site, clause: list[Any]) -> tuple[Shipment, ...]:
        """Find the shipments from a center of which something holds."""
        domain = [["warehouse", "=", site.warehouse.id], clause]
        found = await self._search(site, SHIPMENT, domain, SHIPMENT_FIELDS)
        return records(Shipment, found, SHIPMENT)

    async def works(
        self, site: Site, shipments: Sequence[Shipment]
    ) -> tuple[Work, ...]:
        """Read shipments' moves and notes."""
        names = [shipment.name for shipment in shipments]
        found = await self._search(site, MOVE, [["shipment", "in", names]], MOVE_FIELDS)
        moves = records(Move, found, MOVE)
        noted = await self._search(
            site, "ir.note", [["resource", "in", names]], NOTE_FIELDS
        )
        told = {
            note.resource: read
            for note in records(Note, noted, "ir.note")
            if (read := parse_note(note.message or ""))
        }
        return tuple(
            Work(
                site,
                shipment,
                tuple(m for m in moves if m.shipment == shipment.name),
                told.get(shipment.name),
            )
            for shipment in shipments
        )

    async def overdrawn(self, site: Site, work: Work) -> bool:
        """Tell whether what is assigned to a shipment was already somebody else's.

        Tryton locks while it assigns, but not in every database: in SQLite,
        shipments that are assigned at the same time may take the same unit.
        """
        skus = tuple(SkuId(sku) for sku, units in work.assigned.items() if units)
        if not skus:
            return False
        free = await self.products(site, skus, [site.storage], stock_assign=True)
        missing = {p.code: -p.quantity for p in free if p.quantity and p.quantity < 0}
        if not missing:
            return False
        domain = [
            ["product.code", "in", list(missing)],
            ["state", "=", "assigned"],
            ["from_location", "child_of", [site.storage], "parent"],
        ]
        found = await self._search(site, MOVE, domain, MOVE_FIELDS)
        return overdrawn(work, records(Move, found, MOVE), missing)

    async def counted(
        self, site: Site, skus: tuple[SkuId, ...] | None
    ) -> tuple[dict[SkuId, int], datetime | None]:
        """Count goods, and say since when it is so by the server's own clock.

        The instant is just after the last move in the center (None where
        nothing has moved yet): what leaves later is not in the count.
        """
        for _ in range(COUNTS):
            before = await self.moved_at(site)
            found = await self.products(site, skus, [site.storage, site.output])
            if await self.moved_at(site) == before:
                counted = {SkuId(p.code): whole(p.quantity) for p in found}
                return counted, before and before + JUST_AFTER
        msg = f"fc {site.fc!r}: goods move while they are counted; ask again"
        raise Unavailable(msg)

    async def moved_at(self, site: Site) -> datetime | None:
        """Return when goods last moved in a center."""
        found = await self._rpc.ask(
            f"model.{MOVE}.search_read",
            [*moved_in(site), ["write_date", "!=", None]],
            0,
            1,
            [["write_date", "DESC"]],
            MOVED_FIELDS,
            context=site.context,
        )
        return max((m.version_at for m in records(Moved, found, MOVE)), default=None)

    async def written(
        self, site: Site, model: str, domain: list[Any], fields: list[str]
    ) -> list[Any]:
        """Read the first page of what something holds of, in the order of writing."""
        found = await self._rpc.ask(
            f"model.{model}.search_read",
            domain,
            0,
            self._page,
            [["write_date", "ASC"], ["id", "ASC"]],
            fields,
            context=site.context,
        )
        return listed(model, found)

    async def products(
        self,
        site: Site,
        skus: tuple[SkuId, ...] | None,
        locations: list[int],
        **context: Any,
    ) -> tuple[Product, ...]:
        """Read goods by code (all for None), counted at some locations."""
        domain: list[Any] = [["type", "=", "goods"]]
        domain.append(["code", "!=", None] if skus is None else ["code", "in", skus])
        found = await self._search(
            site,
            "product.product",
            domain,
            PRODUCT_FIELDS,
            {"locations": locations, "with_childs": True, **context},
        )
        products = records(Product, found, "product.product")
        codes = [product.code for product in products]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            msg = f"product code {twice[0]!r}: several products have it"
            raise ContractViolation(msg)
        return products

    async def _search(
        self,
        site: Site,
        model: str,
        domain: list[Any],
        fields: list[str],
        context: dict[str, Any] | None = None,
    ) -> list[Any]:
        """Read all that is found, page by page."""
        found: list[Any] = []
        while True:
            page = await self._rpc.ask(
                f"model.{model}.search_read",
                domain,
                len(found),
                self._page,
                [["id", "ASC"]],
                fields,
                context={**site.context, **(context or {})},
            )
            found += listed(model, page)
            if len(page) < self._page:
                return found


def moved_in(site: Site) -> list[Any]:
    """Return the domain of what moved in or out of a center's counted places."""
    places = [site.storage, site.output]
    return [
        ["state", "=", "done"],
        [
            "OR",
            ["from_location", "child_of", places, "parent"],
            ["to_location", "child_of", places, "parent"],
        ],
    ]
