"""Reads what a Tryton database holds of a center's shipments and goods."""

from collections.abc import Sequence
from typing import Any

from connectors.tryton.mapping import Site, Work, overdrawn, parse_note
from connectors.tryton.records import (
    MOVE_FIELDS,
    NOTE_FIELDS,
    PRODUCT_FIELDS,
    SHIPMENT,
    SHIPMENT_FIELDS,
    Move,
    Note,
    Product,
    Shipment,
    records,
)
from connectors.tryton.rpc import Rpc
from domain.errors import ContractViolation
from domain.quantities import SkuId


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
        found = await self._search(
            site, "stock.move", [["shipment", "in", names]], MOVE_FIELDS
        )
        moves = records(Move, found, "stock.move")
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
        found = await self._search(site, "stock.move", domain, MOVE_FIELDS)
        return overdrawn(work, records(Move, found, "stock.move"), missing)

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
            if not isinstance(page, list):
                msg = f"{model}: expected a list"
                raise ContractViolation(msg)
            found += page
            if len(page) < self._page:
                return found
