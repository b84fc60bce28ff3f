import pytest

from domain.errors import Immutable
from domain.quantities import OrderId, SegmentId
from domain.segment import Classification, Membership
from store import segments
from store.engine import Store
from tests.builders import MONDAY, a_rule_set, a_segment


def in_segments(*names: str) -> Classification:
    memberships = tuple(
        Membership(segment=SegmentId(name), version="v1", since=MONDAY)
        for name in names
    )
    return Classification(memberships=memberships, version="v1")


def test_the_rules_published_last_are_active(store: Store) -> None:
    rules = a_rule_set(a_segment(id="urgent"), version="v2")
    with store.writing() as session:
        segments.publish(session, a_rule_set(version="v1"), MONDAY)
        segments.publish(session, rules, MONDAY)

        assert segments.active(session) == rules
        assert segments.active_version(session) == "v2"


def test_published_rules_never_change(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, a_rule_set(version="v1"), MONDAY)

        with pytest.raises(Immutable, match="publish the change under a new version"):
            segments.publish(
                session, a_rule_set(a_segment(id="odd"), version="v1"), MONDAY
            )


def test_orders_are_counted_by_their_latest_segments(store: Store) -> None:
    with store.writing() as session:
        segments.record(session, OrderId("o-1"), in_segments("urgent", "vip"), MONDAY)
        segments.record(session, OrderId("o-2"), in_segments("urgent"), MONDAY)
        segments.record(session, OrderId("o-1"), in_segments("vip"), MONDAY)

        assert segments.counts(session) == {"urgent": 1, "vip": 1}
        assert segments.of_order(session, OrderId("o-1")) == in_segments("vip")
        assert segments.of_order(session, OrderId("o-3")) is None
