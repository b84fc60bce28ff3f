"""Segments of customers and SKUs: exact to the second, however the news came."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.testing import ActivityEnvironment

from activities.keeping import (
    IngestEvents,
    Keeping,
    KeepSegments,
    Kept,
    Told,
)
from domain.event import BusinessEvent
from domain.quantities import CustomerId, OrderId, SkuId
from domain.segment import (
    Classification,
    Membership,
    RuleSet,
    Segment,
    SegmentStatus,
)
from domain.subject import Subject, SubjectKind, of_customer, of_sku
from store import changes, interests, segments, subjects
from store.engine import Store
from tests.builders import MONDAY, a_rule_set, a_segment
from tests.fakes import FakeClock

ANNA = of_customer(CustomerId("ANNA"))
LAMP = of_sku(SkuId("LAMP"))
BEGIN = MONDAY - timedelta(days=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CUSTOMER = SubjectKind.CUSTOMER

KEEN = a_segment(
    id="keen",
    title="Keen",
    on=CUSTOMER,
    when='events("viewed", category="shoes", within="2d") >= 2',
)
SILENT = a_segment(
    id="silent",
    title="Silent",
    on=CUSTOMER,
    when='days_since("order_placed") > 2',
)
MOVING = a_segment(
    id="moving",
    title="Moving",
    on=SubjectKind.SKU,
    when='sum_units("order_placed", within="1d") > 3',
)


def rules(*chosen: Segment, version: str = "v1") -> RuleSet:
    return a_rule_set(*(chosen or (KEEN, SILENT, MOVING)), version=version)


class Heard:
    """Who was told of changes, and why."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.error: Exception | None = None

    async def __call__(self, orders: Sequence[OrderId], why: str) -> int:
        if self.error is not None:
            raise self.error
        self.told += [(order, why) for order in orders]
        return len(orders)


class Room:
    """A store under some rules, and the one who keeps its segments."""

    def __init__(self, store: Store, rule_set: RuleSet, since: datetime) -> None:
        self.store = store
        self.clock = FakeClock(MONDAY)
        self.heard = Heard()
        with store.writing() as session:
            segments.publish(session, rule_set, since)
        self.keeping = self.anew()

    def anew(self) -> Keeping:
        return Keeping(self.store, self.clock, self.heard)

    async def ingest(self, *batch: BusinessEvent) -> None:
        await run(self.keeping.ingest_events, IngestEvents(events=batch))

    async def keep(self) -> Kept:
        kept: Kept = await run(self.keeping.keep_segments, KeepSegments())
        return kept

    async def publish(self) -> Told:
        told: Told = await run(self.keeping.publish_changes)
        return told

    def log(self, subject: Subject = ANNA) -> list[tuple[str, bool, datetime]]:
        with self.store.reading() as session:
            said = changes.log(session, subject)
        return [(c.segment, c.entered, c.at) for c in reversed(said)]

    def members(self, subject: Subject = ANNA) -> tuple[Membership, ...]:
        with self.store.reading() as session:
            return subjects.memberships(session, [subject])[subject]


async def run(work: Callable[..., Any], *command: object) -> Any:
    return await ActivityEnvironment().run(work, *command)


@pytest.fixture
def room(sqlite_store: Store) -> Room:
    return Room(sqlite_store, rules(), BEGIN)


def viewed(number: int, at: datetime, category: str = "shoes") -> BusinessEvent:
    return BusinessEvent(
        id=f"view-{number}",
        kind="viewed",
        occurred_at=at,
        customer_id=CustomerId("ANNA"),
        labels={"category": category},
    )


def ordered(number: int, at: datetime, units: int = 2) -> BusinessEvent:
    return BusinessEvent(
        id=f"order-{number}",
        kind="order_placed",
        occurred_at=at,
        customer_id=CustomerId("ANNA"),
        sku=SkuId("LAMP"),
        units=units,
    )


async def test_a_segment_is_entered_on_the_event(room: Room) -> None:
    first, second = MONDAY - 3 * HOUR, MONDAY - HOUR - timedelta(seconds=7)
    await room.ingest(viewed(1, first), viewed(2, second), viewed(3, MONDAY, "hats"))

    kept = await room.keep()

    (member,) = room.members()
    assert (member.segment, member.since) == ("keen", second)
    assert member.valid_until == kept.next_due == first + 2 * DAY
    assert room.log() == [("keen", True, second)]


async def test_a_segment_is_left_on_the_second_even_if_nobody_looked(
    room: Room,
) -> None:
    first = MONDAY - 3 * HOUR
    await room.ingest(viewed(1, first), viewed(2, MONDAY - HOUR))
    await room.keep()
    room.clock.pass_time(9 * DAY)
    room.keeping = room.anew()

    kept = await room.keep()

    assert room.members() == ()
    assert room.log()[1:] == [("keen", False, first + 2 * DAY)]
    assert (kept.more, kept.next_due) == (False, None)


async def test_nobody_is_looked_at_before_the_second(room: Room) -> None:
    first = MONDAY - 3 * HOUR
    await room.ingest(viewed(1, first), viewed(2, MONDAY - HOUR))
    await room.keep()

    room.clock.at = first + 2 * DAY - timedelta(seconds=1)
    assert (await room.keep()).done == 0
    room.clock.at = first + 2 * DAY
    assert (await room.keep()).done == 1
    assert room.members() == ()


async def test_an_episode_that_nobody_saw_is_in_the_log(room: Room) -> None:
    early = MONDAY - 10 * DAY
    await room.ingest(viewed(1, early), viewed(2, early + HOUR))

    await room.keep()

    assert room.log() == [
        ("keen", True, early + HOUR),
        ("keen", False, early + 2 * DAY),
    ]


async def test_a_late_event_corrects_what_was_said_before(room: Room) -> None:
    at = MONDAY - 10 * DAY
    await room.ingest(ordered(1, at), ordered(2, at + 5 * DAY))
    await room.keep()
    await room.ingest(ordered(3, at + DAY))
    await room.keep()

    assert [c for c in room.log() if c[2] < at + 6 * DAY] == [
        ("silent", True, at + 3 * DAY + timedelta(seconds=1)),
        ("silent", False, at + 5 * DAY),
    ]


async def test_skus_are_kept_like_customers(room: Room) -> None:
    await room.ingest(ordered(1, MONDAY - HOUR), ordered(2, MONDAY))

    await room.keep()

    assert [member.segment for member in room.members(LAMP)] == ["moving"]
    assert room.log(LAMP) == [("moving", True, MONDAY)]


async def test_nothing_is_said_of_the_time_before_the_rules(
    sqlite_store: Store,
) -> None:
    room = Room(sqlite_store, rules(), MONDAY)
    await room.ingest(viewed(1, MONDAY - 3 * HOUR), viewed(2, MONDAY - 2 * HOUR))

    await room.keep()

    assert room.log() == [("keen", True, MONDAY)]


async def test_new_rules_take_over_when_they_take_force(room: Room) -> None:
    await room.ingest(viewed(1, MONDAY - HOUR), viewed(2, MONDAY - HOUR))
    await room.keep()
    room.clock.pass_time(HOUR)
    with room.store.writing() as session:
        segments.publish(session, rules(SILENT, version="v2"), room.clock.at)
    room.clock.pass_time(HOUR)

    await room.keep()

    assert room.members() == ()
    assert room.log()[-1] == ("keen", False, MONDAY + HOUR)


async def test_segments_on_trial_have_members_but_no_log(sqlite_store: Store) -> None:
    trial = KEEN.model_copy(update={"status": SegmentStatus.SHADOW})
    room = Room(sqlite_store, rules(trial), BEGIN)
    at = MONDAY - HOUR
    await room.ingest(viewed(1, at), viewed(2, at))
    await room.keep()
    await room.ingest(viewed(3, MONDAY))
    await room.keep()

    with room.store.reading() as session:
        (member,) = subjects.memberships(session, [ANNA], shadow=True)[ANNA]
    assert (member.segment, member.since) == ("keen", at)
    assert (room.members(), room.log()) == ((), [])


async def test_a_membership_with_a_time_to_live_is_renewed(
    sqlite_store: Store,
) -> None:
    brief = KEEN.model_copy(update={"ttl_h": 10})
    room = Room(sqlite_store, rules(brief), BEGIN)
    at = MONDAY - 25 * HOUR
    await room.ingest(viewed(1, at), viewed(2, at))

    await room.keep()

    (member,) = room.members()
    assert member.since == at + 20 * HOUR
    assert member.valid_until == at + 30 * HOUR
    assert room.log() == [("keen", True, at)]


async def test_more_than_fit_one_transaction_are_all_looked_at(room: Room) -> None:
    await room.ingest(
        *(
            viewed(n, MONDAY).model_copy(update={"customer_id": f"C{n}"})
            for n in range(60)
        )
    )

    kept: Kept = await run(room.keeping.keep_segments, KeepSegments(limit=30))

    assert kept.more
    assert (await room.keep()).done + kept.done == 60


def classified(store: Store, order: str, at: datetime, *members: Membership) -> None:
    found = Classification(
        memberships=tuple(m.model_copy(update={"through": ANNA}) for m in members),
        version="v1",
    )
    with store.writing() as session:
        interests.care(session, OrderId(order), [ANNA])
        segments.record(session, OrderId(order), found, at)


async def test_open_orders_are_told_of_changes_once(room: Room) -> None:
    classified(room.store, "O-1", MONDAY)
    await room.ingest(viewed(1, MONDAY), viewed(2, MONDAY))
    await room.keep()

    told = await room.publish()

    assert room.heard.told == [("O-1", "its customer entered keen")]
    assert (told.changes, told.orders, told.more) == (1, 1, False)
    assert (await room.publish()).changes == 0


async def test_changes_not_told_for_a_fault_are_told_later(room: Room) -> None:
    classified(room.store, "O-1", MONDAY)
    await room.ingest(viewed(1, MONDAY), viewed(2, MONDAY))
    await room.keep()
    room.heard.error = RuntimeError("away")
    with pytest.raises(RuntimeError, match="away"):
        await room.publish()
    room.heard.error = None

    await room.publish()

    assert len(room.heard.told) == 1


async def test_who_knows_already_is_not_told(room: Room) -> None:
    await room.ingest(viewed(1, MONDAY), viewed(2, MONDAY))
    await room.keep()
    classified(room.store, "O-1", MONDAY + HOUR, *room.members())
    with room.store.writing() as session:
        interests.care(session, OrderId("NOT-CLASSIFIED-YET"), [ANNA])

    await room.publish()

    assert room.heard.told == []


async def test_orders_are_told_what_never_was_after_all(room: Room) -> None:
    late = [viewed(n, MONDAY - HOUR) for n in (1, 2)]
    await room.ingest(*late)
    await room.keep()
    await room.publish()
    classified(room.store, "O-1", MONDAY + HOUR, *room.members())
    early = BEGIN - 5 * DAY

    await room.ingest(*(e.model_copy(update={"occurred_at": early}) for e in late))
    await room.keep()
    await room.publish()

    assert room.log() == []
    assert room.heard.told == [("O-1", "its customer was not in keen after all")]


ORDER_RULE = a_segment(
    id="looking", title="Looks", when='events("viewed", within="1d") >= 5'
)


async def test_orders_whose_own_rules_count_are_told_of_news(
    sqlite_store: Store,
) -> None:
    room = Room(sqlite_store, rules(ORDER_RULE), BEGIN)
    classified(room.store, "O-1", MONDAY)
    classified(room.store, "O-2", MONDAY + HOUR)
    await room.ingest(viewed(1, MONDAY))
    await room.keep()

    await room.publish()

    assert room.heard.told == [("O-1", "there is news of its customer")]


async def test_an_order_is_not_told_what_it_said_itself(sqlite_store: Store) -> None:
    room = Room(sqlite_store, rules(ORDER_RULE), BEGIN)
    classified(room.store, "O-1", MONDAY)
    own = viewed(1, MONDAY).model_copy(update={"order_id": "O-1"})
    await room.ingest(own)
    await room.keep()

    await room.publish()

    assert room.heard.told == []


async def test_the_population_is_ranked_once_a_day(room: Room) -> None:
    again_at = await run(room.keeping.rank_population)
    room.clock.pass_time(HOUR)

    assert again_at == MONDAY + DAY
    assert await run(room.keeping.rank_population) == again_at


MOMENTS = [MONDAY - timedelta(hours=h) for h in (0, 5, 23, 24, 30, 47, 48, 60, 96)]
EVENTS = st.one_of(
    st.builds(
        viewed,
        st.integers(1, 5),
        st.sampled_from(MOMENTS),
        st.sampled_from(["shoes", "hats"]),
    ),
    st.builds(ordered, st.integers(1, 4), st.sampled_from(MOMENTS), st.integers(1, 4)),
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(stream=st.lists(EVENTS, max_size=10), data=st.data())
async def test_neither_order_of_arrival_nor_when_one_looks_matters(
    store: Store, stream: list[BusinessEvent], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(stream + stream[:2]))
    looks = data.draw(st.sets(st.integers(0, len(again))))

    at_once = await kept_of(store, [stream], look=False)
    in_parts = await kept_of(store, cut(again, looks), look=True)

    assert at_once == in_parts


def cut(stream: list[BusinessEvent], at: Iterable[int]) -> list[list[BusinessEvent]]:
    return [stream[a:b] for a, b in pairwise([0, *sorted(at), len(stream)])]


async def kept_of(
    store: Store, parts: list[list[BusinessEvent]], *, look: bool
) -> dict[str, object]:
    """Return all that is known five days later; look after each part, or not."""
    empty(store)
    room = Room(store, rules(), BEGIN)
    for part in parts:
        await room.ingest(*part)
        if look:
            await room.keep()
    room.clock.pass_time(5 * DAY)
    await room.keep()
    with store.reading() as session:
        return {
            "log": changes.log(session),
            "members": subjects.memberships(session, [ANNA, LAMP]),
            "waiting": subjects.next_due(session),
        }


def empty(store: Store) -> None:
    with store.writing() as session:
        for table in (
            *("events", "profiles", "subject_states", "subject_memberships"),
            *("membership_changes", "daily_units", "rule_sets", "active_versions"),
            "rule_set_moves",
        ):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")
