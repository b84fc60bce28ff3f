"""What a failure tells: what was expected, what came, and where to read."""

from pathlib import Path

import pytest

from conformance.kits import KITS
from conformance.running import GUIDE, Check, NotSo, Section, Verdict, judge
from connectors.connection import ConnectionKind

ROOT = Path(__file__).parents[2]
CHECKS = [check for kit in KITS.values() for check in kit.checks]


def test_every_kind_of_connection_has_checks() -> None:
    assert set(KITS) == set(ConnectionKind)
    for kit in KITS.values():
        names = [check.name for check in kit.checks]
        assert len(set(names)) == len(names)


def test_every_check_says_in_a_sentence_what_it_expects() -> None:
    silent = [check.name for check in CHECKS if not check.expected.endswith(".")]

    assert silent == []


@pytest.mark.parametrize("section", list(Section), ids=str)
def test_what_a_failure_points_to_is_in_the_guide(section: Section) -> None:
    lines = (ROOT / GUIDE).read_text("utf-8").splitlines()

    anchors = {
        line.lstrip("#").strip().lower().replace(" ", "-")
        for line in lines
        if line.startswith("#")
    }
    assert section in anchors


async def test_a_failure_names_what_was_expected_what_came_and_where_to_read() -> None:
    async def the_sun_rises(bench: None) -> None:
        """The sun rises in the east."""
        msg = "it rose in the west"
        raise NotSo(msg)

    result = await judge(Check(the_sun_rises, Section.CLOCKS, effects=False), None)

    assert result.verdict is Verdict.FAILED
    assert str(result).splitlines() == [
        "failed: the sun rises",
        "  expected: The sun rises in the east.",
        "  came:     it rose in the west",
        f"  read:     {GUIDE}#a-clock",
    ]


async def test_a_crash_names_the_line_it_came_from() -> None:
    async def it_adds_up(bench: None) -> None:
        """It adds up."""
        int("seven")

    result = await judge(Check(it_adds_up, Section.CLOCKS, effects=False), None)

    assert result.why.startswith("ValueError: invalid literal")
    assert "(at test_guide.py:" in result.why
