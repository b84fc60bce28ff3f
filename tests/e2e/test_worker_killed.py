"""Workers that die between an effect and its reply, for every kind of effect.

One run of some orders of each kind: for each effect the simulator kills the worker
right after the effect happened, and another worker takes over.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from domain.order import FINAL, OrderStatus
from lanewise.world.days import pass_days
from lanewise.world.seed import Seeded, build
from lanewise.world.spec import Fault, ScriptedFault
from lanewise.world.stage import RESTING, Stage
from store import orders
from tests.e2e.audit import disagreements
from tests.e2e.crew import PATIENCE_S, Crew, running, until
from tests.e2e.operators import call_off, close_reviews

FORWARD = ("reserve", "book", "release_order")
BACKWARD = ("cancel_order", "void", "release_reservation")
# New orders in between: what the first dead worker knew is meanwhile let go of.
EFFECTS = ("cancel_order", *FORWARD, "void", "release_reservation")
PER_EFFECT = 3
# Kinds of orders that are shipped without asking anybody.
PLAIN = frozenset({"everyday", "urgent", "perishable", "frozen", "local", "fragile"})


@dataclass(frozen=True)
class Run:
    """What came of it."""

    exit_codes: dict[str, int | None]
    struck: dict[str, list[str]]
    statuses: dict[str, OrderStatus]
    books: dict[str, Any]
    found: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    """Play one world in which every kind of effect costs a worker its life."""
    seeded = plain_orders(PER_EFFECT * len(EFFECTS))
    group = {
        effect: seeded.orders[n * PER_EFFECT : (n + 1) * PER_EFFECT]
        for n, effect in enumerate(EFFECTS)
    }
    async with (
        running(seeded, tmp_path_factory.mktemp("killed")) as (stage, crew),
        asyncio.timeout(2 * PATIENCE_S),
    ):
        killer = Killer(stage, crew)
        await asyncio.gather(
            *(stage.client.submit(o) for effect in BACKWARD for o in group[effect])
        )
        await until(lambda: stage.in_any(RESTING) == PER_EFFECT * len(BACKWARD))
        for effect in EFFECTS:
            asks = (
                map(stage.client.submit, group[effect])
                if effect in FORWARD
                else (call_off(stage, order.id) for order in group[effect])
            )
            await killer.strike(effect, asks)
        await pass_days(stage, killer.finished)
        await close_reviews(stage)
        with stage.rooms.store.reading() as session:
            kept = orders.listing(session, limit=1_000)
        books = stage.world.books()
        yield Run(
            exit_codes=killer.exit_codes,
            struck={effect: [o.id for o in struck] for effect, struck in group.items()},
            statuses={each.order.id: each.status for each in kept},
            books=books,
            found=disagreements(stage.rooms.store, books),
        )


class Killer:
    """Has the worker killed by the simulator, and hires the next one."""

    def __init__(self, stage: Stage, crew: Crew) -> None:
        self.exit_codes: dict[str, int | None] = {}
        self._stage = stage
        self._crew = crew
        self._pid = crew.pids[-1]
        self._asked: list[asyncio.Task[Any]] = []

    async def strike(
        self, effect: str, asks: Iterable[Coroutine[Any, Any, Any]]
    ) -> None:
        """Let the next such effect be its worker's last."""
        self._stage.world.script(
            ScriptedFault(operation=effect, fault=Fault.KILL, pid=self._pid)
        )
        self._asked += [asyncio.create_task(ask) for ask in asks]
        self.exit_codes[effect] = await self._crew.exit_code(self._pid)
        self._pid = self._crew.hire()

    def finished(self) -> bool:
        """Tell whether everything asked for was answered; raise what was not."""
        return all(task.done() and task.result() is not False for task in self._asked)


def plain_orders(many: int) -> Seeded:
    """Build a world, and keep that many orders that need no person."""
    seeded = build(seed=23, orders=2 * many)
    plain = [order for order in seeded.orders if seeded.kinds[order.id] in PLAIN]
    return replace(seeded, orders=tuple(plain[:many]))


@pytest.mark.parametrize("effect", EFFECTS)
def test_the_worker_dies_after_the_effect_and_its_orders_end(
    run: Run, effect: str
) -> None:
    assert run.exit_codes[effect] == -signal.SIGKILL
    assert run.books["faults"][effect] == {"kill": 1}
    for order_id in run.struck[effect]:
        assert run.statuses[order_id] in FINAL


@pytest.mark.parametrize("effect", BACKWARD)
def test_a_cancellation_outlives_its_worker(run: Run, effect: str) -> None:
    statuses = [run.statuses[order_id] for order_id in run.struck[effect]]

    assert statuses == [OrderStatus.CANCELLED] * PER_EFFECT


def test_ledger_and_books_agree_unit_by_unit_and_label_by_label(run: Run) -> None:
    delivered = [s for s in run.statuses.values() if s is OrderStatus.DELIVERED]

    assert run.found == []
    assert len(delivered) >= PER_EFFECT
