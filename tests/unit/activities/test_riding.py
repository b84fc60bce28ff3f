"""Waves of one day share vehicles: the ledger knows what already rides."""

import pytest

from activities.decided import Decided, DecideOrder
from activities.deciding import Deciding, FreeHolds
from domain.network import LineHaul, Network, Vehicle
from domain.plan import CostTerm
from domain.quantities import FcId, OrderId
from lanewise.loading import publish
from store import stock
from store.engine import Store
from tests.builders import (
    MONDAY,
    a_network,
    a_policy,
    a_rule_set,
    a_service,
    a_sku,
    an_order,
)
from tests.fakes import FakeClock
from tests.unit.activities.conftest import count

EAST = FcId("EAST")


def by_truck(**vehicle: int) -> Network:
    kind = Vehicle.model_validate({"capacity_g": 100_000, "cost_cents": 900} | vehicle)
    return a_network(
        version="trucks",
        services=(a_service(line_hauls=(LineHaul(fc=EAST, vehicle=kind),)),),
    )


async def decided(deciding: Deciding, order: str) -> Decided:
    wanted = an_order(id=order)
    return await deciding.decide(
        DecideOrder(order=wanted, lines=wanted.lines, revision=1, policy=a_policy())
    )


def borne(answer: Decided) -> int:
    assert answer.plan
    return answer.plan.cost.get(CostTerm.VEHICLE, 0)


@pytest.fixture
def deciding(sqlite_store: Store, clock: FakeClock) -> Deciding:
    publish(sqlite_store, by_truck(), (a_sku(),), MONDAY, rules=a_rule_set())
    count(sqlite_store, "EAST", 9)
    return Deciding(sqlite_store, clock, window_s=0)


async def test_two_waves_of_one_day_share_the_truck(deciding: Deciding) -> None:
    first, second = [await decided(deciding, f"ORDER-{n}") for n in (1, 2)]

    assert (borne(first), borne(second)) == (900, 0)


async def test_a_truck_that_nobody_rides_any_more_is_not_paid_for_the_next(
    deciding: Deciding,
) -> None:
    await decided(deciding, "ORDER-1")
    deciding.free_holds(FreeHolds(order_id=OrderId("ORDER-1"), revision=1))

    assert borne(await decided(deciding, "ORDER-2")) == 900


async def test_what_rides_is_held_in_grams_and_no_truck_is_overbooked(
    sqlite_store: Store, clock: FakeClock
) -> None:
    one = by_truck(capacity_g=8_000, most=1)
    publish(sqlite_store, one, (a_sku(),), MONDAY, rules=a_rule_set())
    count(sqlite_store, "EAST", 9)
    deciding = Deciding(sqlite_store, clock, window_s=0)

    answers = [await decided(deciding, f"ORDER-{n}") for n in range(3)]

    with sqlite_store.reading() as session:
        rides = stock.taken(session, MONDAY).vehicle_g
    assert [answer.plan is not None for answer in answers] == [True, False, False]
    assert 4_000 < sum(rides.values()) <= 8_000
