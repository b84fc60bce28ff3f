"""Reads from the store what facts are told from, as far as the rules ask for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.history import History
from domain.network import Network
from domain.order import Order
from domain.quantities import CarrierId, FcId
from domain.subject import (
    LaneId,
    Subject,
    SubjectKind,
    lane,
    of_customer,
    of_lane,
    of_sku,
)
from segmentation import health
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.declared.selling import SELLING
from segmentation.schema import FactSource
from store import conditions, events, heard, scores, stock
from store import hazards as hazard_store
from store import network as network_store

# What is announced for later is known of already, so that facts can look ahead.
AHEAD = timedelta(days=14)
# What is known of a customer without any event.
_GIVEN = frozenset({"customer_tier", "customer_kind", "customer_id"})
_SELLING = frozenset(spec.name for spec in SELLING)


def circumstances(
    session: Session, order: Order, network: Network, rules: Rules, now: datetime
) -> Circumstances:
    """Return what is known around an order, as far as these rules ask for it."""
    names = {name for kind in SubjectKind for name in rules.of(kind).depends} - _GIVEN
    asked = _sources(rules, names)
    skus = [line.sku for line in order.lines]
    remembers = (
        bool(rules.windows)
        or FactSource.CUSTOMER in asked
        or not names.isdisjoint(_SELLING)
    )
    lanes = lanes_of(network) if _asks_lanes(rules, asked) else ()
    subjects = (*subjects_of(order), *map(of_lane, lanes)) if remembers or lanes else ()
    histories = events.histories(session, subjects, now)
    return Circumstances(
        network=network,
        skus=network_store.skus(session, skus),
        customer=network_store.customer(session, order.customer_id),
        hazards=hazard_store.in_force(session, now, AHEAD),
        conditions=conditions.in_force(session, now, AHEAD),
        histories=histories,
        scores=scores.get(session) if remembers else None,
        free=stock.free(session, now, tuple(sorted(set(skus))))
        if FactSource.STOCK in asked
        else None,
        center_load=_loads(session, network, now) if FactSource.LOAD in asked else None,
        carrier_health=_health(network, lanes, histories, now)
        if FactSource.CARRIER in asked
        else None,
        heard_at=heard.since(session),
    )


def subjects_of(order: Order) -> tuple[Subject, ...]:
    """Return the customer and the SKUs an order depends on."""
    return (of_customer(order.customer_id), *(of_sku(line.sku) for line in order.lines))


def lanes_of(network: Network) -> tuple[LaneId, ...]:
    """Return every center with every service that collects there."""
    return tuple(
        lane(center.id, service.id)
        for center in network.centers
        for service in network.services
        if not center.pickups or center.pickup_of(service.carrier)
    )


def _asks_lanes(rules: Rules, asked: frozenset[FactSource]) -> bool:
    return bool(rules.segments(SubjectKind.LANE)) or FactSource.CARRIER in asked


def _sources(rules: Rules, names: Iterable[str]) -> frozenset[FactSource]:
    specs = (rules.schema.get(name) for name in names)
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


def _health(
    network: Network,
    lanes: Sequence[LaneId],
    histories: Mapping[Subject, History],
    now: datetime,
) -> Mapping[CarrierId, float]:
    carriers = {service.id: service.carrier for service in network.services}
    known = {id: histories[of_lane(id)] for id in lanes}
    return health.carrier_health(health.observe(known, carriers, now))
