"""X12 files from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lanewise.cli.main import app

DIRTY = (
    "ISA*00*          *00*          *ZZ*PARTNER        *ZZ*US             "
    "*260302*0900*U*00401*000000007*0*P*>~"
    "GS*SW*PARTNER*US*20260302*0900*7*X*004010~"
    "ST*945*0001~W06*N*ORDER-1*20260302~SE*9*0001~"
    "GE*1*8~IEA*1*000000007~"
)


def test_a_dirty_file_is_told_segment_by_segment(tmp_path: Path) -> None:
    file = tmp_path / "in.edi"
    file.write_text(DIRTY)

    result = CliRunner().invoke(app, ["x12", "examine", str(file), "--json"])

    found = json.loads(result.stdout)
    assert result.exit_code == 3
    assert {"SE", "GE"} <= {each["segment"] for each in found}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["x12", "examine", str(tmp_path / "gone.edi")])

    assert result.exit_code == 2
    assert "gone.edi" in result.stderr


def test_a_connection_that_is_no_partner_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LANEWISE_CONNECTIONS_FILE", raising=False)

    result = CliRunner().invoke(app, ["x12", "unanswered", "nobody"])

    assert result.exit_code == 4
    assert "no X12 connection" in result.stderr
