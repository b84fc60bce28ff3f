"""Finds an order's segments and composes the policy they ask for."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session
from temporalio import activity

from activities.knowing import circumstances, lanes_of
from activities.published import Published
from activities.rules import CompiledRules
from activities.watching import Watching
from domain.order import Order
from domain.policy import Policy
from domain.quantities import Instant, Value
from domain.segment import Classification, Fact
from domain.subject import (
    Subject,
    SubjectKind,
    of_customer,
    of_lane,
    of_order,
    of_sku,
)
from segmentation import compose, downtime, facts
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules, joined
from segmentation.known import Look
from segmentation.limits import Limits
from segmentation.membership import changes, on_trial
from segmentation.window import Window
from store import changes as log
from store import segments as segment_store
from store.engine import Store


class ClassifyOrder(Value):
    """Say which segments this order is in as of an instant.

    ``facts`` are no longer heeded: they are gathered anew.
    """

    order: Order
    facts: dict[str, Fact] = {}  # noqa: RUF012  pydantic copies defaults
    as_of: Instant


class Classified(Value):
    """An order's segments, what they compile to, and why in words."""

    classification: Classification
    policy: Policy
    words: tuple[str, ...] = ()


class Classifier:
    """Facts, rules and policy in one go, by one version of the rules."""

    def __init__(self) -> None:
        self._published = Published()
        self._rules = CompiledRules()

    def classify(self, session: Session, order: Order, now: datetime) -> Classified:
        """Classify by one version of the rules from first to last.

        An order classified before keeps since when it is in its segments.
        """
        network = self._published.network(session)
        rules = self._rules.active(session)
        previous = segment_store.of_order(session, order.id)
        around = circumstances(session, order, network, rules, now)
        found = _found(order, around, rules, now, previous)
        if (trial := self._rules.shadow(session)) is not None:
            also = circumstances(session, order, network, trial, now)
            found = on_trial(found, _found(order, also, trial, now, previous))
        policy = compose.compose(rules.rule_set, found, order, now)
        known = facts.gather(order, around, now).values
        return Classified(
            classification=found,
            policy=policy,
            words=compose.explain(policy, found, order, known),
        )


def _found(
    order: Order,
    around: Circumstances,
    rules: Rules,
    now: datetime,
    previous: Classification | None,
) -> Classification:
    look = facts.look(order, around, *_counted(rules, SubjectKind.ORDER))
    own = rules.classify(look(now), now, previous, look=look)
    found = joined(own, *_through(order, around, rules, now, previous))
    conditions = around.conditions or ()
    turns = (found.valid_until, downtime.next_change(conditions, now))
    return found.model_copy(
        update={
            "down": downtime.down(conditions, around.network, now),
            "valid_until": min((at for at in turns if at is not None), default=None),
        }
    )


def _through(
    order: Order,
    around: Circumstances,
    rules: Rules,
    now: datetime,
    previous: Classification | None,
) -> Iterator[Classification]:
    """Classify those whose segments reach the order: customer, goods, lanes."""
    for on, subject, look in _subjects(order, around, rules):
        yield rules.classify(
            look(now), now, previous, look=look, on=on, through=subject
        )


def _subjects(
    order: Order, around: Circumstances, rules: Rules
) -> Iterator[tuple[SubjectKind, Subject, Look]]:
    kind = SubjectKind.CUSTOMER
    if rules.segments(kind):
        customer, counted = order.customer_id, _counted(rules, kind)
        look = facts.look_at_customer(customer, around, *counted)
        yield kind, of_customer(customer), look
    kind = SubjectKind.SKU
    for sku in [line.sku for line in order.lines] if rules.segments(kind) else ():
        look = facts.look_at_sku(sku, around, *_counted(rules, kind))
        yield kind, of_sku(sku), look
    kind = SubjectKind.LANE
    for lane in lanes_of(around.network) if rules.segments(kind) else ():
        look = facts.look_at_lane(lane, around, *_counted(rules, kind))
        yield kind, of_lane(lane), look


def _counted(rules: Rules, on: SubjectKind) -> tuple[tuple[Window, ...], Limits]:
    return rules.windows_of(on), rules.limits_of(on)


class Classifying:
    """Segments and policies of orders, kept as they are found."""

    def __init__(self, store: Store, watching: Watching | None = None) -> None:
        self._store = store
        self._watching = watching
        self._classifier = Classifier()

    @activity.defn
    async def classify(self, command: ClassifyOrder) -> Classified:
        """Classify the order and keep which segments it is in."""
        if self._watching is not None:
            await self._watching.refresh(command.as_of)
        return await asyncio.to_thread(self._classify, command.order, command.as_of)

    def _classify(self, order: Order, as_of: datetime) -> Classified:
        with self._store.reading() as session:
            before = segment_store.of_order(session, order.id)
            classified = self._classifier.classify(session, order, as_of)
        found = classified.classification
        moved = changes(of_order(order.id), before, found, as_of)

        def keep(session: Session) -> None:
            segment_store.record(session, order.id, found, as_of)
            log.append(session, moved, as_of)

        self._store.write(keep)
        return classified
