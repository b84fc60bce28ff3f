"""A sample of what was decided is judged again, off everybody's way."""

import logging
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.decided import DecideOrder
from activities.deciding import Deciding
from activities.verifying import Verifying, sampled
from domain.plan import CostTerm, Plan
from domain.quantities import OrderId
from domain.verified import VerifiedDay
from optimizer.plan import plan
from optimizer.problem import Problem, Result
from store import verified
from store.engine import Store
from tests.builders import MONDAY, a_policy, a_problem, a_task, an_order
from tests.fakes import FakeClock


def a_decided_batch() -> tuple[Problem, Result]:
    problem = a_problem(tasks=(a_task(an_order(customer_id="WHO-IS-THIS")),))
    return problem, plan(problem)


def cheated(result: Result) -> Result:
    """Claim that a plan costs ten cents more than it does."""
    (answer,) = result.answers
    assert isinstance(answer, Plan)
    (parcel,) = answer.parcels
    freight = parcel.cost[CostTerm.FREIGHT] + 10
    cost = {**parcel.cost, CostTerm.FREIGHT: freight}
    parcels = (parcel.model_copy(update={"cost": cost}),)
    dear = answer.model_copy(
        update={"parcels": parcels, "cost": cost, "alternatives": ()}
    )
    record = result.record.model_copy(update={"cost_cents": dear.total_cents})
    return replace(result, answers=(dear,), record=record)


def looked_at(store: Store) -> tuple[VerifiedDay, ...]:
    with store.reading() as session:
        return verified.days(session, 7)


async def test_a_decided_batch_is_verified_after_it_was_answered(
    ledgers: Store, clock: FakeClock
) -> None:
    verifying = Verifying(ledgers, 1_000)
    deciding = Deciding(ledgers, clock, window_s=0, verifying=verifying)
    order = an_order()

    answer = await deciding.decide(
        DecideOrder(order=order, lines=order.lines, revision=1, policy=a_policy())
    )
    await deciding.settled()
    verifying.close()

    assert answer.plan
    assert looked_at(ledgers) == (
        VerifiedDay(day=MONDAY.date(), batches=1, plans=1, violations=0),
    )


def test_a_violation_is_logged_and_kept_without_naming_anybody(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    problem, result = a_decided_batch()
    verifying = Verifying(sqlite_store, 1_000)

    verifying.offer(problem, result)
    verifying.offer(problem, cheated(result))
    verifying.close()

    with sqlite_store.reading() as session:
        (found,) = verified.latest(session, 10)
    (day,) = looked_at(sqlite_store)
    (line,) = caplog.records
    assert (found.rule, found.order_id) == ("cost freight", "ORDER-1")
    assert (day.batches, day.violations) == (2, 1)
    assert line.levelno == logging.ERROR
    assert "cost freight" in line.getMessage()
    assert "WHO-IS-THIS" not in f"{vars(line)} {found}"


def test_a_judge_that_fails_is_heard_of_and_goes_on(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    problem, result = a_decided_batch()
    verifying = Verifying(sqlite_store, 1_000)

    verifying.offer(replace(problem, skus={}), result)
    verifying.offer(problem, result)
    verifying.close()

    assert [r.getMessage() for r in caplog.records] == [
        "a batch of decisions could not be verified"
    ]
    assert [day.batches for day in looked_at(sqlite_store)] == [1]


def test_with_nothing_to_be_sampled_nothing_is_verified(sqlite_store: Store) -> None:
    verifying = Verifying(sqlite_store, 0)

    verifying.offer(*a_decided_batch())
    verifying.close()

    assert looked_at(sqlite_store) == ()


@given(st.text(min_size=1).map(OrderId), st.integers(0, 1_000))
@settings(deadline=None, max_examples=50)
def test_a_larger_sample_holds_every_smaller_one(order: OrderId, permille: int) -> None:
    assert sampled(order, 1_000)
    assert not sampled(order, 0)
    assert sampled(order, permille) <= sampled(order, min(1_000, permille + 100))


def test_the_sample_is_as_large_as_asked_for() -> None:
    taken = sum(sampled(OrderId(f"ORDER-{n}"), 100) for n in range(5_000))

    assert 400 <= taken <= 600
