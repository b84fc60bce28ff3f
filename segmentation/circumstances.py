"""All that is known around an order when its facts are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.condition import Condition
from domain.customer import Customer
from domain.hazard import Hazard
from domain.history import History, Scores
from domain.network import Network
from domain.quantities import CarrierId, FcId, SkuId
from domain.segment import Fact
from domain.sku import Sku
from domain.subject import Subject


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The world around an order, as last heard of.

    None means nobody knows, which is not the same as none. ``free`` are units
    by center and SKU; ``center_load`` is the share of today's capacity that is
    taken; ``carrier_health`` the share of recent effects that went well.
    ``heard_at`` says when each source was last heard of, by its name
    (``hazard``, ``stock``, ``carrier``, ``load``, ``prediction``); facts of a
    source older than they may be are unknown, one that is not named is as fresh
    as the question. A subject that is missing from ``histories`` is unknown;
    one that never did anything has an empty one. ``predictions`` are facts by
    name.
    """

    network: Network
    skus: Mapping[SkuId, Sku] = field(default_factory=dict)
    customer: Customer | None = None
    hazards: tuple[Hazard, ...] | None = ()
    conditions: tuple[Condition, ...] | None = ()
    histories: Mapping[Subject, History] = field(default_factory=dict)
    scores: Scores | None = None
    free: Mapping[tuple[FcId, SkuId], int] | None = None
    center_load: Mapping[FcId, float] | None = None
    carrier_health: Mapping[CarrierId, float] | None = None
    predictions: Mapping[str, Fact] = field(default_factory=dict)
    heard_at: Mapping[str, datetime] = field(default_factory=dict)
