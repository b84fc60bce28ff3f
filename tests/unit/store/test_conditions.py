from datetime import timedelta
from typing import Any

from domain.condition import Condition, ConditionKind, ConditionSource
from store import conditions
from store.engine import Store
from tests.builders import MONDAY

HOUR = timedelta(hours=1)


def an_outage(id: str = "reno-down", **overrides: Any) -> Condition:
    values: dict[str, Any] = {
        "id": id,
        "kind": ConditionKind.CENTER_OUTAGE,
        "center": "RNO",
        "valid_from": MONDAY,
        "valid_until": MONDAY + 6 * HOUR,
        "declared_by": "ops",
        "why": "power cut",
    }
    return Condition(**(values | overrides))


def found(id: str = "swift-slow", **overrides: Any) -> Condition:
    kind = {
        "kind": ConditionKind.CARRIER_DISRUPTION,
        "center": None,
        "carrier": "SWIFT",
    }
    return an_outage(id, **(kind | {"source": ConditionSource.DETECTED} | overrides))


def test_a_condition_is_in_force_from_its_start_until_its_end(store: Store) -> None:
    soon = an_outage("soon", valid_from=MONDAY + HOUR, valid_until=None)
    with store.writing() as session:
        conditions.declare(session, an_outage(), MONDAY)
        conditions.declare(session, soon, MONDAY)

        assert conditions.in_force(session, MONDAY) == (an_outage(),)
        assert conditions.in_force(session, MONDAY, HOUR) == (an_outage(), soon)
        assert conditions.listing(session, MONDAY) == (an_outage(), soon)
        assert conditions.in_force(session, MONDAY + 6 * HOUR) == (soon,)


def test_the_same_id_again_is_a_new_version(store: Store) -> None:
    longer = an_outage(valid_until=MONDAY + 9 * HOUR)
    with store.writing() as session:
        first = conditions.declare(session, an_outage(), MONDAY)
        second = conditions.declare(session, longer, MONDAY)

        assert (first, second) == (None, an_outage())
        assert conditions.listing(session, MONDAY) == (longer,)


def test_a_withdrawn_condition_is_over_and_may_be_declared_again(store: Store) -> None:
    with store.writing() as session:
        conditions.declare(session, an_outage(), MONDAY)

        assert conditions.withdraw(session, "reno-down", MONDAY) == an_outage()
        assert conditions.listing(session, MONDAY) == ()
        assert conditions.withdraw(session, "reno-down", MONDAY) is None
        assert conditions.declare(session, an_outage(), MONDAY) is None
        assert conditions.in_force(session, MONDAY) == (an_outage(),)


def test_what_is_over_cannot_be_withdrawn(store: Store) -> None:
    with store.writing() as session:
        conditions.declare(session, an_outage(), MONDAY)

        assert conditions.withdraw(session, "reno-down", MONDAY + 7 * HOUR) is None
        assert conditions.withdraw(session, "no-such", MONDAY) is None


def test_detected_conditions_are_taken_over_as_a_set(store: Store) -> None:
    longer = found(valid_until=MONDAY + 8 * HOUR)
    with store.writing() as session:
        conditions.declare(session, an_outage(), MONDAY)

        began = conditions.reconcile(session, [found()], MONDAY)
        changed = conditions.reconcile(session, [longer], MONDAY)
        ended = conditions.reconcile(session, [], MONDAY)

        assert conditions.listing(session, MONDAY) == (an_outage(),)
    assert began == conditions.Changes(began=(found(),))
    assert changed == conditions.Changes(changed=((found(), longer),))
    assert ended == conditions.Changes(withdrawn=(longer,))
    assert changed.conditions() == (found(), longer)


def test_what_a_person_declared_is_not_replaced_by_what_was_detected(
    store: Store,
) -> None:
    declared = found(source=ConditionSource.DECLARED, why="strike")
    with store.writing() as session:
        conditions.declare(session, declared, MONDAY)

        changes = conditions.reconcile(session, [found()], MONDAY)

        assert changes == conditions.Changes()
        assert conditions.in_force(session, MONDAY) == (declared,)
