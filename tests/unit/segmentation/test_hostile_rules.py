"""Hostile rules are refused with a column each, at a cost bounded by their length."""

import sys
from types import FrameType
from typing import Any

import pytest

from segmentation.fact_table import SCHEMA
from segmentation.language.check import check
from segmentation.language.errors import RuleError
from segmentation.language.lex import MAX_LENGTH
from tests.unit.segmentation.hostile_rules import CORPUS

# Calls of functions, Python's and C's, for a rule and for each of its characters.
CALLS, CALLS_PER_CHARACTER = 6_000, 12


def refusal(text: str) -> RuleError:
    with pytest.raises(RuleError) as refused:
        check(text, SCHEMA)
    return refused.value


def calls_to_refuse(text: str) -> int:
    calls = 0

    def count(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check(text, SCHEMA)
    except RuleError:
        return calls
    finally:
        sys.setprofile(before)
    raise AssertionError(text)


@pytest.mark.parametrize("text", CORPUS, ids=lambda text: ascii(text[:30]))
def test_a_hostile_rule_is_refused_with_its_column(text: str) -> None:
    error = refusal(text)

    assert error.line == 1
    assert error.column == CORPUS[text], str(error)


def test_there_are_enough_of_them() -> None:
    assert len(CORPUS) >= 300


def test_what_is_said_of_a_rule_is_no_longer_than_a_person_reads() -> None:
    assert max(len(str(refusal(text))) for text in CORPUS) < 300


def test_refusing_costs_no_more_than_a_rule_is_long() -> None:
    worst = {
        text: calls
        for text in CORPUS
        if (calls := calls_to_refuse(text))
        > CALLS + CALLS_PER_CHARACTER * min(len(text), MAX_LENGTH)
    }

    assert worst == {}
