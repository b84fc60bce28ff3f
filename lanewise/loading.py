"""Brings a network, its goods and its counted stock into the store."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from connectors.ports import WarehouseAdapter
from connectors.registry import Registry
from domain.customer import Customer
from domain.errors import ContractViolation, RateLimited, Unavailable
from domain.network import Network
from domain.quantities import FcId
from domain.segment import RuleSet
from domain.sku import Sku
from domain.warehousing import StockReport
from lanewise.people import Pseudonyms
from segmentation import ruleset
from store import network as network_store
from store import segments, stock
from store.engine import Store

ATTEMPTS = 6
PAUSE_S = 0.5


def publish(
    store: Store,
    network: Network,
    skus: Iterable[Sku],
    now: datetime,
    customers: Iterable[Customer] = (),
    rules: RuleSet | None = None,
) -> None:
    """Publish everything decisions rest on, in one transaction.

    Without ``rules`` the starter set is published. Customers, also those that
    centers name, are kept under their pseudonyms.
    """
    people = Pseudonyms(store)
    network, customers = people.network(network), people.customers(customers)
    with store.writing() as session:
        network_store.publish(session, network, now)
        network_store.save_skus(session, skus)
        network_store.save_customers(session, customers)
        segments.publish(session, rules or ruleset.starter(), now)


async def count_stock(store: Store, registry: Registry, network: Network) -> int:
    """Load every center's physical count through its port; return the units counted."""
    reports = await asyncio.gather(
        *(
            _count(registry.warehouse(center.id), center.id)
            for center in network.centers
        )
    )
    for report in reports:
        with store.writing() as session:
            stock.load(session, report)
    return sum(sum(report.on_hand.values()) for report in reports)


async def _count(warehouse: WarehouseAdapter, fc: FcId) -> StockReport:
    """Ask for a count again where the answer was late, cut off or none."""
    for attempt in range(1, ATTEMPTS):
        try:
            return await warehouse.stock(fc, None)
        except (Unavailable, RateLimited, ContractViolation) as error:
            asked_s = error.retry_after_s if isinstance(error, RateLimited) else 0
            await asyncio.sleep(max(asked_s, PAUSE_S * attempt))
    return await warehouse.stock(fc, None)
