"""Failures in a row are a disruption, bad luck is not, and somebody tries again."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.condition import Condition, ConditionKind, ConditionSource
from domain.history import Entry, History
from domain.quantities import CarrierId, ServiceId
from domain.subject import LaneId
from segmentation.health import (
    LASTS,
    WINDOW,
    Observed,
    Tally,
    carrier_health,
    conditions,
    observe,
)
from tests.builders import MONDAY

MINUTE = timedelta(minutes=1)
RUNS = {ServiceId("GROUND"): CarrierId("SWIFT"), ServiceId("AIR"): CarrierId("SWIFT")}


def lane_history(
    said: str, before: datetime = MONDAY, kind: str = "carrier"
) -> History:
    """Build a history of one event a minute: ``x`` failed, ``.`` went well."""
    entries = tuple(
        Entry(before - n * MINUTE, f"{n}", f"{kind}_{'failed' if c == 'x' else 'ok'}")
        for n, c in enumerate(reversed(said))
    )
    return History(entries=tuple(reversed(entries)))


def seen(now: datetime = MONDAY, **lanes: str) -> Observed:
    """Observe lanes from centers RNO and EWR by Swift's ground service."""
    return observe(
        {LaneId(f"{fc}/GROUND"): lane_history(said) for fc, said in lanes.items()},
        RUNS,
        now,
    )


@pytest.mark.parametrize(
    ("said", "disrupted"),
    [
        ("x", False),
        (".x", False),
        ("xxx", False),
        ("xxxxx", True),
        ("..........", False),
        ("x.x.x.x.x.", False),
        ("x.xxx.xxxx", True),
        ("....................xxxxx", False),
    ],
)
def test_a_disruption_needs_more_than_bad_luck(said: str, disrupted: bool) -> None:
    assert bool(conditions(seen(RNO=said), MONDAY)) is disrupted


def test_a_carrier_in_trouble_everywhere_is_one_condition() -> None:
    [found] = conditions(seen(RNO="xxxxxx", EWR="xxxxxx"), MONDAY)

    assert (found.id, found.carrier, found.center) == (
        "detected/carrier/SWIFT",
        "SWIFT",
        None,
    )
    assert found.kind is ConditionKind.CARRIER_DISRUPTION
    assert found.source is ConditionSource.DETECTED
    assert (found.valid_from, found.valid_until) == (MONDAY, MONDAY + LASTS)
    assert found.why == "100% of 12 recent effects failed"


def test_a_carrier_in_trouble_at_one_center_is_disrupted_there() -> None:
    [found] = conditions(seen(RNO="xxxxxxx", EWR="." * 30), MONDAY)

    assert (found.carrier, found.center) == ("SWIFT", "RNO")


def test_a_center_that_refuses_is_out() -> None:
    entries = tuple(
        Entry(MONDAY - n * MINUTE, f"{n}", "center_refused") for n in (5, 4, 3, 2, 1)
    )

    [found] = conditions(
        observe({LaneId("RNO/GROUND"): History(entries)}, RUNS, MONDAY), MONDAY
    )

    assert (found.kind, found.center) == (ConditionKind.CENTER_OUTAGE, "RNO")


def test_a_disruption_goes_on_until_things_are_clearly_better() -> None:
    [began] = conditions(seen(RNO="xxxxxxxx"), MONDAY)
    mixed, better = "xxxxxxxx......", "xxxx" + "." * 40

    assert conditions(seen(RNO=mixed), MONDAY, [began]) == (began,)
    assert conditions(seen(RNO=better), MONDAY, [began]) == ()


def test_a_disruption_is_told_again_only_when_half_its_time_has_passed() -> None:
    [began] = conditions(seen(RNO="xxxxxxxx"), MONDAY)
    soon, later = MONDAY + LASTS / 4, MONDAY + LASTS * 3 / 4

    [same] = conditions(seen(soon, RNO="xxxxxxxx"), soon, [began])
    [longer] = conditions(seen(later, RNO="xxxxxxxx"), later, [began])

    assert same == began
    assert (longer.valid_from, longer.valid_until) == (MONDAY, later + LASTS)


def test_whom_nobody_hears_of_is_tried_again() -> None:
    [began] = conditions(seen(RNO="xxxxxxxx"), MONDAY)
    later = MONDAY + LASTS

    assert not began.active(later)
    assert conditions(seen(later, RNO="xxxxxxxx"), later, [began]) == ()


def test_what_happened_before_the_window_or_is_yet_to_happen_counts_nothing() -> None:
    past = observe(
        {LaneId("RNO/GROUND"): lane_history("xxxxxx", MONDAY - WINDOW)}, RUNS, MONDAY
    )
    ahead = observe(
        {LaneId("RNO/GROUND"): lane_history("x", MONDAY + MINUTE)}, RUNS, MONDAY
    )

    assert past.carriers == ahead.carriers == {}


def test_health_is_the_share_that_went_well_and_unknown_of_a_few() -> None:
    lanes = {
        LaneId("RNO/GROUND"): lane_history("...x"),
        LaneId("RNO/AIR"): lane_history("...."),
        LaneId("RNO/OTHER"): lane_history("xxxxxxxx"),
    }

    health = carrier_health(observe(lanes, RUNS, MONDAY))

    assert list(health) == ["SWIFT"]
    assert health[CarrierId("SWIFT")] == pytest.approx(7 / 8, abs=0.01)
    assert carrier_health(seen(RNO="....")) == {}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sure_share_grows_with_evidence_and_never_passes_the_plain_one(
    good: int, bad: int
) -> None:
    once = Tally(good, bad, good + bad)
    twice = Tally(2 * good, 2 * bad, 2 * (good + bad))

    assert 0 <= once.surely_bad <= twice.surely_bad + 1e-9
    assert twice.surely_bad <= once.share_bad + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.text("x.", max_size=40), st.booleans())
def test_every_condition_found_is_in_force_and_ends(said: str, held: bool) -> None:
    before: list[Condition] = list(
        conditions(seen(RNO="xxxxxxxx"), MONDAY) if held else ()
    )

    for found in conditions(seen(RNO=said), MONDAY, before):
        assert found.active(MONDAY)
        assert found.valid_until is not None
        assert said.count("x") > 0.15 * len(said)
