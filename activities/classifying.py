"""Finds an order's segments and composes the policy they ask for."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session
from temporalio import activity

from domain.order import Order
from domain.policy import Policy
from domain.quantities import Instant, Value
from domain.segment import Classification, Fact, RuleSet
from segmentation import compose, ruleset
from segmentation.classify import Rules
from store import segments as segment_store
from store.engine import Store


class ClassifyOrder(Value):
    """Classify this order by these facts."""

    order: Order
    facts: dict[str, Fact] = {}  # noqa: RUF012  pydantic copies defaults
    as_of: Instant


class Classified(Value):
    """An order's segments, what they compile to, and why in words."""

    classification: Classification
    policy: Policy
    words: tuple[str, ...] = ()


class Compiled:
    """The active rule set, compiled once per version."""

    def __init__(self) -> None:
        self._rules: tuple[RuleSet, Rules] | None = None

    def classify(
        self, session: Session, order: Order, facts: Mapping[str, Fact], now: datetime
    ) -> Classified:
        """Classify with one version of the rules from first to last.

        An order classified before keeps since when it is in its segments.
        """
        rule_set, rules = self._current(session)
        previous = segment_store.of_order(session, order.id)
        classification = rules.classify(facts, now, previous)
        policy = compose.compose(rule_set, classification, order, now)
        return Classified(
            classification=classification,
            policy=policy,
            words=compose.explain(policy, classification),
        )

    def _current(self, session: Session) -> tuple[RuleSet, Rules]:
        version = segment_store.active_version(session)
        if self._rules is None or self._rules[0].version != version:
            rule_set = segment_store.active(session) or ruleset.starter()
            if self._rules is None or self._rules[0].version != rule_set.version:
                self._rules = (rule_set, Rules(rule_set))
        return self._rules


class Classifying:
    """Segments and policies of orders, kept as they are found."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._compiled = Compiled()

    @activity.defn
    def classify(self, command: ClassifyOrder) -> Classified:
        """Classify the order and keep which segments it is in."""
        with self._store.reading() as session:
            classified = self._compiled.classify(
                session, command.order, command.facts, command.as_of
            )
        with self._store.writing() as session:
            segment_store.record(
                session, command.order.id, classified.classification, command.as_of
            )
        return classified
