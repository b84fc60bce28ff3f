"""What shipments cost by every service: live, else by the tables that decide."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.questions import question_of
from connectors.rating import Shopping
from connectors.routing import Routes
from domain.network import Network, Surcharges
from domain.plan import CostTerm, Plan
from domain.quantities import FcId, ServiceId
from lanewise.rates import Shipment, offers, question_about, table_cents
from optimizer.plan import plan
from tests.builders import (
    MONDAY,
    a_line,
    a_network,
    a_policy,
    a_problem,
    a_service,
    a_sku,
    a_task,
    an_air_service,
    an_order,
)
from tests.fakes import FakeCarrier, FakeClock, pause

BOX = {
    "size": {"length_mm": 300, "width_mm": 200, "height_mm": 100},
    "weight_g": 1_400,
}
GROUND, AIR = ServiceId("SWIFT-GROUND"), ServiceId("SWIFT-AIR")


def a_shipment(**overrides: Any) -> Shipment:
    values: dict[str, Any] = {
        "id": "S-1",
        "fc": "EAST",
        "ship_to": {"postal_code": "60601"},
        "pieces": [BOX],
    }
    return Shipment.model_validate(values | overrides)


def two_services() -> Network:
    added = Surcharges(fuel_permille=130, residential_cents=410, insurance_permille=7)
    return a_network(services=(a_service(surcharges=added), an_air_service()))


@settings(deadline=None, max_examples=20)
@given(
    units=st.integers(1, 9),
    residential=st.booleans(),
    insured=st.booleans(),
    weight_g=st.integers(100, 9_000),
)
def test_the_tables_price_a_parcel_as_the_decision_about_it_did(
    units: int, weight_g: int, *, residential: bool, insured: bool
) -> None:
    network, lamp = two_services(), a_sku(weight_g=weight_g)
    order = an_order(lines=(a_line(units=units),), residential=residential)
    task = a_task(order, policy=a_policy(limits={"insured": insured}))
    problem = a_problem(network=network, skus=(lamp,), tasks=(task,))
    (answer,) = plan(problem).answers
    assert isinstance(answer, Plan)

    for parcel in answer.parcels:
        skus = {lamp.id: lamp}
        asked = question_of(
            order, parcel, network, skus, insured=insured, signature=False
        )
        told = table_cents(network, network.service(parcel.service), asked)

        terms = (CostTerm.FREIGHT, CostTerm.SURCHARGES)
        assert told == sum(parcel.cost.get(term, 0) for term in terms)


@pytest.mark.parametrize(
    "piece",
    [
        {**BOX, "weight_g": 30_001},
        {**BOX, "size": {"length_mm": 2_701, "width_mm": 9, "height_mm": 9}},
        {**BOX, "hazmat": True},
    ],
    ids=["weight", "length", "hazmat"],
)
def test_the_tables_have_no_price_for_what_a_service_does_not_take(
    piece: dict[str, Any],
) -> None:
    network = two_services()
    asked = question_about(a_shipment(pieces=[piece]), network, MONDAY)

    assert table_cents(network, network.service(GROUND), asked) is None


async def test_live_prices_stand_beside_those_of_the_tables() -> None:
    network, carrier = two_services(), FakeCarrier(FakeClock(MONDAY))
    late = carrier.on("rate_shop", pause())
    routes = Routes({}, {(None, None, None): "swift"})
    shop = Shopping({"swift": carrier}, routes, deadline_s=0.05)
    asked = [
        (shipment.id, question_about(shipment, network, MONDAY))
        for shipment in (a_shipment(), a_shipment(id="S-2", signature=True))
    ]

    first, second = await offers(shop, network, asked, MONDAY)
    late.go_on.set()

    assert [offer.connection for offer in first.offers] == [None, None]
    assert "late" in first.silent[0].words
    assert [offer.connection for offer in second.offers] == ["swift", "swift"]
    assert (first.unpriced, second.silent) == ((), ())


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"fc": FcId("NORTH")}, "fc: 'NORTH' is no center"),
        ({"services": ["ROCKET"]}, "services: 'ROCKET' is no service"),
    ],
)
def test_a_shipment_the_network_cannot_carry_is_refused_by_name(
    wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        question_about(a_shipment(**wrong), two_services(), MONDAY)
