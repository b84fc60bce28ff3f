"""Facts say when they change, and change at no other time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.order import Order
from domain.quantities import CustomerId, SkuId
from domain.segment import Fact
from domain.subject import SubjectKind
from segmentation import facts
from segmentation.circumstances import Circumstances
from segmentation.known import Facts, Look
from segmentation.window import Window
from tests.builders import an_order
from tests.unit.segmentation import surroundings
from tests.unit.segmentation.surroundings import LANE, MINUTE, instants

WINDOWS = (
    Window("events", "viewed", SubjectKind.CUSTOMER, (), 86_400),
    Window("sum_units", "order_placed", SubjectKind.SKU, (), 3 * 86_400),
    Window("days_since", "order_placed", SubjectKind.CUSTOMER),
    Window("events", "returned", SubjectKind.LANE, (), 7 * 86_400),
)
CUSTOMER = CustomerId(an_order().customer_id)
SUBJECTS = ("order", "customer", "sku", "lane")


def look_at(subject: str, order: Order, around: Circumstances) -> Look:
    match subject:
        case "order":
            return facts.look(order, around, WINDOWS)
        case "customer":
            return facts.look_at_customer(CUSTOMER, around, WINDOWS)
        case "sku":
            return facts.look_at_sku(SkuId("LAMP"), around, WINDOWS)
        case _:
            return facts.look_at_lane(LANE, around, WINDOWS)


def told(subject: str, order: Order, around: Circumstances, now: datetime) -> Facts:
    """Tell facts anew, as nobody who remembers would."""
    return look_at(subject, order, around)(now)


def unannounced(
    before: Facts, after: Facts, start: datetime, end: datetime
) -> set[str]:
    """Name the facts that changed although nothing said that they might."""
    return {
        name
        for name in {*before.values, *after.values}
        if before.steps.get(name, end + MINUTE) > end
        and not _agree(_expected(before, name, end - start), after.values, name)
    }


def _expected(before: Facts, name: str, passed: timedelta) -> Fact:
    value = before.values.get(name)
    if name in before.drifts and isinstance(value, int | float):
        return value + before.drifts[name] * (passed / timedelta(hours=1))
    return value


def _agree(expected: Fact, values: Mapping[str, Fact], name: str) -> bool:
    value = values.get(name)
    if isinstance(expected, float) and isinstance(value, int | float):
        return value == pytest.approx(expected, abs=1e-7)
    return value == expected


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(SUBJECTS),
    surroundings.orders(),
    surroundings.circumstances(),
    instants(5),
)
def test_no_fact_changes_from_minute_to_minute_unless_it_said_so(
    subject: str, order: Order, around: Circumstances, start: datetime
) -> None:
    ticks = [start + n * MINUTE for n in range(60)]

    minutes = [told(subject, order, around, now) for now in ticks]

    for n in range(len(ticks) - 1):
        assert not unannounced(minutes[n], minutes[n + 1], ticks[n], ticks[n + 1])


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SUBJECTS),
    surroundings.orders(),
    surroundings.circumstances(),
    instants(10),
    st.lists(st.integers(1, 30 * 24 * 60), min_size=4, max_size=12),
)
def test_no_fact_changes_in_weeks_unless_it_said_so(
    subject: str,
    order: Order,
    around: Circumstances,
    start: datetime,
    ahead: list[int],
) -> None:
    before = told(subject, order, around, start)

    for end in (start + n * MINUTE for n in ahead):
        after = told(subject, order, around, end)
        assert not unannounced(before, after, start, end)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SUBJECTS),
    surroundings.orders(),
    surroundings.circumstances(),
    st.lists(instants(15), min_size=2, max_size=10),
)
def test_who_remembers_tells_the_same_as_who_does_not(
    subject: str, order: Order, around: Circumstances, asked: list[datetime]
) -> None:
    look = look_at(subject, order, around)

    for now in (*asked, *sorted(asked)):
        assert look(now) == told(subject, order, around, now)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SUBJECTS),
    surroundings.orders(),
    surroundings.circumstances(),
    instants(15),
)
def test_steps_lie_ahead_and_only_numbers_run(
    subject: str, order: Order, around: Circumstances, now: datetime
) -> None:
    found = told(subject, order, around, now)

    assert all(step > now for step in found.steps.values())
    assert all(isinstance(found.values[name], float) for name in found.drifts)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SUBJECTS),
    surroundings.orders(),
    surroundings.circumstances(),
    instants(15),
)
def test_all_that_is_told_is_declared_for_the_subject(
    subject: str, order: Order, around: Circumstances, now: datetime
) -> None:
    keys = {window.key for window in WINDOWS}
    values = told(subject, order, around, now).values
    own = {name: value for name, value in values.items() if name not in keys}

    assert facts.SCHEMA.admit(own) == own
    for name in own:
        spec = facts.SCHEMA.get(name)
        assert spec is not None
        assert SubjectKind(subject) in spec.subjects


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SUBJECTS),
    surroundings.orders(),
    surroundings.circumstances(),
    instants(15),
)
def test_what_runs_is_declared_to_run_as_fast(
    subject: str, order: Order, around: Circumstances, now: datetime
) -> None:
    drifts = told(subject, order, around, now).drifts
    specs = [facts.SCHEMA.get(name) for name in drifts]

    declared = {spec.name: spec.runs for spec in specs if spec is not None}

    assert declared == {name: drifts[name] for name in declared}
    assert all(" " in name for name in drifts if name not in declared)
