"""Builds the process: settings in, connected rooms out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxRestrictions,
)

from activities.beating import Heartbeats
from activities.classifying import Classifying
from activities.deciding import Deciding
from activities.evaluating import Evaluating
from activities.forecasting import Forecasting
from activities.gathering import Gathering
from activities.keeping import Keeping
from activities.labels import OwnLabels
from activities.rating import Rating
from activities.reconsidering import Reconsidering
from activities.recording import Recording
from activities.scarcity import Scarcity
from activities.shipping import Shipping
from activities.tendering import Tendering
from activities.verifying import Verifying
from activities.warehousing import Warehousing
from activities.watching import Watching
from connectors.ports import Ability, BusinessClock
from connectors.rating import Shopping
from connectors.registry import Registry, connect
from domain.errors import NotFound
from domain.quantities import FcId, OrderId
from lanewise.connections import configured
from lanewise.converter import data_converter
from lanewise.people import events_in, order_in
from lanewise.settings import Settings
from lanewise.telling import tell_orders
from lanewise.world.geography import locate
from optimizer.problem import Effort
from optimizer.solver_process import SolverProcess
from store.engine import Store
from workflows.disruption import DisruptionWatch
from workflows.evaluation import OrderEvaluation
from workflows.ingestion import EventIngestion
from workflows.keeper import SegmentKeeper
from workflows.order import OrderFulfillment
from workflows.parcel import ParcelJourney
from workflows.relooking import FactsChanged

WORKFLOWS: tuple[type, ...] = (
    OrderFulfillment,
    ParcelJourney,
    OrderEvaluation,
    SegmentKeeper,
    EventIngestion,
    DisruptionWatch,
)
CONCURRENT_ACTIVITIES = 64
# A deadline is kept to a tenth: a way from the table takes about a millisecond.
MOST_BY_TABLE = 500


class SystemClock:
    """Business time is real time."""

    async def now(self) -> datetime:
        """Return the system's instant, in UTC."""
        return real_time()


@dataclass(frozen=True)
class Rooms:
    """What a worker or an API needs of the outside, connected."""

    store: Store
    registry: Registry
    clock: BusinessClock
    settings: Settings
    solver: SolverProcess | None = None
    verifying: Verifying | None = None

    def _buys_carriage(self, fc: FcId) -> bool:
        """Tell whether labels are bought for a center, and not made there."""
        try:
            warehouse = self.registry.warehouse(fc)
        except NotFound:
            return True
        return not warehouse.capabilities().can(Ability.OWN_LABELS)

    def activities(
        self, client: Client, news: Callable[[], None]
    ) -> list[Callable[..., Any]]:
        """Return every activity, bound to what it needs.

        ``client`` reaches the orders that are told of changes; ``news`` is
        called where something happened that segments may count.
        """
        settings = self.settings

        async def tell(orders: Sequence[OrderId], why: str) -> int:
            return await tell_orders(client, orders, FactsChanged(why=why))

        async def tell_ways(orders: Sequence[OrderId], why: str) -> int:
            return await tell_orders(client, orders, FactsChanged(why=why, way=True))

        scarcity = Scarcity(
            self.store,
            timedelta(minutes=settings.price_half_life_minutes),
            alone=settings.alone_under_prices,
        )
        forecasts = self.registry.forecasts
        weather = Forecasting(forecasts) if forecasts else None
        asks = settings.rate_shop_ms
        shop = shopping(self.registry, asks) if asks else None
        rating = None
        if shop is not None:
            bought_at = self._buys_carriage
            rating = Rating(self.store, shop, weather=weather, bought_at=bought_at)
        deciding = Deciding(
            self.store,
            self.clock,
            hold_for=timedelta(minutes=settings.hold_minutes),
            effort=Effort(
                solver=self.solver, table_orders=min(settings.batch_max, MOST_BY_TABLE)
            ),
            window_s=settings.batch_window_ms / 1000,
            most=settings.batch_max,
            deadline_s=settings.decide_deadline_ms / 1000,
            scarcity=scarcity,
            verifying=self.verifying,
            weather=weather,
            rating=rating,
        )
        reconsidering = Reconsidering(
            self.store,
            self.clock,
            hold_for=timedelta(minutes=settings.hold_minutes),
            scarcity=scarcity,
            weather=weather,
            rating=rating,
        )
        evaluating = Evaluating(
            self.store,
            self.clock,
            locate,
            scarcity=scarcity,
            weather=weather,
            rating=rating,
        )
        watching = Watching(
            self.store, self.clock, self.registry.hazards, tell_ways, locate
        )
        gathering = Gathering(self.store, self.clock, watching, locate, order_in, news)
        keeping = Keeping(self.store, self.clock, tell, news, events_in)
        warehousing = Warehousing(self.store, self.registry.warehouse, self.clock)
        own = OwnLabels(self.store, self.registry.warehouse, self.registry.carrier)
        transport_of = self.registry.transport
        shipping = Shipping(
            self.store, self.registry.carrier, self.clock, transport_of, shop=shop
        )
        tendering = Tendering(self.store, transport_of, self.clock)
        recording = Recording(
            self.store,
            review_hold_for=timedelta(hours=settings.review_hold_hours),
            news=news,
        )
        return [
            gathering.gather,
            Classifying(self.store, watching).classify,
            deciding.decide,
            deciding.override,
            deciding.free_holds,
            reconsidering.reconsider,
            warehousing.reserve_stock,
            warehousing.release_reservation,
            warehousing.release_order,
            warehousing.cancel_order,
            warehousing.find_work,
            shipping.book_parcel,
            shipping.void_parcel,
            shipping.track_parcel,
            own.take_label,
            own.track_own,
            own.drop_label,
            tendering.offer_load,
            tendering.hear_offer,
            tendering.withdraw_load,
            recording.note_status,
            recording.confirm_shipped,
            recording.record_outcome,
            evaluating.evaluate,
            watching.watch_disruptions,
            keeping.ingest_events,
            keeping.keep_segments,
            keeping.publish_changes,
            keeping.rank_population,
        ]


def shopping(registry: Registry, deadline_ms: int) -> Shopping:
    """Return what asks carriers their prices, each time for so long at most."""
    by_tables = [c.name for c in registry.connections.values() if c.rates == "tables"]
    return Shopping(
        registry.carriers,
        registry.routes,
        deadline_s=deadline_ms / 1000,
        by_tables=by_tables,
    )


def real_time() -> datetime:
    """Return the system's instant, aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def rooms(settings: Settings) -> AsyncIterator[Rooms]:
    """Open the store and the connections; close them at the end."""
    store = Store(settings.database_url.get_secret_value())
    registry = connect(configured(settings), real_time)
    clock = next(iter(registry.clocks.values()), SystemClock())
    # Neither starts anything before it is needed.
    solver = SolverProcess() if settings.solver_process else None
    verifying = Verifying(store, settings.verify_sample_permille)
    try:
        yield Rooms(store, registry, clock, settings, solver, verifying)
    finally:
        if solver is not None:
            solver.close()
        await asyncio.to_thread(verifying.close)
        await registry.close()
        store.close()


async def temporal(settings: Settings) -> Client:
    """Connect to Temporal as every client of ours does."""
    return await Client.connect(**settings.temporal(), data_converter=data_converter())


def worker(
    client: Client,
    task_queue: str,
    opened: Rooms,
    news: Callable[[], None] = lambda: None,
) -> Worker:
    """Return a worker that runs every workflow and activity of ours.

    ``news`` is called where something was told that segments may count.
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=list(WORKFLOWS),
        activities=opened.activities(client, news),
        activity_executor=ThreadPoolExecutor(CONCURRENT_ACTIVITIES, "activity"),
        workflow_runner=sandbox(),
        max_concurrent_activities=CONCURRENT_ACTIVITIES,
        # How long an order waits for the worker that knew it, if that one died.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=5),
        # Effects in flight get their answer before a worker that is told to stops.
        graceful_shutdown_timeout=timedelta(seconds=10),
        interceptors=[Heartbeats()],
        # Otherwise Temporal compiles all there is of Python to make one: seconds.
        build_id=f"lanewise-{version('lanewise')}",
    )


def sandbox() -> SandboxedWorkflowRunner:
    """Return the sandbox: our rooms are deterministic or passed through."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            *("domain", "activities", "optimizer", "verification"),
            *("segmentation", "store", "connectors"),
        )
    )
