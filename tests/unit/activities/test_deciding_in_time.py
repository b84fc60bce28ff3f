"""A batch is answered in time by some rung, and whatever happens to the solver."""

import asyncio
import os
import signal
from collections.abc import Iterator
from itertools import count

import pytest

from activities.decided import Decided, DecideOrder
from activities.deciding import Deciding
from domain.errors import NoPlan
from domain.order import Order
from domain.plan import Plan, Rung
from domain.quantities import OrderId
from optimizer.problem import Effort
from optimizer.programs import Program, ShouldStop, Solved
from optimizer.solver_process import SolverProcess
from store import decisions
from store.engine import Store
from tests.builders import a_policy
from tests.fakes import FakeClock
from tests.unit.activities.crowd import crowd, crowded

# The last of the crowd closes the batch; nobody waits for this to pass.
GATHERED_S = 60


@pytest.fixture
def child() -> Iterator[SolverProcess]:
    with SolverProcess() as solver:
        yield solver


class Unlucky:
    """A solver whose child is killed in the middle of the first program."""

    def __init__(self, child: SolverProcess) -> None:
        self.child = child
        self.killed: list[int] = []

    def solve(self, program: Program, should_stop: ShouldStop | None) -> Solved | None:
        if self.killed:
            return self.child.solve(program, should_stop)
        self.child.warm()
        pid = self.child.pid
        assert pid is not None
        # It will not be done before it is killed.
        os.kill(pid, signal.SIGSTOP)

        def kill() -> bool:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)
            return False

        return self.child.solve(program, kill)


def ask(order: Order) -> DecideOrder:
    return DecideOrder(order=order, lines=order.lines, revision=1, policy=a_policy())


async def decided(deciding: Deciding, orders: list[Order]) -> list[Decided | Exception]:
    asks = [deciding.decide(ask(order)) for order in orders]
    answers = await asyncio.gather(*asks, return_exceptions=True)
    return [a for a in answers if isinstance(a, Decided | Exception)]


def plans(answers: list[Decided | Exception]) -> list[Plan]:
    return [a.plan for a in answers if isinstance(a, Decided) and a.plan]


async def test_a_solver_killed_in_the_middle_does_not_keep_a_batch_from_its_answers(
    sqlite_store: Store, clock: FakeClock, child: SolverProcess
) -> None:
    solver = Unlucky(child)
    effort = Effort(solver=solver)
    deciding = Deciding(
        crowded(sqlite_store), clock, window_s=GATHERED_S, most=18, effort=effort
    )

    answers = await decided(deciding, crowd())

    assert len(set(solver.killed)) == 1
    assert child.pid not in (None, solver.killed[0])
    assert len(plans(answers)) >= 12
    assert all(isinstance(answer, Decided) for answer in answers)


async def test_a_worker_solves_in_its_child_as_it_would_itself(
    sqlite_store: Store, clock: FakeClock, child: SolverProcess
) -> None:
    deciding = Deciding(
        crowded(sqlite_store),
        clock,
        window_s=GATHERED_S,
        most=18,
        effort=Effort(solver=child),
        deadline_s=60,
    )

    found = plans(await decided(deciding, crowd()))

    assert {plan.rung for plan in found} == {Rung.EXACT}
    assert {plan.solver.gap_ppm for plan in found} == {0}
    assert not any(plan.solver.stopped for plan in found)


async def test_when_time_is_over_lower_rungs_answer_and_the_rest_asks_again(
    sqlite_store: Store, clock: FakeClock
) -> None:
    store, orders = crowded(sqlite_store), crowd()
    deciding = Deciding(
        store,
        clock,
        window_s=GATHERED_S,
        most=18,
        deadline_s=0,
        effort=Effort(table_orders=3),
        timer=count().__next__,
    )

    answers = await decided(deciding, orders)

    later = [a for a in answers if isinstance(a, NoPlan)]
    assert {plan.rung for plan in plans(answers)} == {Rung.FALLBACK}
    assert len(later) >= 15
    assert recorded(store, orders) == len(orders) - len(later)


async def test_alone_an_order_is_answered_however_little_time_there_is(
    sqlite_store: Store, clock: FakeClock
) -> None:
    deciding = Deciding(
        crowded(sqlite_store),
        clock,
        window_s=0,
        deadline_s=0,
        timer=count().__next__,
    )

    (answer,) = await decided(deciding, crowd(1))

    assert [plan.rung for plan in plans([answer])] == [Rung.FALLBACK]


async def test_time_is_counted_from_the_beginning_of_each_batch(
    sqlite_store: Store, clock: FakeClock
) -> None:
    seconds = iter([100.0, *[109.9] * 1_000, *[0.0]])
    deciding = Deciding(
        crowded(sqlite_store),
        clock,
        window_s=0,
        deadline_s=10,
        timer=seconds.__next__,
    )

    (answer,) = await decided(deciding, crowd(1))

    assert [plan.rung for plan in plans([answer])] == [Rung.DIRECT]


def recorded(store: Store, orders: list[Order]) -> int:
    with store.reading() as session:
        return sum(
            len(decisions.of_order(session, OrderId(order.id))) for order in orders
        )
