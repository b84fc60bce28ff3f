"""Orders are taken from a shop once, and the shop is told what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from connectors.ports import Ability, Capabilities, Idempotency
from domain.errors import LanewiseError, OrderConflict, Unavailable
from domain.order import Line, Order
from domain.ordering import (
    Acknowledgment,
    OrderPage,
    ShipmentNotice,
    SourceOrder,
    SourceStatus,
)
from domain.quantities import CarrierId, FcId, OrderId, ParcelId, ServiceId, SkuId
from lanewise.pulling import Pulling
from store import parcels, stock
from store.engine import Store
from store.parcels import ParcelRecord
from tests.builders import MONDAY, an_order
from workflows.desk import Cancel

LAMP = SkuId("LAMP")


def found(name: str, **changes: object) -> SourceOrder:
    fields: dict[str, object] = {
        "source_id": f"S-{name}",
        "changed_at": MONDAY,
        "order": an_order(id=name),
    }
    return SourceOrder.model_validate(fields | changes)


@dataclass(frozen=True)
class Submitted:
    accepted: str


@dataclass
class Desk:
    """Takes each order once; ``refused`` ids are refused, ``late`` ones run on."""

    taken: dict[str, Order] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    cancelled: list[str] = field(default_factory=list)

    async def submit(self, order: Order) -> Submitted:
        if order.id in self.refused:
            msg = f"order {order.id!r}: unknown SKU"
            raise OrderConflict(msg)
        new = order.id not in self.taken
        self.taken[order.id] = order
        return Submitted("new" if new else "already")

    async def cancel(self, order_id: OrderId, ask: Cancel) -> str:
        if order_id in self.late:
            msg = "it is on its way"
            raise LanewiseError(msg)
        self.cancelled.append(order_id)
        return "cancelled"


@dataclass
class Shop:
    """Lists pages; remembers what it is told. ``deaf`` ones listen to nothing."""

    pages: Sequence[Sequence[SourceOrder]] = ()
    deaf: bool = False
    down_after: int | None = None
    told: list[Acknowledgment] = field(default_factory=list)
    shipped: list[ShipmentNotice] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        hears = () if self.deaf else (Ability.ACKNOWLEDGE, Ability.NOTIFY_SHIPMENT)
        return Capabilities(
            idempotency=Idempotency.KEY_HEADER, abilities=frozenset(hears)
        )

    async def orders(self, cursor: str | None) -> OrderPage:
        self.asked.append(cursor)
        at = int(cursor or 0)
        if at >= len(self.pages):
            return OrderPage(cursor=str(at))
        return OrderPage(
            orders=tuple(self.pages[at]),
            cursor=str(at + 1),
            more=at + 1 < len(self.pages),
        )

    async def acknowledge(self, taken: tuple[Acknowledgment, ...]) -> None:
        if self.down_after is not None and len(self.told) >= self.down_after:
            raise Unavailable("the shop is away")
        self.told += taken

    async def notify_shipment(self, notice: ShipmentNotice) -> None:
        if self.down_after is not None and len(self.shipped) >= self.down_after:
            raise Unavailable("the shop is away")
        self.shipped.append(notice)


def pulling(shop: Shop, desk: Desk, store: Store) -> Pulling:
    return Pulling("shop", shop, desk, store, lambda: MONDAY)


async def test_every_page_is_taken_and_acknowledged(store: Store) -> None:
    shop, desk = Shop([[found("a"), found("b")], [found("c")]]), Desk()

    pulled = await pulling(shop, desk, store).pull()

    assert (pulled.new, pulled.problems) == (3, [])
    assert set(desk.taken) == {"a", "b", "c"}
    assert [(each.source_id, each.order_id) for each in shop.told] == [
        ("S-a", "a"),
        ("S-b", "b"),
        ("S-c", "c"),
    ]


async def test_the_next_pull_goes_on_where_the_last_one_ended(store: Store) -> None:
    shop, desk = Shop([[found("a")]]), Desk()
    await pulling(shop, desk, store).pull()
    shop.pages = [[found("a")], [found("b")]]

    pulled = await pulling(shop, desk, store).pull()

    assert (pulled.new, shop.asked) == (1, [None, "1"])


async def test_a_pull_that_breaks_off_is_repeated_and_loses_nothing(
    sqlite_store: Store,
) -> None:
    shop, desk = Shop([[found("a")], [found("b")]], down_after=1), Desk()
    with pytest.raises(Unavailable):
        await pulling(shop, desk, sqlite_store).pull()
    shop.down_after = None

    pulled = await pulling(shop, desk, sqlite_store).pull()

    assert (pulled.new, pulled.already) == (0, 1)
    assert [each.source_id for each in shop.told] == ["S-a", "S-b"]


async def test_what_is_refused_or_unreadable_is_told_and_keeps_nothing_back(
    sqlite_store: Store,
) -> None:
    bad = found("x", order=None, problem="lines: it is empty")
    shop, desk = Shop([[bad, found("b"), found("c")]]), Desk(refused={"b"})

    pulled = await pulling(shop, desk, sqlite_store).pull()

    assert set(desk.taken) == {"c"}
    assert pulled.problems == [
        "S-x: lines: it is empty",
        "S-b: order 'b': unknown SKU",
    ]
    assert [(each.source_id, each.accepted) for each in shop.told] == [
        ("S-x", False),
        ("S-b", False),
        ("S-c", True),
    ]


@pytest.mark.parametrize(
    ("status", "waiting"),
    [
        (SourceStatus.ON_HOLD, 1),
        (SourceStatus.UNKNOWN, 1),
        (SourceStatus.FULFILLED, 0),
    ],
)
async def test_only_open_orders_are_taken(
    sqlite_store: Store, status: SourceStatus, waiting: int
) -> None:
    shop, desk = Shop([[found("a", status=status)]]), Desk()

    pulled = await pulling(shop, desk, sqlite_store).pull()

    assert (desk.taken, pulled.waiting) == ({}, waiting)


async def test_what_its_shop_cancels_is_cancelled_if_we_have_it(
    sqlite_store: Store,
) -> None:
    gone = [found(n, status=SourceStatus.CANCELLED) for n in ("a", "late", "new")]
    shop = Shop([[found("a"), found("late")], gone])
    desk = Desk(late={"late"})

    pulled = await pulling(shop, desk, sqlite_store).pull()

    assert desk.cancelled == ["a"]
    assert pulled.problems == ["S-late: not cancelled: it is on its way"]


def leaves(store: Store, order: str, number: int = 1) -> None:
    """Let a parcel of an order leave, as the workflow records it."""
    record = ParcelRecord(
        parcel_id=ParcelId(f"{order}/{number}"),
        order_id=OrderId(order),
        fc=FcId("reno"),
        carrier=CarrierId("ups"),
        service=ServiceId("ups-ground"),
        tracking_number=f"1Z-{order}-{number}",
        booking_id="b-1",
        booked_cents=850,
    )
    with store.writing() as session:
        parcels.save(session, record)
        stock.ship(
            session,
            OrderId(order),
            1,
            FcId("reno"),
            (Line(sku=LAMP, units=2),),
            MONDAY,
            key=f"{order}/{number}/r1",
        )


async def test_a_shop_is_told_once_of_each_departure(store: Store) -> None:
    shop, desk = Shop([[found("a")]]), Desk()
    await pulling(shop, desk, store).pull()
    leaves(store, "a", 1)
    leaves(store, "a", 2)
    leaves(store, "somebody-elses")

    pulled = await pulling(shop, desk, store).pull()
    again = await pulling(shop, desk, store).pull()

    assert (pulled.told, again.told) == (2, 0)
    assert [(n.source_id, n.tracking_number) for n in shop.shipped] == [
        ("S-a", "1Z-a-1"),
        ("S-a", "1Z-a-2"),
    ]
    assert shop.shipped[0].lines == (Line(sku=LAMP, units=2),)


async def test_a_departure_that_could_not_be_told_is_told_the_next_time(
    sqlite_store: Store,
) -> None:
    shop, desk = Shop([[found("a")]]), Desk()
    await pulling(shop, desk, sqlite_store).pull()
    leaves(sqlite_store, "a", 1)
    leaves(sqlite_store, "a", 2)
    shop.down_after = 1
    with pytest.raises(Unavailable):
        await pulling(shop, desk, sqlite_store).pull()
    shop.down_after = None

    await pulling(shop, desk, sqlite_store).pull()

    assert [n.key for n in shop.shipped] == ["a/1/r1", "a/2/r1"]


async def test_a_shop_that_does_not_listen_is_told_nothing(sqlite_store: Store) -> None:
    shop, desk = Shop([[found("a")]], deaf=True), Desk()
    await pulling(shop, desk, sqlite_store).pull()
    leaves(sqlite_store, "a")

    await pulling(shop, desk, sqlite_store).pull()

    assert (shop.told, shop.shipped) == ([], [])
