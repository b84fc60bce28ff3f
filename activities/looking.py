"""Reads from the store what customers, SKUs and lanes are judged by."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from activities.knowing import AHEAD, health_of, lanes_of, needs_of
from domain.network import Network
from domain.quantities import CustomerId, SkuId
from domain.subject import (
    LaneId,
    Subject,
    SubjectKind,
    kind_of,
    name_of,
    of_lane,
)
from segmentation import facts
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.known import Look
from store import conditions, events, heard, scores, stock
from store import hazards as hazard_store
from store import network as network_store

# Before a network is published customers and SKUs have their segments too.
NOWHERE = Network.model_construct(version="none", centers=(), services=())


class Looking:
    """Tells, for each subject, its facts at any instant from what is known now."""

    def __init__(self) -> None:
        self._network = NOWHERE

    def __call__(
        self, session: Session, rules: Rules, names: Sequence[Subject], now: datetime
    ) -> dict[Subject, Look]:
        """Read what is known of subjects of one kind, in a few queries."""
        around = self._around(session, rules, names, now)
        return {name: _look(session, rules, around, name) for name in names}

    def _around(
        self, session: Session, rules: Rules, names: Sequence[Subject], now: datetime
    ) -> Circumstances:
        needed, network = needs_of(rules), self._active(session)
        skus = [SkuId(name_of(n)) for n in names if kind_of(n) is SubjectKind.SKU]
        lanes = any(kind_of(name) is SubjectKind.LANE for name in names)
        ways = lanes_of(network) if lanes and "carrier_health" in needed else ()
        histories = events.histories(session, (*names, *map(of_lane, ways)), now)
        return Circumstances(
            network=network,
            skus=network_store.skus(session, skus),
            hazards=hazard_store.in_force(session, now, AHEAD) if lanes else None,
            conditions=conditions.in_force(session, now, AHEAD) if lanes else None,
            histories=histories,
            scores=scores.get(session),
            free=stock.free(session, now, tuple(sorted(set(skus)))) if skus else None,
            carrier_health=health_of(network, ways, histories, now) if ways else None,
            heard_at=heard.since(session),
        )

    def _active(self, session: Session) -> Network:
        version = network_store.active_version(session)
        if self._network.version != version:
            self._network = network_store.active(session) or NOWHERE
        return self._network


def _look(session: Session, rules: Rules, around: Circumstances, name: Subject) -> Look:
    kind, own = kind_of(name), name_of(name)
    counted = rules.windows_of(kind), rules.limits_of(kind)
    match kind:
        case SubjectKind.CUSTOMER:
            known = network_store.customer(session, CustomerId(own))
            mine = replace(around, customer=known)
            return facts.look_at_customer(CustomerId(own), mine, *counted)
        case SubjectKind.SKU:
            return facts.look_at_sku(SkuId(own), around, *counted)
        case SubjectKind.LANE:
            return facts.look_at_lane(LaneId(own), around, *counted)
        case SubjectKind.ORDER:
            msg = f"{name}: orders look at their facts themselves"
            raise ValueError(msg)
