"""What the shell answers: sentences for people, codes for scripts."""

import json
import sys
from pathlib import Path

import pytest

from lanewise.cli.console import Exit
from lanewise.cli.main import main


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
    assert json.loads(out) == {"counts": {}, "orders": []}


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
