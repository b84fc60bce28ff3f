from datetime import timedelta

from domain.order import OrderStatus
from domain.outcome import Outcome
from domain.quantities import OrderId
from store import outcomes
from store.engine import Store
from tests.builders import MONDAY


def an_outcome(order: str, hours: int = 0, **overrides: object) -> Outcome:
    values = {
        "order_id": order,
        "status": OrderStatus.DELIVERED,
        "ended_at": MONDAY + timedelta(hours=hours),
    }
    return Outcome.model_validate(values | overrides)


def test_outcomes_are_listed_in_the_order_they_ended(store: Store) -> None:
    late, early = an_outcome("o-1", hours=5), an_outcome("o-2", hours=2)
    with store.writing() as session:
        outcomes.record(session, late)
        outcomes.record(session, early)

        assert list(outcomes.listing(session)) == [early, late]


def test_an_outcome_reported_again_replaces_the_first(store: Store) -> None:
    with store.writing() as session:
        outcomes.record(session, an_outcome("o-1"))
        outcomes.record(session, an_outcome("o-1", on_time=True))

        assert outcomes.get(session, OrderId("o-1")) == an_outcome("o-1", on_time=True)
        assert outcomes.get(session, OrderId("o-2")) is None
