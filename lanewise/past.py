"""Orders of the past and what was known around them: what rules are tried on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from activities.knowing import circumstances, lanes_of
from domain.errors import LanewiseError
from domain.hazard import Hazard
from domain.network import Network
from domain.order import Order
from domain.quantities import Edge, FcId, Instant, SkuId
from domain.segment import Down, Fact
from domain.sku import Sku
from domain.subject import (
    Subject,
    SubjectKind,
    of_customer,
    of_lane,
    of_order,
    of_sku,
)
from lanewise.converter import sentence
from lanewise.people import Pseudonyms
from lanewise.world.geography import locate
from segmentation import downtime, facts
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.known import Facts, Look
from store import network as network_store
from store import orders, stock
from store.engine import Store

STORE = "store"
MOST = 1_000_000


class _Line(Edge):
    """One line of a history with facts of its own."""

    order: Order
    facts: dict[str, Fact] | None = None
    as_of: Instant | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """An order as it was decided; ``stated`` are facts its history tells itself."""

    order: Order
    as_of: datetime
    stated: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """An order of the past with what was known around it then.

    ``looks`` tell, of the order, its customer, its SKUs and (where rules are on
    lanes) every lane, the facts at any instant; ``facts`` are those at ``at``.
    """

    order: Order
    at: datetime
    facts: Mapping[Subject, Facts]
    looks: Mapping[Subject, Look] = field(default_factory=dict)
    down: Down = field(default_factory=Down)


@dataclass(frozen=True)
class Ground:
    """What orders of the past are held against: the world as it is now.

    Without ``store`` nothing is known but what files say. Without ``network``
    no facts can be told but those a history states itself.
    """

    store: Store | None = None
    network: Network | None = None
    skus: Mapping[SkuId, Sku] | None = None
    stock: Mapping[tuple[FcId, SkuId], int] = field(default_factory=dict)
    hazards: tuple[Hazard, ...] = ()


class HistoryError(LanewiseError):
    """A history cannot be read; the message names the line and what is wrong."""


def read(
    source: str,
    store: Store | None,
    *,
    since: datetime | None = None,
    limit: int | None = None,
) -> tuple[Past, ...]:
    """Read a history, oldest order first.

    Parameters
    ----------
    source
        ``store``, or a file with one JSON document per line: an order, or
        ``{"order": …, "facts": …, "as_of": …}``.
    since
        Only orders that came in (of a file: as of) from then on.
    limit
        Only the newest so many.

    Raises
    ------
    HistoryError
        When the file, or a line of it, cannot be read.
    """
    if source == STORE:
        if store is None:
            msg = "history: there is no store to read it from"
            raise HistoryError(msg)
        found = _of_store(store, limit)
    else:
        found = _known(store, list(_of_file(Path(source))))
    kept = [past for past in found if since is None or past.as_of >= since]
    kept.sort(key=lambda past: (past.as_of, past.order.id))
    return tuple(kept if limit is None else kept[-limit:])


def ground_of(store: Store, now: datetime) -> Ground:
    """Return the network, the goods and the free stock as they are now."""
    with store.reading() as session:
        return Ground(
            store=store,
            network=network_store.active(session),
            stock=stock.free(session, now),
        )


def tell(pasts: Sequence[Past], ground: Ground, rules: Rules) -> Iterator[Told]:
    """Tell the facts around each order as of its own instant.

    Events, alerts and conditions count if they had happened by then; customers,
    goods and the network are taken as they are now.
    """
    if ground.store is None or ground.network is None:
        for past in pasts:
            yield _told(past, _around(ground), rules)
        return
    with ground.store.reading() as session:
        for past in pasts:
            around = circumstances(
                session, past.order, ground.network, rules, past.as_of
            )
            yield _told(past, around, rules)


def _told(past: Past, around: Circumstances | None, rules: Rules) -> Told:
    order, subject = located(past.order), of_order(past.order.id)
    looks = {} if around is None else dict(_looks(order, around, rules))
    if past.stated or subject not in looks:
        looks[subject] = _stating(past.stated, looks.get(subject))
    known = {name: look(past.as_of) for name, look in looks.items()}
    if around is None:
        return Told(order, past.as_of, known, looks)
    down = downtime.down(around.conditions or (), around.network, past.as_of)
    return Told(order, past.as_of, known, looks, down)


def _looks(
    order: Order, around: Circumstances, rules: Rules
) -> Iterator[tuple[Subject, Look]]:
    """Yield what tells the facts of everything the rules are on."""
    counted = rules.windows_of(SubjectKind.ORDER)
    yield of_order(order.id), facts.look(order, around, counted)
    if rules.segments(SubjectKind.CUSTOMER):
        name, counted = order.customer_id, rules.windows_of(SubjectKind.CUSTOMER)
        yield of_customer(name), facts.look_at_customer(name, around, counted)
    if rules.segments(SubjectKind.SKU):
        counted = rules.windows_of(SubjectKind.SKU)
        for sku in dict.fromkeys(line.sku for line in order.lines):
            yield of_sku(sku), facts.look_at_sku(sku, around, counted)
    if rules.segments(SubjectKind.LANE):
        counted = rules.windows_of(SubjectKind.LANE)
        for each in lanes_of(around.network):
            yield of_lane(each), facts.look_at_lane(each, around, counted)


def _stating(stated: Mapping[str, Fact], look: Look | None) -> Look:
    """Let what a history states itself stand above what is told."""

    def tell(at: datetime) -> Facts:
        known = Facts() if look is None else look(at)
        drifts = {n: d for n, d in known.drifts.items() if n not in stated}
        steps = {n: s for n, s in known.steps.items() if n not in stated}
        return Facts({**known.values, **stated}, drifts, steps)

    return tell


def located(order: Order) -> Order:
    """Return the order with its destination found on the map, if possible."""
    return order.model_copy(update={"ship_to": locate(order.ship_to)})


def _around(ground: Ground) -> Circumstances | None:
    if ground.network is None:
        return None
    return Circumstances(
        network=ground.network, skus=ground.skus or {}, hazards=ground.hazards
    )


def _of_store(store: Store, limit: int | None) -> list[Past]:
    """Take each order as of when it came in: then its facts were first told."""
    with store.reading() as session:
        listed = orders.listing(session, limit=limit or MOST)
    return [Past(kept.order, kept.received_at) for kept in listed]


def _of_file(path: Path) -> Iterator[Past]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _of_line(line, f"{path}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"history {path}: cannot be read: {error}"
        raise HistoryError(msg) from error


def _of_line(line: str, where: str) -> Past:
    try:
        document = json.loads(line)
        wrapped = isinstance(document, dict) and "order" in document
        said = _Line.model_validate(document if wrapped else {"order": document})
    except ValidationError as error:
        msg = f"history {where}: {sentence(error)}"
        raise HistoryError(msg) from error
    except ValueError as error:
        msg = f"history {where}: this is not JSON: {error}"
        raise HistoryError(msg) from error
    return Past(said.order, said.as_of or said.order.placed_at, said.facts or {})


def _known(store: Store | None, pasts: list[Past]) -> list[Past]:
    """Name customers that the store knows by their pseudonyms; keep no others."""
    if store is None or not pasts:
        return pasts
    renamed = Pseudonyms(store).known(past.order for past in pasts)
    return [
        Past(order, past.as_of, past.stated)
        for order, past in zip(renamed, pasts, strict=True)
    ]
