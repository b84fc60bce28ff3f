from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.quantities import CustomerId, OrderId, SegmentId
from domain.segment import Membership, MembershipChange
from domain.subject import Subject, of_customer
from store import changes, interests, subjects
from store.engine import Store
from store.subjects import Found
from tests.builders import MONDAY

ANNA, BO = of_customer(CustomerId("ANNA")), of_customer(CustomerId("BO"))
NOW = MONDAY
HOUR = timedelta(hours=1)


def mark(store: Store, dirt: Mapping[Subject, datetime]) -> None:
    with store.writing() as session:
        subjects.mark(session, dirt)


def todo(store: Store, now: datetime = NOW) -> tuple[Subject, ...]:
    with store.reading() as session:
        return subjects.todo(session, now, 10)


def found(*said: MembershipChange, **overrides: object) -> Found:
    values: dict[str, object] = {
        "subject": ANNA,
        "version": "v1",
        "changes": said,
        "replayed_from": NOW - 10 * HOUR,
        "evaluated_at": NOW,
    }
    return Found.model_validate(values | overrides)


def keep(store: Store, result: Found) -> None:
    with store.writing() as session:
        subjects.keep(session, result)


def change(
    hours_ago: int, *, entered: bool = True, **values: object
) -> MembershipChange:
    told: dict[str, object] = {
        "subject": ANNA,
        "segment": "keen",
        "version": "v1",
        "entered": entered,
        "at": NOW - hours_ago * HOUR,
    }
    return MembershipChange.model_validate(told | values)


def member(segment: str) -> Membership:
    return Membership(segment=SegmentId(segment), version="v1", since=NOW)


def test_what_waits_longest_is_looked_at_first(store: Store) -> None:
    mark(store, {ANNA: NOW - HOUR, BO: NOW - 2 * HOUR})
    keep(store, found(recheck_at=NOW))

    assert todo(store) == (BO, ANNA)
    assert todo(store, NOW - timedelta(seconds=1)) == (BO,)


def test_what_is_due_does_not_keep_news_waiting(store: Store) -> None:
    third = of_customer(CustomerId("CY"))
    mark(store, {ANNA: NOW, BO: NOW, third: NOW})
    keep(store, found(recheck_at=NOW - HOUR))
    keep(store, found(subject=BO, recheck_at=NOW - HOUR))

    with store.reading() as session:
        assert subjects.todo(session, NOW, 2) == (ANNA, third)


def test_what_is_marked_twice_is_dirty_from_the_earlier_instant(store: Store) -> None:
    mark(store, {ANNA: NOW - 2 * HOUR})
    mark(store, {ANNA: NOW - HOUR})

    with store.reading() as session:
        state = subjects.state(session, ANNA)

    assert state == subjects.SubjectState(subject=ANNA, dirty_from=NOW - 2 * HOUR)


def test_the_next_look_is_due_when_the_first_of_all_is(store: Store) -> None:
    mark(store, {ANNA: NOW - HOUR, BO: NOW - HOUR})
    keep(store, found(recheck_at=NOW + 2 * HOUR))
    keep(store, found(subject=BO, recheck_at=NOW + HOUR))

    with store.reading() as session:
        assert subjects.next_due(session) == NOW + HOUR


def test_nothing_is_due_where_nobody_is_known(store: Store) -> None:
    with store.reading() as session:
        assert subjects.next_due(session) is None
        assert subjects.state(session, ANNA) is None


def test_news_during_a_look_are_not_lost(store: Store) -> None:
    mark(store, {ANNA: NOW - HOUR})
    with store.writing() as session:
        assert [s.subject for s in subjects.take(session, NOW, 10)] == [ANNA]
        subjects.keep(session, found())
    mark(store, {ANNA: NOW - HOUR})

    assert todo(store) == (ANNA,)


def test_a_look_put_off_starts_as_far_back_as_it_would_have(store: Store) -> None:
    mark(store, {ANNA: NOW - HOUR})
    with store.writing() as session:
        (state,) = subjects.take(session, NOW, 10)
        subjects.postpone(session, state, NOW + HOUR)

    assert todo(store) == ()
    with store.reading() as session:
        later = subjects.state(session, ANNA)
    assert later is not None
    assert (later.evaluated_at, later.recheck_at) == (NOW - HOUR, NOW + HOUR)


def test_under_new_rules_everybody_is_looked_at_from_now_on(store: Store) -> None:
    mark(store, {ANNA: NOW - HOUR, BO: NOW - HOUR})
    keep(store, found())
    keep(store, found(subject=BO, version="v2"))

    with store.writing() as session:
        assert subjects.mark_all(session, "v2", NOW) == 1

    assert todo(store) == (ANNA,)


def test_memberships_are_kept_apart_from_those_on_trial(store: Store) -> None:
    keep(store, found(memberships=(member("b"), member("a")), shadow=(member("c"),)))
    keep(store, found(subject=BO, memberships=(member("a"),)))

    with store.reading() as session:
        kept = subjects.memberships(session, [ANNA, Subject("customer/NOBODY")])
        trial = subjects.memberships(session, [ANNA], shadow=True)
        assert subjects.counts(session) == {"a": 2, "b": 1}

    assert [m.segment for m in kept[ANNA]] == ["a", "b"]
    assert kept[Subject("customer/NOBODY")] == ()
    assert [m.segment for m in trial[ANNA]] == ["c"]


def test_the_log_is_rewritten_from_an_instant_on(store: Store) -> None:
    keep(store, found(change(9), change(5, entered=False), change(2)))
    keep(store, found(change(4, entered=False), replayed_from=NOW - 6 * HOUR))

    with store.reading() as session:
        said = changes.log(session, ANNA)

    assert said == (change(4, entered=False), change(9))


def test_what_was_told_already_is_not_told_again(store: Store) -> None:
    keep(store, found(change(9), change(5, entered=False)))
    tell_all(store)
    keep(store, found(change(9), change(4, entered=False)))

    with store.reading() as session:
        untold = changes.unpublished(session, 10)

    assert [(c.at, c.version) for c in untold] == [
        (NOW - 5 * HOUR, changes.RETRACTED),
        (NOW - 4 * HOUR, "v1"),
    ]


def test_what_was_told_and_never_was_is_taken_back_once(store: Store) -> None:
    keep(store, found(change(9)))
    tell_all(store)
    keep(store, found())

    assert [c.version for c in tell_all(store)] == [changes.RETRACTED]
    with store.reading() as session:
        assert changes.waiting(session) == 0
        assert changes.log(session) == ()


def test_what_was_never_told_is_not_taken_back(store: Store) -> None:
    keep(store, found(change(9)))
    keep(store, found())

    assert tell_all(store) == ()


def tell_all(store: Store) -> tuple[MembershipChange, ...]:
    with store.writing() as session:
        told = changes.unpublished(session, 10)
        changes.mark_published(session, told, NOW)
    return told


def test_evidence_is_corrected_without_telling_again(store: Store) -> None:
    keep(store, found(change(9, evidence=("two views",))))
    tell_all(store)
    keep(store, found(change(9, evidence=("three views", "one cart"))))

    with store.reading() as session:
        assert changes.waiting(session) == 0
        assert changes.log(session)[0].evidence == ("three views", "one cart")


def test_who_stood_where_is_told_for_any_instant(store: Store) -> None:
    other = change(7, segment="other")
    keep(store, found(change(9), change(5, entered=False), other))

    with store.reading() as session:
        before = changes.standing(session, {ANNA: NOW - 5 * HOUR, BO: NOW})
        after = changes.standing(session, {ANNA: NOW})

    assert before == {ANNA: {"keen": change(9), "other": other}}
    assert after == {ANNA: {"other": other}}


def test_the_log_is_narrowed_by_segment_and_instant(store: Store) -> None:
    keep(store, found(change(9), change(5, entered=False), change(3, segment="a")))

    with store.reading() as session:
        keen = changes.log(session, segment=SegmentId("keen"))
        recent = changes.log(session, since=NOW - 5 * HOUR, limit=1)

    assert keen == (change(5, entered=False), change(9))
    assert recent == (change(3, segment="a"),)


def test_pruning_the_log_keeps_how_standing_ones_were_entered(store: Store) -> None:
    old = 500 * 24
    first = change(old), change(old - 1, entered=False), change(old - 2)
    keep(store, found(*first, change(1, entered=False), replayed_from=first[0].at))
    tell_all(store)

    with store.writing() as session:
        assert changes.prune(session, NOW) == 2

        assert changes.log(session) == (change(1, entered=False), first[2])


def test_orders_are_found_by_what_they_depend_on(store: Store) -> None:
    with store.writing() as session:
        interests.care(session, OrderId("O-2"), [ANNA, BO])
        interests.care(session, OrderId("O-1"), [BO])
        interests.care(session, OrderId("O-2"), [BO])
        assert interests.orders_of(session, [ANNA]) == ()
        assert interests.orders_of(session, [ANNA, BO]) == ("O-1", "O-2")

        interests.forget(session, OrderId("O-1"))
        assert interests.orders_of(session, [BO]) == ("O-2",)
