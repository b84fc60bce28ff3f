"""The waves' benchmark in small: every method, judged by each other."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import waves
from benchmarks.waving.methods import Run
from benchmarks.waving.network import SUPPLIER
from benchmarks.waving.rivals import RIVALS, routed, told
from benchmarks.waving.wave import REGIMES, a_wave
from domain.plan import Plan
from optimizer.plan import plan
from optimizer.problem import Effort

KEYS = {
    "orders",
    "regime",
    "seed",
    "method",
    "gap_to_bound",
    "gap_to_optimum",
    "cost_vs_textbook",
    "wall_ratio_to_master",
    "time_s",
    "violations",
}
METHODS = {
    "ours-new-goods",
    "ours-cold",
    "ours-warm-50",
    "ours-polished",
    *RIVALS,
    "master",
    "master-proof",
    "direct-cpsat",
    "direct-highs",
}
# On a busy machine these may run out of time before they have any answer.
TIMED = {"direct-cpsat", "direct-highs"}
SMALL = ("--orders", "8", "--regimes", "peak", "--turnover", "50")
BRIEF = ("--master-seconds", "100", "--direct-seconds", "5")

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    file: Path = tmp_path_factory.mktemp("bench") / "waves.json"

    waves.main([*SMALL, *BRIEF, "--json", str(file)])

    told_rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    return {row["method"]: row for row in told_rows}


@pytest.fixture(scope="module")
def answered(rows: Rows) -> Rows:
    return {name: row for name, row in rows.items() if row["cost_cents"] is not None}


def test_every_method_tells_every_key(rows: Rows) -> None:
    assert set(rows) == METHODS
    assert all(row.keys() >= KEYS for row in rows.values())


def test_no_plan_of_anybody_breaks_a_limit(answered: Rows) -> None:
    wrongs = {name: row["violations"] for name, row in answered.items()}

    assert wrongs.keys() >= METHODS - TIMED
    assert wrongs == dict.fromkeys(wrongs, 0)


def test_nobody_is_cheaper_than_the_master_solved_to_the_proof(
    answered: Rows,
) -> None:
    proof = answered["master-proof"]

    assert proof["reached"]
    assert proof["gap_to_optimum"] == 0
    assert all(row["gap_to_optimum"] >= 0 for row in answered.values())
    assert answered["ours-polished"]["served"] == proof["served"] == 8
    assert not any(row["bound_refuted"] for row in answered.values())


def test_a_method_without_an_answer_has_its_row_and_no_figures() -> None:
    problem = a_wave(4, "ample", 1)

    (row,) = waves.rows_of(problem, [Run("direct-cpsat", None, 9.0)], [0])

    assert row["time_s"] == 9.0
    assert row["cost_cents"] is row["gap_to_bound"] is row["violations"] is None


def test_costs_and_times_are_measured_by_textbook_and_master(rows: Rows) -> None:
    ours, theirs = rows["ours-cold"], rows["textbook"]

    assert theirs["cost_vs_textbook"] == 1
    assert ours["cost_vs_textbook"] == pytest.approx(
        ours["cost_cents"] / theirs["cost_cents"], abs=1e-5
    )
    assert rows["master"]["wall_ratio_to_master"] == 1
    assert ours["wall_ratio_to_master"] == pytest.approx(
        rows["master"]["time_s"] / ours["time_s"], rel=1e-2
    )


def test_what_has_been_measured_is_in_the_file_before_all_is(tmp_path: Path) -> None:
    file = tmp_path / "waves.json"
    table = waves.Table(str(file))
    table.keep([{"method": "whole"}])

    table.so_far([{"method": "begun"}])

    rows = json.loads(file.read_text())["rows"]
    assert [row["method"] for row in rows] == ["whole", "begun"]


def test_rows_on_the_screen_are_one_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = waves.Table("-")
    table.keep([{"method": "first"}])
    table.keep([{"method": "second"}])
    table.close()

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["method"] for row in rows] == ["first", "second"]


def test_a_bound_above_somebodys_plan_is_refuted_not_measured_by() -> None:
    problem = a_wave(4, "ample", 1)
    result = plan(problem, Effort())
    cost = result.record.cost_cents

    rows = waves.rows_of(
        problem,
        [Run("ours-cold", result, 1.0, cost + 1), Run("master", result, 1.0, cost - 1)],
        [0, 0],
    )

    assert [row["bound_refuted"] for row in rows] == [True, False]
    assert rows[0]["gap_to_bound"] == round(1 / (cost - 1), 6)
    assert rows[0]["gap_to_optimum"] is None


def test_lines_that_nobody_sends_are_charged_as_back_orders() -> None:
    problem = a_wave(4, "ample", 1)
    nothing = told(problem, [None] * 4)
    lines = sum(len(task.lines) for task in problem.tasks)

    assert waves.cents_of(problem, nothing) == 4_500 * lines


@pytest.mark.parametrize("regime", list(REGIMES))
def test_waves_repeat_and_hold_the_stock_of_their_regime(regime: str) -> None:
    wave, again = a_wave(30, regime, 3), a_wave(30, regime, 3)
    asked = sum(line.units for task in wave.tasks for line in task.lines)
    stock = sum(n for (fc, _), n in wave.stock.items() if fc != SUPPLIER)

    assert wave == again
    assert asked * REGIMES[regime].stock <= stock
    assert stock <= asked * REGIMES[regime].stock + len(wave.skus)


def test_the_supplier_sends_any_order_alone_for_its_price_per_line() -> None:
    wave = a_wave(60, "peak", 2)
    empty = {key: n for key, n in wave.stock.items() if key[0] == SUPPLIER}
    alone = type(wave)(wave.as_of, wave.network, wave.skus, wave.tasks, empty)

    result = plan(alone, Effort(alternatives=0))

    plans = [answer for answer in result.answers if isinstance(answer, Plan)]
    assert len(plans) == 60
    for task, answer in zip(wave.tasks, plans, strict=True):
        assert len(answer.parcels) == 1
        assert answer.total_cents >= 4_500 * len(task.lines)


@pytest.mark.parametrize("rival", ["textbook", "nearest", "fewest-splits", "greedy"])
def test_nothing_is_back_ordered_where_every_center_has_plenty(rival: str) -> None:
    wave = a_wave(12, "peak", 4)
    centers = [center.id for center in wave.network.centers]
    plenty = replace(
        wave,
        stock={(fc, sku): 99 for fc in centers for sku in wave.skus},
        fc_lines=dict.fromkeys(wave.fc_lines, 99),
        carrier_parcels=dict.fromkeys(wave.carrier_parcels, 99),
    )

    result = routed(plenty, RIVALS[rival])

    assert result.record.served == 12
    assert waves.back_ordered(result) == 0
    assert waves.back_ordered(routed(wave, RIVALS[rival])) > 0
