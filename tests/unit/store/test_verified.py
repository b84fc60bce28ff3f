"""What was verified is counted by day; what was wrong is kept."""

from datetime import timedelta

from domain.quantities import OrderId
from domain.verified import Found, VerifiedDay
from store import verified
from store.engine import Store
from tests.builders import MONDAY


def wrong(order: str, rule: str = "stock") -> Found:
    return Found(order_id=OrderId(order), rule=rule, detail="2 of 1", found_at=MONDAY)


def test_batches_of_one_day_are_counted_together(store: Store) -> None:
    tomorrow = MONDAY + timedelta(days=1)
    with store.writing() as session:
        verified.note(session, MONDAY, 4, [])
        verified.note(session, MONDAY, 2, [wrong("o-1"), wrong("")])
        verified.note(session, tomorrow, 1, [])

    with store.reading() as session:
        days = verified.days(session, 7)
        assert verified.days(session, 1) == days[:1]
    assert [day.batches for day in days] == [1, 2]
    assert days[1] == VerifiedDay(day=MONDAY.date(), batches=2, plans=6, violations=2)


def test_the_newest_violations_come_first(store: Store) -> None:
    with store.writing() as session:
        verified.note(session, MONDAY, 1, [wrong("o-1"), wrong("o-2")])
        verified.note(session, MONDAY, 1, [wrong("o-3")])

    with store.reading() as session:
        assert verified.latest(session, 2) == (wrong("o-3"), wrong("o-2"))
