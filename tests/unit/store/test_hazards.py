from datetime import timedelta
from typing import Any

import pytest

from domain.hazard import Severity
from store import hazards
from store.engine import Store
from tests.builders import MONDAY, a_hazard

HOUR = timedelta(hours=1)
STORM = a_hazard(id="storm", valid_from=MONDAY, valid_until=MONDAY + 5 * HOUR)
FLOOD = a_hazard(id="flood", valid_from=MONDAY + HOUR, valid_until=MONDAY + 9 * HOUR)


def test_an_alert_is_in_force_from_its_start_until_its_end(store: Store) -> None:
    with store.writing() as session:
        hazards.reconcile(session, "nws", [STORM, FLOOD], MONDAY)

        assert hazards.in_force(session, MONDAY) == (STORM,)
        assert hazards.in_force(session, MONDAY + HOUR) == (FLOOD, STORM)
        assert hazards.in_force(session, MONDAY + 5 * HOUR) == (FLOOD,)


def test_alerts_announced_for_soon_can_be_asked_for(store: Store) -> None:
    with store.writing() as session:
        hazards.reconcile(session, "nws", [FLOOD], MONDAY)

        assert hazards.in_force(session, MONDAY, within=HOUR) == (FLOOD,)


def test_an_alert_its_feed_no_longer_lists_is_withdrawn(store: Store) -> None:
    with store.writing() as session:
        hazards.reconcile(session, "nws", [STORM], MONDAY)
        hazards.reconcile(session, "road", [a_hazard(id="ice")], MONDAY)

        hazards.reconcile(session, "nws", [], MONDAY)

        assert [hazard.id for hazard in hazards.in_force(session, MONDAY)] == ["ice"]


def test_an_alert_listed_again_is_in_force_again(store: Store) -> None:
    with store.writing() as session:
        for listed in ([STORM], [], [STORM]):
            hazards.reconcile(session, "nws", listed, MONDAY)

        assert hazards.in_force(session, MONDAY) == (STORM,)


def test_what_a_list_brought_is_told(store: Store) -> None:
    worse = STORM.model_copy(update={"severity": Severity.EXTREME})
    with store.writing() as session:
        first = hazards.reconcile(session, "nws", [STORM, FLOOD], MONDAY)
        second = hazards.reconcile(session, "nws", [worse], MONDAY)
        third = hazards.reconcile(session, "nws", [worse], MONDAY)

    assert first == hazards.Changes(began=(STORM, FLOOD))
    assert second == hazards.Changes(changed=((STORM, worse),), withdrawn=(FLOOD,))
    assert third == hazards.Changes()
    assert second.hazards() == (STORM, worse, FLOOD)


@pytest.mark.parametrize(
    ("update", "told"),
    [
        ({"valid_until": MONDAY + 9 * HOUR}, False),
        ({"valid_until": MONDAY + 2 * HOUR}, True),
        ({"headline": "More snow"}, False),
        ({"headline": "More snow", "regions": ("IL", "IN")}, True),
        ({"valid_from": MONDAY + HOUR}, True),
    ],
)
def test_only_what_changes_a_fact_before_its_end_is_told(
    store: Store, update: dict[str, Any], told: bool
) -> None:
    after = STORM.model_copy(update=update)
    with store.writing() as session:
        hazards.reconcile(session, "nws", [STORM], MONDAY)
        changes = hazards.reconcile(session, "nws", [after], MONDAY)

        assert bool(changes.changed) is told
        assert hazards.listing(session, MONDAY)[0].hazard == after


def test_what_is_over_already_is_no_news(store: Store) -> None:
    late = MONDAY + 6 * HOUR
    with store.writing() as session:
        began = hazards.reconcile(session, "nws", [STORM], late)
        ended = hazards.reconcile(session, "nws", [], late)

    assert began == ended == hazards.Changes()


def test_an_alert_that_goes_on_after_it_was_to_end_is_news(store: Store) -> None:
    longer = STORM.model_copy(update={"valid_until": MONDAY + 9 * HOUR})
    with store.writing() as session:
        hazards.reconcile(session, "nws", [STORM], MONDAY)
        changes = hazards.reconcile(session, "nws", [longer], MONDAY + 6 * HOUR)

    assert changes.changed == ((STORM, longer),)


def test_a_part_of_a_list_and_an_alert_nobody_could_read_withdraw_nothing(
    store: Store,
) -> None:
    with store.writing() as session:
        hazards.reconcile(session, "nws", [STORM, FLOOD], MONDAY)

        part = hazards.reconcile(session, "nws", [STORM], MONDAY, complete=False)
        odd = hazards.reconcile(session, "nws", [STORM], MONDAY, keeping=["flood"])

        assert part == odd == hazards.Changes()
        assert hazards.in_force(session, MONDAY + HOUR) == (FLOOD, STORM)


def test_the_listing_has_alerts_to_come_and_alerts_without_a_place(
    store: Store,
) -> None:
    lost = a_hazard(id="lost", regions=(), zones=("UGC:ANZ338",))
    with store.writing() as session:
        hazards.reconcile(session, "nws", [STORM, FLOOD, lost], MONDAY)

        listed = hazards.listing(session, MONDAY)
        later = hazards.listing(session, MONDAY + 6 * HOUR)

    assert [one.hazard.id for one in listed] == ["flood", "lost", "storm"]
    assert [one.hazard.located for one in listed] == [True, False, True]
    assert [one.hazard.id for one in later] == ["flood", "lost"]
