"""Deciding once per revision, whoever asks how often and against whom."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from activities.decided import Decided, DecideOrder, OverridePlan
from activities.deciding import Deciding, FreeHolds
from domain.order import Order
from domain.plan import CostTerm, DecidedBy, Pin
from domain.quantities import FcId, OrderId, ServiceId
from optimizer.problem import Problem
from store import decisions, stock
from store.engine import Store
from tests.builders import MONDAY, a_line, a_policy, an_order
from tests.fakes import FakeClock
from tests.unit.activities.conftest import count


def decide_order(order: Order | None = None, **overrides: Any) -> DecideOrder:
    order = order or an_order()
    values = {"order": order, "lines": order.lines, "revision": 1, "policy": a_policy()}
    return DecideOrder(**(values | overrides))


def override_plan(**overrides: Any) -> OverridePlan:
    values: dict[str, Any] = {
        **dict(decide_order(revision=2)),
        "replaces": (1,),
        "replaced_cents": 1_781,
        "pin": Pin(service=ServiceId("SWIFT-AIR")),
        "operator": "ann",
        "reason": "in a hurry",
    }
    return OverridePlan(**(values | overrides))


def held(store: Store, order: str = "ORDER-1") -> list[tuple[int, str, int]]:
    with store.reading() as session:
        entries = stock.held(session, OrderId(order))
    return [(e.revision, e.fc, e.amount) for e in entries]


class Beaten(Deciding):
    """A worker that always looks before a rival takes, and takes after it."""

    def __init__(self, store: Store, clock: FakeClock, rival: Callable[[], Any]):
        super().__init__(store, clock, window_s=0)
        self.problems = 0
        self._rival = rival

    def _problem(self, *args: Any) -> Problem:
        problem = super()._problem(*args)
        self.problems += 1
        if self.problems == 1:
            self._rival()
        return problem


async def test_the_same_revision_is_decided_once(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)

    first = await deciding.decide(decide_order())
    count(ledgers, "WEST", 5)
    again = await Deciding(ledgers, clock, window_s=0).decide(decide_order())

    assert first.plan
    assert again == first
    assert held(ledgers) == [(1, "EAST", 1)]


async def test_two_attempts_in_one_batch_get_one_answer(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=1, most=2)

    first, second = await asyncio.gather(
        deciding.decide(decide_order()), deciding.decide(decide_order())
    )

    assert first == second
    assert held(ledgers) == [(1, "EAST", 1)]


async def test_of_two_orders_in_a_batch_one_gets_the_only_unit(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=1, most=2)
    other = an_order(id="ORDER-2")

    answers = await asyncio.gather(
        deciding.decide(decide_order()), deciding.decide(decide_order(other))
    )

    assert sorted(answer.plan is not None for answer in answers) == [False, True]
    assert len(held(ledgers) + held(ledgers, "ORDER-2")) == 1


async def test_who_loses_a_race_is_decided_again_alone(
    ledgers: Store, clock: FakeClock
) -> None:
    count(ledgers, "WEST", 5)
    rival = Deciding(ledgers, clock)
    ask = (decide_order(an_order(id="RIVAL")), MONDAY)
    beaten = Beaten(ledgers, clock, lambda: rival._decide_batch([ask]))

    decided = await beaten.decide(decide_order())

    assert beaten.problems == 2
    assert decided.plan
    assert decided.plan.parcels[0].fc == "WEST"
    assert held(ledgers, "RIVAL") == [(1, "EAST", 1)]


async def test_an_override_takes_what_the_replaced_plan_held(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    await deciding.decide(decide_order())

    decided = await deciding.override(override_plan())

    assert decided.plan
    assert decided.plan.parcels[0].service == "SWIFT-AIR"
    assert decided.delta_cents == decided.plan.total_cents - 1_781
    assert held(ledgers) == [(2, "EAST", 1)]


async def test_an_override_is_kept_with_its_operator_and_answered_again(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    await deciding.decide(decide_order())

    first = await deciding.override(override_plan())
    again = await deciding.override(override_plan())

    with ledgers.reading() as session:
        kept = decisions.by_revision(session, OrderId("ORDER-1"), 2)
    assert again == first
    assert kept
    assert (kept.made_by, kept.operator) == (DecidedBy.OPERATOR, "ann")


async def test_a_priced_override_holds_and_records_nothing(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    await deciding.decide(decide_order())

    priced = await deciding.override(override_plan(commit=False))

    with ledgers.reading() as session:
        assert len(decisions.of_order(session, OrderId("ORDER-1"))) == 1
    assert priced.plan
    assert held(ledgers) == [(1, "EAST", 1)]


@pytest.mark.parametrize(
    "pin", [Pin(service=ServiceId("SWIFT-AIR")), Pin(fc=FcId("WEST"))]
)
async def test_a_priced_override_comes_true_term_by_term(
    ledgers: Store, clock: FakeClock, pin: Pin
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    count(ledgers, "WEST", 1)
    before = (await deciding.decide(decide_order())).plan
    assert before
    wish = {"pin": pin, "replaced": before.cost, "replaced_cents": before.total_cents}

    priced = await deciding.override(override_plan(**wish, commit=False))
    made = await deciding.override(override_plan(**wish))

    assert made.plan
    after = {t: before.cost.get(t, 0) + made.delta.get(t, 0) for t in CostTerm}
    assert priced.delta == made.delta != {}
    assert {t: cents for t, cents in after.items() if cents} == made.plan.cost
    assert sum(made.delta.values()) == made.delta_cents == priced.delta_cents


async def test_what_the_order_itself_holds_does_not_stand_in_its_own_way(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    before = (await deciding.decide(decide_order())).plan
    assert before

    priced = await deciding.override(
        override_plan(pin=Pin(fc=FcId("EAST")), replaced=before.cost, commit=False)
    )

    assert priced.plan
    assert priced.delta == {}


@pytest.mark.parametrize(
    ("pin", "says"),
    [
        (Pin(fc=FcId("WEST")), "Cannot go from WEST: "),
        (Pin(service=ServiceId("NO-SUCH")), "Cannot go by NO-SUCH: "),
    ],
)
async def test_an_infeasible_override_says_what_is_feasible_and_changes_nothing(
    ledgers: Store, clock: FakeClock, pin: Pin, says: str
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    await deciding.decide(decide_order())

    refused = await deciding.override(override_plan(pin=pin))

    assert refused.refusal
    assert refused.refusal.startswith(says)
    assert "feasible instead: EAST by SWIFT-GROUND in carton ($17.81)" in (
        refused.refusal
    )
    assert held(ledgers) == [(1, "EAST", 1)]


async def test_an_order_without_a_plan_is_recorded_with_its_reasons(
    ledgers: Store, clock: FakeClock
) -> None:
    ask = decide_order(an_order(lines=(a_line(units=9),)))

    decided: Decided = await Deciding(ledgers, clock, window_s=0).decide(ask)

    assert decided.plan is None
    assert decided.unplaced
    assert decided.unplaced.reasons
    assert held(ledgers) == []


async def test_freeing_what_was_never_held_is_fine(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Deciding(ledgers, clock, window_s=0)
    await deciding.decide(decide_order())

    deciding.free_holds(FreeHolds(order_id=OrderId("GHOST"), revision=1))
    deciding.free_holds(FreeHolds(order_id=OrderId("ORDER-1"), revision=1))
    deciding.free_holds(FreeHolds(order_id=OrderId("ORDER-1"), revision=1))

    assert held(ledgers) == []


class Choking(Deciding):
    """A worker that cannot decide one particular order."""

    def _problem(self, asks: tuple[DecideOrder, ...], *rest: Any) -> Problem:
        if any(ask.order.id == "POISON" for ask in asks):
            msg = "cannot be decided"
            raise ValueError(msg)
        return super()._problem(asks, *rest)


async def test_an_order_that_cannot_be_decided_does_not_stop_its_neighbors(
    ledgers: Store, clock: FakeClock
) -> None:
    deciding = Choking(ledgers, clock, window_s=1, most=2)

    good, bad = await asyncio.gather(
        deciding.decide(decide_order()),
        deciding.decide(decide_order(an_order(id="POISON"))),
        return_exceptions=True,
    )

    assert isinstance(good, Decided)
    assert isinstance(bad, ValueError)
