import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.errors import Immutable
from domain.quantities import DecisionId, OrderId
from store import decisions
from store.engine import Store
from tests.builders import a_decision


def test_decisions_come_back_whole_and_in_order(store: Store) -> None:
    first = a_decision(id="d-1", order_id="o-1", revision=1)
    second = a_decision(id="d-2", order_id="o-1", revision=2, reason="storm")
    with store.writing() as session:
        decisions.record(session, second)
        decisions.record(session, first)

    with store.reading() as session:
        assert decisions.of_order(session, OrderId("o-1")) == (first, second)
        assert decisions.get(session, DecisionId("d-2")) == second
        assert decisions.by_revision(session, OrderId("o-1"), 1) == first
        assert decisions.by_revision(session, OrderId("o-1"), 3) is None


def test_recording_a_decision_again_changes_nothing(store: Store) -> None:
    decision = a_decision(id="d-1", order_id="o-1", revision=1)
    with store.writing() as session:
        decisions.record(session, decision)

        decisions.record(session, decision)

        assert decisions.of_order(session, OrderId("o-1")) == (decision,)


@pytest.mark.parametrize(
    "change", [{"reason": "other"}, {"id": "d-9"}, {"revision": 9}]
)
def test_another_decision_in_its_place_is_refused(
    store: Store, change: dict[str, object]
) -> None:
    decision = a_decision(id="d-1", order_id="o-1", revision=1)
    with store.writing() as session:
        decisions.record(session, decision)

        with pytest.raises(Immutable, match="decision 'd-1' is kept for order 'o-1'"):
            decisions.record(session, decision.model_copy(update=change))


@pytest.mark.parametrize(
    "change", ["UPDATE decisions SET made_by = 'me'", "DELETE FROM decisions"]
)
def test_the_database_itself_refuses_to_change_a_decision(
    store: Store, change: str
) -> None:
    with store.writing() as session:
        decisions.record(session, a_decision(id="d-1"))

    with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
        session.connection().execute(text(change))
