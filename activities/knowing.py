"""Reads from the store what facts are told from, as far as the rules ask for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.network import Network
from domain.order import Order
from domain.quantities import FcId
from domain.subject import Subject, SubjectKind, of_customer, of_sku
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.schema import FactSource
from store import conditions, events, heard, scores, stock
from store import hazards as hazard_store
from store import network as network_store

# What is announced for later is known of already, so that facts can look ahead.
AHEAD = timedelta(days=14)
# What is known of a customer without any event.
_GIVEN = frozenset({"customer_tier", "customer_kind", "customer_id"})


def circumstances(
    session: Session, order: Order, network: Network, rules: Rules, now: datetime
) -> Circumstances:
    """Return what is known around an order, as far as these rules ask for it."""
    asked = _sources(rules)
    skus = [line.sku for line in order.lines]
    remembers = bool(rules.windows) or FactSource.CUSTOMER in asked
    loads = FactSource.LOAD in asked
    return Circumstances(
        network=network,
        skus=network_store.skus(session, skus),
        customer=network_store.customer(session, order.customer_id),
        hazards=hazard_store.in_force(session, now, AHEAD),
        conditions=conditions.in_force(session, now, AHEAD),
        histories=events.histories(session, subjects_of(order), now)
        if remembers
        else {},
        scores=scores.get(session) if remembers else None,
        free=stock.free(session, now, tuple(sorted(set(skus)))) if loads else None,
        center_load=_loads(session, network, now) if loads else None,
        heard_at=heard.since(session),
    )


def subjects_of(order: Order) -> tuple[Subject, ...]:
    """Return the customer and the SKUs an order depends on."""
    return (of_customer(order.customer_id), *(of_sku(line.sku) for line in order.lines))


def _sources(rules: Rules) -> frozenset[FactSource]:
    """Return the sources of the facts that any rule reads, but for those given."""
    names = {name for kind in SubjectKind for name in rules.of(kind).depends}
    specs = (rules.schema.get(name) for name in names - _GIVEN)
    return frozenset(spec.source for spec in specs if spec is not None)


def _loads(session: Session, network: Network, now: datetime) -> Mapping[FcId, float]:
    """Return the share of today's lines that are taken, where lines are limited."""
    lines = stock.taken(session, now).lines
    return {
        center.id: lines.get((center.id, center.local_day(now)), 0)
        / center.capacity_lines
        for center in network.centers
        if center.capacity_lines
    }
