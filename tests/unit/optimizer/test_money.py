"""Each money term, on its own, changes what is chosen."""

from datetime import timedelta
from typing import Any

import pytest

from domain.network import (
    Network,
    PackingMethod,
    ServiceMode,
    Surcharges,
    Transit,
    ZoneRate,
)
from domain.order import Order
from domain.plan import CostTerm, LiveRate, Parcel, Plan, total
from domain.sku import TemperatureBand
from optimizer.plan import plan
from tests.builders import (
    MONDAY,
    a_carton,
    a_center,
    a_chilled_sku,
    a_line,
    a_network,
    a_place,
    a_policy,
    a_problem,
    a_service,
    a_sku,
    a_task,
    an_air_service,
    an_insulated_carton,
    an_order,
    two_centers,
)

CHICAGO = an_order()
HOURS = {"p50_h": 24, "p90_h": 36}


def decide(
    order: Order = CHICAGO, money: dict[str, int] | None = None, **more: Any
) -> Plan:
    policy = a_policy(money={"late_cents_per_h": 0} | (money or {}))
    task = a_task(order, policy=policy, **more.pop("task", {}))
    answer = plan(a_problem(tasks=(task,), **more)).answers[0]
    assert isinstance(answer, Plan)
    return answer


def only(answer: Plan) -> Parcel:
    (parcel,) = answer.parcels
    return parcel


def flat(name: str, cents: int, **overrides: Any) -> Any:
    """Build a service of one zone and one price."""
    return a_service(
        id=name,
        zones=(9_000,),
        rates=(ZoneRate(zone=1, base_cents=cents),),
        transits=(Transit(zone=1, **HOURS),),
        **overrides,
    )


@pytest.mark.parametrize(
    ("term", "money"),
    [
        (CostTerm.LATENESS, {"late_cents_per_h": 5_000}),
        (CostTerm.VALUE_AT_RISK, {"late_event_cents": 60_000}),
        (CostTerm.SPOILAGE, {"spoilage_cents_per_h": 200}),
    ],
)
def test_time_that_costs_money_makes_the_fast_service_cheaper(
    term: CostTerm, money: dict[str, int]
) -> None:
    order = an_order(deliver_by=MONDAY + timedelta(hours=40))

    assert only(decide(order)).service == "SWIFT-GROUND"
    hurried = decide(order, money)

    assert only(hurried).service == "SWIFT-AIR"
    slower = next(a for a in hurried.alternatives if "GROUND" in a.ways[0].service)
    assert slower.delta[term] > 0


def test_an_appointment_makes_an_early_parcel_wait() -> None:
    order = an_order(deliver_by=MONDAY + timedelta(days=6))

    waiting = decide(order, {"early_cents_per_h": 30, "late_cents_per_h": 900})

    assert only(waiting).hand_over_at > only(decide(order)).hand_over_at
    assert waiting.p90_at <= MONDAY + timedelta(days=6)


def one_of_each() -> dict[str, Any]:
    lamp = a_center(id="LAMPS", place=a_place("60601"))
    vase = a_center(id="VASES", place=a_place("60601"))
    both = a_center(id="BOTH", place=a_place("90012"))
    far = ZoneRate(zone=3, base_cents=5_000)
    service = a_service(rates=(*a_service().rates[:2], far))
    return {
        "network": a_network(centers=(lamp, vase, both), services=(service,)),
        "skus": (a_sku(), a_sku(id="VASE")),
        "stock": {
            ("LAMPS", "LAMP"): 1,
            ("VASES", "VASE"): 1,
            ("BOTH", "LAMP"): 1,
            ("BOTH", "VASE"): 1,
        },
    }


def test_a_dear_split_keeps_an_order_in_one_parcel() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("VASE")))

    apart = decide(order, **one_of_each())
    together = decide(order, {"split_cents": 9_000}, **one_of_each())

    assert [p.fc for p in apart.parcels] == ["LAMPS", "VASES"]
    assert [p.fc for p in together.parcels] == ["BOTH"]


def test_a_split_is_paid_once_for_every_parcel_after_the_first() -> None:
    world = one_of_each()
    del world["stock"]["BOTH", "LAMP"]
    order = an_order(lines=(a_line("LAMP"), a_line("VASE")))

    answer = decide(order, {"split_cents": 70}, **world)

    assert answer.cost[CostTerm.SPLIT] == 70
    assert [CostTerm.SPLIT in p.cost for p in answer.parcels] == [False, True]


def test_goods_that_break_take_the_gentler_service() -> None:
    network = a_network(
        services=(
            flat("ROUGH", 500, damage_ppm=9_000),
            flat("GENTLE", 600, damage_ppm=100),
        )
    )

    careless = decide(network=network)
    careful = decide(money={"damage_event_cents": 20_000}, network=network)

    assert only(careless).service == "ROUGH"
    assert only(careful).service == "GENTLE"


def test_something_fragile_breaks_three_times_as_often() -> None:
    sturdy = decide(money={"damage_event_cents": 50_000})
    fragile = decide(money={"damage_event_cents": 50_000}, skus=(a_sku(fragile=True),))

    harm = sturdy.cost[CostTerm.DAMAGE]
    assert fragile.cost[CostTerm.DAMAGE] == pytest.approx(3 * harm, abs=2)


def test_a_secured_box_is_worth_its_price_when_harm_is_dear() -> None:
    secured = a_carton(id="SAFE", method=PackingMethod.SECURED, cost_cents=150)
    center = a_center(cartons=("BOX-M", "SAFE"))
    network = a_network(centers=(center,), cartons=(a_carton(), secured))

    careless = decide(network=network)
    careful = decide(money={"damage_event_cents": 900_000}, network=network)

    assert only(careless).method is PackingMethod.CARTON
    assert only(careful).method is PackingMethod.SECURED


def test_carbon_that_costs_money_keeps_goods_on_the_ground() -> None:
    network = a_network(
        services=(
            flat("ROAD", 510, carbon_g_per_tonne_km=60),
            flat("SKY", 500, carbon_g_per_tonne_km=900, mode=ServiceMode.AIR),
        )
    )

    careless = decide(network=network)
    careful = decide(money={"carbon_cents_per_kg": 50}, network=network)

    assert only(careless).service == "SKY"
    assert only(careful).service == "ROAD"


def cold_world(coolant: int) -> Network:
    insulated = an_insulated_carton(coolant_cents_per_h=coolant)
    center = a_center(
        cartons=("BOX-M", "COOL-M"),
        temperatures=(TemperatureBand.AMBIENT, TemperatureBand.CHILLED),
    )
    services = (a_service(), an_air_service(temperatures=("ambient",)))
    return a_network(
        centers=(center,), cartons=(a_carton(), insulated), services=services
    )


def test_dear_coolant_makes_the_fast_service_cheaper() -> None:
    order = an_order(lines=(a_line("CHEESE"),))
    skus = (a_chilled_sku(),)

    cheap = decide(order, network=cold_world(1), skus=skus)
    dear = decide(order, network=cold_world(90), skus=skus)

    assert only(cheap).service == "SWIFT-GROUND"
    assert only(dear).service == "SWIFT-AIR"
    assert dear.cost[CostTerm.COOLANT] == 90 * 26


def test_the_cheaper_box_is_taken_where_both_fit() -> None:
    plain = a_carton(id="PLAIN", cost_cents=40)
    center = a_center(cartons=("BOX-M", "PLAIN"))
    network = a_network(centers=(center,), cartons=(a_carton(), plain))

    answer = decide(network=network)

    assert only(answer).cartons[0].carton == "PLAIN"
    assert answer.cost[CostTerm.PACKAGING] == 40


def test_a_bulky_box_is_billed_by_its_size() -> None:
    big = a_carton(
        id="BIG",
        inner=a_carton().inner,
        outer=a_carton().outer.model_copy(update={"height_mm": 700}),
        cost_cents=1,
    )
    center = a_center(cartons=("BOX-M", "BIG"))
    network = a_network(centers=(center,), cartons=(a_carton(), big))

    assert only(decide(network=network)).cartons[0].carton == "BOX-M"


def test_dear_handling_sends_an_order_elsewhere() -> None:
    dear = a_center(id="DEAR", handling_cents_per_line=900)
    network = a_network(centers=(a_center(id="USUAL"), dear))

    assert only(decide(network=network)).fc == "USUAL"


def test_units_are_handled_at_thousandths_of_a_cent() -> None:
    center = a_center(
        handling_cents_per_parcel=0,
        handling_cents_per_line=0,
        handling_millicents_per_unit=1_420,
    )
    order = an_order(lines=(a_line("LAMP", 5),))

    answer = decide(order, network=a_network(centers=(center,)))

    assert answer.cost[CostTerm.HANDLING] == 7


def test_surcharges_decide_between_equal_rates() -> None:
    added = Surcharges(fuel_permille=100, residential_cents=75, signature_cents=300)
    network = a_network(
        services=(
            flat("PLAIN", 600, signature=True),
            flat("FANCY", 590, signature=True, surcharges=added),
        )
    )

    assert only(decide(network=network)).service == "PLAIN"
    signed = decide(an_order(signature=True, residential=False), network=network)
    other = next(a for a in signed.alternatives if a.ways[0].service == "FANCY")
    assert other.delta[CostTerm.SURCHARGES] == 300 + 59


def test_a_carriers_own_quote_replaces_rate_and_surcharges() -> None:
    quote = LiveRate(fc="EAST", service="SWIFT-AIR", cents=321)

    answer = decide(task={"rates": (quote,)})

    assert only(answer).service == "SWIFT-AIR"
    assert answer.cost[CostTerm.FREIGHT] == 321
    assert CostTerm.SURCHARGES not in answer.cost


def test_work_beyond_capacity_goes_elsewhere_when_it_costs_more() -> None:
    east = a_center(capacity_lines=0, over_capacity_lines=5)
    cheap = east.model_copy(update={"over_capacity_cents_per_line": 10})
    dear = east.model_copy(update={"over_capacity_cents_per_line": 5_000})
    west = two_centers().centers[1]

    stays = decide(network=a_network(centers=(cheap, west)))
    moves = decide(network=a_network(centers=(dear, west)))

    assert only(stays).fc == "EAST"
    assert stays.cost[CostTerm.OVER_CAPACITY] == 10
    assert only(moves).fc == "WEST"


def test_terms_add_up_from_parcels_to_the_plan() -> None:
    world = one_of_each()
    del world["stock"]["BOTH", "LAMP"]
    order = an_order(lines=(a_line("LAMP"), a_line("VASE")))

    answer = decide(order, {"split_cents": 70, "damage_event_cents": 9_000}, **world)

    assert answer.total_cents == sum(total(p.cost) for p in answer.parcels)
    assert answer.solver.cost_cents == answer.total_cents
