from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history import (
    KEPT_HOWEVER_OLD,
    KEPT_PER_KIND,
    RETENTION,
    Entry,
    History,
    history_of,
    trimmed,
)
from domain.subject import SubjectKind
from segmentation.known import Facts
from segmentation.streams import Streams
from segmentation.window import Window
from segmentation.windows import seen, tell
from tests.builders import MONDAY
from tests.unit.segmentation.histories import an_entry, entries

WEEK_S = 7 * 86_400
TICK = timedelta(microseconds=1)
KINDS = ("viewed", "carted")
SHOES = (("category", "shoes"),)

WINDOWS = tuple(
    Window(function, kind, SubjectKind.CUSTOMER, labels, within_s)
    for function in ("events", "sum_units", "sum_cents", "days_since")
    for kind in KINDS
    for labels in ((), SHOES)
    for within_s in ((None,) if function == "days_since" else (1, WEEK_S))
)


def a_window(
    function: str = "events",
    kind: str = "viewed",
    of: SubjectKind = SubjectKind.CUSTOMER,
    labels: tuple[tuple[str, str], ...] = (),
    within_s: int | None = WEEK_S,
) -> Window:
    return Window(function, kind, of, labels, within_s)


def told(history: History, *windows: Window, now: datetime = MONDAY) -> Facts:
    return tell(windows, {SubjectKind.CUSTOMER: (history,)}, now)


def by_hand(window: Window, told: list[Entry], now: datetime) -> float | None:
    """Look at every event, as the rule's definition says."""
    counted = [
        entry
        for entry in told
        if entry.kind == window.kind
        and set(window.labels) <= set(entry.labels.items())
        and entry.at <= now
    ]
    if window.function == "days_since":
        newest = max((entry.at for entry in counted), default=None)
        return None if newest is None else (now - newest) / timedelta(days=1)
    span = timedelta(seconds=window.within_s or 0)
    counted = [entry for entry in counted if now < entry.at + span]
    if window.function == "events":
        return len(counted)
    name = "units" if window.function == "sum_units" else "value_cents"
    return sum(getattr(entry, name) or 0 for entry in counted)


def test_an_event_counts_from_its_instant_until_the_window_ends() -> None:
    history = history_of((an_entry(),))
    window = a_window()
    ends = MONDAY + timedelta(days=7)

    counts = [
        told(history, window, now=now).values[window.key]
        for now in (MONDAY - TICK, MONDAY, ends - TICK, ends)
    ]

    assert counts == [0, 1, 1, 0]


def test_the_next_step_is_when_the_oldest_counted_event_leaves() -> None:
    history = history_of((an_entry(days_ago=9), an_entry(days_ago=6), an_entry()))
    window = a_window()

    assert told(history, window).steps == {window.key: MONDAY + timedelta(days=1)}


def test_an_event_in_the_future_is_a_step_and_does_not_count() -> None:
    history = history_of((an_entry(days_ago=-2),))
    count, since = a_window(), a_window("days_since", within_s=None)

    facts = told(history, count, since)

    assert facts.values == {count.key: 0}
    assert facts.steps == dict.fromkeys(
        (count.key, since.key), MONDAY + timedelta(days=2)
    )


def test_time_since_runs_with_the_clock() -> None:
    window = a_window("days_since", within_s=None)

    facts = told(history_of((an_entry(days_ago=9),)), window)

    assert facts.values == {window.key: 9.0}
    assert facts.drifts == {window.key: pytest.approx(1 / 24)}


def test_without_events_counts_are_zero_and_time_since_is_unknown() -> None:
    windows = [a_window(f) for f in ("events", "sum_units", "sum_cents")]

    facts = told(History(), *windows, a_window("days_since", within_s=None))

    assert facts == Facts({window.key: 0 for window in windows})


def test_windows_of_somebody_unheard_of_are_unknown() -> None:
    window = a_window(of=SubjectKind.SKU)

    assert told(history_of((an_entry(),)), window) == Facts()
    assert tell((window,), {SubjectKind.SKU: ()}, MONDAY) == Facts()


def test_the_histories_of_an_orders_goods_are_added() -> None:
    lamp = history_of((an_entry(days_ago=3, units=2), an_entry(days_ago=1, units=5)))
    rope = history_of((an_entry(days_ago=2, units=4),))
    units, since = (
        a_window(name, of=SubjectKind.SKU) for name in ("sum_units", "days_since")
    )

    facts = tell((units, since), {SubjectKind.SKU: (lamp, rope)}, MONDAY)

    assert facts.values == {units.key: 11, since.key: 1.0}
    assert facts.steps == {units.key: MONDAY + timedelta(days=4)}


def test_only_events_with_all_of_the_labels_count() -> None:
    shoes = {"category": "shoes"}
    history = history_of(
        (
            an_entry(labels=shoes),
            an_entry(labels=shoes | {"color": "red"}),
            an_entry(labels={"color": "red"}),
            an_entry(),
        )
    )
    one = a_window(labels=SHOES)
    both = a_window(labels=(*SHOES, ("color", "red")))

    assert told(history, one, both).values == {one.key: 2, both.key: 1}


def test_a_function_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'average': events, sum_units"):
        told(History(), a_window("average"))


def test_windows_reach_no_further_back_than_events_are_kept() -> None:
    window = a_window(within_s=10_000 * 86_400)
    left = an_entry(days_ago=400)
    history = history_of((left, an_entry(days_ago=399)))

    facts = told(history, window)

    assert facts.values == {window.key: 1}
    assert facts.steps == {window.key: MONDAY + timedelta(days=1)}


def test_time_since_outlasts_forgetting_but_not_with_labels() -> None:
    history = History(last={"viewed": MONDAY - timedelta(days=900)})
    old = history_of((an_entry(days_ago=400, labels={"category": "shoes"}),))
    plain = a_window("days_since", within_s=None)
    labeled = a_window("days_since", labels=SHOES, within_s=None)

    assert told(history, plain, labeled).values == {plain.key: 900.0}
    assert told(old, plain, labeled).values == {plain.key: 400.0}
    assert seen(history, "viewed", MONDAY) == MONDAY - timedelta(days=900)
    assert seen(history, "viewed", MONDAY - timedelta(days=901)) is None


def test_a_labeled_time_since_ends_when_its_event_is_forgotten() -> None:
    history = history_of((an_entry(days_ago=399, labels={"category": "shoes"}),))
    window = a_window("days_since", labels=SHOES, within_s=None)

    facts = told(history, window)

    assert facts.steps == {window.key: MONDAY + timedelta(days=1)}
    assert told(history, window, now=facts.steps[window.key]) == Facts()


@settings(max_examples=150, deadline=None)
@given(entries(KINDS), st.integers(-(10**10), 10**10))
def test_windows_hold_what_counting_by_hand_finds(
    drawn: list[Entry], microseconds: int
) -> None:
    now = MONDAY + timedelta(microseconds=microseconds)

    facts = told(history_of(drawn), *WINDOWS, now=now)

    by_hands = {w.key: by_hand(w, drawn, now) for w in WINDOWS}
    assert facts.values == {k: v for k, v in by_hands.items() if v is not None}


@settings(max_examples=60, deadline=None)
@given(entries(KINDS, days=8, most=6))
def test_nothing_changes_between_two_steps(drawn: list[Entry]) -> None:
    history = history_of(drawn)
    at = MONDAY - timedelta(days=10)
    counts = [w for w in WINDOWS if w.function != "days_since"]

    for _ in range(200):
        facts = told(history, *counts, now=at)
        step = min(facts.steps.values(), default=None)
        if step is None:
            break
        for between in (at + (step - at) / 2, step - TICK):
            assert told(history, *counts, now=between).values == facts.values
        assert step > at
        at = step

    assert step is None
    assert not any(told(history, *counts, now=at).values.values())


@settings(max_examples=60, deadline=None)
@given(entries(KINDS), entries(KINDS, most=4))
def test_streams_fed_one_by_one_equal_those_made_at_once(
    before: list[Entry], after: list[Entry]
) -> None:
    after = [an_entry(e.kind, at=e.at, labels=e.labels) for e in after]
    fed = history_of(before)
    told(fed, *WINDOWS)

    for entry in after:
        Streams.of(fed).add(entry)

    assert told(fed, *WINDOWS) == told(history_of([*before, *after]), *WINDOWS)


def test_only_the_newest_of_a_kind_are_kept() -> None:
    many = history_of(an_entry(at=MONDAY - n * TICK) for n in range(KEPT_PER_KIND + 3))

    kept = trimmed(many, MONDAY)

    assert kept.entries == many.entries[3:]
    assert kept.first == many.first


def test_a_few_of_each_kind_are_kept_however_old() -> None:
    old = [an_entry(days_ago=400 + n) for n in range(KEPT_HOWEVER_OLD + 1)]
    history = history_of((*old, an_entry("carted", days_ago=2_000), an_entry()))

    kept = trimmed(history, MONDAY)

    left = [entry for entry in history.entries if entry not in kept.entries]
    assert left == [old[-1]]


@settings(max_examples=60, deadline=None)
@given(entries(KINDS, days=450, most=40), st.integers(0, 40), st.integers(0, 100))
def test_how_often_is_trimmed_changes_nothing(
    drawn: list[Entry], early: int, days: int
) -> None:
    first = trimmed(history_of(drawn[:early]), MONDAY - timedelta(days=days))

    both = history_of((*first.entries, *drawn[early:]), first.first, first.last)

    assert trimmed(both, MONDAY) == trimmed(history_of(drawn), MONDAY)


@settings(max_examples=60, deadline=None)
@given(entries(KINDS, days=450, most=40), st.integers(0, 400))
def test_trimming_is_seen_by_no_window(drawn: list[Entry], days: int) -> None:
    history = history_of(drawn)
    kept = trimmed(history, MONDAY)
    windows = [
        Window(w.function, w.kind, w.of, w.labels, int(RETENTION.total_seconds()))
        for w in WINDOWS
    ]

    assert told(kept, *windows) == told(history, *windows)
    at = MONDAY - timedelta(days=days)
    since = [w for w in WINDOWS if w.function == "days_since" and not w.labels]
    assert told(kept, *since, now=at) == told(history, *since, now=at)
