from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.order import FINAL, MOVES, Event, Order, OrderStatus, after, why_not
from tests.builders import MONDAY, a_line, an_order

EVERY_PAIR = tuple(product(OrderStatus, Event))
OPERATORS = (Event.APPROVE, Event.OVERRIDE, Event.HOLD, Event.RESUME, Event.CANCEL)


@pytest.mark.parametrize(("status", "event"), EVERY_PAIR)
def test_every_event_moves_an_order_or_is_refused_in_one_sentence(
    status: OrderStatus, event: Event
) -> None:
    moved = after(status, event)

    sentence = why_not(status, event)
    assert moved is None or moved in OrderStatus
    assert sentence.startswith("cannot ")
    assert sentence.endswith(".")
    assert sentence.count(".") == sentence.count(":") == 1


@pytest.mark.parametrize(("status", "event"), tuple(product(sorted(FINAL), Event)))
def test_nothing_moves_an_order_that_has_ended(
    status: OrderStatus, event: Event
) -> None:
    assert after(status, event) is None


def test_every_other_order_can_still_fail_or_end() -> None:
    going = set(OrderStatus) - FINAL

    assert all(after(status, Event.FAIL) is OrderStatus.FAILED for status in going)
    assert {status for status, _ in MOVES} == going


def test_every_status_can_be_reached_from_the_first() -> None:
    reached = {OrderStatus.RECEIVED}

    while more := {MOVES[s, e] for s, e in MOVES if s in reached} - reached:
        reached |= more

    assert reached == set(OrderStatus)


def test_only_a_reviewed_order_can_be_approved_and_only_a_held_one_resumed() -> None:
    approved = {status for status in OrderStatus if after(status, Event.APPROVE)}
    resumed = {status for status in OrderStatus if after(status, Event.RESUME)}

    assert (approved, resumed) == ({OrderStatus.REVIEW}, {OrderStatus.HELD})


def test_after_handover_no_operator_can_change_anything() -> None:
    assert not any(after(OrderStatus.HANDED_OVER, event) for event in OPERATORS)


@pytest.mark.parametrize(
    ("status", "event", "sentence"),
    [
        (
            OrderStatus.HANDED_OVER,
            Event.CANCEL,
            "cannot cancel this order: the carrier already has it.",
        ),
        (
            OrderStatus.PLANNED,
            Event.APPROVE,
            "cannot approve this order: its plan is not yet committed, "
            "it does not wait for review.",
        ),
        (
            OrderStatus.RELEASED,
            Event.RESUME,
            "cannot resume this order: the warehouse is already working on it, "
            "it is not on hold.",
        ),
        (
            OrderStatus.DELIVERED,
            Event.REVIEW_ASKED,
            "cannot ask for a review of this order: it was delivered.",
        ),
    ],
)
def test_a_refusal_says_what_stands_in_the_way(
    status: OrderStatus, event: Event, sentence: str
) -> None:
    assert why_not(status, event) == sentence


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_whatever_happens_an_ended_order_stays_ended(events: list[Event]) -> None:
    status, ended = OrderStatus.RECEIVED, None

    for event in events:
        status = after(status, event) or status
        ended = ended or (status if status in FINAL else None)

    assert ended is None or status is ended


def test_an_order_with_a_sku_on_two_lines_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValidationError, match="'LAMP' is on two lines; add their"):
        an_order(lines=(a_line("LAMP"), a_line("DESK"), a_line("LAMP", 2)))


def test_an_order_due_before_it_was_placed_is_refused_with_both_instants() -> None:
    with pytest.raises(ValidationError) as refused:
        an_order(deliver_by=MONDAY - timedelta(hours=1))

    assert "2026-03-02T11:00:00+00:00 is not after placed_at 2026-03-02T12" in str(
        refused.value
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "has space"),
        ("id", ""),
        ("id", "a" * 81),
        ("customer_id", ""),
        ("placed_at", datetime(2026, 3, 2)),  # noqa: DTZ001 that is the point
        ("lines", ()),
        ("requested_service", "teleport"),
    ],
)
def test_an_order_with_an_impossible_field_is_refused_by_its_name(
    field: str, value: Any
) -> None:
    with pytest.raises(ValidationError) as refused:
        an_order(**{field: value})

    assert refused.value.errors()[0]["loc"][0] == field


def test_instants_from_any_zone_become_utc() -> None:
    there = timezone(timedelta(hours=-5))

    order = an_order(placed_at=datetime(2026, 3, 2, 7, tzinfo=there))

    assert order.placed_at == MONDAY
    assert order.placed_at.tzinfo is UTC


def test_equal_orders_have_equal_digests_and_others_do_not() -> None:
    order = an_order()

    assert order.digest() == Order.model_validate_json(order.model_dump_json()).digest()
    assert order.digest() != an_order(gift=True).digest()


def test_the_same_instant_in_another_zone_is_the_same_order() -> None:
    there = timezone(timedelta(hours=9))
    moved = an_order(placed_at=MONDAY.astimezone(there))

    assert moved.digest() == an_order().digest()


def test_units_add_up_over_lines() -> None:
    assert an_order(lines=(a_line("LAMP", 2), a_line("DESK", 3))).units == 5
