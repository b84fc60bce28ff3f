from collections import Counter
from datetime import timedelta

import pytest

from domain.event import BusinessEvent
from domain.history import RETENTION, Entry, history_of
from domain.network import PackingMethod, ServiceMode
from domain.order import Order, ServiceLevel
from domain.quantities import SegmentId, SkuId
from domain.sku import Sku, TemperatureBand
from domain.subject import SubjectKind, of_customer
from lanewise.world.demand import WISHES, deliver_by, quotas
from lanewise.world.people import OFFSHORE
from lanewise.world.seed import Seeded, build
from segmentation.circumstances import Circumstances
from segmentation.classify import Rules
from segmentation.facts import gather
from segmentation.facts import of_customer as facts_of
from segmentation.ruleset import starter


@pytest.fixture(scope="session")
def seeded() -> Seeded:
    return build(seed=7, orders=200)


def skus_of(seeded: Seeded, order: Order) -> list[Sku]:
    return [seeded.skus[line.sku] for line in order.lines]


def drawn_as(seeded: Seeded, kind: str) -> list[Order]:
    found = [order for order in seeded.orders if seeded.kinds[order.id] == kind]
    assert found
    return found


def of_customers(seeded: Seeded) -> list[tuple[str, list[SegmentId]]]:
    """Tell each ordering customer's stage and segments, once the order is placed."""
    rules, orders = Rules(starter()), {o.customer_id: o for o in seeded.orders}
    by_customer: dict[str, list[Entry]] = {name: [] for name in orders}
    for event in seeded.past:
        if event.customer_id in by_customer:
            by_customer[event.customer_id].append(entry_of(event))
    found = []
    for name, order in orders.items():
        now = Entry(order.placed_at, order.id, "order_placed", order_id=order.id)
        past = {of_customer(name): history_of([*by_customer[name], now])}
        facts = facts_of(
            name, Circumstances(seeded.network, histories=past), seeded.start
        )
        judged = rules.classify(facts, seeded.start, on=SubjectKind.CUSTOMER)
        stage = str(facts.values["lifecycle"])
        found.append((stage, [m.segment for m in judged.memberships]))
    return found


def entry_of(event: BusinessEvent) -> Entry:
    return Entry(event.occurred_at, event.id, event.kind, order_id=event.order_id)


def test_the_same_seed_builds_the_same_world(seeded: Seeded) -> None:
    assert build(seed=7, orders=200) == seeded


def test_another_seed_builds_another_world(seeded: Seeded) -> None:
    assert build(seed=8, orders=200).orders != seeded.orders


def test_the_world_has_the_size_it_promises(seeded: Seeded) -> None:
    carriers = {service.carrier for service in seeded.network.services}

    assert len(seeded.orders) == 200
    assert len(seeded.network.centers) == 12
    assert (len(carriers), len(seeded.network.services)) == (6, 20)
    assert 480 <= len(seeded.skus) <= 520
    assert len(seeded.customers) == 150


@pytest.mark.parametrize("count", [1, 17, 30, 200, 333])
def test_as_many_orders_are_drawn_as_asked(count: int) -> None:
    assert sum(quotas(count).values()) == count


def test_every_kind_of_order_occurs(seeded: Seeded) -> None:
    assert set(seeded.kinds.values()) == {wish.kind for wish in WISHES}


def test_orders_are_placed_before_the_start(seeded: Seeded) -> None:
    assert all(order.placed_at < seeded.start for order in seeded.orders)


def test_orders_ask_for_known_goods_of_known_customers(seeded: Seeded) -> None:
    asked = {line.sku for order in seeded.orders for line in order.lines}

    assert asked <= set(seeded.skus)
    assert {order.customer_id for order in seeded.orders} <= set(seeded.customers)


def test_demand_never_exceeds_what_is_on_the_shelves(seeded: Seeded) -> None:
    asked: Counter[SkuId] = Counter()
    for order in seeded.orders:
        asked.update({line.sku: line.units for line in order.lines})

    held: Counter[SkuId] = Counter()
    for shelf in seeded.stock.values():
        held.update(shelf)

    assert {sku: n for sku, n in asked.items() if n > held[sku]} == {}


def test_centers_hold_only_what_they_can_keep(seeded: Seeded) -> None:
    for center in seeded.network.centers:
        held = [seeded.skus[sku] for sku in seeded.stock[center.id]]

        assert {sku.temperature for sku in held} <= set(center.temperatures)
        assert center.hazmat or not any(sku.hazmat_class for sku in held)


def test_every_center_has_its_zone_and_place(seeded: Seeded) -> None:
    for center in seeded.network.centers:
        assert center.place.located
        assert center.time_zone.startswith("America/")


def test_every_place_shipped_to_is_located(seeded: Seeded) -> None:
    assert all(order.ship_to.located for order in seeded.orders)


def test_bulk_orders_come_from_businesses_and_go_by_the_pallet(seeded: Seeded) -> None:
    for order in drawn_as(seeded, "bulk"):
        assert all(sku.pallet for sku in skus_of(seeded, order))
        assert not order.residential
        assert order.units >= 50


def test_perishables_are_cold_and_promised(seeded: Seeded) -> None:
    for order in drawn_as(seeded, "perishable"):
        bands = {sku.temperature for sku in skus_of(seeded, order)}

        assert bands == {TemperatureBand.CHILLED}
        assert order.deliver_by is not None


def test_weather_orders_go_into_the_storm(seeded: Seeded) -> None:
    storm = seeded.hazards[0].hazard

    orders = drawn_as(seeded, "weather")

    assert all(storm.touches(order.ship_to) for order in orders)


def test_pickup_orders_can_be_served_at_a_counter_nearby(seeded: Seeded) -> None:
    counters = [c.id for c in seeded.network.centers if c.pickup_counter]

    for order in drawn_as(seeded, "pickup"):
        assert order.pickup
        assert any(
            all(seeded.stock[fc].get(line.sku, 0) >= line.units for line in order.lines)
            for fc in counters
        )


def test_split_orders_have_no_center_with_everything(seeded: Seeded) -> None:
    for order in drawn_as(seeded, "split"):
        assert not any(
            all(shelf.get(line.sku, 0) >= line.units for line in order.lines)
            for shelf in seeded.stock.values()
        )


def test_impossible_orders_are_hazmat_where_only_planes_go(seeded: Seeded) -> None:
    flying = [s for s in seeded.network.services if s.mode is ServiceMode.AIR]

    assert not any(service.hazmat for service in flying)
    for order in drawn_as(seeded, "impossible"):
        assert order.ship_to.region in OFFSHORE
        assert all(sku.hazmat_class for sku in skus_of(seeded, order))


def test_there_is_something_to_pack_with_for_every_method(seeded: Seeded) -> None:
    methods = {carton.method for carton in seeded.network.cartons}

    assert methods == set(PackingMethod) - {
        PackingMethod.OWN_CONTAINER,
        PackingMethod.MIXED,
    }


def test_nearly_all_sku_sizes_fit_something(seeded: Seeded) -> None:
    cartons = [carton.inner for carton in seeded.network.cartons]

    def fits(sku: Sku) -> bool:
        size = sku.size
        sides = sorted((size.length_mm, size.width_mm, size.height_mm))
        return any(
            all(
                a <= b
                for a, b in zip(
                    sides,
                    sorted((c.length_mm, c.width_mm, c.height_mm)),
                    strict=True,
                )
            )
            for c in cartons
        )

    assert [
        sku.id
        for sku in seeded.skus.values()
        if not sku.ships_in_own_container and not fits(sku)
    ] == []


def test_rates_never_fall_with_distance(seeded: Seeded) -> None:
    for service in seeded.network.services:
        prices = [(r.base_cents, r.cents_per_half_kg) for r in service.rates]

        assert prices == sorted(prices)
        assert [t.p50_h for t in service.transits] == sorted(
            t.p50_h for t in service.transits
        )


def test_a_promise_skips_the_weekend(seeded: Seeded) -> None:
    place = seeded.orders[0].ship_to
    friday = seeded.start + timedelta(days=4)

    promised = deliver_by(friday, place, ServiceLevel.OVERNIGHT)

    assert timedelta(days=3) < promised - friday < timedelta(days=4)


def test_the_storm_is_known_at_the_start_and_the_ice_is_not(seeded: Seeded) -> None:
    announced = {each.hazard.kind: each.announced_at for each in seeded.hazards}

    assert announced["winter-storm"] < seeded.start < announced["ice-storm"]


def test_the_simulated_world_starts_from_the_same_books(seeded: Seeded) -> None:
    spec = seeded.world()

    assert spec.network == seeded.network
    assert spec.stock == seeded.stock
    assert spec.warehouse.stock_accuracy_permille < 1_000


def test_customers_who_order_are_at_every_stage_but_silence(seeded: Seeded) -> None:
    stages = {stage for stage, _ in of_customers(seeded)}

    assert stages == {"first-time", "active", "loyal"}


def test_the_past_lies_before_the_start_and_within_what_is_remembered(
    seeded: Seeded,
) -> None:
    instants = [event.occurred_at for event in seeded.past]

    assert instants == sorted(instants)
    assert seeded.start - RETENTION <= instants[0] < instants[-1] < seeded.start
    assert len({event.id for event in seeded.past}) == len(seeded.past)


def test_every_starter_segment_has_orders(seeded: Seeded) -> None:
    rules = Rules(starter())
    known = tuple(
        each.hazard for each in seeded.hazards if each.announced_at <= seeded.start
    )

    def around(order: Order) -> Circumstances:
        customer = seeded.customers[order.customer_id]
        on = seeded.conditions
        return Circumstances(seeded.network, seeded.skus, customer, known, on)

    found = {
        membership.segment
        for order in seeded.orders
        for membership in rules.classify(
            gather(order, around(order), seeded.start).values, seeded.start
        ).memberships
    } | {segment for _, segments in of_customers(seeded) for segment in segments}

    assert found == {segment.id for segment in starter().segments}
