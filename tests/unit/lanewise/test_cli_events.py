"""``lanewise events``: what is read, what is said of wrong lines, what follows."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lanewise.cli.console import Exit
from lanewise.cli.events import app

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def lanewise(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANEWISE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LANEWISE_TEMPORAL_ADDRESS", NOWHERE)
    return CliRunner()


def ingest(lanewise: CliRunner, *options: str, text: str) -> Result:
    return lanewise.invoke(app, ["ingest", "-", *options], input=text)


def lines(*overrides: dict[str, Any]) -> str:
    told = (
        {
            "id": f"e{number}",
            "kind": "viewed",
            "occurred_at": "2026-02-28T10:00:00Z",
            "customer_id": "ANNA",
            "labels": {"category": "shoes"},
        }
        | each
        for number, each in enumerate(overrides)
    )
    return "\n".join(map(json.dumps, told)) + "\n"


def test_events_are_kept_once_and_the_rest_is_said(lanewise: CliRunner) -> None:
    result = ingest(lanewise, "--json", text=lines({}, {}, {"id": "e0"}))

    answer = json.loads(result.stdout)
    assert result.exit_code == Exit.DONE
    assert (answer["new"], answer["repeated"], answer["rejected"]) == (2, 1, [])
    assert answer["keeper_reached"] is False


def test_a_wrong_line_is_named_by_number_field_and_remedy(lanewise: CliRunner) -> None:
    text = lines({}, {"kind": "Viewed!"}, {"occured_at": "x"}, {})

    result = ingest(lanewise, "--json", text=text)

    answer = json.loads(result.stdout)
    assert result.exit_code == Exit.PARTLY
    assert answer["new"] == 2
    told = {(r["row"], r["field"], r["value"]) for r in answer["rejected"]}
    assert (2, "kind", "Viewed!") in told
    assert any(row == 3 and field == "occured_at" for row, field, _ in told)
    assert any("did you mean" in reject["remedy"] for reject in answer["rejected"])


def test_a_strict_reader_keeps_nothing_of_a_file_with_a_wrong_line(
    lanewise: CliRunner,
) -> None:
    result = ingest(lanewise, "--strict", text=lines({}, {"kind": ""}))
    again = ingest(lanewise, "--json", text=lines({}))

    assert result.exit_code == Exit.PARTLY
    assert "Nothing was kept" in result.stderr
    assert json.loads(again.stdout)["new"] == 1


def test_a_kind_no_rule_can_count_is_kept_and_said(lanewise: CliRunner) -> None:
    result = ingest(lanewise, text=lines({"kind": "veiwed"}, {}))

    assert result.exit_code == Exit.DONE
    assert "1 of kind 'veiwed'" in result.stderr
    assert "did you mean 'viewed'?" in result.stderr


def test_a_table_with_a_header_is_read_too(lanewise: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(
        "id,kind,occurred_at,customer_id,units,labels.category\n"
        "e1,viewed,2026-02-28T10:00:00Z,ANNA,2,shoes\n"
    )

    result = lanewise.invoke(app, ["ingest", str(file), "--json"])
    listed = lanewise.invoke(app, ["list", "customer/ANNA", "--json"])

    assert result.exit_code == Exit.DONE, result.output
    (event,) = json.loads(listed.stdout)["events"]
    assert (event["units"], event["labels"]) == (2, {"category": "shoes"})


def test_without_temporal_one_learns_when_events_count(lanewise: CliRunner) -> None:
    result = ingest(lanewise, text=lines({}))

    assert "1 new, 0 repeated" in result.stderr
    assert "counted when a worker runs" in result.stderr


def test_a_subject_that_is_none_is_refused_with_what_would_be_right(
    lanewise: CliRunner,
) -> None:
    result = lanewise.invoke(app, ["list", "ANNA"])

    assert result.exit_code == Exit.USAGE
    assert "customer/ID, sku/ID, lane/ID" in result.stderr


def test_nothing_changed_where_nobody_looked(lanewise: CliRunner) -> None:
    result = lanewise.invoke(app, ["changes", "customer/ANNA", "--json"])

    assert json.loads(result.stdout) == {"changes": []}
