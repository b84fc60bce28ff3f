"""What is out of service, and when that changes."""

from datetime import timedelta
from typing import Any

from domain.condition import Condition, ConditionKind
from domain.segment import Down
from segmentation.downtime import down, next_change
from tests.builders import MONDAY, a_network

HOUR = timedelta(hours=1)
NETWORK = a_network()
CENTER, SERVICE = NETWORK.centers[0].id, NETWORK.services[0]


def a_condition(kind: ConditionKind, **target: Any) -> Condition:
    values = {
        "id": "C-1",
        "kind": kind,
        "valid_from": MONDAY,
        "valid_until": MONDAY + 6 * HOUR,
        "declared_by": "ann",
    }
    return Condition(**(values | target))


OUTAGE = a_condition(ConditionKind.CENTER_OUTAGE, center=CENTER)


def test_a_center_is_down_from_the_beginning_of_its_outage_until_its_end() -> None:
    instants = [MONDAY - HOUR, MONDAY, MONDAY + 5 * HOUR, MONDAY + 6 * HOUR]

    found = [down([OUTAGE], NETWORK, at).centers for at in instants]

    assert found == [(), (CENTER,), (CENTER,), ()]


def test_a_carrier_disrupted_everywhere_is_down_by_name() -> None:
    stopped = a_condition(ConditionKind.CARRIER_DISRUPTION, carrier=SERVICE.carrier)

    assert down([stopped], NETWORK, MONDAY) == Down(carriers=(SERVICE.carrier,))


def test_a_service_disrupted_everywhere_leaves_its_carrier_alone() -> None:
    stopped = a_condition(
        ConditionKind.CARRIER_DISRUPTION, carrier=SERVICE.carrier, service=SERVICE.id
    )

    assert down([stopped], NETWORK, MONDAY) == Down(services=(SERVICE.id,))


def test_a_carrier_disrupted_at_one_center_takes_down_its_lanes_from_there() -> None:
    stopped = a_condition(
        ConditionKind.CARRIER_DISRUPTION, carrier=SERVICE.carrier, center=CENTER
    )
    mine = [s.id for s in NETWORK.services if s.carrier == SERVICE.carrier]

    found = down([stopped], NETWORK, MONDAY)

    assert found == Down(lanes=tuple(sorted(f"{CENTER}/{id}" for id in mine)))


def test_a_campaign_takes_nothing_down() -> None:
    campaign = a_condition(ConditionKind.CAMPAIGN, title="Sale")

    assert down([campaign], NETWORK, MONDAY) == Down()
    assert next_change([campaign], MONDAY - HOUR) is None


def test_the_next_change_is_the_nearest_beginning_or_end() -> None:
    assert next_change([OUTAGE], MONDAY - HOUR) == MONDAY
    assert next_change([OUTAGE], MONDAY) == MONDAY + 6 * HOUR
    assert next_change([OUTAGE], MONDAY + 6 * HOUR) is None


def test_an_outage_without_an_end_has_none_to_wait_for() -> None:
    endless = OUTAGE.model_copy(update={"valid_until": None})

    assert down([endless], NETWORK, MONDAY + 999 * HOUR).centers == (CENTER,)
    assert next_change([endless], MONDAY) is None
