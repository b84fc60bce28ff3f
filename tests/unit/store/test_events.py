from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.event import BusinessEvent, Ingested
from domain.history import History, trimmed
from domain.quantities import CustomerId, SkuId
from domain.subject import LaneId, Subject, of_customer, of_lane, of_sku
from store import events, subjects, units
from store.engine import Store
from tests.builders import MONDAY

ANNA = of_customer(CustomerId("ANNA"))
LAMP = of_sku(SkuId("LAMP"))
NOW = MONDAY
LONG_AGO = NOW - timedelta(days=500)


def an_event(number: int = 1, **overrides: Any) -> BusinessEvent:
    values: dict[str, Any] = {
        "id": f"event-{number}",
        "kind": "viewed",
        "occurred_at": NOW - timedelta(hours=1),
        "customer_id": "ANNA",
    }
    return BusinessEvent(**(values | overrides))


def an_ordered(number: int = 1, **overrides: Any) -> BusinessEvent:
    return an_event(
        number, **({"kind": "order_placed", "sku": "LAMP", "units": 2} | overrides)
    )


def ingest(store: Store, *batch: BusinessEvent) -> Ingested:
    return store.write(lambda session: events.ingest(session, batch, NOW))


def history(store: Store, subject: Subject = ANNA) -> History:
    with store.reading() as session:
        return events.histories(session, [subject], NOW)[subject]


def test_an_event_counts_for_each_whom_it_happened_to(store: Store) -> None:
    told = an_event(
        sku="LAMP",
        lane="EAST/AIR",
        units=3,
        value_cents=700,
        order_id="ORDER-1",
        labels={"category": "running-shoes"},
    )

    assert ingest(store, told) == Ingested(new=1)
    for subject in (ANNA, LAMP, of_lane(LaneId("EAST/AIR"))):
        (entry,) = history(store, subject).entries
        assert (entry.at, entry.event_id, entry.kind) == (
            told.occurred_at,
            "event-1",
            "viewed",
        )
        assert (entry.units, entry.value_cents) == (3, 700)
        assert (entry.order_id, dict(entry.labels)) == ("ORDER-1", told.labels)


def test_a_repeated_event_is_one_event(store: Store) -> None:
    ingest(store, an_event(), an_event())

    assert ingest(store, an_event(), an_event(2)) == Ingested(new=1, repeated=1)
    assert len(history(store).entries) == 2


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_contents_under_one_id_the_earlier_is_kept(
    store: Store, first: int
) -> None:
    early = an_ordered(units=1, occurred_at=NOW - timedelta(days=3))
    late = an_ordered(units=9)

    ingest(store, (early, late)[first])
    answer = ingest(store, (late, early)[first])

    assert answer == Ingested(conflicting=("event-1",))
    (entry,) = history(store).entries
    assert (entry.at, entry.units) == (early.occurred_at, 1)
    assert history(store).last == {"order_placed": early.occurred_at}


def test_contents_that_conflict_within_a_batch_are_named(store: Store) -> None:
    answer = ingest(store, an_event(units=1), an_event(units=2), an_event(units=2))

    assert answer == Ingested(new=1, repeated=1, conflicting=("event-1",))


def test_what_has_not_happened_yet_is_refused(store: Store) -> None:
    ahead = an_event(occurred_at=NOW + timedelta(minutes=5, seconds=1))

    answer = ingest(store, ahead, an_event(2, occurred_at=NOW + timedelta(minutes=5)))

    assert answer.new == 1
    ((event_id, why),) = answer.refused
    assert event_id == "event-1"
    assert "301 s in the future; at most 300 s" in why


def test_what_is_too_old_to_count_is_still_known_as_the_first(store: Store) -> None:
    answer = ingest(store, an_event(occurred_at=LONG_AGO), an_event(2))

    assert answer.new == 1
    assert "is 400 days ago or more" in answer.refused[0][1]
    assert history(store).first == {"viewed": LONG_AGO}
    assert history(store).last == {"viewed": an_event().occurred_at}


def test_one_who_did_nothing_has_an_empty_history(store: Store) -> None:
    assert history(store) == History()


def test_of_each_kind_only_the_newest_are_remembered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEPT_PER_KIND", 3)
    at = NOW - timedelta(days=1)
    ingest(store, *(an_event(n, occurred_at=at) for n in range(5)), an_ordered(9))

    remembered = [entry.event_id for entry in history(store).entries]

    assert remembered == ["event-2", "event-3", "event-4", "event-9"]


def test_entries_are_told_oldest_first(store: Store) -> None:
    ingest(store, an_event(1), an_event(2, occurred_at=NOW - timedelta(days=2)))

    assert [e.event_id for e in history(store).entries] == ["event-2", "event-1"]


def test_of_old_events_a_few_are_remembered_for_the_cadence(store: Store) -> None:
    old = [an_event(n, occurred_at=LONG_AGO - timedelta(days=n)) for n in range(20)]
    ingest(store, *old, an_event(30))

    remembered = history(store)

    assert remembered == trimmed(remembered, NOW)
    assert [entry.event_id for entry in remembered.entries] == [
        *(f"event-{n}" for n in range(12, -1, -1)),
        "event-30",
    ]


def test_pruning_changes_nothing_that_is_remembered(store: Store) -> None:
    old = [an_event(n, occurred_at=LONG_AGO - timedelta(days=n)) for n in range(20)]
    ingest(store, *old, an_ordered(30))
    before = history(store)

    with store.writing() as session:
        assert events.prune(session, NOW) == 7

    assert history(store) == before
    assert before.first["viewed"] == LONG_AGO - timedelta(days=19)


def test_units_ordered_are_added_up_by_day_once(store: Store) -> None:
    yesterday = an_ordered(2, units=5, occurred_at=NOW - timedelta(days=1))
    ingest(store, an_ordered(1), yesterday, an_ordered(3))
    ingest(store, an_ordered(1), an_ordered(4, kind="returned"))

    with store.reading() as session:
        days = units.by_day(session, [SkuId("LAMP")], date(2026, 1, 1), NOW.date())
        totals = units.totals(session, NOW.date(), NOW.date())

    assert days == {"LAMP": {date(2026, 3, 1): 5, date(2026, 3, 2): 4}}
    assert totals == {"LAMP": 4}


def test_news_make_dirty_from_the_earliest_instant_on(store: Store) -> None:
    early = NOW - timedelta(days=3)
    ingest(store, an_event(1), an_event(2, occurred_at=early))
    ingest(store, an_event(3))

    with store.reading() as session:
        state = subjects.state(session, ANNA)

    assert state is not None
    assert state.dirty_from == early


def test_repetitions_make_nobody_dirty(store: Store) -> None:
    ingest(store, an_event())
    with store.writing() as session:
        (state,) = subjects.take(session, NOW, 1)
        subjects.postpone(session, state, NOW + timedelta(days=1))

    ingest(store, an_event())

    with store.reading() as session:
        assert subjects.todo(session, NOW, 10) == ()


def test_a_subjects_events_are_listed_newest_first(store: Store) -> None:
    ingest(store, an_event(1, occurred_at=NOW - timedelta(days=1)), an_event(2))

    with store.reading() as session:
        listed = events.listing(session, ANNA, limit=1)

    assert [(entry.event_id, received) for entry, received in listed] == [
        ("event-2", NOW)
    ]


EVENTS = st.builds(
    an_ordered,
    st.integers(1, 6),
    kind=st.sampled_from(["order_placed", "viewed"]),
    occurred_at=st.sampled_from(
        [LONG_AGO, *(NOW - timedelta(hours=h) for h in (1, 30, 31))]
    ),
    customer_id=st.sampled_from(["ANNA", "BO"]),
    units=st.integers(1, 3),
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(stream=st.lists(EVENTS, max_size=12), data=st.data())
def test_the_order_of_arrival_never_matters(
    store: Store, stream: list[BusinessEvent], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(stream + stream[:3]))
    cut = data.draw(st.integers(0, len(again)))

    once = played(store, stream)
    twice = played(store, again[:cut], again[cut:])

    assert once == twice


def played(store: Store, *parts: list[BusinessEvent]) -> dict[str, object]:
    """Play a stream to an empty store and return what it keeps."""
    empty(store)
    for part in parts:
        ingest(store, *part)
    named = [ANNA, of_customer(CustomerId("BO")), LAMP]
    with store.reading() as session:
        days = units.by_day(session, [SkuId("LAMP")], date(2026, 1, 1), NOW.date())
        return {
            "histories": events.histories(session, named, NOW),
            "days": {day: n for day, n in days[SkuId("LAMP")].items() if n},
            "states": [subjects.state(session, subject) for subject in named],
        }


def empty(store: Store) -> None:
    with store.writing() as session:
        for table in ("events", "profiles", "subject_states", "daily_units"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")
