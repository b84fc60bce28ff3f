from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history import Entry, History, Scores, history_of, trimmed
from domain.segment import RuleSet, Segment
from domain.subject import SubjectKind
from segmentation.behavior import FACTS, LIFECYCLE, tell
from segmentation.classify import Rules
from segmentation.known import Facts
from segmentation.timeline import flips
from tests.builders import MONDAY
from tests.unit.segmentation.histories import (
    an_entry,
    an_order_placed,
    entries,
    orders,
)

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
KINDS = (
    *("order_placed", "order_placed", "order_canceled"),
    *("returned", "complained", "delivered_late"),
)
SCORES = Scores(
    found_at=MONDAY,
    recency_days=(10, 20.5, 40, 80),
    orders_365d=(1, 1, 2, 4),
    money_365d_cents=(100_000, 200_000, 300_000, 900_000),
)


def told(history: History, days: float = 0, scores: Scores | None = None) -> Facts:
    return tell(history, scores, MONDAY + timedelta(days=days))


def stage(*days_ago: float) -> object:
    return told(orders(*days_ago)).values["lifecycle"]


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ((), "new"),
        ((0,), "first-time"),
        ((89.9,), "first-time"),
        ((90,), "at-risk"),
        ((364.9,), "at-risk"),
        ((365,), "dormant"),
        ((100, 89), "active"),
        ((100, 90), "at-risk"),
        ((89, 40, 1), "loyal"),
        ((91, 40, 1), "active"),
        ((364, 200, 100, 20), "loyal"),
        ((366, 200, 100, 20), "active"),
        # A cadence of 30 days: at risk after 60, dormant after 120.
        ((119, 89, 59), "active"),
        ((120, 90, 60), "at-risk"),
        ((179, 149, 119), "at-risk"),
        ((180, 150, 120), "dormant"),
        # A weekly shopper is given 45 and 90 days, a yearly one 300 and 365.
        ((58, 51, 44), "loyal"),
        ((59, 52, 45), "at-risk"),
        ((104, 97, 90), "dormant"),
        ((1_000, 650, 299), "active"),
        ((1_000, 650, 300), "at-risk"),
    ],
)
def test_lifecycle_follows_orders_and_silence(
    days_ago: tuple[float, ...], expected: str
) -> None:
    assert stage(*days_ago) == expected


def test_a_stage_ends_at_the_exact_instant_silence_is_too_long() -> None:
    history = orders(0)
    ends = told(history).steps["lifecycle"]

    assert ends == MONDAY + timedelta(days=90)
    assert tell(history, None, ends - TICK).values["lifecycle"] == "first-time"
    assert tell(history, None, ends).values["lifecycle"] == "at-risk"


def test_loyalty_ends_when_the_fourth_order_is_a_year_ago() -> None:
    assert told(orders(364, 200, 100, 20)).steps["lifecycle"] == (
        MONDAY + timedelta(days=1)
    )


def test_returns_are_told_again_when_one_leaves_or_is_to_come() -> None:
    back = [an_entry("returned", days, units=1) for days in (364, -3)]
    history = history_of((an_order_placed(9), *back))

    assert told(history).steps["returns_rate"] == MONDAY + timedelta(days=1)
    assert told(history, 1).steps["returns_rate"] == MONDAY + timedelta(days=3)


@pytest.mark.parametrize("kind", ["order_canceled", "order_cancelled"])
def test_a_canceled_order_counts_until_it_is_canceled(kind: str) -> None:
    placed = an_order_placed(10, order_id="O-1")
    history = history_of((placed, an_entry(kind, days_ago=5, order_id="O-1")))

    before, after = told(history, -6), told(history)

    assert before.values["lifecycle"] == "first-time"
    assert before.steps["orders_30d"] == MONDAY - timedelta(days=5)
    assert (after.values["lifecycle"], after.values["orders_30d"]) == ("new", 0)
    assert "recency_days" not in after.values


def test_a_cancellation_that_names_no_known_order_changes_nothing() -> None:
    kept = an_order_placed(10, order_id=None)
    cancelled = [an_entry("order_canceled", order_id=o) for o in (None, "O-9")]

    facts = told(history_of((kept, *cancelled)))

    assert facts.values["orders_30d"] == 1


def test_orders_and_money_leave_their_windows_on_the_instant() -> None:
    history = history_of((an_order_placed(40, 7_00), an_order_placed(10, 5_00)))

    facts = told(history)

    assert [facts.values[f"orders_{d}d"] for d in (30, 90, 365)] == [1, 2, 2]
    assert [facts.values[f"spent_{d}d_cents"] for d in (30, 90, 365)] == [
        *(5_00, 12_00, 12_00)
    ]
    assert facts.steps["spent_30d_cents"] == MONDAY + timedelta(days=20)
    assert facts.steps["orders_90d"] == MONDAY + timedelta(days=50)


def test_money_is_unknown_while_an_order_without_a_value_counts() -> None:
    history = history_of((an_order_placed(20), an_order_placed(10, value_cents=None)))

    assert "spent_30d_cents" not in told(history).values
    assert told(history, 20).values["spent_30d_cents"] == 0


def test_cadence_is_the_median_gap_of_the_newest_orders() -> None:
    assert told(orders(50, 40, 10, 0)).values["order_cadence_days"] == 10
    assert told(orders(50, 40, 9, 0)).values["order_cadence_days"] == 10
    assert told(orders(50, 40, 10)).values["order_cadence_days"] == 20
    assert "order_cadence_days" not in told(orders(50, 40)).values
    assert told(orders(990, *range(13))).values["order_cadence_days"] == 1


def test_recency_runs_with_the_clock() -> None:
    facts = told(orders(12))

    assert facts.values["recency_days"] == 12
    assert facts.drifts == {"recency_days": pytest.approx(1 / 24)}


@pytest.mark.parametrize(
    ("placed", "returned", "rate"),
    [
        ((4, 6), (1, 1), 0.2),
        ((4, None), (1,), 0.5),
        ((4, 6), (None, None), 1.0),
        ((1,), (5,), 1.0),
        ((3,), (), 0.0),
        ((0,), (), None),
        ((), (1,), None),
    ],
)
def test_returns_are_of_units_or_where_those_are_missing_of_orders(
    placed: tuple[int | None, ...], returned: tuple[int | None, ...], rate: float | None
) -> None:
    history = history_of(
        [an_order_placed(9, units=units) for units in placed]
        + [an_entry("returned", 3, units=units) for units in returned]
    )

    assert told(history).values.get("returns_rate") == rate


def test_an_order_returned_in_two_parts_is_one_returned_order() -> None:
    parts = [an_entry("returned", 3, order_id="O-1") for _ in range(2)]
    history = history_of((*parts, an_order_placed(9), an_order_placed(8)))

    assert told(history).values["returns_rate"] == 0.5


def test_complaints_and_late_deliveries_are_counted_for_90_days() -> None:
    history = history_of(
        [an_entry("complained", days) for days in (90, 89, 1)]
        + [an_entry("delivered_late", 2)]
    )

    facts = told(history)

    assert facts.values["complaints_90d"] == 2
    assert facts.values["late_deliveries_90d"] == 1
    assert facts.steps["complaints_90d"] == MONDAY + timedelta(days=1)


def test_scores_rank_a_customer_among_the_population() -> None:
    history = orders(200, 100, 15)

    facts = told(history, scores=SCORES)

    assert facts.values["rfm_recency"] == 4
    assert facts.values["rfm_frequency"] == 4
    assert facts.values["rfm_money"] == 1
    assert facts.steps["rfm_recency"] == MONDAY + timedelta(days=5.5)


@pytest.mark.parametrize(("count", "score"), [(1, 1), (2, 3), (4, 4), (5, 5)])
def test_equal_customers_share_the_lower_class(count: int, score: int) -> None:
    facts = told(orders(*range(count)), scores=SCORES)

    assert facts.values["rfm_frequency"] == score


def test_without_orders_or_a_population_there_are_no_scores() -> None:
    empty = Scores(found_at=MONDAY)
    for facts in (
        told(History(), scores=SCORES),
        told(orders(3)),
        told(orders(3), scores=empty),
    ):
        assert not [name for name in facts.values if name.startswith("rfm_")]


def test_an_order_forgotten_but_for_its_date_is_still_the_newest() -> None:
    placed = {"order_placed": MONDAY - timedelta(days=900)}
    history = History(first=placed, last=placed)

    facts = told(history)

    assert (facts.values["recency_days"], facts.values["lifecycle"]) == (900, "dormant")
    assert "recency_days" not in told(history, -901).values


def test_an_older_order_that_was_forgotten_makes_no_first_time_customer() -> None:
    kept = an_order_placed(3)
    forgotten = {"order_placed": MONDAY - timedelta(days=900)}

    facts = told(history_of((kept,), first=forgotten))

    assert facts.values["lifecycle"] == "active"


def flat(facts: Facts) -> dict[str, Any]:
    return {k: v for k, v in facts.values.items() if k not in facts.drifts}


@settings(max_examples=12, deadline=None)
@given(entries(KINDS, days=60, most=9))
def test_steps_find_every_change_that_hourly_looks_find(drawn: list[Entry]) -> None:
    history = history_of(drawn)
    at, end = MONDAY - timedelta(days=61), MONDAY + timedelta(days=140)
    facts = tell(history, SCORES, at)
    hour = at

    while hour < end:
        step = min(facts.steps.values(), default=None)
        if step is None or step > hour:
            looked = tell(history, SCORES, hour)
            assert flat(looked) == flat(facts), hour
            hour += HOUR
            continue
        assert step > at
        at, facts = step, tell(history, SCORES, step)


RULES = Rules(
    RuleSet(
        version="one",
        segments=tuple(
            Segment.model_validate(
                {"id": f"s{n}", "title": when, "on": "customer", "when": when}
            )
            for n, when in enumerate(
                (
                    *(f'lifecycle == "{stage}"' for stage in LIFECYCLE),
                    "recency_days > 10",
                    "rfm_recency >= 4",
                    "spent_30d_cents < 200_000",
                    "returns_rate > 0.3 or complaints_90d > 0",
                )
            )
        ),
    )
)


@settings(max_examples=12, deadline=None)
@given(entries(KINDS, days=60, most=9))
def test_rules_on_behavior_turn_where_hourly_looks_find_them_turned(
    drawn: list[Entry],
) -> None:
    history, on = history_of(drawn), SubjectKind.CUSTOMER
    at, end = MONDAY - timedelta(days=61), MONDAY + timedelta(days=140)
    walk = flips(RULES, on, lambda now: tell(history, SCORES, now), at, end)
    true, turns = walk.true, [*walk]

    while at < end:
        while turns and turns[0].at <= at:
            true = turns.pop(0).true
        assert RULES.evaluate(on, tell(history, SCORES, at))[0] == true, at
        at += HOUR


@settings(max_examples=100, deadline=None)
@given(entries(KINDS, days=500, most=12), st.integers(-500, 500))
def test_each_fact_keeps_its_value_until_its_own_step(
    drawn: list[Entry], days: int
) -> None:
    history, now = history_of(drawn), MONDAY + timedelta(days=days)
    facts = tell(history, SCORES, now)

    for name in {*FACTS} - {*facts.drifts}:
        step = facts.steps.get(name, datetime.max.replace(tzinfo=now.tzinfo))
        until = min(step, now + timedelta(days=900))
        for later in (now + (until - now) / 2, until - TICK):
            assert tell(history, SCORES, later).values.get(name) == (
                facts.values.get(name)
            ), (name, later)


@settings(max_examples=60, deadline=None)
@given(entries(("order_placed", "returned"), days=900, most=40))
def test_forgetting_changes_no_behavior(drawn: list[Entry]) -> None:
    history = history_of(drawn)

    assert told(trimmed(history, MONDAY), scores=SCORES) == told(history, scores=SCORES)


@settings(max_examples=60, deadline=None)
@given(entries(KINDS, days=400))
def test_every_customer_has_one_stage(drawn: list[Entry]) -> None:
    assert told(history_of(drawn)).values["lifecycle"] in LIFECYCLE


def test_every_fact_of_behavior_can_be_told() -> None:
    history = history_of(an_order_placed(days) for days in (9, 5, 1))

    assert tuple(sorted(told(history, scores=SCORES).values)) == tuple(sorted(FACTS))
