"""Versions of the segments: drafted, tried, put in force, retired, brought back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import Session

from domain.errors import IllegalMove, Immutable, UnknownVersion
from domain.quantities import CustomerId
from domain.segment import RULE_SET_MOVES, RuleSet, SegmentStatus
from domain.subject import Subject, of_customer
from store import segments, subjects
from store.engine import Store
from store.tables import RuleSetMoveRow, RuleSetRow
from tests.builders import MONDAY, a_rule_set, a_segment

DRAFT, SHADOW, ACTIVE, RETIRED = SegmentStatus
HOUR = timedelta(hours=1)


def rules(version: str, when: str = "fragile") -> RuleSet:
    return a_rule_set(a_segment(when=when), version=version)


def move(session: Session, version: str, status: SegmentStatus, hours: int = 0) -> bool:
    return segments.move(session, version, status, "ann", "why", MONDAY + hours * HOUR)


def draft(session: Session, *versions: str) -> None:
    for version in versions:
        segments.save_draft(session, rules(version), "ann", "new", MONDAY)


def looked_at(subject: Subject, version: str) -> subjects.Found:
    return subjects.Found(
        subject=subject, version=version, replayed_from=MONDAY, evaluated_at=MONDAY
    )


def statuses(session: Session) -> dict[str, str]:
    return {v.version: v.status.value for v in segments.listing(session)}


def test_a_draft_is_not_in_force(store: Store) -> None:
    with store.writing() as session:
        draft(session, "v1")

        assert segments.active(session) is None
        assert segments.shadow(session) is None
        assert segments.get(session, "v1") == rules("v1")


def test_a_draft_may_be_changed(store: Store) -> None:
    with store.writing() as session:
        draft(session, "v1")
        segments.save_draft(session, rules("v1", "gift"), "bo", "better", MONDAY + HOUR)

        assert segments.get(session, "v1") == rules("v1", "gift")
        assert [m.author for m in segments.history(session)] == ["ann", "bo"]


@pytest.mark.parametrize("status", [SHADOW, ACTIVE, RETIRED])
def test_what_left_draft_never_changes(store: Store, status: SegmentStatus) -> None:
    with store.writing() as session:
        draft(session, "v1")
        move(session, "v1", status)

        with pytest.raises(Immutable, match=rf"'v1' .* \(it is {status}\)"):
            segments.save_draft(session, rules("v1", "gift"), "bo", "oops", MONDAY)
        assert segments.get(session, "v1") == rules("v1")


def test_saving_the_same_content_again_changes_nothing(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)
        before = segments.history(session)

        status = segments.save_draft(session, rules("v1"), "ann", "again", MONDAY)

        assert status is ACTIVE
        assert segments.history(session) == before


def test_the_next_version_retires_the_one_before(store: Store) -> None:
    with store.writing() as session:
        draft(session, "v1", "v2")
        move(session, "v1", ACTIVE, 1)
        move(session, "v2", ACTIVE, 2)

        assert segments.active(session) == rules("v2")
        assert statuses(session) == {"v1": "retired", "v2": "active"}
        last = segments.history(session, "v1")[-1]
        assert (last.status, last.reason) == (RETIRED, "v2 became active")


def test_one_version_at_a_time_is_on_trial(store: Store) -> None:
    with store.writing() as session:
        draft(session, "v1", "v2", "v3")
        move(session, "v1", ACTIVE)
        move(session, "v2", SHADOW)
        move(session, "v3", SHADOW)

        assert segments.shadow_version(session) == "v3"
        assert segments.active_version(session) == "v1"
        assert statuses(session) == {"v1": "active", "v2": "retired", "v3": "shadow"}


def test_a_version_on_trial_becomes_active(store: Store) -> None:
    with store.writing() as session:
        draft(session, "v1")
        move(session, "v1", SHADOW)
        move(session, "v1", ACTIVE)

        assert segments.shadow(session) is None
        assert segments.active(session) == rules("v1")


def test_a_retired_version_can_be_brought_back_with_a_reason(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)
        segments.publish(session, rules("v2"), MONDAY)
        back = MONDAY + HOUR
        segments.move(session, "v1", ACTIVE, "bo", "v2 sent all by air", back)

        newest = segments.listing(session)[0]
        assert (newest.version, newest.status) == ("v1", ACTIVE)
        assert (newest.author, newest.reason) == ("bo", "v2 sent all by air")
        assert newest.since == back


def test_the_active_version_ends_only_by_another(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)

        with pytest.raises(IllegalMove, match="until another version is activated"):
            move(session, "v1", RETIRED)
        assert segments.active_version(session) == "v1"


def test_what_was_tried_is_no_draft_again(store: Store) -> None:
    with store.writing() as session:
        draft(session, "v1")
        move(session, "v1", SHADOW)

        with pytest.raises(IllegalMove, match="may become active or retired"):
            move(session, "v1", DRAFT)


def test_an_unknown_version_is_named(store: Store) -> None:
    with store.writing() as session, pytest.raises(UnknownVersion, match="'v9'"):
        move(session, "v9", ACTIVE)


def test_a_step_already_taken_is_not_recorded_twice(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)
        before = segments.history(session)

        assert move(session, "v1", ACTIVE) is False
        assert segments.history(session) == before


def test_versions_of_before_there_were_steps_are_listed(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)
        session.connection().execute(delete(RuleSetMoveRow))

        (only,) = segments.listing(session)

        assert (only.version, only.since, only.author) == ("v1", MONDAY, "")


def test_a_document_kept_before_a_field_was_added_is_the_same(store: Store) -> None:
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)
        row = session.get_one(RuleSetRow, "v1")
        row.document = rules("v1").model_dump_json(exclude_defaults=True)
        session.flush()

        segments.publish(session, rules("v1"), MONDAY + HOUR)

        assert segments.active(session) == rules("v1")


def test_all_subjects_are_looked_at_again_by_another_version(store: Store) -> None:
    customer = of_customer(CustomerId("c-1"))
    with store.writing() as session:
        segments.publish(session, rules("v1"), MONDAY)
        subjects.mark(session, {customer: MONDAY})
        subjects.keep(session, looked_at(customer, "v1"))
        assert subjects.todo(session, MONDAY, 9) == ()

        segments.publish(session, rules("v2"), MONDAY + HOUR)

        assert subjects.todo(session, MONDAY + HOUR, 9) == (customer,)


def test_activations_at_once_leave_one_active(store: Store) -> None:
    names = [f"v{n}" for n in range(6)]
    with store.writing() as session:
        draft(session, *names)

    def activate(version: str) -> bool:
        return store.write(lambda session: move(session, version, ACTIVE))

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(activate, names))

    with store.reading() as session:
        active = [v for v in segments.listing(session) if v.status is ACTIVE]
        assert [v.version for v in active] == [segments.active_version(session)]


STEPS = st.lists(
    st.tuples(st.sampled_from(["v1", "v2", "v3"]), st.sampled_from(list(SegmentStatus)))
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_whatever_is_tried_versions_live_by_the_table(
    steps: list[tuple[str, SegmentStatus]], sqlite_life: Store
) -> None:
    with sqlite_life.writing() as session:
        session.connection().execute(delete(RuleSetRow))
        session.connection().execute(delete(RuleSetMoveRow))
        draft(session, "v1", "v2", "v3")
        for version, status in steps:
            before = SegmentStatus(statuses(session)[version])
            try:
                moved = move(session, version, status)
            except IllegalMove:
                assert status not in RULE_SET_MOVES[before]
                continue
            assert moved is (before is not status)

        found = list(statuses(session).values())
        assert found.count("active") <= 1
        assert found.count("shadow") <= 1
        for version in ("v1", "v2", "v3"):
            told = [m.status for m in segments.history(session, version)]
            pairs = pairwise(told)
            assert all(
                b in RULE_SET_MOVES[a] or (a, b) == (ACTIVE, RETIRED) for a, b in pairs
            )


@pytest.fixture(scope="module")
def sqlite_life(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path = tmp_path_factory.mktemp("life") / "lanewise.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    return store
