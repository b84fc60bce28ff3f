"""Orders classified with all that is kept: events, conditions, rule sets on trial."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.classifying import Classified, Classifying, ClassifyOrder
from domain.condition import Condition, ConditionKind
from domain.event import BusinessEvent
from domain.order import Order
from domain.policy import Effects
from domain.segment import Classification, RuleSet, SegmentStatus
from domain.subject import SubjectKind, lane, of_customer, of_lane, of_order, of_sku
from lanewise.loading import publish
from store import changes, conditions, events
from store import segments as segment_store
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_rule_set,
    a_segment,
    a_sku,
    an_order,
    two_centers,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NETWORK = two_centers()
LANE = lane(NETWORK.centers[0].id, NETWORK.services[0].id)
ORDER = an_order()

KEEN = a_segment(
    id="keen",
    title="Looked three times this week",
    on=SubjectKind.CUSTOMER,
    when='events("viewed", within="7d") >= 3',
    effects=Effects(late_cents_per_h=77),
)
RETURNED = a_segment(
    id="comes-back",
    title="Often sent back",
    on=SubjectKind.SKU,
    when='events("returned", within="30d") >= 1',
    effects=Effects(damage_event_cents=900),
)
BROKEN = a_segment(
    id="broken-lane",
    title="Two failures today",
    on=SubjectKind.LANE,
    when='events("booking_refused", within="1d") >= 2',
    effects=Effects(block_lane=True),
)


def under(store: Store, *segments: Any, **more: Any) -> RuleSet:
    values = {"version": f"v-{'-'.join(s.id for s in segments)}"} | more
    rules = a_rule_set(*segments, **values)
    publish(store, NETWORK, (a_sku(),), MONDAY, rules=rules)
    return rules


def happened(store: Store, kind: str, *at: datetime, **to: Any) -> None:
    said = [
        BusinessEvent(id=f"{kind}-{n}", kind=kind, occurred_at=instant, **to)
        for n, instant in enumerate(at)
    ]
    with store.writing() as session:
        events.ingest(session, said, MONDAY)


def classify(store: Store, now: datetime = MONDAY, order: Order = ORDER) -> Classified:
    ask = ClassifyOrder(order=order, as_of=now)
    return asyncio.run(Classifying(store).classify(ask))


def member(found: Classification, segment: str) -> Any:
    return next(m for m in found.memberships if m.segment == segment)


def test_a_customers_segment_reaches_the_order_through_the_customer(
    sqlite_store: Store,
) -> None:
    under(sqlite_store, KEEN)
    views = (MONDAY - 6 * DAY, MONDAY - DAY, MONDAY - HOUR)
    happened(sqlite_store, "viewed", *views, customer_id=ORDER.customer_id)

    found = classify(sqlite_store)

    keen = member(found.classification, "keen")
    assert keen.through == of_customer(ORDER.customer_id)
    assert keen.valid_until == MONDAY + DAY
    assert found.classification.valid_until == MONDAY + DAY
    assert found.policy.money.late_cents_per_h == 77


def test_a_membership_has_ended_on_the_second_its_third_event_left(
    sqlite_store: Store,
) -> None:
    under(sqlite_store, KEEN)
    views = (MONDAY - 6 * DAY, MONDAY - DAY, MONDAY - HOUR)
    happened(sqlite_store, "viewed", *views, customer_id=ORDER.customer_id)

    before = classify(sqlite_store, MONDAY + DAY - timedelta(seconds=1))
    after = classify(sqlite_store, MONDAY + DAY)

    assert [m.segment for m in before.classification.memberships] == ["keen"]
    assert after.classification.memberships == ()
    with sqlite_store.reading() as session:
        said = changes.log(session, of_order(ORDER.id))
    assert [(c.entered, c.at) for c in said] == [
        (False, MONDAY + DAY),
        (True, MONDAY + DAY - timedelta(seconds=1)),
    ]


def test_a_skus_segment_reaches_every_order_with_it(sqlite_store: Store) -> None:
    under(sqlite_store, RETURNED)
    happened(sqlite_store, "returned", MONDAY - DAY, sku="LAMP")

    found = classify(sqlite_store)

    assert member(found.classification, "comes-back").through == of_sku(a_sku().id)
    assert found.policy.money.damage_event_cents == 900


def test_a_lanes_segment_blocks_that_lane_and_nothing_else(
    sqlite_store: Store,
) -> None:
    under(sqlite_store, BROKEN)
    failures = (MONDAY - 2 * HOUR, MONDAY - HOUR)
    happened(sqlite_store, "booking_refused", *failures, lane=LANE)

    found = classify(sqlite_store)

    assert member(found.classification, "broken-lane").through == of_lane(LANE)
    assert found.policy.limits.blocked_lanes == (LANE,)
    assert found.policy.sources["blocked_lanes"] == ("broken-lane",)


@pytest.mark.parametrize(
    ("hours", "blocked"), [(0, True), (5, True), (6, False)], ids=str
)
def test_a_center_is_avoided_while_its_outage_lasts(
    sqlite_store: Store, hours: int, blocked: bool
) -> None:
    under(sqlite_store, base=Effects(avoid_down=True))
    center = NETWORK.centers[0].id
    outage = Condition(
        id="OUT-1",
        kind=ConditionKind.CENTER_OUTAGE,
        center=center,
        valid_from=MONDAY,
        valid_until=MONDAY + 6 * HOUR,
        declared_by="ann",
    )
    with sqlite_store.writing() as session:
        conditions.declare(session, outage, MONDAY)

    found = classify(sqlite_store, MONDAY + hours * HOUR)

    assert (center in found.policy.limits.blocked_centers) is blocked
    assert found.classification.valid_until == (MONDAY + 6 * HOUR if blocked else None)


def test_a_rule_set_on_trial_says_what_it_would_do_and_does_nothing(
    sqlite_store: Store,
) -> None:
    active = under(sqlite_store)
    heavy = a_segment(id="heavy", when="units >= 1", effects=Effects(split_cents=5))
    trial = a_rule_set(heavy, version="trial-1")
    with sqlite_store.writing() as session:
        segment_store.save_draft(session, trial, "ann", "try it", MONDAY)
        segment_store.move(
            session, "trial-1", SegmentStatus.SHADOW, "ann", "try it", MONDAY
        )

    found = classify(sqlite_store)

    assert [m.version for m in found.classification.shadow] == ["trial-1"]
    assert found.classification.memberships == ()
    assert found.classification.version == active.version
    assert found.policy.money.split_cents == 0


async def test_a_decision_is_never_made_from_two_versions(sqlite_store: Store) -> None:
    under(sqlite_store, a_segment(id="one", when="units >= 1"))
    classifying = Classifying(sqlite_store)
    ask = ClassifyOrder(order=ORDER, as_of=MONDAY)
    before = await classifying.classify(ask)

    under(sqlite_store, a_segment(id="two", when="units >= 1"))
    after = await classifying.classify(ask)

    for found, segment in ((before, "one"), (after, "two")):
        members = found.classification.memberships
        assert [m.segment for m in members] == [segment]
        assert {m.version for m in members} == {f"v-{segment}"}
        assert found.classification.version == f"v-{segment}"
        assert set(found.policy.sources.get("review", ())) <= {segment}
