"""Who is told when the weather or the business changes, and who is left in peace."""

from typing import Any

import pytest

from domain.condition import Condition, ConditionKind
from domain.hazard import Circle
from domain.order import Order
from segmentation.affected import affected, concerned
from tests.builders import MONDAY, a_hazard, a_place, an_order

CHICAGO = an_order(id="chicago", ship_to=a_place("60601"))
DENVER = an_order(id="denver", ship_to=a_place("80202"), channel="store")
UNLOCATED = an_order(id="somewhere", ship_to=a_place("99999"))
ORDERS = (DENVER, UNLOCATED, CHICAGO)
OVER_CHICAGO = Circle(latitude=41.88, longitude=-87.63, radius_km=150)


def test_orders_to_the_place_and_those_that_may_go_there_are_told() -> None:
    storm = a_hazard(regions=(), circles=(OVER_CHICAGO,))

    assert affected(ORDERS, [storm]) == ("chicago", "somewhere")


def test_an_order_whose_way_leads_through_is_told() -> None:
    storm = a_hazard(regions=(), circles=(OVER_CHICAGO,))
    way = (a_place("10001"), a_place("80202"))
    around = (a_place("75201"), a_place("80202"))

    assert affected([DENVER], [storm]) == ()
    assert affected([DENVER], [storm], {DENVER.id: [around]}) == ()
    assert affected([DENVER], [storm], {DENVER.id: [around, way]}) == ("denver",)


def test_no_news_is_for_nobody() -> None:
    assert affected(ORDERS, []) == concerned(ORDERS, []) == ()


def a_condition(kind: ConditionKind, **overrides: Any) -> Condition:
    return Condition(
        id="c", kind=kind, valid_from=MONDAY, declared_by="ops", **overrides
    )


@pytest.mark.parametrize(
    ("kind", "target", "orders"),
    [
        (ConditionKind.CENTER_OUTAGE, {"center": "RNO"}, ORDERS),
        (ConditionKind.CARRIER_DISRUPTION, {"carrier": "SWIFT"}, ORDERS),
        (ConditionKind.PEAK, {}, ORDERS),
        (ConditionKind.CAMPAIGN, {"regions": ("IL",)}, (CHICAGO, UNLOCATED)),
        (ConditionKind.CAMPAIGN, {"channels": ("store",)}, (DENVER,)),
        (ConditionKind.PEAK, {"regions": ("IL",), "channels": ("store",)}, ()),
    ],
)
def test_a_condition_concerns_the_orders_it_is_for(
    kind: ConditionKind, target: dict[str, Any], orders: tuple[Order, ...]
) -> None:
    told = concerned(ORDERS, [a_condition(kind, **target)])

    assert told == tuple(sorted(order.id for order in orders))
