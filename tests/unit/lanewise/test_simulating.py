"""What another rule set would have changed, through the optimizer."""

from datetime import timedelta
from typing import Any

import pytest

from domain.network import ServiceMode
from domain.order import Order
from domain.policy import Effects
from domain.segment import RuleSet
from lanewise import past
from lanewise.past import Ground, Past
from lanewise.simulating import Simulation, World, batches, simulate
from segmentation.classify import Rules
from segmentation.simulation import judge
from tests.builders import (
    MONDAY,
    a_line,
    a_network,
    a_rule_set,
    a_segment,
    a_sku,
    an_order,
)

NETWORK, SKUS = a_network(), {a_sku().id: a_sku()}
WORLD = World(
    NETWORK, SKUS, {(c.id, sku): 100 for c in NETWORK.centers for sku in SKUS}
)
BY_AIR = Effects(allowed_modes=(ServiceMode.AIR,))
ORDERS = tuple(an_order(id=f"o-{n}", lines=(a_line("LAMP", n),)) for n in (1, 2, 3))
NOW = a_rule_set(a_segment(id="big", when="units >= 2", effects=Effects()))


def tried(after: RuleSet, world: World = WORLD, **before: Any) -> Simulation:
    ground = Ground(network=world.network, skus=world.skus)
    pasts = [Past(order, order.placed_at) for order in before.get("orders", ORDERS)]
    old, new = Rules(before.get("rules", NOW)), Rules(after)
    return simulate(
        (old, list(past.tell(pasts, ground, old))),
        (new, list(past.tell(pasts, ground, new))),
        world,
    )


def test_the_same_rules_change_nothing() -> None:
    found = tried(NOW)

    assert (found.orders, found.moved) == (3, 0)
    assert found.before == found.after
    assert (found.segments, found.terms, found.worst) == ((), (), ())


def test_sending_more_by_air_costs_more_and_arrives_sooner() -> None:
    found = tried(a_rule_set(a_segment(id="big", when="units >= 2", effects=BY_AIR)))

    assert found.moved == 2
    assert found.after.cash_cents > found.before.cash_cents
    assert found.after.p90_h < found.before.p90_h
    assert found.terms == (("allowed_modes", 2),)


def test_what_a_segment_costs_is_what_its_orders_cost_more() -> None:
    found = tried(a_rule_set(a_segment(id="huge", when="units >= 3", effects=BY_AIR)))

    costs = {str(each.segment): each for each in found.segments}
    assert (costs["huge"].gained, costs["big"].lost) == (1, 2)
    assert costs["huge"].cash_cents == found.after.cash_cents - found.before.cash_cents


def test_orders_without_a_plan_are_named_for_each() -> None:
    nowhere = Effects(allowed_modes=(ServiceMode.LTL,))

    found = tried(a_rule_set(a_segment(id="big", when="units >= 2", effects=nowhere)))

    assert (found.no_plan_before, found.no_plan_after) == ((), ("o-2", "o-3"))
    assert found.before.orders == found.after.orders == 1
    assert {trial.shift.order_id for trial in found.worst} == {"o-2", "o-3"}


def test_lateness_counts_from_deliver_by() -> None:
    soon = an_order(deliver_by=MONDAY + timedelta(hours=40))

    found = tried(
        a_rule_set(a_segment(when="units >= 1", effects=BY_AIR)), orders=[soon]
    )

    assert (found.before.late_orders, found.after.late_orders) == (1, 0)
    assert found.before.late_h == found.before.p90_h - 40


def test_reviews_are_counted() -> None:
    looked_at = Effects(review="a person looks at these")

    found = tried(a_rule_set(a_segment(id="big", when="units >= 2", effects=looked_at)))

    assert (found.before.reviews, found.after.reviews) == (0, 2)


def test_both_begin_with_the_same_stock() -> None:
    scarce = World(NETWORK, SKUS, {(NETWORK.centers[0].id, a_sku().id): 3})

    found = tried(NOW, scarce)

    assert found.no_plan_before == found.no_plan_after
    assert found.before.orders == 2


def test_the_same_question_has_one_answer() -> None:
    rules = a_rule_set(a_segment(id="big", when="units >= 2", effects=BY_AIR))

    assert tried(rules) == tried(rules)


@pytest.mark.parametrize(
    ("minutes", "sizes"), [((0, 1, 4), [3]), ((0, 6, 7), [1, 2]), ((0,) * 70, [64, 6])]
)
def test_orders_that_came_together_are_planned_together(
    minutes: tuple[int, ...], sizes: list[int]
) -> None:
    def placed(minute: int) -> Order:
        return an_order(placed_at=MONDAY + timedelta(minutes=minute))

    rules = Rules(NOW)
    judged = [judge(rules, o, {}, o.placed_at) for o in map(placed, minutes)]

    assert [len(batch) for batch in batches(judged)] == sizes
