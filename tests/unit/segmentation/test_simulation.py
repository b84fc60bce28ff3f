from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy import Effects
from domain.quantities import CustomerId
from domain.segment import Segment
from domain.subject import SubjectKind, of_customer, of_order
from segmentation.classify import Rules
from segmentation.known import Facts
from segmentation.simulation import Judged, judge, shift, tallied
from tests.builders import MONDAY, a_rule_set, a_segment, an_order

ORDER = an_order()
SIGNED = Effects(signature=True)


def judged(*segments: Segment, **facts: Any) -> Judged:
    told = {of_order(ORDER.id): Facts(facts)}
    return judge(Rules(a_rule_set(*segments)), ORDER, told, MONDAY)


def test_an_order_gains_and_loses_segments_and_terms() -> None:
    old = judged(a_segment(id="big", when="units > 3"), units=5)
    new = judged(a_segment(id="gifts", when="gift", effects=SIGNED), units=5, gift=True)

    found = shift(old, new)

    assert (found.gained, found.lost) == (("gifts",), ("big",))
    assert set(found.terms) == {"signature", "late_cents_per_h"}


def test_a_segment_that_stays_but_asks_something_else_is_changed() -> None:
    old = judged(a_segment(id="big", when="units > 3"), units=5)
    new = judged(a_segment(id="big", when="units > 4", effects=SIGNED), units=5)

    found = shift(old, new)

    assert (found.gained, found.lost, found.changed) == ((), (), ("big",))


def test_another_name_for_the_same_policy_changes_no_term() -> None:
    old = judged(a_segment(id="one", when="gift"), gift=True)
    new = judged(a_segment(id="two", when="gift"), gift=True)

    assert shift(old, new).terms == ()


def test_an_order_has_its_customers_segments_through_the_customer() -> None:
    loyal = a_segment(on=SubjectKind.CUSTOMER, when="orders_90d >= 3", effects=SIGNED)
    customer = of_customer(CustomerId("c-1"))

    found = judge(
        Rules(a_rule_set(loyal)), ORDER, {customer: Facts({"orders_90d": 4})}, MONDAY
    )

    (member,) = found.classification.memberships
    assert member.through == customer
    assert found.policy.limits.signature


def test_shifts_are_counted_by_segment() -> None:
    big = a_segment(id="big", when="units > 3")
    shifts = [
        shift(judged(big, units=n), judged(big, units=m)) for n, m in ((1, 5), (5, 1))
    ]

    gained, lost, changed = tallied(shifts)

    assert (gained, lost, changed) == ({"big": 1}, {"big": 1}, {})


@settings(max_examples=40, deadline=None)
@given(
    bounds=st.lists(st.integers(0, 9), min_size=1, max_size=4), units=st.integers(0, 9)
)
def test_the_same_rules_move_nobody(bounds: list[int], units: int) -> None:
    segments = [
        a_segment(id=f"s-{n}", when=f"units > {bound}")
        for n, bound in enumerate(bounds)
    ]

    assert not shift(
        judged(*segments, units=units), judged(*segments, units=units)
    ).moved
