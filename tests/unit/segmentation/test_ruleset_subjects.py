"""What a rule set's file says of subjects, events and mined segments."""

import pytest

from domain.segment import SegmentOrigin
from domain.subject import SubjectKind
from segmentation.ruleset import RuleSetError, dump, load

HEAD = """\
version: v
segments:
  - id: a
    title: A
    when: events("order_placed", within="1d") > 1
"""
TASTED = """\
version: v
events: {tasted: a sample was eaten}
segments:
  - {id: a, title: A, on: customer, when: 'events("tasted", within="7d") > 1'}
"""


def refused(text: str) -> list[str]:
    with pytest.raises(RuleSetError) as error:
        load(text)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "    on: lane\n    effects: {split_cents: 4}",
            "line 7, column 15: segments[0].effects.split_cents: a lane's segment may "
            "only have 'block_lane'",
        ),
        (
            "    on: sku\n    effects: {block_lane: true}",
            "line 7, column 15: segments[0].effects.block_lane: 'block_lane' is an "
            "effect of segments on lanes (say 'on: lane')",
        ),
        (
            "    origin: mined",
            "line 6, column 13: segments[0].origin: a mined segment states in how many "
            "members it was found (add 'members')",
        ),
        (
            "    origin: mined\n    members: 19",
            "line 7, column 14: segments[0].members: a mined segment has at least 20 "
            "members, not 19",
        ),
        (
            "    priority: true",
            "line 6, column 15: segments[0].priority: it needs a number, not true",
        ),
        (
            "    effects: {split_cents: yes}",
            "line 6, column 28: segments[0].effects.split_cents: it needs a number, "
            "not true",
        ),
        (
            '    effects: {split_cents: "72"}',
            "line 6, column 29: segments[0].effects.split_cents: it needs a number, "
            "not the text '72'",
        ),
        (
            "    effects: {signature: 1}",
            "line 6, column 26: segments[0].effects.signature: it is true or false, "
            "not 1",
        ),
        (
            "    effects: {max_transit_h: 1:30}",
            "line 6, column 30: segments[0].effects.max_transit_h: '1:30' is not "
            "written in plain digits (put it in quotes if it is a text)",
        ),
        (
            "    effects: {max_transit_h: 017}",
            "line 6, column 30: segments[0].effects.max_transit_h: '017' is not "
            "written in plain digits (put it in quotes if it is a text)",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(more: str, problem: str) -> None:
    lines = refused(HEAD + more + "\n")

    assert [line for line in lines if "when" not in line] == [problem]


def test_a_lane_s_rule_cannot_count_what_never_happens_to_lanes() -> None:
    [problem] = refused(HEAD + "    on: lane\n    effects: {block_lane: true}\n")

    assert problem.startswith("line 5, column 11: segments[0].when: 'order_placed'")


def test_the_base_cannot_block_a_lane() -> None:
    assert refused("version: v\nbase: {block_lane: true}\nsegments: []\n") == [
        "line 2, column 8: base.block_lane: 'block_lane' is an effect of segments on "
        "lanes"
    ]


def test_a_mined_segment_of_twenty_is_accepted() -> None:
    [segment] = load(HEAD + "    origin: mined\n    members: 20\n").segments

    assert (segment.origin, segment.members) == (SegmentOrigin.MINED, 20)


def test_declared_kinds_of_event_can_be_counted_and_are_written_out() -> None:
    rule_set = load(TASTED)

    assert rule_set.events == {"tasted": "a sample was eaten"}
    assert rule_set.segments[0].on is SubjectKind.CUSTOMER
    assert load(dump(rule_set)) == rule_set


def test_a_kind_of_event_that_is_there_already_cannot_be_declared() -> None:
    assert refused("version: v\nevents: {viewed: seen}\nsegments: []\n") == [
        "line 2, column 10: events.viewed: the kind of event 'viewed' is there already"
    ]


def test_undeclared_kinds_are_met_with_the_one_probably_meant() -> None:
    [problem] = refused(TASTED.replace('"tasted"', '"tastet"'))

    assert problem.endswith("unknown kind of event 'tastet' (did you mean 'tasted'?)")
