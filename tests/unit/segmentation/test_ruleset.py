from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy import Effects, SoftLimit
from domain.segment import AttributeFact, SegmentStatus
from segmentation.classify import Rules
from segmentation.document import Problem
from segmentation.language.check import check
from segmentation.ruleset import RuleSetError, dump, load, starter
from tests.builders import MONDAY, a_rule_set, a_segment

GOOD = """\
version: v1
base: {late_cents_per_h: 25, relax: [over-capacity]}
attributes:
  attr_dock: {type: boolean, title: has a dock}
segments:
  - id: docked
    title: Has a dock
    when: attr_dock and lines > 2
    effects: {allowed_modes: [ltl], queue_priority: 4}
    valid_until: 2026-12-01T00:00:00Z
    status: shadow
"""


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(RuleSetError) as refused:
        load(text)
    return refused.value.problems


def told(text: str) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.message) for p in problems(text)]


def test_a_rule_set_is_read_as_written() -> None:
    rule_set = load(GOOD)

    [segment] = rule_set.segments
    assert rule_set.base.relax == (SoftLimit.OVER_CAPACITY,)
    assert rule_set.attributes["attr_dock"] == AttributeFact(
        type="boolean", title="has a dock"
    )
    assert segment.status is SegmentStatus.SHADOW
    assert segment.effects.allowed_modes == ("ltl",)


def test_a_rule_set_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GOOD, encoding="utf-8")

    assert load(file) == load(str(file)) == load(GOOD)


@pytest.mark.parametrize("rule_set", [starter(), load(GOOD)], ids=["starter", "good"])
def test_what_is_written_out_reads_back_equal(rule_set: object) -> None:
    assert load(dump(rule_set)) == rule_set  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
    st.integers(-5, 5),
)
def test_any_title_and_reason_survive_the_file(title: str, priority: int) -> None:
    segment = a_segment(title=title[:200], why=title, priority=priority)

    rule_set = a_rule_set(segment, base=Effects(split_cents=3))

    assert load(dump(rule_set)) == rule_set


def test_all_mistakes_are_reported_at_once_where_they_stand() -> None:
    text = """\
version: v1
base:
  late_cent_per_h: 3
segments:
  - id: Bad Id
    title: x
    when: fragil or lines > 2
  - id: ok
    title: y
    when: >-
      fragile
      or liness > 2
  - id: ok
    title: y
    when: |
      fragile
        or hazmatt
    effects:
      max_transit_h: soon
      allowed_modes: []
"""

    found = told(text)

    assert [(line, column) for line, column, _ in found] == [
        (3, 3),
        (5, 9),
        (7, 11),
        (12, 10),
        (13, 9),
        (17, 12),
        (19, 22),
        (20, 7),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "the file is empty"),
        ("- a", 1, 1, "a rule set has 'version' and 'segments'"),
        ("version: [", 1, 11, "this is not YAML"),
        ("version: v1", 1, 1, "'segments' is missing"),
        ("version: 3\nsegments: []", 1, 10, "it needs a text, not '3'"),
        ("version: v1\nversion: v2\nsegments: []", 2, 1, "'version' is there twice"),
        ("a: &x 1\nsegments: *x", 2, 1, "aliases"),
        ("segments: !!python/name:os.system 3", 1, 11, "is not allowed"),
        ("version: !!str v1\nsegments: []", 1, 10, "tag"),
        ("version: &x v1\nsegments: []", 1, 10, "anchors"),
        ("? [1]\n: 2", 1, 3, "a key must be a plain word"),
        ("version: " + "[" * 500 + "]" * 500, 1, 29, "nested too deeply"),
        ("- " * 900 + "a", 1, 41, "nested too deeply"),
        ("version: v1 # " + "x" * 2_000_000, 1, 1, "larger than"),
    ],
)
def test_a_file_that_is_not_a_rule_set_is_refused(
    text: str, line: int, column: int, says: str
) -> None:
    first = problems(text)[0]

    assert (first.line, first.column) == (line, column)
    assert says in first.message


@pytest.mark.parametrize(
    ("when", "line", "column"),
    [
        ("fragil", 5, 11),
        ("'fragil'", 5, 12),
        ('"fragile or fragil"', 5, 23),
        ("'''x'' == region or fragil'", 5, 31),
        (">\n      fragile\n      or (lines > 2\n      or fragil)", 8, 10),
        ("|-\n      fragile\n        or fragil", 7, 12),
        ("fragile\n      or fragil", 6, 10),
        ('"fragile\n      or fragil"', 6, 10),
    ],
)
def test_a_mistake_in_a_rule_is_placed_in_the_file_however_it_is_written(
    when: str, line: int, column: int
) -> None:
    text = f"version: v1\nsegments:\n  - id: a\n    title: t\n    when: {when}\n"

    [problem] = problems(text)

    assert (problem.line, problem.column) == (line, column)
    assert problem.hint == "did you mean 'fragile'?"


@pytest.mark.parametrize("name", ["base", "order", "operator"])
def test_reserved_names_are_refused(name: str) -> None:
    text = GOOD.replace("docked", name)

    assert told(text) == [(6, 9, f"segment '{name}' is a reserved name")]


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    text = GOOD + "    valid_from: 2027-01-01T00:00:00Z\n"

    assert told(text) == [(10, 18, "it ends before it begins")]


def test_an_instant_without_a_time_zone_is_refused() -> None:
    text = GOOD.replace("00:00Z", "00:00")

    assert told(text)[0][2] == "it has no offset from UTC"


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("ttl_h: 1000000", "it is 87,600 hours (ten years) at most, not 1000000"),
        ("valid_from: 20260301", "it needs an instant such as 2026-03-01T00:00:00Z"),
        ("valid_from: '20260301'", "it needs an instant such as"),
        ("priority: 9999999999", "it is 1,000,000,000 at most"),
        ("effects: {late_cents_per_h: 9999999999}", "it is 1,000,000,000 at most"),
        ("effects: {handover_within_h: 99999999}", "it is 87,600 hours"),
    ],
)
def test_numbers_no_clock_and_no_ledger_could_take_are_refused(
    field: str, says: str
) -> None:
    text = f"version: v1\nsegments:\n- {{id: a, title: A, when: gift, {field}}}"

    (problem,) = problems(text)

    assert problem.line == 3
    assert says in problem.message


def test_a_segment_that_blocks_all_it_allows_is_refused() -> None:
    effects = "effects: {allowed_modes: [air], blocked_modes: [ltl, air]}"
    text = f"version: v1\nsegments:\n- {{id: a, title: A, when: gift, {effects}}}"

    assert told(text) == [(3, 43, "the same segment blocks all that it allows")]


def test_an_attribute_needs_its_prefix() -> None:
    found = problems(GOOD.replace("attr_dock:", "dock:"))

    assert [(p.line, p.path) for p in found] == [
        (4, "attributes.dock"),
        (8, "segments[0].when"),
    ]


def test_a_choice_without_words_is_refused() -> None:
    found = told(GOOD.replace("type: boolean", "type: choice"))

    assert (4, 3, "fact 'attr_dock': a choice needs at least two values") in found


def test_a_file_that_is_not_there_is_named() -> None:
    assert "no-such.yaml" in problems("no-such.yaml")[0].message


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"version: v1 # caf\xe9")

    with pytest.raises(RuleSetError, match="not UTF-8"):
        load(file)


def test_a_long_list_of_mistakes_is_shortened_in_the_message() -> None:
    segments = "  - {id: a, title: t, when: fragil}\n" * 30

    with pytest.raises(RuleSetError) as refused:
        load("version: v1\nsegments:\n" + segments)

    assert str(refused.value).endswith("and 39 more")
    assert len(refused.value.problems) == 59


@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused_with_places(
    start: int, length: int, put: str
) -> None:
    text = GOOD[:start] + put + GOOD[start + length :]

    faulty = _faults(text)

    assert all(1 <= line <= max(1, len(text.splitlines())) for line in faulty)
    if not faulty:
        assert load(dump(load(text))) == load(text)


def _faults(text: str) -> list[int]:
    try:
        load(text)
    except RuleSetError as error:
        return [problem.line for problem in error.problems]
    return []


def test_dates_in_a_window_are_kept_to_the_second() -> None:
    segment = a_segment(valid_from=MONDAY)

    assert load(dump(a_rule_set(segment))).segments[0].valid_from == MONDAY


def test_a_rule_is_checked_only_once_from_the_file_to_the_compiled_set() -> None:
    text = GOOD.replace("lines > 2", "lines > 271_828")

    rule_set = load(text)
    checked = check.cache_info().misses
    Rules(rule_set)

    assert check.cache_info().misses == checked
