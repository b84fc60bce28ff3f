from datetime import timedelta

from store import inbox
from store.engine import Store
from tests.builders import MONDAY

GRACE = timedelta(seconds=30)


def taken(store: Store, *sequences: int, subject: str = "o-1/1") -> None:
    with store.writing() as session:
        for sequence in sequences:
            event = f"{subject}-{sequence}"
            inbox.take(session, "wms", subject, event, sequence, "{}", MONDAY)


def ready(store: Store, seconds: int = 0) -> list[tuple[str, int]]:
    with store.reading() as session:
        items = inbox.ready(session, MONDAY + timedelta(seconds=seconds), GRACE)
        return [(item.subject, item.sequence) for item in items]


def done(store: Store, sequence: int) -> None:
    with store.writing() as session:
        for item in inbox.ready(session, MONDAY, timedelta(0)):
            if item.sequence == sequence:
                inbox.done(session, item.id, MONDAY)


def test_a_fact_delivered_twice_is_kept_once(store: Store) -> None:
    with store.writing() as session:
        first = inbox.take(session, "wms", "o-1/1", "e-1", 1, "{}", MONDAY)
        second = inbox.take(session, "wms", "o-1/1", "e-1", 1, "{}", MONDAY)
        elsewhere = inbox.take(session, "tms", "o-1/1", "e-1", 1, "{}", MONDAY)

    assert (first, second, elsewhere) == (True, False, True)


def test_facts_of_one_subject_come_in_sequence(store: Store) -> None:
    taken(store, 3, 1, 2)

    assert ready(store) == [("o-1/1", 1), ("o-1/1", 2), ("o-1/1", 3)]


def test_a_fact_waits_for_the_one_before_it(store: Store) -> None:
    taken(store, 1, 3)
    taken(store, 1, subject="o-2/1")

    assert ready(store) == [("o-1/1", 1), ("o-2/1", 1)]


def test_a_fact_waits_no_longer_than_the_grace(store: Store) -> None:
    taken(store, 3)

    assert ready(store, seconds=29) == []
    assert ready(store, seconds=30) == [("o-1/1", 3)]


def test_what_was_passed_on_is_not_listed_and_the_next_follows(store: Store) -> None:
    taken(store, 1, 2)
    done(store, 1)
    done(store, 2)
    taken(store, 3)

    assert ready(store) == [("o-1/1", 3)]


def test_a_fact_that_comes_too_late_is_passed_on_at_once(store: Store) -> None:
    taken(store, 4)
    done(store, 4)
    taken(store, 2)

    assert ready(store) == [("o-1/1", 2)]


def test_what_waits_is_counted(store: Store) -> None:
    taken(store, 1, 2, 3)
    done(store, 1)

    with store.reading() as session:
        assert inbox.waiting(session) == 2
