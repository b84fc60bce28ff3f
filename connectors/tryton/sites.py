"""What every shipment from a center has in common, read once."""

from collections.abc import Mapping
from typing import Any

from connectors.tryton.mapping import Site
from connectors.tryton.records import (
    WAREHOUSE_FIELDS,
    Company,
    Customer,
    Preferences,
    Warehouse,
    records,
)
from connectors.tryton.rpc import Rpc
from connectors.tryton.settings import TrytonSettings
from domain.errors import InvalidRequest, NotFound
from domain.quantities import FcId


class Sites:
    """Centers by our name; what is configured wrongly is named."""

    def __init__(self, settings: TrytonSettings, rpc: Rpc) -> None:
        self._settings = settings
        self._rpc = rpc
        self._known: dict[FcId, Site] = {}

    async def of(self, fc: FcId) -> Site:
        """Return a center's warehouse; NotFound where none is configured."""
        if fc not in self._known:
            self._known[fc] = await self._looked_up(fc)
        return self._known[fc]

    async def _looked_up(self, fc: FcId) -> Site:
        code = self._settings.warehouses.get(fc)
        if code is None:
            known = ", ".join(sorted(self._settings.warehouses))
            msg = f"fc {fc!r}: not among the warehouses of this connection ({known})"
            raise NotFound(msg)
        preferences = records(
            Preferences,
            [await self._rpc.ask("model.res.user.get_preferences", True)],
            "preferences",
        )[0]
        if preferences.company is None:
            msg = "user: belongs to no company; give it one in Tryton"
            raise InvalidRequest(msg)
        context = {"company": preferences.company}
        company = await self._rpc.ask(
            "model.company.company.read",
            [preferences.company],
            ["currency"],
            context=context,
        )
        warehouse = await self._one(
            "stock.location",
            [["type", "=", "warehouse"], ["code", "=", code]],
            WAREHOUSE_FIELDS,
            context,
            f"warehouses.{fc}: {code!r}",
        )
        party = await self._one(
            "party.party",
            [["code", "=", self._settings.customer]],
            ["addresses", "customer_location"],
            context,
            f"customer: {self._settings.customer!r}",
        )
        customer = records(Customer, [party], "party.party")[0]
        if not customer.addresses or customer.customer_location is None:
            msg = f"customer {self._settings.customer!r}: has no address or location"
            raise InvalidRequest(msg)
        return Site(
            fc=fc,
            warehouse=records(Warehouse, [warehouse], "stock.location")[0],
            company=preferences.company,
            currency=records(Company, company, "company.company")[0].currency,
            customer=customer.id,
            address=customer.addresses[0],
            customer_location=customer.customer_location,
        )

    async def _one(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        context: Mapping[str, Any],
        what: str,
    ) -> Any:
        found = await self._rpc.ask(
            f"model.{model}.search_read", domain, 0, 2, None, fields, context=context
        )
        if not isinstance(found, list) or len(found) != 1:
            many = len(found) if isinstance(found, list) else 0
            msg = f"{what} names {many} records of {model}; it must name one"
            raise InvalidRequest(msg)
        return found[0]
