"""docs/segments.md says what the code does."""

import re
from pathlib import Path

import pytest

from domain.policy import Effects
from domain.segment import Segment
from segmentation.event_kinds import KNOWN
from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.parse import FUNCTIONS
from segmentation.ruleset import load, starter
from segmentation.schema import FactSpec, Sensitivity
from segmentation.wording import dollars

PAGE = (Path(__file__).parents[3] / "docs" / "segments.md").read_text("utf-8")


def row_of(spec: FactSpec) -> str:
    kind = spec.type + (", ordered" if spec.ordered else "")
    values = ", ".join(spec.values) or spec.unit
    of = ", ".join(spec.subjects)
    fresh = spec.fresh_for and f"{spec.fresh_for.total_seconds() / 3600:g} h"
    return (
        f"| `{spec.name}` | {kind} | {values} | {of} | {spec.source} "
        f"| {fresh or ''} | {spec.about}{care_of(spec)} |"
    )


def care_of(spec: FactSpec) -> str:
    if spec.sensitivity is not Sensitivity.PERSONAL:
        return ""
    purpose = f", for: {spec.purpose}" if spec.purpose else ": rules may not read it"
    return f" (personal{purpose})"


def shown(term: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "nothing"
    if isinstance(value, int) and "cents" in term:
        return dollars(value)
    return f"{value} h" if term.endswith("_h") else str(value)


def test_every_fact_is_in_the_table_as_declared() -> None:
    page = set(PAGE.splitlines())

    missing = [row_of(spec) for spec in SCHEMA if row_of(spec) not in page]

    assert missing == []


def test_the_table_has_no_fact_that_is_not_declared() -> None:
    table = PAGE.split("## Facts")[1].split("\n## ")[0]

    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert named == [spec.name for spec in SCHEMA]


def test_every_kind_of_event_is_there_with_what_it_happens_to() -> None:
    for kind, (about, subjects) in KNOWN.items():
        assert f"| `{kind}` | {about} | {', '.join(subjects)} |" in PAGE


def test_every_number_of_the_starter_set_is_there_with_what_it_is_for() -> None:
    rule_set = starter()
    effects: list[tuple[str, Effects]] = [("base", rule_set.base)]
    effects += [(segment.id, segment.effects) for segment in rule_set.segments]
    expected = [
        f"| {name} | `{term}` | {shown(term, value)} | "
        for name, said in effects
        for term, value in said
        if value is not None
    ]

    table = PAGE.split("What each number is for.")[1]
    rows = [line for line in table.splitlines() if re.match(r"\| [a-z]\S* \| `", line)]

    assert [row.rsplit("| ", 1)[0] + "| " for row in rows] == [
        row.rsplit("| ", 1)[0] + "| " for row in expected
    ]
    assert all(len(row.split("|")[4].strip()) > 5 for row in rows)


@pytest.mark.parametrize("segment", starter().segments, ids=lambda s: s.id)
def test_every_rule_of_the_starter_set_is_there_word_for_word(segment: Segment) -> None:
    when = " ".join(segment.when.split())

    assert f"| {segment.id} | `{when}` |" in PAGE


def test_the_example_of_a_rule_set_can_be_loaded() -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]

    assert load(example).segments[0].id == "docked"


def test_every_rule_shown_in_the_text_is_a_rule() -> None:
    language = PAGE.split("## The rule language")[1].split("**Types and units")[0]

    shown_rules = [
        code
        for code in re.findall(r"`([^`]+)`", language)
        if " " in code or code.startswith(("startswith", "known"))
        if "…" not in code
    ]

    assert len(shown_rules) > 8
    for rule in shown_rules:
        assert check(rule, SCHEMA).reads


def test_every_function_is_documented() -> None:
    assert all(f"`{function}(" in PAGE for function in FUNCTIONS)
