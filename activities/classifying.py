"""Finds an order's segments and composes the policy they ask for."""

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
    facts: dict[str, Fact]
    as_of: Instant


class Classified(Value):
    """An order's segments and what they compile to."""

    classification: Classification
    policy: Policy
    words: tuple[str, ...] = ()


class Classifying:
    """Rules of the active rule set, compiled once per version."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._compiled: tuple[RuleSet, Rules] | None = None

    @activity.defn
    def classify(self, command: ClassifyOrder) -> Classified:
        """Classify the order with one version of the rules, and keep the result."""
        with self._store.writing() as session:
            active = segment_store.active(session) or ruleset.starter()
            rule_set, rules = self._rules(active)
            classification = rules.classify(command.facts, command.as_of)
            policy = compose.compose(
                rule_set, classification, command.order, command.as_of
            )
            segment_store.record(
                session, command.order.id, classification, command.as_of
            )
        return Classified(
            classification=classification,
            policy=policy,
            words=compose.explain(policy, classification),
        )

    def _rules(self, active: RuleSet) -> tuple[RuleSet, Rules]:
        if self._compiled is None or self._compiled[0].version != active.version:
            self._compiled = (active, Rules(active))
        return self._compiled
