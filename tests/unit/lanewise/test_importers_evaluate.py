from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.network import CarrierService, LaneRate, Network, ServiceMode
from domain.order import Order
from domain.policy import Policy
from domain.quantities import FcId, SkuId
from domain.sku import Sku
from lanewise.importers.compare import Assigned, breaches
from lanewise.importers.evaluate import Evaluation, evaluate
from tests.builders import (
    MONDAY,
    a_center,
    a_lane_service,
    a_line,
    a_network,
    a_place,
    a_sku,
    an_order,
    two_centers,
)

SKUS = {sku.id: sku for sku in (a_sku(id=f"SKU-{n}") for n in range(8))}


def plants(draw: Random) -> Network:
    """Draw centers that take some orders a day and carry some of the goods."""
    centers = tuple(
        a_center(
            id=f"PLANT-{n}",
            pickups=(),
            ports=draw.choice((("PORT-A",), ("PORT-B",), ("PORT-A", "PORT-B"))),
            capacity_orders=draw.randrange(0, 8),
            cartons=(),
            pickup_counter=True,
            only_customers=("CUST-1",) if draw.random() < 0.3 else None,
            handling_cents_per_line=draw.randrange(0, 500),
        )
        for n in range(5)
    )
    return a_network(
        centers=centers,
        cartons=(),
        services=(hauls(draw), a_counter()),
        counts_stock=False,
        stocked_at={
            sku: tuple(c.id for c in centers if draw.random() < 0.4) for sku in SKUS
        },
    )


def hauls(draw: Random) -> CarrierService:
    lanes = tuple(
        LaneRate(
            origin=port,
            destination="PORT-Z",
            max_g=draw.choice((900, 3_000)),
            minimum_cents=draw.randrange(100, 900),
            rate_millicents_per_kg=40_000,
        )
        for port in ("PORT-A", "PORT-B")
    )
    return a_lane_service(lanes=lanes)


def a_counter() -> CarrierService:
    return a_lane_service(id="COUNTER", mode=ServiceMode.PICKUP, lanes=())


def asked(draw: Random, count: int) -> list[Order]:
    return [
        an_order(
            id=f"ORDER-{n}",
            customer_id=draw.choice(("CUST-1", "CUST-2")),
            ship_to=a_place("PORT-Z"),
            lines=(a_line(draw.choice(tuple(SKUS)), draw.choice((1, 2, 5))),),
            pickup=draw.random() < 0.2,
            deliver_by=None,
            source_fc=f"PLANT-{draw.randrange(5)}",
        )
        for n in range(count)
    ]


def judged(orders: list[Order], network: Network) -> Evaluation:
    return evaluate(orders, network, SKUS, lambda _: Policy(), MONDAY)


def most_served(orders: list[Order], network: Network) -> int:
    """Match orders to places by augmenting paths, each order at most once."""
    at: dict[FcId, list[int]] = {center.id: [] for center in network.centers}
    may = [lawful_at(order, network, SKUS) for order in orders]
    room = {center.id: center.capacity_orders or 0 for center in network.centers}

    def placed(n: int, tried: set[FcId]) -> bool:
        for fc in may[n]:
            if fc in tried:
                continue
            tried.add(fc)
            if len(at[fc]) < room[fc]:
                at[fc].append(n)
                return True
            for other in at[fc]:
                if placed(other, tried):
                    at[fc][at[fc].index(other)] = n
                    return True
        return False

    return sum(placed(n, set()) for n in range(len(orders)))


def lawful_at(order: Order, network: Network, skus: dict[SkuId, Sku]) -> list[FcId]:
    """List the centers that may serve the order, worked out from the raw input."""
    found = []
    weight_g = sum(skus[line.sku].weight_g * line.units for line in order.lines)
    rates = network.services[0].lanes
    for center in network.centers:
        carried = all(
            center.id in network.stocked_at.get(line.sku, ()) for line in order.lines
        )
        served = center.only_customers is None or (
            order.customer_id in center.only_customers
        )
        hauled = order.pickup or any(
            rate.origin in center.ports and weight_g < (rate.max_g or 0)
            for rate in rates
        )
        if carried and served and hauled:
            found.append(center.id)
    return found


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_proven_maximum_is_what_a_matching_finds(seed: int) -> None:
    draw = Random(seed)
    network = plants(draw)
    orders = asked(draw, 30)

    found = judged(orders, network)

    assert found.served == found.most == most_served(orders, network)
    assert sum(found.unserved.values()) == len(orders) - found.served


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_our_own_plans_break_no_rule_the_other_side_is_held_to(seed: int) -> None:
    draw = Random(seed)
    network = plants(draw)

    comparison = judged(asked(draw, 20), network).comparison

    assert comparison is not None
    assert comparison.ours_in_breach == 0


def test_orders_left_over_are_counted_by_what_stopped_them_first() -> None:
    network = two_plants(capacity_orders=1)
    orders = [
        asked_of("FULL-1", "SKU-0"),
        asked_of("FULL-2", "SKU-0"),
        asked_of("NOWHERE", "SKU-1"),
        asked_of("TOO-HEAVY", "SKU-0", units=9),
        asked_of("FAR", "SKU-0").model_copy(update={"ship_to": a_place("PORT-Y")}),
    ]

    found = judged(orders, network)

    assert found.served == 1
    assert found.unserved == {
        "capacity-orders": 1,
        "stock": 1,
        "weight-band": 1,
        "no-lane": 1,
    }


def two_plants(**overrides: object) -> Network:
    values = {"pickups": (), "cartons": (), "ports": ("PORT-A",)} | overrides
    lane = LaneRate(origin="PORT-A", destination="PORT-Z", max_g=3_000)
    return a_network(
        centers=(
            a_center(id="PLANT-0", **values),
            a_center(id="PLANT-1", **values),
        ),
        cartons=(),
        services=(a_lane_service(lanes=(lane,)),),
        counts_stock=False,
        stocked_at={"SKU-0": ("PLANT-0",), "SKU-2": ("PLANT-1",)},
    )


def asked_of(name: str, sku: str, units: int = 1) -> Order:
    return an_order(
        id=name,
        ship_to=a_place("PORT-Z"),
        lines=(a_line(sku, units),),
        deliver_by=None,
    )


def test_an_assignment_made_elsewhere_is_told_every_rule_it_breaks() -> None:
    network = two_plants(capacity_orders=2, only_customers=("CUST-1",))
    stranger = asked_of("D", "SKU-0").model_copy(update={"customer_id": "CUST-9"})
    assigned = [
        Assigned(asked_of("A", "SKU-0"), "PLANT-0", "HAUL"),
        Assigned(asked_of("B", "SKU-2"), "PLANT-0", "HAUL"),
        Assigned(asked_of("C", "SKU-0", units=9), "PLANT-0", "HAUL-AIR"),
        Assigned(stranger, "PLANT-1", "NOBODY"),
        Assigned(asked_of("E", "SKU-0"), "PLANT-7"),
    ]

    found = {(b.order_id, b.limit) for b in breaches(assigned, network, SKUS)}

    assert found == {
        ("B", "stock"),
        ("C", "weight-band"),
        ("C", "capacity-orders"),
        ("D", "only-customers"),
        ("D", "stock"),
        ("D", "service"),
        ("E", "center"),
    }


def test_costs_are_compared_on_orders_that_both_serve() -> None:
    dear = a_center(id="WEST", handling_cents_per_parcel=5_000)
    network = two_centers(centers=(a_center(), dear))
    orders = [
        an_order(id="A", source_fc="WEST", source_service="SWIFT-GROUND"),
        an_order(id="B", source_fc="NOWHERE"),
    ]
    stock = {(c.id, SkuId("LAMP")): 9 for c in network.centers}

    found = evaluate(
        orders,
        network,
        {SkuId("LAMP"): a_sku()},
        lambda _: Policy(),
        MONDAY,
        stock=stock,
    )

    assert found.comparison is not None
    assert (found.comparison.common, found.comparison.limits) == (1, {"center": 1})
    assert found.comparison.own_cents - found.comparison.our_cents == 5_000 - 120
