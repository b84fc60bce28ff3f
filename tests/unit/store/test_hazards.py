from datetime import timedelta

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
