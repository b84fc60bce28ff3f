"""Every limit excludes a lane, with the figures that did it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.network import (
    FulfillmentMode,
    PackingMethod,
    ServiceMode,
)
from domain.order import Order
from domain.plan import Block, CostTerm, Pin, Plan, Unplaced
from domain.policy import SoftLimit
from domain.sku import TemperatureBand
from optimizer.plan import plan
from tests.builders import (
    MONDAY,
    a_carton,
    a_center,
    a_chilled_sku,
    a_hazard,
    a_lane_service,
    a_line,
    a_network,
    a_place,
    a_policy,
    a_problem,
    a_service,
    a_size,
    a_sku,
    a_task,
    an_air_service,
    an_insulated_carton,
    an_order,
    two_centers,
)


def answer(order: Order | None = None, **more: Any) -> Plan | Unplaced:
    limits = more.pop("limits", {})
    task = {"policy": a_policy(limits), **more.pop("task", {})}
    return plan(a_problem(tasks=(a_task(order, **task),), **more)).answers[0]


def refused(found: Plan | Unplaced, fc: str, service: str | None) -> tuple[str, str]:
    (excluded,) = [e for e in found.excluded if (e.fc, e.service) == (fc, service)]
    return excluded.limit, excluded.why


CENTER_LIMITS: dict[str, dict[str, Any]] = {
    "allowed-centers": {"limits": {"allowed_centers": ("WEST",)}},
    "blocked-centers": {"limits": {"blocked_centers": ("EAST",)}},
    "pin": {"task": {"pin": Pin(fc="WEST")}},
    "block": {"task": {"blocks": (Block(fc="EAST"),)}},
    "stock": {"stock": {("WEST", "LAMP"): 1}},
}


@pytest.mark.parametrize("limit", CENTER_LIMITS)
def test_a_limit_excludes_a_whole_center(limit: str) -> None:
    found = answer(network=two_centers(), **CENTER_LIMITS[limit])

    assert isinstance(found, Plan)
    assert [parcel.fc for parcel in found.parcels] == ["WEST"]
    assert refused(found, "EAST", None)[0] == limit


SERVICE_LIMITS: dict[str, dict[str, Any]] = {
    "pin": {"task": {"pin": Pin(service="SWIFT-AIR")}},
    "block": {"task": {"blocks": (Block(service="SWIFT-GROUND"),)}},
    "blocked-services": {"limits": {"blocked_services": ("SWIFT-GROUND",)}},
    "allowed-modes": {"limits": {"allowed_modes": ("air",)}},
    "blocked-modes": {"limits": {"blocked_modes": ("ground",)}},
    "blocked-lanes": {
        "limits": {"blocked_lanes": ("EAST/SWIFT-GROUND", "WEST/SWIFT-AIR")}
    },
    "signature": {"limits": {"signature": True}},
    "insured": {
        "limits": {"insured": True},
        "skus": (a_sku(value_cents=20_000),),
    },
    "max-transit": {"limits": {"max_transit_h": 30}},
    "shelf-life": {"skus": (a_sku(shelf_life_h=30),)},
    "hazmat": {
        "skus": (a_sku(hazmat_class="9"),),
        "network": a_network(
            centers=(a_center(hazmat=True),),
            services=(a_service(), an_air_service(hazmat=True)),
        ),
    },
    "region": {
        "network": a_network(services=(a_service(regions=("NY",)), an_air_service()))
    },
    "reach": {
        "network": a_network(
            services=(
                a_service(
                    zones=(500,),
                    rates=a_service().rates[:1],
                    transits=a_service().transits[:1],
                ),
                an_air_service(),
            )
        )
    },
    "no-pickup": {
        "network": a_network(services=(a_service(carrier="OTHER"), an_air_service()))
    },
    "weight": {
        "network": a_network(services=(a_service(max_weight_g=900), an_air_service()))
    },
    "length": {
        "network": a_network(services=(a_service(max_length_mm=300), an_air_service()))
    },
    "girth": {
        "network": a_network(services=(a_service(max_girth_mm=900), an_air_service()))
    },
}


@pytest.mark.parametrize("limit", SERVICE_LIMITS)
def test_a_limit_excludes_a_service_and_another_serves(limit: str) -> None:
    found = answer(**SERVICE_LIMITS[limit])

    assert isinstance(found, Plan)
    assert [parcel.service for parcel in found.parcels] == ["SWIFT-AIR"]
    assert refused(found, "EAST", "SWIFT-GROUND")[0] == limit


@pytest.mark.parametrize("field", ["allowed_carriers", "blocked_carriers"])
def test_a_carrier_the_policy_refuses_is_not_used(field: str) -> None:
    other = an_air_service(id="OTHER-AIR", carrier="OTHER")
    network = a_network(centers=(a_center(pickups=()),), services=(a_service(), other))
    value = ("OTHER",) if field == "allowed_carriers" else ("SWIFT",)

    found = answer(network=network, limits={field: value})

    assert isinstance(found, Plan)
    assert found.parcels[0].carrier == "OTHER"
    assert refused(found, "EAST", "SWIFT-GROUND")[0] == field.replace("_", "-")


def test_a_handover_after_the_latest_is_excluded() -> None:
    found = answer(limits={"latest_handover": MONDAY + timedelta(hours=1)})

    assert isinstance(found, Unplaced)
    limit, why = refused(found, "EAST", "SWIFT-GROUND")
    assert limit == SoftLimit.LATEST_HANDOVER
    assert "2026-03-02 22:00Z" in why
    assert "2026-03-02 13:00Z" in why


def test_a_center_may_serve_named_customers_only() -> None:
    network = a_network(centers=(a_center(only_customers=("SOMEBODY",)),))

    found = answer(network=network)

    assert isinstance(found, Unplaced)
    assert refused(found, "EAST", None)[0] == "only-customers"


def test_goods_that_fit_no_carton_are_said_to() -> None:
    found = answer(skus=(a_sku(size=a_size(900, 900, 900)),))

    assert isinstance(found, Unplaced)
    assert refused(found, "EAST", "SWIFT-GROUND")[0] == "carton"


def test_a_packing_the_policy_does_not_allow_is_not_used() -> None:
    found = answer(limits={"allowed_packing": (PackingMethod.SECURED,)})

    assert isinstance(found, Unplaced)
    limit, why = refused(found, "EAST", "SWIFT-GROUND")
    assert limit == SoftLimit.PACKING
    assert why == "the policy allows only secured, not carton"


def cold(**center: Any) -> dict[str, Any]:
    bands = {"temperatures": (TemperatureBand.AMBIENT, TemperatureBand.CHILLED)}
    insulated = an_insulated_carton(hold_h=40)
    return {
        "network": a_network(
            centers=(a_center(cartons=("BOX-M", "COOL-M"), **(bands | center)),),
            cartons=(a_carton(), insulated),
            services=(a_service(), an_air_service(temperatures=("ambient",))),
        ),
        "skus": (a_chilled_sku(),),
    }


def test_cold_goods_need_a_carton_that_holds_as_long_as_the_journey() -> None:
    found = answer(an_order(lines=(a_line("CHEESE"),)), **cold())

    assert isinstance(found, Plan)
    assert found.parcels[0].service == "SWIFT-AIR"
    assert found.parcels[0].method is PackingMethod.INSULATED
    limit, why = refused(found, "EAST", "SWIFT-GROUND")
    assert limit == "cold-chain"
    assert "60 h" in why
    assert "40" in why


def test_a_warm_center_may_not_store_cold_goods() -> None:
    found = answer(
        an_order(lines=(a_line("CHEESE"),)),
        **cold(temperatures=(TemperatureBand.AMBIENT,)),
    )

    assert isinstance(found, Unplaced)
    assert refused(found, "EAST", None)[0] == "temperature"


def test_a_center_without_a_hazmat_room_may_not_store_it() -> None:
    found = answer(skus=(a_sku(hazmat_class="9"),))

    assert isinstance(found, Unplaced)
    assert refused(found, "EAST", None)[0] == "hazmat"


def test_a_block_on_center_and_service_forbids_that_pair_only() -> None:
    block = Block(fc="EAST", service="SWIFT-GROUND", why="label refused")

    found = answer(network=two_centers(), task={"blocks": (block,)})

    assert refused(found, "EAST", "SWIFT-GROUND") == ("block", "label refused")
    assert not [e for e in found.excluded if e.fc == "WEST"]
    assert isinstance(found, Plan)
    ways = {(a.ways[0].fc, a.ways[0].service) for a in found.alternatives}
    assert ("EAST", "SWIFT-AIR") in ways


def test_a_line_refused_by_one_center_comes_from_another() -> None:
    order = an_order(lines=(a_line("LAMP"), a_line("VASE")))
    found = answer(
        order,
        network=two_centers(),
        skus=(a_sku(), a_sku(id="VASE")),
        task={"blocks": (Block(fc="EAST", sku="VASE"),)},
    )

    assert isinstance(found, Plan)
    senders = {p.fc for p in found.parcels for line in p.lines if line.sku == "VASE"}
    assert senders == {"WEST"}


def test_an_impossible_pin_says_the_first_limit_of_the_pinned_lane() -> None:
    found = answer(
        network=two_centers(),
        limits={"max_transit_h": 30},
        task={"pin": Pin(fc="EAST", service="SWIFT-GROUND")},
    )

    assert isinstance(found, Unplaced)
    assert found.reasons == (
        "EAST by SWIFT-GROUND: 60 h in transit at p90, at most 30 allowed",
    )


def test_a_pinned_method_is_kept_to() -> None:
    safe = a_carton(id="SAFE", method=PackingMethod.SECURED, cost_cents=900)
    center = a_center(cartons=("BOX-M", "SAFE"))
    network = a_network(centers=(center,), cartons=(a_carton(), safe))

    found = answer(network=network, task={"pin": Pin(method=PackingMethod.SECURED)})

    assert isinstance(found, Plan)
    assert found.parcels[0].method is PackingMethod.SECURED


def counter(**overrides: Any) -> dict[str, Any]:
    collects = a_service(
        id="COLLECT",
        carrier="SELF",
        mode=ServiceMode.PICKUP,
        rates=(),
        zones=(),
        transits=(),
    )
    center = a_center(pickup_counter=True, **overrides)
    return {"network": a_network(centers=(center,), services=(a_service(), collects))}


def test_a_customer_who_collects_pays_no_freight() -> None:
    found = answer(an_order(pickup=True), **counter())

    assert isinstance(found, Plan)
    (parcel,) = found.parcels
    assert parcel.fulfillment is FulfillmentMode.PICKUP
    assert set(parcel.cost) == {"handling", "packaging"}
    assert parcel.hand_over_at == parcel.p90_at


def test_an_order_to_be_sent_never_waits_at_the_counter() -> None:
    found = answer(**counter())

    assert isinstance(found, Plan)
    assert found.parcels[0].fulfillment is FulfillmentMode.SHIP
    assert refused(found, "EAST", "COLLECT")[0] == "pickup"


def test_a_courier_is_local_delivery() -> None:
    courier = a_service(id="BIKE", mode=ServiceMode.COURIER)

    found = answer(network=a_network(services=(courier,)))

    assert isinstance(found, Plan)
    assert found.parcels[0].fulfillment is FulfillmentMode.LOCAL_COURIER


def ports(**lane: Any) -> dict[str, Any]:
    center = a_center(ports=("PORT-A",), pickups=(), cartons=())
    base = a_lane_service()
    lanes = tuple(band.model_copy(update=lane) for band in base.lanes)
    return {
        "network": a_network(
            centers=(center,),
            services=(a_lane_service(lanes=lanes),),
            cartons=(),
            counts_stock=False,
            stocked_at={"LAMP": ("EAST",)},
        ),
        "stock": {},
    }


def test_a_port_lane_costs_its_rate_or_its_minimum() -> None:
    place = a_place("PORT-Z")
    few = answer(an_order(ship_to=place), **ports())
    many = answer(an_order(ship_to=place, lines=(a_line("LAMP", 100),)), **ports())

    assert isinstance(few, Plan)
    assert isinstance(many, Plan)
    assert few.cost[CostTerm.FREIGHT] == 1_000
    assert many.cost[CostTerm.FREIGHT] == 80 * 50
    assert many.parcels[0].method is PackingMethod.OWN_CONTAINER
    assert many.parcels[0].weight_g == 80_000


def test_a_port_lane_has_no_price_beyond_its_bands() -> None:
    order = an_order(ship_to=a_place("PORT-Z"), lines=(a_line("LAMP", 100),))

    found = answer(order, **ports(max_g=70_000))

    assert isinstance(found, Unplaced)
    assert refused(found, "EAST", "HAUL-AIR") == ("weight-band", "no rate for 80000 g")


def test_a_center_that_does_not_carry_a_sku_does_not_send_it() -> None:
    order = an_order(ship_to=a_place("PORT-Z"), lines=(a_line("VASE"),))

    found = answer(order, **ports(), skus=(a_sku(id="VASE"),))

    assert isinstance(found, Unplaced)
    assert refused(found, "EAST", None) == ("stock", "it does not carry VASE")
    assert found.short == order.lines


def test_a_storm_adds_its_hours_to_lanes_that_end_in_it() -> None:
    calm = answer()
    stormy = answer(hazards=(a_hazard(),))
    passed = answer(hazards=(a_hazard(valid_until=MONDAY + timedelta(hours=9)),))

    assert isinstance(calm, Plan)
    assert isinstance(stormy, Plan)
    assert isinstance(passed, Plan)
    assert stormy.p90_at - calm.p90_at == timedelta(hours=24)
    assert passed.p90_at == calm.p90_at


def test_an_unknown_sku_is_named() -> None:
    found = answer(an_order(lines=(a_line("GHOST"),)))

    assert isinstance(found, Unplaced)
    assert found.reasons == ("SKU GHOST is not in the catalog",)
