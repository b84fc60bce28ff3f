"""Prices kept: for their own question, until they expire, each quote used once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.quotes import Quotes, asked
from domain.quantities import FcId, ServiceId
from domain.shipping import Piece, Quote, RateRequest
from tests.builders import a_place, a_size
from tests.shipments import questions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GROUND, AIR = ServiceId("GROUND"), ServiceId("AIR")


def a_question(**overrides: Any) -> RateRequest:
    values: dict[str, Any] = {
        "fc": "EAST",
        "ship_from": a_place("07030"),
        "ship_to": a_place("60601"),
        "pieces": (Piece(size=a_size(300, 200, 100), weight_g=1_400),),
        "services": (GROUND,),
        "ready_at": NOW + timedelta(hours=8),
    }
    return RateRequest(**(values | overrides))


def a_quote(**overrides: Any) -> Quote:
    values: dict[str, Any] = {
        "id": "Q-1",
        "service": GROUND,
        "total_cents": 780,
        "p50_at": NOW + timedelta(days=1),
        "p90_at": NOW + timedelta(days=2),
        "expires_at": NOW + timedelta(minutes=10),
    }
    return Quote(**(values | overrides))


def told(quotes: Quotes, **overrides: Any) -> None:
    quotes.keep(asked("heron", GROUND, a_question()), a_quote(**overrides), NOW)


def known(quotes: Quotes, now: datetime = NOW, **overrides: Any) -> Quote | None:
    return quotes.price(asked("heron", GROUND, a_question(**overrides)), now)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_two_different_questions_never_share_a_price(data: st.DataObject) -> None:
    any_question = questions(FcId("EAST"), [GROUND, AIR])
    one, drawn = data.draw(any_question), data.draw(any_question)
    field = data.draw(st.sampled_from(sorted(RateRequest.model_fields)))
    other = one.model_copy(update={field: getattr(drawn, field)})
    quotes = Quotes()
    quotes.keep(asked("heron", one.services[0], one), a_quote(), NOW)

    answer = quotes.price(asked("heron", other.services[0], other), NOW)

    day, others = one.ready_at.date(), other.ready_at.date()
    same = {"services": (), "ready_at": NOW}
    alike = (one.services[0], one.model_copy(update=same), day) == (
        *(other.services[0], other.model_copy(update=same)),
        others,
    )
    assert (answer is not None) == alike


@pytest.mark.parametrize(
    "changes",
    [
        {"fc": "WEST"},
        {"ship_to": a_place("75201")},
        {"ship_to": a_place("60601", latitude=41.0)},
        {"pieces": (Piece(size=a_size(300, 200, 100), weight_g=1_401),)},
        {"pieces": (Piece(size=a_size(301, 200, 100), weight_g=1_400),)},
        {"signature": True},
        {"residential": False},
        {"insured_cents": 1},
        {"hazmat": True},
        {"ready_at": NOW + timedelta(days=1)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_price_does_not_answer_a_question_like_its_own(
    changes: dict[str, Any],
) -> None:
    quotes = Quotes()
    told(quotes)

    assert known(quotes, **changes) is None
    assert known(quotes) == a_quote()


def test_a_price_answers_for_the_whole_day_but_for_one_connection() -> None:
    quotes = Quotes()
    told(quotes)

    other = quotes.price(asked("egret", GROUND, a_question()), NOW)

    assert known(quotes, ready_at=NOW + timedelta(hours=3)) == a_quote()
    assert other is None
    assert quotes.counts == {"hit": 1, "miss": 1}


@pytest.mark.parametrize(
    ("holds", "minutes", "serves"),
    [(10, 9, True), (10, 10, False), (600, 29, True), (600, 30, False)],
)
def test_a_price_serves_until_it_expires_and_half_an_hour_at_most(
    holds: int, minutes: int, *, serves: bool
) -> None:
    quotes = Quotes()
    told(quotes, expires_at=NOW + timedelta(minutes=holds))

    found = known(quotes, now=NOW + timedelta(minutes=minutes))

    assert (found is not None) is serves
    assert quotes.counts["expired"] == (0 if serves else 1)


def test_a_clock_set_back_forgets_what_is_from_the_future() -> None:
    quotes = Quotes()
    told(quotes)

    assert known(quotes, now=NOW - timedelta(hours=1)) is None


def test_the_longest_unused_price_goes_first() -> None:
    quotes = Quotes(most=2)
    keys = [asked(name, GROUND, a_question()) for name in ("a", "b", "c")]
    for key in keys[:2]:
        quotes.keep(key, a_quote(), NOW)
    quotes.price(keys[0], NOW)

    quotes.keep(keys[2], a_quote(), NOW)

    assert [quotes.price(key, NOW) is not None for key in keys] == [True, False, True]
    assert len(quotes) == 2


def test_a_quote_is_handed_out_once_and_its_price_stays_known() -> None:
    quotes = Quotes()
    told(quotes)
    key = asked("heron", GROUND, a_question())

    first, second = quotes.hand_out(key, NOW), quotes.hand_out(key, NOW)

    assert (first, second) == (a_quote(), None)
    assert known(quotes) == a_quote()


def test_an_expired_quote_is_not_handed_out() -> None:
    quotes = Quotes()
    told(quotes)
    key = asked("heron", GROUND, a_question())

    assert quotes.hand_out(key, NOW + timedelta(minutes=10)) is None


def test_a_quote_that_somebody_buys_by_is_not_handed_out() -> None:
    quotes = Quotes()
    key = asked("heron", GROUND, a_question())

    quotes.keep(key, a_quote(), NOW, used=True)

    assert quotes.hand_out(key, NOW) is None
    assert known(quotes) == a_quote()
