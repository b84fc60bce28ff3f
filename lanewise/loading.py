"""Brings a network, its goods and its counted stock into the store."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from connectors.registry import Registry
from domain.customer import Customer
from domain.network import Network
from domain.segment import RuleSet
from domain.sku import Sku
from segmentation import ruleset
from store import network as network_store
from store import segments, stock
from store.engine import Store


def publish(
    store: Store,
    network: Network,
    skus: Iterable[Sku],
    now: datetime,
    customers: Iterable[Customer] = (),
    rules: RuleSet | None = None,
) -> None:
    """Publish everything decisions rest on, in one transaction.

    Without ``rules`` the starter set is published.
    """
    with store.writing() as session:
        network_store.publish(session, network, now)
        network_store.save_skus(session, skus)
        network_store.save_customers(session, customers)
        segments.publish(session, rules or ruleset.starter(), now)


async def count_stock(store: Store, registry: Registry, network: Network) -> int:
    """Load every center's physical count through its port; return the units counted."""
    reports = await asyncio.gather(
        *(
            registry.warehouse(center.id).stock(center.id, None)
            for center in network.centers
        )
    )
    for report in reports:
        with store.writing() as session:
            stock.load(session, report)
    return sum(sum(report.on_hand.values()) for report in reports)
