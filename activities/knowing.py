"""Reads from the store what facts are told from, as far as the rules ask for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.network import Network
from domain.order import Order
from domain.subject import Subject, of_customer, of_sku
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from store import hazards as hazard_store
from store import heard
from store import network as network_store

# Alerts announced for later are known of already, so that facts can look ahead.
AHEAD = timedelta(days=14)


def circumstances(
    session: Session, order: Order, network: Network, rules: Rules, now: datetime
) -> Circumstances:
    """Return what is known around an order, for these rules, as of now."""
    return Circumstances(
        network=network,
        skus=network_store.skus(session, [line.sku for line in order.lines]),
        customer=network_store.customer(session, order.customer_id),
        hazards=hazard_store.in_force(session, now, AHEAD),
        heard_at=heard.since(session),
    )


def subjects_of(order: Order) -> tuple[Subject, ...]:
    """Return the customer and the SKUs an order depends on."""
    skus: Iterable[Subject] = (of_sku(line.sku) for line in order.lines)
    return (of_customer(order.customer_id), *skus)
