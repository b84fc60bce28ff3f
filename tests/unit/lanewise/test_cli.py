"""What the shell answers: sentences for people, codes for scripts."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.quantities import CarrierId, FcId, OrderId, SkuId
from domain.scarcity import Scarce, ScarceKind
from domain.shipping import VoidOutcome
from domain.verified import Found
from lanewise import loading
from lanewise.cli.console import Exit
from lanewise.cli.main import main
from store import doubles, scarcity, verified
from store.doubles import Double
from store.engine import Store
from tests.builders import MONDAY, a_network


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> "Shell":
    database = tmp_path / "new" / "lanewise.db"
    monkeypatch.setenv("LANEWISE_DATABASE_URL", f"sqlite:///{database}")
    return Shell(monkeypatch, capfd)


class Shell:
    """A command line with a database of its own that does not exist yet."""

    def __init__(
        self, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]
    ) -> None:
        self.patch = patch
        self._output = output

    def says(self, *words: str) -> tuple[int, str, str]:
        """Run a command; return its exit code, its output and its complaints."""
        self.patch.setattr(sys, "argv", ["lanewise", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self._output.readouterr()
        code = left.value.code
        return (int(code) if code else 0), out, err


def test_the_first_command_makes_the_database(shell: Shell) -> None:
    code, out, _ = shell.says("status", "--json")

    assert code == Exit.DONE
    assert json.loads(out) == {
        "counts": {},
        "orders": [],
        "verified": {"plans": 0, "violations": 0},
        "doubles": {"found": 0, "voided": 0, "owed": 0},
    }


def test_labels_bought_twice_that_are_owed_are_shown(shell: Shell) -> None:
    shell.says("status")
    with Store(os.environ["LANEWISE_DATABASE_URL"]).writing() as session:
        for number, outcome in enumerate(("voided", "unanswered", "refused")):
            doubles.note(session, a_double(f"LABEL-{number}", outcome))

    _, told, _ = shell.says("doubles", "--json")
    _, every, _ = shell.says("doubles", "--json", "--all")
    _, words, _ = shell.says("doubles")
    _, status, _ = shell.says("status")

    answer = json.loads(told)
    assert (answer["found"], answer["voided"], answer["owed"]) == (3, 1, 2)
    assert {one["booking_id"] for one in answer["labels"]} == {"LABEL-1", "LABEL-2"}
    assert len(json.loads(every)["labels"]) == 3
    assert "3 found, 1 voided, 2 owed" in words
    assert "see `lanewise doubles`" in status


def a_double(booking_id: str, outcome: str) -> Double:
    return Double(
        carrier=CarrierId("SWIFT"),
        booking_id=booking_id,
        reference="ORDER-1/1/r1",
        outcome=VoidOutcome(outcome),
        found_at=MONDAY,
    )


def test_a_day_on_which_nothing_is_collected_is_closed_with_a_sentence(
    shell: Shell,
) -> None:
    code, words, _ = shell.says("close-out")
    _, told, _ = shell.says("close-out", "--json", "--day", "2026-03-02")
    wrong, _, complaint = shell.says("close-out", "--day", "monday")

    assert (code, words.strip()) == (0, "No label is collected on that day.")
    assert json.loads(told) == []
    assert wrong == Exit.USAGE
    assert "'monday' is no day" in complaint


def test_an_unknown_order_has_an_exit_code_of_its_own(shell: Shell) -> None:
    code, _, err = shell.says("status", "NO-SUCH-ORDER")

    assert code == Exit.UNKNOWN
    assert "NO-SUCH-ORDER" in err


def test_a_database_that_is_not_there_is_one_sentence(shell: Shell) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    shell.patch.setenv("LANEWISE_DATABASE_URL", url)

    code, _, err = shell.says("status")

    assert code == Exit.UNREACHABLE
    assert "the database is not reached" in err
    assert "Traceback" not in err


def test_a_wrong_setting_is_named(shell: Shell) -> None:
    shell.patch.setenv("LANEWISE_API_PORT", "99999")

    code, _, err = shell.says("status")

    assert code == Exit.USAGE
    assert "api_port" in err


def test_rules_that_do_not_read_are_refused_with_their_place(
    shell: Shell, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "version: v1\nsegments:\n  - id: a\n    title: A\n    when: wieght_g > 1\n"
    )

    code, _, err = shell.says("segments", "list", "--file", str(rules))

    assert code == Exit.REFUSED
    assert "weight_g" in err


def test_the_starter_segments_are_listed(shell: Shell) -> None:
    code, out, _ = shell.says("segments", "list", "--json")

    assert code == Exit.DONE
    names = {segment["id"] for segment in json.loads(out)["segments"]}
    assert {"urgent", "perishable", "bulk-b2b", "weather-affected"} <= names


def test_what_is_scarce_is_told_at_todays_price(shell: Shell) -> None:
    now = datetime.now(UTC)
    found = Scarce(
        kind=ScarceKind.STOCK,
        fc=FcId("EAST"),
        sku=SkuId("LAMP"),
        millicents=310_000,
        found_at=now - timedelta(hours=1),
    )
    shell.says("status")
    store = Store(os.environ["LANEWISE_DATABASE_URL"])
    loading.publish(store, a_network(), [], now)
    with store.writing() as session:
        scarcity.keep(session, [found], a_network().version)
    store.close()

    shell.patch.setenv("LANEWISE_PRICE_HALF_LIFE_MINUTES", "60")
    code, out, _ = shell.says("prices")
    _, document, _ = shell.says("prices", "--json")

    assert code == Exit.DONE
    assert "unit of LAMP at EAST" in out
    assert "$1.55" in out
    assert json.loads(document)[0]["cents"] == 155


def test_what_the_verifier_found_can_be_read(shell: Shell) -> None:
    _, nothing, _ = shell.says("violations")
    store = Store(os.environ["LANEWISE_DATABASE_URL"])
    wrong = Found(
        order_id=OrderId("o-1"), rule="stock", detail="2 of 1", found_at=MONDAY
    )
    with store.writing() as session:
        verified.note(session, MONDAY, 3, [wrong])
    store.close()

    _, counted, _ = shell.says("status")
    _, found, _ = shell.says("violations", "--json")

    assert "No violation" in nothing
    assert "3 plans were verified, 1 violations" in " ".join(counted.split())
    assert json.loads(found)[0]["rule"] == "stock"


def test_an_override_that_is_made_needs_a_reason(shell: Shell) -> None:
    code, _, err = shell.says("override", "ORDER-1", "--fc", "WEST")

    assert code == Exit.USAGE
    assert "--reason" in err
    assert "--price" in err
