"""Carriers are asked about the ways an order would go, and no more than that."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.decided import DecideOrder
from activities.deciding import Deciding
from activities.evaluating import EvaluateOrders, Evaluating
from activities.rating import Rating
from activities.reconsidering import (
    Reconsidering,
    ReconsiderPlan,
    Standing,
    Verdict,
)
from domain.network import PackingMethod
from domain.plan import CostTerm, LiveRate, Plan
from domain.quantities import CarrierId, FcId, ServiceId
from domain.shipping import Quote, RateRequest
from domain.shopping import LivePrice, Missing, Shopped, Silent
from store import decisions
from store.engine import Store
from tests.builders import MONDAY, a_line, an_order
from tests.fakes import FakeClock
from tests.unit.activities.conftest import count

EAST, WEST = FcId("EAST"), FcId("WEST")
GROUND, AIR = ServiceId("SWIFT-GROUND"), ServiceId("SWIFT-AIR")
HOLDS = MONDAY + timedelta(minutes=10)


class Board:
    """A shop whose prices are written on a board; others are said to be late."""

    def __init__(self, prices: Mapping[tuple[FcId, ServiceId], int]) -> None:
        self.prices = dict(prices)
        self.questions: list[RateRequest] = []

    async def shop(
        self,
        questions: Sequence[RateRequest],
        carriers: Mapping[ServiceId, CarrierId],
        now: datetime,
        currency: str,
    ) -> tuple[Shopped, ...]:
        self.questions += questions
        return tuple(self._told(each) for each in questions)

    def hand_out(self, *_: Any) -> Quote | None:
        return None

    def told(self, *_: Any) -> None:
        return None

    def _told(self, question: RateRequest) -> Shopped:
        known = [s for s in question.services if (question.fc, s) in self.prices]
        late = tuple(s for s in question.services if s not in known)
        silent = (Silent(connection="swift", why=Missing.LATE, services=late),)
        return Shopped(
            question=question,
            prices=tuple(self._price(question.fc, service) for service in known),
            silent=silent if late else (),
        )

    def _price(self, fc: FcId, service: ServiceId) -> LivePrice:
        return LivePrice(
            connection="swift",
            service=service,
            cents=self.prices[fc, service],
            p50_at=HOLDS,
            p90_at=HOLDS,
            expires_at=HOLDS,
        )


@pytest.fixture
def board() -> Board:
    return Board({(EAST, GROUND): 400, (EAST, AIR): 900})


@pytest.fixture
def rating(ledgers: Store, board: Board) -> Rating:
    return Rating(ledgers, board)


@pytest.fixture
def deciding(ledgers: Store, clock: FakeClock, rating: Rating) -> Deciding:
    return Deciding(ledgers, clock, rating=rating)


def a_question(**overrides: Any) -> DecideOrder:
    order = overrides.pop("order", an_order())
    values = {"order": order, "lines": order.lines, "revision": 1}
    return DecideOrder(**(values | overrides))


async def test_the_best_way_and_its_rivals_are_asked_about_together(
    rating: Rating, board: Board
) -> None:
    rated = await rating.rated(a_question(), MONDAY)

    (question,) = board.questions
    assert question.fc == EAST
    assert set(question.services) == {GROUND, AIR}
    assert {(r.service, r.cents, r.expires_at) for r in rated.rates} == {
        (GROUND, 400, HOLDS),
        (AIR, 900, HOLDS),
    }
    assert rated.silent == ()


async def test_who_told_no_price_is_kept_with_the_question(
    rating: Rating, board: Board
) -> None:
    del board.prices[EAST, AIR]

    rated = await rating.rated(a_question(), MONDAY)

    assert [rate.service for rate in rated.rates] == [GROUND]
    assert [(s.connection, s.services) for s in rated.silent] == [("swift", (AIR,))]


async def test_every_parcel_of_an_order_that_must_be_split_is_asked_about(
    rating: Rating, board: Board, ledgers: Store
) -> None:
    count(ledgers, "WEST", 1)
    board.prices = {(EAST, GROUND): 400, (WEST, GROUND): 450}
    both = an_order(lines=(a_line(units=2),))

    rated = await rating.rated(a_question(order=both), MONDAY)

    assert sorted(question.fc for question in board.questions) == [EAST, WEST]
    assert {(r.fc, r.cents) for r in rated.rates} == {(EAST, 400), (WEST, 450)}


async def test_another_part_of_the_order_is_priced_in_proportion(
    deciding: Deciding, board: Board, ledgers: Store
) -> None:
    count(ledgers, "EAST", 4)
    board.prices = {(EAST, GROUND): 5_000, (EAST, AIR): 9_000}
    rates = (LiveRate(fc=EAST, service=GROUND, cents=900, table_cents=300),)
    ask = a_question(order=an_order(lines=(a_line(units=2),)), rates=rates)

    decided = await ActivityEnvironment().run(deciding.decide, ask)
    await deciding.settled()

    by_table = LiveRate(fc=EAST, service=GROUND, cents=1_000_000, table_cents=10**6)
    told = await ActivityEnvironment().run(
        deciding.decide,
        ask.model_copy(update={"rates": (by_table,), "revision": 2}),
    )
    await deciding.settled()
    assert decided.plan
    assert told.plan
    (tripled,), (plain,) = decided.plan.parcels, told.plan.parcels
    assert tripled.cost[CostTerm.FREIGHT] == 3 * plain.cost[CostTerm.FREIGHT]


async def test_an_order_without_a_way_asks_nobody(rating: Rating, board: Board) -> None:
    many = an_order(lines=(a_line(units=99),))

    await rating.rated(a_question(order=many), MONDAY)

    assert board.questions == []


async def test_a_price_told_at_a_booking_is_not_asked_again(
    rating: Rating, board: Board
) -> None:
    booked = LiveRate(fc=EAST, service=GROUND, cents=1_234)

    rated = await rating.rated(a_question(rates=(booked,)), MONDAY)

    assert [q.services for q in board.questions] == [(AIR,)]
    assert {(r.service, r.cents) for r in rated.rates} == {(GROUND, 1_234), (AIR, 900)}


async def test_prices_that_expired_are_left_out_and_asked_again(
    rating: Rating, board: Board
) -> None:
    old = LiveRate(fc=EAST, service=GROUND, cents=1, expires_at=MONDAY)

    rated = await rating.rated(a_question(rates=(old,)), MONDAY)

    assert {(r.service, r.cents) for r in rated.rates} == {(GROUND, 400), (AIR, 900)}


async def test_centers_that_make_their_own_labels_are_not_asked_about(
    ledgers: Store, board: Board
) -> None:
    rating = Rating(ledgers, board, bought_at=lambda fc: fc != EAST)

    await rating.rated(a_question(), MONDAY)

    assert board.questions == []


async def test_a_decision_is_made_and_kept_with_the_prices_told(
    deciding: Deciding, board: Board, ledgers: Store
) -> None:
    board.prices = {(EAST, GROUND): 5_000, (EAST, AIR): 900}

    decided = await ActivityEnvironment().run(deciding.decide, a_question())
    await deciding.settled()

    with ledgers.reading() as session:
        (kept,) = decisions.of_order(session, an_order().id)
    assert decided.plan
    assert decided.plan.parcels[0].service == AIR
    assert decided.plan.parcels[0].cost[CostTerm.FREIGHT] == 900
    assert CostTerm.SURCHARGES not in decided.plan.parcels[0].cost
    assert kept.rates == decided.rates
    assert {rate.cents for rate in kept.rates} == {5_000, 900}


async def test_a_late_shop_decides_by_the_tables_and_says_so(
    deciding: Deciding, board: Board
) -> None:
    board.prices = {}

    decided = await ActivityEnvironment().run(deciding.decide, a_question())
    await deciding.settled()

    assert decided.plan
    assert decided.plan.parcels[0].service == GROUND
    assert decided.rates == ()
    assert {s.why for s in decided.silent} == {Missing.LATE}


async def test_many_orders_are_asked_about_at_once(
    deciding: Deciding, board: Board, ledgers: Store
) -> None:
    count(ledgers, "EAST", 8)
    asks = [a_question(order=an_order(id=f"ORDER-{n}")) for n in range(8)]

    decided = await asyncio.gather(
        *(ActivityEnvironment().run(deciding.decide, ask) for ask in asks)
    )
    await deciding.settled()

    assert [d.plan is not None for d in decided] == [True] * 8
    assert len(board.questions) == 8


async def test_a_plan_that_stands_is_compared_at_the_carriers_prices(
    ledgers: Store, clock: FakeClock, rating: Rating, board: Board
) -> None:
    board.prices = {(EAST, GROUND): 5_000, (EAST, AIR): 900}
    standing = Standing(
        fc=EAST,
        service=GROUND,
        method=PackingMethod.CARTON,
        lines=an_order().lines,
    )
    ask = ReconsiderPlan(
        **a_question(revision=2).model_dump(exclude={"order", "lines"}),
        order=an_order(),
        lines=an_order().lines,
        standing=(standing,),
        replaces=(1,),
        why="a storm",
        commit=False,
    )

    answer = await ActivityEnvironment().run(
        Reconsidering(ledgers, clock, rating=rating).reconsider, ask
    )

    assert answer.verdict is Verdict.MOVES
    assert answer.decided
    assert answer.decided.plan
    assert answer.decided.plan.parcels[0].service == AIR


async def test_an_evaluation_rests_on_the_prices_a_decision_would(
    ledgers: Store, clock: FakeClock, rating: Rating, board: Board
) -> None:
    board.prices = {(EAST, GROUND): 5_000}
    evaluating = Evaluating(ledgers, clock, rating=rating)

    told = await ActivityEnvironment().run(
        evaluating.evaluate, EvaluateOrders(orders=(an_order(),))
    )

    (plan,) = told.plans
    assert isinstance(plan, Plan)
    assert plan.parcels[0].service == AIR
    assert [rate.cents for rate in told.rates[0]] == [5_000]
    assert [silent.services for silent in told.silent[0]] == [(AIR,)]
