"""``lanewise hazards`` and ``lanewise conditions``, as a person types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lanewise.cli.console import Exit
from lanewise.cli.main import app

AT = ("--at", "2026-03-02T12:00Z")
ALERT: dict[str, Any] = {
    "type": "Feature",
    "geometry": None,
    "properties": {
        "id": "urn:oid:1.2.3",
        "event": "Ice Storm Warning",
        "severity": "Severe",
        "onset": "2026-03-02T11:00:00Z",
        "ends": "2026-03-03T11:00:00Z",
        "geocode": {"SAME": ["017031"], "UGC": ["ILC031"]},
        "headline": "Ice",
    },
}


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'lanewise.db'}"
    monkeypatch.setenv("LANEWISE_DATABASE_URL", url)


def says(*words: str, stdin: bytes = b"") -> tuple[int, str]:
    result = CliRunner().invoke(app, words, input=stdin)
    return result.exit_code, result.output


def answer(*words: str, stdin: bytes = b"") -> Any:
    code, output = says(*words, "--json", stdin=stdin)
    assert code == Exit.DONE, output
    return json.loads(output)


def nws(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_a_feed_is_taken_over_as_a_full_set() -> None:
    first = answer("hazards", "load", "-", *AT, stdin=nws(ALERT))
    listed = answer("hazards", "list", *AT)["hazards"]
    second = answer("hazards", "load", "-", "--feed", "nws", *AT, stdin=nws())

    assert (first["alerts"], first["located_by_zones"], first["began"]) == (1, 1, 1)
    assert [(h["feed"], h["kind"], h["located_by"]) for h in listed] == [
        ("nws", "ice-storm-warning", "zones")
    ]
    assert second["withdrawn"] == 1
    assert answer("hazards", "list", *AT)["hazards"] == []


def test_a_cap_document_is_known_by_its_look(tmp_path: Path) -> None:
    file = tmp_path / "one.cap"
    file.write_text(
        "<alert><identifier>a</identifier><sent>2026-03-02T11:00:00Z</sent>"
        "<status>Actual</status><info><event>Flood</event><area>"
        "<circle>41.9,-87.6 30</circle></area></info></alert>"
    )

    code, output = says("hazards", "load", str(file), *AT)

    assert code == Exit.DONE
    assert "1 located by geometry" in " ".join(output.split())


def test_an_alert_without_a_place_is_listed_and_said() -> None:
    lost = json.loads(json.dumps(ALERT))
    lost["properties"]["geocode"] = {"SAME": ["073338"], "UGC": ["ANZ338"]}

    code, output = says("hazards", "load", "-", *AT, stdin=nws(lost))
    [listed] = answer("hazards", "list", *AT)["hazards"]

    assert code == Exit.DONE
    assert "urn:oid:1.2.3: unlocated (SAME:073338, UGC:ANZ338)" in output
    assert listed["located_by"] == "unlocated"


@pytest.mark.parametrize(
    "data", [b"Service Unavailable", b'{"title": "Oops"}', b"<!DOCTYPE a><a/>"]
)
def test_an_answer_that_is_no_feed_changes_nothing(data: bytes) -> None:
    answer("hazards", "load", "-", *AT, stdin=nws(ALERT))

    code, output = says("hazards", "load", "-", "--feed", "nws", *AT, stdin=data)

    assert code == Exit.REFUSED
    assert "nothing is changed" in output
    assert len(answer("hazards", "list", *AT)["hazards"]) == 1


def test_problems_are_said_and_the_exit_code_tells() -> None:
    code, output = says("hazards", "load", "-", *AT, stdin=nws(ALERT, {}))

    assert code == Exit.PARTLY
    assert "alert 2: it has no properties" in output


def test_a_condition_is_declared_listed_and_withdrawn() -> None:
    outage = ("conditions", "declare", "center-outage", "--center", "RNO")

    declared = answer(*outage, "--for", "6h", "--why", "power cut", "--by", "ops")
    [listed] = answer("conditions", "list")["conditions"]
    answer("conditions", "withdraw", declared["id"])

    assert declared["id"] == "center-outage/RNO"
    assert (listed["center"], listed["why"]) == ("RNO", "power cut")
    assert answer("conditions", "list")["conditions"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("withdraw", "nothing"), Exit.UNKNOWN, "'nothing'"),
        (("declare", "peak", "--for", "soon"), Exit.USAGE, "'soon' is not a span"),
        (("declare", "peak", "--from", "2026-03-02"), Exit.USAGE, "has no offset"),
        (
            ("declare", "peak", "--until", "2020-01-01T00:00Z"),
            Exit.USAGE,
            "over since",
        ),
        (
            ("declare", "peak", "--for", "1h", "--until", "2999-01-01T00:00Z"),
            Exit.USAGE,
            "not both",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    words: tuple[str, ...], code: Exit, said: str
) -> None:
    left, output = says("conditions", *words)

    assert left == code
    assert said in " ".join(output.replace("│", " ").split())
