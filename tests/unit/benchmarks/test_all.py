from pathlib import Path

import pytest

from benchmarks.__main__ import NEEDED, SHORT, WANTED, arguments, main

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


def test_every_benchmark_has_a_short_form() -> None:
    modules = {file.stem for file in BENCHMARKS.glob("[a-z]*.py")}

    assert modules == set(SHORT)
    assert {*NEEDED, *WANTED} <= modules


def test_what_needs_absent_data_is_left_out_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--only", "gap", "packing", "--data", str(tmp_path)]) == 0

    told = capsys.readouterr().out
    assert told.count("left_out") == 2
    assert "--data" in told


def test_data_that_is_there_is_read(tmp_path: Path) -> None:
    for folder in (*NEEDED.values(), *WANTED.values()):
        (tmp_path / folder).mkdir()

    for name in (*NEEDED, *WANTED):
        assert arguments(name, tmp_path)[-2] == "--data"


def test_what_is_only_wanted_may_be_absent(tmp_path: Path) -> None:
    assert "--data" not in arguments("online", tmp_path)


def test_an_unknown_benchmark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "nothing", "--data", str(tmp_path)])
