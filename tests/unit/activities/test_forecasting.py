"""Cold goods are decided with the weather, if somebody tells it in time."""

import asyncio
from datetime import datetime, timedelta
from typing import cast

import pytest
from temporalio.client import Client

from activities.decided import Decided, DecideOrder
from activities.deciding import Deciding
from activities.evaluating import EvaluateOrders, Evaluating
from activities.forecasting import Forecasting
from connectors.registry import Registry
from domain.errors import Unavailable
from domain.forecast import AskForecast, Forecast, HourlyBand
from domain.order import Order
from domain.plan import CostTerm, Plan, WeatherKnown
from domain.quantities import FcId, OrderId, SkuId
from domain.sku import TemperatureBand
from domain.warehousing import StockReport
from lanewise.loading import publish
from lanewise.settings import Settings
from lanewise.wiring import Rooms
from store import decisions, stock
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_carton,
    a_center,
    a_chilled_sku,
    a_line,
    a_network,
    a_place,
    a_policy,
    a_rule_set,
    a_service,
    a_sku,
    an_insulated_carton,
    an_order,
)
from tests.fakes import FakeClock

# Sixty hours to Chicago, in cartons rated at 28 °C for five cents an hour.
AS_RATED = 300
HOT = 330


class Sky:
    """A source of one temperature everywhere; it may be late, or away."""

    def __init__(self, tenths_c: int = HOT) -> None:
        self.tenths_c = tenths_c
        self.asked: list[AskForecast] = []
        self.reached, self.clear = asyncio.Event(), asyncio.Event()
        self.clear.set()
        self.away = False

    async def forecast(self, ask: AskForecast) -> Forecast:
        self.asked.append(ask)
        self.reached.set()
        await self.clear.wait()
        if self.away:
            raise Unavailable("clouds")
        span = int((ask.ends_at - ask.starts_at) / timedelta(hours=1))
        return Forecast(
            hours=tuple(
                HourlyBand(
                    at=ask.starts_at + timedelta(hours=n),
                    least_tenths_c=self.tenths_c,
                    most_tenths_c=self.tenths_c,
                )
                for n in range(span)
            ),
            raw="{}",
        )


class Stopwatch:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def sky() -> Sky:
    return Sky()


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def dairy(sqlite_store: Store) -> Store:
    """A store of one center with cheese and lamps, and a carton rated for weather."""
    cooler = an_insulated_carton(hold_h=90, rated_at_tenths_c=280)
    center = a_center(
        temperatures=(TemperatureBand.AMBIENT, TemperatureBand.CHILLED),
        cartons=("BOX-M", "COOL-M"),
    )
    network = a_network(
        centers=(center,), services=(a_service(),), cartons=(a_carton(), cooler)
    )
    goods = (a_chilled_sku(), a_sku())
    publish(sqlite_store, network, goods, MONDAY, rules=a_rule_set())
    on_hand = {SkuId("CHEESE"): 50, SkuId("LAMP"): 50}
    with sqlite_store.writing() as session:
        report = StockReport(fc=FcId("EAST"), as_of=MONDAY, on_hand=on_hand)
        stock.load(session, report)
    return sqlite_store


@pytest.fixture
def forecasting(sky: Sky, watch: Stopwatch) -> Forecasting:
    return Forecasting({"sky": sky}, deadline_s=0.05, timer=watch)


@pytest.fixture
def deciding(dairy: Store, clock: FakeClock, forecasting: Forecasting) -> Deciding:
    return Deciding(dairy, clock, window_s=0, weather=forecasting)


def wanted(name: str = "ORDER-1", sku: str = "CHEESE") -> Order:
    return an_order(id=name, lines=(a_line(sku),))


async def decided(deciding: Deciding, order: Order) -> Decided:
    return await deciding.decide(
        DecideOrder(order=order, lines=order.lines, revision=1, policy=a_policy())
    )


def coolant(answer: Decided) -> int:
    assert answer.plan
    return answer.plan.cost.get(CostTerm.COOLANT, 0)


def recorded(store: Store, order: str = "ORDER-1") -> WeatherKnown | None:
    with store.reading() as session:
        (decision,) = decisions.of_order(session, OrderId(order))
    return decision.weather


async def test_heat_makes_coolant_dearer_and_the_record_says_as_of_when(
    deciding: Deciding, dairy: Store
) -> None:
    answer = await decided(deciding, wanted())

    assert coolant(answer) == AS_RATED * 25 // 20
    assert recorded(dairy) == WeatherKnown(as_of=MONDAY)


async def test_goods_that_are_not_cold_ask_for_no_weather(
    deciding: Deciding, dairy: Store, sky: Sky
) -> None:
    await decided(deciding, wanted(sku="LAMP"))

    assert sky.asked == []
    assert recorded(dairy) is None


async def test_a_source_that_is_late_leaves_the_weather_unknown_for_now(
    deciding: Deciding, dairy: Store, sky: Sky, forecasting: Forecasting
) -> None:
    sky.clear.clear()

    answer = await decided(deciding, wanted())
    sky.clear.set()
    await forecasting.settled()
    next_one = await decided(deciding, wanted("ORDER-2"))

    assert coolant(answer) == AS_RATED
    assert recorded(dairy) == WeatherKnown(lacking=("destination", "EAST"))
    assert coolant(next_one) > AS_RATED


async def test_goods_that_are_not_cold_do_not_wait_for_a_late_source(
    dairy: Store, clock: FakeClock, sky: Sky
) -> None:
    slow = Forecasting({"sky": sky}, deadline_s=60)
    deciding = Deciding(dairy, clock, window_s=0, weather=slow)
    sky.clear.clear()

    cold = asyncio.create_task(decided(deciding, wanted()))
    await sky.reached.wait()
    lamp = await decided(deciding, wanted("ORDER-2", "LAMP"))

    assert lamp.plan
    assert not cold.done()
    sky.clear.set()
    assert coolant(await cold) > AS_RATED


async def test_orders_to_one_neighborhood_ask_once_an_hour(
    forecasting: Forecasting, sky: Sky
) -> None:
    next_door = a_place(longitude=-87.59)

    async def asked_at(now: datetime) -> int:
        await forecasting.ask((a_place(), next_door), now)
        return len(sky.asked)

    minutes = (0, 59, 60, 61)
    counts = [await asked_at(MONDAY + timedelta(minutes=m)) for m in minutes]

    # What is an hour old still serves, and is renewed meanwhile.
    await forecasting.settled()
    assert counts[:2] == [1, 1]
    assert len(sky.asked) == 2


async def test_a_source_that_is_away_is_left_in_peace_for_a_while(
    deciding: Deciding, dairy: Store, sky: Sky, watch: Stopwatch
) -> None:
    sky.away = True
    first = await decided(deciding, wanted())
    asked = len(sky.asked)
    sky.away = False

    second = await decided(deciding, wanted("ORDER-2"))
    watch.s = 60
    third = await decided(deciding, wanted("ORDER-3"))

    assert [coolant(x) for x in (first, second)] == [AS_RATED, AS_RATED]
    assert asked == 2
    assert coolant(third) > AS_RATED


async def test_the_next_source_is_asked_where_one_fails(
    dairy: Store, clock: FakeClock, sky: Sky
) -> None:
    broken = Sky()
    broken.away = True
    both = Forecasting({"a": broken, "b": sky})
    deciding = Deciding(dairy, clock, window_s=0, weather=both)

    assert coolant(await decided(deciding, wanted())) > AS_RATED


async def test_yesterdays_forecast_is_not_used(
    deciding: Deciding, sky: Sky, clock: FakeClock, watch: Stopwatch
) -> None:
    await decided(deciding, wanted())
    sky.away = True
    clock.pass_time(timedelta(hours=7))

    assert coolant(await decided(deciding, wanted("ORDER-2"))) == AS_RATED


async def test_no_address_leaves_the_house(deciding: Deciding, sky: Sky) -> None:
    await decided(deciding, wanted())

    places = [place for ask in sky.asked for place in ask.places]
    assert {(p.latitude, p.longitude) for p in places} == {(41.9, -87.6), (40.7, -74.0)}
    assert {p.postal_code + p.city + p.region for p in places} == {"-"}


async def test_a_worker_with_a_forecast_connection_decides_with_it(
    dairy: Store, clock: FakeClock, sky: Sky
) -> None:
    rooms = Rooms(dairy, Registry(forecasts={"sky": sky}), clock, Settings())
    unused = cast(Client, None)
    by_name = {each.__name__: each for each in rooms.activities(unused, lambda: None)}
    order = wanted()

    answer = await by_name["decide"](
        DecideOrder(order=order, lines=order.lines, revision=1, policy=a_policy())
    )

    assert coolant(answer) > AS_RATED


async def test_what_would_be_decided_knows_the_weather_too(
    dairy: Store, clock: FakeClock, forecasting: Forecasting
) -> None:
    evaluating = Evaluating(dairy, clock, weather=forecasting)

    (answer,) = (await evaluating.evaluate(EvaluateOrders(orders=(wanted(),)))).plans

    assert isinstance(answer, Plan)
    assert answer.cost[CostTerm.COOLANT] > AS_RATED
