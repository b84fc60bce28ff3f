"""News reaches the store first, then the orders it concerns, told or not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.alerts import Reading
from domain.condition import Condition, ConditionKind
from domain.hazard import Circle
from domain.order import OrderStatus
from domain.quantities import OrderId
from lanewise import news
from store import hazards, heard, tellings
from store import network as network_store
from store import orders as order_store
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_center,
    a_hazard,
    a_network,
    a_place,
    an_order,
)
from workflows.relooking import FactsChanged

HOUR = timedelta(hours=1)
STORM = a_hazard(id="storm", regions=(), zones=("SAME:017031",), valid_from=MONDAY)
FIRE = a_hazard(id="fire", regions=("CA",), valid_from=MONDAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'news.db'}")
    opened.migrate()
    with opened.writing() as session:
        for id, postal_code, status in (
            ("chicago", "60601", OrderStatus.PLANNED),
            ("denver", "80202", OrderStatus.HELD),
            ("gone", "60601", OrderStatus.HANDED_OVER),
        ):
            order = an_order(id=id, ship_to=a_place(postal_code))
            order_store.admit(session, order, MONDAY)
            order_store.set_status(session, OrderId(id), status, MONDAY)
    yield opened
    opened.close()


class Ears:
    """Hears what orders are told."""

    def __init__(self, *, reached: bool = True) -> None:
        self.reached = reached
        self.heard: list[tuple[tuple[OrderId, ...], FactsChanged]] = []

    async def __call__(self, orders: tuple[OrderId, ...], changed: FactsChanged) -> int:
        if not self.reached:
            raise RuntimeError("nobody there")
        self.heard.append((orders, changed))
        return len(orders)


def test_alerts_are_located_kept_and_their_open_orders_found(store: Store) -> None:
    loaded = news.load(store, "nws", Reading(hazards=(STORM,)), MONDAY)

    with store.reading() as session:
        [kept] = hazards.in_force(session, MONDAY)
        assert "hazard" in heard.since(session)
    assert "606" in kept.postal_prefixes
    assert loaded.news.orders == ("chicago",)


def test_a_try_keeps_nothing(store: Store) -> None:
    loaded = news.load(store, "nws", Reading(hazards=(STORM,)), MONDAY, keep=False)

    with store.reading() as session:
        assert hazards.listing(session, MONDAY) == ()
        assert heard.since(session) == {}
    assert [hazard.id for hazard in loaded.changes.began] == ["storm"]
    assert loaded.news.orders == ("chicago",)


def test_the_same_list_again_is_no_news(store: Store) -> None:
    reading = Reading(hazards=(STORM, FIRE))
    news.load(store, "nws", reading, MONDAY)

    again = news.load(store, "nws", reading, MONDAY + HOUR)

    assert (again.changes, again.news.orders) == (hazards.Changes(), ())


def test_an_alert_that_was_lost_in_reading_stays_with_all_its_parts(
    store: Store,
) -> None:
    part = FIRE.model_copy(update={"id": "fire#2"})
    news.load(store, "cap", Reading(hazards=(STORM, FIRE, part)), MONDAY)

    lost = Reading(problems=("fire: no",), unreadable=("fire",))
    loaded = news.load(store, "cap", lost, MONDAY)

    assert [hazard.id for hazard in loaded.changes.withdrawn] == ["storm"]


def test_a_condition_is_kept_and_concerns_the_orders_that_are_open(
    store: Store,
) -> None:
    outage = Condition(
        id="reno",
        kind=ConditionKind.CENTER_OUTAGE,
        center="RNO",
        valid_from=MONDAY,
        declared_by="ops",
    )

    began = news.declare(store, outage, MONDAY)
    over = news.withdraw(store, "reno", MONDAY)

    both = (OrderId("chicago"), OrderId("denver"))
    assert began == news.News("center-outage reno is declared", both)
    assert over == news.News("center-outage reno is over", both)
    assert news.withdraw(store, "reno", MONDAY) is None


async def test_the_orders_are_told_that_their_ways_changed(store: Store) -> None:
    ears, loaded = Ears(), a_storm_loaded(store)

    told = await news.pass_on(store, loaded, ears)

    why = "alerts of nws changed"
    assert told == 1
    assert ears.heard == [(("chicago",), FactsChanged(why=why, way=True))]
    assert untold(store) == {}


async def test_nobody_is_called_when_nobody_is_concerned(store: Store) -> None:
    assert await news.pass_on(store, news.News("sun"), Ears(reached=False)) == 0


async def test_orders_that_cannot_be_reached_are_left_to_the_next_worker(
    store: Store,
) -> None:
    loaded = a_storm_loaded(store)

    assert await news.pass_on(store, loaded, Ears(reached=False)) is None

    assert untold(store) == {"alerts of nws changed": ("chicago",)}


def a_storm_loaded(store: Store) -> news.News:
    return news.load(store, "nws", Reading(hazards=(STORM,)), MONDAY).news


def untold(store: Store) -> dict[str, tuple[OrderId, ...]]:
    with store.reading() as session:
        return tellings.waiting(session, 10)


def test_a_storm_over_a_centers_way_concerns_the_order_behind_it(
    store: Store,
) -> None:
    over_iowa = Circle(latitude=41.6, longitude=-93.6, radius_km=400)
    storm = a_hazard(id="iowa", regions=(), circles=(over_iowa,))
    with store.writing() as session:
        network_store.publish(
            session, a_network(centers=(a_center(place=a_place("10001")),)), MONDAY
        )

    loaded = news.load(store, "nws", Reading(hazards=(storm,)), MONDAY)

    assert loaded.news.orders == ("denver",)
