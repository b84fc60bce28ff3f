"""``lanewise rates``, on a world of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from connectors.ports import Idempotency
from domain.network import ServiceMode
from lanewise.cli.main import app
from lanewise.world.server import WorldServer
from tests.conformance.worlds import API_KEY, spec_in_mode
from tests.unit.lanewise.test_rates import BOX

SPEC = spec_in_mode(Idempotency.UNIQUE_REFERENCE)
CENTER = SPEC.network.centers[0]
PRICED = [s for s in SPEC.network.services if s.mode is not ServiceMode.PICKUP]


@pytest.fixture(scope="module")
def world() -> Iterator[WorldServer]:
    with WorldServer(SPEC) as server:
        yield server


@pytest.fixture
def cli(
    world: WorldServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    shared = {"base_url": world.base_url, "secret": API_KEY.get_secret_value()}
    kinds = {"live": "carrier", "clock": "clock"}
    both = [{"name": name, "kind": kind, **shared} for name, kind in kinds.items()]
    (tmp_path / "connections.yaml").write_text(yaml.safe_dump(both))
    (tmp_path / "network.json").write_text(SPEC.network.model_dump_json())
    monkeypatch.setenv("LANEWISE_CONNECTIONS_FILE", str(tmp_path / "connections.yaml"))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def line(name: str, fc: str = CENTER.id) -> str:
    to = {"postal_code": "83702"}
    ready_at = "2026-03-02T17:00:00Z"
    shipment = {"id": name, "fc": fc, "ship_to": to, "pieces": [BOX]}
    return json.dumps({**shipment, "ready_at": ready_at})


def test_a_file_of_shipments_is_priced_by_every_service(
    cli: CliRunner, world: WorldServer
) -> None:
    Path("shipments.jsonl").write_text("\n".join([line("S-1"), line("S-2")]))
    before = json.dumps(world.books()["carriers"], default=str)

    told = cli.invoke(
        app, ["rates", "shipments.jsonl", "--network", "network.json", "--json"]
    )

    document = json.loads(told.stdout)
    prices = [[o["cents"] for o in s["offers"]] for s in document["shipments"]]
    assert told.exit_code == 0, told.output
    assert {o["connection"] for s in document["shipments"] for o in s["offers"]} == {
        "live"
    }
    assert [len(each) for each in prices] == [len(PRICED)] * 2
    assert prices[0] == sorted(prices[0])
    assert json.dumps(world.books()["carriers"], default=str) == before


def test_who_does_not_answer_is_named_and_the_tables_answer(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = {"name": "dead", "kind": "carrier", "base_url": "http://127.0.0.1:9"}
    Path("dead.yaml").write_text(yaml.safe_dump([nobody]))
    monkeypatch.setenv("LANEWISE_CONNECTIONS_FILE", "dead.yaml")

    told = cli.invoke(app, ["rates", "-", "--network", "network.json"], line("S-1"))

    shown = " ".join(told.stdout.split())
    assert told.exit_code == 0, told.output
    assert "No live price from dead for" in shown
    assert "unavailable" in shown
    assert "table" in shown


def test_lines_that_are_no_shipments_are_named_and_the_rest_is_shopped(
    cli: CliRunner,
) -> None:
    lines = "\n".join([line("S-1", fc="NORTH"), "{", line("S-2")])

    told = cli.invoke(app, ["rates", "-", "--network", "network.json", "--json"], lines)

    document = json.loads(told.stdout)
    assert told.exit_code == 1
    assert [each["id"] for each in document["shipments"]] == ["S-2"]
    assert "-:1: fc: 'NORTH' is no center" in document["rejected"][0]
    assert document["rejected"][1].startswith("-:2: ")


def test_neither_a_file_nor_an_order_is_a_wrong_usage(cli: CliRunner) -> None:
    told = cli.invoke(app, ["rates"])

    assert told.exit_code == 2
    assert "give a file of shipments" in told.stderr
