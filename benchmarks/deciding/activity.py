"""The real activity on a store of its own, an SQLite file, as the worker runs it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from activities.decided import DecideOrder
from activities.deciding import Deciding, FreeHolds
from domain.network import FulfillmentCenter, Network
from domain.order import Order
from domain.quantities import OrderId
from domain.warehousing import StockReport
from lanewise.loading import publish
from lanewise.settings import Settings
from optimizer.problem import Problem, Task
from store import orders, stock
from store.engine import Store

HELD_FOR = timedelta(minutes=30)


@dataclass
class Timings:
    """Milliseconds of every order decided, and where they went in all.

    ``order_cpu_ms`` are the processor's, of all threads.
    """

    order_ms: list[float] = field(default_factory=list)
    order_cpu_ms: list[float] = field(default_factory=list)
    spent_ms: defaultdict[str, float] = field(
        default_factory=lambda: defaultdict(float)
    )


class StillClock:
    """Business time that does not pass."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    async def now(self) -> datetime:
        return self._at


class Watched(Deciding):
    """The activity with a watch on reading the snapshot and on holding."""

    def __init__(
        self, *args: Any, spent_ms: defaultdict[str, float], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._spent_ms = spent_ms

    def _problem(self, *args: Any) -> Problem:
        with self._noted("snapshot"):
            return super()._problem(*args)

    def _decide_together(self, *args: Any) -> Any:
        with self._noted("batch"):
            return super()._decide_together(*args)

    def _keep(self, *args: Any) -> Any:
        with self._noted("holds"):
            return super()._keep(*args)

    @contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self._spent_ms[what] += (perf_counter() - started) * 1000


def filled(problem: Problem, file: Path) -> Store:
    """Return a new store with a wave's network, goods and stock in it."""
    store = Store(f"sqlite:///{file}")
    store.migrate()
    network = declared(problem)
    publish(store, network, problem.skus.values(), problem.as_of)
    for center in network.centers:
        on_hand = {
            sku: units for (fc, sku), units in problem.stock.items() if fc == center.id
        }
        report = StockReport(fc=center.id, as_of=problem.as_of, on_hand=on_hand)
        with store.writing() as session:
            stock.load(session, report)
    return store


def declared(problem: Problem) -> Network:
    """Return the network with the wave's days and trucks as declared capacities."""

    def declare(center: FulfillmentCenter) -> FulfillmentCenter:
        lines = [n for (fc, _), n in problem.fc_lines.items() if fc == center.id]
        trucks = {
            carrier: parcels
            for (fc, carrier, _), parcels in problem.carrier_parcels.items()
            if fc == center.id
        }
        pickups = tuple(
            pickup.model_copy(update={"capacity_parcels": trucks.get(pickup.carrier)})
            for pickup in center.pickups
        )
        capacity = {"capacity_lines": min(lines, default=None), "pickups": pickups}
        return center.model_copy(update=capacity)

    centers = tuple(declare(center) for center in problem.network.centers)
    return problem.network.model_copy(update={"centers": centers})


async def one_by_one(problem: Problem, store: Store, rounds: int) -> Timings:
    """Decide every order of a wave alone, and give back what it held.

    An order is another one in every round, so that none is remembered; its least
    time of the rounds counts.
    """
    timings = Timings()
    settings = Settings()
    deciding = Watched(
        store,
        StillClock(problem.as_of),
        hold_for=HELD_FOR,
        window_s=settings.batch_window_ms / 1000,
        most=settings.batch_max,
        spent_ms=timings.spent_ms,
    )
    took: list[list[tuple[float, float]]] = [[] for _ in problem.tasks]
    for number in range(rounds):
        for n, task in enumerate(problem.tasks):
            order = task.order.model_copy(
                update={"id": OrderId(f"{task.order.id}-{number}")}
            )
            with store.writing() as session:
                orders.admit(session, order, problem.as_of)
            took[n].append(await _decided_ms(deciding, order, task))
    timings.order_ms = [min(by_clock for by_clock, _ in own) for own in took]
    timings.order_cpu_ms = [min(cpu for _, cpu in own) for own in took]
    return timings


async def _decided_ms(
    deciding: Deciding, order: Order, task: Task
) -> tuple[float, float]:
    command = DecideOrder(
        order=order, lines=order.lines, revision=1, policy=task.policy
    )
    started, busy = perf_counter(), process_time()
    decided = await deciding.decide(command)
    took_ms = (perf_counter() - started) * 1000
    cpu_ms = (process_time() - busy) * 1000
    if decided.plan is None:
        msg = f"{order.id} was not to be left without a plan: {decided.unplaced}"
        raise RuntimeError(msg)
    freeing = FreeHolds(order_id=order.id, revision=1)
    await asyncio.to_thread(deciding.free_holds, freeing)
    return took_ms, cpu_ms
