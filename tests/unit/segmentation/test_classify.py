from datetime import timedelta
from typing import Any

import pytest

from domain.segment import (
    AttributeFact,
    Classification,
    Fact,
    Membership,
    MembershipSource,
    Segment,
    SegmentStatus,
)
from segmentation.classify import Rules
from segmentation.language.errors import RuleError
from segmentation.schema import FactError
from tests.builders import MONDAY, a_rule_set, a_segment

HOUR = timedelta(hours=1)


def classified(
    facts: dict[str, Fact], *segments: Segment, **more: Any
) -> Classification:
    now = more.pop("now", MONDAY)
    return Rules(a_rule_set(*segments)).classify(facts, now, **more)


def heavy(**overrides: Any) -> Segment:
    values = {"id": "heavy", "title": "Heavy", "when": "weight_g > 20_000"}
    return a_segment(**(values | overrides))


def the_member(classification: Classification) -> Membership:
    [member] = classification.memberships
    return member


def test_a_rule_that_holds_makes_a_member_with_evidence_and_version() -> None:
    member = the_member(classified({"weight_g": 25_000}, heavy()))

    assert member.evidence == ("weight is 25,000 g, more than 20,000 g",)
    assert (member.segment, member.version) == ("heavy", "rules-1")
    assert (member.since, member.valid_until) == (MONDAY, None)
    assert member.source is MembershipSource.RULE


def test_a_rule_that_does_not_hold_makes_none() -> None:
    assert classified({"weight_g": 5}, heavy()) == Classification(version="rules-1")


@pytest.mark.parametrize("on_unknown", ["skip", "review"])
def test_a_rule_whose_facts_are_missing_is_unknown_not_false(on_unknown: str) -> None:
    found = classified({}, heavy(on_unknown=on_unknown))

    assert (found.memberships, found.unknown) == ((), ("heavy",))


def test_on_the_safe_side_an_unknown_rule_makes_a_member_that_says_so() -> None:
    found = classified({}, heavy(on_unknown="member"))

    assert found.unknown == ("heavy",)
    assert the_member(found).source is MembershipSource.UNKNOWN
    assert the_member(found).evidence == (
        "weight is not known",
        "counted in, to be on the safe side",
    )


def test_a_fact_that_is_none_counts_as_missing() -> None:
    assert classified({"weight_g": None}, heavy()).unknown == ("heavy",)


@pytest.mark.parametrize("status", [SegmentStatus.DRAFT, SegmentStatus.RETIRED])
def test_drafts_and_retired_segments_have_no_members(status: SegmentStatus) -> None:
    found = classified({"weight_g": 25_000}, heavy(status=status))

    assert found == Classification(version="rules-1")


def test_a_segment_on_trial_only_casts_a_shadow() -> None:
    found = classified({"weight_g": 25_000}, heavy(status=SegmentStatus.SHADOW))

    assert (found.memberships, found.unknown) == ((), ())
    assert [member.segment for member in found.shadow] == ["heavy"]


def test_a_membership_ends_when_its_time_to_live_is_over() -> None:
    found = classified({"weight_g": 25_000}, heavy(ttl_h=72))

    assert the_member(found).valid_until == MONDAY + 72 * HOUR
    assert found.valid_until == MONDAY + 72 * HOUR


def test_a_membership_never_outlives_its_segment() -> None:
    segment = heavy(ttl_h=72, valid_until=MONDAY + 5 * HOUR)

    assert (
        the_member(classified({"weight_g": 25_000}, segment)).valid_until
        == MONDAY + 5 * HOUR
    )


@pytest.mark.parametrize(
    ("now", "member"),
    [
        (MONDAY - timedelta(seconds=1), False),
        (MONDAY, True),
        (MONDAY + HOUR - timedelta(seconds=1), True),
        (MONDAY + HOUR, False),
    ],
)
def test_a_segment_is_in_force_from_its_first_to_before_its_last_instant(
    now: Any, member: bool
) -> None:
    segment = heavy(valid_from=MONDAY, valid_until=MONDAY + HOUR)

    found = classified({"weight_g": 25_000}, segment, now=now)

    assert bool(found.memberships) is member


def test_a_segment_still_to_come_says_when_to_look_again() -> None:
    segment = heavy(valid_from=MONDAY + 3 * HOUR)

    assert classified({}, segment).valid_until == MONDAY + 3 * HOUR


def test_a_membership_by_weather_ends_with_the_alert() -> None:
    segment = heavy(when="hazard_severity >= 'severe'", ttl_h=72)
    facts: dict[str, Fact] = {"hazard_severity": "severe", "hazard_hours_left": 7.25}

    found = classified(facts, segment)

    assert the_member(found).valid_until == MONDAY + 7.25 * HOUR


def test_a_membership_that_goes_on_keeps_its_beginning_and_so_its_end() -> None:
    before = classified({"weight_g": 25_000}, heavy(ttl_h=10))

    now = MONDAY + 4 * HOUR
    after = classified({"weight_g": 30_000}, heavy(ttl_h=10), now=now, previous=before)

    assert the_member(after).since == MONDAY
    assert the_member(after).valid_until == MONDAY + 10 * HOUR


def test_a_membership_that_ended_begins_anew_while_its_rule_holds() -> None:
    before = classified({"weight_g": 25_000}, heavy(ttl_h=10))

    now = MONDAY + 10 * HOUR
    after = classified({"weight_g": 25_000}, heavy(ttl_h=10), now=now, previous=before)

    assert the_member(after).since == now


def test_a_membership_of_another_version_is_not_continued() -> None:
    earlier = Rules(a_rule_set(heavy(), version="rules-0"))
    before = earlier.classify({"weight_g": 25_000}, MONDAY)

    now = MONDAY + HOUR
    after = classified({"weight_g": 25_000}, heavy(), now=now, previous=before)

    assert the_member(after).since == now


def test_declared_attributes_can_be_read() -> None:
    rule_set = a_rule_set(
        heavy(when="attr_pieces > 3 and attr_dock"),
        attributes={
            "attr_pieces": AttributeFact(type="number"),
            "attr_dock": AttributeFact(type="boolean"),
        },
    )

    found = Rules(rule_set).classify({"attr_pieces": "12", "attr_dock": "true"}, MONDAY)

    assert the_member(found).evidence == ("pieces is 12, more than 3", "dock is true")


@pytest.mark.parametrize("text", ["many", "", "nan", "1e999", "0x10"])
def test_an_attribute_that_cannot_be_read_as_declared_is_unknown(text: str) -> None:
    rule_set = a_rule_set(
        heavy(when="attr_pieces > 3"),
        attributes={"attr_pieces": AttributeFact(type="number")},
    )

    found = Rules(rule_set).classify({"attr_pieces": text}, MONDAY)

    assert found.unknown == ("heavy",)


def test_a_gathered_fact_of_the_wrong_kind_is_refused_by_name() -> None:
    with pytest.raises(FactError, match="fact 'weight_g' is '5', but must be a finite"):
        classified({"weight_g": "5"}, heavy())


def test_a_rule_set_made_by_hand_is_checked_as_well() -> None:
    with pytest.raises(RuleError, match="unknown fact 'wieght_g'"):
        Rules(a_rule_set(heavy(when="wieght_g > 1")))


def test_one_segment_can_be_explained_in_full() -> None:
    rules = Rules(a_rule_set(heavy(when="weight_g > 20_000 or fragile")))

    found = rules.explain(heavy().id, {"weight_g": 5})

    assert found.value is None
    assert [(part.text, part.value) for part in found.parts] == [
        ("weight_g > 20000", False),
        ("fragile", None),
    ]
    with pytest.raises(KeyError):
        rules.explain(a_segment().id, {})
