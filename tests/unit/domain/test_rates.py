from typing import Any

import pytest
from pydantic import ValidationError

from domain.network import LaneRate, LineHaul, ServiceMode, Vehicle
from domain.quantities import FcId, Place, ServiceId
from tests.builders import a_center, a_lane_service, a_network, a_place, a_service

TRUCK = Vehicle(capacity_g=5_000_000, cost_cents=40_000)
HAUL = LineHaul(fc=FcId("EAST"), vehicle=TRUCK)


def a_lane(**overrides: Any) -> LaneRate:
    values = {"origin": "A", "destination": "Z", "vehicle": TRUCK}
    return LaneRate.model_validate(values | overrides)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"line_hauls": (HAUL, HAUL)}, "two line-hauls from 'EAST'"),
        (
            {"line_hauls": (HAUL,), "lanes": (a_lane(),)},
            "give lanes a vehicle each instead",
        ),
        (
            {"line_hauls": (HAUL,), "mode": ServiceMode.PICKUP},
            "line_hauls must be empty",
        ),
        (
            {"lanes": (a_lane(), a_lane(min_g=9, vehicle=None))},
            "lanes from 'A' to 'Z' name different vehicles",
        ),
    ],
)
def test_vehicles_that_make_no_sense_are_refused(
    wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        a_service(**wrong)


def test_a_hub_without_coordinates_is_refused() -> None:
    with pytest.raises(ValidationError, match="'00000' has no coordinates"):
        LineHaul(fc=FcId("EAST"), vehicle=TRUCK, hub=Place(postal_code="00000"))


def test_a_line_haul_from_nowhere_is_refused() -> None:
    haul = HAUL.model_copy(update={"fc": FcId("MOON")})

    with pytest.raises(ValidationError, match="'MOON', which is no center"):
        a_network(services=(a_service(line_hauls=(haul,)),))


def test_a_network_names_every_run_and_its_vehicle() -> None:
    skipping = a_service(id="SKIP", line_hauls=(HAUL,))
    lanes = (a_lane(), a_lane(destination="Y", vehicle=None), a_lane(origin="B"))
    trucks = a_lane_service(id="TRUCK", lanes=lanes)
    center = a_center(ports=("A",), place=a_place("07030"))

    network = a_network(centers=(center,), services=(skipping, trucks))

    assert network.runs == {("EAST", "SKIP"): TRUCK, ("EAST", "TRUCK:A>Z"): TRUCK}
    assert network.service(ServiceId("SKIP")).line_haul_from(FcId("EAST")) == HAUL
