"""docs/rule-sets.md says what the code does."""

import re
from pathlib import Path

import pytest

from domain.segment import RULE_SET_MOVES, SegmentStatus
from lanewise import past
from lanewise.cli import segments

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "rule-sets.md").read_text("utf-8")


def test_every_finding_is_listed() -> None:
    sources = [
        p.read_text("utf-8") for p in (ROOT / "segmentation/review").glob("*.py")
    ]
    codes = {c for s in sources for c in re.findall(r'warn\(\s*"([a-z-]+)"', s)}
    codes |= {"never-true", "always-true"}

    listed = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", PAGE.partition("## Lint")[2]))

    assert len(codes) > 15
    assert codes <= listed


@pytest.mark.parametrize("status", [s for s in SegmentStatus if s != "active"])
def test_the_life_of_a_version_is_as_the_table_says(status: SegmentStatus) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {status} |"))

    leads_to = set(row.split("|")[3].strip().split(", "))

    assert leads_to == {s.value for s in RULE_SET_MOVES[status]}


def test_the_example_of_a_history_can_be_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "history.jsonl"
    file.write_text(example, encoding="utf-8")

    first, second = past.read(str(file), None)

    assert first.stated == {}
    assert second.stated == {"customer_tier": "vip"}


def test_only_commands_that_exist_are_shown() -> None:
    shown = set(re.findall(r"lanewise segments ([a-z]+)", PAGE))

    known = {
        command.name or command.callback.__name__  # type: ignore[union-attr]
        for command in segments.app.registered_commands
    }
    assert shown
    assert shown <= known
