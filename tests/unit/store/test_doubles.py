"""Labels bought twice are counted once each."""

from domain.quantities import CarrierId
from domain.shipping import VoidOutcome
from store import doubles
from store.doubles import Double, DoubleCounts
from store.engine import Store
from tests.builders import MONDAY


def a_double(number: int, outcome: VoidOutcome = VoidOutcome.VOIDED) -> Double:
    return Double(
        carrier=CarrierId("SWIFT"),
        booking_id=f"LABEL-{number}",
        reference="ORDER-1/1/r1",
        outcome=outcome,
        found_at=MONDAY,
    )


def test_a_double_noted_again_is_still_one_and_its_newest_outcome_counts(
    store: Store,
) -> None:
    with store.writing() as session:
        doubles.note(session, a_double(1, VoidOutcome.REQUESTED))
        doubles.note(session, a_double(2))
        doubles.note(session, a_double(1))

    with store.reading() as session:
        assert doubles.counts(session) == DoubleCounts(found=2, voided=2, owed=0)


def test_doubles_that_may_cost_money_are_listed(store: Store) -> None:
    refused = a_double(1, VoidOutcome.REFUSED)
    with store.writing() as session:
        doubles.note(session, refused)
        doubles.note(session, a_double(2))

    with store.reading() as session:
        assert doubles.owed(session, 10) == (refused,)
        assert doubles.counts(session) == DoubleCounts(found=2, voided=1, owed=1)
