"""What is scarce is remembered, fades, and is paid for by who comes alone."""

import asyncio
from datetime import timedelta

import pytest

from activities.decided import DecideOrder, task_of
from activities.deciding import Deciding
from activities.published import Published
from activities.scarcity import Scarcity, as_prices, as_scarce, in_force
from activities.snapshot import problem_of
from domain.plan import Decision
from domain.quantities import FcId, OrderId, SkuId
from domain.scarcity import Scarce, ScarceKind
from optimizer.plan import plan
from optimizer.prices import Prices
from optimizer.problem import Effort
from optimizer.resources import Kind, Resource
from store import decisions, scarcity
from store.engine import Store
from tests.builders import MONDAY, a_policy, an_order, two_centers
from tests.fakes import FakeClock
from tests.unit.activities.conftest import count
from tests.unit.activities.crowd import crowd, crowded

HALF = timedelta(minutes=30)
LAMP = Scarce(
    kind=ScarceKind.STOCK,
    fc=FcId("EAST"),
    sku=SkuId("LAMP"),
    millicents=9_000_000,
    found_at=MONDAY,
)


def ask(order_id: str = "ORDER-1") -> DecideOrder:
    order = an_order(id=order_id)
    return DecideOrder(order=order, lines=order.lines, revision=1, policy=a_policy())


def keep(store: Store, *found: Scarce, network: str | None = None) -> None:
    version = network or two_centers().version
    with store.writing() as session:
        scarcity.keep(session, found, version)


def kept(store: Store, order_id: str = "ORDER-1") -> Decision:
    with store.reading() as session:
        decision = decisions.by_revision(session, OrderId(order_id), 1)
    assert decision is not None
    return decision


def alone(store: Store, clock: FakeClock, *, pays: bool = True) -> Deciding:
    """A worker whose orders come one by one."""
    return Deciding(
        store, clock, window_s=0, scarcity=Scarcity(store, HALF, alone=pays)
    )


@pytest.fixture
def both(ledgers: Store) -> Store:
    """Both centers have lamps; EAST is the cheaper one."""
    count(ledgers, "WEST", 5)
    return ledgers


@pytest.mark.parametrize(("pays", "fc"), [(True, "WEST"), (False, "EAST")])
async def test_who_comes_alone_leaves_what_is_scarce_to_others_if_it_is_to_pay(
    both: Store, clock: FakeClock, pays: bool, fc: str
) -> None:
    keep(both, LAMP)

    answer = await alone(both, clock, pays=pays).decide(ask())

    assert answer.plan
    assert [parcel.fc for parcel in answer.plan.parcels] == [fc]
    assert kept(both).under_prices is pays
    assert kept(both).prices == (LAMP,)


async def test_the_prices_in_a_decision_are_enough_to_make_it_again(
    both: Store, clock: FakeClock
) -> None:
    keep(both, LAMP)
    clock.pass_time(timedelta(minutes=47))
    with both.reading() as session:
        network = Published().network(session)
        problem = problem_of(session, network, (task_of(ask()),), clock.at)
    await alone(both, clock).decide(ask())
    made = kept(both)

    effort = Effort(prices=as_prices(made.prices), under_prices=made.under_prices)
    again = plan(problem, effort)

    assert made.prices[0].millicents < LAMP.millicents
    assert again.answers == (made.plan,)


@pytest.mark.parametrize(
    ("later", "network"),
    [(timedelta(days=1), None), (timedelta(0), "another network")],
)
async def test_prices_that_faded_or_are_of_another_network_count_for_nothing(
    both: Store, clock: FakeClock, later: timedelta, network: str | None
) -> None:
    keep(both, LAMP, network=network)
    clock.pass_time(later)

    await alone(both, clock).decide(ask())

    assert kept(both).prices == ()
    assert not kept(both).under_prices


async def test_a_batch_leaves_its_prices_and_the_next_one_begins_there(
    sqlite_store: Store, clock: FakeClock
) -> None:
    store = crowded(sqlite_store)
    prices = Scarcity(store, HALF, alone=False)
    deciding = Deciding(store, clock, window_s=0.2, most=18, scarcity=prices)
    asks = [ask().model_copy(update={"order": o, "lines": o.lines}) for o in crowd(24)]

    await asyncio.gather(*(deciding.decide(each) for each in asks[:18]))
    clock.pass_time(HALF)
    await asyncio.gather(*(deciding.decide(each) for each in asks[18:]))

    begun_with = kept(store, "CROWD-20").prices
    assert kept(store, "CROWD-2").prices == ()
    assert begun_with
    assert {price.found_at for price in begun_with} == {MONDAY}
    assert {price.sku for price in begun_with} <= {
        None,
        *(line.sku for line in asks[20].lines),
    }


async def test_with_no_half_life_nothing_is_kept(
    sqlite_store: Store, clock: FakeClock
) -> None:
    store = crowded(sqlite_store)
    off = Scarcity(store, timedelta(0), alone=True)
    deciding = Deciding(store, clock, window_s=1, most=18, scarcity=off)
    asks = [ask().model_copy(update={"order": o, "lines": o.lines}) for o in crowd()]

    await asyncio.gather(*(deciding.decide(each) for each in asks))

    with store.reading() as session:
        version = Published().network(session).version
        assert scarcity.known(session, version, MONDAY) == ()


def test_a_price_is_halved_with_every_half_life() -> None:
    (after,) = in_force([LAMP], MONDAY + 3 * HALF, HALF)

    assert after.millicents == LAMP.millicents // 8
    assert after.found_at == MONDAY


def test_the_work_of_days_that_are_over_is_not_scarce_any_more() -> None:
    day = LAMP.model_copy(
        update={"kind": ScarceKind.FC_LINES, "sku": None, "day": MONDAY.date()}
    )

    assert in_force([day], MONDAY, HALF)
    assert not in_force([day], MONDAY + timedelta(days=2), timedelta(days=9))


def test_prices_are_the_same_in_both_words() -> None:
    fc, day = FcId("EAST"), MONDAY.date()
    stock = Resource(Kind.STOCK, fc, sku=SkuId("LAMP"))
    lines = Resource(Kind.FC_LINES, fc, day=day)
    prices = Prices({stock: 310_000, lines: 5}, {lines: 7})

    assert as_prices(as_scarce(prices, MONDAY)) == prices
