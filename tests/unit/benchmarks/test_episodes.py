from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.baskets.episodes import (
    Seen,
    by_counting,
    by_recomputing,
    compared,
    of_log,
)
from benchmarks.baskets.questions import QUESTIONS
from domain.event import BusinessEvent
from domain.segment import RuleSet, Segment
from domain.subject import SubjectKind
from segmentation.classify import Rules
from segmentation.watch import Watch
from tests.builders import MONDAY

END = MONDAY + timedelta(days=130)
PLACE = ("customer/ANN", "keen")

TWELVE = Rules(
    RuleSet(
        version="twelve",
        segments=tuple(
            Segment.model_validate(
                {"id": q.id, "title": q.id, "on": "customer", "when": q.sentence}
            )
            for q in QUESTIONS
        ),
    )
)


def baskets() -> st.SearchStrategy[list[BusinessEvent]]:
    spans = st.one_of(st.integers(0, 86_400), st.integers(0, 40 * 86_400))
    one = st.tuples(spans, st.integers(1, 60), st.integers(1, 300_00))
    return st.lists(one, min_size=1, max_size=15).map(_placed)


def _placed(drawn: list[tuple[int, int, int]]) -> list[BusinessEvent]:
    at, events = MONDAY, []
    for n, (seconds, units, cents) in enumerate(drawn):
        at = min(at + timedelta(seconds=seconds), END - timedelta(seconds=1))
        events.append(
            BusinessEvent.model_validate(
                {
                    "id": f"B{n:02}",
                    "kind": "order_placed",
                    "occurred_at": at,
                    "customer_id": "ANN",
                    "units": units,
                    "value_cents": cents,
                    "labels": {"department": "FUEL" if units % 2 else "DELI"},
                }
            )
        )
    return events


@settings(max_examples=40, deadline=None)
@given(baskets())
def test_the_watch_finds_the_episodes_that_counting_finds(
    events: list[BusinessEvent],
) -> None:
    watch = Watch(TWELVE, SubjectKind.CUSTOMER)
    for event in events:
        watch.take(event)
    watch.advance(END)

    true = by_counting(events, QUESTIONS, int(END.timestamp()))

    told = of_log(watch.log, END)
    assert {place: list(runs) for place, runs in told.items()} == {
        place: list(runs) for place, runs in true.items() if runs
    }


@pytest.mark.parametrize(
    ("ours", "seen"),
    [
        ([(10, 20), (30, 40)], Seen(2, 0, 0)),
        ([(10, 20)], Seen(2, 1, 0)),
        ([(12, 20), (30, 40)], Seen(2, 0, 1, false=1)),
        ([(10, 20), (30, 40), (50, 60)], Seen(2, 0, 0, false=1)),
    ],
)
def test_what_was_not_seen_or_late_or_never_was_is_counted(
    ours: list[tuple[int, int]], seen: Seen
) -> None:
    assert compared({PLACE: [(10, 20), (30, 40)]}, {PLACE: ours}) == seen


def test_who_looks_now_and_then_misses_what_is_over_before() -> None:
    true = {PLACE: [(100, 160), (110, 190), (201, 299)]}

    assert by_recomputing(true, 100, 0) == Seen(3, missed=2, late=0)
    assert by_recomputing(true, 50, 0) == Seen(3, missed=0, late=2)
