from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import BusinessEvent
from domain.history import Entry, Scores, history_of
from domain.segment import MembershipChange, RuleSet, Segment
from domain.subject import Subject, SubjectKind
from segmentation import windows
from segmentation.classify import Rules
from segmentation.limits import limits_of
from segmentation.watch import Watch
from tests.builders import MONDAY
from tests.unit.segmentation.histories import an_entry

ANN = Subject("customer/ANN")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
_NUMBERS = count()

SENTENCES = {
    "keen": 'events("viewed", within="7d") >= 3',
    "shoes": 'events("viewed", category="shoes", within="2d") >= 1',
    "big": 'sum_cents("order_placed", within="3d") > 500',
    "many": 'sum_units("order_placed", within="36h") >= 4',
    "gone": 'days_since("order_placed") >= 5',
    "idle": 'events("viewed", within="1d") == 0 and events("carted", within="9d") > 1',
    "odd": 'events("viewed", within="4d") - events("carted", within="2d") == 1',
}


CUSTOMER = SubjectKind.CUSTOMER


def the_rules(sentences: Mapping[str, str], on: SubjectKind = CUSTOMER) -> Rules:
    segments = tuple(
        Segment.model_validate({"id": name, "title": name, "on": on, "when": when})
        for name, when in sentences.items()
    )
    return Rules(RuleSet(version="one", segments=segments))


def a_watch(
    on: SubjectKind = CUSTOMER, scores: Scores | None = None, **sentences: str
) -> Watch:
    return Watch(the_rules(sentences, on), on, scores)


# Compiled once: a set is the same for every example.
SEVEN = the_rules(SENTENCES)


def an_event(kind: str = "viewed", days: float = 0, **overrides: Any) -> BusinessEvent:
    values: dict[str, Any] = {
        "id": f"E{next(_NUMBERS):05}",
        "kind": kind,
        "occurred_at": MONDAY + timedelta(days=days),
        "customer_id": "ANN",
    }
    return BusinessEvent.model_validate(values | overrides)


def said(changes: tuple[MembershipChange, ...]) -> list[tuple[str, bool, float]]:
    return [(c.segment, c.entered, (c.at - MONDAY) / DAY) for c in changes]


def test_a_membership_begins_on_the_event_and_ends_on_the_instant() -> None:
    watch = a_watch(keen=SENTENCES["keen"])

    taken = [said(watch.take(an_event(days=days))) for days in (0, 1, 2.5)]

    assert taken == [[], [], [("keen", True, 2.5)]]
    assert watch.members(ANN) == ("keen",)
    assert watch.advance(MONDAY + 7 * DAY - TICK) == ()
    assert said(watch.advance(MONDAY + 9 * DAY)) == [("keen", False, 7)]
    assert watch.members(ANN) == ()


def test_silence_makes_members_without_any_event() -> None:
    watch = a_watch(gone='days_since("order_placed") >= 5')
    watch.take(an_event("order_placed"))

    assert said(watch.advance(MONDAY + 30 * DAY)) == [("gone", True, 5)]


def test_silence_longer_than_a_span_shows_a_second_after_it() -> None:
    watch = a_watch(gone='days_since("order_placed") > 5')
    watch.take(an_event("order_placed"))

    (change,) = watch.advance(MONDAY + 30 * DAY)

    assert change.at == MONDAY + timedelta(days=5, seconds=1)


def test_a_look_within_a_second_is_repeated_when_the_past_is_walked_again() -> None:
    placed = an_event("order_placed", occurred_at=MONDAY + timedelta(seconds=0.3))
    seen = an_event(occurred_at=MONDAY + timedelta(days=5, seconds=0.5))

    for events in ([placed, seen], [seen, placed]):
        watch = a_watch(gone='days_since("order_placed") > 5')
        assert followed(watch, events).log[0].at == seen.occurred_at


def test_what_ended_for_others_on_the_way_is_news_too() -> None:
    watch = a_watch(seen='events("viewed", within="1d") >= 1')
    watch.take(an_event())

    news = watch.take(an_event(days=3, customer_id="BEN"))

    assert [(c.subject, c.entered) for c in news] == [
        (ANN, False),
        ("customer/BEN", True),
    ]


def test_a_late_event_corrects_the_log() -> None:
    watch = a_watch(keen=SENTENCES["keen"])
    for days in (0, 6, 6.5):
        watch.take(an_event(days=days))
    watch.advance(MONDAY + 10 * DAY)

    news = watch.take(an_event(days=5))

    assert said(news) == [("keen", True, 6)]
    assert said(watch.log) == [("keen", True, 6)]
    assert watch.members(ANN) == ("keen",)


def test_a_repeated_event_changes_nothing() -> None:
    watch = a_watch(keen='events("viewed", within="7d") >= 2')
    event = an_event()

    assert (watch.take(event), watch.take(event)) == ((), ())


def test_of_two_events_with_one_id_the_earlier_counts() -> None:
    watch = a_watch(seen='events("viewed", within="1d") >= 1')
    watch.take(an_event(id="E", days=2))

    watch.take(an_event(id="E", days=1))
    watch.take(an_event(id="E", days=1.5))

    assert said(watch.log) == [("seen", True, 1), ("seen", False, 2)]


def test_one_that_ends_when_the_next_begins_is_one_membership() -> None:
    watch = a_watch(seen='events("viewed", within="1d") >= 1')

    for days in (0, 1, 2):
        watch.take(an_event(days=days))
    watch.advance(MONDAY + 9 * DAY)

    assert said(watch.log) == [("seen", True, 0), ("seen", False, 3)]


def test_goods_are_watched_by_their_own_events() -> None:
    watch = a_watch(SubjectKind.SKU, back='events("returned", within="2d") >= 2')

    for days in (0, 1):
        watch.take(an_event("returned", days, sku="LAMP"))

    assert watch.members(Subject("sku/LAMP")) == ("back",)
    assert watch.members(ANN) == ()


def test_stages_and_ranks_of_customers_are_watched_too() -> None:
    scores = Scores(found_at=MONDAY, money_365d_cents=(100, 200, 300, 400))
    watch = a_watch(
        scores=scores,
        risky='lifecycle == "at-risk"',
        rich="rfm_money == 5 and known(recency_days)",
    )
    for days in (0, 30, 60):
        watch.take(an_event("order_placed", days, value_cents=150))

    watch.advance(MONDAY + 500 * DAY)

    assert said(watch.log) == [
        ("rich", True, 60),
        ("risky", True, 120),
        ("risky", False, 180),
        ("rich", False, 365),
    ]


def test_how_goods_sell_is_watched_too() -> None:
    watch = a_watch(SubjectKind.SKU, brisk="units_30d > 10")
    for days in (0, 3):
        watch.take(an_event("order_placed", days, sku="LAMP", units=6))

    watch.advance(MONDAY + 99 * DAY)

    assert said(watch.log) == [("brisk", True, 3), ("brisk", False, 29.5)]


def test_a_segment_counts_only_while_it_is_in_force() -> None:
    segment = Segment(
        id="seen",
        title="Seen",
        on=CUSTOMER,
        when='events("viewed", within="9d") > 0',
        valid_from=MONDAY + DAY,
        valid_until=MONDAY + 2 * DAY,
    )
    watch = Watch(Rules(RuleSet(version="one", segments=(segment,))), CUSTOMER)

    watch.take(an_event())
    watch.advance(MONDAY + 5 * DAY)

    assert said(watch.log) == [("seen", True, 1), ("seen", False, 2)]


def shuffled(
    events: list[BusinessEvent], order: list[int], repeated: list[int]
) -> list[BusinessEvent]:
    """Put events into another order, some of them twice."""
    ranked = sorted(range(len(events)), key=lambda n: (order[n % len(order)], n))
    twice = [events[n % len(events)] for n in repeated]
    return [*(events[n] for n in ranked), *twice]


def drawn_events(
    most: int = 14, days: int = 20
) -> st.SearchStrategy[list[BusinessEvent]]:
    one = st.builds(
        an_event,
        st.sampled_from(("viewed", "carted", "order_placed")),
        st.integers(0, days * 96).map(lambda quarters: quarters / 96),
        id=st.integers(0, 40).map(lambda n: f"E{n}"),
        customer_id=st.sampled_from(("ANN", "BEN")),
        units=st.integers(0, 3),
        value_cents=st.sampled_from((0, 200, 400)),
        labels=st.sampled_from(({}, {"category": "shoes"})),
    )
    return st.lists(one, min_size=1, max_size=most)


def followed(watch: Watch, events: list[BusinessEvent]) -> Watch:
    for event in events:
        watch.take(event)
    watch.advance(MONDAY + 60 * DAY)
    return watch


@settings(max_examples=60, deadline=None)
@given(
    drawn_events(),
    st.lists(st.integers(0, 99), min_size=1, max_size=14),
    st.lists(st.integers(0, 99), max_size=4),
)
def test_no_order_of_arrival_leads_to_another_log(
    events: list[BusinessEvent], order: list[int], repeated: list[int]
) -> None:
    in_order = sorted(events, key=lambda event: (event.occurred_at, event.id))

    expected = followed(Watch(SEVEN, CUSTOMER), in_order)
    watch = followed(Watch(SEVEN, CUSTOMER), shuffled(events, order, repeated))

    assert watch.log == expected.log
    for customer in ("customer/ANN", "customer/BEN"):
        who = Subject(customer)
        assert watch.members(who) == expected.members(who)


@settings(max_examples=10, deadline=None)
@given(drawn_events(8, days=4))
def test_the_log_says_what_looking_every_quarter_hour_finds(
    events: list[BusinessEvent],
) -> None:
    once = list({(e.customer_id, e.id): e for e in events}.values())
    mine = [event for event in once if event.customer_id == "ANN"]

    watch = followed(Watch(SEVEN, CUSTOMER), once)

    ours = tuple(change for change in watch.log if change.subject == ANN)
    assert sorted(said(ours)) == sorted(by_looking(mine))


def by_looking(events: list[BusinessEvent]) -> list[Any]:
    """Evaluate the rules at every quarter of an hour, from the first event on."""
    history = history_of(map(entry_of, events))
    found, before = [], 0
    now = min((event.occurred_at for event in events), default=MONDAY + 60 * DAY)
    while now < MONDAY + 14 * DAY:
        facts = windows.tell(SEVEN.windows_of(CUSTOMER), {CUSTOMER: (history,)}, now)
        mask, _ = SEVEN.evaluate(CUSTOMER, facts)
        for bit, segment in enumerate(SEVEN.segments(CUSTOMER)):
            if (mask ^ before) >> bit & 1:
                found.append((segment.id, bool(mask >> bit & 1), (now - MONDAY) / DAY))
        before = mask
        now += timedelta(minutes=15)
    return found


@settings(max_examples=100, deadline=None)
@given(drawn_events(10), st.integers(0, 20 * 96), st.integers(0, 20 * 96))
def test_no_limit_is_crossed_before_the_step_told(
    events: list[BusinessEvent], at: int, later: int
) -> None:
    histories = {CUSTOMER: (history_of(map(entry_of, events)),)}
    limits = limits_of(rule.tree for rule in SEVEN.of(CUSTOMER).rules)
    now = MONDAY + min(at, later) * DAY / 96
    then = MONDAY + max(at, later) * DAY / 96

    told = windows.tell(SEVEN.windows_of(CUSTOMER), histories, now, limits)
    after = windows.tell(SEVEN.windows_of(CUSTOMER), histories, then, limits)

    assert limits.keys() < told.values.keys() | {"days_since customer order_placed"}
    for key in limits.keys() & told.values.keys() - told.drifts.keys():
        if key not in told.steps or then < told.steps[key]:
            assert place(limits[key], told.values[key]) == (
                place(limits[key], after.values[key])
            )


def place(limits: tuple[float, ...], value: Any) -> tuple[int, ...]:
    return tuple((value > limit) - (value < limit) for limit in limits)


def entry_of(event: BusinessEvent) -> Entry:
    return an_entry(
        event.kind,
        at=event.occurred_at,
        units=event.units,
        value_cents=event.value_cents,
        labels=event.labels,
    )


def test_windows_that_are_calculated_with_have_no_limits() -> None:
    rules = the_rules(
        {
            "chain": '1 < events("viewed", within="1d") <= 5',
            "turned": '200 > sum_units("viewed", within="1d")',
            "odd": 'events("carted", within="1d") * 2 > events("viewed", within="2d")',
            "both": 'events("carted", within="1d") > 7',
        }
    )

    found = limits_of(rule.tree for rule in rules.of(CUSTOMER).rules)

    assert sorted(found.values()) == [(1.0, 5.0), (200.0,)]
