"""Generalized assignment in small: read, solved by everybody, measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import gap

# Two agents, three jobs: what each job costs and takes there, what agents have.
INSTANCE = "2 3\n 4 1 5\n 2 6 3\n 2 2 2\n 3 3 3\n 4 3\n"
TELLING = "Path,Best known solution value\nours/tiny,8\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("gap")
    (folder / "ours").mkdir()
    (folder / "ours" / "tiny").write_text(INSTANCE)
    (folder / "best_known.csv").write_text(TELLING)

    gap.main(["--data", str(folder), "--json", str(folder / "report.json")])

    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def test_the_engine_finds_the_best_known_value(report: dict[str, Any]) -> None:
    ours = next(row for row in report["rows"] if row["method"] == "ours")

    assert (ours["value"], ours["gap"], ours["left_out"]) == (8, 0, 0)


def test_no_method_breaks_a_capacity_or_proves_too_much(report: dict[str, Any]) -> None:
    assert {row["method"] for row in report["summary"]} == set(gap.METHODS)
    assert all(row["violations"] == 0 for row in report["summary"])
    assert all(row["bound_above_best_known"] == 0 for row in report["summary"])
