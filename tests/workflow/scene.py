"""The stage of a workflow test: a worker, its store and its counterparts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from connectors.ports import CarrierAdapter
from connectors.registry import Registry
from connectors.routing import Lane, Routes
from domain.network import Network, ServiceMode, Surcharges
from domain.order import Line, Order, OrderStatus
from domain.outcome import Outcome
from domain.plan import Decision
from domain.policy import Effects
from domain.quantities import CarrierId, FcId, OrderId, ParcelId, SkuId
from domain.segment import AttributeFact, RuleSet
from domain.shipping import ParcelScan, ParcelStatus
from domain.transport import LoadEvent, LoadUpdate
from domain.warehousing import StockReport, WarehouseEvent, WarehouseNotice
from lanewise import wiring
from lanewise.client import Lanewise
from lanewise.converter import data_converter
from lanewise.loading import publish
from lanewise.settings import Settings
from store import decisions, orders, outcomes, stock
from store.claims import Books, LedgerEntry
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_center,
    a_network,
    a_pickup,
    a_place,
    a_rule_set,
    a_segment,
    a_service,
    a_sku,
    an_air_service,
    an_order,
)
from tests.fakes import FakeCarrier, FakeClock, FakeTransport, FakeWarehouse
from workflows.desk import Cancel, Override, Progress
from workflows.names import order_workflow, parcel_workflow
from workflows.order import OrderFulfillment
from workflows.parcel import ParcelJourney, ParcelReport

T = TypeVar("T")

LAMP, VASE = a_sku(), a_sku(id="VASE", title="Vase", weight_g=1_200)
PATIENCE_S = 60


def a_small_network() -> Network:
    """Build three centers and two carriers: EAST by SWIFT is cheapest, then TRUSTY."""
    swift = a_pickup()
    both = (swift, a_pickup(carrier="TRUSTY", cutoff=time(16, 0)))
    east = a_center(pickups=both, pickup_counter=True)
    south = a_center(
        id="SOUTH",
        name="South center",
        place=a_place("30303"),
        pickups=both,
        handling_cents_per_parcel=200,
    )
    west = a_center(
        id="WEST",
        name="West center",
        place=a_place("90012"),
        time_zone="America/Los_Angeles",
    )
    trusty = a_service(
        id="TRUSTY-GROUND",
        carrier="TRUSTY",
        name="Trusty Ground",
        surcharges=Surcharges(residential_cents=50),
    )
    collect = a_service(
        id="COLLECT",
        carrier="CUSTOMER",
        name="Collected",
        mode=ServiceMode.PICKUP,
        zones=(),
        rates=(),
        transits=(),
    )
    return a_network(
        centers=(east, south, west),
        services=(a_service(), an_air_service(), trusty, collect),
    )


def a_small_rule_set() -> RuleSet:
    """Build rules that send an order to review where its attribute says so."""
    return a_rule_set(
        a_segment(
            id="checked",
            title="Looked at by a person",
            when="attr_review == 'yes'",
            effects=Effects(review="a person wants to see it"),
        ),
        attributes={"attr_review": AttributeFact()},
    )


@dataclass
class Scene:
    """One worker's world; signals are sent as the API would send them."""

    env: WorkflowEnvironment
    client: Client
    lanewise: Lanewise
    store: Store
    clock: FakeClock
    warehouse: FakeWarehouse
    carrier: FakeCarrier
    task_queue: str
    rooms: wiring.Rooms
    freight: FakeTransport
    freighters: dict[Lane, str]
    submitted: list[OrderId] = field(default_factory=list)

    def by_tender(self, *carriers: str) -> None:
        """Let these carriers be offered loads, where others are booked."""
        for carrier in carriers:
            self.freighters[CarrierId(carrier), None, None] = "freight"

    async def answers(
        self, order: Order, reference: str, event: LoadEvent, note: str = ""
    ) -> None:
        """Let a freight carrier say something about a load."""
        update = LoadUpdate(
            event_id=f"{reference}/{event.value}",
            carrier=self.freight.standing[reference].carrier,
            reference=reference,
            event=event,
            occurred_at=self.clock.at,
            carrier_reference="PRO-1" if event is LoadEvent.ACCEPTED else "",
            note=note,
        )
        await self.handle(order).signal(OrderFulfillment.load_answered, update)

    def order(self, **overrides: Any) -> Order:
        """Build an order whose id no other test uses."""
        return an_order(**({"id": f"ORDER-{uuid4().hex[:8]}"} | overrides))

    async def submit(self, order: Order) -> WorkflowHandle[OrderFulfillment, Outcome]:
        await self.lanewise.submit(order)
        self.submitted.append(order.id)
        return self.handle(order)

    def handle(self, order: Order) -> WorkflowHandle[OrderFulfillment, Outcome]:
        return self.client.get_workflow_handle_for(
            OrderFulfillment.run, order_workflow(order.id)
        )

    async def terminate(self, workflow_id: str) -> None:
        """End a workflow the hard way, if it still runs."""
        with suppress(RPCError):
            await self.client.get_workflow_handle(workflow_id).terminate()

    async def at(self, order: Order, *statuses: OrderStatus) -> Progress:
        """Wait until the order is in one of the statuses."""
        return await self.until(
            lambda: self.lanewise.progress(order.id), lambda p: p.status in statuses
        )

    async def noted(self, order: Order, status: OrderStatus) -> None:
        """Wait until the store says so too: the workflow's effects are done."""

        async def stored() -> OrderStatus | None:
            return self.stored_status(order)

        await self.until(stored, lambda kept: kept is status)

    async def released(self, order: Order, parcels: int = 1) -> Progress:
        """Wait until the order is released with that many parcels on the floor."""
        return await self.until(
            lambda: self.lanewise.progress(order.id),
            lambda p: (
                p.status is OrderStatus.RELEASED
                and sum(", released" in words for words in p.parcels) == parcels
            ),
        )

    async def warehouse_asked(self) -> None:
        """Wait until the warehouse was asked how a released order stands."""

        async def calls() -> list[str]:
            return self.warehouse.calls

        await self.until(calls, lambda made: "find_order" in made)

    async def until(
        self, ask: Callable[[], Awaitable[T]], enough: Callable[[T], bool]
    ) -> T:
        """Ask again and again until the answer is enough."""
        answer = await ask()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not enough(answer):
                    await asyncio.sleep(0.02)
                    answer = await ask()
        except TimeoutError:
            pytest.fail(f"waited in vain; the last answer was {answer!r}")
        return answer

    async def pass_time(self, span: timedelta) -> None:
        """Let business time and the server's time go by."""
        await self.env.sleep(span)
        self.clock.pass_time(span)

    async def reports(self, notice: WarehouseNotice) -> None:
        await self.client.get_workflow_handle(order_workflow(notice.order_id)).signal(
            OrderFulfillment.warehouse_reported, notice
        )

    async def overriding(
        self, order: Order, ask: Override
    ) -> WorkflowUpdateHandle[str]:
        """Have an operator override an order; do not wait for the answer."""
        return await self.handle(order).start_update(
            "override",
            ask,
            result_type=str,
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
        )

    def restock(self, fc: FcId, sku: SkuId, units: int) -> None:
        """Let goods arrive, and be counted."""
        self.warehouse.on_hand[fc, sku] = units
        _count(self.store, {(fc, sku): units}, self.clock.at)

    async def cancel(self, order: Order, ask: Cancel, *, native: bool = False) -> None:
        """Have an order cancelled, by an operator or by Temporal; do not wait."""
        if native:
            await self.handle(order).cancel()
        else:
            await self.handle(order).start_update(
                OrderFulfillment.cancel,
                ask,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            )

    def notice(
        self,
        key: str,
        event: WarehouseEvent,
        lines: tuple[Line, ...] = (),
        sequence: int = 1,
    ) -> WarehouseNotice:
        """Build what a warehouse says of the parcel released under that key."""
        release = next(r for r in self.warehouse.releases if r.key == key)
        return WarehouseNotice(
            event_id=f"{key}/{event.value}",
            fc=release.fc,
            order_id=release.order_id,
            parcel_id=release.parcel_id,
            event=event,
            sequence=sequence,
            occurred_at=self.clock.at,
            lines=lines,
        )

    async def short_picks(self, key: str, *lines: Line) -> None:
        await self.reports(self.notice(key, WarehouseEvent.SHORT_PICKED, lines))

    async def ships(self, key: str, short: tuple[Line, ...] = ()) -> None:
        """Let the goods leave and the warehouse say so."""
        self.warehouse.ship(key, self.clock.at, short)
        shipped = self.warehouse.work[key].shipped
        await self.reports(self.notice(key, WarehouseEvent.SHIPPED, shipped, 2))

    async def scanned(
        self, parcel: str, status: ParcelStatus, sequence: int = 1
    ) -> None:
        await self.journey(parcel).signal(
            ParcelJourney.scanned, self.scan(parcel, status, sequence)
        )

    def scan(self, parcel: str, status: ParcelStatus, sequence: int = 1) -> ParcelScan:
        booked = self.carrier.labels or self.freight.loads
        return ParcelScan(
            event_id=f"{parcel}/{sequence}",
            carrier=booked[-1].carrier,
            tracking_number=f"OF-{parcel}",
            status=status,
            sequence=sequence,
            occurred_at=self.clock.at + timedelta(minutes=sequence),
        )

    def journey(self, parcel: str) -> WorkflowHandle[ParcelJourney, ParcelReport]:
        return self.client.get_workflow_handle_for(
            ParcelJourney.run, parcel_workflow(ParcelId(parcel))
        )

    async def delivers(self, *keys: str) -> None:
        """Bring the parcels released under these keys from floor to door."""
        for key in keys:
            await self.ships(key)
            await self.scanned(key.rpartition("/")[0], ParcelStatus.DELIVERED, 3)

    def decisions(self, order: Order) -> tuple[Decision, ...]:
        with self.store.reading() as session:
            return decisions.of_order(session, order.id)

    def held(self, order: Order) -> tuple[LedgerEntry, ...]:
        with self.store.reading() as session:
            return stock.held(session, order.id)

    def books(self) -> Books:
        with self.store.reading() as session:
            return stock.books(session)

    def stored_status(self, order: Order) -> OrderStatus | None:
        with self.store.reading() as session:
            kept = orders.get(session, order.id)
        return kept.status if kept else None

    def outcome(self, order: Order) -> Outcome | None:
        with self.store.reading() as session:
            return outcomes.get(session, OrderId(order.id))


@asynccontextmanager
async def opened(
    env: WorkflowEnvironment,
    store: Store,
    connected: Registry | None = None,
    network: Network | None = None,
    reached: Callable[[FakeClock], Registry] | None = None,
    **settings: Any,
) -> AsyncIterator[Scene]:
    """Publish the small network, count its stock and run a worker on it.

    Carriers that are ``connected``, and their routes, stand in the place of
    the one made by hand; another ``network`` in that of the small one;
    ``reached`` tells of other counterparts than these; ``settings`` differ from
    the usual ones.
    """
    network = network or a_small_network()
    publish(store, network, (LAMP, VASE), MONDAY, rules=a_small_rule_set())
    on_hand = {(c.id, sku.id): 10 for c in network.centers for sku in (LAMP, VASE)}
    _count(store, on_hand, MONDAY - timedelta(hours=1))
    clock = FakeClock(MONDAY)
    warehouse, carrier = FakeWarehouse(on_hand, clock), FakeCarrier(clock)
    given = connected or registered(carrier)
    freight, freighters = FakeTransport(), dict[Lane, str]()
    # Without the environment's own interceptor no awaited result skips time.
    client = Client(
        env.client.service_client,
        namespace=env.client.namespace,
        data_converter=data_converter(),
    )
    task_queue = f"scene-{uuid4().hex[:8]}"
    rooms = wiring.Rooms(
        store=store,
        registry=reached(clock)
        if reached
        else Registry(
            warehouses={"warehouse": warehouse},
            carriers=given.carriers,
            transports={"freight": freight},
            hazards={},
            clocks={},
            routes=Routes({None: "warehouse"}, given.routes.carriers, freighters),
        ),
        clock=clock,
        settings=Settings(batch_window_ms=1, **settings),
    )
    lanewise = Lanewise(client, task_queue)
    scene = Scene(
        *(env, client, lanewise, store, clock, warehouse, carrier, task_queue, rooms),
        freight,
        freighters,
    )
    async with wiring.worker(client, task_queue, rooms):
        yield scene
        await _end_what_is_left(scene)


def registered(carrier: CarrierAdapter) -> Registry:
    """Connect one carrier that serves all."""
    routes = Routes({}, {(None, None, None): "carrier"})
    return Registry(carriers={"carrier": carrier}, routes=routes)


async def _end_what_is_left(scene: Scene) -> None:
    """Leave no timers behind: skipping time would wait for their tasks forever."""
    ids = [order_workflow(order) for order in scene.submitted]
    ids += [parcel_workflow(release.parcel_id) for release in scene.warehouse.releases]
    for workflow_id in ids:
        await end(scene, workflow_id)


async def end(scene: Scene, workflow_id: str) -> None:
    """End a workflow, once what is in flight has landed.

    The loss of an activity would keep time standing still for all that follow.
    """
    await _rests(scene, workflow_id)
    await scene.terminate(workflow_id)


async def _rests(scene: Scene, workflow_id: str) -> None:
    """Wait until neither the workflow nor an activity of its own is at work."""
    handle, calm = scene.client.get_workflow_handle(workflow_id), 0
    with suppress(RPCError):
        for _ in range(250):
            now = (await handle.describe()).raw_description
            history = await handle.fetch_history()
            at_work = now.pending_activities or history.events[-1].event_type in (
                EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
                EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
            )
            calm = 0 if at_work else calm + 1
            if calm == 3:
                return
            await asyncio.sleep(0.01)


def _count(store: Store, on_hand: dict[tuple[FcId, SkuId], int], at: datetime) -> None:
    with store.writing() as session:
        for fc in sorted({fc for fc, _ in on_hand}):
            counted = {sku: n for (f, sku), n in on_hand.items() if f == fc}
            stock.load(session, StockReport(fc=fc, as_of=at, on_hand=counted))
