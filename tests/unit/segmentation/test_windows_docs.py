from pathlib import Path

import pytest

from domain.history import KEPT_HOWEVER_OLD, KEPT_PER_KIND, RETENTION
from segmentation import behavior, velocity

TEXT = (Path(__file__).parents[3] / "docs/windows.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", [*behavior.FACTS, *behavior.LIFECYCLE, *velocity.FACTS]
)
def test_every_fact_and_stage_is_described(name: str) -> None:
    assert f"`{name}`" in TEXT


def test_what_is_kept_is_said_in_numbers() -> None:
    assert f"last {RETENTION.days} days" in TEXT
    assert f"the {KEPT_HOWEVER_OLD} newest before those" in TEXT
    assert f"the {KEPT_PER_KIND:,} newest" in TEXT
