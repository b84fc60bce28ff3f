import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import segmentation
from benchmarks.segmenting import engines, hand
from benchmarks.segmenting.agreement import differing
from benchmarks.segmenting.corpus import Corpus
from benchmarks.segmenting.engines import ENGINES, LIBRARY, Engine, rule_set
from segmentation.classify import Rules
from segmentation.ruleset import dump, load

PROMISED = {
    "ratio_to_hand_fused",
    "ratio_to_fastest_library",
    "p99_us_1000_rules",
    "hand_fused_p99_us_100_rules",
    "reload_1000_rules_s",
    "incremental_updates_per_s",
    "window_events_per_s",
    "disagreements",
}
SMALL = ("--orders", "50", "--rules", "20", "--rounds", "1", "--households", "0")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file: Path = tmp_path_factory.mktemp("bench") / "report.json"

    segmentation.main(["--json", str(file), "--engines", "ours", *SMALL])

    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_the_report_has_every_figure_that_has_a_target(report: dict[str, Any]) -> None:
    assert set(report) >= PROMISED
    assert report["ratio_to_hand_fused"] > 0
    assert report["incremental_updates_per_s"] > 0
    assert report["reload_1000_rules_s"] > 0


def test_ours_and_hand_written_python_agree_in_every_cell(
    report: dict[str, Any],
) -> None:
    rows = report["rules"]["20"]

    assert report["disagreements"] == 0
    assert {row["engine"]: row["orders"] for row in rows} == {
        "lanewise": 50,
        "hand-fused": 50,
        "lanewise-three-valued": 50,
        "lanewise-incremental": 50,
        "lambdas": 50,
    }


def test_another_answer_is_counted_as_a_disagreement() -> None:
    assert differing([(0b101, 0)], [(0b100, 0b010)]) == 2


def test_an_engine_that_is_not_installed_is_absent_and_says_why() -> None:
    engine = Engine("ghost", LIBRARY, "one list", ENGINES[0].prepare, "no_such_module")

    assert engine.missing() == "no_such_module is not installed: make bench-setup"
    assert not ENGINES[0].missing()


def test_every_rule_drawn_is_one_a_file_may_state() -> None:
    stated = rule_set(Corpus(0, 300, seed=7).rules)

    assert load(dump(stated)) == stated


def test_rules_drawn_ask_windows_and_hold_for_some_orders_only() -> None:
    corpus = Corpus(200, 100, seed=0)
    rules = Rules(rule_set(corpus.rules))

    held = [rules.fused.verdicts(facts)[0].bit_count() for facts in corpus.known]

    assert rules.windows
    assert 5 < sum(held) / len(held) < 30


def test_hand_written_python_says_ranks_and_lists_as_sets() -> None:
    gold = 'customer_tier >= "gold" and region not in ["NY", "PA"]'

    decide = hand.fused([gold])

    assert decide({"customer_tier": "vip", "region": "TX"}) == 1
    assert decide({"customer_tier": "silver", "region": "TX"}) == 0
    assert decide({"customer_tier": "gold", "region": "NY"}) == 0


def test_the_engines_are_all_or_ours() -> None:
    assert engines.chosen("all") == ENGINES
    assert {engine.family for engine in engines.chosen("ours")} == {
        "ours",
        "hand-written",
    }
    with pytest.raises(ValueError, match="it is all or ours"):
        engines.chosen("some")
