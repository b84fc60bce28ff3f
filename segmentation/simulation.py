"""What another rule set would change for orders of the past: segments and policies."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.order import Order
from domain.policy import Policy
from domain.quantities import OrderId, SegmentId
from domain.segment import Classification, Down
from domain.subject import Subject, kind_of, of_order
from segmentation.classify import Rules, joined
from segmentation.compose import compose
from segmentation.known import Facts, Look


@dataclass(frozen=True, slots=True)
class Judged:
    """An order under one rule set: its segments and the policy they ask for."""

    order: Order
    at: datetime
    classification: Classification
    policy: Policy

    @property
    def segments(self) -> frozenset[SegmentId]:
        members = self.classification.memberships
        return frozenset(member.segment for member in members)


@dataclass(frozen=True, slots=True)
class Shift:
    """What one order gains and loses; ``terms`` are where its policy differs.

    ``changed`` are segments it is in before and after that ask for such a term.
    """

    order_id: OrderId
    gained: tuple[SegmentId, ...] = ()
    lost: tuple[SegmentId, ...] = ()
    terms: tuple[str, ...] = ()
    changed: tuple[SegmentId, ...] = ()

    @property
    def moved(self) -> bool:
        return bool(self.gained or self.lost or self.terms)

    @property
    def touched(self) -> frozenset[SegmentId]:
        return frozenset((*self.gained, *self.lost, *self.changed))


def judge(
    rules: Rules,
    order: Order,
    told: Mapping[Subject, Facts],
    at: datetime,
    *,
    down: Down | None = None,
    looks: Mapping[Subject, Look] | None = None,
) -> Judged:
    """Classify an order and compose its policy, as is done when it is decided.

    Parameters
    ----------
    told
        The facts of the order, its customer, its SKUs, and the lanes it might
        take; what is not there is in no segment.
    down
        What is out of service then.
    looks
        What tells those facts later on, where it matters when memberships end.
    """
    ahead = looks or {}
    own = of_order(order.id)
    mine = rules.classify(told.get(own, Facts()), at, look=ahead.get(own))
    others = (
        rules.classify(facts, at, look=ahead.get(name), on=kind_of(name), through=name)
        for name, facts in told.items()
        if name != own and rules.segments(kind_of(name))
    )
    found = joined(mine, *others)
    if down is not None:
        found = found.model_copy(update={"down": down})
    return Judged(order, at, found, compose(rules.rule_set, found, order, at))


def shift(before: Judged, after: Judged) -> Shift:
    """Compare one order under two rule sets."""
    terms = changed_terms(before.policy, after.policy)
    asking = {
        segment
        for policy in (before.policy, after.policy)
        for term in terms
        for segment in policy.sources.get(term, ())
    }
    return Shift(
        order_id=before.order.id,
        gained=tuple(sorted(after.segments - before.segments)),
        lost=tuple(sorted(before.segments - after.segments)),
        terms=terms,
        changed=tuple(sorted(asking & before.segments & after.segments)),
    )


def changed_terms(before: Policy, after: Policy) -> tuple[str, ...]:
    """Name the terms on which two policies differ; who asked for them is moot."""
    old, new = _terms(before), _terms(after)
    return tuple(term for term in old if old[term] != new[term])


def tallied(shifts: Iterable[Shift]) -> tuple[Counter[SegmentId], ...]:
    """Count by segment the orders that gain, that lose, and that stay but change."""
    gained: Counter[SegmentId] = Counter()
    lost: Counter[SegmentId] = Counter()
    changed: Counter[SegmentId] = Counter()
    for each in shifts:
        gained.update(each.gained)
        lost.update(each.lost)
        changed.update(each.changed)
    return gained, lost, changed


def _terms(policy: Policy) -> dict[str, object]:
    """Lay a policy's terms side by side, by name."""
    rest = {
        name: getattr(policy, name)
        for name in ("relax", "review_above_cents", "queue_priority", "move_gain_cents")
    }
    return {
        **dict(policy.limits),
        **dict(policy.money),
        **rest,
        "review": policy.review,
    }
