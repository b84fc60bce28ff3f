"""Reads from the store what facts are told from, as far as the rules ask for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.history import History
from domain.network import Network
from domain.order import Order
from domain.quantities import CarrierId, FcId, SkuId
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
from segmentation.schema import FactSource
from store import conditions, events, heard, scores, stock
from store import hazards as hazard_store
from store import network as network_store

# What is announced for later is known of already, so that facts can look ahead.
AHEAD = timedelta(days=14)


def circumstances(
    session: Session, order: Order, network: Network, rules: Rules, now: datetime
) -> Circumstances:
    """Return what is known around an order, as far as these rules ask for it."""
    needed = needs_of(rules)
    skus = [line.sku for line in order.lines]
    by_lane = bool(rules.segments(SubjectKind.LANE)) or "carrier_health" in needed
    lanes = lanes_of(network) if by_lane else ()
    subjects = subjects_of(order) if "histories" in needed else ()
    histories = events.histories(session, (*subjects, *map(of_lane, lanes)), now)
    return Circumstances(
        network=network,
        skus=network_store.skus(session, skus),
        customer=network_store.customer(session, order.customer_id),
        hazards=hazard_store.in_force(session, now, AHEAD),
        conditions=conditions.in_force(session, now, AHEAD),
        histories=histories,
        scores=scores.get(session) if "scores" in needed else None,
        free=stock.free(session, now, tuple(sorted(set(skus))))
        if "free" in needed
        else None,
        center_load=_loads(session, network, now) if "center_load" in needed else None,
        carrier_health=health_of(network, lanes, histories, now)
        if "carrier_health" in needed
        else None,
        heard_at=_heard_at(session, skus if "free" in needed else ()),
    )


def _heard_at(session: Session, skus: Sequence[SkuId]) -> Mapping[str, datetime]:
    counted = heard.counted(session, skus) if skus else None
    known = heard.since(session)
    return known if counted is None else known | {FactSource.STOCK: counted}


def needs_of(rules: Rules) -> frozenset[str]:
    """Name the circumstances that anything these rules read rests on."""
    names = {name for kind in SubjectKind for name in rules.of(kind).depends}
    specs = (rules.schema.get(name) for name in names)
    needed = {need for spec in specs if spec is not None for need in spec.needs}
    return frozenset(needed | ({"histories"} if rules.windows else set()))


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


def _loads(session: Session, network: Network, now: datetime) -> Mapping[FcId, float]:
    """Return the share of today's lines that are taken, where lines are limited."""
    lines = stock.taken(session, now).lines
    return {
        center.id: lines.get((center.id, center.local_day(now)), 0)
        / center.capacity_lines
        for center in network.centers
        if center.capacity_lines
    }


def health_of(
    network: Network,
    lanes: Sequence[LaneId],
    histories: Mapping[Subject, History],
    now: datetime,
) -> Mapping[CarrierId, float]:
    """Return how well each carrier did lately on these lanes."""
    carriers = {service.id: service.carrier for service in network.services}
    known = {id: histories[of_lane(id)] for id in lanes}
    return health.carrier_health(health.observe(known, carriers, now))
