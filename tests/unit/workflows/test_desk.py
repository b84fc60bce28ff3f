"""What operators read, and that what they may paste is what they may send."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.network import PackingMethod
from domain.order import MOVES, Event, OrderStatus
from domain.plan import (
    Alternative,
    Binding,
    Change,
    CostTerm,
    Flip,
    Rung,
    Unplaced,
    Way,
)
from domain.quantities import DecisionId, Edge, FcId, OrderId, ServiceId, SkuId
from tests.builders import MONDAY, a_plan
from workflows.desk import (
    Approve,
    Cancel,
    DecisionView,
    Hold,
    Override,
    Resume,
    decision_markdown,
    dollars,
    summary,
)
from workflows.why import held_back, would_change

MODELS: dict[str, type[Edge]] = {
    "approve": Approve,
    "override": Override,
    "hold": Hold,
    "resume": Resume,
    "cancel": Cancel,
}


def a_runner_up(*ways: str, cents: int = 2_400, available: bool = True) -> Alternative:
    return Alternative(
        ways=tuple(
            Way(
                fc=FcId(fc),
                service=ServiceId("SWIFT-AIR"),
                method=PackingMethod.CARTON,
            )
            for fc in ways
        ),
        total_cents=cents,
        delta={CostTerm.FREIGHT: cents - 1_780},
        p50_at=MONDAY,
        p90_at=MONDAY,
        available=available,
    )


def a_view(status: OrderStatus, *others: Alternative, **more: object) -> DecisionView:
    view = DecisionView(
        order_id=OrderId("ORDER-1"),
        revision=3,
        decision_id=DecisionId("ORDER-1.3"),
        status=status,
        plan=a_plan(alternatives=others or (a_runner_up("WEST"),)),
    )
    return view.model_copy(update=more)


def payloads(text: str) -> list[tuple[str, str]]:
    return re.findall(r"`([a-z]+)`\n\n```json\n(.+)\n```", text)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_payload_shown_is_one_the_update_takes_now(status: OrderStatus) -> None:
    shown = payloads(decision_markdown(a_view(status)))

    for name, payload in shown:
        assert MODELS[name].model_validate(json.loads(payload))
        assert (status, Event(name)) in MOVES
    assert bool(shown) == any((status, Event(name)) in MOVES for name in MODELS)


def test_an_override_payload_asks_for_just_that_runner_up() -> None:
    shown = payloads(decision_markdown(a_view(OrderStatus.REVIEW)))

    (wish,) = [json.loads(p) for name, p in shown if name == "override"]
    assert Override.model_validate(wish).pin.fc == "WEST"
    assert wish["revision"] == 3


def test_splits_and_what_others_took_are_shown_but_not_offered() -> None:
    text = decision_markdown(
        a_view(
            OrderStatus.REVIEW,
            a_runner_up("EAST", "WEST"),
            a_runner_up("SOUTH", available=False),
        )
    )

    assert "SOUTH SWIFT-AIR carton (taken)" in text
    assert "EAST SWIFT-AIR carton + WEST SWIFT-AIR carton" in text
    assert "override" not in dict(payloads(text))


def test_a_runner_up_shows_its_difference_term_by_term() -> None:
    text = decision_markdown(a_view(OrderStatus.REVIEW)).replace("\\", "")

    assert "| WEST SWIFT-AIR carton | $24.00 (+$6.20) | freight +$6.20 |" in text


def test_reasons_keep_their_words_as_they_were_said() -> None:
    view = a_view(
        OrderStatus.HELD,
        reason="on hold by Ann: ask the VIP desk",
        review=("too dear",),
        unplaced=Unplaced(order_id=OrderId("ORDER-1"), reasons=("no lane",)),
    )

    text = decision_markdown(view)

    assert "On hold by Ann: ask the VIP desk." in text
    assert "- too dear" in text
    assert "- no lane" in text


@pytest.mark.parametrize(
    ("cents", "words"),
    [(0, "$0.00"), (5, "$0.05"), (-1234, "-$12.34"), (123_456_789, "$1,234,567.89")],
)
def test_amounts_are_written_as_people_write_them(cents: int, words: str) -> None:
    assert dollars(cents) == words


@given(st.integers())
def test_no_cent_is_lost_in_writing(cents: int) -> None:
    digits = dollars(cents).replace("$", "").replace(",", "").replace(".", "")

    assert int(digits) == cents


@given(st.text(min_size=1, max_size=300))
def test_a_summary_fits_into_two_hundred_bytes(place: str) -> None:
    place = place.encode("utf-8", "ignore").decode()

    assert len(summary("ORDER-1", place, 2).encode()) <= 200


@pytest.mark.parametrize(
    ("model", "payload"),
    [
        (Override, {"operator": "ann"}),
        (Override, {"operator": "", "reason": "x"}),
        (Hold, {"operator": "ann"}),
        (Cancel, {"operator": "ann", "reason": "x", "force": True}),
        (Approve, {"operator": "a" * 81}),
    ],
)
def test_payloads_without_a_name_a_reason_or_with_more_are_refused(
    model: type[Edge], payload: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(payload)


def test_what_binds_a_plan_is_said_in_dollars() -> None:
    lamp = Binding(
        what="units of LAMP at WEST",
        fc=FcId("WEST"),
        sku=SkuId("LAMP"),
        saves_cents=310,
        price_millicents=402_100,
    )
    day = Binding(
        what="orders EAST can work on 2026-03-02",
        fc=FcId("EAST"),
        saves_cents=5,
        at_least=True,
    )

    said = held_back(a_plan(binding=(lamp, day)))

    assert said == (
        "One more unit of LAMP at WEST would save $3.10 here "
        "($4.03 to all orders decided together).",
        "One more of the orders EAST can work on 2026-03-02 "
        "would save at least $0.05 here.",
    )


SAID = {
    Change.QUOTE: "if SWIFT-AIR from WEST asked $0.12 less (a quote of $9.00)",
    Change.LATE_RATE: "if an hour late cost $9.00",
    Change.PROMISE: "if delivery were promised 12 h later",
    Change.MAX_TRANSIT: "if 900 h in transit were allowed (12 h more), saving $0.07",
    Change.LATEST_HANDOVER: "if handover were allowed 12 h later, saving $0.07",
}


@pytest.mark.parametrize("change", SAID)
def test_what_would_change_the_choice_is_said_in_words(change: Change) -> None:
    flip = Flip(
        change=change,
        by=12,
        now=900,
        to=a_runner_up("WEST").ways,
        saves_cents=7,
        fc=FcId("WEST"),
        service=ServiceId("SWIFT-AIR"),
    )

    (said,) = would_change(a_plan(flips=(flip,)))

    assert said == f"WEST by SWIFT-AIR in carton would win {SAID[change]}."


def test_a_decision_shows_what_would_change_it() -> None:
    flip = Flip(
        change=Change.PROMISE, by=-3, to=a_runner_up("WEST").ways, saves_cents=1
    )
    plan = a_plan(flips=(flip,), rung=Rung.FALLBACK)

    text = decision_markdown(a_view(OrderStatus.PLANNED, plan=plan))

    assert "**What would change the choice**" in text
    assert "promised 3 h earlier" in text
    assert "There was no time to compare" in text
    assert "rung fallback" in text
