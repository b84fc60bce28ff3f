"""The commands about connections, on a world of their own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from connectors.ports import Idempotency
from lanewise.cli.console import Exit
from lanewise.cli.main import app
from lanewise.world.server import WorldServer
from tests.conformance.worlds import API_KEY, spec_in_mode


@pytest.fixture(scope="module")
def world() -> Iterator[WorldServer]:
    stock = {"RENO": {"MUG": 100, "LAMP": 4}}
    with WorldServer(spec_in_mode(Idempotency.UNIQUE_REFERENCE, stock=stock)) as server:
        yield server


@pytest.fixture
def cli(
    world: WorldServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    shared = {"base_url": world.base_url, "secret": API_KEY.get_secret_value()}
    options = {"idempotency": "unique-reference"}
    connections: list[dict[str, object]] = [
        {"name": "floor", "kind": "warehouse", "fcs": ["RENO"], "options": options},
        {"name": "heron", "kind": "carrier", "carriers": ["heron"], "options": options},
        {"name": "alerts", "kind": "hazards"},
        {"name": "time", "kind": "clock"},
    ]
    file = tmp_path / "connections.yaml"
    file.write_text(yaml.safe_dump([{**one, **shared} for one in connections]))
    sample = {"services": ["heron-ground"], "sku": "MUG", "fc": "RENO"}
    (tmp_path / "sample.yaml").write_text(yaml.safe_dump(sample))
    monkeypatch.setenv("LANEWISE_CONNECTIONS_FILE", str(file))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_connections_are_listed_without_their_secrets(cli: CliRunner) -> None:
    listed = cli.invoke(app, ["connectors", "list", "--json"])

    document = json.loads(listed.stdout)
    names = [one["name"] for one in document["connections"]]
    assert names == ["floor", "heron", "alerts", "time"]
    assert "neutral" in document["providers"]["carrier"]
    assert API_KEY.get_secret_value() not in listed.stdout


@pytest.mark.parametrize(("name", "effect"), [("heron", "book"), ("floor", "reserve")])
def test_a_check_changes_nothing_unless_it_is_live(
    cli: CliRunner, world: WorldServer, name: str, effect: str
) -> None:
    before = json.dumps(world.books()["carriers"], default=str)

    checked = cli.invoke(
        app, ["connectors", "check", name, "--sample", "sample.yaml", "--json"]
    )

    results = json.loads(checked.stdout)["results"]
    assert checked.exit_code == 0, checked.stdout
    assert {r["verdict"] for r in results} >= {"passed"}
    assert json.dumps(world.books()["carriers"], default=str) == before


@pytest.mark.parametrize("name", ["alerts", "time"])
def test_feeds_and_clocks_are_checked_too(cli: CliRunner, name: str) -> None:
    checked = cli.invoke(app, ["connectors", "check", name, "--json"])

    results = json.loads(checked.stdout)["results"]
    assert checked.exit_code == 0, checked.stdout
    assert "secrets are never shown" in {r["check"] for r in results}
    assert all(r["expected"] and "writing-one.md#" in r["read"] for r in results)


def test_a_failure_says_what_was_expected_what_came_and_where_to_read(
    cli: CliRunner, tmp_path: Path
) -> None:
    (tmp_path / "empty.yaml").write_text("{fc: RENO, sku: NEVER-STOCKED}")

    checked = cli.invoke(
        app, ["connectors", "check", "floor", "--sample", "empty.yaml"]
    )

    assert checked.exit_code == Exit.PARTLY
    assert "failed: goods asked for are counted" in checked.stdout
    assert "came:     NEVER-STOCKED counts none" in checked.stdout
    assert "read:     docs/connectors/writing-one.md#a-warehouse" in checked.stdout


def test_a_live_check_books_and_takes_back(cli: CliRunner, world: WorldServer) -> None:
    checked = cli.invoke(
        app, ["connectors", "check", "heron", "--live", "--sample", "sample.yaml"]
    )

    bookings = world.books()["carriers"]["heron"]["bookings"]
    assert checked.exit_code == 0, checked.stdout
    assert " 0 failed" in checked.stdout
    assert len(bookings) > 5
    assert [b["id"] for b in bookings if not b["voided"]] == []


def test_an_unknown_connection_is_named_with_those_there_are(cli: CliRunner) -> None:
    checked = cli.invoke(app, ["connectors", "check", "pigeon"])

    assert checked.exit_code == 4
    assert "alerts, floor, heron, time" in checked.stderr
