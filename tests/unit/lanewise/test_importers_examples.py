from pathlib import Path

import pytest

from lanewise.importers.mapping import load_mapping, load_mappings

EXAMPLES = Path(__file__).parents[3] / "examples"
MAPPINGS = sorted(EXAMPLES.rglob("*.mapping.yaml"))
TABLES = sorted(EXAMPLES.rglob("tables.yaml"))


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_mapping_that_is_shipped_can_be_used(path: Path) -> None:
    mapping = load_mapping(path)

    assert "id" in mapping.fields


@pytest.mark.parametrize("path", TABLES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_table_that_is_shipped_can_be_read(path: Path) -> None:
    assert all(mapping.fields for mapping in load_mappings(path).values())


def test_examples_are_shipped_without_data() -> None:
    heavy = [
        p for p in EXAMPLES.rglob("*") if p.is_file() and p.stat().st_size > 50_000
    ]

    assert MAPPINGS
    assert TABLES
    assert heavy == []
