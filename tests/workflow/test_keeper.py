"""Segments of customers are kept to the second, by a workflow that mostly sleeps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.keeping import Keeping
from domain.event import BusinessEvent, Ingested
from domain.quantities import CustomerId, OrderId
from domain.segment import Classification
from domain.subject import SubjectKind, of_customer
from lanewise import wiring
from lanewise.client import Lanewise
from lanewise.converter import data_converter
from lanewise.keeping import KeeperBell, ensure_keeper
from store import changes, interests, segments
from store.engine import Store
from tests.builders import MONDAY, a_rule_set, a_segment
from tests.fakes import FakeClock
from tests.workflow import server
from workflows.ingestion import EventIngestion
from workflows.keeper import KEEPER, SegmentKeeper

ANNA = of_customer(CustomerId("ANNA"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Classification(version="rules-1")
KEEN = a_segment(
    id="keen",
    title="Keen",
    on=SubjectKind.CUSTOMER,
    when='events("viewed", within="2d") >= 2',
)


@dataclass
class Stage:
    """A keeper on a server of its own, whose time can be skipped."""

    env: WorkflowEnvironment
    client: Client
    store: Store
    clock: FakeClock
    queue: str
    told: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[KeeperBell]:
        """Run a worker, and ring once, as every worker does when it starts."""
        bell = KeeperBell(self.client, self.queue)
        keeping = Keeping(self.store, self.clock, self._tell, bell.ring)
        worker = Worker(
            self.client,
            task_queue=self.queue,
            workflows=[SegmentKeeper, EventIngestion],
            activities=[
                keeping.ingest_events,
                keeping.keep_segments,
                keeping.publish_changes,
                keeping.rank_population,
            ],
            workflow_runner=wiring.sandbox(),
            # Nobody waits for a worker that is gone.
            max_cached_workflows=0,
        )
        async with worker:
            bell.ring()
            yield bell
            await bell.close()
            await self._resting()

    async def ingest(self, *batch: BusinessEvent) -> Ingested:
        return await Lanewise(self.client, self.queue).ingest(batch)

    async def pass_time(self, span: timedelta) -> None:
        self.clock.pass_time(span)
        await self.env.sleep(span)

    def log(self) -> list[tuple[bool, datetime]]:
        with self.store.reading() as session:
            return [(c.entered, c.at) for c in reversed(changes.log(session, ANNA))]

    async def until(self, count: int) -> list[tuple[bool, datetime]]:
        """Wait until the log has so many entries."""
        for _ in range(2_500):
            if len(self.log()) >= count:
                return self.log()
            await asyncio.sleep(0.02)
        pytest.fail(f"waited in vain; the log is {self.log()}")

    @property
    def keeper(self) -> WorkflowHandle[SegmentKeeper, None]:
        return self.client.get_workflow_handle_for(SegmentKeeper.run, KEEPER)

    async def _resting(self) -> None:
        """Wait until the keeper sleeps: a worker that leaves at work leaves late."""
        for _ in range(2_500):
            history = await self.keeper.fetch_history()
            last = history.events[-2:]
            if any(e.event_type == EventType.EVENT_TYPE_TIMER_STARTED for e in last):
                return
            await asyncio.sleep(0.02)
        pytest.fail("the keeper does not come to rest")

    async def _tell(self, orders: object, why: str) -> None:
        self.told.append(why)
        self.heard.set()


@pytest_asyncio.fixture
async def stage(
    request: pytest.FixtureRequest, sqlite_store: Store
) -> AsyncIterator[Stage]:
    if request.config.getoption("--workflow-environment") == "local":
        pytest.skip("only the time-skipping server can skip time")
    with sqlite_store.writing() as session:
        segments.publish(session, a_rule_set(KEEN), MONDAY - 30 * DAY)
    async with await server.time_skipping() as env:
        client = Client(
            env.client.service_client,
            namespace=env.client.namespace,
            data_converter=data_converter(),
        )
        clock = FakeClock(MONDAY)
        queue = f"keeper-{uuid4().hex[:8]}"
        yield Stage(env, client, sqlite_store, clock, queue)


def viewed(number: int, at: datetime) -> BusinessEvent:
    return BusinessEvent(
        id=f"view-{number}",
        kind="viewed",
        occurred_at=at,
        customer_id=CustomerId("ANNA"),
    )


async def test_a_customer_enters_on_the_event_and_leaves_on_the_second(
    stage: Stage,
) -> None:
    first, second = MONDAY - 3 * HOUR, MONDAY - HOUR
    async with stage.working():
        answer = await stage.ingest(viewed(1, first), viewed(2, second))
        entered = await stage.until(1)
        await stage.pass_time(2 * DAY - 3 * HOUR)
        left = await stage.until(2)

    assert answer == Ingested(new=2)
    assert entered == [(True, second)]
    assert left[1:] == [(False, first + 2 * DAY)]


async def test_what_happened_while_nobody_worked_is_stamped_as_it_was(
    stage: Stage,
) -> None:
    first = MONDAY - 3 * HOUR
    async with stage.working():
        await stage.ingest(viewed(1, first), viewed(2, MONDAY))
        await stage.until(1)
    stage.clock.pass_time(9 * DAY)

    async with stage.working():
        log = await stage.until(2)

    assert log == [(True, MONDAY), (False, first + 2 * DAY)]


async def test_events_twice_and_in_disorder_are_one_story(stage: Stage) -> None:
    early, late = MONDAY - 3 * DAY, MONDAY - 3 * DAY + HOUR
    async with stage.working():
        await stage.ingest(viewed(2, late))
        again = await stage.ingest(viewed(1, early), viewed(2, late), viewed(1, early))
        log = await stage.until(2)

    assert (again.new, again.repeated) == (1, 2)
    assert log == [(True, late), (False, early + 2 * DAY)]


async def test_open_orders_are_told(stage: Stage) -> None:
    with stage.store.writing() as session:
        interests.care(session, OrderId("O-1"), [ANNA])
        segments.record(session, OrderId("O-1"), NOTHING, MONDAY - DAY)
    async with stage.working():
        await stage.ingest(viewed(1, MONDAY), viewed(2, MONDAY))
        await stage.until(1)
        await asyncio.wait_for(stage.heard.wait(), 60)

    assert stage.told == ["its customer entered keen"]


async def test_a_standing_clock_does_not_keep_the_keeper_busy(stage: Stage) -> None:
    async with stage.working():
        await stage.ingest(viewed(1, MONDAY), viewed(2, MONDAY))
        await stage.until(1)
        # The server's time goes by, business time does not.
        await stage.env.sleep(5 * DAY)
        history = await stage.keeper.fetch_history()

    assert len(history.events) < 150


async def test_there_is_one_keeper_however_often_it_is_called(stage: Stage) -> None:
    async with stage.working():
        await ensure_keeper(stage.client, stage.queue)
        first = (await stage.keeper.describe()).run_id
        await ensure_keeper(stage.client, stage.queue)

        assert (await stage.keeper.describe()).run_id == first
